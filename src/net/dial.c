#include "net/dial.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/str.h"

#define NEXT_ADDRESS_S	0.25	/* RFC 8305 section 8 */
#define NEXT_TARGET_S	2.0	/* priorities mean something: give it time */

enum {
	ATTEMPTS_MOST = 16,	/* at once; then the oldest is given up */
	KEEPALIVE_IDLE_S = 120, KEEPALIVE_INTERVAL_S = 30, KEEPALIVE_COUNT = 4,
};

enum turn { TURN_WAITING, TURN_TRYING, TURN_OVER };

struct candidate {
	size_t target;
	char address[56];	/* numeric */
	enum turn turn;
};

struct attempt {
	struct list link;	/* oldest first */
	struct dial *dial;
	size_t candidate;
	ev_io io;
};

struct dial {
	struct ev_loop *loop;
	struct dns *dns;
	dial_callback cb;
	void *arg;
	char *domain, *host;
	unsigned port;
	bool loopback_only;

	struct dns_query *query;	/* targets, or the addresses of one */
	ev_timer timer;			/* time for the next candidate */
	struct dns_target *targets;
	size_t target_count;
	size_t next;			/* the target to look up next */
	size_t won;			/* the target of the last socket */
	bool has_won;			/* that one is of next - 1 */
	struct candidate *candidates;
	size_t candidate_count;
	struct list attempts;
	struct err why;
};

static void advance(struct dial *d);

static size_t
waiting(const struct dial *d)		/* candidate_count: none */
{
	size_t i;

	for (i = 0; i < d->candidate_count; i++)
		if (d->candidates[i].turn == TURN_WAITING)
			break;
	return i;
}

/* What came furthest is what the person should read. */
static void
note(struct dial *d, const struct err *why)
{
	if (d->why.code != ERR_TLS || why->code == ERR_TLS)
		d->why = *why;
}

static void
wake(struct dial *d, double seconds)
{
	ev_timer_stop(d->loop, &d->timer);
	ev_timer_set(&d->timer, seconds, 0.);
	ev_timer_start(d->loop, &d->timer);
}

static void
place_fill(const struct dial *d, const struct candidate *c,
    struct dial_place *p)
{
	const struct dns_target *t = &d->targets[c->target];
	bool is_v6 = strchr(c->address, ':') != NULL;

	p->target = *t;
	snprintf(p->server, sizeof p->server,
	    strchr(t->host, ':') != NULL ? "[%s]:%u" : "%s:%u", t->host,
	    t->port);
	snprintf(p->address, sizeof p->address, is_v6 ? "[%s]:%u" : "%s:%u",
	    c->address, t->port);
	if (str_is(c->address, t->host))
		snprintf(p->text, sizeof p->text, "%s", p->server);
	else
		snprintf(p->text, sizeof p->text, "%s (%s)", p->server,
		    c->address);
}

/* One connection */

static void
attempt_drop(struct attempt *a, enum turn turn)
{
	struct dial *d = a->dial;

	d->candidates[a->candidate].turn = turn;
	ev_io_stop(d->loop, &a->io);
	close(a->io.fd);
	list_remove(&a->link);
	free(a);
}

static void
attempts_drop(struct dial *d, enum turn turn)
{
	struct list *link, *after;

	list_each(link, after, &d->attempts)
		attempt_drop(list_item(link, struct attempt, link), turn);
}

static void
connect_failed(struct dial *d, const struct candidate *c, int reason)
{
	struct dial_place place;
	struct err err = { 0 };

	place_fill(d, c, &place);
	err_set(&err, ERR_NETWORK, "connect to %s: %s", place.text,
	    strerror(reason));
	err.sys_errno = reason;
	note(d, &err);
}

static void
on_connected(struct ev_loop *loop, ev_io *w, int events)
{
	struct attempt *a = w->data;
	struct dial *d = a->dial;
	const struct candidate *c = &d->candidates[a->candidate];
	struct dial_place place;
	size_t target = c->target;
	int reason = 0, fd;
	socklen_t len = sizeof reason;

	if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &reason, &len) != 0)
		reason = errno;
	if (reason != 0) {
		connect_failed(d, c, reason);
		attempt_drop(a, TURN_OVER);
		/* The next address at once; the next target may wait. */
		if (list_is_empty(&d->attempts) ||
		    waiting(d) < d->candidate_count)
			advance(d);
		return;
	}
	place_fill(d, c, &place);
	ev_io_stop(loop, &a->io);
	fd = a->io.fd;
	d->candidates[a->candidate].turn = TURN_OVER;
	list_remove(&a->link);
	free(a);
	attempts_drop(d, TURN_WAITING);
	dns_cancel(d->query);
	if (d->query != NULL) {
		d->query = NULL;
		d->next--;		/* its addresses never came */
	}
	d->won = target;
	d->has_won = d->won + 1 == d->next;
	ev_timer_stop(loop, &d->timer);
	d->cb(fd, &place, NULL, d->arg);
}

