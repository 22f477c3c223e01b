#include "net/conn.h"

#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "net/dial.h"
#include "net/tls.h"

enum {
	SLICE = 2048,		/* what expat is fed costs it memory for good */
	RECORD = 16384,		/* a TLS record */
	QUEUE_KEPT = 16384,	/* of the memory of a drained queue */
	CONNECT_S = 30,
	SHAKE_S = 5,		/* for one of several candidates */
	GOODBYE_S = 10,
};

enum state {
	DIALLING,		/* no socket */
	SHAKING,		/* TLS handshake */
	OPEN,
	UPGRADING,		/* the last plain bytes are going out */
	CLOSING,		/* so are the last of all */
	WAITING,		/* our side is shut, theirs not yet */
	DEAD,
};

struct conn {
	struct ev_loop *loop;
	conn_callback cb;
	void *arg;
	enum state state;
	char *domain, *domain_text;
	bool domain_is_ip;
	int timeout_s;

	struct dial *dial;
	struct tls_context *context;
	struct tls *tls;
	int fd;			/* -1: none */
	char *where;		/* for sentences */
	ev_io reader, writer;
	ev_timer deadline;	/* of the state, or of dial and handshake */
	ev_timer patience;	/* with one candidate */
	struct err *early;	/* went wrong in conn_new() */

	struct buf out;
	size_t plain_len;	/* UPGRADING: what of it goes unencrypted */
	int write_errno;	/* writing is over */
	bool is_paused;
	bool is_ended;		/* CONN_EOF was given */
	bool is_read_stuck;	/* reading waits to write (TLS key update) */
	struct conn_info info;
};

static void shake(struct conn *c);
static void receive(struct conn *c);
static void flush(struct conn *c);
static void upgrade(struct conn *c);
static void finish(struct conn *c);

/* What a state does with a socket that is readable, or writable. */
static const struct {
	void (*readable)(struct conn *);
	void (*writable)(struct conn *);
} states[] = {
	[DIALLING]  = { NULL, NULL },
	[SHAKING]   = { shake, shake },
	[OPEN]      = { receive, flush },
	[UPGRADING] = { upgrade, upgrade },
	[CLOSING]   = { receive, finish },
	[WAITING]   = { receive, NULL },
	[DEAD]      = { NULL, NULL },
};

static void
on_readable(struct ev_loop *loop, ev_io *w, int events)
{
	struct conn *c = w->data;
	int on = 1;

	/* Linux forgets this after a while. Without it a server that writes
	 * small pieces waits 40 ms for our acknowledgement (Nagle): once in a
	 * TLS 1.3 handshake, and once per page of an archive. */
	setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
	if (states[c->state].readable != NULL)
		states[c->state].readable(c);
}

static void
on_writable(struct ev_loop *loop, ev_io *w, int events)
{
	struct conn *c = w->data;

	if (states[c->state].writable != NULL)
		states[c->state].writable(c);
}

/* The watcher's callback runs in this turn, after ours; a stop prevents it. */
static void
soon(struct conn *c, ev_io *w)
{
	ev_feed_event(c->loop, w, w == &c->reader ? EV_READ : EV_WRITE);
}

static void
timer_set(struct conn *c, ev_timer *w, double seconds)
{
	ev_now_update(c->loop);
	ev_timer_stop(c->loop, w);
	ev_timer_set(w, seconds, 0.);
	ev_timer_start(c->loop, w);
}

static bool
is_reading(const struct conn *c)
{
	return !c->is_paused && !c->is_ended && (c->state == OPEN ||
	    c->state == CLOSING || c->state == WAITING);
}

static void
read_on(struct conn *c)
{
	if (!is_reading(c))
		return;
	ev_io_start(c->loop, &c->reader);
	soon(c, &c->reader);	/* TLS may hold what the socket has given */
}

/* Endings. Each is the last thing its caller does. */

