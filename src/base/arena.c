#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/*
 * A small first block comes with the arena itself: a session keeps half a
 * dozen arenas with a few hundred bytes in each, for months. The second one
 * holds the usual stanza (most have 2 KB with their tree).
 */
enum { FIRST_LEN = 512, BLOCK_LEN = 4096 };

struct block {
	struct block *next;
	size_t len, used;
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *head;	/* the block that is being filled */
	size_t used;
	alignas(struct block) char first[sizeof (struct block) + FIRST_LEN];
};

static struct block *
first_block(struct arena *a)
{
	return (struct block *)(void *)a->first;
}

static struct block *
block_new(size_t len, struct block *next)
{
	struct block *b;

	if (len > SIZE_MAX - sizeof *b)
		abort();
	b = malloc(sizeof *b + len);
	if (b == NULL)
		abort();
	b->next = next;
	b->len = len;
	b->used = 0;
	return b;
}

/* Unzeroed room, aligned to `align`. */
static void *
take(struct arena *a, size_t len, size_t align)
{
	struct block *b = a->head;
	size_t at = (b->used + align - 1) & ~(align - 1);

	if (at > b->len || len > b->len - at) {
		size_t want = b->len < BLOCK_LEN ? BLOCK_LEN
		    : b->len < (1u << 20) ? b->len * 2 : b->len;

		a->head = b = block_new(len > want ? len : want, b);
		at = 0;
	}
	b->used = at + len;
	a->used += len;
	return b->data + at;
}

struct arena *
arena_new(void)
{
	struct arena *a = malloc(sizeof *a);

	if (a == NULL)
		abort();
	a->head = first_block(a);
	a->head->next = NULL;
	a->head->len = FIRST_LEN;
	a->head->used = 0;
	a->used = 0;
	return a;
}

void
arena_free(struct arena *a)
{
	struct block *b, *next;

	if (a == NULL)
		return;
	for (b = a->head; b != first_block(a); b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *b, *next;

	for (b = a->head; b != first_block(a); b = next) {
		next = b->next;
		free(b);
	}
	b->used = 0;
	a->head = b;
	a->used = 0;
}

void *
arena_alloc(struct arena *a, size_t len)
{
	void *p = take(a, len, alignof(max_align_t));

	memset(p, 0, len);
	return p;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		abort();
	return arena_alloc(a, count * size);
}

char *
arena_str(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_strn(a, s, strlen(s));
}

char *
arena_strn(struct arena *a, const char *s, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		abort();
	copy = take(a, len + 1, 1);
	if (len > 0)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

void *
arena_copy(struct arena *a, const void *p, size_t len)
{
	void *copy = take(a, len, alignof(max_align_t));

	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	char *s;
	int len;
	va_list ap;

	va_start(ap, format);
	len = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	assert(len >= 0);
	s = take(a, (size_t)len + 1, 1);
	va_start(ap, format);
	vsnprintf(s, (size_t)len + 1, format, ap);
	va_end(ap);
	return s;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
