#include "format/line.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "base/unicode.h"

/*
 * Colours: SGR, ECMA-48 8.3.117. Speakers get the sixteen colours of the
 * terminal's own theme, without black, white and red, which say other things.
 */

static const char *const colors[] = {
	[LINE_PLAIN] = "", [LINE_DIM] = "2", [LINE_BOLD] = "1",
	[LINE_MARK] = "3", [LINE_BAD] = "31",
};
static const char *const speakers[] = {
	"32", "33", "34", "35", "36", "92", "93", "94", "95", "96",
};

static const char *
code_of(int color)
{
	return color < LINE_SPEAKER ? colors[color]
				    : speakers[color - LINE_SPEAKER];
}

void
line_on(const struct format_options *o, struct buf *out, int color)
{
	if (o->is_color && *code_of(color) != '\0')
		buf_printf(out, "\033[%sm", code_of(color));
}

void
line_off(const struct format_options *o, struct buf *out, int color)
{
	if (o->is_color && *code_of(color) != '\0')
		buf_str(out, "\033[m");
}

int
line_speaker(const char *who)
{
	uint32_t hash = 2166136261u;	/* FNV-1a */

	for (; *who != '\0'; who++)
		hash = (hash ^ (unsigned char)*who) * 16777619u;
	return LINE_SPEAKER + (int)(hash % COUNT(speakers));
}

/*
 * Times.
 */

static void
split(const struct format_options *o, int64_t us, struct tm *tm)
{
	time_t seconds;

	if (us < TIME_LEAST)
		us = TIME_LEAST;
	if (us > TIME_MOST)
		us = TIME_MOST;
	seconds = (time_t)(us / TIME_SECOND);
	if (o->is_utc || localtime_r(&seconds, tm) == NULL)
		gmtime_r(&seconds, tm);
}

void
line_clock(const struct format_options *o, struct buf *out, int64_t us)
{
	struct tm tm;

	split(o, us, &tm);
	buf_printf(out, "%02d:%02d", tm.tm_hour, tm.tm_min);
}

void
line_moment(const struct format_options *o, struct buf *out, int64_t us)
{
	struct tm tm;
	long minutes;

	split(o, us, &tm);
	buf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d.%03d",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, (int)(us % TIME_SECOND / 1000));
	minutes = tm.tm_gmtoff / 60;
	if (o->is_utc)
		buf_char(out, 'Z');
	else
		buf_printf(out, " %c%02ld%02ld", minutes < 0 ? '-' : '+',
		    labs(minutes) / 60, labs(minutes) % 60);
}

int
line_day(const struct format_options *o, int64_t us)
{
	struct tm tm;

	split(o, us, &tm);
	return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 +
	    tm.tm_mday;
}

void
line_day_name(const struct format_options *o, struct buf *out, int64_t us)
{
	static const char *const days[] = { "Sunday", "Monday", "Tuesday",
		"Wednesday", "Thursday", "Friday", "Saturday" };
	static const char *const months[] = { "January", "February", "March",
		"April", "May", "June", "July", "August", "September",
		"October", "November", "December" };
	struct tm tm;

	split(o, us, &tm);
	buf_printf(out, "%s %d %s %d", days[tm.tm_wday], tm.tm_mday,
	    months[tm.tm_mon], tm.tm_year + 1900);
}

/*
 * Texts.
 */

/* Hebrew, Arabic and their neighbours: the blocks that Unicode keeps for
 * right-to-left scripts (UAX 9, DerivedBidiClass). */
static bool
is_right_to_left(unsigned c)
{
	return (c >= 0x0590 && c <= 0x08ff) || c == 0x200f || c == 0x061c ||
	    (c >= 0xfb1d && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfeff) ||
	    (c >= 0x10800 && c <= 0x10fff) || (c >= 0x1e800 && c <= 0x1efff);
}

static bool
has_right_to_left(const char *s, size_t len)
{
	size_t n;
	unsigned c;

	for (; len > 0; s += n, len -= n) {
		n = str_utf8_next(s, len, &c);
		if (is_right_to_left(c))
			return true;
	}
	return false;
}

void
line_isolated(struct buf *out, const char *s, size_t len)
{
	bool isolate = has_right_to_left(s, len);

	if (isolate)
		buf_utf8(out, 0x2068);
	buf_add(out, s, len);
	if (isolate)
		buf_utf8(out, 0x2069);
}

void
line_word(struct buf *out, const char *s)
{
	struct buf safe = { 0 };

	unicode_visible(&safe, s, strlen(s));
	line_isolated(out, safe.data, safe.len);
	buf_clear(&safe);
}

static void
indent_by(struct buf *out, size_t indent)
{
	buf_char(out, '\n');
	for (; indent > 0; indent--)
		buf_char(out, ' ');
}

void
line_text(struct buf *out, const char *s, size_t len, size_t indent)
{
	struct buf safe = { 0 };
	const char *end;
	size_t n;
	bool is_first = true;

	do {
		end = memchr(s, '\n', len);
		n = end != NULL ? (size_t)(end - s) : len;
		if (!is_first && n > 0)
			indent_by(out, indent);
		else if (!is_first)
			buf_char(out, '\n');
		buf_reset(&safe);
		/* A CR before the LF is the other half of a line end. */
		unicode_visible(&safe, s, n > 0 && end != NULL &&
		    s[n - 1] == '\r' ? n - 1 : n);
		if (safe.len > 0)
			line_isolated(out, safe.data, safe.len);
		if (end != NULL)
			n++;
		s += n;
		len -= n;
		is_first = false;
	} while (end != NULL);
	buf_clear(&safe);
}

size_t
line_columns(const struct buf *out, size_t start)
{
	const char *s = out->data + start, *end = out->data + out->len;
	size_t columns = 0, n;
	unsigned c;

	while (s < end) {
		if (*s == '\033') {
			while (s < end && *s != 'm')
				s++;
			s += s < end;
			continue;
		}
		n = str_utf8_next(s, (size_t)(end - s), &c);
		columns += (size_t)unicode_width(c);
		s += n;
	}
	return columns;
}

void
line_pad(struct buf *out, size_t columns, size_t to)
{
	do
		buf_char(out, ' ');
	while (++columns < to);
}
