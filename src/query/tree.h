/*
 * tree - what a query means, between its words and its SQL.
 *
 * Nodes live in the arena of the query. A tree is simple when it comes out of
 * parse.c: lists are flat, no list has fewer than two members, nothing is
 * negated twice, and words without anything to search for have dissolved.
 */
#ifndef QUERY_TREE_H
#define QUERY_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/fields.h"
#include "query/query.h"

enum node_kind {
	NODE_NOTHING,		/* punctuation alone; only as a whole tree */
	NODE_ALL,		/* `*` */
	NODE_FIELD,		/* a field and its value; words are `body` and
				 * `subject` together */
	NODE_NOT,		/* one child */
	NODE_AND, NODE_OR,	/* two children or more */
};

struct query_node {
	enum node_kind kind;
	size_t at;			/* byte offset in the query */
	struct query_node *child;	/* the first one */
	struct query_node *next;	/* sibling */

	/* NODE_FIELD */
	const struct field *field;
	const char *value;
	bool is_quoted, is_prefix;	/* "value", value* */
	int64_t first_us, past_us;	/* times; INT64_MIN, INT64_MAX: open */
	int number;			/* the value's number in its table */
};

struct query {
	struct query_node *root;
};

#endif
