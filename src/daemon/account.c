#include "daemon/account.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/str.h"
#include "base/time.h"
#include "daemon/backoff.h"
#include "daemon/live.h"
#include "store/gaps.h"

/* How long a paused account keeps its link, so that a short trouble costs
 * nothing; then it goes, and the server keeps what comes. */
enum { PAUSE_S = 10, HOPS_MOST = 3 };

struct account {
	struct account_env env;
	const struct config_account *config;
	enum account_state state;
	int64_t since_us;		/* wall clock */
	char *error;			/* NULL: none */
	struct session *session;	/* NULL: not connected */
	struct live *live;		/* between ONLINE and END */
	int64_t online_us;		/* monotonic, of the current session */
	struct backoff backoff;
	ev_timer timer;			/* WAITING: next try; PAUSED: let go */
	bool is_stopping;
	bool has_worked;		/* a login has succeeded, ever */
	bool pin_scram, pin_plus;
	char *resource;
	char *redirect;			/* see-other-host; NULL: none */
	int hops;
	/* What the last session was like, kept over its end. */
	char *server;
	char tls[16], sasl[40];
};

/* NULL: none. */
static void
set_string(char **where, const char *s)
{
	char *old = *where;

	*where = mem_str(s);
	free(old);
}

static void
set_error(struct account *a, const char *sentence)
{
	set_string(&a->error, sentence);
}

static void
enter(struct account *a, enum account_state state)
{
	if (a->state != state) {
		log_debug(a->config->jid, "%s", account_state_name(state));
		a->state = state;
		a->since_us = clock_wall_us();
	}
	if (state == ACCOUNT_ONLINE)
		set_error(a, NULL);
	a->env.changed(a, a->env.arg);
}

static void
set_timer(struct account *a, int64_t us)
{
	ev_timer_stop(a->env.session.loop, &a->timer);
	ev_timer_set(&a->timer, (double)us / 1e6, 0);
	ev_timer_start(a->env.session.loop, &a->timer);
}

/* What this account remembers over restarts; a resource of its own is chosen
 * once per archive. */
static int
recall(struct account *a, struct err *err)
{
	struct arena *arena = arena_new();
	struct gaps_account known = { 0 };
	int r = gaps_account_get(ingest_store(a->env.ingest), arena,
	    a->config->jid, &known, err);

	if (r == 0) {
		a->has_worked = known.login_us != 0;
		a->pin_scram = known.has_scram;
		a->pin_plus = known.has_plus;
		free(a->resource);
		a->resource = NULL;
		if (a->config->resource != NULL) {
			a->resource = mem_str(a->config->resource);
		} else if (known.resource != NULL) {
			a->resource = mem_str(known.resource);
		} else {
			char id[RANDOM_ID];
			struct gaps_account chosen = { 0 };

			random_id(id);
			a->resource = mem_printf("backscroll.%.8s", id);
			chosen.resource = a->resource;
			gaps_account_put(ingest_batch(a->env.ingest),
			    a->config->jid, &chosen);
			ingest_touch(a->env.ingest);
		}
	}
	arena_free(arena);
	return r;
}

static void on_session(struct session *s, const struct session_event *event,
    void *arg);

static void
connect_now(struct account *a)
{
	struct session_options o = { .config = a->config };
	struct err err;

	ev_timer_stop(a->env.session.loop, &a->timer);
	if (ingest_is_stuck(a->env.ingest)) {
		set_error(a, ingest_why(a->env.ingest)->text);
		enter(a, ACCOUNT_PAUSED);
		return;
	}
	if (recall(a, &err) != 0) {
		set_error(a, err.text);
		set_timer(a, 5 * TIME_SECOND);
		enter(a, ACCOUNT_WAITING);
		return;
	}
	o.resource = a->resource;
	o.pin_scram = a->pin_scram && a->config->mechanisms == NULL;
	o.pin_plus = a->pin_plus && a->config->mechanisms == NULL;
	o.redirect = a->redirect;
	set_string(&a->server, NULL);
	a->tls[0] = a->sasl[0] = '\0';
	a->session = session_new(&a->env.session, &o, on_session, a);
	enter(a, ACCOUNT_CONNECTING);
}

