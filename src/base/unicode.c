#include "base/unicode.h"

#include <stdint.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "base/str.h"

struct range {
	unsigned first, last;
};

static bool
in_ranges(const struct range *r, size_t count, unsigned c)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (c >= r[i].first && c <= r[i].last)
			return true;
	return false;
}

/* Marks that are diacritics: a reader may leave them out. Vowel signs of
 * Indic scripts are marks too, but they are letters to their readers. */
static const struct range diacritics[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x05bf, 0x05c7 }, { 0x0610, 0x061a }, { 0x0640, 0x0640 },
	{ 0x064b, 0x065f }, { 0x0670, 0x0670 }, { 0x06d6, 0x06ed },
	{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff },
	{ 0xfe20, 0xfe2f },
};

/* Scripts written without spaces between words, and Korean, whose particles
 * stick to theirs. */
static const struct range dense[] = {
	{ 0x0e00, 0x0eff },	/* Thai, Lao */
	{ 0x1000, 0x109f },	/* Myanmar */
	{ 0x1100, 0x11ff },	/* Hangul jamo */
	{ 0x1780, 0x17ff },	/* Khmer */
	{ 0x3005, 0x3007 },
	{ 0x3041, 0x30ff },	/* kana */
	{ 0x3105, 0x318f },	/* Bopomofo, Hangul compatibility jamo */
	{ 0x31a0, 0x31bf }, { 0x31f0, 0x31ff },
	{ 0x3400, 0x4dbf }, { 0x4e00, 0x9fff },		/* Han */
	{ 0xa960, 0xa97f }, { 0xac00, 0xd7ff },		/* Hangul */
	{ 0xf900, 0xfaff },
	{ 0x1b000, 0x1b16f },	/* kana */
	{ 0x20000, 0x3fffd },	/* Han */
};

static unsigned
undecomposed(unsigned c, unsigned *second)
{
	*second = 0;
	switch (c) {
	case 0x142:
		return 'l';
	case 0xf8:
		return 'o';
	case 0x111:
		return 'd';
	case 0x131:
		return 'i';
	case 0xe6:
		*second = 'e';
		return 'a';
	case 0x153:
		*second = 'e';
		return 'o';
	default:
		return c;
	}
}

/* One run without ASCII letters in it, all at once: composing looks at
 * neighbours. */
static void
fold_run(struct buf *out, const char *s, size_t len)
{
	utf8proc_int32_t small[256], *cp = small;
	size_t room = COUNT(small), count = 0, i, n;
	int boundary = 0;

	for (i = 0; i < len; i += n) {
		unsigned c;
		utf8proc_ssize_t got;

		n = str_utf8_next(s + i, len - i, &c);
		if (room - count < 32) {
			utf8proc_int32_t *more = mem_array(room * 2, sizeof *cp);
			size_t k;

			for (k = 0; k < count; k++)
				more[k] = cp[k];
			if (cp != small)
				free(cp);
			cp = more;
			room *= 2;
		}
		/* Hangul syllables would fall into jamo and be put together
		 * again: spare both. */
		if (c >= 0xac00 && c <= 0xd7a3) {
			cp[count++] = (utf8proc_int32_t)c;
			continue;
		}
		got = utf8proc_decompose_char((utf8proc_int32_t)c, cp + count,
		    (utf8proc_ssize_t)(room - count), UTF8PROC_DECOMPOSE |
		    UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE,
		    &boundary);
		if (got < 0 || (size_t)got > room - count)
			cp[count++] = (utf8proc_int32_t)c;
		else
			count += (size_t)got;
	}
	for (i = n = 0; i < count; i++)
		if (!in_ranges(diacritics, COUNT(diacritics), (unsigned)cp[i]))
			cp[n++] = cp[i];
	if (n > 1) {
		utf8proc_ssize_t got = utf8proc_normalize_utf32(cp,
		    (utf8proc_ssize_t)n, UTF8PROC_COMPOSE | UTF8PROC_STABLE);

		if (got >= 0)
			n = (size_t)got;
	}
	for (i = 0; i < n; i++) {
		unsigned second, c = undecomposed((unsigned)cp[i], &second);

		buf_utf8(out, c);
		if (second != 0)
			buf_char(out, (char)second);
	}
	if (cp != small)
		free(cp);
}

