#include "format/fold.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "base/unicode.h"
#include "format/line.h"

/* First strong isolate and its end: UAX 9 6.3. */
enum {
	ISOLATE = 0x2068, ISOLATE_END = 0x2069, JOINER = 0x200d,
	AS_EMOJI = 0xfe0f	/* a variation selector: UTS 51 1.4.3 */
};

size_t
fold_width(const struct format_options *o)
{
	return o->columns <= 0 ? 0 : o->columns < FOLD_LEAST ? FOLD_LEAST
	    : (size_t)o->columns;
}

/* The next character, or a whole colour sequence as a character 0. */
static size_t
next(const char *s, size_t len, unsigned *c, size_t *columns)
{
	const char *end;

	*columns = 0;
	if (*s == '\033') {
		*c = 0;
		end = memchr(s, 'm', len);
		return end != NULL ? (size_t)(end - s) + 1 : len;
	}
	len = str_utf8_next(s, len, c);
	/* Many terminals draw what goes before in two columns then. */
	*columns = *c == AS_EMOJI ? 1 : (size_t)unicode_width(*c);
	return len;
}

/* Whether a line may be cut in front of a character: combining ones, skin
 * tones and what a joiner joins stay where they are. */
static bool
may_part(unsigned before, unsigned c, size_t columns)
{
	return columns > 0 && before != JOINER && c != AS_EMOJI &&
	    !(c >= 0x1f3fb && c <= 0x1f3ff);
}

/*
 * How much of a line fits that begins at a column: up to the last space
 * behind the indent, or to a wide character; a word that fits nowhere is cut.
 */
static size_t
fitting(const char *s, size_t len, size_t column, size_t width, size_t indent)
{
	size_t at, n, columns, space = 0, cut = 0;
	unsigned c, before = 0;
	bool has_begun = false;

	for (at = 0; at < len; at += n, before = c, column += columns) {
		n = next(s + at, len - at, &c, &columns);
		if (has_begun && may_part(before, c, columns)) {
			cut = at;
			if (columns == 2)
				space = at;
		}
		if (column + columns > width)
			break;
		if (c == ' ' && has_begun)
			space = at + n;
		if (c != ' ' && columns > 0 && column >= indent)
			has_begun = true;
	}
	if (at == len)
		return len;
	if (s[at] == ' ' && has_begun)
		return at;
	if (space > 0 || cut > 0)
		return space > 0 ? space : cut;
	return at > 0 ? at : n;
}

/* Adds a piece of a line; *open: whether an isolate is open behind it. */
static void
put_piece(struct buf *out, const char *s, size_t len, bool *open)
{
	const char *at = s, *end = s + len;
	size_t columns;
	unsigned c;

	while (at < end) {
		at += next(at, (size_t)(end - at), &c, &columns);
		if (c == ISOLATE || c == ISOLATE_END)
			*open = c == ISOLATE;
	}
	buf_add(out, s, len);
}

static void
fold_line(struct buf *out, const char *s, size_t len, size_t width,
    size_t indent)
{
	size_t column = 0, n, end, i;
	bool open = false;

	for (;;) {
		n = fitting(s, len, column, width, indent);
		for (end = n; n < len && end > 0 && s[end - 1] == ' '; end--)
			;
		put_piece(out, s, end, &open);
		while (n < len && s[n] == ' ')
			n++;
		s += n;
		len -= n;
		if (len == 0)
			return;
		if (open)
			buf_utf8(out, ISOLATE_END);
		buf_char(out, '\n');
		for (i = 0; i < indent; i++)
			buf_char(out, ' ');
		if (open)
			buf_utf8(out, ISOLATE);
		column = indent;
	}
}

void
fold_lines(const struct format_options *o, struct buf *out, const char *s,
    size_t len, size_t indent)
{
	size_t width = fold_width(o), n;
	const char *end;

	if (width == 0) {
		buf_add(out, s, len);
		return;
	}
	while (len > 0) {
		end = memchr(s, '\n', len);
		n = end != NULL ? (size_t)(end - s) : len;
		fold_line(out, s, n, width, indent);
		if (end != NULL) {
			buf_char(out, '\n');
			n++;
		}
		s += n;
		len -= n;
	}
}

void
fold_word(struct buf *out, const char *s, size_t columns)
{
	struct buf safe = { 0 };
	size_t at = 0, cut = 0, n, column = 0, wide;
	unsigned c, before = 0;

	unicode_visible(&safe, s, strlen(s));
	if (safe.len > 0 && unicode_columns(safe.data, safe.len) > columns) {
		for (; at < safe.len; at += n, before = c, column += wide) {
			n = next(safe.data + at, safe.len - at, &c, &wide);
			if (may_part(before, c, wide))
				cut = at;
			if (column + wide > columns - 1)
				break;
		}
		buf_cut(&safe, cut);
		buf_str(&safe, "\xe2\x80\xa6");
	}
	line_isolated(out, safe.data, safe.len);
	buf_clear(&safe);
}
