/* Cursors over messages: ids as a query gives them, each message once. */
#include "store/read.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/unicode.h"
#include "store/db.h"
#include "store/pack.h"
#include "store/read_entry.h"
#include "store/uuid.h"

/*
 * A hit that is a correction stands for its first version, which has its own
 * place in the order. Newest first that place is still to come: it waits in
 * a heap until the scan has passed it. Oldest first it lies behind, so those
 * places are gathered before the scan. Either way the heap's top is the next
 * one in order, and a message is given once.
 */
struct read_cursor {
	struct store *store;
	struct db *db;
	struct db_stmt *st;
	struct arena *bound;	/* texts that the statement still needs */
	struct pack *pack;	/* NULL until a stanza is wanted */
	bool is_ascending, is_forged;
	bool is_first;		/* nothing collapses */

	int64_t *heap;
	size_t heap_count, heap_room;
	int64_t scanned;	/* the scan's next hit */
	bool has_scanned, is_done;
	int64_t given;		/* the last one that was given */
	bool has_given;
};

/* fold(text): what queries compare with; the index folds for itself. */
static void
sql_fold(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *s = (const char *)sqlite3_value_text(values[0]);
	struct buf out = { 0 };

	if (s == NULL) {
		sqlite3_result_null(context);
		return;
	}
	unicode_fold(&out, s, (size_t)sqlite3_value_bytes(values[0]));
	sqlite3_result_text(context, out.data ? out.data : "", (int)out.len,
	    SQLITE_TRANSIENT);
	buf_clear(&out);
}

/* uuid(text): its 16 bytes, as ids are kept; NULL for what is none. Whoever
 * searches may write capitals: such an id itself is kept as a text. */
static void
sql_uuid(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *s = (const char *)sqlite3_value_text(values[0]);
	char lower[UUID_TEXT];
	unsigned char out[16];
	size_t i;

	sqlite3_result_null(context);
	if (s == NULL || strlen(s) != sizeof lower - 1)
		return;
	for (i = 0; i < sizeof lower; i++)
		lower[i] = s[i] >= 'A' && s[i] <= 'F'
		    ? (char)(s[i] - 'A' + 'a') : s[i];
	if (uuid_pack(lower, out))
		sqlite3_result_blob(context, out, sizeof out,
		    SQLITE_TRANSIENT);
}

/* Few queries need them, and defining one again would make all kept
 * statements be prepared again. */
