#include "daemon/session.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hostport.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon/secret.h"
#include "daemon/worker.h"
#include "model/jid.h"

/* How long the last bytes may take to leave after the stream's end. */
enum { LINGER_S = 3 };

struct session {
	struct session_env env;
	struct session_options options;
	session_callback cb;
	void *arg;
	struct conn *conn;
	struct stream *stream;	/* NULL until something is connected */
	struct secret *secret;
	struct worker_job *job;
	char *password;		/* between WANT_PASSWORD and AUTHENTICATED */
	ev_timer deadline;	/* the stream's */
	ev_timer linger;
	bool is_pumping;
	bool is_closing;	/* session_close() was called */
	bool is_told;		/* SESSION_END was given */
	struct fail *fail;	/* the stream has ended, or there was none */
};

static void pump(struct session *s);

static void
tell(struct session *s, enum session_event_kind kind,
    const struct stream_event *stanza)
{
	struct session_event event = { kind, stanza, s->fail };

	s->cb(s, &event, s->arg);
}

/* The last thing that is ever done. */
static void
end(struct session *s)
{
	if (s->is_told)
		return;
	s->is_told = true;
	ev_timer_stop(s->env.loop, &s->deadline);
	ev_timer_stop(s->env.loop, &s->linger);
	tell(s, SESSION_END, NULL);
}

static void
forget_password(struct session *s)
{
	secret_cancel(s->secret);
	s->secret = NULL;
	worker_cancel(s->job);
	s->job = NULL;
	mem_wipe_str(s->password);
	free(s->password);
	s->password = NULL;
}

/* It is over, for a reason that the stream does not know of. */
static void
fail_with(struct session *s, enum fail_wait wait, bool is_ours,
    const char *condition, const char *sentence)
{
	s->fail = mem_alloc(sizeof *s->fail);
	s->fail->where = FAIL_ENGINE;
	s->fail->wait = wait;
	s->fail->is_ours = is_ours;
	str_copy(s->fail->condition, sizeof s->fail->condition, condition);
	str_copy(s->fail->sentence, sizeof s->fail->sentence, sentence);
}

/* What the network said, in the terms of the protocol's failures. */
static void
fail_from_err(struct session *s, const struct err *err)
{
	bool is_tls = err->code == ERR_TLS;

	fail_with(s, is_tls || err->code == ERR_INPUT ? FAIL_MEND : FAIL_RETRY,
	    false, is_tls ? "tls-failed" : "connection-failed", err->text);
	if (is_tls)
		s->fail->where = FAIL_TLS;
}

static void
open_stream(struct session *s)
{
	const struct config_account *c = s->options.config;
	const struct conn_info *info = conn_info(s->conn);
	struct stream_options o = {
		.jid = c->jid,
		.resource = s->options.resource,
		.mechanisms = (const char *const *)c->mechanisms,
		.may_legacy = c->legacy_auth,
		.may_plain_tcp = c->tls == CONFIG_TLS_NONE,
		.is_tls = info->is_tls,
		.has_certificate = c->certificate != NULL,
		.pin_scram = s->options.pin_scram,
		.pin_plus = s->options.pin_plus,
	};

	forget_password(s);
	stream_free(s->stream);
	s->stream = stream_new(&o, clock_mono_us());
}

static void
give_tls(struct session *s)
{
	struct conn_binding binding;
	struct stream_tls tls;

	conn_binding(s->conn, &binding);
	tls = (struct stream_tls){
		.version = conn_info(s->conn)->tls_version,
		.exporter = binding.exporter,
		.exporter_len = binding.exporter_len,
		.unique = binding.unique,
		.unique_len = binding.unique_len,
	};
	stream_tls(s->stream, &tls, clock_mono_us());
	mem_wipe(&binding, sizeof binding);
}

static void
on_password(const char *password, const struct err *err, void *arg)
{
	struct session *s = arg;

	s->secret = NULL;
	if (password != NULL) {
		s->password = mem_str(password);
		stream_password(s->stream, password, clock_mono_us());
	} else {
		fail_with(s, FAIL_MEND, true, "no-password", err->text);
	}
	pump(s);
}

static void
on_key(const unsigned char *key, size_t len, void *arg)
{
	struct session *s = arg;

	s->job = NULL;
	stream_key(s->stream, key, len, clock_mono_us());
	pump(s);
}

