/*
 * The promise: what a commit announced is there whatever happens, and what
 * could not be written is neither lost nor there twice.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "store/gaps.h"
#include "tests/store/archive.h"

/* A writer that is killed again and again, at any moment. */
static void
test_kill(void)
{
	const char *path = help_path("kill.db");
	struct err err = { 0 };
	struct store *s = store_open(path, STORE_WRITE, 0, &err);
	int64_t announced = 0;
	int round, first = 0;

	store_close(s);
	for (round = 0; round < 8; round++) {
		int ends[2], n = 0, status;
		pid_t pid;

		if (pipe(ends) != 0)
			return;
		fflush(stdout);
		if ((pid = fork()) == 0) {
			struct arena *a = arena_new();
			struct batch *b;
			uint64_t durable;
			int next = first, i;

			s = store_open(path, STORE_WRITE, 1000, &err);
			if (s == NULL)
				_exit(9);
			b = batch_new(s);
			for (;;) {
				for (i = 0; i < 20; i++)
					add_numbered(b, a, next++);
				if (batch_commit(b, NOON, &durable, &err) != 0)
					_exit(8);
				if (write(ends[1], &next, sizeof next) !=
				    sizeof next)
					_exit(7);
				arena_reset(a);
			}
		}
		close(ends[1]);
		/* After some commits, and then somewhere within the next. */
		while (n < 3 + round && read(ends[0], &first, sizeof first) ==
		    sizeof first)
			n++;
		usleep((useconds_t)(round * 700));
		kill(pid, SIGKILL);
		while (read(ends[0], &first, sizeof first) == sizeof first)
			n++;
		close(ends[0]);
		waitpid(pid, &status, 0);
		if (!WIFSIGNALED(status))
			ok(false, "the writer wrote until it was killed (%d)",
			    WEXITSTATUS(status));
		announced = first;
		s = store_open(path, STORE_WRITE, 0, &err);
		if (s == NULL) {
			ok(false, "it opens again: %s", err.text);
			return;
		}
		first = (int)number(s, "SELECT count(*) FROM message");
		ok(first >= announced && first % 20 == 0 &&
		    first - announced <= 20, "killed after %lld announced: %d "
		    "are there, in whole commits", (long long)announced, first);
		store_close(s);
	}
	s = store_open(path, STORE_WRITE, 0, &err);
	is_int(number(s, "SELECT count(DISTINCT sid) FROM message"), first,
	    "each once");
	is_int(number(s, "SELECT count(*) FROM ft WHERE ft MATCH '\"统\"*'"),
	    first, "and each is found");
	check(s, "killed eight times");
	store_close(s);
}

/* The file may not grow any more: by SQLite's own limit, then the system's. */
static void
test_full(void)
{
	struct store *s = open_new("full.db");
	struct batch *b = batch_new(s);
	struct arena *a = arena_new();
	struct err err = { 0 };
	struct rlimit old, new;
	uint64_t durable = 0;
	int i, n = 0;
	char sql[64];

	for (i = 0; i < 50; i++)
		add_numbered(b, a, n++);
	(void)batch_commit(b, NOON, &durable, &err);
	snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld",
	    (long long)number(s, "PRAGMA page_count") + 2);
	(void)db_run(store_db(s), sql, NULL);
	for (i = 0; i < 500; i++)
		add_numbered(b, a, n++);
	for (i = 0; i < 3; i++)
		ok(batch_commit(b, NOON, &durable, &err) != 0 &&
		    err.code == ERR_FULL && durable == 50 &&
		    batch_count(b) == 500, "full: %s", err.text);
	is_int(number(s, "SELECT count(*) FROM message"), 50,
	    "nothing of the batch is there");
	add_numbered(b, a, n++);
	(void)db_run(store_db(s), "PRAGMA max_page_count = 1000000", NULL);
	ok(batch_commit(b, NOON, &durable, &err) == 0 && durable == 551,
	    "with room again all is written %s", err.text);
	is_int(number(s, "SELECT count(DISTINCT sid) FROM message"), 551,
	    "nothing lost");
	is_int(number(s, "SELECT count(*) FROM message"), 551,
	    "nothing twice");

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)getrlimit(RLIMIT_FSIZE, &old);
	new = old;
	new.rlim_cur = 200000;
	fflush(stdout);
	(void)setrlimit(RLIMIT_FSIZE, &new);
	for (i = 0; i < 500; i++)
		add_numbered(b, a, n++);
	i = batch_commit(b, NOON, &durable, &err);
	(void)setrlimit(RLIMIT_FSIZE, &old);
	ok(i != 0 && err.code == ERR_FULL && durable == 551,
	    "the system refuses: %s", err.text);
	ok(batch_commit(b, NOON, &durable, &err) == 0 && durable == 1051 &&
	    number(s, "SELECT count(DISTINCT sid) FROM message") == 1051 &&
	    number(s, "SELECT count(*) FROM message") == 1051,
	    "and later takes all, once %s", err.text);
	arena_free(a);
	batch_free(b);
	check(s, "full");
	store_close(s);
}

