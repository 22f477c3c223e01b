/*
 * The shape of a statement
 *
 * Ids are moments and the full-text index is ordered by them, so what drives
 * a query is never sorted: either the index, for words and for the tokens
 * c<chat> and f<sender> that every message has there, or the messages in
 * order. Everything else is a condition on the row that was found.
 *
 * Which conversations and speakers a name means is known only to the
 * archive: the part of the MATCH that names their tokens is made by the
 * statement when it runs. Where they are more than TOKENS_MOST, walking the
 * messages is faster than merging so many lists, and the part is empty.
 */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "base/unicode.h"
#include "query/forged.h"
#include "query/match.h"
#include "query/sql.h"
#include "query/tree.h"
#include "query/who.h"

enum {
	TOKENS_MOST = 300,	/* where they drive */
	TOKENS_BESIDE = 64,	/* where words do: each costs as much as
				 * looking at a few hundred messages */
	CONDITION_DEPTH = 6,	/* SQLite's parser has a stack of its own */
	NAMES_MOST = 16,	/* people under one OR that get tokens */
	CLAUSES_MOST = 8,	/* of tokens: more make nothing faster */
};

/* What people see by itself: first versions with a text (message.flags in
 * sql/0001-archive.sql). */
#define IS_SHOWN "m.flags & 131072"

struct compiler {
	struct sql sql;
	const struct query_options *options;

	/* The conditions that all must hold, once sorted by who decides. */
	struct buf match, unmatch;	/* FTS5 expressions: all, none of */
	size_t match_count, unmatch_count;
	struct buf tokens;		/* SQL: " AND meta : (...)" or '' */
	size_t token_count;
	bool has_words;			/* there will be a match */
	const char **rest;		/* conditions on m */
	size_t rest_count, rest_room;
	int64_t first_us, past_us;	/* of the id */
};

static const char *condition(struct compiler *c, const struct query_node *n,
    int depth);

static const char *
keep(struct compiler *c, struct buf *b)
{
	const char *s = arena_strn(c->sql.arena, b->data, b->len);

	buf_clear(b);
	return s;
}

/* A template with `%`, `$` and `#` filled in (fields.h). */
static const char *
fill(struct compiler *c, const char *template, const char *set,
    int value, int second)
{
	struct buf out = { 0 };

	for (; *template != '\0'; template++) {
		if (*template == '%')
			buf_str(&out, set);
		else if (*template == '$')
			sql_again(&out, value);
		else if (*template == '#')
			sql_again(&out, second);
		else
			buf_char(&out, *template);
	}
	return keep(c, &out);
}

/* Names a set, for all who look into it. */
static const char *
add_set(struct compiler *c, struct buf *select)
{
	const char *name = arena_printf(c->sql.arena, "w%d",
	    ++c->sql.with_count);

	buf_printf(&c->sql.with, "%s%s(id) AS MATERIALIZED (%s)",
	    c->sql.with_count > 1 ? ",\n" : "WITH ", name, select->data);
	buf_clear(select);
	return name;
}

static bool
is_me(const struct query_node *n)
{
	return n->field->me != NULL && !n->is_quoted && !n->is_prefix &&
	    str_ascii_casecmp(n->value, "me") == 0;
}

/*
 * What one WHO value chooses: compiled once, used by the condition and by
 * the tokens.
 */
struct chosen {
	const char *set;	/* NULL: `me` */
	int value;
};

static struct chosen
choose(struct compiler *c, const struct query_node *n)
{
	struct chosen who = { NULL, 0 };
	struct buf select = { 0 }, fold = { 0 };

	if (is_me(n))
		return who;
	who_select(&c->sql, &select, (enum who_set)n->field->set, n->value,
	    n->is_prefix);
	who.set = add_set(c, &select);
	if (strchr(n->field->sql, '$') != NULL) {
		unicode_fold(&fold, n->value, strlen(n->value));
		who.value = sql_text(&c->sql, NULL, keep(c, &fold));
	}
	return who;
}

static const char *
who_condition(struct compiler *c, const struct query_node *n,
    const struct chosen *who)
{
	return who->set == NULL ? n->field->me
	    : fill(c, n->field->sql, who->set, who->value, 0);
}

