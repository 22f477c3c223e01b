/*
 * The promise: what a commit announced is there whatever happens to the
 * program, and what it did not announce is there whole or not at all.
 *
 * A writer dies by SIGKILL in the middle of a write, of which half is done,
 * and the next one right behind it: at the first write, the second, the third
 * and so on, so that every step of a commit is met and no clock decides which.
 * Each writer goes on with the archive that is left.
 */
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "tests/store/archive.h"

enum { ROWS = 20 };		/* in a commit */

static int writes_left;
static bool is_half;

static ssize_t
write_or_die(int fd, const void *p, size_t len, off_t at)
{
	if (--writes_left > 0)
		return pwrite(fd, p, len, at);
	if (pwrite(fd, p, is_half ? len / 2 : len, at) < 0)
		_exit(6);
	(void)kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

/* SQLite asks its table of system calls. What it writes goes through one of
 * two, depending on how it was built. */
static bool
die_at(int last)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	sqlite3_syscall_ptr call = (sqlite3_syscall_ptr)write_or_die;

	writes_left = last;
	return vfs->xSetSystemCall(vfs, "pwrite", call) == SQLITE_OK &&
	    vfs->xSetSystemCall(vfs, "pwrite64", call) == SQLITE_OK;
}

/* Commits until it dies; `to` hears how many messages are durable. */
static void
write_on(const char *path, int next, int last, int to)
{
	struct err err = { 0 };
	struct store *s = store_open(path, STORE_WRITE, 1000, &err);
	struct arena *a = arena_new();
	struct batch *b;
	uint64_t durable;
	int i;

	if (s == NULL || !die_at(last))
		_exit(9);
	b = batch_new(s);
	for (;;) {
		for (i = 0; i < ROWS; i++)
			add_numbered(b, a, next++);
		if (batch_commit(b, NOON, &durable, &err) != 0)
			_exit(8);
		if (write(to, &next, sizeof next) != sizeof next)
			_exit(7);
		arena_reset(a);
	}
}

/* What is there after a death: at least what was announced, and at most one
 * commit more. *count is how many messages. */
static void
look(const char *path, int died_at, int announced, int *count)
{
	struct err err = { 0 };
	struct store *s = store_open(path, STORE_WRITE, 0, &err);

	if (s == NULL) {
		ok(false, "it opens again: %s", err.text);
		return;
	}
	*count = (int)number(s, "SELECT count(*) FROM message");
	ok(*count >= announced && *count % ROWS == 0 &&
	    *count - announced <= ROWS, "dead in write %d with %d announced: "
	    "%d are there, in whole commits", died_at, announced, *count);
	store_close(s);
}

static void
test_kill(void)
{
	const char *path = help_path("kill.db");
	struct err err = { 0 };
	struct store *s = store_open(path, STORE_WRITE, 0, &err);
	int count = 0, more = 0, i;

	store_close(s);
	for (i = 2; i < 120; i++) {
		int ends[2], announced = count, status = 0;
		pid_t pid;

		if (pipe(ends) != 0)
			return;
		fflush(stdout);
		if ((pid = fork()) == 0) {
			close(ends[0]);
			is_half = i % 2 == 0;
			write_on(path, count, i / 2, ends[1]);
		}
		close(ends[1]);
		if (pid < 0)
			break;
		while (read(ends[0], &announced, sizeof announced) ==
		    sizeof announced)
			;
		close(ends[0]);
		(void)waitpid(pid, &status, 0);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			ok(false, "the writer wrote until it died (%d)",
			    WEXITSTATUS(status));
		look(path, i / 2, announced, &count);
		more += count > announced;
	}
	s = store_open(path, STORE_WRITE, 0, &err);
	ok(count > 100, "commits came through between (%d messages)", count);
	ok(more > 0, "some that died before they could announce (%d)", more);
	is_int(number(s, "SELECT count(DISTINCT sid) FROM message"), count,
	    "each once");
	is_int(number(s, "SELECT count(*) FROM ft WHERE ft MATCH '\"统\"*'"),
	    count, "and each is found");
	check(s, "killed again and again");
	store_close(s);
}

int
main(void)
{
	test_kill();
	return done();
}
