/* Queries against a real archive: what is found, in which order, by which
 * plan; and that nothing a person types is an error of SQLite's. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "query/query.h"
#include "store/db.h"
#include "store/read.h"
#include "tests/store/help.h"
#include "tests/tap.h"

static struct store *store;
static struct query_context context = { .is_utc = true };

static char *
read_file(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char *path = mem_printf("%s/tests/query/%s", srcdir ? srcdir : ".",
	    name);
	FILE *f = fopen(path, "r");
	struct buf b = { 0 };
	size_t n;

	free(path);
	if (f == NULL) {
		ok(false, "%s can be read", name);
		exit(done());
	}
	while ((n = fread(buf_room(&b, 4096), 1, 4096, f)) > 0)
		buf_added(&b, n);
	fclose(f);
	return buf_take(&b);
}

static void
open_archive(void)
{
	char *sql = read_file("archive.sql");
	struct err err = { 0 };

	store = store_open(help_path("archive.db"), STORE_WRITE, 1000, &err);
	if (store == NULL || db_run(store_db(store), sql, &err) != 0) {
		ok(false, "the archive is there: %s", err.text);
		exit(done());
	}
	free(sql);
	time_parse("2026-03-03T12:00:00Z", &context.now_us);
}

/* What query/ made, as store/ wants it. */
static struct read_select
select_of(struct arena *a, const struct query_sql *sql,
    const struct query_options *options)
{
	struct read_bind *binds = arena_array(a, sql->bind_count + 1,
	    sizeof *binds);
	struct read_select s = {
		.sql = sql->text, .binds = binds,
		.bind_count = sql->bind_count,
		.is_ascending = options->is_ascending,
		.is_forged = sql->is_forged,
		.is_each = options->is_all,
		.is_first = sql->is_first,
	};
	size_t i;

	for (i = 0; i < sql->bind_count; i++) {
		binds[i].is_text = sql->binds[i].kind == QUERY_TEXT;
		binds[i].text = sql->binds[i].text;
		binds[i].number = sql->binds[i].number;
	}
	return s;
}

static bool
compile(struct arena *a, const char *text,
    const struct query_options *options, struct read_select *out,
    struct err *err)
{
	struct query *q = query_parse(a, text, &context, NULL, err);
	struct query_sql sql;

	if (q == NULL || query_compile(a, q, options, &sql, err) != 0)
		return false;
	*out = select_of(a, &sql, options);
	return true;
}

/* The stanza ids of what is found, separated by spaces. */
static char *
found(struct arena *a, const struct read_select *select)
{
	struct read_want want = { 0 };
	struct entry_message m;
	struct read_cursor *c;
	struct buf out = { 0 };
	struct err err;
	int got = -1;

	c = read_messages(store, select, &err);
	if (c != NULL)
		while ((got = read_next(c, a, &want, &m, &err)) > 0)
			buf_printf(&out, "%s%s", out.len ? " " : "",
			    m.stanza_id ? m.stanza_id : "?");
	read_cursor_free(c);
	if (got < 0)
		buf_printf(&out, "error: %s", err.text);
	buf_str(&out, "");
	return buf_take(&out);
}

static char *
reversed(const char *s)
{
	size_t len = strlen(s), i;
	char *r = mem_str(s);

	for (i = 0; i < len; i++)	/* all ids are one character */
		r[i] = s[len - 1 - i];
	return r;
}

static bool
sorts(const char *sql)
{
	char *explain = mem_printf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *st = NULL;
	bool does = true;

	if (sqlite3_prepare_v2(db_handle(store_db(store)), explain, -1, &st,
	    NULL) == SQLITE_OK) {
		does = false;
		while (sqlite3_step(st) == SQLITE_ROW) {
			const char *detail =
			    (const char *)sqlite3_column_text(st, 3);

			does |= strstr(detail, "FOR ORDER BY") != NULL;
		}
	}
	sqlite3_finalize(st);
	free(explain);
	return does;
}

/* One query: both orders, the count, the plan. */
static void
check(const char *text, const char *want)
{
	struct query_options options = { 0 };
	struct arena *a = arena_new();
	struct read_select select;
	struct err err;
	int64_t count = -1;
	char *got, *back, *turned;

	if (!compile(a, text, &options, &select, &err)) {
		ok(false, "%s: %s", text, err.text);
		arena_free(a);
		return;
	}
	got = found(a, &select);
	if (!is_str(got, want, text))
		printf("# %s\n", select.sql);
	ok(!sorts(select.sql), "%s: nothing is sorted", text);
	read_count(store, &select, &count, &err);
	is_int(count, (long long)(strlen(want) + 1) / 2, "and counted");
	options.is_ascending = true;
	compile(a, text, &options, &select, &err);
	back = found(a, &select);
	turned = reversed(want);
	is_str(back, turned, "oldest first the same");
	ok(!sorts(select.sql), "%s: nor then", text);
	free(got);
	free(back);
	free(turned);
	arena_free(a);
}

