#include "app/outline.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/unicode.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_SIGN, TOKEN_BAD };

struct token {
	enum token_kind kind;
	char sign;		/* SIGN: one of { } = , */
	const char *s;		/* as it stands, quotes included */
	size_t len;
	int line;
};

struct reader {
	struct outline *o;
	const char *at, *end;
	int line;
	size_t block;		/* where we are */
	struct token token;	/* looked at, not yet taken */
	bool has_token;
};

void
outline_problem(struct outline *o, int line, const char *format, ...)
{
	struct buf text = { 0 };
	va_list ap;

	if (o->is_shallow && o->is_inside)
		return;
	va_start(ap, format);
	buf_vprintf(&text, format, ap);
	va_end(ap);
	if (line > 0)
		buf_printf(o->problems, "%s:%d: ", o->path, line);
	else
		buf_printf(o->problems, "%s: ", o->path);
	unicode_visible(o->problems, text.data, text.len);
	buf_char(o->problems, '\n');
	buf_clear(&text);
}

/*
 * Tokens, as libconfuse's lexer.l has them.
 */

static bool
is_variable(const char *s, size_t len, size_t *name_len)
{
	size_t i = 0;

	while (i < len && ((s[i] >= 'A' && s[i] <= 'Z') || s[i] == '_' ||
	    (s[i] >= 'a' && s[i] <= 'z') ||
	    (i > 0 && s[i] >= '0' && s[i] <= '9')))
		i++;
	*name_len = i;
	return i > 0 && (i == len || (len - i >= 2 && s[i] == ':' &&
	    s[i + 1] == '-'));
}

/* ${NAME} or ${NAME:-otherwise} at `at`; returns where it ends. */
static const char *
take_variable(struct reader *r, const char *at, const char *end, bool *bad)
{
	const char *close = memchr(at, '}', (size_t)(end - at));
	size_t len, name_len;
	char *name;

	if (close == NULL || !is_variable(at + 2, (size_t)(close - at) - 2,
	    &name_len)) {
		outline_problem(r->o, r->line, "a variable is written "
		    "${NAME}, and a dollar sign before a brace \\${");
		*bad = true;
		return close == NULL ? end : close + 1;
	}
	len = (size_t)(close - at) - 2;
	name = mem_strn(at + 2, name_len);
	if (len == name_len && getenv(name) == NULL) {
		outline_problem(r->o, r->line, "the environment variable %s "
		    "is not set", name);
		*bad = true;
	}
	free(name);
	return close + 1;
}

/* What stands behind a backslash between double quotes. */
static const char *
take_escape(struct reader *r, const char *at, const char *end, bool *bad)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	unsigned value = 0;
	const char *p = at + 1;
	int n = 0;

	if (p < end && *p == '\n') {
		r->line++;
		return p + 1;
	}
	if (p < end && *p >= '0' && *p <= '9') {
		for (; p < end && *p >= '0' && *p <= '9'; p++, n++)
			value = *p > '7' ? 256 : value * 8 +
			    (unsigned)(*p - '0');
		if (n > 3 || value > 255 || value == 0) {
			outline_problem(r->o, r->line, "%.*s is not a "
			    "character", (int)(p - at), at);
			*bad = true;
		}
		return p;
	}
	if (p < end && *p == 'x') {
		for (p++; p < end && n < 2 && *p != '\0' &&
		    strchr(digits, *p) != NULL; p++, n++)
			value |= (unsigned)(*p != '0');
		if (value == 0) {
			outline_problem(r->o, r->line, "\\x stands before "
			    "the number of a character");
			*bad = true;
		}
		return p;
	}
	return p < end ? p + 1 : p;
}

/*
 * A quoted word. libconfuse lets it go on over lines; here it may not, since
 * nothing in a configuration needs that, and a forgotten quote is then found
 * where it is missing. (A backslash at the end of a line continues it.)
 */