/* RFC 5802 2.2: over the password as SASLprep has it. Characters that it does
 * not know (newer than Unicode 3.2) are taken as they are, as servers do. */
static void
want_key(struct session *s, const struct stream_key_request *key)
{
	char *prepared = jid_saslprep(s->password);

	s->job = worker_key(s->env.worker, key->hash,
	    prepared != NULL ? prepared : s->password, key->salt,
	    key->salt_len, key->iterations, on_key, s);
	mem_wipe_str(prepared);
	free(prepared);
}

static void
handle(struct session *s, struct stream_event *ev)
{
	switch (ev->kind) {
	case STREAM_WANT_TLS:
		/* <starttls/> and its answer are behind us; nothing may be
		 * left that belongs before the handshake. */
		conn_starttls(s->conn);
		break;
	case STREAM_WANT_PASSWORD:
		s->secret = secret_get(s->env.loop, s->options.config,
		    on_password, s);
		break;
	case STREAM_WANT_KEY:
		want_key(s, &ev->key);
		break;
	case STREAM_AUTHENTICATED:
		forget_password(s);
		tell(s, SESSION_AUTHENTICATED, NULL);
		break;
	case STREAM_ONLINE:
		tell(s, SESSION_ONLINE, NULL);
		break;
	case STREAM_STANZA:
	case STREAM_OVERSIZE:
	case STREAM_SM:
		tell(s, SESSION_STANZA, ev);
		arena_free(ev->arena);
		break;
	case STREAM_END:
		s->fail = mem_copy(&ev->fail, sizeof ev->fail);
		break;
	}
}

static void
flush(struct session *s)
{
	struct buf *out = stream_output(s->stream);

	if (out->len == 0)
		return;
	conn_write(s->conn, out->data, out->len);
	buf_wipe(out);		/* it may hold a password; and there may be
				 * thousands of us, mostly idle */
}

static void
set_deadline(struct session *s)
{
	int64_t at = stream_deadline(s->stream), now;

	ev_timer_stop(s->env.loop, &s->deadline);
	if (at == INT64_MAX)
		return;
	now = clock_mono_us();
	ev_timer_set(&s->deadline, at > now ? (double)(at - now) / 1e6 : 0, 0);
	ev_timer_start(s->env.loop, &s->deadline);
}

/* Nobody here speaks XMPP: goes on with the next server, if there is one and
 * nobody has asked us to end. */
static bool
next_candidate(struct session *s)
{
	if (s->is_closing || !conn_retry(s->conn))
		return false;
	ev_timer_stop(s->env.loop, &s->deadline);
	stream_free(s->stream);
	s->stream = NULL;
	free(s->fail);
	s->fail = NULL;
	return true;
}

/* Takes all that the stream has to say. Ends, if it is over, with the
 * session's end: the last thing its caller does. */
static void
pump(struct session *s)
{
	struct stream_event ev;

	if (s->is_pumping)
		return;		/* whoever pumps comes round to it */
	s->is_pumping = true;
	while (s->fail == NULL && stream_next(s->stream, &ev)) {
		flush(s);
		handle(s, &ev);
	}
	flush(s);
	s->is_pumping = false;
	if (s->fail == NULL) {
		set_deadline(s);
		return;
	}
	ev_timer_stop(s->env.loop, &s->deadline);
	forget_password(s);
	if (s->fail->wait == FAIL_NEXT && next_candidate(s))
		return;
	if (s->fail->wait == FAIL_NEXT)
		s->fail->wait = FAIL_RETRY;
	conn_shutdown(s->conn);
	ev_timer_start(s->env.loop, &s->linger);
}

static void
on_conn(struct conn *conn, enum conn_event event, const char *data, size_t len,
    const struct err *err, void *arg)
{
	struct session *s = arg;
	int64_t now = clock_mono_us();

	switch (event) {
	case CONN_OPEN:
		if (s->fail != NULL)
			return;		/* asked to end while dialling */
		open_stream(s);
		if (conn_info(conn)->is_tls)
			give_tls(s);
		break;
	case CONN_TLS:
		give_tls(s);
		break;
	case CONN_DATA:
		if (s->fail != NULL)
			return;
		stream_feed(s->stream, data, len, now);
		break;
	case CONN_DRAINED:
		return;
	case CONN_EOF:
		if (s->fail != NULL) {
			end(s);
			return;
		}
		stream_eof(s->stream, conn_info(conn)->is_clean_end, now);
		break;
	case CONN_FAILED:
		/* Before the login another candidate may do better: the same
		 * port by direct TLS, another server. */
		if (s->fail == NULL && s->stream != NULL &&
		    stream_mechanism(s->stream) == NULL && next_candidate(s))
			return;
		if (s->fail == NULL)
			fail_from_err(s, err);
		end(s);
		return;
	}
	if (event == CONN_OPEN || event == CONN_TLS)
		tell(s, SESSION_CONNECTED, NULL);
	pump(s);
}

