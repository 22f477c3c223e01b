/*
 * fields - the query language as a table: each prefix, what its values are,
 * how it compiles, what it means. Parser, compiler, errors and help read it.
 */
#ifndef QUERY_FIELDS_H
#define QUERY_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

/* What a value may be, and so how it is read (parse.c). */
enum field_value {
	VALUE_TEXT,		/* words or a phrase, through the index */
	VALUE_WHO,		/* an address, `me`, or a part of a name */
	VALUE_EXACT,		/* an opaque string */
	VALUE_ID,		/* an archive id */
	VALUE_LANG,		/* an RFC 4647 basic language range */
	VALUE_SINCE,		/* a time: from its beginning on */
	VALUE_BEFORE,		/* a time: before its beginning */
	VALUE_UNTIL,		/* a time: to its end */
	VALUE_SPAN,		/* A..B, A.., ..B, A */
	VALUE_WORD,		/* one of `words` */
};

/* A word that is a value, and the condition on a message `m` it stands for;
 * %d in the field's own condition otherwise. */
struct field_word {
	const char *word;
	int number;
	const char *sql;	/* NULL: number in the field's */
};

struct field {
	const char *name;
	const char *alias;	/* NULL: none */
	enum field_value value;
	/*
	 * The condition on a message `m`. WHO: `%` stands for the set of
	 * addresses or chats, EXACT for the binding, WORD for the number,
	 * SPAN and its like for the moment that is compared. NULL: compile.c
	 * knows (text, ranges of the id).
	 */
	const char *sql;
	/* WHO: how the set is chosen (who.h); TEXT: the columns of the index. */
	int set;
	const char *columns;
	/* A query for all tokens of the index's `meta` that can hold such a
	 * message, `%` for the set; NULL: none are known. */
	const char *tokens;
	const char *me;		/* WHO: the condition for `me`, if special */
	const char *any;	/* the condition for `*`; NULL: every message */
	const struct field_word *words;
	size_t word_count;
	const char *help;
};

/* All fields, in the order of the manual. */
const struct field *fields_all(size_t *count);

/* The field with that name or alias; NULL if it is none. */
const struct field *fields_find(const char *name, size_t len);

/* What plain words look into. */
const struct field *fields_plain(void);

#endif
