/*
 * ingest - where the two halves meet: records go in, durability comes out.
 *
 * Group commit (decision 7): the first record starts a clock of BATCH_MS; the
 * batch is committed when it rings, or at once at BATCH_ROWS rows or
 * INGEST_BYTES of memory. While a commit fails because the disk is full, the
 * file read-only or busy, nothing is lost: the batch stays queued, ingest is
 * `stuck`, and a write is tried every INGEST_RETRY_S seconds. Whoever feeds it
 * must then stop reading (ingest_is_stuck()).
 *
 * Ownership  Borrows loop and store. Watchers are the caller's structs.
 * Blocking   A commit waits for the disk, at most a batch's worth.
 */
#ifndef DAEMON_INGEST_H
#define DAEMON_INGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"
#include "store/batch.h"

struct ev_loop;
struct ingest;

enum { INGEST_BYTES = 4 << 20, INGEST_RETRY_S = 5 };

/* Told after each commit, and when ingest gets stuck or comes free. */
struct ingest_watcher {
	struct list link;
	void (*committed)(uint64_t durable, void *arg);	/* may be NULL */
	void (*stuck)(bool is_stuck, const struct err *why, void *arg);
	void *arg;
};

struct ingest *ingest_new(struct ev_loop *loop, struct store *store);
void ingest_free(struct ingest *g);	/* does not commit; NULL is fine */

void ingest_watch(struct ingest *g, struct ingest_watcher *w);
void ingest_unwatch(struct ingest_watcher *w);

/* For gaps.h: call ingest_touch() after queueing into it. */
struct batch *ingest_batch(struct ingest *g);
struct store *ingest_store(struct ingest *g);

uint64_t ingest_add(struct ingest *g, const struct record *r);
void ingest_touch(struct ingest *g);

/* Commits what is queued now. 0, or -1 and stuck. */
int ingest_flush(struct ingest *g, struct err *err);

bool ingest_is_stuck(const struct ingest *g);
const struct err *ingest_why(const struct ingest *g);	/* while stuck */
/* A moment the archive can do nothing about any more (damaged): the service
 * must end. NULL while all is well. */
const struct err *ingest_broken(const struct ingest *g);

#endif
