#include "store/batch.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "store/copy.h"
#include "store/db.h"
#include "store/put.h"
#include "store/queue.h"

/* What waits, in order: a record, or an operation of gaps.c. */
struct item {
	struct item *next;
	const struct record *record;
	const char *poison;	/* why it cannot be taken as what it says */
	bool is_dropped;	/* nor at all */
	queue_apply apply;
	const void *arg;
};

/* A session that we opened; commits that bring something keep it alive. */
struct session {
	uint64_t id;
	bool is_touched;
};

struct batch {
	struct db *db;
	struct put *put;
	struct arena *arena;	/* of everything that is queued */
	struct item *first, **end;
	size_t count;		/* items */
	size_t waiting;		/* items, and tickets without one */
	uint64_t last;		/* ticket */
	uint64_t next_session;
	struct session *sessions;	/* open ones, by id */
	size_t session_count, session_room;
	char *dropped;		/* what could not be kept at all, and why */
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
	free(b->sessions);
	free(b->dropped);
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

/* Where a session stands among the open ones, or would. */
static size_t
place_of(const struct batch *b, uint64_t id)
{
	size_t first = 0, past = b->session_count;

	while (first < past) {
		size_t mid = first + (past - first) / 2;

		if (b->sessions[mid].id < id)
			first = mid + 1;
		else
			past = mid;
	}
	return first;
}

static bool
is_open(const struct batch *b, uint64_t id, size_t at)
{
	return at < b->session_count && b->sessions[at].id == id;
}

static void
touch(struct batch *b, uint64_t id)
{
	size_t at = place_of(b, id);

	if (is_open(b, id, at))
		b->sessions[at].is_touched = true;
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
	size_t i;

	for (i = 0; i < b->session_count; i++)
		b->sessions[i].is_touched = false;
}

void
queue_session_is_open(struct batch *b, uint64_t id, bool open)
{
	size_t at = place_of(b, id);
	struct session *s;

	if (is_open(b, id, at) == open)
		return;
	if (open && b->session_count == b->session_room) {
		b->session_room = b->session_room > 0 ? b->session_room * 2
						      : 16;
		b->sessions = mem_resize(b->sessions, b->session_room,
		    sizeof *b->sessions);
	}
	s = &b->sessions[at];
	if (!open) {
		b->session_count--;
		memmove(s, s + 1, (b->session_count - at) * sizeof *s);
		return;
	}
	memmove(s + 1, s, (b->session_count - at) * sizeof *s);
	b->session_count++;
	*s = (struct session){ .id = id };
}

static int
keep_alive(struct batch *b, int64_t now_us, struct err *err)
{
	size_t i;

	for (i = 0; i < b->session_count; i++) {
		struct db_stmt *st;

		if (!b->sessions[i].is_touched)
			continue;
		st = db_stmt(b->db, "UPDATE session "
		    "SET alive = max(alive, ?2) "
		    "WHERE id = ?1 AND closed IS NULL", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, put_stream(b->put, b->sessions[i].id));
		db_int(st, 2, now_us);
		if (db_do(st, err) != 0)
			return -1;
	}
	return 0;
}

static int
write_item(struct batch *b, const struct item *i, struct err *err)
{
	if (i->is_dropped)
		return 0;
	if (i->record == NULL)
		return i->apply(b->put, i->arg, err);
	if (i->poison != NULL)
		return put_apart(b->put, i->record, i->poison, err);
	return put_record(b->put, i->record, err);
}

/* The first `most` items. *at is the one that could not be taken, NULL if
 * none of them can be blamed. */
static int
write_some(struct batch *b, size_t most, int64_t now_us, struct item **at,
    struct err *err)
{
	struct item *i;

	*at = NULL;
	if (put_begin(b->put, err) != 0)
		return -1;
	for (i = b->first; i != NULL && most > 0; i = i->next, most--) {
		if (write_item(b, i, err) != 0) {
			*at = i;
			return -1;
		}
	}
	if (keep_alive(b, now_us, err) != 0)
		return -1;
	return put_end(b->put, now_us, err);
}

/* Does all of the first `most` and takes it back; 1 if they cannot be taken
 * for a reason of their own. */
static int
try_some(struct batch *b, size_t most, int64_t now_us, struct err *err)
{
	struct item *at;
	int result;

	err_clear(err);
	if (db_run(b->db, "BEGIN IMMEDIATE", err) != 0)
		return -1;
	result = write_some(b, most, now_us, &at, err);
	db_rollback(b->db);
	put_forget(b->put);
	return result == 0 ? 0 : err->code == ERR_INPUT ? 1 : -1;
}

/* What a record brings is finished with the commit (texts, sums), and may
 * fail only then: the shortest beginning of the queue that fails ends with
 * the one to blame, if that has not been set aside already: nothing is
 * dropped on suspicion. *err says why. */
static int
find_culprit(struct batch *b, int64_t now_us, struct item **at,
    struct err *err)
{
	size_t good = 0, bad = b->count;
	const struct err whole = *err;
	int got = try_some(b, good, now_us, err);

	while (got == 0 && bad - good > 1) {
		size_t mid = good + (bad - good) / 2;

		if ((got = try_some(b, mid, now_us, err)) > 0) {
			bad = mid;
			got = 0;
		} else {
			good = mid;
		}
	}
	if (got == 0 && (got = try_some(b, bad, now_us, err)) > 0) {
		for (*at = b->first; --bad > 0; )
			*at = (*at)->next;
		return (*at)->record != NULL && (*at)->poison == NULL ? 0 : -1;
	}
	if (got >= 0)		/* nobody is to blame */
		*err = whole;
	return -1;
}

/* One that cannot be taken must not stop the others, now or ever: a record
 * is kept apart, and what cannot even be that is dropped and told. */
static void
set_aside(struct batch *b, struct item *i, const char *why)
{
	if (i->record != NULL && i->poison == NULL) {
		i->poison = arena_str(b->arena, why);
		return;
	}
	i->is_dropped = true;
	free(b->dropped);
	b->dropped = mem_str(why);
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
		if (write_some(b, b->count, now_us, &at, err) == 0 &&
		    db_run(b->db, "COMMIT", err) == 0)
			break;
		/* The queue is kept: nothing is lost. */
		db_rollback(b->db);
		put_forget(b->put);
		if (err->code != ERR_INPUT || (at == NULL &&
		    find_culprit(b, now_us, &at, err) != 0))
			return -1;
		set_aside(b, at, err->text);
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

bool
batch_dropped(struct batch *b, char *why, size_t size)
{
	if (b->dropped == NULL)
		return false;
	snprintf(why, size, "%s", b->dropped);
	free(b->dropped);
	b->dropped = NULL;
	return true;
}
