/* The query language without an archive: trees, errors and times. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "query/fields.h"
#include "query/query.h"
#include "query/when.h"
#include "tests/tap.h"

static const char now[] = "2026-11-22T10:11:12.000Z";

static FILE *
corpus(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char *path = mem_printf("%s/tests/query/%s", srcdir ? srcdir : ".",
	    name);
	FILE *f = fopen(path, "r");

	if (f == NULL) {
		ok(false, "%s can be read", path);
		exit(done());
	}
	free(path);
	return f;
}

static bool
next_line(FILE *f, char *line, int room)
{
	while (fgets(line, room, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0' && line[0] != '#')
			return true;
	}
	return false;
}

static struct query_context
context_of(bool is_utc)
{
	struct query_context c = { .is_utc = is_utc };

	time_parse(now, &c.now_us);
	return c;
}

static void
test_parse(void)
{
	struct query_context context = context_of(true);
	FILE *f = corpus("parse.txt");
	char asked[512], want[512], got[700];
	struct arena *a = arena_new();

	while (next_line(f, asked, sizeof asked) &&
	    next_line(f, want, sizeof want)) {
		struct query *q;
		struct err err;
		char *part;
		size_t at = 0, place;

		if (asked[0] != '>' || (want[0] != '=' && want[0] != '!')) {
			ok(false, "parse.txt is in order at: %s", asked);
			break;
		}
		q = query_parse(a, asked + 2, &context, &at, &err);
		if (want[0] == '=') {
			snprintf(got, sizeof got, "%s",
			    q ? query_print(a, q) : err.text);
			is_str(got, want + 2, asked);
		} else {
			place = strtoul(want + 2, &part, 10);
			if (!ok(q == NULL && at == place &&
			    err.code == ERR_INPUT &&
			    strstr(err.text, part + 1) != NULL, "%s", asked))
				printf("# %s at %zu: %s\n", q ? "legal"
				    : "wrong", at, q ? query_print(a, q)
				    : err.text);
		}
		arena_reset(a);
	}
	arena_free(a);
	fclose(f);
}

static void
test_literal(void)
{
	static const char *const cases[][2] = {
		{ "a OR b", "(and \"a\" \"OR\" \"b\")" },
		{ "from:bob (x", "(and \"from:bob\" \"(x\")" },
		{ "\"a b", "(and \"\"a\" \"b\")" },
		{ "-a wor*", "(and \"-a\" \"wor*\")" },
		{ "*", "nothing" },
	};
	struct query_context context = context_of(true);
	struct arena *a = arena_new();
	struct err err;
	struct query *q;
	size_t i;

	context.is_literal = true;
	for (i = 0; i < COUNT(cases); i++) {
		q = query_parse(a, cases[i][0], &context, NULL, &err);
		is_str(q ? query_print(a, q) : err.text, cases[i][1],
		    cases[i][0]);
	}
	arena_free(a);
}

static void
test_when(void)
{
	struct query_context context = context_of(false);
	FILE *f = corpus("when.txt");
	char line[256], first[TIME_TEXT], past[TIME_TEXT], *bar;

	while (next_line(f, line, sizeof line)) {
		int64_t first_us, past_us;
		struct err err;
		char got[2 * TIME_TEXT + 8];
		int rc;

		if ((bar = strstr(line, " | ")) != NULL) {
			*bar = '\0';
			rc = query_when(line, &context, &first_us, &past_us,
			    &err);
			snprintf(got, sizeof got, "%s | %s",
			    rc ? "wrong" : time_format(first, first_us),
			    rc ? "wrong" : time_format(past, past_us));
			is_str(got, bar + 3, line);
		} else if ((bar = strstr(line, " ! ")) != NULL) {
			*bar = '\0';
			rc = query_when(line, &context, &first_us, &past_us,
			    &err);
			ok(rc != 0 && err.code == ERR_INPUT &&
			    strstr(err.text, bar + 3) != NULL,
			    "%s is refused", line);
		} else {
			ok(false, "when.txt is in order at: %s", line);
		}
	}
	fclose(f);
}

static void
test_span(void)
{
	static const struct {
		const char *text;
		int64_t first_us, past_us;	/* relative to now */
	} cases[] = {
		{ "3d", -3 * TIME_DAY, 1 },
		{ "now", 0, 1 },
		{ "3d..", -3 * TIME_DAY, INT64_MAX },
		{ "..3d", INT64_MIN, -3 * TIME_DAY },
		{ "2d..1d", -2 * TIME_DAY, -TIME_DAY },
		{ "2026-11-22T10:11:12Z", 0, TIME_SECOND },
		{ "2026-11-22T10:11:12Z..2026-11-22T10:12Z", 0,
		    TIME_MINUTE + 48 * TIME_SECOND },
	};
	struct query_context context = context_of(true);
	int64_t first, past;
	struct err err;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		bool is_open_first = cases[i].first_us == INT64_MIN;
		bool is_open_past = cases[i].past_us == INT64_MAX;

		ok(when_span(cases[i].text, &context, &first, &past,
		    &err) == 0 &&
		    first == cases[i].first_us +
		    (is_open_first ? 0 : context.now_us) &&
		    past == cases[i].past_us +
		    (is_open_past ? 0 : context.now_us),
		    "date:%s is that span", cases[i].text);
	}
}

