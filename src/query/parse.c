#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/entry.h"
#include "query/lex.h"
#include "query/text.h"
#include "query/tree.h"
#include "query/when.h"
#include "query/who.h"

struct parser {
	struct arena *arena;
	const struct query_context *context;
	const struct token *t;		/* the next one */
	const char *prefix;		/* in force, as it was typed */
	size_t *at;
	struct err *err;
};

static struct query_node *
node_new(struct parser *p, enum node_kind kind, size_t at)
{
	struct query_node *n = arena_alloc(p->arena, sizeof *n);

	n->kind = kind;
	n->at = at;
	return n;
}

/* A list that is being filled; what dissolves and what is the same list
 * again never gets in. */
struct members {
	enum node_kind kind;	/* NODE_AND, NODE_OR */
	struct query_node *first, *last;
	struct query_node *all;	/* a `*` that was left out */
};

static void
members_add(struct members *m, struct query_node *n)
{
	if (n->kind == NODE_NOTHING)
		return;
	if (n->kind == NODE_ALL) {
		m->all = n;
		return;
	}
	if (n->kind == m->kind)
		n = n->child;
	if (m->last != NULL)
		m->last->next = n;
	else
		m->first = n;
	while (n->next != NULL)
		n = n->next;
	m->last = n;
}

static struct query_node *
members_end(struct parser *p, struct members *m, size_t at)
{
	struct query_node *n;

	/* `*` and something is something, `*` or something is `*`. */
	if (m->all != NULL && (m->kind == NODE_OR || m->first == NULL))
		return m->all;
	if (m->first == NULL)
		return node_new(p, NODE_NOTHING, at);
	if (m->first == m->last)
		return m->first;
	n = node_new(p, m->kind, at);
	n->child = m->first;
	return n;
}

static struct query_node *parse_or(struct parser *p, const struct field *f);

/* "ab cd" as it may stand in a sentence. */
static int
wrong(struct parser *p, const struct query_node *n, const char *why)
{
	*p->at = n->at;
	return err_set(p->err, ERR_INPUT, "`%s:%.200s`: %s", p->prefix,
	    n->value, why);
}

static int
read_word(struct parser *p, struct query_node *n)
{
	const struct field *f = n->field;
	struct buf list = { 0 };
	size_t i;

	for (i = 0; i < f->word_count; i++)
		if (str_ascii_casecmp(f->words[i].word, n->value) == 0) {
			n->number = (int)i;
			return 0;
		}
	for (i = 0; i < f->word_count; i++)
		buf_printf(&list, "%s%s", i ? " " : "it is one of ",
		    f->words[i].word);
	wrong(p, n, list.data);
	buf_clear(&list);
	return -1;
}

/* RFC 4647 2.1; `*` is for itself and was seen before. */
static bool
is_lang_range(const char *s)
{
	size_t part = 0;

	for (; *s != '\0'; s++) {
		bool is_letter = (*s >= 'a' && *s <= 'z') ||
		    (*s >= 'A' && *s <= 'Z');

		if (*s == '-') {
			if (part == 0)
				return false;
			part = 0;
		} else if (is_letter || (*s >= '0' && *s <= '9')) {
			if (++part > 8)
				return false;
		} else {
			return false;
		}
	}
	return part > 0;
}

static int
read_id(struct parser *p, struct query_node *n)
{
	char *lower = arena_str(p->arena, n->value), *s;
	int64_t id;

	for (s = lower; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'F')
			*s = (char)(*s + ('a' - 'A'));
	if (!entry_id_parse(lower, &id))
		return wrong(p, n, "an id is 16 hexadecimal digits");
	n->first_us = id;
	n->past_us = id < INT64_MAX ? id + 1 : id;
	return 0;
}

static int
read_time(struct parser *p, struct query_node *n)
{
	int64_t first = INT64_MIN, past = INT64_MAX;
	struct err why;
	int rc;

	if (n->field->value == VALUE_SPAN)
		rc = when_span(n->value, p->context, &first, &past, &why);
	else
		rc = query_when(n->value, p->context, &first, &past, &why);
	if (rc != 0)
		return wrong(p, n, why.text);
	n->first_us = INT64_MIN;
	n->past_us = INT64_MAX;
	if (n->field->value == VALUE_SINCE || n->field->value == VALUE_SPAN)
		n->first_us = first;
	if (n->field->value == VALUE_BEFORE)
		n->past_us = first;
	if (n->field->value == VALUE_UNTIL || n->field->value == VALUE_SPAN)
		n->past_us = past;
	return 0;
}

/* value*: the star goes. */
static void
take_star(struct parser *p, struct query_node *n)
{
	size_t len = strlen(n->value);

	n->is_prefix = !n->is_quoted && len > 1 && n->value[len - 1] == '*';
	if (n->is_prefix)
		n->value = arena_strn(p->arena, n->value, len - 1);
}

/* A value is impossible, or it is a condition; words without anything to
 * search for dissolve. */