/* Drops the socket and all that belongs to it. */
static void
leave(struct conn *c)
{
	ev_io_stop(c->loop, &c->reader);
	ev_io_stop(c->loop, &c->writer);
	ev_timer_stop(c->loop, &c->deadline);
	ev_timer_stop(c->loop, &c->patience);
	tls_free(c->tls);
	c->tls = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	buf_clear(&c->out);
	c->plain_len = 0;
	c->write_errno = 0;
	c->is_ended = c->is_read_stuck = false;
}

static void
fail(struct conn *c, const struct err *err)
{
	struct err copy = *err;

	leave(c);
	c->state = DEAD;
	c->cb(c, CONN_FAILED, NULL, 0, &copy, c->arg);
}

static void
fail_open(struct conn *c, struct err *err)
{
	err_prefix(err, "connection to %s", c->where);
	fail(c, err);
}

static void
fail_errno(struct conn *c, int reason)
{
	struct err err = { 0 };

	err_set(&err, ERR_NETWORK, "%s", strerror(reason));
	err.sys_errno = reason;
	fail_open(c, &err);
}

static void
end(struct conn *c, bool is_clean)
{
	c->is_ended = true;
	c->info.is_clean_end = is_clean;
	ev_io_stop(c->loop, &c->reader);
	if (c->state == WAITING)
		ev_timer_stop(c->loop, &c->deadline);
	c->cb(c, CONN_EOF, NULL, 0, NULL, c->arg);
}

/* Dialling and shaking hands */

static void
opened(struct conn *c, enum conn_event event)
{
	ev_timer_stop(c->loop, &c->deadline);
	ev_timer_stop(c->loop, &c->patience);
	ev_io_stop(c->loop, &c->writer);
	ev_io_stop(c->loop, &c->reader);
	c->state = OPEN;
	read_on(c);
	if (c->out.len > 0)
		soon(c, &c->writer);
	c->cb(c, event, NULL, 0, NULL, c->arg);
}

/* This candidate was not the one. */
static void
next(struct conn *c, const struct err *why)
{
	/* The dial is given what time is left. */
	double left = ev_timer_remaining(c->loop, &c->deadline);

	leave(c);
	c->info = (struct conn_info){ 0 };
	c->state = DIALLING;
	timer_set(c, &c->deadline, left > 0. ? left : 0.);
	dial_next(c->dial, why);
}

static void
shake(struct conn *c)
{
	struct err err = { 0 };

	switch (tls_handshake(c->tls, c->where, &err)) {
	case TLS_OK:
		c->info.is_tls = true;
		tls_info(c->tls, &c->info);
		opened(c, c->info.is_direct ? CONN_OPEN : CONN_TLS);
		return;
	case TLS_WANT_READ:
		ev_io_stop(c->loop, &c->writer);
		ev_io_start(c->loop, &c->reader);
		return;
	case TLS_WANT_WRITE:
		ev_io_stop(c->loop, &c->reader);
		ev_io_start(c->loop, &c->writer);
		return;
	default:
		break;
	}
	c->info.is_direct ? next(c, &err) : fail(c, &err);
}

static void
tls_begin(struct conn *c)
{
	struct tls_peer peer = {
		.domain = c->domain, .domain_text = c->domain_text,
		.is_ip = c->domain_is_ip,
		.is_direct = c->info.is_direct,
	};

	c->tls = tls_new(c->context, c->fd, &peer);
	c->state = SHAKING;
	shake(c);
}

static void
on_dialled(int fd, const struct dial_place *place, const struct err *err,
    void *arg)
{
	struct conn *c = arg;

	if (fd < 0) {
		fail(c, err);
		return;
	}
	c->fd = fd;
	free(c->where);
	c->where = mem_str(place->text);
	memcpy(c->info.server, place->server, sizeof c->info.server);
	memcpy(c->info.address, place->address, sizeof c->info.address);
	c->info.is_direct = place->target.is_direct;
	ev_io_set(&c->reader, fd, EV_READ);
	ev_io_set(&c->writer, fd, EV_WRITE);
	if (!c->info.is_direct) {
		opened(c, CONN_OPEN);
		return;
	}
	if (dial_has_next(c->dial))
		timer_set(c, &c->patience, SHAKE_S);
	tls_begin(c);
}