static void
take_quoted(struct reader *r, struct token *t)
{
	char quote = *r->at;
	const char *p = r->at + 1;
	bool bad = false;

	while (p < r->end && *p != quote && *p != '\n') {
		if (quote == '"' && *p == '\\')
			p = take_escape(r, p, r->end, &bad);
		else if (quote == '"' && *p == '$' && r->end - p > 1 &&
		    p[1] == '{') {
			const char *eol = memchr(p, '\n',
			    (size_t)(r->end - p));

			p = take_variable(r, p, eol != NULL ? eol : r->end,
			    &bad);
		} else
			p++;
	}
	t->s = r->at;
	t->len = (size_t)(p - r->at);
	t->kind = bad ? TOKEN_BAD : TOKEN_WORD;
	r->at = p;
	if (p < r->end && *p == quote) {
		t->len++;
		r->at++;
	} else {
		outline_problem(r->o, t->line, "the quote %c is not closed on "
		    "its line", quote);
		t->kind = TOKEN_BAD;
	}
}

static bool
skip_comment(struct reader *r)
{
	const char *p = r->at;
	int line = r->line;

	if (*p == '#' || (r->end - p > 1 && p[0] == '/' && p[1] == '/')) {
		while (r->at < r->end && *r->at != '\n')
			r->at++;
		return true;
	}
	if (r->end - p < 2 || p[0] != '/' || p[1] != '*')
		return false;
	for (p += 2; r->end - p > 1 && (p[0] != '*' || p[1] != '/'); p++)
		if (*p == '\n')
			r->line++;
	if (r->end - p > 1) {
		r->at = p + 2;
	} else {
		outline_problem(r->o, line, "the comment is not closed");
		r->at = r->end;
	}
	return true;
}

static struct token
take_token(struct reader *r)
{
	static const char ends[] = " #\"'\t\n\r={}()+,*";
	struct token t = { .kind = TOKEN_END };

	while (r->at < r->end) {
		if (*r->at == '\n')
			r->line++;
		if (*r->at == '\n' || *r->at == ' ' || *r->at == '\t' ||
		    *r->at == '\r')
			r->at++;
		else if (!skip_comment(r))
			break;
	}
	t.line = r->line;
	t.s = r->at;
	if (r->at == r->end)
		return t;
	if (*r->at == '"' || *r->at == '\'') {
		take_quoted(r, &t);
		return t;
	}
	if (strchr("{}=,", *r->at) != NULL) {
		t.kind = TOKEN_SIGN;
		t.sign = *r->at++;
		t.len = 1;
		return t;
	}
	if (*r->at == '+' && r->end - r->at > 1 && r->at[1] == '=') {
		t.kind = TOKEN_SIGN;
		t.sign = '=';
		t.len = 2;
		r->at += 2;
		return t;
	}
	while (r->at < r->end && strchr(ends, *r->at) == NULL &&
	    (*r->at != '$' || r->end - r->at < 2 || r->at[1] != '{'))
		r->at++;
	t.len = (size_t)(r->at - t.s);
	t.kind = TOKEN_WORD;
	if (r->at < r->end && *r->at == '$') {
		outline_problem(r->o, r->line, "a variable stands between "
		    "double quotes");
		t.kind = TOKEN_BAD;
		while (r->at < r->end && strchr(" \t\r\n", *r->at) == NULL)
			r->at++;
	} else if (t.len == 0) {
		outline_problem(r->o, r->line, "unexpected '%c'", *t.s);
		t.kind = TOKEN_BAD;
		r->at++;
	}
	return t;
}

static struct token *
peek(struct reader *r)
{
	if (!r->has_token)
		r->token = take_token(r);
	r->has_token = true;
	return &r->token;
}

static struct token
next(struct reader *r)
{
	peek(r);
	r->has_token = false;
	return r->token;
}

static bool
is_sign(const struct token *t, char sign)
{
	return t->kind == TOKEN_SIGN && t->sign == sign;
}

