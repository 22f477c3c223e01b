#include "store/batch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "store/copy.h"
#include "store/db.h"
#include "store/memo.h"
#include "store/put.h"
#include "store/queue.h"

/* What waits, in order: a record, or an operation of gaps.c. */
struct item {
	struct item *next;
	const struct record *record;
	const char *poison;	/* why it cannot be taken as what it says */
	queue_apply apply;
	const void *arg;
};

/* A session that we opened; commits that bring something keep it alive. */
struct session {
	uint64_t id;
	bool is_touched;
};

enum { SESSIONS = 4096 };

struct batch {
	struct db *db;
	struct put *put;
	struct arena *arena;	/* of everything that is queued */
	struct item *first, **end;
	size_t count;		/* items */
	size_t waiting;		/* items, and tickets without one */
	uint64_t last;		/* ticket */
	uint64_t next_session;
	struct memo *sessions;	/* id to struct session * */
	struct session **touched;
	size_t touched_count, touched_room;
	struct batch_counts *counts, *taken;
	size_t count_count, taken_count;
};

struct batch *
batch_new(struct store *store)
{
	struct batch *b = mem_alloc(sizeof *b);

	b->db = store_db(store);
	b->put = put_new(b->db);
	b->arena = arena_new();
	b->end = &b->first;
	b->sessions = memo_new(SESSIONS, sizeof (struct session));
	return b;
}

static void
free_counts(struct batch_counts *c, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		free((char *)(uintptr_t)c[i].account);
	free(c);
}

void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	put_free(b->put);
	arena_free(b->arena);
	memo_free(b->sessions);
	free(b->touched);
	free_counts(b->counts, b->count_count);
	free_counts(b->taken, b->taken_count);
	free(b);
}

static struct item *
add_item(struct batch *b)
{
	struct item *i = arena_alloc(b->arena, sizeof *i);

	*b->end = i;
	b->end = &i->next;
	b->count++;
	return i;
}

static void
touch(struct batch *b, uint64_t id)
{
	struct session *s = memo_get(b->sessions, &id, sizeof id);

	if (s == NULL || s->is_touched)
		return;
	if (b->touched_count == b->touched_room) {
		b->touched_room = b->touched_room > 0 ? b->touched_room * 2
						      : 16;
		b->touched = mem_resize(b->touched, b->touched_room,
		    sizeof (struct session *));
	}
	s->is_touched = true;
	b->touched[b->touched_count++] = s;
}

uint64_t
batch_add(struct batch *b, const struct record *r)
{
	if (r != NULL) {
		add_item(b)->record = copy_record(b->arena, r);
		if (r->stream != 0)
			touch(b, r->stream);
	}
	b->waiting++;
	return ++b->last;
}

void
queue_add(struct batch *b, queue_apply apply, const void *arg)
{
	struct item *i = add_item(b);

	i->apply = apply;
	i->arg = arg;
	b->waiting++;
}

struct arena *
queue_arena(struct batch *b)
{
	return b->arena;
}

uint64_t
queue_session(struct batch *b)
{
	int64_t next;

	/* Should this fail or be outrun, the row gets another number when it
	 * is written (put_stream_is). */
	if (b->next_session == 0) {
		if (db_number(b->db, "SELECT max(id) + 1 FROM session", 1,
		    &next, NULL) != 0)
			next = 1;
		b->next_session = (uint64_t)next;
	}
	return b->next_session++;
}

static void
forget_touched(struct batch *b)
{
	while (b->touched_count > 0)
		b->touched[--b->touched_count]->is_touched = false;
}

void
queue_session_is_open(struct batch *b, uint64_t id, bool is_open)
{
	struct session *s = memo_get(b->sessions, &id, sizeof id);

	if (!is_open) {
		if (s != NULL)
			s->id = 0;
		return;
	}
	if (s == NULL) {
		forget_touched(b);	/* the table may forget all */
		s = memo_put(b->sessions, &id, sizeof id);
	}
	s->id = id;
}

