/*
 * jid - addresses, RFC 6122: local@domain/resource, prepared by stringprep
 * (nodeprep, nameprep, resourceprep) through libidn.
 *
 * A JID that does not prepare is kept as it came, marked, and equal only to
 * itself (byte for byte): an archive never drops what it cannot read.
 *
 * A struct jid owns nothing: all its strings are in the arena it was made
 * with, or static.
 */
#ifndef MODEL_JID_H
#define MODEL_JID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { JID_PART_MOST = 1023 };

struct jid {
	const char *full;	/* whole, prepared (or as it came) */
	const char *bare;	/* without the resource */
	const char *local;	/* NULL if none */
	const char *domain;
	const char *resource;	/* NULL if none */
	bool is_valid;		/* false: did not prepare; only full is sure,
				 * bare equals full */
};

/* Never fails; NULL or "" gives an invalid JID whose full is "". */
struct jid jid_parse(struct arena *a, const char *text);

/* As jid_parse(), but says why not: for what people type. The text names
 * the part. False when invalid. */
bool jid_check(struct arena *a, const char *text, struct jid *out,
    const char **why);

bool jid_is_same(const struct jid *a, const struct jid *b);
bool jid_is_same_bare(const struct jid *a, const struct jid *b);

/* The domain as DNS and certificates want it (A-labels), or NULL. An IP
 * literal comes back as it is, without brackets, and *is_ip set. */
const char *jid_domain_ascii(struct arena *a, const char *domain,
    bool *is_ip);

/* XEP-0106 unescaping of a local part, for display only. */
const char *jid_unescape(struct arena *a, const char *local);

/* SASLprep (RFC 4013) for XEP-0078 and PLAIN. NULL if it does not prepare. */
char *jid_saslprep(const char *text);	/* free() it */

#endif
