/*
 * match - the parts of a tree that FTS5 can decide alone.
 */
#ifndef QUERY_MATCH_H
#define QUERY_MATCH_H

#include <stdbool.h>

#include "base/buf.h"
#include "query/tree.h"

/* subject:* and the like: there is something, whatever it says. */
bool match_is_any(const struct query_node *n);

/* Whether it is words under AND, OR and NOT, where each NOT takes away from
 * something, and not too deep. */
bool match_can(const struct query_node *n);

/* Appends it as an FTS5 expression; only if match_can(). */
void match_add(struct buf *out, const struct query_node *n);

#endif
