#include "cmd/list.h"

#include "cmd/say.h"

const struct format_kind *
list_format(const struct call *call, int *status)
{
	const char *name = call->format != NULL ? call->format : "text";
	const struct format_kind *kind = format_find(name);

	*status = 0;
	if (kind == NULL) {
		struct buf names = { 0 };
		size_t i;

		for (i = 0; format_table[i] != NULL; i++)
			buf_printf(&names, "%s%s", i > 0 ? ", " : "",
			    format_table[i]->name);
		*status = say_usage(call->command->name, "--format: %s is "
		    "not one of %s", name, names.data);
		buf_clear(&names);
	}
	return kind;
}

int
list_messages(struct reader *r, const struct read_select *select,
    int64_t least_id, long limit, const struct format_kind *kind,
    const struct format_options *options, struct output *o)
{
	struct read_want want = { .raw = options->has_raw };
	struct err err = { 0 };
	struct read_cursor *c;
	struct entry_message m;
	struct format *f;
	long shown = 0;
	int got;

	c = read_messages(r->store, select, &err);
	if (c == NULL)
		return say_err(&err);
	f = kind->begin(options);
	for (;;) {
		arena_reset(r->step);
		got = read_next(c, r->step, &want, &m, &err);
		if (got <= 0)
			break;
		if (m.id < least_id)
			continue;
		kind->message(f, &m, &o->buf);
		shown++;
		/* The first ones at once: a person may be looking. */
		if ((shown <= 20 ? output_flush(o) : output_more(o)) != 0)
			break;
		if (shown == limit)
			break;
	}
	kind->end(f, &o->buf);
	read_cursor_free(c);
	if (got < 0)
		return say_err(&err);
	return shown > 0 ? EXIT_DONE : EXIT_NOTHING;
}
