/*
 * batch - group commit: many records, one fsync.
 *
 * The program's promise is kept here: a record counts as archived only once
 * batch_commit() has said so, and nobody acknowledges it before.
 *
 * Ownership  A batch borrows its store. Records are copied by batch_add();
 *            the caller may drop them at once. A NULL record only takes a
 *            ticket (an iq moves h, and nothing else).
 * Order      What was added is applied in order. Moves of positions, sessions
 *            and the like (gaps.h) ride in the same queue, so they become
 *            durable with the records before them and never earlier.
 * Errors     0, or -1 with *err set. After -1 nothing of the batch is on
 *            disk and all of it is still queued, tickets unchanged: the
 *            next batch_commit() tries again. ERR_FULL and ERR_BUSY pass;
 *            ERR_ARCHIVE does not. A record that the archive cannot take for
 *            a reason of its own (a poison stanza) is put into `forged` with
 *            that reason, and is never fatal twice. What cannot be kept
 *            even there, and an operation of gaps.h that cannot be done,
 *            is dropped: batch_dropped() tells.
 * Units      Tickets number what was added from 1.
 * Blocking   batch_commit() waits for the disk. Nothing else does.
 */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/record.h"
#include "store/store.h"

/* What decision 7 says of when to commit; the loop watches these. */
enum { BATCH_MS = 50, BATCH_ROWS = 5000, BATCH_UNACKED = 200 };

struct batch;

struct batch *batch_new(struct store *store);
void batch_free(struct batch *b);	/* drops what was not committed */

/* Adds one record; returns its ticket. A duplicate gets one too. */
uint64_t batch_add(struct batch *b, const struct record *r);

/* Makes everything added durable; *durable is the last ticket. now_us is the
 * wall clock, for the seal and the open sessions' `alive`. */
int batch_commit(struct batch *b, int64_t now_us, uint64_t *durable,
    struct err *err);

/* Whether something was dropped since the last call, and why the last of it
 * was. */
bool batch_dropped(struct batch *b, char *why, size_t size);

size_t batch_count(const struct batch *b);	/* queued, not yet durable */
size_t batch_bytes(const struct batch *b);	/* memory they hold */

/* What became of committed records since the last call, for `status`: how
 * many new messages, copies of known ones, presence changes. */
struct batch_counts {
	const char *account;
	int64_t messages, copies, presences, forged;
};
/* Returns how many accounts; *counts is valid until the next call. */
size_t batch_counts(struct batch *b, const struct batch_counts **counts);

#endif