static void
on_deadline(struct ev_loop *loop, ev_timer *w, int events)
{
	struct session *s = w->data;

	(void)loop, (void)events;
	stream_tick(s->stream, clock_mono_us());
	pump(s);
}

static void
on_linger(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop, (void)events;
	end(w->data);
}

struct session *
session_new(const struct session_env *env,
    const struct session_options *options, session_callback cb, void *arg)
{
	static const enum conn_tls tls[] = {
		[CONFIG_TLS_ANY] = CONN_ANY,
		[CONFIG_TLS_STARTTLS] = CONN_STARTTLS,
		[CONFIG_TLS_DIRECT] = CONN_DIRECT,
		[CONFIG_TLS_NONE] = CONN_PLAIN,
	};
	const struct config_account *c = options->config;
	struct session *s = mem_alloc(sizeof *s);
	struct arena *a = arena_new();
	struct jid jid = jid_parse(a, c->jid);
	struct hostport at;
	char *host = NULL;
	struct conn_options o = {
		.host = c->server_host,
		.port = c->server_port,
		.tls = tls[c->tls],
		.ca_file = c->ca_file,
		.certificate = c->certificate,
		.key = c->key,
	};

	o.domain = jid_domain_ascii(a, jid.domain, &o.domain_is_ip);
	o.domain_text = jid.domain;
	if (options->redirect != NULL) {
		hostport_split(options->redirect, &at);
		host = mem_strn(at.host, at.host_len);
		o.host = host;
		o.port = at.port;
	}
	s->env = *env;
	s->options = *options;
	s->cb = cb;
	s->arg = arg;
	ev_timer_init(&s->deadline, on_deadline, 0, 0);
	ev_timer_init(&s->linger, on_linger, LINGER_S, 0);
	s->deadline.data = s->linger.data = s;
	s->conn = conn_new(env->loop, env->dns, &o, on_conn, s);
	arena_free(a);
	free(host);
	return s;
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	ev_timer_stop(s->env.loop, &s->deadline);
	ev_timer_stop(s->env.loop, &s->linger);
	forget_password(s);
	conn_free(s->conn);
	stream_free(s->stream);
	free(s->fail);
	free(s);
}

void
session_send(struct session *s, const char *xml, size_t len)
{
	if (s->stream == NULL || s->fail != NULL)
		return;
	stream_send(s->stream, xml, len);
	if (!s->is_pumping)
		flush(s);
}

void
session_close(struct session *s, const char *condition)
{
	if (s->fail != NULL)
		return;
	s->is_closing = true;
	if (s->stream == NULL) {	/* still dialling: nothing to say */
		fail_with(s, FAIL_RETRY, true, "closed-by-us",
		    "closed before there was a connection");
		ev_timer_set(&s->linger, 0, 0);
		ev_timer_start(s->env.loop, &s->linger);
		return;
	}
	stream_close(s->stream, condition, clock_mono_us());
	if (stream_jid(s->stream) == NULL) {
		/* Nothing has begun that an answer could end. */
		flush(s);
		fail_with(s, FAIL_RETRY, true, "closed-by-us",
		    "closed before the login");
		ev_timer_stop(s->env.loop, &s->deadline);
		ev_timer_set(&s->linger, 0, 0);
		ev_timer_start(s->env.loop, &s->linger);
		return;
	}
	if (!s->is_pumping) {
		/* The end may be due at once; it must not come in here. */
		flush(s);
		ev_timer_stop(s->env.loop, &s->deadline);
		ev_timer_set(&s->deadline, 0, 0);
		ev_timer_start(s->env.loop, &s->deadline);
	}
}

bool
session_is_closing(const struct session *s)
{
	return s->is_closing;
}

void
session_pause(struct session *s, bool on)
{
	conn_pause(s->conn, on);
}

const struct conn_info *
session_conn(const struct session *s)
{
	return conn_info(s->conn);
}

const struct stream *
session_stream(const struct session *s)
{
	return s->stream;
}
