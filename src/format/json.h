/*
 * json - for objects that are no entries (`status`): a string as this
 * format's lines have them.
 */
#ifndef FORMAT_JSON_H
#define FORMAT_JSON_H

#include "base/buf.h"

/* In quotes, escaped, always UTF-8; NULL gives null. */
void json_string(struct buf *out, const char *s);

#endif