/* A word again as libconfuse shall read it: single quotes are literal, where
 * libconfuse would take two backslashes for one. */
static void
put_word(struct buf *out, const struct token *t)
{
	size_t i;

	for (i = 0; i < t->len; i++) {
		buf_char(out, t->s[i]);
		if (t->s[0] == '\'' && t->s[i] == '\\')
			buf_char(out, '\\');
	}
}

/*
 * Statements.
 */

static const struct outline_shape *
shape_find(const struct outline_shape *shapes, const struct token *t)
{
	bool quoted = t->len >= 2 && (*t->s == '"' || *t->s == '\'');
	const char *s = quoted ? t->s + 1 : t->s;
	size_t len = quoted ? t->len - 2 : t->len;

	for (; shapes->name != NULL; shapes++)
		if (strlen(shapes->name) == len &&
		    memcmp(shapes->name, s, len) == 0)
			return shapes;
	return NULL;
}

static const struct outline_key *
key_find(const struct outline *o, size_t block, const char *name)
{
	size_t i;

	for (i = 0; i < o->key_count; i++)
		if (o->keys[i].block == block &&
		    strcmp(o->keys[i].shape->name, name) == 0)
			return &o->keys[i];
	return NULL;
}

int
outline_line(const struct outline *o, size_t block, const char *key)
{
	const struct outline_key *k = key_find(o, block, key);

	return k != NULL ? k->line : o->blocks[block].line;
}

int
outline_value_line(const struct outline *o, size_t block, const char *key,
    size_t i)
{
	const struct outline_key *k = key_find(o, block, key);

	return k != NULL && i < k->value_count ? k->value_lines[i]
					       : outline_line(o, block, key);
}

static struct outline_key *
key_add(struct outline *o, size_t block, const struct outline_shape *shape,
    int line)
{
	struct outline_key *k;

	o->keys = mem_resize(o->keys, o->key_count + 1, sizeof *o->keys);
	k = &o->keys[o->key_count++];
	*k = (struct outline_key){ .block = block, .shape = shape,
		.line = line };
	return k;
}

static void
value_add(struct outline_key *k, int line)
{
	k->value_lines = mem_resize(k->value_lines, k->value_count + 1,
	    sizeof *k->value_lines);
	k->value_lines[k->value_count++] = line;
}

static void
open_block(struct reader *r, const struct outline_shape *shape, int line,
    const struct token *title)
{
	struct outline *o = r->o;

	o->blocks = mem_resize(o->blocks, o->block_count + 1,
	    sizeof *o->blocks);
	o->blocks[o->block_count] = (struct outline_block){ .shape = shape,
		.parent = r->block, .line = line };
	r->block = o->block_count++;
	buf_printf(&o->text, "%s \"%zu\" {\n" OUTLINE_TITLE " = ", shape->name,
	    r->block);
	put_word(&o->text, title);
	buf_char(&o->text, '\n');
}

static void
close_block(struct reader *r)
{
	buf_str(&r->o->text, "}\n");
	r->block = r->o->blocks[r->block].parent;
}

/* Drops a block whose beginning was not understood, with all in it. */
static void
skip_block(struct reader *r, int line)
{
	struct token t;
	size_t depth = 0;

	do {
		t = next(r);
		if (is_sign(&t, '{'))
			depth++;
		if (is_sign(&t, '}'))
			depth--;
		if (t.kind == TOKEN_END) {
			r->o->is_inside = false;
			outline_problem(r->o, line, "the block that begins "
			    "here is not closed");
			return;
		}
	} while (depth > 0);
}

/* Behind `=`: one value, or a list. `shape` NULL: read over it. What is good
 * goes to libconfuse's text. */
