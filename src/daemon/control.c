#include "daemon/control.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/ctl.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon/account.h"
#include "daemon/service.h"

enum { PATIENCE_S = 10 };
/* Changes within it are told as one; longer for many accounts. */
#define TELL_S		0.05
#define TELL_EACH_S	0.001

struct control {
	struct ev_loop *loop;
	struct service *service;
	char *path;
	dev_t device;		/* of the socket's file, to know it again */
	ino_t inode;
	int fd;
	ev_io accept;
	ev_timer tell, rest;
	struct list clients;
	int count;
};

struct client {
	struct list link;
	struct control *control;
	int fd;
	ev_io read, write;
	ev_timer patience;
	struct buf in, out;
	bool is_watching, is_done;	/* done: close once out is written */
	bool is_behind;		/* watching: has not read the last reply yet */
};

static void
client_free(struct client *cl)
{
	struct control *c = cl->control;

	ev_io_stop(c->loop, &cl->read);
	ev_io_stop(c->loop, &cl->write);
	ev_timer_stop(c->loop, &cl->patience);
	list_remove(&cl->link);
	close(cl->fd);
	buf_clear(&cl->in);
	buf_clear(&cl->out);
	free(cl);
	c->count--;
}

/* Writes what it can. The client may be gone afterwards. */
static void
client_flush(struct client *cl)
{
	struct control *c = cl->control;

	while (cl->out.len > 0) {
		ssize_t n = send(cl->fd, cl->out.data, cl->out.len,
		    MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			ev_io_start(c->loop, &cl->write);
			if (!ev_is_active(&cl->patience))
				ev_timer_again(c->loop, &cl->patience);
			return;
		}
		if (n < 0)
			break;
		buf_eat(&cl->out, (size_t)n);
		ev_timer_again(c->loop, &cl->patience);
	}
	if (cl->out.len > 0 || cl->is_done) {
		client_free(cl);
		return;
	}
	ev_io_stop(c->loop, &cl->write);
	if (cl->is_watching)
		ev_timer_stop(c->loop, &cl->patience);
	if (cl->is_behind) {
		cl->is_behind = false;
		control_changed(c);
	}
}

static void
number(struct buf *out, const char *name, int64_t value)
{
	char text[24];

	if (value < 0)
		return;		/* not known */
	snprintf(text, sizeof text, "%" PRId64, value);
	ctl_field(out, name, text);
}

static void
string(struct buf *out, const char *name, const char *value)
{
	if (value != NULL)
		ctl_field(out, name, value);
}

static void
write_status(struct control *c, struct buf *out)
{
	struct account_status st;
	struct account *a;
	size_t i;

	for (i = 0; (a = service_account(c->service, i)) != NULL; i++) {
		account_status(a, &st);
		string(out, "account", st.account);
		string(out, "state", st.state);
		number(out, "since", st.since_us);
		string(out, "error", st.error);
		string(out, "server", st.server);
		string(out, "tls", st.tls);
		string(out, "sasl", st.sasl);
		number(out, "resumable", st.resumable);
		number(out, "carbons", st.carbons);
		string(out, "mam", st.mam);
		number(out, "catch_up_done", st.catch_up_done);
		number(out, "catch_up_total", st.catch_up_total);
		number(out, "messages", st.messages);
		number(out, "presences", st.presences);
		string(out, "rooms", st.rooms);
		ctl_record_end(out);
	}
	ctl_ok(out);
}

static void
do_status(struct client *cl, const struct ctl_line *request)
{
	const char *watch = ctl_line_get(request, "watch");

	write_status(cl->control, &cl->out);
	cl->is_watching = str_is(watch, "1");
	cl->is_done = !cl->is_watching;
}

static void
do_reload(struct client *cl, const struct ctl_line *request)
{
	struct buf problems = { 0 };
	char *line, *rest;

	(void)request;
	cl->is_done = true;
	if (service_reload(cl->control->service, &problems) == 0) {
		ctl_ok(&cl->out);
	} else {
		rest = problems.data;
		while ((line = strsep(&rest, "\n")) != NULL) {
			if (*line == '\0')
				continue;
			ctl_field(&cl->out, "problem", line);
			ctl_record_end(&cl->out);
		}
		ctl_error(&cl->out, 2, "the configuration is wrong, nothing "
		    "was changed");
	}
	buf_clear(&problems);
}

static const struct verb {
	const char *name;
	void (*run)(struct client *cl, const struct ctl_line *request);
} verbs[] = {
	{ "status", do_status },
	{ "reload", do_reload },
};

static void
answer(struct client *cl, const struct ctl_line *request)
{
	size_t i;

	for (i = 0; i < COUNT(verbs); i++) {
		if (!str_is(verbs[i].name, request->verb))
			continue;
		verbs[i].run(cl, request);
		return;
	}
	ctl_error(&cl->out, 2, "the service does not know this request");
	cl->is_done = true;
}

static void
on_read(struct ev_loop *loop, ev_io *w, int events)
{
	struct client *cl = w->data;
	struct ctl_line request;
	ssize_t n;

	(void)loop, (void)events;
	do
		n = read(cl->fd, buf_room(&cl->in, 4096), 4096);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		client_free(cl);
		return;
	}
	buf_added(&cl->in, (size_t)n);
	if (cl->is_watching || cl->is_done) {
		buf_reset(&cl->in);	/* one request a connection */
		return;
	}
	switch (ctl_read_request(&cl->in, &request)) {
	case 0:
		return;
	case 1:
		answer(cl, &request);
		ctl_line_clear(&request);
		break;
	default:
		ctl_error(&cl->out, 2, "not a request");
		cl->is_done = true;
	}
	client_flush(cl);
}