static void
test_corpus(void)
{
	char *all = read_file("archive.txt"), *line, *next, *bar;
	int count = 0;

	for (line = all; line != NULL; line = next) {
		size_t len;

		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		bar = strstr(line, " |");
		if (*line == '#' || bar == NULL)
			continue;
		len = (size_t)(bar - line);
		while (len > 0 && line[len - 1] == ' ')
			len--;
		line[len] = '\0';
		check(line, bar[2] == ' ' ? bar + 3 : bar + 2);
		count++;
	}
	ok(count > 100, "archive.txt was read");
	free(all);
}

static void
test_options(void)
{
	static const char *const nurse[] = { "nurse@example.com" };
	static const struct {
		const char *name, *query;
		struct query_options options;
		const char *want;
	} cases[] = {
		{ "each record by itself", "*", { .is_all = true },
		    "o q p n m l k j i h g f e d c b a" },
		{ "a correction by itself", "supper", { .is_all = true },
		    "c" },
		{ "one account", "*",
		    { .accounts = nurse, .account_count = 1 }, "m l" },
		{ "one account and a word", "dinner",
		    { .accounts = nurse, .account_count = 1 }, "l" },
		{ "one conversation, of two accounts", "*",
		    { .chat = "romeo@example.net" }, "o n m l b a" },
		{ "one conversation of one account", "*",
		    { .chat = "romeo@example.net", .accounts = nurse,
		    .account_count = 1 }, "m l" },
		{ "a conversation that is not there", "*",
		    { .chat = "nobody@example.net" }, "" },
		{ "since", "*", { .since_us = 1772323200000000 },
		    "o q p n m l" },
		{ "until", "*", { .until_us = 1767607260000001 }, "b a" },
	};
	struct arena *a = arena_new();
	struct read_select select;
	struct err err;
	size_t i;
	char *got;

	for (i = 0; i < COUNT(cases); i++) {
		if (!compile(a, cases[i].query, &cases[i].options, &select,
		    &err)) {
			ok(false, "%s", cases[i].name);
			continue;
		}
		got = found(a, &select);
		is_str(got, cases[i].want, cases[i].name);
		ok(!sorts(select.sql), "%s: nothing is sorted", cases[i].name);
		free(got);
		arena_reset(a);
	}
	arena_free(a);
}

static void
test_id(void)
{
	check("id:000647a117ed3600", "");
	check("id:000647a1f0d1c000", "");
	{
		char hex[ENTRY_ID], text[64];
		int64_t at;

		time_parse("2026-01-05T10:01:00Z", &at);
		snprintf(text, sizeof text, "id:%s", entry_id_format(hex, at));
		check(text, "b");
		time_parse("2026-01-05T10:02:00Z", &at);
		snprintf(text, sizeof text, "id:%s", entry_id_format(hex, at));
		check(text, "a");
	}
}

static void
test_forged(void)
{
	static const struct {
		const char *query;
		int count;
	} cases[] = {
		{ "is:forged", 1 }, { "is:forged trust", 1 },
		{ "is:forged from:mallory@example.net", 1 },
		{ "is:forged from:me", 0 }, { "is:forged to:me", 1 },
		{ "is:forged with:mallory", 1 }, { "is:forged with:me", 0 },
		{ "is:forged type:chat", 1 }, { "is:forged type:normal", 0 },
		{ "is:forged source:carbon", 1 },
		{ "is:forged source:live", 0 },
		{ "is:forged stanza:f-1", 1 }, { "is:forged stanza:f", 0 },
		{ "is:forged lang:en", 1 }, { "is:forged lang:e", 0 },
		{ "is:forged lang:EN-gb", 1 }, { "is:forged lang:*", 1 },
		{ "is:forged is:in", 1 }, { "is:forged is:out", 0 },
		{ "is:forged -is:out to:*", 1 },
		{ "is:forged resource:cave", 1 },
		{ "is:forged resource:cav", 0 },
		{ "is:forged account:juliet", 1 }, { "is:forged body:*", 1 },
		{ "is:forged id:000647a117ed3600", 0 },
		{ "is:forged from:mall*", 1 }, { "is:forged date:2026-01", 1 },
		{ "is:forged from:romeo", 0 }, { "is:forged -dinner", 0 },
		{ "is:forged after:2026-02", 0 }, { "is:forged is:edited", 0 },
		{ "dinner -is:forged after:2026-03", -1 },
	};
	struct query_options options = { 0 };
	struct read_want want = { .raw = true };
	struct arena *a = arena_new();
	struct entry_message m;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		struct read_select select;
		struct read_cursor *c;
		struct err err;
		int count = 0;

		if (!compile(a, cases[i].query, &options, &select, &err) ||
		    (c = read_messages(store, &select, &err)) == NULL) {
			ok(false, "%s: %s", cases[i].query, err.text);
			continue;
		}
		while (read_next(c, a, &want, &m, &err) > 0)
			count += m.forged != NULL ? 1 : -1;
		read_cursor_free(c);
		is_int(count, cases[i].count, cases[i].query);
	}
	arena_free(a);
}

