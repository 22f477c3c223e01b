/*
 * sql - a statement while it is put together: its values, always bound, and
 * the sets it names.
 */
#ifndef QUERY_SQL_H
#define QUERY_SQL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "query/query.h"

struct sql {
	struct arena *arena;
	struct query_bind *binds;
	size_t bind_count, bind_room;
	struct buf with;	/* the sets: w1(id) AS (...), ... */
	int with_count;
};

/* Appends `?N` for a value; a text is borrowed as long as the arena. The
 * number can be used again with sql_again(). */
int sql_text(struct sql *s, struct buf *out, const char *text);
int sql_int(struct sql *s, struct buf *out, int64_t number);
void sql_again(struct buf *out, int n);

/* Conditions joined by " AND " or " OR " in parentheses, balanced: SQLite
 * limits the depth of an expression, and a query may have thousands. */
void sql_join(struct buf *out, const char *const *parts, size_t count,
    const char *with);

#endif
