#include "base/buf.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
buf_clear(struct buf *b)
{
	if (b->data != NULL)
		free(b->data - b->eaten);
	*b = (struct buf){ 0 };
}

void
buf_wipe(struct buf *b)
{
	if (b->data != NULL)
		mem_wipe(b->data - b->eaten, b->eaten + b->room);
	buf_clear(b);
}

void
buf_reset(struct buf *b)
{
	if (b->data == NULL)
		return;
	b->data -= b->eaten;
	b->room += b->eaten;
	b->eaten = 0;
	b->len = 0;
	b->data[0] = '\0';
}

char *
buf_room(struct buf *b, size_t len)
{
	size_t want;

	if (len >= SIZE_MAX / 2 - b->len)
		abort();
	want = b->len + len + 1;
	if (want <= b->room)
		return b->data + b->len;
	if (b->eaten > 0) {
		memmove(b->data - b->eaten, b->data, b->len + 1);
		b->data -= b->eaten;
		b->room += b->eaten;
		b->eaten = 0;
	}
	if (want > b->room) {
		size_t room = b->room + b->room / 2;

		if (room < want)
			room = want;
		if (room < 64)
			room = 64;
		b->data = mem_resize(b->data, room, 1);
		b->room = room;
		b->data[b->len] = '\0';
	}
	return b->data + b->len;
}

void
buf_added(struct buf *b, size_t len)
{
	assert(b->len + len < b->room);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_add(struct buf *b, const void *p, size_t len)
{
	char *at = buf_room(b, len);

	if (len > 0)
		memcpy(at, p, len);
	buf_added(b, len);
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_vprintf(struct buf *b, const char *format, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, format, ap);
	assert(len >= 0);
	vsnprintf(buf_room(b, (size_t)len), (size_t)len + 1, format, again);
	va_end(again);
	buf_added(b, (size_t)len);
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	buf_vprintf(b, format, ap);
	va_end(ap);
}

void
buf_utf8(struct buf *b, unsigned c)
{
	char s[4];
	size_t len;

	if (c < 0x80) {
		s[0] = (char)c;
		len = 1;
	} else if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 0x3f));
		len = 2;
	} else if (c < 0x10000) {
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 0x3f));
		s[2] = (char)(0x80 | (c & 0x3f));
		len = 3;
	} else {
		s[0] = (char)(0xf0 | c >> 18);
		s[1] = (char)(0x80 | (c >> 12 & 0x3f));
		s[2] = (char)(0x80 | (c >> 6 & 0x3f));
		s[3] = (char)(0x80 | (c & 0x3f));
		len = 4;
	}
	buf_add(b, s, len);
}

void
buf_eat(struct buf *b, size_t len)
{
	assert(len <= b->len);
	if (len == b->len) {
		buf_reset(b);
		return;
	}
	b->data += len;
	b->room -= len;
	b->eaten += len;
	b->len -= len;
}

void
buf_cut(struct buf *b, size_t len)
{
	assert(len <= b->len);
	b->len = len;
	if (b->data != NULL)
		b->data[len] = '\0';
}

char *
buf_take(struct buf *b)
{
	char *s;

	buf_room(b, 0);
	if (b->eaten > 0) {
		memmove(b->data - b->eaten, b->data, b->len + 1);
		b->data -= b->eaten;
	}
	s = b->data;
	*b = (struct buf){ 0 };
	return s;
}
