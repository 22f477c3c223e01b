/*
 * check - reads the configuration and says what is wrong with it; with
 * --connect logs in to each account and says what it got.
 */
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "base/unicode.h"
#include "daemon/report.h"
#include "daemon/session.h"
#include "daemon/verbs.h"
#include "daemon/worker.h"
#include "format/status.h"
#include "xep/disco.h"
#include "xep/xep.h"

/* A server that has not answered by then will not. */
enum { PATIENCE_S = 60 };

/* What a complete archive would want of a server. */
static const struct want {
	const char *name;	/* in "missing" */
	const char *consequence;
} wants[] = {
	{ "mam", "no message archive (XEP-0313): what comes while the service "
	    "is away is lost" },
	{ "carbons", "no carbons (XEP-0280): what other clients send and get "
	    "is not seen" },
	{ "sm", "no stream management (XEP-0198): what is under way when a "
	    "connection breaks may be lost" },
	{ "stable-ids", "no stanza ids (XEP-0359): copies are matched by their "
	    "content" },
	{ "channel-binding", "no channel binding that we can use: a man in the "
	    "middle with a valid certificate would not be noticed" },
};
enum { WANT_MAM, WANT_CARBONS, WANT_SM, WANT_IDS, WANT_BINDING };

struct probe {
	struct check *check;
	const struct config_account *config;
	struct session *session;
	struct xep_session *xep;
	ev_timer timer;
	bool is_in, is_over;
	bool has[COUNT(wants)];
	int64_t since_us;
	struct conn_info conn;
	bool is_failed;		/* a retry would not help */
	char sasl[40], error[480];
	char since[24], missing[160];	/* as text, for print_json() */
};

struct check {
	struct ev_loop *loop;
	struct probe *probes;
	size_t count, open;
};

static void
look(struct probe *p)
{
	const struct stream *stream = session_stream(p->session);

	p->has[WANT_MAM] = disco_has(p->xep, DISCO_ACCOUNT, "urn:xmpp:mam:2");
	p->has[WANT_IDS] = disco_has(p->xep, DISCO_ACCOUNT, "urn:xmpp:sid:0");
	p->has[WANT_SM] = stream_feature(stream, "urn:xmpp:sm:3", "sm") != NULL;
	p->has[WANT_BINDING] = stream_is_bound_channel(stream);
}

static void
pump(struct probe *p)
{
	struct buf *out = xep_output(p->xep);
	struct xep_event ev;
	int64_t now = clock_mono_us(), at = xep_deadline(p->xep);

	session_send(p->session, out->data, out->len);
	buf_reset(out);
	while (xep_next(p->xep, &ev))
		if (ev.kind == XEP_CARBONS) {	/* the last of them */
			p->has[WANT_CARBONS] = ev.is_on;
			look(p);
			p->is_in = true;
			session_close(p->session, NULL);
			return;
		}
	if (at == INT64_MAX)
		return;
	ev_timer_stop(p->check->loop, &p->timer);
	ev_timer_set(&p->timer, at > now ? (double)(at - now) / 1e6 : 0, 0);
	ev_timer_start(p->check->loop, &p->timer);
}

static void
on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
	struct probe *p = w->data;

	(void)loop, (void)events;
	if (p->xep != NULL && !p->is_in) {
		xep_tick(p->xep, clock_mono_us());
		pump(p);
	} else if (!p->is_over) {
		snprintf(p->error, sizeof p->error, "no login within %d "
		    "seconds", PATIENCE_S);
		session_close(p->session, NULL);
	}
}

static void
over(struct probe *p, const struct fail *fail)
{
	p->is_over = true;
	p->is_failed = fail->wait == FAIL_PASSWORD || fail->wait == FAIL_GONE;
	if (!p->is_in && p->error[0] == '\0')
		str_copy(p->error, sizeof p->error, fail->sentence);
	ev_timer_stop(p->check->loop, &p->timer);
	xep_free(p->xep);
	p->xep = NULL;
	session_free(p->session);
	p->session = NULL;
	p->since_us = clock_wall_us();
	if (--p->check->open == 0)
		ev_break(p->check->loop, EVBREAK_ALL);
}

static void
on_session(struct session *s, const struct session_event *event, void *arg)
{
	struct probe *p = arg;
	const char *why;

	switch (event->kind) {
	case SESSION_CONNECTED:
		p->conn = *session_conn(s);
		break;
	case SESSION_AUTHENTICATED:
		snprintf(p->sasl, sizeof p->sasl, "%s",
		    stream_mechanism(session_stream(s)));
		break;
	case SESSION_ONLINE:
		p->xep = xep_new(&(struct xep_options){
			.own = stream_jid(session_stream(s)) },
		    clock_mono_us());
		pump(p);
		break;
	case SESSION_STANZA:
		if (p->xep != NULL && !p->is_in &&
		    event->stanza->kind == STREAM_STANZA) {
			xep_element(p->xep, event->stanza->node,
			    event->stanza->arena, clock_mono_us(), &why);
			pump(p);
		}
		break;
	case SESSION_END:
		over(p, event->fail);
		break;
	}
}

/* What strangers wrote (certificates, errors) is made safe to read. */
static void
line(const char *name, const char *value)
{
	struct buf safe = { 0 };

	if (value == NULL || *value == '\0')
		return;
	unicode_visible(&safe, value, strlen(value));
	printf("  %-12s %s\n", name, safe.data);
	buf_clear(&safe);
}

