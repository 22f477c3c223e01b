#include "daemon/secret.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum { PATIENCE_S = 60, PASSWORD_MOST = 4096 };

struct secret {
	struct ev_loop *loop;
	ev_io read;
	ev_child child;
	ev_timer timer;
	int fd;
	pid_t pid;
	bool is_read, is_ended;
	int status;
	struct buf out;
	char *jid;
	secret_callback cb;
	void *arg;
};

static void
secret_free(struct secret *s)
{
	ev_io_stop(s->loop, &s->read);
	ev_child_stop(s->loop, &s->child);
	ev_timer_stop(s->loop, &s->timer);
	if (s->fd != -1)
		close(s->fd);
	if (s->out.data != NULL)
		mem_wipe(s->out.data, s->out.len);
	buf_clear(&s->out);
	free(s->jid);
	free(s);
}

static void
finish(struct secret *s, const struct err *err)
{
	secret_callback cb = s->cb;
	void *arg = s->arg;
	char *password = NULL;

	if (err == NULL) {
		if (s->out.len > 0 && s->out.data[s->out.len - 1] == '\n')
			buf_cut(&s->out, s->out.len - 1);
		if (s->out.len > 0 && s->out.data[s->out.len - 1] == '\r')
			buf_cut(&s->out, s->out.len - 1);
		password = mem_strn(s->out.data, s->out.len);
	}
	secret_free(s);
	cb(password, err, arg);
	mem_wipe_str(password);
	free(password);
}

/* Once both the output and the exit status are there. */
static void
settle(struct secret *s)
{
	struct err err = { 0 };

	if (!s->is_read || !s->is_ended)
		return;
	if (s->out.len > PASSWORD_MOST) {	/* we hung up: of course it failed */
		err_set(&err, ERR_AUTH, "password-command of %s printed more "
		    "than %d bytes", s->jid, PASSWORD_MOST);
	} else if (!WIFEXITED(s->status) || WEXITSTATUS(s->status) != 0) {
		if (WIFSIGNALED(s->status))
			err_set(&err, ERR_AUTH, "password-command of %s was "
			    "ended by signal %d", s->jid, WTERMSIG(s->status));
		else
			err_set(&err, ERR_AUTH, "password-command of %s ended "
			    "with status %d", s->jid, WEXITSTATUS(s->status));
	} else if (s->out.len == 0) {
		err_set(&err, ERR_AUTH, "password-command of %s printed "
		    "nothing", s->jid);
	} else if (memchr(s->out.data, '\0', s->out.len) != NULL) {
		err_set(&err, ERR_AUTH, "password-command of %s printed a NUL",
		    s->jid);
	}
	finish(s, err.code == ERR_NONE ? NULL : &err);
}

/* Reads what is there; false when there is nothing now, or no more. */
static bool
read_some(struct secret *s)
{
	ssize_t n;

	do
		n = read(s->fd, buf_room(&s->out, 512), 512);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		buf_added(&s->out, (size_t)n);
		if (s->out.len <= PASSWORD_MOST)
			return true;
	} else if (n < 0 && errno == EAGAIN) {
		return false;
	}
	ev_io_stop(s->loop, &s->read);
	close(s->fd);
	s->fd = -1;
	s->is_read = true;
	return false;
}

static void
on_read(struct ev_loop *loop, ev_io *w, int events)
{
	struct secret *s = w->data;

	(void)loop, (void)events;
	read_some(s);
	settle(s);
}

static void
on_child(struct ev_loop *loop, ev_child *w, int events)
{
	struct secret *s = w->data;

	(void)loop, (void)events;
	ev_child_stop(s->loop, w);
	s->is_ended = true;
	s->status = w->rstatus;
	/* Something that it left running may hold its output open. */
	while (!s->is_read && read_some(s))
		continue;
	s->is_read = true;
	settle(s);
}

/* With all that it started; it may not have come as far as its session. */
static void
end_command(const struct secret *s)
{
	kill(-s->pid, SIGKILL);
	kill(s->pid, SIGKILL);
}

static void
on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
	struct secret *s = w->data;
	struct err err;

	(void)loop, (void)events;
	end_command(s);
	err_set(&err, ERR_AUTH, "password-command of %s took more than %d "
	    "seconds", s->jid, PATIENCE_S);
	finish(s, &err);
}

/* In the child: a session of its own, so that it has no terminal and can be
 * ended with all that it started. */
static void
run_command(const char *command, int out)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

struct secret *
secret_get(struct ev_loop *loop, const struct config_account *account,
    secret_callback cb, void *arg)
{
	struct secret *s;
	struct err err;
	int fds[2];

	if (account->password_command == NULL) {
		if (account->password == NULL)
			err_set(&err, ERR_AUTH, "%s has no password in the "
			    "configuration", account->jid);
		cb(account->password, account->password ? NULL : &err, arg);
		return NULL;
	}
	if (pipe2(fds, O_CLOEXEC) != 0) {
		err_errno(&err, "password-command of %s", account->jid);
		cb(NULL, &err, arg);
		return NULL;
	}
	s = mem_alloc(sizeof *s);
	s->loop = loop;
	s->jid = mem_str(account->jid);
	s->cb = cb;
	s->arg = arg;
	s->pid = fork();
	if (s->pid == 0)
		run_command(account->password_command, fds[1]);
	close(fds[1]);
	s->fd = fds[0];
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	ev_io_init(&s->read, on_read, s->fd, EV_READ);
	ev_child_init(&s->child, on_child, s->pid, 0);
	ev_timer_init(&s->timer, on_timer, PATIENCE_S, 0);
	s->read.data = s->child.data = s->timer.data = s;
	if (s->pid < 0) {
		err_errno(&err, "password-command of %s", account->jid);
		finish(s, &err);
		return NULL;
	}
	ev_io_start(loop, &s->read);
	ev_child_start(loop, &s->child);
	ev_timer_start(loop, &s->timer);
	return s;
}

void
secret_cancel(struct secret *s)
{
	if (s == NULL)
		return;
	if (!s->is_ended)
		end_command(s);
	secret_free(s);
}