/* Whatever is typed: legal, or an error of ours; never one of SQLite's. */
static void
test_any_text(void)
{
	static const char *const parts[] = {
		"a", "dinner", "\"", "(", ")", "-", "*", "OR", "AND", "NOT",
		" ", " ", " ", "from:", "subject:", "body:", "date:", "is:in",
		"lang:cs", "me", "@", "/", "+", "^", "NEAR", "NEAR(", "{", "}",
		":", ",", "'", ";", "%", "_", "\\", "?1", "$x", "系", "统软",
		"👍", "\xf0\x9f\x91", "\xff", "ß", "3d", "..", "2026", "\t",
		"with:", "to:romeo", "thread:x", "e\xcc\x81", "\xe2\x80\x8d",
		"id:000647a117ed3600", "received:2026", "nick:", "c1", "meta",
	};
	uint64_t seed = 0x9e3779b97f4a7c15;
	struct query_options options = { 0 };
	struct arena *a = arena_new();
	struct read_want want = { 0 };
	struct entry_message m;
	int round, legal = 0, refused = 0, wrong = 0;

	for (round = 0; round < 3000; round++) {
		struct read_select select;
		struct read_cursor *c;
		struct buf text = { 0 };
		struct err err;
		int n, got = -1;

		for (n = 0; n < 1 + round % 14; n++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			buf_str(&text, parts[seed % COUNT(parts)]);
		}
		err_clear(&err);
		if (!compile(a, text.data, &options, &select, &err)) {
			refused++;
			wrong += err.code != ERR_INPUT;
		} else {
			legal++;
			c = read_messages(store, &select, &err);
			if (c != NULL)
				got = read_next(c, a, &want, &m, &err);
			read_cursor_free(c);
			if (got < 0) {
				wrong++;
				printf("# %s: %s\n", text.data, err.text);
			}
		}
		arena_reset(a);
		buf_clear(&text);
	}
	is_int(wrong, 0, "no text is an error of SQLite's");
	ok(legal > 500 && refused > 200, "many were legal, many were not");
	arena_free(a);
}

/* Beyond what SQLite or FTS5 take in one expression. */
static void
test_large(void)
{
	static const struct {
		const char *name, *part;
		int count;
	} cases[] = {
		{ "two thousand words", "dinner ", 2000 },
		{ "two thousand alternatives", "dinner OR ", 2000 },
		{ "a thousand people", "-from:nobody ", 1000 },
		{ "a thousand people with OR", "from:nobody OR ", 1000 },
		{ "two hundred people at once", "from:romeo ", 200 },
		{ "a long run of characters", "系统", 20000 },
		{ "alternating operators", "a OR (b -(c ", 49 },
	};
	struct query_options options = { 0 };
	struct arena *a = arena_new();
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		struct read_select select;
		struct read_cursor *c;
		struct read_want want = { 0 };
		struct entry_message m;
		struct buf text = { 0 };
		struct err err = { 0 };
		int n, got = -1;

		for (n = 0; n < cases[i].count; n++)
			buf_str(&text, cases[i].part);
		buf_str(&text, "x");
		if (strchr(cases[i].part, '(') != NULL)
			for (n = 0; n < 2 * cases[i].count; n++)
				buf_char(&text, ')');
		if (compile(a, text.data, &options, &select, &err) &&
		    (c = read_messages(store, &select, &err)) != NULL) {
			got = read_next(c, a, &want, &m, &err);
			read_cursor_free(c);
		}
		ok(got >= 0, "%s: %.200s", cases[i].name, err.text);
		buf_clear(&text);
		arena_reset(a);
	}
	arena_free(a);
}

int
main(void)
{
	open_archive();
	test_corpus();
	test_options();
	test_id();
	test_forged();
	test_any_text();
	test_large();
	store_close(store);
	return done();
}
