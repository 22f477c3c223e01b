/*
 * lex - the text of a query into tokens.
 *
 * What a person pastes is legal: `"` and `(` begin something only where a
 * word begins or behind a prefix, `)` ends only what is open, operators are
 * whole words in capitals that have their operands, and only a known prefix
 * is one.
 */
#ifndef QUERY_LEX_H
#define QUERY_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "query/fields.h"

enum token_kind {
	TOKEN_END,
	TOKEN_TERM,		/* a word or a phrase */
	TOKEN_FIELD,		/* a prefix: TERM or OPEN follows */
	TOKEN_OPEN, TOKEN_CLOSE,
	TOKEN_NOT,		/* NOT, or `-` in front of something */
	TOKEN_AND, TOKEN_OR,
};

struct token {
	enum token_kind kind;
	size_t at;		/* byte offset in the query */
	const char *text;	/* TERM: without its quotes; FIELD: as typed */
	bool is_quoted;
	const struct field *field;
};

/* The tokens, closed by one of TOKEN_END; parentheses are balanced and every
 * operator has its operands. -1 with *at and *err set: something is open at
 * the end, a prefix has no value, or it is nested too deeply. */
int lex(struct arena *a, const char *text, bool is_literal,
    struct token **tokens, size_t *at, struct err *err);

#endif
