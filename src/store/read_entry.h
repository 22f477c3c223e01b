/*
 * read_entry - one message or forged stanza by its id, as an entry. Only for
 * store/.
 *
 * Each step is a kept statement that is read to its end before the next, so
 * a walk over many costs no parsing. Everything is copied into the arena.
 */
#ifndef STORE_READ_ENTRY_H
#define STORE_READ_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/entry.h"
#include "store/db.h"
#include "store/pack.h"
#include "store/read.h"

/* `flags` of a message, as sql/0001-archive.sql has them. */
enum {
	READ_EDITED = 16, READ_RETRACTED = 32, READ_DELAYED = 128,
	READ_LINKS = 256, READ_TEXTS = 4096, READ_DETAIL = 8192,
	READ_COPIES = 16384, READ_REFS = 32768, READ_FALLBACKS = 65536,
	READ_SHOWN = 131072, READ_SAME_ORIGIN = 262144,
};

/* ERR_ABSENT if there is none. Fills all but what others did to it. *flags
 * are the message's. */
int read_entry(struct db *db, struct arena *a, int64_t id,
    const struct read_want *want, struct pack *pack,
    struct entry_message *out, int64_t *flags, struct err *err);

/* What others did to it: versions, retraction, reactions in force,
 * receipts. Needs read_entry() before. */
int read_effects(struct db *db, struct arena *a, int64_t flags,
    struct entry_message *m, struct err *err);

int read_forged(struct db *db, struct arena *a, int64_t id,
    const struct read_want *want, struct entry_message *out,
    struct err *err);

/* The bodies and subjects of a message, first ones given. */
struct read_first {
	const char *lang, *body, *subject;
	size_t body_len, subject_len;
	bool has_rows;		/* READ_TEXTS */
};
int read_texts(struct db *db, struct arena *a, int64_t id,
    const struct read_first *first, const struct text **bodies,
    size_t *body_count, const struct text **subjects, size_t *subject_count,
    struct err *err);

/* The column as text in the arena, NULL for NULL. An id that is a blob is a
 * UUID. */
const char *read_str(struct db_stmt *st, int column, struct arena *a);
const char *read_id(struct db_stmt *st, int column, struct arena *a);

/* The lines of a text column. */
const char *const *read_lines(struct db_stmt *st, int column, struct arena *a,
    size_t *count);

#endif
