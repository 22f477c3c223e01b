/*
 * query - the query language: text in, SQL text and bindings out.
 *
 * Nothing here runs anything or knows a clock: the time and the zone come in.
 * The language is a table of fields (query/fields.c); help, errors and the
 * compiler are made from it.
 *
 * Ownership  All results live in the arena.
 * Errors     ERR_INPUT with a sentence and the place: `err->text` names what
 *            is wrong, *at is the byte offset in the query where it begins.
 */
#ifndef QUERY_QUERY_H
#define QUERY_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct query;		/* a parsed query */

/* What the query is read with. */
struct query_context {
	int64_t now_us;
	bool is_utc;		/* --utc: otherwise the local zone (TZ) */
	bool is_literal;	/* --literal: words only, no syntax */
};

/* Whether there is nothing in it but white space, as it is understood. */
bool query_is_blank(const char *text);

/* Blank text is everything, as `*` is. */
struct query *query_parse(struct arena *a, const char *text,
    const struct query_context *context, size_t *at, struct err *err);

/* What was understood, for people: (and "word" (not from:"bob")). */
const char *query_print(struct arena *a, const struct query *q);

/* One moment or span, as `--since`, `--until` and `--at` take it. *first_us
 * is its beginning, *past_us the moment after its end (equal for an instant
 * such as `3d` or `now`). */
int query_when(const char *text, const struct query_context *context,
    int64_t *first_us, int64_t *past_us, struct err *err);

enum query_bind_kind { QUERY_TEXT, QUERY_INT };
struct query_bind {
	enum query_bind_kind kind;
	const char *text;
	int64_t number;
};

/* What to select. */
struct query_options {
	const char *const *accounts;	/* bare JIDs; none: all */
	size_t account_count;
	int64_t since_us, until_us;	/* beyond the query; 0: open */
	const char *chat;	/* only this conversation, exactly; or NULL */
	bool is_ascending;	/* oldest first */
	bool is_all;		/* --all: every record, not only text messages */
};

/*
 * A statement of one column, the ids of messages that match, in order; `?1`
 * and so on are the bindings. Every value is bound. It does not collapse
 * versions: a correction's id comes as itself (store/read.h shows each
 * message once).
 */
struct query_sql {
	const char *text;
	const struct query_bind *binds;
	size_t bind_count;
	bool is_forged;		/* is:forged: ids of `forged` rows */
	bool is_first;		/* only messages that are shown, by their
				 * first versions: nothing is to collapse */
	bool matches_nothing;	/* punctuation alone */
};
int query_compile(struct arena *a, const struct query *q,
    const struct query_options *options, struct query_sql *out,
    struct err *err);

#endif