static void
on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
	struct account *a = w->data;

	(void)loop, (void)events;
	if (a->state == ACCOUNT_WAITING)
		connect_now(a);
	else if (a->state == ACCOUNT_PAUSED && a->session != NULL) {
		/* Without stream management a stanza that we took but cannot
		 * keep would be lost with us: go, so that it stays there. */
		if (a->live != NULL)
			live_unavailable(a->live);
		session_close(a->session, NULL);
	}
}

static void
on_live(struct live *l, bool is_caught_up, void *arg)
{
	struct account *a = arg;

	(void)l;
	if (a->state == ACCOUNT_PAUSED || a->is_stopping)
		return;
	enter(a, is_caught_up ? ACCOUNT_ONLINE : ACCOUNT_CATCHING_UP);
}

static void
authenticated(struct account *a)
{
	const struct stream *stream = session_stream(a->session);
	const char *mechanism = stream_mechanism(stream);
	struct gaps_account now = {
		.has_scram = strncmp(mechanism, "SCRAM-", 6) == 0,
		.has_plus = stream_is_bound_channel(stream),
		.login_us = clock_wall_us(),
	};

	str_copy(a->sasl, sizeof a->sasl, mechanism);
	a->has_worked = true;
	a->pin_scram |= now.has_scram;
	a->pin_plus |= now.has_plus;
	gaps_account_put(ingest_batch(a->env.ingest), a->config->jid, &now);
	ingest_touch(a->env.ingest);
}

static void
session_over(struct account *a, const struct fail *fail)
{
	bool was_paused = a->state == ACCOUNT_PAUSED;
	const struct fail copy = *fail;		/* it dies with the session */
	int64_t wait;

	fail = &copy;
	if (a->live != NULL) {
		backoff_healthy(&a->backoff, clock_mono_us() - a->online_us);
		live_free(a->live, fail->is_clean ? NULL : fail->sentence);
		a->live = NULL;
		a->hops = 0;
		set_string(&a->redirect, NULL);
	}
	session_free(a->session);
	a->session = NULL;
	if (a->is_stopping) {
		enter(a, ACCOUNT_OFFLINE);
		a->env.stopped(a, a->env.arg);
		return;
	}
	if (was_paused) {	/* it let go of the link itself */
		connect_now(a);
		return;
	}
	set_error(a, fail->sentence);
	if (fail->wait == FAIL_REDIRECT && a->hops++ < HOPS_MOST) {
		set_string(&a->redirect, fail->host);
		log_info(a->config->jid, "sent on to %s", fail->host);
		connect_now(a);
		return;
	}
	set_string(&a->redirect, NULL);
	a->hops = 0;
	wait = backoff_next(&a->backoff, fail->wait, a->has_worked,
	    random_below(1000));
	if (wait == INT64_MAX) {
		log_error(a->config->jid, "%s; not tried again before a reload",
		    a->error);
		enter(a, ACCOUNT_FAILED);
		return;
	}
	log_warn(a->config->jid, "%s; next try in %lld s", a->error,
	    (long long)((wait + TIME_SECOND - 1) / TIME_SECOND));
	set_timer(a, wait);
	enter(a, ACCOUNT_WAITING);
}

