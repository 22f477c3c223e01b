/*
 * notice - what a program says to a person, as one line: a prefix, a sentence,
 * a line end. What comes from strangers is in it as it is, so control
 * characters are made visible.
 */
#ifndef APP_NOTICE_H
#define APP_NOTICE_H

#include <stdarg.h>

#include "base/buf.h"

void notice_line(struct buf *out, const char *prefix, const char *format,
    va_list ap);

#endif
