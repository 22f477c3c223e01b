/*
 * refs - what messages do to others, linked to what they refer to, even if
 * that arrives later. Only for store/.
 *
 * A target is looked for by its id, newest day first, within a budget per
 * commit; what the budget does not reach is looked for by the next commits.
 * What is nowhere waits in `pending` for its target.
 *
 * ref.target is always a first version: where the id is that of a valid
 * correction, it is what that corrects.
 */
#ifndef STORE_REFS_H
#define STORE_REFS_H

#include <stdint.h>

#include "base/err.h"
#include "store/inside.h"

enum { REFS_BUDGET = 20000 };	/* look-ups for old targets per commit */

int refs_begin(struct put *p, struct err *err);

/* The references of a new message. */
int refs_put(struct put *p, const struct incoming *in, int64_t message,
    struct err *err);

/* A message is itself a tombstone, or became one. */
int refs_tombstone(struct put *p, const struct record *r, int64_t message,
    struct err *err);

/* Those who waited for one of this copy's ids. */
int refs_arrived(struct put *p, const struct incoming *in, int64_t message,
    struct err *err);

/* Spends what is left of the budget on those not looked for to the end. */
int refs_end(struct put *p, struct err *err);

#endif