static void
on_session(struct session *s, const struct session_event *event, void *arg)
{
	struct account *a = arg;

	switch (event->kind) {
	case SESSION_CONNECTED:
		set_string(&a->server, session_conn(s)->server);
		str_copy(a->tls, sizeof a->tls, session_conn(s)->tls_version);
		if (!a->is_stopping)
			enter(a, ACCOUNT_AUTHENTICATING);
		break;
	case SESSION_AUTHENTICATED:
		authenticated(a);
		break;
	case SESSION_ONLINE:
		if (a->is_stopping)
			break;
		a->online_us = clock_mono_us();
		log_info(a->config->jid, "logged in to %s as %s (%s, %s)",
		    a->server, stream_jid(session_stream(s)),
		    a->tls[0] ? a->tls : "no TLS", a->sasl);
		a->live = live_new(&(struct live_env){
			.loop = a->env.session.loop,
			.ingest = a->env.ingest,
			.session = s,
			.config = a->config,
			.changed = on_live,
			.arg = a,
		});
		enter(a, ACCOUNT_CATCHING_UP);
		break;
	case SESSION_STANZA:
		if (a->live != NULL)
			live_stanza(a->live, event->stanza);
		break;
	case SESSION_END:
		session_over(a, event->fail);
		break;
	}
}

struct account *
account_new(const struct account_env *env, const struct config_account *config)
{
	struct account *a = mem_alloc(sizeof *a);

	a->env = *env;
	a->config = config;
	a->since_us = clock_wall_us();
	ev_timer_init(&a->timer, on_timer, 0, 0);
	a->timer.data = a;
	return a;
}

void
account_free(struct account *a)
{
	if (a == NULL)
		return;
	ev_timer_stop(a->env.session.loop, &a->timer);
	if (a->live != NULL)
		live_free(a->live, "the program ended");
	session_free(a->session);
	free(a->resource);
	free(a->redirect);
	free(a->server);
	free(a->error);
	free(a);
}

void
account_start(struct account *a)
{
	connect_now(a);
}

void
account_stop(struct account *a)
{
	a->is_stopping = true;
	ev_timer_stop(a->env.session.loop, &a->timer);
	if (a->session == NULL) {
		enter(a, ACCOUNT_OFFLINE);
		a->env.stopped(a, a->env.arg);
		return;
	}
	session_pause(a->session, false);
	if (a->live != NULL)
		live_unavailable(a->live);
	session_close(a->session, NULL);
}

void
account_stuck(struct account *a, bool is_stuck, const struct err *why)
{
	if (a->is_stopping)
		return;
	if (is_stuck) {
		if (a->session == NULL)
			return;		/* waiting or failed: nothing comes */
		set_error(a, why->text);
		session_pause(a->session, true);
		set_timer(a, a->live != NULL ? PAUSE_S * TIME_SECOND : 0);
		enter(a, ACCOUNT_PAUSED);
		return;
	}
	if (a->state != ACCOUNT_PAUSED)
		return;
	ev_timer_stop(a->env.session.loop, &a->timer);
	if (a->session == NULL) {
		connect_now(a);
		return;
	}
	session_pause(a->session, false);
	if (a->live == NULL || session_is_closing(a->session))
		return;		/* still paused: its end connects again */
	set_error(a, NULL);
	enter(a, live_is_caught_up(a->live) ? ACCOUNT_ONLINE
					    : ACCOUNT_CATCHING_UP);
	live_resume(a->live);
}

bool
account_has_failed(const struct account *a)
{
	return a->state == ACCOUNT_FAILED;
}

const struct config_account *
account_config(const struct account *a)
{
	return a->config;
}

void
account_status(struct account *a, struct account_status *out)
{
	*out = (struct account_status){
		.account = a->config->jid,
		.state = account_state_name(a->state),
		.since_us = a->since_us,
		.error = a->error,
		.server = a->server,
		.tls = a->tls[0] ? a->tls : NULL,
		.sasl = a->sasl[0] ? a->sasl : NULL,
		.resumable = -1, .carbons = -1,
		.catch_up_done = -1, .catch_up_total = -1,
		.messages = -1, .presences = -1,
	};
	if (a->live != NULL)
		live_status(a->live, out);
	if (gaps_counts(ingest_store(a->env.ingest), a->config->jid,
	    &out->messages, &out->presences, NULL) != 0)
		out->messages = out->presences = -1;
}
