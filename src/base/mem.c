#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *
mem_alloc(size_t len)
{
	void *p = calloc(1, len ? len : 1);

	if (p == NULL)
		abort();
	return p;
}

void *
mem_array(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (p == NULL)
		abort();
	return p;
}

void *
mem_resize(void *p, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		abort();
	p = realloc(p, count > 0 && size > 0 ? count * size : 1);
	if (p == NULL)
		abort();
	return p;
}

void *
mem_copy(const void *p, size_t len)
{
	void *copy = mem_alloc(len);

	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
mem_str(const char *s)
{
	return s == NULL ? NULL : mem_strn(s, strlen(s));
}

char *
mem_strn(const char *s, size_t len)
{
	char *copy = mem_alloc(len + 1);

	if (len > 0)
		memcpy(copy, s, len);
	return copy;
}

char *
mem_printf(const char *format, ...)
{
	char *s;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&s, format, ap) < 0)
		abort();
	va_end(ap);
	return s;
}

void
mem_wipe(void *p, size_t len)
{
	if (p != NULL)
		explicit_bzero(p, len);
}

void
mem_wipe_str(char *s)
{
	if (s != NULL)
		mem_wipe(s, strlen(s));
}
