/*
 * db - checked wrappers over SQLite. Only for store/.
 *
 * Statements are kept: db_stmt() prepares a string literal once per
 * connection and finds it again by its address, so a hot path costs no
 * parsing. A statement that has been asked for again is reset and its old
 * bindings are gone.
 *
 * Ownership  Bound texts and blobs are borrowed until the statement is
 *            reset. Columns are borrowed until its next step.
 * Errors     0 or more, or -1 with *err set: ERR_FULL when the file cannot
 *            be written now (full, I/O error, read-only), ERR_BUSY when
 *            another process holds it, ERR_ARCHIVE when it is damaged or no
 *            archive, ERR_INPUT when this one value cannot be taken (too
 *            big, against a constraint), else ERR_SYSTEM. Sentences begin
 *            with the file's path. Out of memory aborts, as everywhere.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

struct sqlite3;
struct db;
struct db_stmt;

enum db_mode {
	DB_READ,		/* an archive that is there */
	DB_READ_IMMUTABLE,	/* the same, nobody can write to it */
	DB_READ_ALONE,		/* a private copy, recovered from its -wal */
	DB_WRITE,		/* made if it is not there */
};

/* Opens and sets up the connection; looks at nothing in the file. `name` is
 * what errors call the file. */
struct db *db_open(const char *path, const char *name, enum db_mode mode,
    int busy_ms, struct err *err);
void db_close(struct db *db);	/* NULL is fine */

struct sqlite3 *db_handle(struct db *db);
const char *db_name(const struct db *db);
struct db *store_db(struct store *s);

/* Turns the connection's last failure into *err; always -1. */
int db_failed(struct db *db, struct err *err);
/* Whether that was for want of a file (an index beside it) to work with. */
bool db_is_stuck(const struct db *db);

/* Runs statements that give nothing, or whose rows do not matter. */
int db_run(struct db *db, const char *sql, struct err *err);
void db_rollback(struct db *db);	/* fine outside a transaction */
bool db_is_writing(const struct db *db);	/* within a transaction */

/* One number from a statement; `otherwise` if there is no row or a NULL. */
int db_number(struct db *db, const char *sql, int64_t otherwise,
    int64_t *out, struct err *err);

/* A kept statement. `sql` must be a literal: its address is the key. */
struct db_stmt *db_stmt(struct db *db, const char *sql, struct err *err);

/* One of your own, for SQL that was put together; db_free() it. */
struct db_stmt *db_prepare(struct db *db, const char *sql, struct err *err);
void db_free(struct db_stmt *st);	/* NULL is fine; not for db_stmt()'s */

/* Parameters count from 1. A NULL text or blob binds NULL. db_at() gives
 * the place of a named parameter (":day"), which must be there. */
int db_at(struct db_stmt *st, const char *name);
void db_int(struct db_stmt *st, int at, int64_t value);
void db_text(struct db_stmt *st, int at, const char *s);
void db_textn(struct db_stmt *st, int at, const char *s, size_t len);
void db_blob(struct db_stmt *st, int at, const void *p, size_t len);
void db_null(struct db_stmt *st, int at);

/* 1: a row; 0: no more (the statement is reset); -1 (it is reset too). */
int db_step(struct db_stmt *st, struct err *err);
/* Steps to the end and resets. */
int db_do(struct db_stmt *st, struct err *err);
/* As db_do(), but 1 and no error if the row's key is already there. */
int db_insert(struct db_stmt *st, struct err *err);
void db_reset(struct db_stmt *st);

/* Columns of the row, from 0. */
enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };
int db_columns(struct db_stmt *st);
enum db_type db_type(struct db_stmt *st, int column);
bool db_is_null(struct db_stmt *st, int column);
bool db_is_blob(struct db_stmt *st, int column);
int64_t db_get_int(struct db_stmt *st, int column);	/* NULL gives 0 */
const char *db_get_text(struct db_stmt *st, int column);	/* NULL: NULL */
const void *db_get_blob(struct db_stmt *st, int column);	/* empty: NULL */
size_t db_get_len(struct db_stmt *st, int column);

#endif
