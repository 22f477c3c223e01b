/*
 * when - times as people write them. query_when() in query.h reads one.
 *
 * Local time is that of the C library (TZ). A local time that daylight saving
 * skips is the moment of the jump; one that comes twice begins with the first
 * and ends with the second.
 */
#ifndef QUERY_WHEN_H
#define QUERY_WHEN_H

#include <stdint.h>

#include "base/err.h"
#include "query/query.h"

/* `date:`: A..B, A.., ..B or A. INT64_MIN and INT64_MAX where it is open. An
 * instant such as 3d alone goes on until now. */
int when_span(const char *text, const struct query_context *context,
    int64_t *first_us, int64_t *past_us, struct err *err);

#endif