static int
keep_alive(struct batch *b, int64_t now_us, struct err *err)
{
	size_t i;

	for (i = 0; i < b->touched_count; i++) {
		struct db_stmt *st = db_stmt(b->db, "UPDATE session "
		    "SET alive = max(alive, ?2) "
		    "WHERE id = ?1 AND closed IS NULL", err);

		if (st == NULL)
			return -1;
		if (b->touched[i]->id == 0)
			continue;
		db_int(st, 1, put_stream(b->put, b->touched[i]->id));
		db_int(st, 2, now_us);
		if (db_do(st, err) != 0)
			return -1;
	}
	return 0;
}

/* *at is the record that could not be taken, NULL if it was not a record's
 * fault. */
static int
write_all(struct batch *b, int64_t now_us, struct item **at, struct err *err)
{
	struct item *i;
	int result;

	*at = NULL;
	if (put_begin(b->put, err) != 0)
		return -1;
	for (i = b->first; i != NULL; i = i->next) {
		if (i->record == NULL)
			result = i->apply(b->put, i->arg, err);
		else if (i->poison != NULL)
			result = put_apart(b->put, i->record, i->poison, err);
		else
			result = put_record(b->put, i->record, err);
		if (result != 0) {
			*at = i->record != NULL && i->poison == NULL ? i : NULL;
			return -1;
		}
	}
	if (keep_alive(b, now_us, err) != 0)
		return -1;
	return put_end(b->put, now_us, err);
}

static void
add_counts(struct batch *b)
{
	const struct batch_counts *new;
	size_t count, i, j;

	new = put_counts(b->put, &count);
	for (i = 0; i < count; i++) {
		for (j = 0; j < b->count_count; j++)
			if (strcmp(b->counts[j].account, new[i].account) == 0)
				break;
		if (j == b->count_count) {
			b->counts = mem_resize(b->counts, j + 1,
			    sizeof *b->counts);
			b->counts[j] = (struct batch_counts){
				.account = mem_str(new[i].account)
			};
			b->count_count++;
		}
		b->counts[j].messages += new[i].messages;
		b->counts[j].copies += new[i].copies;
		b->counts[j].presences += new[i].presences;
		b->counts[j].forged += new[i].forged;
	}
}

int
batch_commit(struct batch *b, int64_t now_us, uint64_t *durable,
    struct err *err)
{
	struct err own = { 0 };
	struct item *at;

	if (err == NULL)	/* its code decides below */
		err = &own;
	while (b->count > 0) {
		at = NULL;
		if (db_run(b->db, "BEGIN IMMEDIATE", err) != 0)
			return -1;
		if (write_all(b, now_us, &at, err) == 0 &&
		    db_run(b->db, "COMMIT", err) == 0)
			break;
		/* The queue is kept: nothing is lost. */
		db_rollback(b->db);
		put_forget(b->put);
		if (at == NULL || err->code != ERR_INPUT)
			return -1;
		/* A record that cannot be taken must not stop the others, now
		 * or ever: it is kept apart, and all is done again. */
		at->poison = arena_str(b->arena, err->text);
		err_clear(err);
	}
	if (b->count > 0) {
		add_counts(b);
		forget_touched(b);
		arena_reset(b->arena);
		b->first = NULL;
		b->end = &b->first;
		b->count = 0;
	}
	b->waiting = 0;
	*durable = b->last;
	return 0;
}

size_t
batch_count(const struct batch *b)
{
	return b->waiting;
}

size_t
batch_bytes(const struct batch *b)
{
	return arena_used(b->arena);
}

size_t
batch_counts(struct batch *b, const struct batch_counts **counts)
{
	free_counts(b->taken, b->taken_count);
	b->taken = b->counts;
	b->taken_count = b->count_count;
	b->counts = NULL;
	b->count_count = 0;
	*counts = b->taken;
	return b->taken_count;
}
