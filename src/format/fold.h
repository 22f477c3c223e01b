/*
 * fold - lines that fit the terminal.
 *
 * What runs over the edge goes on in column 0 of a terminal, where it could
 * pass for a message; so nothing is left to the terminal. Entries are written
 * as if there were no edge, and folded as a whole.
 */
#ifndef FORMAT_FOLD_H
#define FORMAT_FOLD_H

#include <stddef.h>

#include "base/buf.h"
#include "format/format.h"

/* The terminal's columns, at least FOLD_LEAST; 0: there is no edge. */
enum { FOLD_LEAST = 20 };
size_t fold_width(const struct format_options *o);

/* Lines that are safe (line.h), each ended by a line feed: what does not fit
 * goes on below, `indent` columns in; an isolate that is open there is closed
 * and opened again. indent is at most half of FOLD_LEAST where the width may
 * be anything. */
void fold_lines(const struct format_options *o, struct buf *out,
    const char *s, size_t len, size_t indent);

/* A stranger's word as line_word() has it, shortened with an ellipsis to so
 * many columns. */
void fold_word(struct buf *out, const char *s, size_t columns);

#endif