static void
take_values(struct reader *r, const struct outline_shape *shape,
    const struct token *key, bool is_wanted)
{
	struct buf text = { 0 };
	struct outline_key *k = NULL;
	struct token t;
	bool bad = false, is_list = is_sign(peek(r), '{');

	if (shape != NULL && is_wanted)
		k = key_add(r->o, r->block, shape, key->line);
	if (!is_list) {
		if (peek(r)->kind != TOKEN_WORD &&
		    peek(r)->kind != TOKEN_BAD) {
			outline_problem(r->o, key->line, "%.*s has no value",
			    (int)key->len, key->s);
			bad = true;
			goto done;
		}
		t = next(r);
		bad = t.kind == TOKEN_BAD;
		put_word(&text, &t);
		if (k != NULL)
			value_add(k, t.line);
	} else {
		bool is_first = true;

		next(r);
		if (shape != NULL && shape->kind == OUTLINE_ONE) {
			outline_problem(r->o, key->line, "%s takes one value, "
			    "not a list", shape->name);
			bad = true;
		}
		while (!is_sign(peek(r), '}')) {
			t = *peek(r);
			if (t.kind == TOKEN_END || is_sign(&t, '=') ||
			    is_sign(&t, '{')) {
				outline_problem(r->o, key->line, "the list "
				    "that begins here is not closed");
				bad = true;
				/* The last word was the next key. */
				if (is_sign(&t, '=')) {
					next(r);
					next(r);
				}
				goto done;
			}
			next(r);
			if (t.kind == TOKEN_BAD) {
				bad = true;
				continue;
			}
			if (is_sign(&t, ',') == is_first) {
				if (!bad && is_first)
					outline_problem(r->o, t.line, "the "
					    "list has a comma too many");
				else if (!bad)
					outline_problem(r->o, t.line, "the "
					    "list wants a comma before %.*s",
					    (int)t.len, t.s);
				bad = true;
				continue;
			}
			is_first = !is_first;
			if (t.kind == TOKEN_WORD) {
				if (text.len > 0)
					buf_str(&text, ", ");
				put_word(&text, &t);
				if (k != NULL)
					value_add(k, t.line);
			}
		}
		next(r);
	}
done:
	if (k != NULL)
		k->is_bad = bad;
	if (k != NULL && !bad && shape->kind == OUTLINE_LIST)
		buf_printf(&r->o->text, "%s = { %s }\n", shape->name,
		    text.data != NULL ? text.data : "");
	else if (k != NULL && !bad)
		buf_printf(&r->o->text, "%s = %s\n", shape->name, text.data);
	if (text.data != NULL)
		mem_wipe(text.data, text.len);
	buf_clear(&text);
}

/* `key` was taken, and `=` does not follow: the beginning of a block, or a
 * slip. */
static void
take_block(struct reader *r, const struct outline_shape *shape,
    const struct token *key)
{
	struct token title = { .kind = TOKEN_END };

	if (peek(r)->kind == TOKEN_WORD || peek(r)->kind == TOKEN_BAD)
		title = next(r);
	if (!is_sign(peek(r), '{')) {
		if (shape != NULL && shape->kind != OUTLINE_BLOCK)
			outline_problem(r->o, key->line, "%s wants = and a "
			    "value", shape->name);
		else if (shape != NULL)
			outline_problem(r->o, key->line, "%s wants a name and "
			    "a block: %s \"...\" { ... }", shape->name,
			    shape->name);
		return;
	}
	if (shape == NULL) {
		skip_block(r, key->line);
		return;
	}
	if (shape->kind != OUTLINE_BLOCK) {
		outline_problem(r->o, key->line, "%s wants = and a value, not "
		    "a block", shape->name);
		skip_block(r, key->line);
		return;
	}
	if (title.kind == TOKEN_END)
		outline_problem(r->o, key->line, "%s wants a name before its "
		    "block", shape->name);
	if (title.kind != TOKEN_WORD) {
		skip_block(r, key->line);
		return;
	}
	next(r);
	open_block(r, shape, key->line, &title);
}

