/*
 * forward - unwraps carbons (XEP-0280) and archive results (XEP-0313), and
 * checks who may send them.
 */
#ifndef EXTRACT_FORWARD_H
#define EXTRACT_FORWARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/jid.h"
#include "model/names.h"
#include "xml/node.h"

enum forward_kind {
	FORWARD_NONE,		/* not a wrapper: the stanza itself */
	FORWARD_RECEIVED, FORWARD_SENT,		/* carbons */
	FORWARD_RESULT,		/* archive result */
	FORWARD_FORGED,		/* a wrapper that may not be believed */
};

struct forward {
	enum forward_kind kind;
	const struct node *inner;	/* the message inside; NULL if FORGED
				 * or NONE */
	int64_t stamp_us;	/* delay beside it in <forwarded>; 0: none */
	const char *query_id, *archive_id;	/* RESULT */
	const char *archive;	/* RESULT: bare JID of the archive (own, room) */
	bool is_awaited;	/* RESULT, and FORGED by what is inside one: it is
				 * of an open query and counts for its page
				 * (mam_result), whatever it holds. Else one
				 * forgery in an archive would stop every
				 * catch-up at it */
	enum forged forged;	/* FORGED: which rule, and why */
	const char *why;
};

/* Whether a result's query is open, as xep/mam knows it: queryid and the
 * archive asked. */
typedef bool (*forward_is_open)(const char *archive, const char *query_id,
    void *arg);

void forward_open(struct arena *a, const struct node *message,
    const struct jid *own, forward_is_open is_open, void *arg,
    struct forward *out);

#endif
