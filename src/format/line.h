/*
 * line - what the text format's lines are made of: colours, times, names, and
 * texts of strangers made safe and isolated.
 */
#ifndef FORMAT_LINE_H
#define FORMAT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "format/format.h"
#include "model/record.h"

enum line_color {
	LINE_PLAIN, LINE_DIM, LINE_BOLD, LINE_MARK,	/* what we say */
	LINE_BAD,
	LINE_SPEAKER		/* + a number from line_speaker() */
};

/* Colour on, and off again; nothing without is_color. */
void line_on(const struct format_options *o, struct buf *out, int color);
void line_off(const struct format_options *o, struct buf *out, int color);

/* A colour for somebody, always the same one. */
int line_speaker(const char *who);

/* "10:11"; "2026-11-22 10:11:12.123 +0100" (Z with --utc). */
void line_clock(const struct format_options *o, struct buf *out, int64_t us);
void line_moment(const struct format_options *o, struct buf *out, int64_t us);
/* YYYYMMDD, and "Sunday 22 November 2026". */
int line_day(const struct format_options *o, int64_t us);
void line_day_name(const struct format_options *o, struct buf *out,
    int64_t us);

/* A stranger's word on one line: dangers visible, right-to-left isolated. */
void line_word(struct buf *out, const char *s);

/* The same of what is safe already: between isolates (UAX 9 6.3) if it needs
 * them, so that its direction does not turn what stands around it. */
void line_isolated(struct buf *out, const char *s, size_t len);

/* A stranger's text of perhaps many lines, the second and on indented, so
 * that no line of it can pass for a message. Folding is fold.h's. */
void line_text(struct buf *out, const char *s, size_t len, size_t indent);

/* Columns that bytes from `start` to the end of out take, without colours. */
size_t line_columns(const struct buf *out, size_t start);
/* Spaces up to a column, at least one. */
void line_pad(struct buf *out, size_t columns, size_t to);

#endif
