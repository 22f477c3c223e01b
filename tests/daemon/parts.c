/* daemon/: back-off, the worker, password commands. */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "daemon/backoff.h"
#include "daemon/secret.h"
#include "daemon/worker.h"
#include "tests/tap.h"

static void
waits(void)
{
	struct backoff b = { 0 };
	int64_t wait, last = 0;
	bool grows = true;
	int i;

	for (i = 0; i < 30; i++) {
		wait = backoff_next(&b, FAIL_RETRY, true, 999);
		grows = grows && wait >= last;
		last = wait;
	}
	ok(grows && last <= 15 * TIME_MINUTE && last > 14 * TIME_MINUTE,
	    "tries grow apart, up to 15 minutes");
	ok(backoff_next(&b, FAIL_RETRY, true, 0) < last,
	    "chance spreads them");
	backoff_healthy(&b, 2 * TIME_MINUTE);
	ok(backoff_next(&b, FAIL_RETRY, true, 500) <= 2 * TIME_SECOND,
	    "a healthy session starts afresh");

	b = (struct backoff){ 0 };
	ok(backoff_next(&b, FAIL_CONFLICT, true, 0) >= TIME_MINUTE,
	    "after a conflict not before a minute");
	wait = backoff_next(&b, FAIL_CONFLICT, true, 0);
	ok(wait >= 2 * TIME_MINUTE, "then doubling");
	backoff_healthy(&b, 2 * TIME_MINUTE);
	ok(backoff_next(&b, FAIL_CONFLICT, true, 0) > wait,
	    "two clients that throw each other out do not reset it");

	b = (struct backoff){ 0 };
	ok(backoff_next(&b, FAIL_PASSWORD, false, 0) == INT64_MAX,
	    "a password that never worked is not tried again");
	ok(backoff_next(&b, FAIL_GONE, true, 0) == INT64_MAX,
	    "nor an account that is gone");
	is_int(backoff_next(&b, FAIL_PASSWORD, true, 0), 15 * TIME_MINUTE,
	    "one that has worked: 15 minutes");
	is_int(backoff_next(&b, FAIL_PASSWORD, true, 0), TIME_HOUR, "an hour");
	is_int(backoff_next(&b, FAIL_PASSWORD, true, 0), 6 * TIME_HOUR,
	    "six hours");
	is_int(backoff_next(&b, FAIL_PASSWORD, true, 0), 6 * TIME_HOUR,
	    "and so on");
}

struct answer {
	struct ev_loop *loop;
	int count;
	unsigned char key[32];
	size_t len;
	char *password;
	struct err err;
};

static void
on_key(const unsigned char *key, size_t len, void *arg)
{
	struct answer *a = arg;

	memcpy(a->key, key, len);
	a->len = len;
	a->count++;
	ev_break(a->loop, EVBREAK_ALL);
}

static void
on_late(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)w, (void)events;
	ev_break(loop, EVBREAK_ALL);
}

/* Runs the loop until something breaks it, ten seconds at most. */
static void
run(struct ev_loop *loop)
{
	ev_timer late;

	ev_timer_init(&late, on_late, 10, 0);
	ev_timer_start(loop, &late);
	ev_run(loop, 0);
	ev_timer_stop(loop, &late);
}

static void
sums(struct ev_loop *loop)
{
	struct worker *w = worker_new(loop), *other;
	struct answer a = { .loop = loop }, dropped = { .loop = loop };
	struct worker_job *job;
	char hex[41];

	job = worker_key(w, "SHA-1", "x", (const unsigned char *)"salt", 4,
	    100000, on_key, &dropped);
	worker_cancel(job);
	worker_key(w, "SHA-1", "password", (const unsigned char *)"salt", 4,
	    4096, on_key, &a);
	run(loop);
	str_hex(hex, a.key, 20);
	is_str(hex, "4b007901b765489abead49d926f721d065a429c1",
	    "the worker's sum comes back to the loop");
	is_int(dropped.count, 0, "a cancelled job is not called back");
	/* Done, but not told: another loop runs until a longer one is done. */
	worker_key(w, "SHA-256", "x", (const unsigned char *)"salt", 4, 1,
	    on_key, &dropped);
	a = (struct answer){ .loop = ev_loop_new(EVFLAG_AUTO) };
	other = worker_new(a.loop);
	worker_key(other, "SHA-256", "x", (const unsigned char *)"salt", 4,
	    20000, on_key, &a);
	run(a.loop);
	worker_free(w);
	ev_run(loop, EVRUN_NOWAIT);	/* what it may have left behind */
	is_int(a.count, 1, "each loop has its worker");
	is_int(dropped.count, 0, "one that is due when its worker ends is not "
	    "called back");
	worker_free(other);
	ev_loop_destroy(a.loop);
}