/* A moment within first_us .. past_us, as open as they are. */
static const char *
range(struct compiler *c, const char *moment, int64_t first_us,
    int64_t past_us)
{
	struct buf out = { 0 };

	if (first_us == INT64_MIN && past_us == INT64_MAX)
		return "1";
	buf_char(&out, '(');
	if (first_us != INT64_MIN) {
		buf_printf(&out, "%s >= ", moment);
		sql_int(&c->sql, &out, first_us);
	}
	if (past_us != INT64_MAX) {
		buf_printf(&out, "%s%s < ",
		    first_us != INT64_MIN ? " AND " : "", moment);
		sql_int(&c->sql, &out, past_us);
	}
	buf_char(&out, ')');
	return keep(c, &out);
}

static const char *
exact_condition(struct compiler *c, const struct query_node *n)
{
	const char *other = NULL;
	int value, second = 0;

	if (n->field->value == VALUE_LANG)
		other = arena_printf(c->sql.arena, "%s-%%", n->value);
	value = sql_text(&c->sql, NULL, n->value);
	if (other != NULL)
		second = sql_text(&c->sql, NULL, other);
	return fill(c, n->field->sql, "", value, second);
}

static const char *
word_condition(struct compiler *c, const struct query_node *n)
{
	const struct field_word *w = &n->field->words[n->number];

	return w->sql != NULL
	    ? arena_printf(c->sql.arena, "(%s)", w->sql)
	    : fill(c, n->field->sql, "",
	    sql_int(&c->sql, NULL, w->number), 0);
}

static const char *
match_condition(struct compiler *c, const struct query_node *n)
{
	struct buf out = { 0 }, expression = { 0 };

	match_add(&expression, n);
	buf_str(&out, "m.id IN (SELECT rowid FROM ft WHERE ft MATCH ");
	sql_text(&c->sql, &out, keep(c, &expression));
	buf_char(&out, ')');
	return keep(c, &out);
}

static const char *
field_condition(struct compiler *c, const struct query_node *n)
{
	struct chosen who;

	if (match_is_any(n))
		return n->field->any;
	switch (n->field->value) {
	case VALUE_TEXT:
		return match_condition(c, n);
	case VALUE_WHO:
		who = choose(c, n);
		return who_condition(c, n, &who);
	case VALUE_EXACT:
	case VALUE_LANG:
		return exact_condition(c, n);
	case VALUE_WORD:
		return word_condition(c, n);
	case VALUE_ID:
	case VALUE_SINCE:
	case VALUE_BEFORE:
	case VALUE_UNTIL:
	case VALUE_SPAN:
		return range(c, n->field->sql ? n->field->sql : "m.id",
		    n->first_us, n->past_us);
	}
	return "0";
}

static const char *
list_condition(struct compiler *c, const struct query_node *n, int depth)
{
	const struct query_node *k;
	const char **parts;
	struct buf out = { 0 };
	size_t count = 0;

	for (k = n->child; k != NULL; k = k->next)
		count++;
	parts = arena_array(c->sql.arena, count, sizeof *parts);
	for (count = 0, k = n->child; k != NULL; k = k->next)
		parts[count++] = condition(c, k, depth);
	sql_join(&out, parts, count, n->kind == NODE_AND ? " AND " : " OR ");
	return keep(c, &out);
}

/* A tree as a condition on the message m. What is nested more deeply than
 * `depth` becomes a set, found beforehand. */
static const char *
condition(struct compiler *c, const struct query_node *n, int depth)
{
	struct buf select = { 0 };

	if (match_can(n))
		return match_condition(c, n);
	if (depth == 0 && n->child != NULL) {
		const char *part = condition(c, n, CONDITION_DEPTH);

		buf_printf(&select, "SELECT m.id FROM message m WHERE %s",
		    part);
		return arena_printf(c->sql.arena, "m.id IN %s",
		    add_set(c, &select));
	}
	switch (n->kind) {
	case NODE_NOTHING:
		return "0";
	case NODE_ALL:
		return "1";
	case NODE_FIELD:
		return field_condition(c, n);
	case NODE_NOT:
		/* What is unknown is not so. */
		return arena_printf(c->sql.arena, "NOT coalesce(%s, 0)",
		    condition(c, n->child, depth - 1));
	case NODE_AND:
	case NODE_OR:
		return list_condition(c, n, depth - 1);
	}
	return "0";
}