static bool
is_loopback(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)sa)
		    ->sin_addr.s_addr) >> 24 == 127;
	if (sa->sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)
		    (const void *)sa)->sin6_addr);
	return false;
}

static void
socket_prepare(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT },
	};
	size_t i;

	for (i = 0; i < COUNT(options); i++)
		setsockopt(fd, options[i].level, options[i].name,
		    &options[i].value, sizeof options[i].value);
}

/* Room for one more: the oldest has had its seconds. */
static void
attempts_limit(struct dial *d)
{
	struct list *link, *after;
	struct attempt *oldest;
	size_t count = 0;

	list_each(link, after, &d->attempts)
		count++;
	if (count < ATTEMPTS_MOST)
		return;
	oldest = list_item(d->attempts.next, struct attempt, link);
	connect_failed(d, &d->candidates[oldest->candidate], ETIMEDOUT);
	attempt_drop(oldest, TURN_OVER);
}

/* Begins to connect; false if it has failed at once, and that is noted. */
static bool
attempt(struct dial *d, size_t index)
{
	struct candidate *c = &d->candidates[index];
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	}, *info = NULL;
	struct attempt *a;
	char port[16];
	int fd = -1;

	c->turn = TURN_OVER;
	snprintf(port, sizeof port, "%u", d->targets[c->target].port);
	if (getaddrinfo(c->address, port, &hints, &info) != 0) {
		connect_failed(d, c, EADDRNOTAVAIL);	/* unknown zone */
		return false;
	}
	if (d->loopback_only && !is_loopback(info->ai_addr)) {
		struct dial_place place;
		struct err err = { 0 };

		place_fill(d, c, &place);
		err_set(&err, ERR_INPUT, "connect to %s: without TLS only "
		    "loopback addresses are allowed", place.text);
		note(d, &err);
		goto failed;
	}
	fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (fd < 0) {
		connect_failed(d, c, errno);
		goto failed;
	}
	socket_prepare(fd);
	if (connect(fd, info->ai_addr, info->ai_addrlen) != 0 &&
	    errno != EINPROGRESS) {
		connect_failed(d, c, errno);
		goto failed;
	}
	freeaddrinfo(info);
	attempts_limit(d);
	c->turn = TURN_TRYING;
	a = mem_alloc(sizeof *a);
	a->dial = d;
	a->candidate = index;
	list_push(&d->attempts, &a->link);
	ev_io_init(&a->io, on_connected, fd, EV_WRITE);
	a->io.data = a;
	ev_io_start(d->loop, &a->io);
	return true;

failed:
	if (fd >= 0)
		close(fd);
	freeaddrinfo(info);
	return false;
}

/* The order of things */

/* Whether target i is where i - 1 was, only spoken to otherwise. */
static bool
is_same_place(const struct dial *d, size_t i)
{
	return i > 0 && i < d->target_count &&
	    str_is(d->targets[i].host, d->targets[i - 1].host) &&
	    d->targets[i].port == d->targets[i - 1].port;
}

static void
on_addresses(const char *const *addresses, size_t count,
    const struct err *err, void *arg)
{
	struct dial *d = arg;
	size_t i;

	d->query = NULL;
	if (err != NULL)
		note(d, err);
	if (count > 0)
		d->candidates = mem_resize(d->candidates, d->candidate_count +
		    count, sizeof *d->candidates);
	for (i = 0; i < count; i++) {
		struct candidate *c = &d->candidates[d->candidate_count++];

		*c = (struct candidate){ .target = d->next - 1 };
		snprintf(c->address, sizeof c->address, "%s", addresses[i]);
	}
	advance(d);
}

