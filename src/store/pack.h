/*
 * pack - stanzas made small: zstd with a dictionary that is made once from
 * the archive's own first stanzas (a third of what zstd makes of them
 * without, and faster). Only for store/.
 *
 * The dictionary is a row of `dict` and never dropped: what was packed with
 * it needs it.
 */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/db.h"

enum {
	PACK_PLAIN = -1,	/* as it is: packing made it no smaller */
	PACK_NONE = 0,		/* zstd without a dictionary */
	PACK_TRAIN = 3000,	/* stanzas that a dictionary is made from */
	PACK_DICT = 65536,	/* bytes of a dictionary, at most */
};

struct pack;

struct pack *pack_new(struct db *db);
void pack_free(struct pack *p);	/* NULL is fine */

/* Within a writing transaction: takes up the newest dictionary, and makes
 * the first one if there are enough stanzas. */
int pack_begin(struct pack *p, struct err *err);
/* What is known of the archive may be out of date: somebody else wrote, or
 * a transaction was rolled back. */
void pack_forget(struct pack *p);

/* *data is the pack's own (or raw itself) until the next call. */
void pack_put(struct pack *p, const char *raw, size_t len, int *dict,
    const void **data, size_t *data_len);

/* Appends the stanza to out. ERR_ARCHIVE if it is damaged. */
int pack_get(struct pack *p, int dict, const void *data, size_t len,
    struct buf *out, struct err *err);

#endif
