#include "cmd/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/say.h"

enum { WRITE_AT = 64 << 10 };

/*
 * Signals end us as they would, but not before a pager that shares our
 * terminal has finished, nor with half a file left beside the real one.
 */

static volatile sig_atomic_t pager_pid;
static char *volatile aside_path;

static void
on_signal(int number)
{
	if (aside_path != NULL)
		unlink(aside_path);
	if (pager_pid != 0) {
		close(STDOUT_FILENO);
		while (waitpid((pid_t)pager_pid, NULL, 0) < 0 &&
		    errno == EINTR)
			;
	}
	signal(number, SIG_DFL);
	raise(number);
}

static void
watch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	size_t i;

	for (i = 0; i < COUNT(signals); i++)
		if (signal(signals[i], on_signal) == SIG_IGN)
			signal(signals[i], SIG_IGN);	/* nohup's wish */
}

/*
 * The pager.
 */

static bool
is_in_path(const char *program)
{
	const char *dir = getenv("PATH");

	if (dir == NULL)
		dir = "/usr/bin:/bin";
	for (;;) {
		size_t len = strcspn(dir, ":");
		char *path = mem_printf("%.*s/%s", (int)len, dir, program);
		bool found = access(path, X_OK) == 0;

		free(path);
		if (found)
			return true;
		if (dir[len] == '\0')
			return false;
		dir += len + 1;
	}
}

/* NULL: none. */
static const char *
pager_command(void)
{
	const char *command = getenv("BACKSCROLL_PAGER");

	if (command == NULL)
		command = getenv("PAGER");
	if (command == NULL)
		command = is_in_path("less") ? "less" : "";
	return *command == '\0' || strcmp(command, "cat") == 0 ? NULL
							       : command;
}

static void
start_pager(struct output *o)
{
	const char *command = pager_command();
	int ends[2];
	pid_t pid;

	if (command == NULL || pipe2(ends, O_CLOEXEC) != 0)
		return;
	pid = fork();
	if (pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return;
	}
	if (pid == 0) {
		dup2(ends[0], STDIN_FILENO);
		signal(SIGPIPE, SIG_DFL);
		setenv("LESS", "FRX", 0);
		setenv("LESSCHARSET", "utf-8", 0);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	dup2(ends[1], STDOUT_FILENO);
	close(ends[0]);
	close(ends[1]);
	o->pager = pid;
	pager_pid = pid;
	watch_signals();
}

int
output_columns(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int
output_open(struct output *o, const struct call *call, bool may_page)
{
	*o = (struct output){ .fd = STDOUT_FILENO };
	o->is_terminal = isatty(STDOUT_FILENO);
	if (o->is_terminal)
		o->columns = output_columns(STDOUT_FILENO);
	if (o->is_terminal && may_page && !call->no_pager)
		start_pager(o);
	return 0;
}

/*
 * Files.
 */

int
output_open_file(struct output *o, const char *path)
{
	char *real = realpath(path, NULL);	/* a link stays one */
	struct stat st;

	/* Renaming over /dev/null would be a surprise. */
	if (real != NULL && stat(real, &st) == 0 && !S_ISREG(st.st_mode)) {
		say("%s: not a regular file", path);
		free(real);
		return -1;
	}
	*o = (struct output){ .path = real != NULL ? real : mem_str(path) };
	o->aside = mem_printf("%s.XXXXXX", o->path);
	o->fd = mkostemp(o->aside, O_CLOEXEC);	/* mode 0600 */
	if (o->fd >= 0) {
		aside_path = o->aside;
		watch_signals();
		return 0;
	}
	say("%s: %s", path, strerror(errno));
	free(o->aside);
	free(o->path);
	o->aside = o->path = NULL;
	return -1;
}

/* The name is durable once its directory is. */
static int
sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? mem_str(".") : slash == path
	    ? mem_str("/") : mem_strn(path, (size_t)(slash - path));
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int got = fd < 0 ? -1 : fsync(fd);

	/* Some file systems cannot: then there is nothing more to do. */
	if (got != 0 && (errno == EINVAL || errno == EROFS))
		got = 0;
	if (fd >= 0)
		close(fd);
	free(dir);
	return got;
}

static int
finish_file(struct output *o, int status)
{
	bool good = status == EXIT_DONE && !o->is_gone;

	if (good && (fsync(o->fd) != 0 || rename(o->aside, o->path) != 0 ||
	    sync_directory(o->path) != 0)) {
		say("%s: %s", o->path, strerror(errno));
		status = EXIT_UNABLE;
	}
	close(o->fd);
	aside_path = NULL;
	if (!good || status == EXIT_UNABLE)
		unlink(o->aside);
	free(o->aside);
	free(o->path);
	return status;
}

/*
 * Writing.
 */

int
output_flush(struct output *o)
{
	ssize_t n;

	while (o->buf.len > 0 && !o->is_gone) {
		n = write(o->fd, o->buf.data, o->buf.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			o->is_gone = true;
			if (errno == EPIPE && o->path == NULL)
				break;
			o->is_failed = true;
			say("%s: %s", o->path != NULL ? o->path
			    : "standard output", strerror(errno));
			break;
		}
		buf_eat(&o->buf, (size_t)n);
	}
	return o->is_gone ? -1 : 0;
}

int
output_more(struct output *o)
{
	return o->buf.len < WRITE_AT ? 0 : output_flush(o);
}

int
output_close(struct output *o, int status)
{
	output_flush(o);
	if (o->is_failed)
		status = EXIT_UNABLE;
	buf_clear(&o->buf);
	if (o->path != NULL)
		return finish_file(o, status);
	if (o->pager != 0) {
		int ended = 0;

		close(STDOUT_FILENO);
		while (waitpid(o->pager, &ended, 0) < 0 && errno == EINTR)
			;
		pager_pid = 0;
		/* The shell's words for what cannot be run. */
		if (WIFEXITED(ended) && WEXITSTATUS(ended) >= 126) {
			say("the pager could not be run");
			say_advice("$PAGER names it; --no-pager does "
			    "without.");
			status = EXIT_UNABLE;
		}
	}
	return status;
}

/*
 * How it looks.
 */

static bool
is_color(const struct output *o, const char *when)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when != NULL && strcmp(when, "always") == 0)
		return true;
	if (when != NULL && strcmp(when, "never") == 0)
		return false;
	return o->is_terminal && (no == NULL || *no == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0;
}

struct format_options
output_options(const struct output *o, const struct call *call)
{
	return (struct format_options){
		.is_color = is_color(o, call->color), .is_utc = call->utc,
		.has_raw = call->raw, .is_each = call->all,
		.columns = o->columns, .now_us = clock_wall_us(),
	};
}
