#include "query/match.h"

#include "query/text.h"

enum { DEPTH_MOST = 12 };	/* FTS5's parser has a stack of its own */

bool
match_is_any(const struct query_node *n)
{
	return n->kind == NODE_FIELD && n->is_prefix && n->value[0] == '\0';
}

static bool
is_text(const struct query_node *n)
{
	return n->kind == NODE_FIELD && n->field->value == VALUE_TEXT &&
	    !match_is_any(n);
}

/*
 * Whether FTS5 can say it alone: words under AND, OR and NOT, where NOT takes
 * away from something.
 */
static bool
can(const struct query_node *n, int depth)
{
	const struct query_node *k;
	bool has_positive = false;

	if (depth == 0)
		return false;
	if (n->kind != NODE_AND && n->kind != NODE_OR)
		return is_text(n);
	for (k = n->child; k != NULL; k = k->next) {
		bool is_not = n->kind == NODE_AND && k->kind == NODE_NOT;

		if (!can(is_not ? k->child : k, depth - 1))
			return false;
		has_positive |= !is_not;
	}
	return has_positive;
}

bool
match_can(const struct query_node *n)
{
	return can(n, DEPTH_MOST);
}

/* Members of a list that are negated, or that are not. */
static size_t
some(struct buf *out, const struct query_node *n, bool is_not,
    const char *with)
{
	const struct query_node *k;
	size_t count = 0;

	for (k = n->child; k != NULL; k = k->next) {
		if ((k->kind == NODE_NOT) != is_not)
			continue;
		buf_str(out, count++ ? with : "(");
		match_add(out, is_not ? k->child : k);
	}
	if (count > 0)
		buf_char(out, ')');
	return count;
}

void
match_add(struct buf *out, const struct query_node *n)
{
	struct buf none = { 0 };

	if (n->kind == NODE_FIELD) {
		text_match(out, n->field->columns, n->value, n->is_prefix);
		return;
	}
	if (n->kind == NODE_OR) {
		some(out, n, false, " OR ");
		return;
	}
	buf_char(out, '(');
	some(out, n, false, " AND ");
	if (some(&none, n, true, " OR ") > 0)
		buf_printf(out, " NOT %s", none.data);
	buf_char(out, ')');
	buf_clear(&none);
}
