/*
 * state - the inside of a stream, for xmpp/ only.
 *
 * state.c has the table of states and is the one place that enters them;
 * auth.c, legacy.c and bind.c hold the handlers of theirs, stream.c what the
 * caller sees. A handler gets
 * whole elements, never bytes, and ends by entering a state or by ending the
 * stream.
 */
#ifndef XMPP_STATE_H
#define XMPP_STATE_H

#include "base/random.h"
#include "xml/ns.h"
#include "xml/parse.h"
#include "xmpp/features.h"
#include "xmpp/sasl.h"
#include "xmpp/stream.h"

#define NS_STREAM_ERRORS "urn:ietf:params:xml:ns:xmpp-streams"
#define NS_TLS		 "urn:ietf:params:xml:ns:xmpp-tls"
#define NS_SASL		 "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_BIND		 "urn:ietf:params:xml:ns:xmpp-bind"
#define NS_SESSION	 "urn:ietf:params:xml:ns:xmpp-session"
#define NS_LEGACY	 "jabber:iq:auth"
#define NS_SM		 "urn:xmpp:sm:"	/* and a version */

enum state {
	STATE_HEADER,		/* our header is out */
	STATE_FEATURES,
	STATE_STARTTLS,
	STATE_TLS,		/* the caller makes a handshake */
	STATE_PASSWORD,		/* the caller gets the password */
	STATE_AUTH,
	STATE_KEY,		/* the caller makes SCRAM's sums */
	STATE_PROOF,
	STATE_LEGACY_ASK,
	STATE_LEGACY_PASSWORD,
	STATE_LEGACY_LOGIN,
	STATE_BIND,
	STATE_SESSION,
	STATE_ONLINE,
	STATE_CLOSING,		/* our </stream:stream> is out */
	STATE_ENDED,
};

/* Handlers queue at most an AUTHENTICATED, an ONLINE and an END between two
 * pulls; a few calls from outside may come on top. */
enum { STREAM_QUEUE = 6 };

/* A stream_event without its bulky end. */
struct stream_item {
	enum stream_event_kind kind;
	struct arena *arena;
	const struct node *node;
	struct node_raw raw;
	size_t full_len;
	unsigned char sha256[32];
	uint64_t inbound;
};

struct stream {
	/* Options. */
	char *jid, *local, *domain, *resource;
	char **mechanisms;	/* NULL-ended, or NULL */
	char **id_seed;
	size_t ids_used;
	bool may_legacy, may_plain_tcp, has_certificate, must_say_jid;
	bool pin_scram, pin_plus;
	size_t stanza_most;

	enum state state;
	int64_t now_us, deadline_us;
	struct parse *parse;
	struct buf out;
	struct stream_item queue[STREAM_QUEUE];
	size_t queued;
	struct fail *fail;	/* of the END in the queue */
	char closing[40];	/* CLOSING: the stream error that we gave */
	bool is_eof, is_eof_clean;

	/* How far it has come. */
	bool is_tls, is_authenticated;
	bool has_heard;		/* a stream header of theirs, ever */
	struct stream_tls tls;	/* its strings are ours */

	/* The stream since the last restart. */
	char *id, *lang;
	bool is_old;		/* no version, or less than 1.0 */
	bool is_from_wrong;
	struct arena *features_arena;
	struct features features;

	struct sasl *sasl;
	const char *mechanism;	/* static */
	bool is_bound_channel, is_legacy_digest;
	char *password;		/* XEP-0078 only, for a moment */
	char request_id[RANDOM_ID];	/* of the iq that is waited for */
	char *full;
	uint64_t inbound;
};

/* Enters a state: the last thing a handler does. */
void state_enter(struct stream *s, enum state state);
const char *state_name(const struct stream *s);
/* A fresh stream header of ours, and nothing left of theirs. */
void state_restart(struct stream *s);
struct stream_item *state_event(struct stream *s,
    enum stream_event_kind kind);
/* What has happened: the parser has something, nothing more will come, the
 * state's time is up. */
void state_parsed(struct stream *s, struct parse_event *ev);
void state_eof(struct stream *s);
void state_overdue(struct stream *s);
void state_forget_stream(struct stream *s);
void state_wipe_secrets(struct stream *s);
/* What was sent may hold a password: nothing of it stays. */
void state_wipe_output(struct stream *s);
/* A new id for an iq, in request_id. */
const char *state_id(struct stream *s);

/* end.c: ends the stream, for a reason of ours (FAIL_STREAM: the stream
 * error is sent), or for an error of theirs. */
void end_ours(struct stream *s, enum fail_where where, const char *condition,
    const char *text);
/* In CLOSING: whether their </stream:stream> came. */
void end_closing(struct stream *s, bool is_answered);
void end_theirs(struct stream *s, enum fail_where where,
    const char *condition, const struct node *text);
void end_stream_error(struct stream *s, const struct node *error);
/* An iq error: by condition or, failing that, by code (XEP-0086). */
void end_iq_error(struct stream *s, enum fail_where where,
    const struct node *iq);
const char *end_iq_condition(const struct node *iq);
void end_unexpected(struct stream *s, const struct node *n);
void end_write(struct stream *s, const char *condition);

/* auth.c */
void auth_begin(struct stream *s);	/* from features to a login */
void auth_enter(struct stream *s);
void auth_element(struct stream *s, const struct node *n);
void auth_key(struct stream *s, const unsigned char *key, size_t len);

/* legacy.c */
void legacy_ask(struct stream *s);
void legacy_fields(struct stream *s, const struct node *n);
void legacy_login(struct stream *s);
void legacy_answer(struct stream *s, const struct node *n);

/* bind.c */
void bind_ask(struct stream *s);
void bind_answer(struct stream *s, const struct node *n);
void bind_session_ask(struct stream *s);
void bind_session_answer(struct stream *s, const struct node *n);

/* Whether n answers the iq that is waited for: 0 no, 1 result, -1 error. */
int state_answer(const struct stream *s, const struct node *n);

#endif
