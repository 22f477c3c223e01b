/*
 * search - the newest 50, warm: in process and as a process.
 *
 * usage: search ARCHIVE BACKSCROLL
 *
 * Asks 20 different queries of each kind of an archive that tests/bench/fill
 * has made: parse, compile, run and read 50 whole messages. Each is asked once
 * to warm up and then five times; its median counts, so that WORST is the
 * slowest query and not the moment at which a neighbour had the processor.
 * Then each again by running BACKSCROLL.
 *
 * Says "KIND MEDIAN WORST PROCESS" in microseconds, a line a kind, PROCESS
 * being a median; "true 0 0 PROCESS" for a program that does nothing; "end".
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "query/query.h"
#include "store/read.h"
#include "store/store.h"
#include "tests/bench/corpus.h"

enum { QUERIES = 20, TIMES = 5, NEWEST = 50 };

extern char **environ;

/* How the i-th query of a kind is made. Ranks are of Zipf's law over 30000
 * words: 0 to 20 stand in every tenth message, 20000 in a few of a million. */
static const char *
rare(struct arena *a, const struct corpus *c, unsigned i)
{
	return arena_str(a, corpus_word(c, CORPUS_EN, 20000 + i * 400));
}

static const char *
common(struct arena *a, const struct corpus *c, unsigned i)
{
	return arena_str(a, corpus_word(c, CORPUS_EN, i));
}

static const char *
two(struct arena *a, const struct corpus *c, unsigned i)
{
	return arena_printf(a, "%s %s", corpus_word(c, CORPUS_EN, i),
	    corpus_word(c, CORPUS_EN, i + 7));
}

/* A contact who seldom writes, in the language of the word. */
static const char *
contact(struct arena *a, const struct corpus *c, unsigned i)
{
	unsigned rank = 60 + i * 5;

	while (corpus_contact_lang(c, rank) != CORPUS_EN)
		rank++;
	return arena_printf(a, "%s with:%s", corpus_word(c, CORPUS_EN, i),
	    corpus_contact(c, rank));
}

static const char *
month(struct arena *a, const struct corpus *c, unsigned i)
{
	return arena_printf(a, "%s date:%u-%02u", corpus_word(c, CORPUS_EN, i),
	    2017 + i % 8, 1 + i % 12);
}

static const char *
cjk(struct arena *a, const struct corpus *c, unsigned i)
{
	unsigned rank = 200 + i * 40;

	/* Characters of three bytes. */
	while (strlen(corpus_word(c, CORPUS_ZH, rank)) != 6)
		rank++;
	return arena_str(a, corpus_word(c, CORPUS_ZH, rank));
}

static const struct kind {
	const char *name;
	const char *(*query)(struct arena *, const struct corpus *, unsigned);
} kinds[] = {
	{ "rare", rare }, { "common", common }, { "two", two },
	{ "contact", contact }, { "month", month }, { "cjk", cjk },
};

/* One query as `backscroll search -n 50` runs it; how many it found. */
static int
ask(struct store *store, struct arena *a, const char *text)
{
	static const struct query_context context = { .is_utc = true,
		.now_us = INT64_C(1767225600000000) };	/* 2026-01-01 */
	static const struct query_options options;
	static const struct read_want want;
	struct query_sql sql;
	struct read_select select;
	struct read_bind *binds;
	struct read_cursor *cursor;
	struct entry_message m;
	struct query *q;
	struct arena *row = arena_new();
	struct err err;
	size_t i, at;
	int found = 0, got = 0;

	if ((q = query_parse(a, text, &context, &at, &err)) == NULL ||
	    query_compile(a, q, &options, &sql, &err) != 0)
		errx(1, "%s: %s", text, err.text);
	binds = arena_array(a, sql.bind_count, sizeof *binds);
	for (i = 0; i < sql.bind_count; i++)
		binds[i] = (struct read_bind){
			.is_text = sql.binds[i].kind == QUERY_TEXT,
			.text = sql.binds[i].text,
			.number = sql.binds[i].number };
	select = (struct read_select){ .sql = sql.text, .binds = binds,
		.bind_count = sql.bind_count };
	if ((cursor = read_messages(store, &select, &err)) == NULL)
		errx(1, "%s: %s", text, err.text);
	while (found < NEWEST &&
	    (got = read_next(cursor, row, &want, &m, &err)) == 1) {
		found++;
		arena_reset(row);
	}
	if (got < 0)
		errx(1, "%s: %s", text, err.text);
	read_cursor_free(cursor);
	arena_free(row);
	return found;
}

/* Runs a program with its output thrown away; microseconds. */
static int64_t
run(char *const argv[])
{
	posix_spawn_file_actions_t actions;
	int64_t start_us = clock_mono_us();
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY,
	    0);
	errno = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	if (errno != 0)
		err(1, "%s", argv[0]);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) > 1)	/* 1: nothing found */
		errx(1, "%s has failed", argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	return clock_mono_us() - start_us;
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t
median(int64_t *us, size_t count)
{
	qsort(us, count, sizeof *us, by_size);
	return us[count / 2];
}

static void
measure(const struct kind *k, struct store *store, const struct corpus *c,
    char *archive, char *program)
{
	char f[] = "-f", utc[] = "--utc", search[] = "search", n[] = "-n",
	    newest[] = "50";
	int64_t in_us[QUERIES], process_us[QUERIES], us[TIMES], start_us;
	struct arena *a = arena_new();
	int i, j, found = 0;

	for (i = 0; i < QUERIES; i++) {
		char *text = mem_str(k->query(a, c, (unsigned)i));
		char *argv[] = { program, f, archive, utc, search, n, newest,
			text, NULL };

		found += ask(store, a, text);
		for (j = 0; j < TIMES; j++) {
			arena_reset(a);
			start_us = clock_mono_us();
			ask(store, a, text);
			us[j] = clock_mono_us() - start_us;
		}
		in_us[i] = median(us, TIMES);
		process_us[i] = run(argv);
		free(text);
		arena_reset(a);
	}
	if (found == 0)
		errx(1, "none of the queries of %s has found anything",
		    k->name);
	printf("%s %lld ", k->name, (long long)median(in_us, QUERIES));
	printf("%lld %lld\n", (long long)in_us[QUERIES - 1],
	    (long long)median(process_us, QUERIES));
	fflush(stdout);
	arena_free(a);
}

int
main(int argc, char **argv)
{
	int64_t floor_us[QUERIES];
	struct corpus *c;
	struct store *store;
	struct err err;
	size_t i;

	if (argc != 3) {
		fprintf(stderr, "usage: search ARCHIVE BACKSCROLL\n");
		return 2;
	}
	c = corpus_new(1, 0);
	if ((store = store_open(argv[1], STORE_READ, 1000, &err)) == NULL)
		errx(1, "%s", err.text);
	for (i = 0; i < QUERIES; i++)
		floor_us[i] = run((char *[]){ (char[]){ "true" }, NULL });
	printf("true 0 0 %lld\n", (long long)median(floor_us, QUERIES));
	for (i = 0; i < COUNT(kinds); i++)
		measure(&kinds[i], store, c, argv[1], argv[2]);
	puts("end");
	store_close(store);
	corpus_free(c);
	return 0;
}