/* --utc, and a zone whose daylight saving begins at midnight. */
static void
test_zones(void)
{
	struct query_context context = context_of(true);
	char first[TIME_TEXT];
	int64_t first_us, past_us;

	query_when("2026-07-01", &context, &first_us, &past_us, NULL);
	is_str(time_format(first, first_us), "2026-07-01T00:00:00.000Z",
	    "in UTC a day begins with UTC's");
	context.is_utc = false;
	ok(when_span("2026-03-29T02:10..2026-03-29T02:50", &context,
	    &first_us, &past_us, NULL) == 0 && first_us == past_us,
	    "a span within what daylight saving skips is empty");
	ok(when_span("2026-03-29T02:30..2026-03-29T02:30", &context,
	    &first_us, &past_us, NULL) == 0 && first_us == past_us,
	    "and so is one time of it");
	ok(when_span("2026-03-29T02:30..2026-03-29T01:59", &context,
	    &first_us, &past_us, NULL) != 0 &&
	    when_span("2026-03-29..2026-03-28", &context, &first_us,
	    &past_us, NULL) != 0, "one that ends before it begins is wrong");
	setenv("TZ", "Asia/Beirut", 1);
	query_when("2021-03-28", &context, &first_us, &past_us, NULL);
	is_str(time_format(first, first_us), "2021-03-27T22:00:00.000Z",
	    "a day whose midnight is skipped begins with the jump");
	is_int((past_us - first_us) / TIME_HOUR, 23, "and is an hour short");
	setenv("TZ", "Europe/Prague", 1);
}

/* Names are unique, lower case and explained. */
static void
test_fields(void)
{
	const struct field *f;
	size_t count, i;

	f = fields_all(&count);
	for (i = 0; i < count; i++) {
		size_t letters = strspn(f[i].name,
		    "abcdefghijklmnopqrstuvwxyz");

		ok(letters == strlen(f[i].name) && f[i].help != NULL &&
		    fields_find(f[i].name, letters) == &f[i],
		    "%s: is a prefix, found by its name", f[i].name);
	}
}

/* Many, deep and long ones. */
static void
test_limits(void)
{
	struct query_context context = context_of(true);
	struct query_options options = { 0 };
	struct arena *a = arena_new();
	struct buf b = { 0 };
	struct query_sql sql;
	struct query *q;
	struct err err;
	size_t at;
	int i;

	for (i = 0; i < 100; i++)
		buf_char(&b, '(');
	buf_str(&b, "x");
	for (i = 0; i < 100; i++)
		buf_char(&b, ')');
	ok(query_parse(a, b.data, &context, &at, &err) != NULL,
	    "a hundred parentheses can be open");
	buf_reset(&b);
	for (i = 0; i < 100000; i++)
		buf_char(&b, '(');
	ok(query_parse(a, b.data, &context, &at, &err) == NULL && at == 100,
	    "more are refused at the place");
	buf_reset(&b);
	for (i = 0; i < 40000; i++)
		buf_str(&b, "NOT ");
	buf_str(&b, "x");
	q = query_parse(a, b.data, &context, &at, &err);
	ok(q != NULL && str_is(query_print(a, q), "\"x\""),
	    "forty thousand negations are none");
	buf_reset(&b);
	for (i = 0; i < 5000; i++)
		buf_str(&b, "from:a OR word ");
	q = query_parse(a, b.data, &context, &at, &err);
	ok(q != NULL && query_compile(a, q, &options, &sql, &err) == 0 &&
	    sql.bind_count >= 10000, "thousands of names compile");
	buf_clear(&b);
	arena_free(a);
}

int
main(void)
{
	setenv("TZ", "Europe/Prague", 1);
	test_parse();
	test_literal();
	test_when();
	test_span();
	test_zones();
	test_fields();
	test_limits();
	return done();
}
