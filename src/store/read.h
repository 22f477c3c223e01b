/*
 * read - the archive's reading side: cursors that give entries.
 *
 * Works on a store opened either way. All entries live in the arena that is
 * given; a caller that walks many resets it between steps. Nothing here
 * writes. Text is as it was sent: whoever shows it makes it safe.
 *
 * "Shown" messages are what people see: one row per message, in its first
 * place, with its later versions, reactions and receipts filled in. Records
 * that only do something to another are not shown by themselves.
 */
#ifndef STORE_READ_H
#define STORE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/entry.h"
#include "store/store.h"

/* A statement that gives message ids in order, as query/ compiles it. The
 * types mirror query_sql so that neither includes the other. */
struct read_bind {
	bool is_text;
	const char *text;
	int64_t number;
};
struct read_select {
	const char *sql;
	const struct read_bind *binds;
	size_t bind_count;
	bool is_ascending;
	bool is_forged;
	bool is_each;		/* every record by itself (--all, export) */
	bool is_first;		/* the statement gives only first versions
				 * that are shown: faster, not different */
};

struct read_want {
	bool raw, copies;
};

/* The selection may go once the cursor is made. A cursor sees the archive as
 * it was at its first step. */
struct read_cursor;
struct read_cursor *read_messages(struct store *s,
    const struct read_select *select, struct err *err);
void read_cursor_free(struct read_cursor *c);	/* NULL is fine */

/* 1: *out filled; 0: no more; -1: error. */
int read_next(struct read_cursor *c, struct arena *a,
    const struct read_want *want, struct entry_message *out, struct err *err);

/* How many read_next() would give. */
int read_count(struct store *s, const struct read_select *select,
    int64_t *count, struct err *err);

/* One message, or stanza that is kept apart, by its archive id; ERR_ABSENT if
 * there is none. */
int read_message(struct store *s, struct arena *a, int64_t id,
    const struct read_want *want, struct entry_message *out, struct err *err);

/* Conversations, newest activity first. */
struct read_accounts {		/* none: all */
	const char *const *jids;
	size_t count;
};
int read_chats(struct store *s, struct arena *a,
    const struct read_accounts *accounts, struct entry_chat **out,
    size_t *count, struct err *err);

/* How many accounts, of these, hold messages that are shown, or is_each: any
 * record; in one chat exactly, or in any (NULL). */
int read_account_count(struct store *s, const struct read_accounts *accounts,
    const char *chat, bool is_each, int64_t *count, struct err *err);

/* Presence changes, oldest first. `jid` NULL: all; bare: all its resources;
 * full: that one. */
struct read_presence {
	struct read_accounts accounts;
	const char *jid;
	int64_t since_us, until_us;	/* 0: open; until is exclusive */
};
struct read_presence_cursor;
struct read_presence_cursor *read_presences(struct store *s,
    const struct read_presence *want, struct err *err);
void read_presence_free(struct read_presence_cursor *c);
int read_presence_next(struct read_presence_cursor *c, struct arena *a,
    struct entry_presence *out, struct err *err);

#endif