static void
on_write(struct ev_loop *loop, ev_io *w, int events)
{
	(void)loop, (void)events;
	client_flush(w->data);
}

static void
on_patience(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop, (void)events;
	client_free(w->data);
}

static bool
is_allowed(int fd)
{
	struct ucred who;
	socklen_t len = sizeof who;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
	    (who.uid == geteuid() || who.uid == 0);
}

static void
on_accept(struct ev_loop *loop, ev_io *w, int events)
{
	struct control *c = w->data;
	struct client *cl;
	int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)loop, (void)events;
	if (fd == -1) {
		/* No descriptor left: the socket stays readable, so rest. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
			ev_io_stop(c->loop, &c->accept);
			ev_timer_again(c->loop, &c->rest);
		}
		return;
	}
	if (c->count >= CONTROL_CLIENTS || !is_allowed(fd)) {
		close(fd);
		return;
	}
	cl = mem_alloc(sizeof *cl);
	cl->control = c;
	cl->fd = fd;
	ev_io_init(&cl->read, on_read, fd, EV_READ);
	ev_io_init(&cl->write, on_write, fd, EV_WRITE);
	ev_timer_init(&cl->patience, on_patience, 0, PATIENCE_S);
	cl->read.data = cl->write.data = cl->patience.data = cl;
	ev_io_start(c->loop, &cl->read);
	ev_timer_again(c->loop, &cl->patience);
	list_push(&c->clients, &cl->link);
	c->count++;
}

static void
on_rest(struct ev_loop *loop, ev_timer *w, int events)
{
	struct control *c = w->data;

	(void)loop, (void)events;
	ev_timer_stop(c->loop, w);
	ev_io_start(c->loop, &c->accept);
}

static void
on_tell(struct ev_loop *loop, ev_timer *w, int events)
{
	struct control *c = w->data;
	struct list *link, *after;
	struct buf reply = { 0 };

	(void)loop, (void)events;
	write_status(c, &reply);
	list_each(link, after, &c->clients) {
		struct client *cl = list_item(link, struct client, link);

		if (!cl->is_watching)
			continue;
		if (cl->out.len > 0) {	/* one reply at a time waits */
			cl->is_behind = true;
			continue;
		}
		buf_add(&cl->out, reply.data, reply.len);
		client_flush(cl);
	}
	buf_clear(&reply);
}

void
control_changed(struct control *c)
{
	struct list *link, *after;
	size_t accounts = 0;

	if (ev_is_active(&c->tell))
		return;
	list_each(link, after, &c->clients)
		if (list_item(link, struct client, link)->is_watching)
			break;
	if (link == &c->clients)
		return;
	while (service_account(c->service, accounts) != NULL)
		accounts++;
	ev_timer_set(&c->tell, TELL_S + TELL_EACH_S * accounts, 0);
	ev_timer_start(c->loop, &c->tell);
}

struct control *
control_new(struct ev_loop *loop, const char *path, struct service *service,
    struct err *err)
{
	struct control *c = mem_alloc(sizeof *c);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t mask;
	int r, probe;

	c->fd = -1;
	c->loop = loop;
	c->service = service;
	list_init(&c->clients);
	ev_io_init(&c->accept, on_accept, -1, EV_READ);
	ev_timer_init(&c->tell, on_tell, 0, 0);
	ev_timer_init(&c->rest, on_rest, 0, 1);
	c->accept.data = c->tell.data = c->rest.data = c;
	if (strlen(path) >= sizeof at.sun_path) {
		err_set(err, ERR_INPUT, "control socket %s: the path is longer "
		    "than %zu bytes: set control-socket", path,
		    sizeof at.sun_path - 1);
		goto fail;
	}
	strcpy(at.sun_path, path);
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode)) {
			err_set(err, ERR_SYSTEM, "control socket %s: something "
			    "that is no socket is in its place", path);
			goto fail;
		}
		probe = ctl_connect(path, NULL);
		if (probe != -1) {
			close(probe);
			err_set(err, ERR_BUSY, "control socket %s: another "
			    "service answers there", path);
			goto fail;
		}
		unlink(path);
	}
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177);
	r = c->fd == -1 ? -1 : bind(c->fd, (struct sockaddr *)&at, sizeof at);
	umask(mask);
	if (r != 0 || listen(c->fd, 16) != 0) {
		err_errno(err, "control socket %s", path);
		goto fail;
	}
	c->path = mem_str(path);
	if (lstat(path, &st) == 0) {
		c->device = st.st_dev;
		c->inode = st.st_ino;
	}
	ev_io_set(&c->accept, c->fd, EV_READ);
	ev_io_start(loop, &c->accept);
	return c;

fail:
	control_free(c);
	return NULL;
}

void
control_free(struct control *c)
{
	struct list *link, *after;
	struct stat st;

	if (c == NULL)
		return;
	list_each(link, after, &c->clients)
		client_free(list_item(link, struct client, link));
	ev_io_stop(c->loop, &c->accept);
	ev_timer_stop(c->loop, &c->tell);
	ev_timer_stop(c->loop, &c->rest);
	if (c->fd != -1)
		close(c->fd);
	if (c->path != NULL && lstat(c->path, &st) == 0 &&
	    st.st_dev == c->device && st.st_ino == c->inode)
		unlink(c->path);
	free(c->path);
	free(c);
}
