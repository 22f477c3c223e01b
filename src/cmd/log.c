#include "cmd/chat.h"
#include "cmd/list.h"
#include "cmd/say.h"

/* The id of the Nth newest: where the last N begin. 0 if there are fewer. */
static int
log_begin(struct reader *r, const struct read_select *select, long limit,
    int64_t *id)
{
	struct read_want want = { 0 };
	struct err err = { 0 };
	struct entry_message m;
	struct read_cursor *c = read_messages(r->store, select, &err);
	int got = c != NULL ? 1 : -1;

	*id = 0;
	while (got > 0 && limit-- > 0) {
		arena_reset(r->step);
		got = read_next(c, r->step, &want, &m, &err);
		if (got > 0)
			*id = m.id;
	}
	read_cursor_free(c);
	return got < 0 ? say_err(&err) : 0;
}

static int
log_select(struct reader *r, struct query_options *query, long limit,
    struct read_select *select, int64_t *least)
{
	bool nothing;
	int status;

	*least = 0;
	if (limit > 0) {
		query->is_ascending = false;
		status = reader_select(r, "*", query, select, &nothing);
		if (status == 0)
			status = log_begin(r, select, limit, least);
		if (status != 0)
			return status;
		/* Ids are moments, so the statement can begin there. */
		if (*least > query->since_us)
			query->since_us = *least;
	}
	query->is_ascending = true;
	return reader_select(r, "*", query, select, &nothing);
}

static int
log_run(const struct call *call, struct reader *r)
{
	struct query_options query = { .is_all = call->all };
	const struct format_kind *kind;
	struct format_options options;
	struct read_select select;
	struct output o;
	int64_t least;
	int status;

	kind = list_format(call, &status);
	if (status == 0)
		status = reader_span(r, &query.since_us, &query.until_us);
	if (status == 0)
		status = chat_find(r, call->words[0], &query.chat);
	if (status == 0)
		status = log_select(r, &query, call->limit, &select, &least);
	if (status != 0 || output_open(&o, call, true) != 0)
		return status != 0 ? status : EXIT_UNABLE;
	options = output_options(&o, call);
	options.has_ids = call->ids;
	options.has_account = reader_has_accounts(r, query.chat, call->all);
	status = list_messages(r, &select, least, call->limit, kind, &options,
	    &o);
	return output_close(&o, status);
}

static const struct option_row log_options[] = {
	OPTION('n', NULL, "N", OPTION_COUNT, limit, "the last N messages"),
	OPTION(0, "since", "TIME", OPTION_TEXT, since,
	    "from the beginning of TIME on"),
	OPTION(0, "until", "TIME", OPTION_TEXT, until, "to the end of TIME"),
	OPTION(0, "ids", NULL, OPTION_FLAG, ids, "show archive ids"),
	OPTION(0, "all", NULL, OPTION_FLAG, all,
	    "every record by itself: corrections, receipts, ..."),
	OPTION(0, "raw", NULL, OPTION_FLAG, raw, "the stanzas' XML too"),
	OPTION_END
};

const struct command command_log = {
	.name = "log",
	.arguments = "CHAT",
	.summary = "one conversation, oldest first",
	.more = "CHAT is an address, or a part of an address or roster name "
	    "that fits only one.",
	.needs = NEEDS_ARCHIVE,
	.words_least = 1,
	.words_most = 1,
	.options = log_options,
	.examples = {
		"backscroll log romeo --since yesterday",
		"backscroll log orchard@conference.example.com -n 50",
	},
	.run = log_run,
};
