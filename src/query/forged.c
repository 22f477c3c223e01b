#include "query/forged.h"

#include <string.h>

#include "base/str.h"
#include "base/unicode.h"

static void condition(struct sql *s, const struct query_node *n,
    struct buf *out);

/* Texts look into the body, names into the addresses as they came. */
static void
text_condition(struct sql *s, const struct query_node *n,
    const char *column, struct buf *out)
{
	struct buf folded = { 0 };

	unicode_fold(&folded, n->value, strlen(n->value));
	buf_printf(out, "instr(fold(%s), ", column);
	sql_text(s, out, arena_strn(s->arena, folded.data ? folded.data : "",
	    folded.len));
	buf_str(out, ") > 0");
	buf_clear(&folded);
}

static void
range_condition(struct sql *s, const struct query_node *n, struct buf *out)
{
	buf_str(out, "(1");
	if (n->first_us != INT64_MIN) {
		buf_str(out, " AND f.received >= ");
		sql_int(s, out, n->first_us);
	}
	if (n->past_us != INT64_MAX) {
		buf_str(out, " AND f.received < ");
		sql_int(s, out, n->past_us);
	}
	buf_char(out, ')');
}

static void
field_condition(struct sql *s, const struct query_node *n, struct buf *out)
{
	static const struct {
		const char *field, *column;
	} columns[] = {
		{ "", "f.body" }, { "body", "f.body" },
		{ "from", "f.sender" }, { "to", "f.recipient" },
		{ "with", "f.sender" }, { "room", "f.sender" },
		{ "account", "(SELECT jid FROM address WHERE id = f.account)" },
	};
	size_t i;

	for (i = 0; i < sizeof columns / sizeof columns[0]; i++)
		if (str_is(columns[i].field, n->field->name)) {
			text_condition(s, n, columns[i].column, out);
			return;
		}
	if (n->field->value == VALUE_ID) {
		buf_str(out, "f.id = ");
		sql_int(s, out, n->first_us);
	} else if (n->field->value >= VALUE_SINCE &&
	    n->field->value <= VALUE_SPAN) {
		range_condition(s, n, out);
	} else {
		/* Of the rest only is:forged itself can be said of them. */
		buf_str(out, n->field->value == VALUE_WORD &&
		    str_is(n->field->name, "is") &&
		    n->field->words[n->number].number == 1 ? "1" : "0");
	}
}

static void
condition(struct sql *s, const struct query_node *n, struct buf *out)
{
	const struct query_node *k;

	switch (n->kind) {
	case NODE_NOTHING:
		buf_char(out, '0');
		break;
	case NODE_ALL:
		buf_char(out, '1');
		break;
	case NODE_FIELD:
		field_condition(s, n, out);
		break;
	case NODE_NOT:
		buf_str(out, "NOT coalesce(");
		condition(s, n->child, out);
		buf_str(out, ", 0)");
		break;
	case NODE_AND:
	case NODE_OR:
		for (k = n->child; k != NULL; k = k->next) {
			buf_str(out, k == n->child ? "("
			    : n->kind == NODE_AND ? " AND " : " OR ");
			condition(s, k, out);
		}
		buf_char(out, ')');
	}
}

void
forged_compile(struct sql *s, const struct query_node *root,
    const struct query_options *options, struct buf *out)
{
	struct query_node span = {
		.first_us = options->since_us ? options->since_us : INT64_MIN,
		.past_us = options->until_us ? options->until_us : INT64_MAX,
	};
	size_t i;

	buf_str(out, "SELECT f.id AS id FROM forged f\nWHERE ");
	condition(s, root, out);
	buf_str(out, " AND ");
	range_condition(s, &span, out);
	for (i = 0; i < options->account_count; i++) {
		buf_str(out, i == 0 ? " AND f.account IN (SELECT id "
		    "FROM address WHERE jid IN (" : ", ");
		sql_text(s, out, options->accounts[i]);
	}
	if (options->account_count > 0)
		buf_str(out, "))");
	buf_str(out, options->is_ascending ? "\nORDER BY id ASC"
					   : "\nORDER BY id DESC");
}
