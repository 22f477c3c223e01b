#include "store/db.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/fts.h"

struct db_stmt {
	struct db *db;
	sqlite3_stmt *st;
	const char *sql;
};

enum { SLOTS = 512 };		/* of kept statements; far more than we have */

struct db {
	sqlite3 *handle;
	char *name;
	enum db_mode mode;
	bool is_stuck;		/* the last failure: no file to work with */
	struct db_stmt *slots[SLOTS];
};

/* What SQLite's codes mean to whoever asked. */
static const struct meaning {
	int result;
	enum err_code code;
	const char *text;
} meanings[] = {
	{ SQLITE_FULL, ERR_FULL, "no space left to write" },
	{ SQLITE_IOERR, ERR_FULL, "input/output error" },
	{ SQLITE_READONLY, ERR_FULL, "cannot be written" },
	{ SQLITE_CANTOPEN, ERR_FULL, "cannot be opened" },
	{ SQLITE_PERM, ERR_FULL, "not permitted" },
	{ SQLITE_BUSY, ERR_BUSY, "another process is writing to it" },
	{ SQLITE_LOCKED, ERR_BUSY, "it is locked" },
	{ SQLITE_PROTOCOL, ERR_BUSY, "another process is writing to it" },
	{ SQLITE_CORRUPT, ERR_ARCHIVE, "the archive is damaged" },
	{ SQLITE_NOTADB, ERR_ARCHIVE, "not a Backscroll archive" },
	{ SQLITE_TOOBIG, ERR_INPUT, "too big" },
	{ SQLITE_CONSTRAINT, ERR_INPUT, "refused by the archive" },
	{ SQLITE_MISMATCH, ERR_INPUT, "of a wrong type" },
};

int
db_failed(struct db *db, struct err *err)
{
	int result = sqlite3_errcode(db->handle) & 0xff;
	const char *why = sqlite3_errmsg(db->handle);
	int sys = sqlite3_system_errno(db->handle);
	enum err_code code;
	size_t i;

	if (result == SQLITE_NOMEM)
		abort();
	db->is_stuck = result == SQLITE_CANTOPEN || result == SQLITE_READONLY;
	for (i = 0; i < COUNT(meanings); i++) {
		if (meanings[i].result != result)
			continue;
		code = meanings[i].code;
		if (code == ERR_FULL && db->mode != DB_WRITE)
			code = ERR_SYSTEM;
		if ((result == SQLITE_IOERR || result == SQLITE_CANTOPEN) &&
		    sys != 0)
			why = strerror(sys);
		err_set(err, code, "%s: %s (%s)", db->name, meanings[i].text,
		    why);
		if (err != NULL)
			err->sys_errno = sys;
		return -1;
	}
	return err_set(err, ERR_SYSTEM, "%s: %s", db->name, why);
}

bool
db_is_stuck(const struct db *db)
{
	return db->is_stuck;
}

int
db_run(struct db *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_failed(db, err);
	return 0;
}

