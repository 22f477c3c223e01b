/*
 * mam - reads archives forward, page by page (XEP-0313, urn:xmpp:mam:2).
 *
 * One query is in flight per archive, any number of archives at once. The
 * caller decides when the next page is asked for, so it can first queue the
 * rows of the last: backpressure is asking later. A page is believed only
 * when it holds together: first and last are the ids that came, and it goes on
 * from where it was asked or says that it is complete. What is believed and
 * what not is said in struct mam_page, and the caller moves its position
 * only as far as that allows:
 *
 *	results come as messages; forward_open() asks mam_is_open(), and
 *	whatever it says is_awaited of -> mam_result(), a forgery inside
 *	a true result too; then the record is queued
 *	XEP_MAM event -> is_valid && is_stable: the position may move to `last`
 *	              -> is_valid && is_complete: caught up
 *	              -> is_valid && !is_complete: mam_ask() after `last`
 *	              -> !is_valid: `why`; back off, the position stays
 */
#ifndef XEP_MAM_H
#define XEP_MAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAM_MAX = 250 };

struct mam_ask {
	const char *archive;	/* bare JID; NULL: the own account's */
	const char *after;	/* archive id behind which to begin; or NULL */
	int64_t start_us, end_us;	/* server time; 0: none */
	int max;		/* 0: MAM_MAX */
};

struct mam_page {
	const char *archive;	/* bare JID, also for the own one */
	const char *query_id;
	bool is_valid;
	bool is_complete;	/* the archive has no more in this direction */
	bool is_stable;		/* false: store, but keep the position */
	size_t count;		/* results received */
	const char *first, *last;	/* archive ids; NULL when count is 0 */
	int64_t first_us, last_us;	/* their stamps; 0: none */
	long long total;	/* in the archive, as the server counts; -1 */

	/* !is_valid: */
	const char *why;	/* a sentence without full stop */
	const char *condition;	/* of an error answer, else NULL; where
				 * `after` is not there any more, Prosody says
				 * item-not-found and ejabberd nothing */
};

struct xep_session;

/* False, and nothing is sent, when a query of this archive is in flight. */
bool mam_ask(struct xep_session *x, const struct mam_ask *ask, int64_t now_us);

/* Whether results of this query are awaited: a forward_is_open whose arg is
 * the xep_session. Either may be NULL (then no). Results of a query that had
 * no end in time are still ours; they count for no page. */
bool mam_is_open(const char *archive, const char *query_id, void *x);

/* A result has come: forward_open() said is_awaited. */
void mam_result(struct xep_session *x, const char *archive,
    const char *query_id, const char *id, int64_t stamp_us);

#endif