static void
add_rest(struct compiler *c, const char *part)
{
	if (c->rest_count == c->rest_room) {
		size_t room = c->rest_room ? 2 * c->rest_room : 8;
		const char **more = arena_array(c->sql.arena, room,
		    sizeof *more);

		if (c->rest_count > 0)
			memcpy(more, c->rest, c->rest_count * sizeof *more);
		c->rest = more;
		c->rest_room = room;
	}
	c->rest[c->rest_count++] = part;
}

/* One more AND of the MATCH, if the tokens are not too many. */
static void
add_tokens(struct compiler *c, const char *select)
{
	if (c->token_count == CLAUSES_MOST)
		return;
	c->token_count++;
	buf_printf(&c->tokens, "%s(SELECT CASE WHEN count(*) > %d THEN '' "
	    "ELSE ' AND meta : (' || coalesce(group_concat(t, ' OR '), 'c0') "
	    "|| ')' END FROM (SELECT DISTINCT t FROM (%s)))",
	    c->tokens.len > 0 ? " || " : "",
	    c->has_words ? TOKENS_BESIDE : TOKENS_MOST, select);
}

/* Whether it is somebody whose messages' tokens are known, or a few of them
 * under OR. */
static bool
has_tokens(const struct query_node *n)
{
	const struct query_node *k;
	size_t count = 0;

	if (n->kind == NODE_OR) {
		for (k = n->child; k != NULL; k = k->next)
			if (k->kind != NODE_FIELD || !has_tokens(k) ||
			    ++count > NAMES_MOST)
				return false;
		return true;
	}
	return n->kind == NODE_FIELD && n->field->tokens != NULL &&
	    !match_is_any(n) && !is_me(n);
}

static void
add_who(struct compiler *c, const struct query_node *n, struct buf *tokens,
    struct buf *parts)
{
	struct chosen who = choose(c, n);

	buf_printf(tokens, "%s%s", tokens->len > 0 ? " UNION ALL " : "",
	    fill(c, n->field->tokens, who.set, who.value, 0));
	buf_printf(parts, "%s%s", parts->len > 0 ? " OR " : "(",
	    who_condition(c, n, &who));
}

/* has_tokens(): they narrow the index, and the condition decides. */
static void
add_whos(struct compiler *c, const struct query_node *n)
{
	struct buf tokens = { 0 }, parts = { 0 };
	const struct query_node *k;

	if (n->kind == NODE_OR)
		for (k = n->child; k != NULL; k = k->next)
			add_who(c, k, &tokens, &parts);
	else
		add_who(c, n, &tokens, &parts);
	buf_char(&parts, ')');
	add_tokens(c, tokens.data);
	add_rest(c, keep(c, &parts));
	buf_clear(&tokens);
}

/* A range of ids. */
static bool
is_range(const struct query_node *n)
{
	if (n->kind != NODE_FIELD || n->field->sql != NULL)
		return false;
	return n->field->value == VALUE_ID ||
	    (n->field->value >= VALUE_SINCE && n->field->value <= VALUE_SPAN);
}

/* One of the conditions that all must hold: to whom decides it. */
static void
sort_one(struct compiler *c, const struct query_node *n)
{
	if (match_can(n)) {
		buf_str(&c->match, c->match_count++ ? " AND " : "");
		match_add(&c->match, n);
	} else if (n->kind == NODE_NOT && match_can(n->child)) {
		buf_str(&c->unmatch, c->unmatch_count++ ? " OR " : "");
		match_add(&c->unmatch, n->child);
	} else if (has_tokens(n)) {
		add_whos(c, n);
	} else if (is_range(n)) {
		if (n->first_us > c->first_us)
			c->first_us = n->first_us;
		if (n->past_us < c->past_us)
			c->past_us = n->past_us;
	} else {
		add_rest(c, condition(c, n, CONDITION_DEPTH));
	}
}