void
unicode_fold(struct buf *out, const char *s, size_t len)
{
	size_t i = 0, start;

	while (i < len) {
		unsigned char c = (unsigned char)s[i];

		/* A base letter belongs to the marks behind it. */
		if (c < 0x80 && (i + 1 == len ||
		    (unsigned char)s[i + 1] < 0x80)) {
			buf_char(out, c >= 'A' && c <= 'Z'
			    ? (char)(c + ('a' - 'A')) : (char)c);
			i++;
			continue;
		}
		start = i++;
		while (i < len && (unsigned char)s[i] >= 0x80)
			i++;
		fold_run(out, s + start, i - start);
	}
}

enum unicode_class
unicode_class(unsigned c)
{
	const utf8proc_property_t *p;

	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') ? UNICODE_WORD : UNICODE_OTHER;
	if (c == 0x200d || c == 0x200c || (c >= 0xfe00 && c <= 0xfe0f) ||
	    (c >= 0xe0100 && c <= 0xe01ef))
		return UNICODE_JOINER;
	p = utf8proc_get_property((utf8proc_int32_t)c);
	if (p->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC ||
	    p->boundclass == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR ||
	    (c >= 0x1f3fb && c <= 0x1f3ff))
		return UNICODE_EMOJI;
	switch (p->category) {
	case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT: case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO: case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL: case UTF8PROC_CATEGORY_NO:
	case UTF8PROC_CATEGORY_MN: case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME: case UTF8PROC_CATEGORY_CO:
		return in_ranges(dense, COUNT(dense), c) ? UNICODE_DENSE
							 : UNICODE_WORD;
	default:
		return UNICODE_OTHER;
	}
}

/* Prepended_Concatenation_Mark. */
static bool
is_number_sign(unsigned c)
{
	return (c >= 0x0600 && c <= 0x0605) || c == 0x06dd || c == 0x070f ||
	    c == 0x0890 || c == 0x0891 || c == 0x08e2 || c == 0x110bd ||
	    c == 0x110cd;
}

/* Numbers in squares, hexagrams. */
static bool
is_wide_symbol(unsigned c)
{
	return (c >= 0x3248 && c <= 0x324f) || (c >= 0x4dc0 && c <= 0x4dff);
}

int
unicode_width(unsigned c)
{
	int width;

	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return 0;
	width = utf8proc_charwidth((utf8proc_int32_t)c);
	/* Terminals give a column to marks that Unicode calls spacing, and to
	 * the signs that stand before a number; and glibc's tables give two
	 * to some symbols of East Asia. */
	if (width == 0 && (utf8proc_category((utf8proc_int32_t)c) ==
	    UTF8PROC_CATEGORY_MC || is_number_sign(c)))
		return 1;
	return is_wide_symbol(c) ? 2 : width;
}

size_t
unicode_columns(const char *s, size_t len)
{
	size_t columns = 0, n;
	unsigned c;

	for (; len > 0; s += n, len -= n) {
		n = str_utf8_next(s, len, &c);
		columns += (size_t)unicode_width(c);
	}
	return columns;
}

bool
unicode_is_dangerous(unsigned c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	    c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069);
}

static void
visible(struct buf *out, const char *s, size_t len, int indent)
{
	size_t n;
	unsigned c;

	buf_room(out, len);
	for (; len > 0; s += n, len -= n) {
		n = str_utf8_next(s, len, &c);
		if (c == '\n' && indent >= 0) {
			int i;

			buf_char(out, '\n');
			for (i = 0; i < indent; i++)
				buf_char(out, ' ');
		} else if (c == '\t') {
			buf_char(out, ' ');
		} else if (c < 0x20) {
			buf_utf8(out, 0x2400 + c);
		} else if (c == 0x7f) {
			buf_utf8(out, 0x2421);
		} else if (unicode_is_dangerous(c)) {
			buf_printf(out, "<U+%04X>", c);
		} else if (c == 0xfffd) {
			buf_utf8(out, c);
		} else {
			buf_add(out, s, n);
		}
	}
	buf_room(out, 0);
}

void
unicode_visible(struct buf *out, const char *s, size_t len)
{
	visible(out, s, len, -1);
}

void
unicode_visible_lines(struct buf *out, const char *s, size_t len, int indent)
{
	visible(out, s, len, indent);
}
