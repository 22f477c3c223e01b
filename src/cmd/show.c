#include "base/unicode.h"
#include "cmd/list.h"
#include "cmd/say.h"

/* The stanza as it is kept: a terminal gets it made visible, a pipe gets its
 * bytes. */
static int
show_raw(const struct entry_message *m, struct output *o)
{
	if (m->raw == NULL) {
		say("%s: its XML was not kept", "show --raw");
		return EXIT_NOTHING;
	}
	if (o->is_terminal)
		unicode_visible_lines(&o->buf, m->raw, m->raw_len, 0);
	else
		buf_add(&o->buf, m->raw, m->raw_len);
	buf_char(&o->buf, '\n');
	return EXIT_DONE;
}

static int
show_run(const struct call *call, struct reader *r)
{
	struct read_want want = { .raw = true, .copies = true };
	const struct format_kind *kind;
	struct format_options options;
	struct entry_message m;
	struct err err = { 0 };
	struct format *f;
	struct output o;
	int64_t id;
	int status;

	kind = list_format(call, &status);
	if (kind == NULL)
		return status;
	if (!entry_id_parse(call->words[0], &id)) {
		say("%s: there is no such message", call->words[0]);
		say_advice("Ids have 16 hexadecimal digits; `backscroll "
		    "search` shows them.");
		return EXIT_NOTHING;
	}
	if (read_message(r->store, r->step, id, &want, &m, &err) != 0) {
		if (err.code != ERR_ABSENT)
			return say_err(&err);
		say("%s: there is no such message", call->words[0]);
		return EXIT_NOTHING;
	}
	if (output_open(&o, call, true) != 0)
		return EXIT_UNABLE;
	options = output_options(&o, call);
	if (call->raw && call->format == NULL)
		return output_close(&o, show_raw(&m, &o));
	f = kind->begin(&options);
	kind->details(f, &m, &o.buf);
	kind->end(f, &o.buf);
	return output_close(&o, EXIT_DONE);
}

static const struct option_row show_options[] = {
	OPTION(0, "raw", NULL, OPTION_FLAG, raw,
	    "its XML (in json: as well)"),
	OPTION_END
};

const struct command command_show = {
	.name = "show",
	.arguments = "ID",
	.summary = "one message whole, and where each copy came from",
	.needs = NEEDS_ARCHIVE,
	.words_least = 1,
	.words_most = 1,
	.options = show_options,
	.examples = {
		"backscroll show 000660dab2615078",
		"backscroll show --raw 000660dab2615078 | xmllint --format -",
	},
	.run = show_run,
};
