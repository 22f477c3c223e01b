#include "query/lex.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "query/query.h"

enum { DEPTH_MOST = 100 };	/* of parentheses; the parser recurses */

struct lexer {
	struct arena *arena;
	const char *text;
	size_t len, at;
	struct token *tokens;
	size_t count, room;
	size_t open[DEPTH_MOST];	/* where each open `(` stands */
	size_t depth;
};

static struct token *
add(struct lexer *l, enum token_kind kind, size_t at)
{
	struct token *t;

	if (l->count == l->room) {
		size_t room = l->room ? 2 * l->room : 16;
		struct token *more = arena_array(l->arena, room, sizeof *more);

		if (l->count > 0)
			memcpy(more, l->tokens, l->count * sizeof *more);
		l->tokens = more;
		l->room = room;
	}
	t = &l->tokens[l->count++];
	t->kind = kind;
	t->at = at;
	return t;
}

static void
add_term(struct lexer *l, size_t from, size_t past, bool is_quoted)
{
	struct token *t = add(l, TOKEN_TERM, is_quoted ? from - 1 : from);

	t->text = arena_strn(l->arena, l->text + from, past - from);
	t->is_quoted = is_quoted;
}

/* The length of the white space at `s`, 0 if there is none. Texts in wide
 * scripts are pasted with wide spaces. */
static size_t
space_at(const char *s, size_t len)
{
	unsigned c;
	size_t n = str_utf8_next(s, len, &c);

	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 ||
	    c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	    c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
	    c == 0x3000 ? n : 0;
}

static size_t
space_len(const struct lexer *l, size_t at)
{
	return space_at(l->text + at, l->len - at);
}

bool
query_is_blank(const char *text)
{
	size_t len = strlen(text), n;

	for (; len > 0; text += n, len -= n)
		if ((n = space_at(text, len)) == 0)
			return false;
	return true;
}

/* Whether nothing of a word can stand at `at`. */
static bool
is_end(const struct lexer *l, size_t at)
{
	return at >= l->len || space_len(l, at) > 0 ||
	    (l->text[at] == ')' && l->depth > 0);
}

static size_t
word_end(const struct lexer *l, size_t at)
{
	unsigned c;

	while (!is_end(l, at))
		at += str_utf8_next(l->text + at, l->len - at, &c);
	return at;
}

/* A phrase whose opening quote is at l->at. */
static int
lex_quoted(struct lexer *l, size_t *at, struct err *err)
{
	const char *end = memchr(l->text + l->at + 1, '"',
	    l->len - l->at - 1);

	if (end == NULL) {
		*at = l->at;
		return err_set(err, ERR_INPUT, "this quote is never closed");
	}
	add_term(l, l->at + 1, (size_t)(end - l->text), true);
	l->at = (size_t)(end - l->text) + 1;
	return 0;
}

static int
lex_open(struct lexer *l, size_t *at, struct err *err)
{
	if (l->depth == DEPTH_MOST) {
		*at = l->at;
		return err_set(err, ERR_INPUT,
		    "parentheses are nested more than %d deep", DEPTH_MOST);
	}
	add(l, TOKEN_OPEN, l->at);
	l->open[l->depth++] = l->at++;
	return 0;
}

/* The field whose name and colon begin at `at`; *past is behind them. */
static const struct field *
prefix_at(const struct lexer *l, size_t at, size_t *past)
{
	size_t i = at;

	while (i < l->len && l->text[i] >= 'a' && l->text[i] <= 'z')
		i++;
	if (i == at || i == l->len || l->text[i] != ':')
		return NULL;
	*past = i + 1;
	return fields_find(l->text + at, i - at);
}

static int
lex_field(struct lexer *l, const struct field *f, size_t past, size_t *at,
    struct err *err)
{
	size_t begin = l->at;
	struct token *t = add(l, TOKEN_FIELD, begin);

	t->field = f;
	t->text = arena_strn(l->arena, l->text + begin, past - 1 - begin);
	l->at = past;
	if (is_end(l, past) || strncmp(l->text + past, "\"\"", 2) == 0) {
		*at = begin;
		return err_set(err, ERR_INPUT, "`%s:` needs a value", t->text);
	}
	if (l->text[past] == '"')
		return lex_quoted(l, at, err);
	if (l->text[past] == '(')
		return lex_open(l, at, err);
	l->at = word_end(l, past);
	add_term(l, past, l->at, false);
	return 0;
}

static int
lex_some(struct lexer *l, size_t *at, struct err *err)
{
	static const struct {
		const char *word;
		enum token_kind kind;
	} operators[] = {
		{ "AND", TOKEN_AND }, { "OR", TOKEN_OR }, { "NOT", TOKEN_NOT },
	};
	const struct field *f;
	size_t past, i;

	if (l->text[l->at] == ')' && l->depth > 0) {
		add(l, TOKEN_CLOSE, l->at++);
		l->depth--;
		return 0;
	}
	if (l->text[l->at] == '-' && !is_end(l, l->at + 1) &&
	    l->text[l->at + 1] != '-') {
		add(l, TOKEN_NOT, l->at++);
		if (l->text[l->at] != '"' && l->text[l->at] != '(' &&
		    prefix_at(l, l->at, &past) == NULL) {
			past = word_end(l, l->at);
			add_term(l, l->at, past, false);
			l->at = past;
			return 0;
		}
	}
	if (l->text[l->at] == '"')
		return lex_quoted(l, at, err);
	if (l->text[l->at] == '(')
		return lex_open(l, at, err);
	if ((f = prefix_at(l, l->at, &past)) != NULL)
		return lex_field(l, f, past, at, err);
	past = word_end(l, l->at);
	for (i = 0; i < COUNT(operators); i++)
		if (past - l->at == strlen(operators[i].word) &&
		    memcmp(l->text + l->at, operators[i].word,
		    past - l->at) == 0)
			break;
	add_term(l, l->at, past, false);
	if (i < COUNT(operators))
		l->tokens[l->count - 1].kind = operators[i].kind;
	l->at = past;
	return 0;
}

/* An operator without its operand is a word, and so the operand of others. */
static void
settle_operators(struct token *t)
{
	bool has_left = false;

	for (; t->kind != TOKEN_END; t++) {
		bool has_right = t[1].kind != TOKEN_END &&
		    t[1].kind != TOKEN_CLOSE;

		switch (t->kind) {
		case TOKEN_AND:
		case TOKEN_OR:
			if (!has_left || !has_right)
				t->kind = TOKEN_TERM;
			break;
		case TOKEN_NOT:
			if (!has_right)
				t->kind = TOKEN_TERM;
			break;
		default:
			break;
		}
		has_left = t->kind == TOKEN_TERM || t->kind == TOKEN_CLOSE;
	}
}

int
lex(struct arena *a, const char *text, bool is_literal, struct token **tokens,
    size_t *at, struct err *err)
{
	struct lexer l = { .arena = a, .text = text, .len = strlen(text) };
	size_t n;

	while (l.at < l.len) {
		if ((n = space_len(&l, l.at)) > 0) {
			l.at += n;
		} else if (is_literal) {
			n = word_end(&l, l.at);
			add_term(&l, l.at, n, true);
			l.tokens[l.count - 1].at = l.at;
			l.at = n;
		} else if (lex_some(&l, at, err) != 0) {
			return -1;
		}
	}
	if (l.depth > 0) {
		*at = l.open[l.depth - 1];
		return err_set(err, ERR_INPUT,
		    "this parenthesis is never closed");
	}
	add(&l, TOKEN_END, l.at);
	settle_operators(l.tokens);
	*tokens = l.tokens;
	return 0;
}
