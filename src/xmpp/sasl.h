/*
 * sasl - one exchange of one mechanism, through libgsasl.
 *
 * Base64 in, base64 out: what stands inside <auth/>, <challenge/>,
 * <response/> and <success/> (RFC 6120 6). The library does the mechanisms'
 * sums; which one, with what limits, and what counts as success is decided
 * here and in mechanism.c.
 *
 * Ownership  sasl_new() copies all it is given. Secrets are overwritten when
 *            they are no longer needed.
 * Errors     SASL_BAD, with sasl_condition() and sasl_text(); then only
 *            sasl_free().
 */
#ifndef XMPP_SASL_H
#define XMPP_SASL_H

#include "base/buf.h"
#include "xmpp/mechanism.h"
#include "xmpp/stream.h"

struct sasl;

enum sasl_result {
	SASL_SEND,		/* `out` holds what to send; it may be empty */
	SASL_WANT_KEY,		/* sasl_key_request(), then sasl_key() */
	SASL_DONE,		/* the server may say success */
	SASL_BAD,
};

struct sasl *sasl_new(const struct mechanism_choice *choice,
    const struct mechanism_offer *offer, const char *local,
    const char *domain, const struct stream_tls *tls);
void sasl_free(struct sasl *s);		/* NULL is fine */

/* Before sasl_start(), if the choice wants one. SCRAM forgets it: it asks
 * for a key. */
void sasl_password(struct sasl *s, const char *password);

/* The authorization identity, for a certificate that names no address or
 * several (XEP-0178 2). Otherwise none is sent. */
void sasl_identity(struct sasl *s, const char *jid);

/* The initial response; empty for a mechanism in which the server begins. */
enum sasl_result sasl_start(struct sasl *s, struct buf *out);
enum sasl_result sasl_challenge(struct sasl *s, const char *base64,
    struct buf *out);
const struct stream_key_request *sasl_key_request(const struct sasl *s);
enum sasl_result sasl_key(struct sasl *s, const unsigned char *key,
    size_t len, struct buf *out);
/* What stood in <success/>. SASL_DONE or SASL_BAD: a server that has to prove
 * itself and has not is no success. */
enum sasl_result sasl_success(struct sasl *s, const char *base64);

const char *sasl_condition(const struct sasl *s);
const char *sasl_text(const struct sasl *s);	/* for people; may be "" */

#endif
