#include <string.h>

#include "cmd/list.h"
#include "cmd/say.h"

/* Two streams in order of time: messages that match, and presences. */
struct merge {
	struct reader *r;
	const struct format_kind *kind;
	struct format *format;
	struct output *out;
	struct read_cursor *messages;
	struct read_presence_cursor *presences;
	struct arena *arena;		/* of the presence that waits */
	struct entry_presence presence;
	bool has_presence;
	bool any;
};

static int
next_presence(struct merge *m, struct err *err)
{
	int got;

	m->has_presence = false;
	if (m->presences == NULL)
		return 0;
	arena_reset(m->arena);
	got = read_presence_next(m->presences, m->arena, &m->presence, err);
	m->has_presence = got > 0;
	return got < 0 ? -1 : 0;
}

/* All presences before an id. 1: the reader went away. */
static int
put_presences(struct merge *m, int64_t before, struct err *err)
{
	while (m->has_presence && m->presence.id < before) {
		m->kind->presence(m->format, &m->presence, &m->out->buf);
		m->any = true;
		if (output_more(m->out) != 0)
			return 1;
		if (next_presence(m, err) != 0)
			return -1;
	}
	return 0;
}

static int
export_all(struct merge *m, bool has_raw, struct err *err)
{
	struct read_want want = { .raw = has_raw };
	struct entry_message e;
	int got = 0, end;

	if (next_presence(m, err) != 0)
		return -1;
	while (m->messages != NULL) {
		arena_reset(m->r->step);
		got = read_next(m->messages, m->r->step, &want, &e, err);
		if (got <= 0)
			break;
		end = put_presences(m, e.id, err);
		if (end != 0)
			return end < 0 ? -1 : 0;
		m->kind->message(m->format, &e, &m->out->buf);
		m->any = true;
		if (output_more(m->out) != 0)
			return 0;
	}
	if (got < 0)
		return -1;
	return put_presences(m, INT64_MAX, err) < 0 ? -1 : 0;
}

static int
export_into(struct reader *r, const struct call *call,
    const struct read_select *select, bool nothing,
    const struct format_kind *kind, struct output *o)
{
	struct read_presence presence = { .accounts = r->accounts };
	struct format_options options = output_options(o, call);
	struct merge m = { .r = r, .kind = kind, .out = o };
	struct err err = { 0 };
	int got = -1;

	options.has_raw = call->raw || kind == format_find("json");
	options.is_each = select->is_each;
	options.has_chat = options.has_ids = true;
	options.has_account = reader_has_accounts(r, NULL, select->is_each);
	m.arena = arena_new();
	m.format = kind->begin(&options);
	if (!nothing)
		m.messages = read_messages(r->store, select, &err);
	if (call->presence && (nothing || m.messages != NULL))
		m.presences = read_presences(r->store, &presence, &err);
	if ((nothing || m.messages != NULL) &&
	    (!call->presence || m.presences != NULL))
		got = export_all(&m, options.has_raw, &err);
	kind->end(m.format, &o->buf);
	read_cursor_free(m.messages);
	if (m.presences != NULL)
		read_presence_free(m.presences);
	arena_free(m.arena);
	if (got < 0)
		return say_err(&err);
	return m.any ? EXIT_DONE : EXIT_NOTHING;
}

static int
export_run(const struct call *call, struct reader *r)
{
	struct query_options query = { .is_ascending = true };
	bool is_file = call->output != NULL && strcmp(call->output, "-") != 0;
	const struct format_kind *kind;
	struct read_select select;
	struct output o;
	bool nothing;
	int status;

	kind = list_format(call, &status);
	if (kind == NULL)
		return status;
	/* JSON has every record; what is read has what `log` would show. */
	query.is_all = call->all || kind == format_find("json");
	if (call->word_count == 0)
		r->context.is_literal = false;
	status = reader_select(r, call->word_count > 0 ? reader_query_text(r)
	    : "*", &query, &select, &nothing);
	if (status != 0)
		return status;
	if ((is_file ? output_open_file(&o, call->output)
	    : output_open(&o, call, true)) != 0)
		return EXIT_UNABLE;
	status = export_into(r, call, &select, nothing, kind, &o);
	return output_close(&o, status);
}

static const struct option_row export_options[] = {
	OPTION('o', "output", "FILE", OPTION_TEXT, output,
	    "write FILE, which appears when it is whole; `-`: standard "
	    "output"),
	OPTION(0, "presence", NULL, OPTION_FLAG, presence,
	    "the presence changes too"),
	OPTION(0, "all", NULL, OPTION_FLAG, all,
	    "every record by itself (json always)"),
	OPTION(0, "raw", NULL, OPTION_FLAG, raw,
	    "the stanzas' XML (json always)"),
	OPTION(0, "literal", NULL, OPTION_FLAG, literal,
	    "words only: nothing in them is syntax"),
	OPTION_END
};

const struct command command_export = {
	.name = "export",
	.arguments = "[QUERY]",
	.summary = "everything that matches, oldest first",
	.needs = NEEDS_ARCHIVE | NEEDS_QUERY,
	.words_most = WORDS_ANY,
	.options = export_options,
	.examples = {
		"backscroll export --format json -o archive.jsonl",
		"backscroll export --format json --presence with:romeo@"
		    "example.net",
	},
	.run = export_run,
};