/* Does the next thing there is to do. The last thing its callers do. */
static void
advance(struct dial *d)
{
	size_t i;

	ev_timer_stop(d->loop, &d->timer);
	while ((i = waiting(d)) < d->candidate_count) {
		if (!attempt(d, i))
			continue;
		wake(d, waiting(d) < d->candidate_count ? NEXT_ADDRESS_S
							: NEXT_TARGET_S);
		return;
	}
	if (d->query != NULL)
		return;
	/* Where nobody answered, nobody answers TLS either. */
	while (is_same_place(d, d->next) && !d->has_won) {
		if (!list_is_empty(&d->attempts))
			return;
		d->next++;
	}
	if (d->next < d->target_count) {
		d->has_won = false;
		d->query = dns_addresses(d->dns, d->targets[d->next++].host,
		    on_addresses, d);
		return;
	}
	if (!list_is_empty(&d->attempts))
		return;
	if (d->why.code == ERR_NONE)
		err_set(&d->why, ERR_NETWORK, "no server of %s is left to try",
		    d->domain);
	d->cb(-1, NULL, &d->why, d->arg);
}

static void
on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
	advance(w->data);
}

static void
on_targets(const struct dns_target *targets, size_t count,
    const struct err *err, void *arg)
{
	struct dial *d = arg;

	d->query = NULL;
	if (err != NULL)
		note(d, err);
	if (count > 0) {
		d->targets = mem_array(count, sizeof *targets);
		memcpy(d->targets, targets, count * sizeof *targets);
		d->target_count = count;
	}
	advance(d);
}

static void
target_add(struct dial *d, bool is_direct)
{
	struct dns_target *t = &d->targets[d->target_count++];

	snprintf(t->host, sizeof t->host, "%s", d->host);
	t->port = d->port != 0 ? d->port : is_direct ? 5223 : 5222;
	t->is_direct = is_direct;
}

struct dial *
dial_new(struct ev_loop *loop, struct dns *dns, const struct dial_options *o,
    dial_callback cb, void *arg)
{
	struct dial *d = mem_alloc(sizeof *d);

	assert(o->want_direct || o->want_starttls);
	d->loop = loop;
	d->dns = dns;
	d->cb = cb;
	d->arg = arg;
	d->domain = mem_str(o->domain);
	d->host = mem_str(o->host);
	d->port = o->port;
	d->loopback_only = o->loopback_only;
	list_init(&d->attempts);
	ev_init(&d->timer, on_timer);
	d->timer.data = d;
	if (o->host == NULL) {
		d->query = dns_targets(dns, o->domain, o->want_direct,
		    o->want_starttls, on_targets, d);
		return d;
	}
	d->targets = mem_array(2, sizeof *d->targets);
	if (o->want_starttls)
		target_add(d, false);
	if (o->want_direct)
		target_add(d, true);
	wake(d, 0.);
	return d;
}

void
dial_free(struct dial *d)
{
	if (d == NULL)
		return;
	dns_cancel(d->query);
	attempts_drop(d, TURN_OVER);
	ev_timer_stop(d->loop, &d->timer);
	free(d->targets);
	free(d->candidates);
	free(d->domain);
	free(d->host);
	free(d);
}

bool
dial_has_next(const struct dial *d)
{
	return waiting(d) < d->candidate_count || (d->next < d->target_count &&
	    (d->has_won || !is_same_place(d, d->next)));
}

void
dial_next(struct dial *d, const struct err *why)
{
	size_t i;

	if (why != NULL)
		note(d, why);
	/* The same host in another way: its other addresses can wait. */
	if (d->has_won && is_same_place(d, d->next))
		for (i = 0; i < d->candidate_count; i++)
			if (d->candidates[i].target == d->won)
				d->candidates[i].turn = TURN_OVER;
	wake(d, 0.);
}

void
dial_late(const struct dial *d, int seconds, struct err *err)
{
	struct dial_place place;
	const struct attempt *a;

	if (d->why.code == ERR_TLS) {
		*err = d->why;
	} else if (!list_is_empty(&d->attempts)) {
		a = list_item(d->attempts.next, struct attempt, link);
		place_fill(d, &d->candidates[a->candidate], &place);
		err_set(err, ERR_NETWORK, "connect to %s: no answer within "
		    "%d s", place.text, seconds);
	} else if (d->query != NULL) {
		err_set(err, ERR_NETWORK, "look up %s: no reply within %d s",
		    d->target_count > 0 ? d->targets[d->next - 1].host
					: d->domain, seconds);
	} else {
		err_set(err, ERR_NETWORK, "connect to a server of %s: no "
		    "answer within %d s", d->domain, seconds);
	}
}