/* What the command line says beside the query. */
static void
sort_options(struct compiler *c)
{
	const struct query_options *o = c->options;
	struct buf select = { 0 };
	const char *set;
	size_t i;

	if (o->since_us != 0 && o->since_us > c->first_us)
		c->first_us = o->since_us;
	if (o->until_us != 0 && o->until_us < c->past_us)
		c->past_us = o->until_us;
	if (o->account_count == 0 && o->chat == NULL)
		return;
	buf_str(&select, "SELECT id FROM chat WHERE ");
	if (o->chat != NULL) {
		buf_str(&select, "peer = (SELECT id FROM address WHERE jid = ");
		sql_text(&c->sql, &select, o->chat);
		buf_char(&select, ')');
	}
	for (i = 0; i < o->account_count; i++) {
		buf_str(&select, i > 0 ? ", " : o->chat != NULL
		    ? " AND account IN (SELECT id FROM address WHERE jid IN ("
		    : "account IN (SELECT id FROM address WHERE jid IN (");
		sql_text(&c->sql, &select, o->accounts[i]);
	}
	if (o->account_count > 0)
		buf_str(&select, "))");
	set = add_set(c, &select);
	add_tokens(c, arena_printf(c->sql.arena, "SELECT 'c' || id AS t FROM %s",
	    set));
	add_rest(c, arena_printf(c->sql.arena, "+m.chat IN %s", set));
}

static void
add_where(struct compiler *c, struct buf *out, const char *id)
{
	if (c->first_us != INT64_MIN) {
		buf_printf(out, " AND %s >= ", id);
		sql_int(&c->sql, out, c->first_us);
	}
	if (c->past_us != INT64_MAX) {
		buf_printf(out, " AND %s < ", id);
		sql_int(&c->sql, out, c->past_us);
	}
	if (c->rest_count > 0) {
		buf_str(out, "\n  AND ");
		sql_join(out, c->rest, c->rest_count, "\n  AND ");
	}
}

/* The words, by what FTS5 needs to be told at once. */
static const char *
match_text(struct compiler *c)
{
	if (c->unmatch_count > 0)
		return arena_printf(c->sql.arena, "((%s) NOT (%s))",
		    c->match.data, c->unmatch.data);
	return arena_printf(c->sql.arena, "(%s)", c->match.data);
}

static void
select_by_words(struct compiler *c, struct buf *out)
{
	buf_str(out, "SELECT ft.rowid AS id FROM ft");
	if (c->rest_count > 0)
		buf_str(out, " CROSS JOIN message m ON m.id = ft.rowid");
	buf_str(out, "\nWHERE ft MATCH ");
	sql_text(&c->sql, out, match_text(c));
	if (c->tokens.len > 0)
		buf_printf(out, " || %s", c->tokens.data);
	add_where(c, out, "ft.rowid");
}

/* Without words: by tokens where they are few, else message by message. Only
 * one of the two halves gives anything. */
static void
select_by_tokens(struct compiler *c, struct buf *out)
{
	const char *name = arena_printf(c->sql.arena, "w%d",
	    ++c->sql.with_count);

	buf_printf(&c->sql.with, ",\n%s(match) AS MATERIALIZED (SELECT %s)",
	    name, c->tokens.data);
	buf_printf(out, "SELECT ft.rowid AS id FROM ft "
	    "CROSS JOIN message m ON m.id = ft.rowid\n"
	    "WHERE ft MATCH (SELECT CASE match WHEN '' THEN 'meta : c0' "
	    "ELSE substr(match, 6) END FROM %s)", name);
	add_where(c, out, "ft.rowid");
	/* A range and not a condition: it ends the half before its first
	 * row. */
	buf_printf(out, "\nUNION ALL SELECT m.id AS id FROM message m\n"
	    "WHERE m.id > (SELECT CASE match WHEN '' THEN -1 "
	    "ELSE %" PRId64 " END FROM %s)", INT64_MAX, name);
	add_where(c, out, "m.id");
}

static void
select_all(struct compiler *c, struct buf *out)
{
	buf_str(out, "SELECT m.id AS id FROM message m\nWHERE 1");
	add_where(c, out, "m.id");
}

