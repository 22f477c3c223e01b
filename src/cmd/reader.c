#include "cmd/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "app/paths.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/unicode.h"
#include "cmd/output.h"
#include "cmd/say.h"
#include "cmd/setting.h"

enum { BUSY_MS = 5000 };

const char *
reader_query_text(struct reader *r)
{
	struct buf text = { 0 };
	const char *s;
	size_t i;

	for (i = 0; i < r->call->word_count; i++) {
		if (i > 0)
			buf_char(&text, ' ');
		buf_str(&text, r->call->words[i]);
	}
	s = arena_strn(r->arena, text.len > 0 ? text.data : "", text.len);
	buf_clear(&text);
	return s;
}

enum { POINT_INDENT = 4, POINT_LEAST = 12 };

/* Bytes of a text's beginning that take at most so many columns. */
static size_t
bytes_in(const char *s, size_t len, size_t columns)
{
	size_t at, n, used = 0;
	unsigned c;

	for (at = 0; at < len; at += n) {
		n = str_utf8_next(s + at, len - at, &c);
		used += (size_t)unicode_width(c);
		if (used > columns)
			break;
	}
	return at;
}

static size_t
columns_of(const struct buf *b)
{
	return b->len > 0 ? unicode_columns(b->data, b->len) : 0;
}

/* The query, and a caret under the place. On a terminal that is narrower it
 * is shortened to what is around the place: a folded line would leave the
 * caret under anything. */
static void
point_at(const char *text, size_t at)
{
	static const char dots[] = "\xe2\x80\xa6";
	struct buf before = { 0 }, behind = { 0 };
	size_t width = (size_t)output_columns(STDERR_FILENO), columns, cut,
	    half;

	if (at > strlen(text))
		at = strlen(text);
	unicode_visible(&before, text, at);
	unicode_visible(&behind, text + at, strlen(text + at));
	columns = columns_of(&before);
	width = width > POINT_INDENT + POINT_LEAST ? width - POINT_INDENT
	    : width > 0 ? POINT_LEAST : SIZE_MAX;
	fprintf(stderr, "%*s", POINT_INDENT, "");
	half = width / 2;
	if (columns + columns_of(&behind) >= width && columns > half) {
		cut = bytes_in(before.data, before.len, columns - half + 1);
		buf_eat(&before, cut);
		fputs(dots, stderr);
		columns = columns_of(&before) + 1;
	}
	if (before.len > 0)
		fputs(before.data, stderr);
	if (columns + columns_of(&behind) >= width) {
		cut = bytes_in(behind.data, behind.len, width - columns - 2);
		fprintf(stderr, "%.*s%s", (int)cut, behind.data, dots);
	} else if (behind.len > 0) {
		fputs(behind.data, stderr);
	}
	fprintf(stderr, "\n%*s^\n", POINT_INDENT + (int)columns, "");
	buf_clear(&behind);
	buf_clear(&before);
}

static int
query_read(struct reader *r, const char *text, struct query **q)
{
	struct err err = { 0 };
	size_t at = 0;

	*q = query_parse(r->arena, text, &r->context, &at, &err);
	if (*q != NULL)
		return 0;
	say("query: %s", err.text);
	point_at(text, at);
	return EXIT_USAGE;
}

/* What is wrong with the words is said before an archive is looked for. */
static int
check_words(struct reader *r)
{
	const struct call *call = r->call;
	const char *text = reader_query_text(r);
	struct query *q;
	int64_t since, until;

	if (call->command->needs & NEEDS_QUERY) {
		if (call->command->words_least > 0 && query_is_blank(text))
			return say_usage(call->command->name, "%s: the query "
			    "is empty; `*` is everything",
			    call->command->name);
		if (query_read(r, text, &q) != 0)
			return EXIT_USAGE;
	}
	return reader_span(r, &since, &until);
}

int
reader_open(struct reader *r, const struct call *call)
{
	struct err err = { 0 };
	char *path;
	int status;

	*r = (struct reader){ .call = call };
	r->arena = arena_new();
	r->step = arena_new();
	r->context = (struct query_context){ .now_us = clock_wall_us(),
		.is_utc = call->utc, .is_literal = call->literal };
	status = setting_accounts(call, r->arena, &r->accounts.jids);
	r->accounts.count = call->account_count;
	if (status == 0)
		status = check_words(r);
	if (status == 0)
		status = setting_paths(call, &path, NULL);
	if (status != 0)
		return status;
	r->store = store_open(path, STORE_READ, BUSY_MS, &err);
	if (r->store == NULL && err.code == ERR_ABSENT) {
		say("%s: there is no archive", path);
		say_advice("`backscroll run` makes it; another one is named "
		    "with -f FILE.");
		status = EXIT_UNABLE;
	} else if (r->store == NULL) {
		status = say_err(&err);
	}
	free(path);
	return status;
}

void
reader_close(struct reader *r)
{
	store_close(r->store);
	arena_free(r->arena);
	arena_free(r->step);
}

int
reader_select(struct reader *r, const char *text,
    struct query_options *options, struct read_select *out, bool *nothing)
{
	struct err err = { 0 };
	struct query_sql sql = { 0 };
	struct read_bind *binds;
	struct query *q;
	size_t i;

	*nothing = false;
	options->accounts = r->accounts.jids;
	options->account_count = r->accounts.count;
	if (query_read(r, text, &q) != 0)
		return EXIT_USAGE;
	if (query_compile(r->arena, q, options, &sql, &err) != 0) {
		say("query: %s", err.text);
		return say_status(&err);
	}
	binds = arena_array(r->arena, sql.bind_count + 1, sizeof *binds);
	for (i = 0; i < sql.bind_count; i++)
		binds[i] = (struct read_bind){
			.is_text = sql.binds[i].kind == QUERY_TEXT,
			.text = sql.binds[i].text,
			.number = sql.binds[i].number,
		};
	*out = (struct read_select){ .sql = sql.text, .binds = binds,
		.bind_count = sql.bind_count,
		.is_ascending = options->is_ascending,
		.is_forged = sql.is_forged, .is_first = sql.is_first,
		.is_each = options->is_all };
	*nothing = sql.matches_nothing;
	return 0;
}

static int
read_when(struct reader *r, const char *option, const char *text,
    int64_t *first_us, int64_t *past_us)
{
	struct err err = { 0 };

	if (query_when(text, &r->context, first_us, past_us, &err) == 0)
		return 0;
	say("%s: %s", option, err.text);
	return EXIT_USAGE;
}

int
reader_span(struct reader *r, int64_t *since_us, int64_t *until_us)
{
	int64_t first, past;
	int status;

	*since_us = *until_us = 0;
	if (r->call->since != NULL) {
		status = read_when(r, "--since", r->call->since, &first,
		    &past);
		if (status != 0)
			return status;
		*since_us = first;
	}
	if (r->call->until != NULL) {
		status = read_when(r, "--until", r->call->until, &first,
		    &past);
		if (status != 0)
			return status;
		*until_us = past;
	}
	return 0;
}

bool
reader_has_accounts(struct reader *r, const char *chat, bool is_each)
{
	int64_t count;

	return r->accounts.count != 1 && read_account_count(r->store,
	    &r->accounts, chat, is_each, &count, NULL) == 0 && count > 1;
}
