/*
 * queue - what gaps.c needs of a batch beyond batch.h. Only for store/.
 */
#ifndef STORE_QUEUE_H
#define STORE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/batch.h"
#include "store/inside.h"

typedef int (*queue_apply)(struct put *p, const void *arg, struct err *err);

/* Queues an operation; `arg` must live in queue_arena(). It may be applied
 * more than once: whatever a failed commit did is rolled back. */
void queue_add(struct batch *b, queue_apply apply, const void *arg);
struct arena *queue_arena(struct batch *b);

/* A number for a new session, and whether commits keep it alive. */
uint64_t queue_session(struct batch *b);
void queue_session_is_open(struct batch *b, uint64_t id, bool is_open);

#endif
