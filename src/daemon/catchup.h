/*
 * catchup - reads the account's own archive forward (XEP-0313): the whole
 * history on the first run, what is new afterwards, again every few minutes
 * in a healthy session, since a live stream alone proves nothing.
 *
 * The position is that of the last verified page and moves in its
 * transaction (decision 3). Every pass begins CATCHUP_OVERLAP before its
 * stamp and not behind its id: servers give ids before they insert, so a
 * lower id can appear late, and an id can vanish. The store merges what it
 * knows.
 *
 * Back-pressure: the next page is asked for only while the archive can be
 * written.
 */
#ifndef DAEMON_CATCHUP_H
#define DAEMON_CATCHUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "daemon/ingest.h"
#include "xep/xep.h"

#define CATCHUP_OVERLAP	(2 * TIME_MINUTE)
#define CATCHUP_POLL	(10 * TIME_MINUTE)

struct catchup;

struct catchup_env {
	struct ingest *ingest;
	struct xep_session *xep;
	const char *account;	/* bare JID: whose, and which archive */
	int64_t history_us;	/* CONFIG_HISTORY_*, or a length */
};

struct catchup *catchup_new(const struct catchup_env *env);
void catchup_free(struct catchup *c);	/* NULL is fine */

/* Begins a pass. */
void catchup_start(struct catchup *c, int64_t now_us);
void catchup_page(struct catchup *c, const struct mam_page *page,
    int64_t now_us);

/* Goes on with what had to wait: a retry, a poll, a full disk. now_us is
 * monotonic. */
void catchup_tick(struct catchup *c, int64_t now_us);
int64_t catchup_deadline(const struct catchup *c);

/* All up to this number is durable. */
void catchup_committed(struct catchup *c, uint64_t durable);

/* A pass of this session has reached the end, and all of it is durable. */
bool catchup_is_done(const struct catchup *c);
/* Why the last page proved nothing; NULL if it was good. */
const char *catchup_why(const struct catchup *c);
/* -1: not known. */
void catchup_progress(const struct catchup *c, int64_t *done, int64_t *total);

#endif
