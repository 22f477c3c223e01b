/*
 * mem - allocation that does not fail.
 *
 * Out of memory aborts: the disk is consistent, and what was not
 * acknowledged can be fetched again. So no caller tests for NULL.
 * Memory is the caller's; free() returns it.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t len);		/* zeroed; len 0 is fine */
void *mem_array(size_t count, size_t size);	/* zeroed, overflow checked */
void *mem_resize(void *p, size_t count, size_t size);	/* new part undefined */
void *mem_copy(const void *p, size_t len);
char *mem_str(const char *s);		/* NULL gives NULL */
char *mem_strn(const char *s, size_t len);	/* NUL is added */
char *mem_printf(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Overwrites a secret before it is freed; NULL is fine. */
void mem_wipe(void *p, size_t len);
void mem_wipe_str(char *s);

#define COUNT(array) (sizeof (array) / sizeof (array)[0])

#endif
