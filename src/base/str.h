/*
 * str - what C leaves out about strings. All of it is plain bytes and ASCII;
 * what needs Unicode is in base/unicode.h.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

bool str_is(const char *a, const char *b);	/* equal; NULL equals NULL only */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
int str_ascii_casecmp(const char *a, const char *b);	/* ignores the locale */

/* Copies what fits into a buffer of `room` bytes, NUL included, without
 * cutting a UTF-8 character in two. */
void str_copy(char *out, size_t room, const char *s);

/* Whether all bytes are well-formed UTF-8 (no surrogates, no overlongs, at
 * most U+10FFFF). *at, if not NULL, is the first byte that is not. */
bool str_is_utf8(const char *s, size_t len, size_t *at);

/* Decodes one code point; returns its length in bytes, 0 at the end (len 0).
 * A byte that is not UTF-8 gives U+FFFD and 1. */
size_t str_utf8_next(const char *s, size_t len, unsigned *code_point);

/* Whole decimal numbers only: no sign but '-', no space, no overflow. */
bool str_to_i64(const char *s, long long *value);
bool str_to_u32(const char *s, unsigned *value);

/* Reading on: what is there is passed over; false, and nothing is, if it is
 * not. Exactly `count` decimal digits (at most 9); one word. */
bool str_take_digits(const char **s, int count, int *value);
bool str_take(const char **s, const char *word);

/* RFC 4648 base64 with padding; decoding is strict and appends nothing when
 * it returns false. */
void str_base64(struct buf *out, const void *p, size_t len);
bool str_unbase64(struct buf *out, const char *s, size_t len);

/* Lower-case hexadecimal, NUL-terminated: 2 * len + 1 bytes are written. */
void str_hex(char *out, const void *p, size_t len);

#endif