/* Always told: what follows it may have been meant for the file. */
static void
report_open_block(struct reader *r)
{
	const struct outline_block *b = &r->o->blocks[r->block];

	r->o->is_inside = false;
	outline_problem(r->o, b->line, "the %s block that begins here is not "
	    "closed", b->shape->name);
}

static void
take_statement(struct reader *r, const struct outline_shape *top)
{
	struct outline *o = r->o;
	const struct outline_shape *shapes, *shape;
	struct token key;
	bool is_wanted = true;

	o->is_inside = r->block != 0;
	key = next(r);
	if (is_sign(&key, '}')) {
		if (r->block == 0)
			outline_problem(o, key.line, "this brace closes "
			    "nothing");
		else
			close_block(r);
		return;
	}
	if (key.kind == TOKEN_BAD)
		return;
	if (key.kind != TOKEN_WORD) {
		outline_problem(o, key.line, "unexpected '%c'", key.sign);
		return;
	}
	shapes = r->block == 0 ? top : o->blocks[r->block].shape->inside;
	shape = shape_find(shapes, &key);
	/* A block of the file inside another: the other was not closed. */
	if (shape == NULL && r->block != 0 && !is_sign(peek(r), '=')) {
		shape = shape_find(top, &key);
		if (shape != NULL)
			shapes = top;
		while (shape != NULL && r->block != 0) {
			report_open_block(r);
			close_block(r);
		}
	}
	if (shape == NULL && r->block == 0)
		outline_problem(o, key.line, "unknown key %.*s", (int)key.len,
		    key.s);
	else if (shape == NULL)
		outline_problem(o, key.line, "unknown key %.*s in a block of "
		    "kind %s", (int)key.len, key.s,
		    o->blocks[r->block].shape->name);
	if (!is_sign(peek(r), '=')) {
		take_block(r, shape, &key);
		return;
	}
	next(r);
	if (shape != NULL && shape->kind == OUTLINE_BLOCK) {
		outline_problem(o, key.line, "%s wants a name and a block: "
		    "%s \"...\" { ... }", shape->name, shape->name);
		is_wanted = false;
	} else if (shape != NULL &&
	    key_find(o, r->block, shape->name) != NULL) {
		outline_problem(o, key.line, "%s is given twice (first in "
		    "line %d)", shape->name,
		    outline_line(o, r->block, shape->name));
		is_wanted = false;
	}
	take_values(r, shape, &key, is_wanted);
}

void
outline_read(struct outline *o, const char *path, const char *s, size_t len,
    const struct outline_shape *shapes, bool is_shallow,
    struct buf *problems)
{
	struct reader r = { .o = o, .at = s, .end = s + len, .line = 1 };
	size_t bad, i;

	*o = (struct outline){ .path = path, .problems = problems,
		.is_shallow = is_shallow };
	o->blocks = mem_alloc(sizeof *o->blocks);
	o->block_count = 1;
	if (!str_is_utf8(s, len, &bad) || memchr(s, '\0', len) != NULL) {
		const char *nul = memchr(s, '\0', len);
		int line = 1;

		if (nul != NULL)
			bad = (size_t)(nul - s);
		for (i = 0; i < bad; i++)
			line += s[i] == '\n';
		outline_problem(o, line, "this is not text in UTF-8");
		return;
	}
	while (peek(&r)->kind != TOKEN_END)
		take_statement(&r, shapes);
	while (r.block != 0) {
		report_open_block(&r);
		close_block(&r);
	}
	o->is_inside = false;
}

void
outline_clear(struct outline *o)
{
	size_t i;

	for (i = 0; i < o->key_count; i++)
		free(o->keys[i].value_lines);
	free(o->keys);
	free(o->blocks);
	if (o->text.data != NULL)
		mem_wipe(o->text.data, o->text.len);
	buf_clear(&o->text);
	*o = (struct outline){ 0 };
}
