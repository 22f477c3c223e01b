/*
 * The promise: what could not be written is neither lost nor there twice.
 * That what a commit announced is there whatever happens is tested in
 * tests/crash/.
 */
#include <signal.h>
#include <sys/resource.h>

#include "store/gaps.h"
#include "tests/store/archive.h"

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
	test_full();
	test_two();
	return done();
}
