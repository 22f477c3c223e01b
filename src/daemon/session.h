/*
 * session - marries a byte pipe, a stream and their timers: from a dialled
 * server to a bound resource, then stanzas in and out.
 *
 * Knows nothing of archives: `check --connect` uses it as the service does.
 *
 * Ownership  Options are borrowed for the session's life (the account's
 *            configuration outlives it). What an event points to is valid
 *            during the callback.
 * Callbacks  SESSION_END is the last, comes once, and is the last thing the
 *            session does: it may be freed in it. In no other may it be
 *            freed; session_close() it and wait for the end.
 */
#ifndef DAEMON_SESSION_H
#define DAEMON_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/config.h"
#include "net/conn.h"
#include "net/dns.h"
#include "xmpp/stream.h"

struct ev_loop;
struct session;
struct worker;

struct session_env {
	struct ev_loop *loop;
	struct dns *dns;
	struct worker *worker;
};

struct session_options {
	const struct config_account *config;
	const char *resource;	/* NULL: the server's choice */
	bool pin_scram, pin_plus;
	const char *redirect;	/* see-other-host: "host[:port]", or NULL */
};

enum session_event_kind {
	SESSION_CONNECTED,	/* session_conn() says where and how; again
				 * after STARTTLS, and with another server */
	SESSION_AUTHENTICATED,
	SESSION_ONLINE,		/* bound */
	SESSION_STANZA,		/* event->stanza */
	SESSION_END,		/* event->fail */
};

struct session_event {
	enum session_event_kind kind;
	/* STREAM_STANZA, STREAM_OVERSIZE or STREAM_SM. */
	const struct stream_event *stanza;
	const struct fail *fail;
};

typedef void (*session_callback)(struct session *s,
    const struct session_event *event, void *arg);

struct session *session_new(const struct session_env *env,
    const struct session_options *options, session_callback cb, void *arg);
/* Drops the connection. Not inside a callback but SESSION_END. */
void session_free(struct session *s);

/* Queues a stanza; only between ONLINE and END (ignored otherwise). */
void session_send(struct session *s, const char *xml, size_t len);

/* Says goodbye and ends; SESSION_END within a few seconds. A NULL condition is a
 * clean close. May be called in callbacks and more than once. */
void session_close(struct session *s, const char *condition);

bool session_is_closing(const struct session *s);

/* Back-pressure: nothing is read while on. */
void session_pause(struct session *s, bool on);

const struct conn_info *session_conn(const struct session *s);
const struct stream *session_stream(const struct session *s);

#endif
