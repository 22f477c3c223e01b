#include "store/memo.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"

struct slot {
	uint32_t hash;
	uint32_t len;
	void *key;		/* NULL: free */
	void *value;
};

struct memo {
	struct arena *arena;
	struct slot *slots;
	size_t mask, count, most, size;
};

struct memo *
memo_new(size_t most, size_t size)
{
	struct memo *m = mem_alloc(sizeof *m);
	size_t room = 16;

	while (room < most * 2)
		room *= 2;
	m->arena = arena_new();
	m->slots = mem_array(room, sizeof *m->slots);
	m->mask = room - 1;
	m->most = most;
	m->size = size;
	return m;
}

void
memo_free(struct memo *m)
{
	if (m == NULL)
		return;
	arena_free(m->arena);
	free(m->slots);
	free(m);
}

void
memo_forget(struct memo *m)
{
	if (m->count == 0)
		return;
	memset(m->slots, 0, (m->mask + 1) * sizeof *m->slots);
	arena_reset(m->arena);
	m->count = 0;
}

/* FNV-1a. Strangers choose the keys, but the table is small and bounded: the
 * worst they get is a scan of it. */
static uint32_t
hash_of(const void *key, size_t len)
{
	const unsigned char *p = key;
	uint32_t h = 2166136261u;

	while (len-- > 0)
		h = (h ^ *p++) * 16777619u;
	return h ^ h >> 15;
}

static struct slot *
find(const struct memo *m, const void *key, size_t len, uint32_t hash)
{
	size_t i = hash & m->mask;
	struct slot *s;

	for (;; i = (i + 1) & m->mask) {
		s = &m->slots[i];
		if (s->key == NULL || (s->hash == hash && s->len == len &&
		    memcmp(s->key, key, len) == 0))
			return s;
	}
}

void *
memo_get(const struct memo *m, const void *key, size_t len)
{
	struct slot *s = find(m, key, len, hash_of(key, len));

	return s->key != NULL ? s->value : NULL;
}

void *
memo_put(struct memo *m, const void *key, size_t len)
{
	uint32_t hash = hash_of(key, len);
	struct slot *s;

	if (m->count >= m->most)
		memo_forget(m);
	s = find(m, key, len, hash);
	s->hash = hash;
	s->len = (uint32_t)len;
	s->key = arena_strn(m->arena, key, len);
	s->value = arena_alloc(m->arena, m->size);
	m->count++;
	return s->value;
}