static int
read_value(struct parser *p, struct query_node *n)
{
	const char *why;

	/* `*` alone is any. */
	if (!n->is_quoted && str_is(n->value, "*") &&
	    n->field->value <= VALUE_LANG && n->field->value != VALUE_ID) {
		if (n->field->any == NULL)
			n->kind = NODE_ALL;
		n->is_prefix = true;
		n->value = "";
		return 0;
	}
	switch (n->field->value) {
	case VALUE_TEXT:
		take_star(p, n);
		if (!text_has_words(n->value))
			n->kind = NODE_NOTHING;
		return 0;
	case VALUE_WHO:
		/* Names are found by any part, so also by their first. */
		take_star(p, n);
		why = who_is_wrong((enum who_set)n->field->set, n->value);
		return why ? wrong(p, n, why) : 0;
	case VALUE_EXACT:
		return 0;
	case VALUE_ID:
		return read_id(p, n);
	case VALUE_LANG:
		return is_lang_range(n->value) ? 0
		    : wrong(p, n, "a language is like cs, pt-BR or zh-Hant");
	case VALUE_SINCE:
	case VALUE_BEFORE:
	case VALUE_UNTIL:
	case VALUE_SPAN:
		return read_time(p, n);
	case VALUE_WORD:
		return read_word(p, n);
	}
	return 0;
}

static struct query_node *
parse_term(struct parser *p, const struct field *f, size_t at)
{
	struct query_node *n = node_new(p, NODE_FIELD, at);

	n->field = f;
	n->value = p->t->text;
	n->is_quoted = p->t->is_quoted;
	p->t++;
	return read_value(p, n) == 0 ? n : NULL;
}

/* A term, or what is in parentheses. */
static struct query_node *
parse_primary(struct parser *p, const struct field *f)
{
	const char *outer = p->prefix;
	size_t at = p->t->at;
	struct query_node *n;

	if (p->t->kind == TOKEN_FIELD) {
		f = p->t->field;
		p->prefix = p->t->text;
		p->t++;
		if (p->t->kind == TOKEN_OPEN && p->t[1].kind == TOKEN_CLOSE) {
			*p->at = at;
			err_set(p->err, ERR_INPUT, "`%s:` needs a value",
			    p->prefix);
			return NULL;
		}
	}
	if (p->t->kind == TOKEN_TERM) {
		n = parse_term(p, f, at);
	} else {
		p->t++;
		n = parse_or(p, f);
		if (n != NULL)
			p->t++;
	}
	p->prefix = outer;
	return n;
}

static struct query_node *
parse_not(struct parser *p, const struct field *f)
{
	size_t at = p->t->at;
	struct query_node *n, *inner;
	bool is_not = false;

	while (p->t->kind == TOKEN_NOT) {
		is_not = !is_not;
		p->t++;
	}
	inner = parse_primary(p, f);
	if (inner == NULL || !is_not || inner->kind == NODE_NOTHING)
		return inner;
	if (inner->kind == NODE_NOT)
		return inner->child;
	n = node_new(p, NODE_NOT, at);
	n->child = inner;
	return n;
}

static struct query_node *
parse_and(struct parser *p, const struct field *f)
{
	struct members m = { NODE_AND };
	struct query_node *n;
	size_t at = p->t->at;

	while (p->t->kind != TOKEN_END && p->t->kind != TOKEN_CLOSE &&
	    p->t->kind != TOKEN_OR) {
		if (p->t->kind == TOKEN_AND)
			p->t++;
		n = parse_not(p, f);
		if (n == NULL)
			return NULL;
		members_add(&m, n);
	}
	return members_end(p, &m, at);
}

/* `f`: what terms without a prefix are looked for in. */
static struct query_node *
parse_or(struct parser *p, const struct field *f)
{
	struct members m = { NODE_OR };
	struct query_node *n;
	size_t at = p->t->at;

	while (p->t->kind != TOKEN_END && p->t->kind != TOKEN_CLOSE) {
		if (p->t->kind == TOKEN_OR)
			p->t++;
		n = parse_and(p, f);
		if (n == NULL)
			return NULL;
		members_add(&m, n);
	}
	return members_end(p, &m, at);
}

struct query *
query_parse(struct arena *a, const char *text,
    const struct query_context *context, size_t *at, struct err *err)
{
	struct parser p = { a, context, NULL, NULL, at, err };
	struct query *q = arena_alloc(a, sizeof *q);
	struct token *tokens;
	size_t place = 0;

	if (at == NULL)
		p.at = at = &place;
	*at = 0;
	if (lex(a, text, context->is_literal, &tokens, at, err) != 0)
		return NULL;
	p.t = tokens;
	q->root = tokens[0].kind == TOKEN_END ? node_new(&p, NODE_ALL, 0)
	    : parse_or(&p, fields_plain());
	return q->root != NULL ? q : NULL;
}

static void
print(struct buf *out, const struct query_node *n)
{
	static const char *const names[] = {
		[NODE_NOT] = "not", [NODE_AND] = "and", [NODE_OR] = "or",
	};
	const struct query_node *c;

	switch (n->kind) {
	case NODE_NOTHING:
		buf_str(out, "nothing");
		break;
	case NODE_ALL:
		buf_char(out, '*');
		break;
	case NODE_FIELD:
		if (n->field->name[0] != '\0')
			buf_printf(out, "%s:", n->field->name);
		if (n->value[0] != '\0')
			buf_printf(out, "\"%s\"", n->value);
		if (n->is_prefix)
			buf_char(out, '*');
		break;
	default:
		buf_printf(out, "(%s", names[n->kind]);
		for (c = n->child; c != NULL; c = c->next) {
			buf_char(out, ' ');
			print(out, c);
		}
		buf_char(out, ')');
	}
}

const char *
query_print(struct arena *a, const struct query *q)
{
	struct buf out = { 0 };
	const char *s;

	print(&out, q->root);
	s = arena_strn(a, out.data, out.len);
	buf_clear(&out);
	return s;
}
