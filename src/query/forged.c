#include "query/forged.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/unicode.h"

static void condition(struct sql *s, const struct query_node *n,
    struct buf *out);

/*
 * What of the language can be meant of a stanza that is kept apart: it has
 * its addresses as they came, and few facts. `$` is the value (texts and
 * names folded, else as in fields.h), `#` its second form.
 */
#define OWN	"(SELECT jid FROM address WHERE id = f.account)"
#define IS_OWN(jid) \
	"substr(" jid " || '/', 1, length(" OWN ") + 1) = " OWN " || '/'"
#define RESOURCE(jid) \
	"CASE WHEN instr(" jid ", '/') > 0 " \
	"THEN substr(" jid ", instr(" jid ", '/') + 1) END"

static const struct row {
	const char *field;
	const char *sql;
	const char *me;		/* for `me`; NULL: a word like others */
	const char *any;	/* for `*`; NULL: every one */
} rows[] = {
	{ "", "instr(fold(f.body), $) > 0", NULL, NULL },
	{ "body", "instr(fold(f.body), $) > 0", NULL, "f.body IS NOT NULL" },
	{ "from", "instr(fold(f.sender), $) > 0", IS_OWN("f.sender"), NULL },
	{ "to", "instr(fold(f.recipient), $) > 0", IS_OWN("f.recipient"),
	    "f.recipient IS NOT NULL" },
	{ "with", "instr(fold(f.chat), $) > 0", "f.chat = " OWN, NULL },
	{ "account", "instr(fold(" OWN "), $) > 0", "1", NULL },
	{ "resource", "(fold(" RESOURCE("f.sender") ") = $ "
	    "OR fold(" RESOURCE("f.recipient") ") = $)", NULL, NULL },
	{ "type", "f.type = $", NULL, NULL },
	{ "source", "f.route = $", NULL, NULL },
	{ "lang", "(f.lang LIKE $ OR f.lang LIKE #)", NULL,
	    "f.lang IS NOT NULL" },
	{ "stanza", "f.sid = $ COLLATE NOCASE", NULL, "f.sid IS NOT NULL" },
};

/* The row's `$`: the binding's number. */
static int
bind_value(struct sql *s, const struct query_node *n)
{
	struct buf folded = { 0 };
	int value;

	switch (n->field->value) {
	case VALUE_WORD:
		return sql_int(s, NULL, n->field->words[n->number].number);
	case VALUE_EXACT:
	case VALUE_LANG:
		return sql_text(s, NULL, n->value);
	default:
		unicode_fold(&folded, n->value, strlen(n->value));
		value = sql_text(s, NULL, arena_strn(s->arena,
		    folded.data ? folded.data : "", folded.len));
		buf_clear(&folded);
		return value;
	}
}

static void
row_condition(struct sql *s, const struct query_node *n,
    const struct row *row, struct buf *out)
{
	const char *p;
	int value, second = 0;

	if (n->is_prefix && n->value[0] == '\0') {
		buf_str(out, row->any != NULL ? row->any : "1");
		return;
	}
	if (row->me != NULL && !n->is_quoted && !n->is_prefix &&
	    str_ascii_casecmp(n->value, "me") == 0) {
		buf_str(out, row->me);
		return;
	}
	value = bind_value(s, n);
	if (strchr(row->sql, '#') != NULL)
		second = sql_text(s, NULL, arena_printf(s->arena, "%s-%%",
		    n->value));
	for (p = row->sql; *p != '\0'; p++)
		if (*p == '$' || *p == '#')
			sql_again(out, *p == '$' ? value : second);
		else
			buf_char(out, *p);
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

/* They came, and are what is asked for; of the rest of is: nothing is
 * known. */
static const char *
is_condition(const char *word)
{
	static const struct {
		const char *word, *sql;
	} words[] = {
		{ "forged", "1" }, { "in", "1" }, { "error", "f.type = 4" },
	};
	size_t i;

	for (i = 0; i < COUNT(words); i++)
		if (str_is(word, words[i].word))
			return words[i].sql;
	return "0";
}

static void
field_condition(struct sql *s, const struct query_node *n, struct buf *out)
{
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		if (str_is(rows[i].field, n->field->name)) {
			row_condition(s, n, &rows[i], out);
			return;
		}
	if (n->field->value == VALUE_ID) {
		buf_str(out, "f.id = ");
		sql_int(s, out, n->first_us);
	} else if (n->field->value >= VALUE_SINCE &&
	    n->field->value <= VALUE_SPAN) {
		range_condition(s, n, out);
	} else {
		buf_str(out, str_is(n->field->name, "is")
		    ? is_condition(n->field->words[n->number].word) : "0");
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