static void
print_text(const struct probe *p)
{
	char text[700], when[TIME_TEXT];
	size_t i;

	printf("%s\n", p->config->jid);
	if (p->conn.server[0] != '\0') {
		snprintf(text, sizeof text, "%s (%s)", p->conn.server,
		    p->conn.address);
		line("server", text);
	}
	if (p->conn.is_tls) {
		snprintf(text, sizeof text, "%s %s, %s", p->conn.tls_version,
		    p->conn.cipher, p->conn.is_direct ? "direct" : "STARTTLS");
		line("TLS", text);
		snprintf(text, sizeof text, "%s, from %s, until %.10s",
		    p->conn.subject, p->conn.issuer,
		    time_format(when, p->conn.valid_until_us));
		line("certificate", text);
	} else if (p->is_in) {
		line("TLS", "none");
	}
	if (p->sasl[0] != '\0') {
		snprintf(text, sizeof text, "%s, %s", p->sasl,
		    p->has[WANT_BINDING] ? "bound to the channel"
					 : "no channel binding");
		line("login", text);
	}
	if (!p->is_in)
		return;		/* why is said beside it */
	line("archive", p->has[WANT_MAM] ? "urn:xmpp:mam:2" : "no");
	line("carbons", p->has[WANT_CARBONS] ? "yes" : "no");
	line("resumable", p->has[WANT_SM] ? "yes" : "no");
	for (i = 0; i < COUNT(wants); i++)
		if (!p->has[i])
			line("missing", wants[i].consequence);
}

/* What `status` would say of it, by the names that format/status.h has. */
static const char *
get_fact(const void *arg, const char *name)
{
	const struct probe *p = arg;
	const struct {
		const char *name, *value;
	} facts[] = {
		{ "account", p->config->jid },
		{ "state", p->is_in ? "online" : p->is_failed ? "failed"
							      : "waiting" },
		{ "since", p->since },
		{ "error", p->is_in ? NULL : p->error },
		{ "server", p->conn.server[0] ? p->conn.server : NULL },
		{ "tls", p->conn.is_tls ? p->conn.tls_version : NULL },
		{ "sasl", p->sasl[0] ? p->sasl : NULL },
		{ "resumable", !p->is_in ? NULL : p->has[WANT_SM] ? "1" : "0" },
		{ "carbons", !p->is_in ? NULL : p->has[WANT_CARBONS] ? "1"
								     : "0" },
		{ "mam", p->has[WANT_MAM] ? "urn:xmpp:mam:2" : NULL },
		{ "missing", p->is_in ? p->missing : NULL },
	};
	size_t i;

	for (i = 0; i < COUNT(facts); i++)
		if (str_is(facts[i].name, name))
			return facts[i].value;
	return NULL;
}

static void
print_json(struct probe *p)
{
	const struct status_facts facts = { .get = get_fact, .arg = p,
		.has_missing = true };
	struct buf out = { 0 };
	size_t i;

	for (i = 0; i < COUNT(wants); i++)
		if (!p->has[i])
			snprintf(p->missing + strlen(p->missing),
			    sizeof p->missing - strlen(p->missing), "%s%s",
			    p->missing[0] ? "\n" : "", wants[i].name);
	snprintf(p->since, sizeof p->since, "%lld", (long long)p->since_us);
	status_json(&facts, &out);
	fwrite(out.data, 1, out.len, stdout);
	buf_clear(&out);
}

static bool
is_wanted(const struct config_account *a, char **only, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (str_is(only[i], a->jid))
			return true;
	return count == 0;
}

static int
connect_all(const struct options *o, const struct config *c, char **only,
    size_t only_count)
{
	struct check check = { .loop = ev_default_loop(EVFLAG_AUTO) };
	struct session_env env = { .loop = check.loop };
	struct err err;
	size_t i, in = 0;

	signal(SIGPIPE, SIG_IGN);
	env.dns = dns_new(check.loop, &err);
	if (env.dns == NULL) {
		report("%s", err.text);
		return 3;
	}
	env.worker = worker_new(check.loop);
	check.probes = mem_array(c->account_count, sizeof *check.probes);
	for (i = 0; i < c->account_count; i++) {
		struct probe *p = &check.probes[check.count];

		if (!is_wanted(&c->accounts[i], only, only_count))
			continue;
		check.count++;
		check.open++;
		p->check = &check;
		p->config = &c->accounts[i];
		ev_timer_init(&p->timer, on_timer, PATIENCE_S, 0);
		p->timer.data = p;
		ev_timer_start(check.loop, &p->timer);
		p->session = session_new(&env, &(struct session_options){
			.config = p->config }, on_session, p);
	}
	ev_run(check.loop, 0);
	for (i = 0; i < check.count; i++) {
		in += check.probes[i].is_in;
		if (o->is_json)
			print_json(&check.probes[i]);
		else
			print_text(&check.probes[i]);
		if (!check.probes[i].is_in) {
			fflush(stdout);
			report("%s: %s", check.probes[i].config->jid,
			    check.probes[i].error);
		}
	}
	i = check.count;
	free(check.probes);
	worker_free(env.worker);
	dns_free(env.dns);
	return in == i ? 0 : in > 0 ? 4 : 3;
}

static int
run(const struct options *o)
{
	int status;
	struct config *c = verbs_config(o, &status);
	char **only;
	size_t count;

	if (c == NULL)
		return status;
	only = verbs_accounts(o, c, &count);
	if (only == NULL)
		status = 2;
	else if (o->is_connect)
		status = connect_all(o, c, only, count);
	else {
		printf("%s: %zu account%s, nothing wrong\n", c->path,
		    c->account_count, c->account_count == 1 ? "" : "s");
		status = 0;
	}
	verbs_accounts_free(only, count);
	config_free(c);
	return status;
}

const struct verb verb_check = { "check", "check [--connect] [OPTION]...",
	run };