static void
on_patience(struct ev_loop *loop, ev_timer *w, int events)
{
	struct conn *c = w->data;
	struct err err = { 0 };

	err_set(&err, ERR_TLS, "TLS with %s: no answer within %d s", c->where,
	    SHAKE_S);
	next(c, &err);
}

static void
on_deadline(struct ev_loop *loop, ev_timer *w, int events)
{
	struct conn *c = w->data;
	struct err err = { 0 };

	switch (c->state) {
	case DIALLING:
		if (c->early != NULL) {
			fail(c, c->early);
			return;
		}
		dial_late(c->dial, c->timeout_s, &err);
		dial_free(c->dial);
		c->dial = NULL;
		break;
	case SHAKING:
		err_set(&err, ERR_TLS, "TLS with %s: no answer within %d s",
		    c->where, c->timeout_s);
		break;
	case UPGRADING:
		err_set(&err, ERR_NETWORK, "connection to %s: stuck for %d s",
		    c->where, c->timeout_s);
		break;
	default:
		if (c->fd < 0)
			err_set(&err, ERR_NETWORK, "connection to a server of "
			    "%s: given up before it was open", c->domain);
		else
			err_set(&err, ERR_NETWORK, "connection to %s: the "
			    "server did not end it within %d s", c->where,
			    GOODBYE_S);
	}
	fail(c, &err);
}

/* STARTTLS: the plain bytes first; then the other side must be silent. What
 * it says before our ClientHello is not from within TLS, whatever it may
 * claim later (CVE-2011-0411 and its family). */
static void
upgrade(struct conn *c)
{
	struct err err = { 0 };
	ssize_t done;
	char byte;

	if (c->context == NULL) {	/* CONN_PLAIN */
		err_set(&err, ERR_PROTOCOL, "the server wants TLS, which is "
		    "switched off");
		fail_open(c, &err);
		return;
	}
	while (c->plain_len > 0) {
		done = send(c->fd, c->out.data, c->plain_len, MSG_NOSIGNAL);
		if (done >= 0) {
			buf_eat(&c->out, (size_t)done);
			c->plain_len -= (size_t)done;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			ev_io_start(c->loop, &c->writer);
			return;
		} else if (errno != EINTR) {
			fail_errno(c, errno);
			return;
		}
	}
	ev_io_stop(c->loop, &c->writer);
	do
		done = recv(c->fd, &byte, 1, MSG_PEEK);
	while (done < 0 && errno == EINTR);
	if (done > 0) {
		err_set(&err, ERR_PROTOCOL, "bytes before the TLS handshake "
		    "(somebody may have injected them)");
		fail_open(c, &err);
	} else if (done == 0) {
		err_set(&err, ERR_NETWORK, "the server ended it before TLS");
		fail_open(c, &err);
	} else if (errno != EAGAIN && errno != EWOULDBLOCK) {
		fail_errno(c, errno);
	} else {
		tls_begin(c);
	}
}

/* Moving bytes */

static enum tls_status
plain_status(ssize_t done, struct err *err)
{
	if (done > 0)
		return TLS_OK;
	if (done == 0)
		return TLS_END;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return TLS_WANT_WRITE;
	err_set(err, ERR_NETWORK, "%s", strerror(errno));
	err->sys_errno = errno;
	return TLS_BROKEN;
}

static enum tls_status
get(struct conn *c, char *p, size_t len, size_t *got, struct err *err)
{
	enum tls_status status;
	ssize_t done;

	if (c->tls != NULL)
		return tls_read(c->tls, p, len, got, err);
	done = recv(c->fd, p, len, 0);
	*got = done > 0 ? (size_t)done : 0;
	status = plain_status(done, err);
	return status == TLS_WANT_WRITE ? TLS_WANT_READ : status;
}