static void
on_password(const char *password, const struct err *err, void *arg)
{
	struct answer *a = arg;

	a->count++;
	a->password = mem_str(password);
	if (err != NULL)
		a->err = *err;
	ev_break(a->loop, EVBREAK_ALL);
}

static void
passwords(struct ev_loop *loop)
{
	static const struct {
		const char *command, *password, *error, *name;
	} cases[] = {
		{ "echo secret", "secret", NULL, "one line end is dropped" },
		{ "printf 'a b\\n\\n'", "a b\n", NULL, "only one" },
		{ "printf 'dos\\r\\n'", "dos", NULL, "CR LF is one" },
		{ "exit 3", NULL, "status 3", "a failed command is told" },
		{ "true", NULL, "printed nothing", "so is an empty answer" },
		{ "kill -9 $$", NULL, "signal 9", "and a signal" },
		{ "cat; echo x", "x", NULL, "standard input is empty" },
		{ "echo left; sleep 20 &", "left", NULL, "what it leaves running is not waited for" },
		{ "tty >/dev/null; echo $?", "1", NULL, "there is no terminal" },
		{ "head -c 9000 /dev/zero | tr '\\0' a", NULL, "more than",
		    "a flood is refused" },
		{ "printf 'a\\0b'", NULL, "NUL", "so is a NUL" },
	};
	char jid[] = "me@example.com";
	struct config_account account = { .jid = jid };
	struct answer a;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		a = (struct answer){ .loop = loop };
		account.password_command = (char *)cases[i].command;
		secret_get(loop, &account, on_password, &a);
		if (a.count == 0)
			run(loop);
		if (cases[i].password != NULL)
			is_str(a.password, cases[i].password, cases[i].name);
		else
			ok(a.password == NULL && strstr(a.err.text,
			    cases[i].error) != NULL, "%s: %s", cases[i].name,
			    a.err.text);
		free(a.password);
	}
	a = (struct answer){ .loop = loop };
	account.password_command = NULL;
	account.password = (char *)"plain";
	secret_get(loop, &account, on_password, &a);
	is_str(a.password, "plain", "a password in the file comes at once");
	free(a.password);
	a = (struct answer){ .loop = loop };
	account.password = NULL;
	secret_get(loop, &account, on_password, &a);
	ok(a.count == 1 && a.password == NULL, "no password is an error");
}

/* What read() says, ten seconds at most: -1 if nothing comes, not even the
 * end. */
static ssize_t
hear(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;
	int r;

	do
		r = poll(&p, 1, 10000);
	while (r == -1 && errno == EINTR);	/* a child has ended */
	return r == 1 ? read(fd, &byte, 1) : -1;
}

/* Neither the shell nor what it has put into the background may go on: each
 * holds the pipe's other end, which is heard of when the last one is gone. */
static void
cancelled(struct ev_loop *loop)
{
	char dir[] = "/tmp/backscroll-test.XXXXXX", jid[] = "me@example.com";
	struct config_account account = { .jid = jid };
	struct answer a = { .loop = loop };
	struct secret *s;
	char *path, *command;
	int end;

	if (mkdtemp(dir) == NULL)
		abort();
	path = mem_printf("%s/pipe", dir);
	command = mem_printf("exec 9>%s; sleep 100 & echo >&9; sleep 100",
	    path);
	if (mkfifo(path, 0600) != 0 ||
	    (end = open(path, O_RDONLY | O_NONBLOCK)) == -1)
		abort();
	account.password_command = command;
	s = secret_get(loop, &account, on_password, &a);
	is_int(hear(end), 1, "a command runs");
	secret_cancel(s);
	is_int(hear(end), 0,
	    "one that is cancelled is ended, with all that it has begun");
	ev_run(loop, EVRUN_NOWAIT);
	is_int(a.count, 0, "and is not called back");
	close(end);
	unlink(path);
	rmdir(dir);
	free(path);
	free(command);
}

int
main(void)
{
	struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);

	waits();
	sums(loop);
	passwords(loop);
	cancelled(loop);
	ev_loop_destroy(loop);
	return done();
}