/* Two writers: neither waits, neither loses, caches do not lie. */
static void
test_two(void)
{
	const char *path = help_path("two.db");
	struct err err = { 0 };
	struct store *s = store_open(path, STORE_WRITE, 0, &err);
	struct store *t = store_open(path, STORE_WRITE, 0, &err);
	struct batch *b = batch_new(s), *c = batch_new(t);
	struct arena *a = arena_new();
	struct gaps_session session = { .account = ME, .jid = ME_HERE,
	    .opened_us = NOON };
	struct record r;
	uint64_t durable = 0, one, two;
	int i;

	add_numbered(b, a, 1);
	(void)db_run(store_db(t), "BEGIN IMMEDIATE", &err);
	ok(batch_commit(b, NOON, &durable, &err) != 0 && err.code == ERR_BUSY &&
	    durable == 0 && batch_count(b) == 1, "busy: %s", err.text);
	db_rollback(store_db(t));
	ok(batch_commit(b, NOON, &durable, &err) == 0 && durable == 1,
	    "free again");
	/* Both believe the same session number is free. */
	one = gaps_session_open(b, &session);
	two = gaps_session_open(c, &session);
	for (i = 0; i < 30; i++) {
		r = make_message(a, NOON + 100 + i, "x");
		r.stanza_id = arena_printf(a, "w%d", i);
		r.chat = r.from = arena_printf(a, "contact%d@example.net",
		    i / 2);
		r.stream = i % 2 ? one : two;
		(void)batch_add(i % 2 ? b : c, &r);
		if (batch_commit(i % 2 ? b : c, NOON + i, &durable, &err) != 0)
			ok(false, "%s", err.text);
	}
	is_int(number(s, "SELECT count(*) FROM message"), 31, "all are there");
	is_int(number(s, "SELECT count(DISTINCT jid) = count(*) FROM address"),
	    1, "every address once");
	is_int(number(s, "SELECT count(*) FROM session"), 2, "two sessions");
	is_int(number(s, "SELECT count(DISTINCT stream) FROM message "
	    "WHERE stream IS NOT NULL"), 2, "each with its own messages");
	is_int(number(s, "SELECT min(alive) > 1705320000000000 FROM session"),
	    1, "which commits keep alive");
	/* The same message by two writers. */
	r = make_message(a, NOON + 500, "same");
	r.stanza_id = "same";
	make_archive_id(a, &r, ME, "same", true);
	(void)batch_add(b, &r);
	(void)batch_commit(b, NOON, &durable, &err);
	r.route = ROUTE_MAM;
	r.archive_us = r.time_us;
	(void)batch_add(c, &r);
	(void)batch_commit(c, NOON, &durable, &err);
	is_int(number(s, "SELECT count(*) FROM copy"), 1,
	    "what one wrote the other knows");
	batch_free(b);
	batch_free(c);
	store_close(t);
	check(s, "two writers");
	store_close(s);
	arena_free(a);
}

int
main(void)
{
	test_kill();
	test_full();
	test_two();
	return done();
}