static int
define(struct db *db, const char *sql, struct err *err)
{
	static const struct {
		const char *call, *name, *probe;
		void (*function)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = {
		{ "fold(", "fold", "SELECT fold('')", sql_fold },
		{ "uuid(", "uuid", "SELECT uuid('')", sql_uuid },
	};
	sqlite3_stmt *st;
	size_t i;
	int result;

	for (i = 0; i < COUNT(functions); i++) {
		if (strstr(sql, functions[i].call) == NULL)
			continue;
		result = sqlite3_prepare_v2(db_handle(db), functions[i].probe,
		    -1, &st, NULL);
		(void)sqlite3_finalize(st);
		if (result != SQLITE_OK && sqlite3_create_function(
		    db_handle(db), functions[i].name, 1, SQLITE_UTF8 |
		    SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
		    functions[i].function, NULL, NULL) != SQLITE_OK)
			return db_failed(db, err);
	}
	return 0;
}

/* Bound texts are borrowed by the statement: those of one that outlives its
 * caller's are copied into `bound`. */
static struct db_stmt *
prepare(struct db *db, const char *sql, const struct read_select *select,
    struct arena *bound, struct err *err)
{
	struct db_stmt *st;
	size_t i;

	if (define(db, sql, err) != 0 ||
	    (st = db_prepare(db, sql, err)) == NULL)
		return NULL;
	for (i = 0; i < select->bind_count; i++) {
		const struct read_bind *b = &select->binds[i];

		if (b->is_text)
			db_text(st, (int)i + 1, bound != NULL
			    ? arena_str(bound, b->text) : b->text);
		else
			db_int(st, (int)i + 1, b->number);
	}
	return st;
}

static bool
is_before(const struct read_cursor *c, int64_t a, int64_t b)
{
	return c->is_ascending ? a < b : a > b;
}

static void
swap(int64_t *a, int64_t *b)
{
	int64_t t = *a;

	*a = *b;
	*b = t;
}

static void
heap_push(struct read_cursor *c, int64_t id)
{
	size_t i = c->heap_count++;

	if (i == c->heap_room) {
		c->heap_room = i ? 2 * i : 16;
		c->heap = mem_resize(c->heap, c->heap_room, sizeof *c->heap);
	}
	c->heap[i] = id;
	for (; i > 0 && is_before(c, c->heap[i], c->heap[(i - 1) / 2]);
	    i = (i - 1) / 2)
		swap(&c->heap[i], &c->heap[(i - 1) / 2]);
}

static void
heap_pop(struct read_cursor *c)
{
	size_t i = 0, best, k;

	c->heap[0] = c->heap[--c->heap_count];
	for (;; i = best) {
		best = i;
		for (k = 2 * i + 1; k <= 2 * i + 2 && k < c->heap_count; k++)
			if (is_before(c, c->heap[k], c->heap[best]))
				best = k;
		if (best == i)
			return;
		swap(&c->heap[i], &c->heap[best]);
	}
}

/* Oldest first: where corrections among the hits belong. */
static int
gather(struct read_cursor *c, const struct read_select *select,
    struct err *err)
{
	char *sql = mem_printf("SELECT m.root FROM (%s) AS q "
	    "CROSS JOIN message m ON m.id = q.id WHERE m.root IS NOT NULL",
	    select->sql);
	struct db_stmt *st = prepare(c->db, sql, select, NULL, err);
	int got = -1;

	free(sql);
	if (st != NULL)
		while ((got = db_step(st, err)) > 0)
			heap_push(c, db_get_int(st, 0));
	db_free(st);
	return got;
}

struct read_cursor *
read_messages(struct store *s, const struct read_select *select,
    struct err *err)
{
	struct read_cursor *c = mem_alloc(sizeof *c);

	c->store = s;
	c->db = store_db(s);
	c->is_ascending = select->is_ascending;
	c->is_forged = select->is_forged;
	c->is_first = select->is_each || select->is_forged || select->is_first;
	c->bound = arena_new();
	c->st = prepare(c->db, select->sql, select, c->bound, err);
	if (c->st == NULL || (c->is_ascending && !c->is_first &&
	    gather(c, select, err) != 0)) {
		read_cursor_free(c);
		return NULL;
	}
	return c;
}

void
read_cursor_free(struct read_cursor *c)
{
	if (c == NULL)
		return;
	db_free(c->st);
	arena_free(c->bound);
	pack_free(c->pack);
	free(c->heap);
	free(c);
}

/* What a hit is. */
static int
look_at(struct read_cursor *c, int64_t id, int64_t *root, bool *is_shown,
    struct err *err)
{
	struct db_stmt *st;
	int got;

	*root = 0;
	*is_shown = false;
	st = db_stmt(c->db, "SELECT root, flags FROM message WHERE id = ?1",
	    err);
	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	got = db_step(st, err);
	if (got > 0) {
		*root = db_get_int(st, 0);
		*is_shown = (db_get_int(st, 1) & READ_SHOWN) != 0;
	}
	db_reset(st);
	return got < 0 ? -1 : 0;
}

/* The next hit that is shown by itself; corrections go into the heap. */
static int
scan(struct read_cursor *c, struct err *err)
{
	int64_t id, root;
	bool is_shown;
	int got;

	while ((got = db_step(c->st, err)) > 0) {
		id = db_get_int(c->st, 0);
		if (!c->is_first) {
			if (look_at(c, id, &root, &is_shown, err) != 0)
				return -1;
			if (root != 0 && !c->is_ascending)
				heap_push(c, root);
			if (root != 0 || !is_shown)
				continue;
		}
		c->scanned = id;
		c->has_scanned = true;
		return 0;
	}
	c->is_done = true;
	return got;
}

/* 1: *id is the next message; 0: no more. */
static int
advance(struct read_cursor *c, int64_t *id, struct err *err)
{
	int64_t root;
	bool is_shown;

	for (;;) {
		if (!c->has_scanned && !c->is_done && scan(c, err) != 0)
			return -1;
		if (c->heap_count > 0 && (!c->has_scanned ||
		    !is_before(c, c->scanned, c->heap[0]))) {
			*id = c->heap[0];
			heap_pop(c);
			if ((c->has_given && *id == c->given) ||
			    (c->has_scanned && *id == c->scanned))
				continue;
			if (look_at(c, *id, &root, &is_shown, err) != 0)
				return -1;
			if (!is_shown)
				continue;
		} else if (c->has_scanned) {
			*id = c->scanned;
			c->has_scanned = false;
		} else {
			return 0;
		}
		c->given = *id;
		c->has_given = true;
		return 1;
	}
}

static int
fill(struct db *db, struct pack *pack, struct arena *a, int64_t id,
    const struct read_want *want, struct entry_message *out,
    struct err *err)
{
	int64_t flags;

	if (read_entry(db, a, id, want, pack, out, &flags, err) != 0)
		return -1;
	return read_effects(db, a, flags, out, err);
}

int
read_next(struct read_cursor *c, struct arena *a,
    const struct read_want *want, struct entry_message *out, struct err *err)
{
	int64_t id;
	int got = advance(c, &id, err);

	if (got <= 0)
		return got;
	if (want->raw && c->pack == NULL)
		c->pack = pack_new(c->db);
	if (c->is_forged)
		got = read_forged(c->db, a, id, want, out, err);
	else
		got = fill(c->db, c->pack, a, id, want, out, err);
	return got == 0 ? 1 : -1;
}

/* Without anything to collapse SQLite counts alone. */
static int
count_rows(struct db *db, const struct read_select *select, int64_t *count,
    struct err *err)
{
	char *sql = mem_printf("SELECT count(*) FROM (%s)", select->sql);
	struct db_stmt *st = prepare(db, sql, select, NULL, err);
	int got = -1;

	free(sql);
	if (st != NULL && (got = db_step(st, err)) > 0)
		*count = db_get_int(st, 0);
	db_free(st);
	return got < 0 ? -1 : 0;
}

int
read_count(struct store *s, const struct read_select *select,
    int64_t *count, struct err *err)
{
	struct read_cursor *c;
	int64_t id;
	int got;

	*count = 0;
	if (select->is_each || select->is_forged || select->is_first)
		return count_rows(store_db(s), select, count, err);
	c = read_messages(s, select, err);
	if (c == NULL)
		return -1;
	while ((got = advance(c, &id, err)) > 0)
		(*count)++;
	read_cursor_free(c);
	return got;
}

int
read_message(struct store *s, struct arena *a, int64_t id,
    const struct read_want *want, struct entry_message *out, struct err *err)
{
	struct db *db = store_db(s);
	struct pack *pack = want->raw ? pack_new(db) : NULL;
	struct err why = { 0 };
	int result;

	result = fill(db, pack, a, id, want, out, &why);
	if (result != 0 && why.code == ERR_ABSENT &&
	    read_forged(db, a, id, want, out, NULL) == 0)
		result = 0;
	else if (result != 0 && err != NULL)
		*err = why;
	pack_free(pack);
	return result;
}
