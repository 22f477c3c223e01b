#include "base/str.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

bool
str_is(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t len = strlen(s), n = strlen(suffix);

	return len >= n && memcmp(s + len - n, suffix, n) == 0;
}

static int
lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

int
str_ascii_casecmp(const char *a, const char *b)
{
	const unsigned char *p = (const unsigned char *)a;
	const unsigned char *q = (const unsigned char *)b;

	while (*p != '\0' && lower(*p) == lower(*q))
		p++, q++;
	return lower(*p) - lower(*q);
}

void
str_copy(char *out, size_t room, const char *s)
{
	size_t len = strlen(s);

	if (len >= room) {
		len = room - 1;
		while (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(out, s, len);
	out[len] = '\0';
}

size_t
str_utf8_next(const char *str, size_t len, unsigned *code_point)
{
	const unsigned char *s = (const unsigned char *)str;
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned c;
	size_t want, i;

	if (len == 0)
		return 0;
	c = s[0];
	if (c < 0x80) {
		*code_point = c;
		return 1;
	}
	*code_point = 0xfffd;
	if (c >= 0xc2 && c <= 0xdf) {
		want = 2;
		c &= 0x1f;
	} else if (c >= 0xe0 && c <= 0xef) {
		want = 3;
		c &= 0x0f;
	} else if (c >= 0xf0 && c <= 0xf4) {
		want = 4;
		c &= 0x07;
	} else {
		return 1;
	}
	if (len < want)
		return 1;
	for (i = 1; i < want; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[want] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 1;
	*code_point = c;
	return want;
}

bool
str_is_utf8(const char *s, size_t len, size_t *at)
{
	size_t i = 0, n;
	unsigned c;

	while (i < len) {
		n = str_utf8_next(s + i, len - i, &c);
		if (n == 1 && (unsigned char)s[i] >= 0x80) {
			if (at != NULL)
				*at = i;
			return false;
		}
		i += n;
	}
	return true;
}

bool
str_to_i64(const char *s, long long *value)
{
	bool negative = *s == '-';
	unsigned long long n = 0;
	unsigned long long most = negative ? (unsigned long long)LLONG_MAX + 1
					   : (unsigned long long)LLONG_MAX;

	if (negative)
		s++;
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		unsigned digit = (unsigned char)*s - '0';

		if (digit > 9 || n > (most - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*value = negative ? (long long)(0 - n) : (long long)n;
	return true;
}

bool
str_to_u32(const char *s, unsigned *value)
{
	long long n;

	if (*s == '-' || !str_to_i64(s, &n) || n > (long long)UINT32_MAX)
		return false;
	*value = (unsigned)n;
	return true;
}

bool
str_take_digits(const char **s, int count, int *value)
{
	int n = 0, i;

	for (i = 0; i < count; i++) {
		if ((*s)[i] < '0' || (*s)[i] > '9')
			return false;
		n = n * 10 + ((*s)[i] - '0');
	}
	*value = n;
	*s += count;
	return true;
}

bool
str_take(const char **s, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*s, word, len) != 0)
		return false;
	*s += len;
	return true;
}

static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
str_base64(struct buf *out, const void *data, size_t len)
{
	const unsigned char *p = data;
	char quad[4];

	for (; len > 0; p += 3) {
		unsigned n = (unsigned)p[0] << 16;

		if (len > 1)
			n |= (unsigned)p[1] << 8;
		if (len > 2)
			n |= p[2];
		quad[0] = base64[n >> 18];
		quad[1] = base64[n >> 12 & 63];
		quad[2] = len > 1 ? base64[n >> 6 & 63] : '=';
		quad[3] = len > 2 ? base64[n & 63] : '=';
		buf_add(out, quad, 4);
		len -= len < 3 ? len : 3;
	}
}

bool
str_unbase64(struct buf *out, const char *s, size_t len)
{
	size_t start = out->len, i;

	if (len % 4 != 0)
		return false;
	for (i = 0; i < len; i += 4) {
		unsigned n = 0, pad = 0, k;
		char three[3];

		for (k = 0; k < 4; k++) {
			const char *at;

			if (s[i + k] == '=' && i + 4 == len && k >= 2) {
				pad++;
				n <<= 6;
				continue;
			}
			at = s[i + k] ? strchr(base64, s[i + k]) : NULL;
			if (at == NULL || pad > 0) {
				buf_cut(out, start);
				return false;
			}
			n = n << 6 | (unsigned)(at - base64);
		}
		if ((pad == 1 && n & 0xff) || (pad == 2 && n & 0xffff)) {
			buf_cut(out, start);
			return false;
		}
		three[0] = (char)(n >> 16);
		three[1] = (char)(n >> 8);
		three[2] = (char)n;
		buf_add(out, three, 3 - pad);
	}
	return true;
}

void
str_hex(char *out, const void *data, size_t len)
{
	static const char digit[] = "0123456789abcdef";
	const unsigned char *p = data;
	size_t i;

	for (i = 0; i < len; i++) {
		out[2 * i] = digit[p[i] >> 4];
		out[2 * i + 1] = digit[p[i] & 15];
	}
	out[2 * len] = '\0';
}
