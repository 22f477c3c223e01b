/*
 * buf - a byte buffer that grows at its end and is eaten from its front.
 *
 * Embedded by value; { 0 } is an empty one. `data` is valid until the next
 * call that adds, always has a NUL behind `len` bytes once anything was
 * added, and is NULL before. Never fails (mem.h).
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data;
	size_t len;
	size_t room;		/* bytes allocated behind data */
	size_t eaten;		/* bytes in front of data, already consumed */
};

void buf_clear(struct buf *b);		/* frees; the buffer can be used again */
void buf_wipe(struct buf *b);		/* the same, overwritten first: secrets */
void buf_reset(struct buf *b);		/* empties, keeps the memory */

void buf_add(struct buf *b, const void *p, size_t len);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list ap);
void buf_utf8(struct buf *b, unsigned code_point);

/* Drops bytes from the front; at most len. */
void buf_eat(struct buf *b, size_t len);
/* Cuts to len bytes; not more than there are. */
void buf_cut(struct buf *b, size_t len);

/* Room for len more bytes behind the end; say buf_added() once filled. */
char *buf_room(struct buf *b, size_t len);
void buf_added(struct buf *b, size_t len);

/* The bytes as a string that is yours; the buffer is empty afterwards. */
char *buf_take(struct buf *b);

#endif
