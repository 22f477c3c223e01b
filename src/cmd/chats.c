#include <string.h>

#include "cmd/list.h"
#include "cmd/say.h"

/*
 * With a query: the conversations that have a match, counted by what matches
 * and dated by its first and last. Messages come newest first, and so do the
 * conversations as they are met.
 */
static int
chats_matching(struct reader *r, const struct entry_chat *all, size_t count,
    struct entry_chat *found, size_t *found_count)
{
	struct query_options query = { 0 };
	struct read_select select;
	struct read_want want = { 0 };
	struct read_cursor *c;
	struct entry_message m;
	struct err err = { 0 };
	bool nothing;
	size_t i, k;
	int status, got;

	*found_count = 0;
	status = reader_select(r, reader_query_text(r), &query, &select,
	    &nothing);
	if (status != 0 || nothing)
		return status;
	c = read_messages(r->store, &select, &err);
	if (c == NULL)
		return say_err(&err);
	for (;;) {
		arena_reset(r->step);
		got = read_next(c, r->step, &want, &m, &err);
		if (got <= 0)
			break;
		for (i = 0; i < *found_count; i++)
			if (strcmp(found[i].chat, m.chat) == 0 &&
			    strcmp(found[i].account, m.account) == 0)
				break;
		for (k = 0; i == *found_count && k < count; k++)
			if (strcmp(all[k].chat, m.chat) == 0 &&
			    strcmp(all[k].account, m.account) == 0) {
				found[i] = all[k];
				found[i].messages = 0;
				found[i].last_us = m.time_us;
				++*found_count;
				break;
			}
		if (i == *found_count)
			continue;	/* came after the list was read */
		found[i].messages++;
		found[i].first_us = m.time_us;
	}
	read_cursor_free(c);
	return got < 0 ? say_err(&err) : 0;
}

static int
chats_run(const struct call *call, struct reader *r)
{
	const struct format_kind *kind;
	struct format_options options;
	struct entry_chat *chats, *found;
	struct err err = { 0 };
	struct format *f;
	struct output o;
	size_t count, i;
	int status;

	kind = list_format(call, &status);
	if (kind == NULL)
		return status;
	if (read_chats(r->store, r->arena, &r->accounts, &chats, &count,
	    &err) != 0)
		return say_err(&err);
	if (call->word_count > 0) {
		found = arena_array(r->arena, count + 1, sizeof *found);
		status = chats_matching(r, chats, count, found, &count);
		if (status != 0)
			return status;
		chats = found;
	}
	if (output_open(&o, call, true) != 0)
		return EXIT_UNABLE;
	options = output_options(&o, call);
	options.has_account = reader_has_accounts(r, NULL, false);
	f = kind->begin(&options);
	for (i = 0; i < count; i++) {
		kind->chat(f, &chats[i], &o.buf);
		if (output_more(&o) != 0)
			break;
	}
	kind->end(f, &o.buf);
	return output_close(&o, count > 0 ? EXIT_DONE : EXIT_NOTHING);
}

static const struct option_row chats_options[] = {
	OPTION(0, "literal", NULL, OPTION_FLAG, literal,
	    "words only: nothing in them is syntax"),
	OPTION_END
};

const struct command command_chats = {
	.name = "chats",
	.arguments = "[QUERY]",
	.summary = "conversations, newest activity first",
	.needs = NEEDS_ARCHIVE | NEEDS_QUERY,
	.words_most = WORDS_ANY,
	.options = chats_options,
	.examples = {
		"backscroll chats",
		"backscroll chats --format json balcony since:2026",
	},
	.run = chats_run,
};
