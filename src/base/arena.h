/*
 * arena - many small allocations that die together.
 *
 * One per stanza: the tree, the record and everything read from them live
 * in it, and arena_reset() drops all at once, keeping one block for the next
 * stanza. Memory is zeroed by none of these but arena_alloc(). Never fails.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);	/* NULL is fine */
void arena_reset(struct arena *a);

void *arena_alloc(struct arena *a, size_t len);		/* zeroed, aligned */
void *arena_array(struct arena *a, size_t count, size_t size);
char *arena_str(struct arena *a, const char *s);	/* NULL gives NULL */
char *arena_strn(struct arena *a, const char *s, size_t len);
void *arena_copy(struct arena *a, const void *p, size_t len);
char *arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

#endif