static enum tls_status
put(struct conn *c, size_t *put_len, struct err *err)
{
	ssize_t done;

	if (c->tls != NULL)
		return tls_write(c->tls, c->out.data,
		    c->out.len < RECORD ? c->out.len : RECORD, put_len, err);
	done = send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL);
	*put_len = done > 0 ? (size_t)done : 0;
	return plain_status(done, err);
}

/* One slice, one event. */
static void
receive(struct conn *c)
{
	static _Thread_local char slice[SLICE];
	enum tls_status status;
	struct err err = { 0 };
	size_t len;

	if (!is_reading(c))
		return;
	status = get(c, slice, sizeof slice, &len, &err);
	switch (status) {
	case TLS_OK:
		/* At most the rest of one record: others have their turn. */
		if (c->tls != NULL && tls_has_pending(c->tls))
			soon(c, &c->reader);
		c->cb(c, CONN_DATA, slice, len, NULL, c->arg);
		return;
	case TLS_WANT_READ:
		return;
	case TLS_WANT_WRITE:
		c->is_read_stuck = true;
		ev_io_start(c->loop, &c->writer);
		return;
	case TLS_END:
	case TLS_CUT:
		/* After a failed write the kernel has reported the error and
		 * shows a mere end. Only a close_notify is still one. */
		if (c->write_errno != 0 && (c->tls == NULL ||
		    status == TLS_CUT))
			fail_errno(c, c->write_errno);
		else
			end(c, status == TLS_END);
		return;
	case TLS_BROKEN:
		fail_open(c, &err);
		return;
	}
}

/* Writes what it can; true once nothing is left. False may mean that c is
 * freed: the caller returns. */
static bool
drain(struct conn *c)
{
	struct err err = { 0 };
	size_t len;

	while (c->out.len > 0) {
		switch (put(c, &len, &err)) {
		case TLS_OK:
			buf_eat(&c->out, len);
			continue;
		case TLS_BROKEN:
			/* Perhaps the server has said why: reading tells. */
			buf_clear(&c->out);
			ev_io_stop(c->loop, &c->writer);
			c->write_errno = err.sys_errno ? err.sys_errno : EPIPE;
			if (c->is_ended)
				fail_open(c, &err);
			else
				read_on(c);
			return false;
		default:
			ev_io_start(c->loop, &c->writer);
			return false;
		}
	}
	ev_io_stop(c->loop, &c->writer);
	if (c->out.room > QUEUE_KEPT)
		buf_clear(&c->out);
	return true;
}

static void
flush(struct conn *c)
{
	bool is_any = c->out.len > 0;

	if (c->is_read_stuck) {
		c->is_read_stuck = false;
		read_on(c);
	}
	if (drain(c) && is_any)
		c->cb(c, CONN_DRAINED, NULL, 0, NULL, c->arg);
}

static void
finish(struct conn *c)
{
	if (!drain(c))
		return;
	if (c->tls != NULL && tls_close(c->tls) == TLS_WANT_WRITE) {
		ev_io_start(c->loop, &c->writer);
		return;
	}
	shutdown(c->fd, SHUT_WR);
	c->state = WAITING;
	if (c->is_ended)
		ev_timer_stop(c->loop, &c->deadline);
}

/* The face */

static char *
without_brackets(const char *host)
{
	size_t len = strlen(host);

	if (len > 2 && host[0] == '[' && host[len - 1] == ']')
		return mem_strn(host + 1, len - 2);
	return mem_str(host);
}

