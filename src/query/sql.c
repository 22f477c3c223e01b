#include "query/sql.h"

#include <string.h>

static int
add_bind(struct sql *s, struct buf *out, enum query_bind_kind kind,
    const char *text, int64_t number)
{
	struct query_bind *b;

	if (s->bind_count == s->bind_room) {
		size_t room = s->bind_room ? 2 * s->bind_room : 8;
		struct query_bind *more = arena_array(s->arena, room,
		    sizeof *more);

		if (s->bind_count > 0)
			memcpy(more, s->binds, s->bind_count * sizeof *more);
		s->binds = more;
		s->bind_room = room;
	}
	b = &s->binds[s->bind_count++];
	b->kind = kind;
	b->text = text;
	b->number = number;
	if (out != NULL)
		sql_again(out, (int)s->bind_count);
	return (int)s->bind_count;
}

int
sql_text(struct sql *s, struct buf *out, const char *text)
{
	return add_bind(s, out, QUERY_TEXT, text, 0);
}

int
sql_int(struct sql *s, struct buf *out, int64_t number)
{
	return add_bind(s, out, QUERY_INT, NULL, number);
}

void
sql_again(struct buf *out, int n)
{
	buf_printf(out, "?%d", n);
}

void
sql_join(struct buf *out, const char *const *parts, size_t count,
    const char *with)
{
	if (count == 1) {
		buf_str(out, parts[0]);
		return;
	}
	buf_char(out, '(');
	sql_join(out, parts, count / 2, with);
	buf_str(out, with);
	sql_join(out, parts + count / 2, count - count / 2, with);
	buf_char(out, ')');
}
