/*
 * unicode - what search and terminals need to know of characters, through
 * utf8proc: folding, widths, word boundaries, dangerous characters.
 *
 * Input is UTF-8; a byte that is not is taken as U+FFFD, never refused.
 * Nothing depends on the locale.
 */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Folding: two texts that a person would call the same word come out equal.
 * Case, diacritics, full and half width (NFKC), and what does not decompose:
 * ß as ss, ł as l, ø as o, đ as d, æ as ae, œ as oe, ı as i. Appends to out.
 */
void unicode_fold(struct buf *out, const char *s, size_t len);

/* The class that decides where a word begins and ends in searching. */
enum unicode_class {
	UNICODE_OTHER,		/* separates: spaces, punctuation, controls */
	UNICODE_WORD,		/* letters, digits, marks of spaced scripts */
	UNICODE_DENSE,		/* Han, kana, Hangul, Thai, Lao, Khmer, ...: found
				 * by any part of a run */
	UNICODE_EMOJI,		/* pictures: each is a word of its own */
	UNICODE_JOINER,		/* ZWJ, variation selectors: in a word or nothing */
};
enum unicode_class unicode_class(unsigned code_point);

/* Columns on a terminal: 0 (combining, format), 1 or 2. Control
 * characters are 0; make them visible first. */
int unicode_width(unsigned code_point);
size_t unicode_columns(const char *s, size_t len);

/*
 * Characters that may not reach a terminal from elsewhere: C0, DEL, C1, line
 * and paragraph separators, bidi embeddings, overrides and isolates, and
 * what is not UTF-8. unicode_visible() appends text with each of them made
 * visible (U+2400.. pictures for C0, <U+202E> for others); a tab becomes a
 * space; a line feed becomes a picture like the others.
 */
bool unicode_is_dangerous(unsigned code_point);
void unicode_visible(struct buf *out, const char *s, size_t len);

/* The same, but a line feed is followed by `indent` spaces, so that no line
 * of a message can pass for a message. */
void unicode_visible_lines(struct buf *out, const char *s, size_t len,
    int indent);

#endif
