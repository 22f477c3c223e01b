#include "cmd/list.h"
#include "cmd/say.h"
#include "model/jid.h"

static int
presence_want(const struct call *call, struct reader *r,
    struct read_presence *want)
{
	struct jid jid;
	const char *why;

	*want = (struct read_presence){ .accounts = r->accounts };
	if (call->word_count == 1) {
		if (!jid_check(r->arena, call->words[0], &jid, &why)) {
			say("%s: not an address: %s", call->words[0], why);
			return EXIT_USAGE;
		}
		want->jid = jid.full;
	}
	return reader_span(r, &want->since_us, &want->until_us);
}

static int
presence_run(const struct call *call, struct reader *r)
{
	struct read_presence_cursor *c;
	const struct format_kind *kind;
	struct format_options options;
	struct read_presence want;
	struct entry_presence p;
	struct err err = { 0 };
	struct format *f;
	struct output o;
	int status, got;
	bool any = false;

	kind = list_format(call, &status);
	if (status == 0)
		status = presence_want(call, r, &want);
	if (status != 0)
		return status;
	c = read_presences(r->store, &want, &err);
	if (c == NULL)
		return say_err(&err);
	if (output_open(&o, call, true) != 0) {
		read_presence_free(c);
		return EXIT_UNABLE;
	}
	options = output_options(&o, call);
	options.has_account = reader_has_accounts(r, NULL, true);
	f = kind->begin(&options);
	for (;;) {
		arena_reset(r->step);
		got = read_presence_next(c, r->step, &p, &err);
		if (got <= 0)
			break;
		kind->presence(f, &p, &o.buf);
		any = true;
		if (output_more(&o) != 0)
			break;
	}
	kind->end(f, &o.buf);
	read_presence_free(c);
	status = got < 0 ? say_err(&err) : any ? EXIT_DONE : EXIT_NOTHING;
	return output_close(&o, status);
}

static const struct option_row presence_options[] = {
	OPTION(0, "since", "TIME", OPTION_TEXT, since,
	    "from the beginning of TIME on"),
	OPTION(0, "until", "TIME", OPTION_TEXT, until, "to the end of TIME"),
	OPTION_END
};

const struct command command_presence = {
	.name = "presence",
	.arguments = "[JID]",
	.summary = "presence changes, oldest first",
	.more = "A bare JID: all its resources; a full one: only that.",
	.needs = NEEDS_ARCHIVE,
	.words_most = 1,
	.options = presence_options,
	.examples = {
		"backscroll presence romeo@example.net --since today",
		"backscroll presence --format json --since 2026-11 --until "
		    "2026-11",
	},
	.run = presence_run,
};