struct conn *
conn_new(struct ev_loop *loop, struct dns *dns, const struct conn_options *o,
    conn_callback cb, void *arg)
{
	struct conn *c = mem_alloc(sizeof *c);
	struct err err = { 0 };
	struct dial_options dial = {
		.port = o->host != NULL ? o->port : 0,
		.want_direct = o->tls == CONN_ANY || o->tls == CONN_DIRECT,
		.want_starttls = o->tls != CONN_DIRECT,
		.loopback_only = o->tls == CONN_PLAIN,
	};
	char *host = NULL;

	c->loop = loop;
	c->cb = cb;
	c->arg = arg;
	c->fd = -1;
	c->domain_is_ip = o->domain_is_ip;
	c->domain = o->domain_is_ip ? without_brackets(o->domain)
				    : mem_str(o->domain);
	c->domain_text = mem_str(o->domain_text);
	c->timeout_s = o->connect_timeout_s > 0 ? o->connect_timeout_s
						: CONNECT_S;
	ev_init(&c->reader, on_readable);
	ev_init(&c->writer, on_writable);
	ev_init(&c->deadline, on_deadline);
	ev_init(&c->patience, on_patience);
	c->reader.data = c->writer.data = c;
	c->deadline.data = c->patience.data = c;
	if (o->tls != CONN_PLAIN) {
		c->context = tls_context_new(o->ca_file, o->certificate,
		    o->key, &err);
		if (c->context == NULL) {
			c->early = mem_copy(&err, sizeof err);
			timer_set(c, &c->deadline, 0.);
			return c;
		}
	}
	if (o->host != NULL || o->domain_is_ip)
		host = without_brackets(o->host != NULL ? o->host : o->domain);
	dial.domain = c->domain;
	dial.host = host;
	timer_set(c, &c->deadline, c->timeout_s);
	c->dial = dial_new(loop, dns, &dial, on_dialled, c);
	free(host);
	return c;
}

void
conn_free(struct conn *c)
{
	if (c == NULL)
		return;
	leave(c);
	dial_free(c->dial);
	tls_context_free(c->context);
	free(c->domain);
	free(c->domain_text);
	free(c->where);
	free(c->early);
	free(c);
}

void
conn_write(struct conn *c, const char *data, size_t len)
{
	if (len == 0 || c->write_errno != 0 || c->state == DEAD ||
	    c->state == CLOSING || c->state == WAITING)
		return;
	buf_add(&c->out, data, len);
	if (c->state == OPEN)
		soon(c, &c->writer);
}

size_t
conn_queued(const struct conn *c)
{
	return c->out.len;
}

void
conn_starttls(struct conn *c)
{
	if (c->state != OPEN)
		return;		/* it has failed, and that was or will be said */
	assert(c->tls == NULL);
	c->state = UPGRADING;
	c->plain_len = c->out.len;
	ev_io_stop(c->loop, &c->reader);
	timer_set(c, &c->deadline, c->timeout_s);
	soon(c, &c->writer);
}

void
conn_pause(struct conn *c, bool on)
{
	bool was = is_reading(c);

	c->is_paused = on;
	if (was && on)
		ev_io_stop(c->loop, &c->reader);
	else if (!was && !on)
		read_on(c);
}

void
conn_shutdown(struct conn *c)
{
	switch (c->state) {
	case OPEN:
		c->state = CLOSING;
		timer_set(c, &c->deadline, GOODBYE_S);
		soon(c, &c->writer);
		break;
	case DIALLING: case SHAKING: case UPGRADING:
		leave(c);
		dial_free(c->dial);
		c->dial = NULL;
		c->state = CLOSING;
		timer_set(c, &c->deadline, 0.);
		break;
	default:
		break;
	}
}

bool
conn_retry(struct conn *c)
{
	if (c->dial == NULL || c->state == DIALLING ||
	    !dial_has_next(c->dial))
		return false;
	leave(c);
	c->info = (struct conn_info){ 0 };
	c->state = DIALLING;
	timer_set(c, &c->deadline, c->timeout_s);
	dial_next(c->dial, NULL);
	return true;
}

const struct conn_info *
conn_info(const struct conn *c)
{
	return &c->info;
}

void
conn_binding(struct conn *c, struct conn_binding *out)
{
	*out = (struct conn_binding){ 0 };
	if (c->tls != NULL)
		tls_binding(c->tls, out);
}
