/*
 * stream - one XMPP client stream (RFC 6120) from header to close, without
 * I/O: bytes and the time go in; bytes, events and a deadline come out.
 *
 * The caller pulls: after each call that puts something in, it takes
 * stream_next() until false, writes what stream_output() holds, and sets its
 * timer to stream_deadline(). Nothing is called back, so nothing is freed
 * under its own feet, and every dialogue can be replayed from a file.
 *
 *   connect -> header -> features -> STREAM_WANT_TLS ... stream_tls()
 *     -> SASL (STREAM_WANT_PASSWORD ... stream_password();
 *              STREAM_WANT_KEY ... stream_key()) or XEP-0078
 *     -> bind (and session) -> STREAM_ONLINE -> STREAM_STANZA ...
 *     -> STREAM_END
 *
 * Ownership  Options are copied. A stanza's arena passes to the caller.
 * Errors     STREAM_END, once, as the last event, with a struct fail.
 * Units      now_us is a monotonic clock; deadlines are on the same clock.
 */
#ifndef XMPP_STREAM_H
#define XMPP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/jid.h"
#include "xml/node.h"
#include "xmpp/fail.h"

struct stream;

struct stream_options {
	const char *jid;	/* bare, prepared */
	const char *resource;	/* NULL: the server's choice */
	const char *const *mechanisms;	/* allowed, NULL-ended; NULL: the
				 * default (EXTERNAL, SCRAM with channel
				 * binding, SCRAM, PLAIN under TLS) */
	bool may_legacy;	/* XEP-0078 where no SASL is to be had */
	bool may_plain_tcp;	/* no TLS (loopback tests) */
	bool is_tls;		/* direct TLS: already encrypted */
	bool has_certificate;	/* EXTERNAL may be used */
	bool must_say_jid;	/* the certificate names no JID, or several */
	bool pin_scram, pin_plus;	/* worked before: nothing weaker */
	size_t stanza_most;	/* 0: parse.h's */
	const char *const *id_seed;	/* tests: fixed stanza ids; NULL */
};

/* What TLS gave; raw bytes, length 0: not to be had. */
struct stream_tls {
	const char *version;	/* "TLSv1.3" */
	const unsigned char *exporter, *unique;
	size_t exporter_len, unique_len;
};

enum stream_event_kind {
	STREAM_WANT_TLS,	/* start TLS now, then stream_tls() */
	STREAM_WANT_PASSWORD,	/* stream_password(), or stream_close(); not
				 * for EXTERNAL */
	STREAM_WANT_KEY,	/* PBKDF2 off the loop: see stream_key() */
	STREAM_AUTHENTICATED,	/* mechanism, bound channel */
	STREAM_ONLINE,		/* jid is the full JID; time to send presence */
	STREAM_STANZA,		/* node, arena; number in `inbound`. May come
				 * until END, also after stream_close() */
	STREAM_OVERSIZE,	/* kept part in raw; counts like a stanza */
	STREAM_SM,		/* an element of XEP-0198; node, arena */
	STREAM_END,		/* fail; nothing follows */
};

struct stream_key_request {	/* SCRAM's Hi(): RFC 5802 2.2 */
	const char *hash;	/* "SHA-1" or "SHA-256" */
	const unsigned char *salt;
	size_t salt_len;
	unsigned iterations;
};

struct stream_event {
	enum stream_event_kind kind;
	struct arena *arena;		/* STANZA, SM, OVERSIZE: yours */
	const struct node *node;
	struct node_raw raw;
	size_t full_len;		/* OVERSIZE */
	unsigned char sha256[32];
	uint64_t inbound;		/* stanzas received on this stream */
	struct stream_key_request key;	/* valid until the next call */
	struct fail fail;		/* END only; else undefined */
};

struct stream *stream_new(const struct stream_options *o, int64_t now_us);
void stream_free(struct stream *s);		/* NULL is fine */

void stream_feed(struct stream *s, const char *data, size_t len,
    int64_t now_us);
void stream_eof(struct stream *s, bool is_clean, int64_t now_us);
void stream_tick(struct stream *s, int64_t now_us);

/* TLS is up and the certificate has been verified. With is_tls set, say it
 * once before the first bytes, so that channels can be bound. */
void stream_tls(struct stream *s, const struct stream_tls *tls,
    int64_t now_us);
/* The password as it is: what a mechanism wants prepared is prepared here. */
void stream_password(struct stream *s, const char *password, int64_t now_us);
/* The salted password (raw bytes of the hash's size): PBKDF2 with HMAC over
 * the prepared password (jid_saslprep(); as it is if that refuses), `salt` and
 * `iterations`, which have been checked. It may be kept for the next time. */
void stream_key(struct stream *s, const unsigned char *key, size_t len,
    int64_t now_us);

/* Ends our side: </stream:stream>, and STREAM_END once the server's comes or
 * the deadline passes. With a condition, a stream error goes before it. */
void stream_close(struct stream *s, const char *condition, int64_t now_us);

bool stream_next(struct stream *s, struct stream_event *ev);
struct buf *stream_output(struct stream *s);	/* take from its front */
int64_t stream_deadline(const struct stream *s);	/* INT64_MAX: none */

/* Queues one stanza's bytes (or white space); before STREAM_ONLINE and after
 * stream_close() it is dropped. */
void stream_send(struct stream *s, const char *xml, size_t len);

/* Facts, valid as far as the stream has come; NULL or false before. */
const char *stream_jid(const struct stream *s);		/* full, bound */
const char *stream_lang(const struct stream *s);	/* server's header */
const char *stream_id(const struct stream *s);
const char *stream_mechanism(const struct stream *s);
bool stream_is_bound_channel(const struct stream *s);
/* A child of the last <stream:features/>, or NULL; lives as long as s. */
const struct node *stream_feature(const struct stream *s, const char *ns,
    const char *name);

#endif