/* Whether only that is asked for which all versions of a message share, or
 * which people mean of its first one. */
static bool
is_of_first_version(const struct query_node *n)
{
	const struct query_node *k;

	for (k = n->child; k != NULL; k = k->next)
		if (!is_of_first_version(k))
			return false;
	if (n->kind != NODE_FIELD)
		return true;
	switch (n->field->value) {
	case VALUE_WHO:
	case VALUE_SINCE:
	case VALUE_BEFORE:
	case VALUE_UNTIL:
	case VALUE_SPAN:
		return true;
	default:
		return false;
	}
}

static bool
has_words(const struct query_node *n)
{
	const struct query_node *k;

	if (n->kind == NODE_AND)
		for (k = n->child; k != NULL; k = k->next)
			if (match_can(k))
				return true;
	return match_can(n);
}

static void
put_together(struct compiler *c, bool is_of_first, struct buf *out)
{
	if (c->match_count == 0) {
		if (c->unmatch_count > 0) {
			struct buf part = { 0 };

			buf_str(&part, "m.id NOT IN (SELECT rowid FROM ft "
			    "WHERE ft MATCH ");
			sql_text(&c->sql, &part, arena_str(c->sql.arena,
			    c->unmatch.data));
			buf_char(&part, ')');
			add_rest(c, keep(c, &part));
		}
		/* Later versions are not shown by themselves. They can add
		 * nothing to what all of them share, and would bring what
		 * was said before the time that is asked for. */
		if (!c->options->is_all)
			add_rest(c, is_of_first ? IS_SHOWN
			    : "(" IS_SHOWN " OR m.root IS NOT NULL)");
	}
	if (c->match_count > 0)
		select_by_words(c, out);
	else if (c->tokens.len > 0)
		select_by_tokens(c, out);
	else
		select_all(c, out);
	buf_str(out, c->options->is_ascending ? "\nORDER BY id ASC"
					      : "\nORDER BY id DESC");
}

/* Whether it asks for forged stanzas: they are kept apart, so it must be one
 * of the conditions that all must hold. */
static bool
wants_forged(const struct query_node *n)
{
	const struct query_node *k;

	if (n->kind == NODE_AND) {
		for (k = n->child; k != NULL; k = k->next)
			if (wants_forged(k))
				return true;
		return false;
	}
	return n->kind == NODE_FIELD && n->field->value == VALUE_WORD &&
	    str_is(n->field->name, "is") &&
	    n->field->words[n->number].number == 1;
}

int
query_compile(struct arena *a, const struct query *q,
    const struct query_options *options, struct query_sql *out,
    struct err *err)
{
	struct compiler c = {
		.sql = { .arena = a },
		.options = options,
		.first_us = INT64_MIN,
		.past_us = INT64_MAX,
	};
	struct buf text = { 0 }, whole = { 0 };
	const struct query_node *n = q->root;

	memset(out, 0, sizeof *out);
	out->matches_nothing = n->kind == NODE_NOTHING;
	out->is_forged = wants_forged(n);
	if (out->is_forged) {
		forged_compile(&c.sql, n, options, &whole);
	} else {
		c.has_words = has_words(n);
		if (n->kind == NODE_AND)
			for (n = n->child; n != NULL; n = n->next)
				sort_one(&c, n);
		else if (n->kind != NODE_ALL)
			sort_one(&c, n);
		sort_options(&c);
		put_together(&c, is_of_first_version(q->root), &text);
		if (c.sql.with.len > 0)
			buf_printf(&whole, "%s\n", c.sql.with.data);
		buf_str(&whole, text.data);
	}
	out->text = keep(&c, &whole);
	out->is_first = !out->is_forged && !options->is_all &&
	    c.match_count == 0 && is_of_first_version(q->root);
	out->binds = c.sql.binds;
	out->bind_count = c.sql.bind_count;
	buf_clear(&text);
	buf_clear(&c.match);
	buf_clear(&c.unmatch);
	buf_clear(&c.tokens);
	buf_clear(&c.sql.with);
	return 0;
}
