#include <stdio.h>

#include "cmd/list.h"
#include "cmd/say.h"

static int
search_count(struct reader *r, const struct read_select *select, bool nothing,
    const struct call *call, struct output *o)
{
	struct err err = { 0 };
	int64_t count = 0;

	if (!nothing && read_count(r->store, select, &count, &err) != 0)
		return say_err(&err);
	if (call->limit > 0 && count > call->limit)
		count = call->limit;
	buf_printf(&o->buf, "%lld\n", (long long)count);
	return count > 0 ? EXIT_DONE : EXIT_NOTHING;
}

static int
search_run(const struct call *call, struct reader *r)
{
	struct query_options query = { .is_ascending = call->oldest_first,
		.is_all = call->all };
	const struct format_kind *kind;
	struct format_options options;
	struct read_select select;
	struct output o;
	bool nothing;
	int status;

	kind = list_format(call, &status);
	if (status == 0)
		status = reader_select(r, reader_query_text(r), &query,
		    &select, &nothing);
	if (status != 0 || output_open(&o, call, !call->count) != 0)
		return status != 0 ? status : EXIT_UNABLE;
	options = output_options(&o, call);
	options.has_ids = options.has_chat = true;
	if (call->count) {
		status = search_count(r, &select, nothing, call, &o);
	} else if (nothing) {
		status = EXIT_NOTHING;
	} else {
		options.has_account = reader_has_accounts(r, NULL, call->all);
		status = list_messages(r, &select, 0, call->limit, kind,
		    &options, &o);
	}
	return output_close(&o, status);
}

static const struct option_row search_options[] = {
	OPTION('n', NULL, "N", OPTION_COUNT, limit, "at most N messages"),
	OPTION(0, "oldest-first", NULL, OPTION_FLAG, oldest_first,
	    "oldest first; with -n: the oldest N"),
	OPTION(0, "count", NULL, OPTION_FLAG, count, "only how many"),
	OPTION(0, "literal", NULL, OPTION_FLAG, literal,
	    "words only: nothing in them is syntax"),
	OPTION(0, "all", NULL, OPTION_FLAG, all,
	    "every record by itself: corrections, receipts, ..."),
	OPTION(0, "raw", NULL, OPTION_FLAG, raw, "the stanzas' XML too"),
	OPTION_END
};

const struct command command_search = {
	.name = "search",
	.arguments = "QUERY...",
	.summary = "messages that match, newest first",
	.more = "Words are joined by AND and match in bodies and subjects; "
	    "\"a phrase\", word*, OR, NOT\nor -, ( ) and prefixes are known. "
	    "`*` is everything.",
	.needs = NEEDS_ARCHIVE | NEEDS_QUERY,
	.words_least = 1,
	.words_most = WORDS_ANY,
	.options = search_options,
	.examples = {
		"backscroll search -n 20 dinner -from:bob since:3d",
		"backscroll search --format json 'from:romeo (balcony OR "
		    "orchard)'",
	},
	.run = search_run,
};
