/*
 * forged - is:forged: a query over the stanzas that were refused. They are
 * few and in no index; what they claim is compared as text.
 */
#ifndef QUERY_FORGED_H
#define QUERY_FORGED_H

#include "query/sql.h"
#include "query/tree.h"

/* Appends a statement of the ids of `forged` rows, in order. */
void forged_compile(struct sql *s, const struct query_node *root,
    const struct query_options *options, struct buf *out);

#endif