void
db_rollback(struct db *db)
{
	if (!sqlite3_get_autocommit(db->handle))
		(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool
db_is_writing(const struct db *db)
{
	return !sqlite3_get_autocommit(db->handle);
}

/* Memory accounting takes a mutex for each allocation; nothing reads it. */
static void
configure(void)
{
	static bool is_done;

	if (!is_done)
		(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	is_done = true;
}

/* The writer's settings. A commit is durable (FULL); checkpoints come seldom
 * and are long; a page that was freed is not wiped (Debian's default is). */
static const char write_setup[] =
    "PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -8192;"
    "PRAGMA wal_autocheckpoint = 4000;"
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA secure_delete = 0;"
    "PRAGMA temp_store = MEMORY;";

/* mmap makes cold searches fault in hundreds of megabytes. What is in the
 * schema was written by somebody else's program: it may call nothing. Keys
 * to other tables are all made here, so checking them again buys nothing
 * and costs a probe each. */
static const char setup[] =
    "PRAGMA mmap_size = 0;"
    "PRAGMA trusted_schema = 0;"
    "PRAGMA foreign_keys = 0;"
    "PRAGMA cell_size_check = 1;";

/* A path may hold what a URI gives another meaning. */
static char *
immutable_uri(const char *path)
{
	struct buf uri = { 0 };

	buf_str(&uri, "file:");
	for (; *path != '\0'; path++) {
		if (strchr("%?#", *path) != NULL)
			buf_printf(&uri, "%%%02x", (unsigned char)*path);
		else
			buf_char(&uri, *path);
	}
	buf_str(&uri, "?immutable=1");
	return buf_take(&uri);
}

struct db *
db_open(const char *path, const char *name, enum db_mode mode, int busy_ms,
    struct err *err)
{
	struct db *db = mem_alloc(sizeof *db);
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	char *uri = NULL;

	configure();
	db->name = mem_str(name);
	db->mode = mode;
	switch (mode) {
	case DB_READ:
		flags |= SQLITE_OPEN_READONLY;
		break;
	case DB_READ_IMMUTABLE:
		flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
		uri = immutable_uri(path);
		break;
	case DB_READ_ALONE:
		flags |= SQLITE_OPEN_READWRITE;
		break;
	case DB_WRITE:
		flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
		break;
	}
	if (sqlite3_open_v2(uri != NULL ? uri : path, &db->handle, flags,
	    NULL) != SQLITE_OK)
		goto fail;
	(void)sqlite3_busy_timeout(db->handle, busy_ms);
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1,
	    (int *)NULL);
	if (db_run(db, setup, err) != 0)
		goto out;
	/* No shared memory beside a copy that is nobody else's. */
	if (mode == DB_READ_ALONE && db_run(db,
	    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = 1", err) != 0)
		goto out;
	if (mode == DB_WRITE && db_run(db, write_setup, err) != 0)
		goto out;
	if (fts_register(db, err) != 0)
		goto out;
	free(uri);
	return db;

fail:
	db_failed(db, err);
out:
	free(uri);
	db_close(db);
	return NULL;
}

void
db_close(struct db *db)
{
	size_t i;

	if (db == NULL)
		return;
	for (i = 0; i < SLOTS; i++)
		db_free(db->slots[i]);
	(void)sqlite3_close(db->handle);
	free(db->name);
	free(db);
}

struct sqlite3 *
db_handle(struct db *db)
{
	return db->handle;
}

const char *
db_name(const struct db *db)
{
	return db->name;
}

static struct db_stmt *
prepare(struct db *db, const char *sql, unsigned flags, struct err *err)
{
	sqlite3_stmt *st;
	struct db_stmt *out;

	if (sqlite3_prepare_v3(db->handle, sql, -1, flags, &st, NULL) !=
	    SQLITE_OK) {
		db_failed(db, err);
		return NULL;
	}
	out = mem_alloc(sizeof *out);
	out->db = db;
	out->st = st;
	out->sql = sql;
	return out;
}

struct db_stmt *
db_prepare(struct db *db, const char *sql, struct err *err)
{
	return prepare(db, sql, 0, err);
}

struct db_stmt *
db_stmt(struct db *db, const char *sql, struct err *err)
{
	uintptr_t key = (uintptr_t)sql;
	size_t i = (size_t)((key ^ key >> 9) * 0x9e3779b1u) % SLOTS;
	size_t tries;

	for (tries = 0; db->slots[i] != NULL; i = (i + 1) % SLOTS, tries++) {
		assert(tries < SLOTS);
		if (db->slots[i]->sql != sql)
			continue;
		(void)sqlite3_reset(db->slots[i]->st);
		(void)sqlite3_clear_bindings(db->slots[i]->st);
		return db->slots[i];
	}
	db->slots[i] = prepare(db, sql, SQLITE_PREPARE_PERSISTENT, err);
	return db->slots[i];
}

void
db_free(struct db_stmt *st)
{
	if (st == NULL)
		return;
	(void)sqlite3_finalize(st->st);
	free(st);
}

int
db_at(struct db_stmt *st, const char *name)
{
	int at = sqlite3_bind_parameter_index(st->st, name);

	assert(at > 0);
	return at;
}

/* Binding fails only for a wrong place, which is a bug, and for lengths that
 * SQLite refuses: the statement then runs with NULL and its step says so. */
static void
bound(struct db_stmt *st, int result)
{
	assert(result != SQLITE_RANGE && result != SQLITE_MISUSE);
	if (result == SQLITE_NOMEM)
		abort();
}

void
db_int(struct db_stmt *st, int at, int64_t value)
{
	bound(st, sqlite3_bind_int64(st->st, at, value));
}

void
db_textn(struct db_stmt *st, int at, const char *s, size_t len)
{
	bound(st, sqlite3_bind_text64(st->st, at, s, len, SQLITE_STATIC,
	    SQLITE_UTF8));
}

void
db_text(struct db_stmt *st, int at, const char *s)
{
	db_textn(st, at, s, s != NULL ? strlen(s) : 0);
}

void
db_blob(struct db_stmt *st, int at, const void *p, size_t len)
{
	bound(st, sqlite3_bind_blob64(st->st, at, p, len, SQLITE_STATIC));
}

void
db_null(struct db_stmt *st, int at)
{
	bound(st, sqlite3_bind_null(st->st, at));
}

int
db_step(struct db_stmt *st, struct err *err)
{
	int result = sqlite3_step(st->st);

	if (result == SQLITE_ROW)
		return 1;
	if (result == SQLITE_DONE) {
		(void)sqlite3_reset(st->st);
		return 0;
	}
	db_failed(st->db, err);
	(void)sqlite3_reset(st->st);
	return -1;
}

int
db_do(struct db_stmt *st, struct err *err)
{
	int got;

	while ((got = db_step(st, err)) > 0)
		;
	return got;
}

int
db_insert(struct db_stmt *st, struct err *err)
{
	int result = sqlite3_step(st->st);

	if (result == SQLITE_CONSTRAINT_PRIMARYKEY ||
	    result == SQLITE_CONSTRAINT_ROWID) {
		(void)sqlite3_reset(st->st);
		return 1;
	}
	if (result != SQLITE_DONE) {
		db_failed(st->db, err);
		(void)sqlite3_reset(st->st);
		return -1;
	}
	(void)sqlite3_reset(st->st);
	return 0;
}

void
db_reset(struct db_stmt *st)
{
	(void)sqlite3_reset(st->st);
}

int
db_number(struct db *db, const char *sql, int64_t otherwise, int64_t *out,
    struct err *err)
{
	struct db_stmt *st = db_prepare(db, sql, err);
	int got;

	if (st == NULL)
		return -1;
	if ((got = db_step(st, err)) >= 0)
		*out = got > 0 && !db_is_null(st, 0) ? db_get_int(st, 0)
						     : otherwise;
	db_free(st);
	return got < 0 ? -1 : 0;
}

int
db_columns(struct db_stmt *st)
{
	return sqlite3_column_count(st->st);
}

enum db_type
db_type(struct db_stmt *st, int column)
{
	switch (sqlite3_column_type(st->st, column)) {
	case SQLITE_NULL:
		return DB_NULL;
	case SQLITE_TEXT:
		return DB_TEXT;
	case SQLITE_BLOB:
		return DB_BLOB;
	default:
		return DB_INT;	/* no column of ours is a float */
	}
}

bool
db_is_null(struct db_stmt *st, int column)
{
	return sqlite3_column_type(st->st, column) == SQLITE_NULL;
}

bool
db_is_blob(struct db_stmt *st, int column)
{
	return sqlite3_column_type(st->st, column) == SQLITE_BLOB;
}

int64_t
db_get_int(struct db_stmt *st, int column)
{
	return sqlite3_column_int64(st->st, column);
}

const char *
db_get_text(struct db_stmt *st, int column)
{
	return (const char *)sqlite3_column_text(st->st, column);
}

const void *
db_get_blob(struct db_stmt *st, int column)
{
	return sqlite3_column_blob(st->st, column);
}

size_t
db_get_len(struct db_stmt *st, int column)
{
	return (size_t)sqlite3_column_bytes(st->st, column);
}
