/*
 * memo - a bounded table from strings or numbers to what is known of them.
 * Only for store/. When it is full it forgets everything: it only saves
 * look-ups.
 */
#ifndef STORE_MEMO_H
#define STORE_MEMO_H

#include <stddef.h>
#include <stdint.h>

struct memo;

/* `most` entries of `size` bytes each. */
struct memo *memo_new(size_t most, size_t size);
void memo_free(struct memo *m);	/* NULL is fine */
void memo_forget(struct memo *m);

/* The entry of a key, or NULL. Valid until the next memo_put(). */
void *memo_get(const struct memo *m, const void *key, size_t len);
/* A zeroed entry for a key that is not there. */
void *memo_put(struct memo *m, const void *key, size_t len);

#endif
