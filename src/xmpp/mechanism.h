/*
 * mechanism - which SASL mechanism to log in with, and whether the offer was
 * tampered with.
 *
 * Our own order, strongest first: EXTERNAL, SCRAM with a bound channel, SCRAM,
 * PLAIN, and DIGEST-MD5 only by request. One choice per stream: after a
 * refusal nothing weaker is tried.
 *
 * Pure: no library, no state.
 */
#ifndef XMPP_MECHANISM_H
#define XMPP_MECHANISM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* What the server said. */
struct mechanism_offer {
	const char *const *names;
	size_t count;
	bool has_bindings;	/* a list of XEP-0440 was there */
	const char *const *bindings;
	size_t binding_count;
};

/* What we may and can. */
struct mechanism_terms {
	const char *const *allowed;	/* NULL-ended; NULL: the default */
	bool is_encrypted, may_plain_tcp;
	bool has_certificate;
	bool pin_scram, pin_plus;
	bool has_exporter, has_unique;	/* channel bindings at hand */
};

enum binding { BINDING_NONE, BINDING_EXPORTER, BINDING_UNIQUE };

struct mechanism_choice {
	const char *name;	/* static */
	enum binding binding;
	bool is_scram;
	bool wants_password;	/* EXTERNAL does not */
	bool sends_first;	/* DIGEST-MD5 does not */
	bool needs_proof;	/* success counts only with the server's own */
	bool needs_ssdp;	/* the offer must be confirmed (XEP-0474) */
};

/* False: *condition is "no-mechanism" or "downgrade" (see fail.c). */
bool mechanism_choose(struct mechanism_choice *c,
    const struct mechanism_offer *offer, const struct mechanism_terms *terms,
    const char **condition);

/* Whether XEP-0078 may be tried: nothing allowed was offered, and no pin
 * stands against it. */
bool mechanism_may_legacy(const struct mechanism_offer *offer,
    const struct mechanism_terms *terms);

/* XEP-0474's hash of the offer in base64; `hash` is "SHA-1" or "SHA-256". */
void mechanism_ssdp(struct buf *out, const struct mechanism_offer *offer,
    const char *hash);

#endif
