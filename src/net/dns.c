/*
 * c-ares calls back from anywhere, also from inside the call that asks; we
 * call back only from a timer of the query's own. So a caller may do what it
 * likes in its callback, dns_free() included, and never hears before
 * dns_targets() has returned.
 *
 * c-ares cannot take back a single question: a query that nobody waits for
 * lives on until c-ares has answered all of it.
 */
#include "net/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <ares.h>
#include <assert.h>
#include <ev.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/host.h"
#include "net/srv.h"

enum {
	TRY_MS = 2000,		/* a server has this long, then twice that */
	TRIES = 2,
	PATIENCE_S = 10,	/* then there was no reply, whoever still asks */
	RECORDS_MOST = 64,	/* of an answer; the rest is not looked at */
	ADDRESSES_MOST = 32,
};
/* Once one family is known the other is not waited for much longer (RFC 8305
 * section 3): some name servers never answer for AAAA. */
#define GRACE_S 0.5

static const char resolv_conf[] = "/etc/resolv.conf";

/* c-ares goes on to the next name server when one fails or refuses, which is
 * right, but then says that none could be reached. So who hears that asks
 * again, where the first reply counts, to know the reason (ask_again()). */
enum manner { PATIENT, FRANK, MANNERS };

struct channel {
	struct dns *dns;
	ares_channel ares;
};

struct dns {
	struct ev_loop *loop;
	struct channel channels[MANNERS];
	ev_timer timer;			/* c-ares's own deadlines */
	struct list sockets, queries;
	size_t owed;			/* answers that c-ares still owes */
	bool is_pinned;			/* dns_servers() */
	struct stat resolv;		/* what the channel was made from */
};

struct socket {
	struct list link;
	struct channel *channel;
	ev_io io;
};

/* One question to c-ares. */
struct ask {
	struct dns_query *query;
	bool is_direct;			/* SRV: of _xmpps-client */
	int family;			/* addresses */
	enum manner manner;
	bool is_open;			/* no answer yet */
	int status;			/* of the answer */
};

struct dns_query {
	struct list link;
	struct dns *dns;
	char name[256];
	ev_timer timer;
	void (*deliver)(struct dns_query *);	/* NULL: nobody waits */
	struct ask asks[2];
	size_t ask_count, owed;

	dns_targets_callback on_targets;
	dns_addresses_callback on_addresses;
	void *arg;

	struct srv *records;
	size_t record_count;
	bool is_answered;		/* there are SRV records, "." or not */
	bool want_starttls;
	char (*v6)[INET6_ADDRSTRLEN + 16], (*v4)[INET6_ADDRSTRLEN + 16];
	size_t v6_count, v4_count;
};

static const struct {
	int status;
	bool is_silence;	/* no reply: RFC 6120 3.2.1 allows to fall back */
	const char *text;
} statuses[] = {
	{ ARES_ENOTFOUND, true, "no such domain" },
	{ ARES_ENODATA, true, "it has no address" },
	{ ARES_ETIMEOUT, true, "no reply from the name servers" },
	{ ARES_ECONNREFUSED, true, "no name server can be reached" },
	{ ARES_ESERVFAIL, false, "the name server failed (SERVFAIL)" },
	{ ARES_EREFUSED, false, "the name server refused to answer" },
	{ ARES_EBADNAME, false, "not a domain name" },
	{ ARES_EBADRESP, false, "the name server's answer is malformed" },
};

static const char *
status_text(int status)
{
	size_t i;

	for (i = 0; i < COUNT(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return ares_strerror(status);
}

static bool
is_silence(int status)
{
	size_t i;

	for (i = 0; i < COUNT(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].is_silence;
	return false;
}

/* c-ares on the loop */

static void
timer_set(struct dns *d)
{
	struct timeval room[MANNERS], *wait = NULL;
	size_t i;

	for (i = 0; i < MANNERS; i++)
		wait = ares_timeout(d->channels[i].ares, wait, &room[i]);
	ev_timer_stop(d->loop, &d->timer);
	if (wait == NULL)
		return;
	ev_timer_set(&d->timer, (double)wait->tv_sec +
	    (double)wait->tv_usec / 1e6 + 0.001, 0.);
	ev_timer_start(d->loop, &d->timer);
}

static void
on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
	struct dns *d = w->data;
	size_t i;

	for (i = 0; i < MANNERS; i++)
		ares_process_fd(d->channels[i].ares, ARES_SOCKET_BAD,
		    ARES_SOCKET_BAD);
	timer_set(d);
}

static void
on_socket(struct ev_loop *loop, ev_io *w, int events)
{
	struct channel *c = ((struct socket *)w->data)->channel;
	int fd = w->fd;

	ares_process_fd(c->ares, events & EV_READ ? fd : ARES_SOCKET_BAD,
	    events & EV_WRITE ? fd : ARES_SOCKET_BAD);	/* w may be gone */
	timer_set(c->dns);
}

/* c-ares tells what it waits for; neither: it is about to close fd. */
static void
on_interest(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct channel *c = arg;
	struct dns *d = c->dns;
	struct socket *s = NULL;
	struct list *link, *after;

	list_each(link, after, &d->sockets) {
		s = list_item(link, struct socket, link);
		if (s->io.fd == fd)
			break;
		s = NULL;
	}
	if (s == NULL) {
		if (!readable && !writable)
			return;
		s = mem_alloc(sizeof *s);
		s->channel = c;
		list_push(&d->sockets, &s->link);
		ev_init(&s->io, on_socket);
		s->io.data = s;
	}
	ev_io_stop(d->loop, &s->io);
	if (!readable && !writable) {
		list_remove(&s->link);
		free(s);
		return;
	}
	ev_io_set(&s->io, fd, (readable ? EV_READ : 0) |
	    (writable ? EV_WRITE : 0));
	ev_io_start(d->loop, &s->io);
}

static void
channels_close(struct dns *d)	/* answers what is owed */
{
	size_t i;

	for (i = 0; i < MANNERS; i++)
		if (d->channels[i].ares != NULL)
			ares_destroy(d->channels[i].ares);
}

static int
channels_open(struct dns *d)
{
	char files_then_dns[] = "fb";
	struct ares_options o = {
		.timeout = TRY_MS,
		.tries = TRIES,
		.lookups = files_then_dns,
		.sock_state_cb = on_interest,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
	    ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
	ares_channel opened[MANNERS] = { NULL };
	int status = ARES_SUCCESS;
	size_t i;

	for (i = 0; i < MANNERS && status == ARES_SUCCESS; i++) {
		d->channels[i].dns = d;
		o.sock_state_cb_data = &d->channels[i];
		o.flags = i == FRANK ? ARES_FLAG_NOCHECKRESP : 0;
		status = ares_init_options(&opened[i], &o, mask);
	}
	if (status != ARES_SUCCESS) {
		for (i = 0; i < MANNERS; i++)
			if (opened[i] != NULL)
				ares_destroy(opened[i]);
		return status;
	}
	channels_close(d);
	for (i = 0; i < MANNERS; i++)
		d->channels[i].ares = opened[i];
	return ARES_SUCCESS;
}

/* A computer that has moved to another network has other name servers. A
 * channel knows only its first ones, so it is made anew. */
static void
channels_refresh(struct dns *d)
{
	struct stat now = { 0 };

	if (d->is_pinned || d->owed > 0)
		return;
	if (stat(resolv_conf, &now) != 0)
		now = (struct stat){ 0 };
	if (now.st_ino == d->resolv.st_ino && now.st_dev == d->resolv.st_dev &&
	    now.st_size == d->resolv.st_size &&
	    now.st_mtim.tv_sec == d->resolv.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == d->resolv.st_mtim.tv_nsec)
		return;
	if (channels_open(d) == ARES_SUCCESS)
		d->resolv = now;
}

struct dns *
dns_new(struct ev_loop *loop, struct err *err)
{
	struct dns *d = mem_alloc(sizeof *d);
	int status;

	d->loop = loop;
	list_init(&d->sockets);
	list_init(&d->queries);
	ev_init(&d->timer, on_timer);
	d->timer.data = d;
	if (stat(resolv_conf, &d->resolv) != 0)
		d->resolv = (struct stat){ 0 };
	status = ares_library_init(ARES_LIB_INIT_ALL);
	if (status == ARES_SUCCESS) {
		status = channels_open(d);
		if (status == ARES_SUCCESS)
			return d;
		ares_library_cleanup();
	}
	err_set(err, ERR_SYSTEM, "start the resolver: %s",
	    ares_strerror(status));
	free(d);
	return NULL;
}

int
dns_servers(struct dns *d, const char *servers, struct err *err)
{
	int status = ARES_SUCCESS;
	size_t i;

	for (i = 0; i < MANNERS && status == ARES_SUCCESS; i++)
		status = ares_set_servers_ports_csv(d->channels[i].ares,
		    servers);
	if (status != ARES_SUCCESS)
		return err_set(err, ERR_INPUT, "name servers \"%s\": %s",
		    servers, ares_strerror(status));
	d->is_pinned = true;
	return 0;
}

/* Queries */

static void
query_drop(struct dns_query *q)		/* nobody waits for it any more */
{
	q->deliver = NULL;
	ev_timer_stop(q->dns->loop, &q->timer);
	if (q->owed > 0)
		return;
	list_remove(&q->link);
	free(q->records);
	free(q->v6);
	free(q->v4);
	free(q);
}

static void
query_wait(struct dns_query *q, double seconds)
{
	ev_timer_stop(q->dns->loop, &q->timer);
	ev_timer_set(&q->timer, seconds, 0.);
	ev_timer_start(q->dns->loop, &q->timer);
}

static void
on_query_timer(struct ev_loop *loop, ev_timer *w, int events)
{
	struct dns_query *q = w->data;

	q->deliver(q);
}

static struct dns_query *
query_new(struct dns *d, const char *name,
    void (*deliver)(struct dns_query *), void *arg)
{
	struct dns_query *q = mem_alloc(sizeof *q);
	size_t len;

	channels_refresh(d);
	ev_now_update(d->loop);
	q->dns = d;
	q->deliver = deliver;
	q->arg = arg;
	snprintf(q->name, sizeof q->name, "%s", name);
	len = strlen(q->name);
	if (len > 1 && q->name[len - 1] == '.')
		q->name[len - 1] = '\0';
	ev_init(&q->timer, on_query_timer);
	q->timer.data = q;
	list_push(&d->queries, &q->link);
	return q;
}

static struct ask *
ask_new(struct dns_query *q)
{
	struct ask *a = &q->asks[q->ask_count++];

	assert(q->ask_count <= COUNT(q->asks));
	a->query = q;
	a->is_open = true;
	a->status = ARES_ETIMEOUT;	/* until we know better */
	q->owed++;
	q->dns->owed++;
	return a;
}

/* Whether to ask once more, to learn why there is no answer. */
static bool
ask_again(struct ask *a, int status)
{
	if (a->query->deliver == NULL || a->manner != PATIENT ||
	    status != ARES_ECONNREFUSED)
		return false;
	a->manner = FRANK;
	return true;
}

static void
ask_answered(struct ask *a, int status)
{
	a->is_open = false;
	a->status = status;
	a->query->owed--;
	a->query->dns->owed--;
}

void
dns_cancel(struct dns_query *q)
{
	if (q != NULL)
		query_drop(q);
}

void
dns_free(struct dns *d)
{
	struct list *link, *after;

	if (d == NULL)
		return;
	list_each(link, after, &d->queries)
		query_drop(list_item(link, struct dns_query, link));
	channels_close(d);
	assert(list_is_empty(&d->queries));
	ev_timer_stop(d->loop, &d->timer);
	ares_library_cleanup();
	free(d);
}

/* Targets */

static void
record_add(struct dns_query *q, const struct ares_srv_reply *srv,
    bool is_direct)
{
	struct srv *r;

	q->is_answered = true;
	/* The target "." is how a domain says that it has no such service. */
	if (srv->host == NULL || srv->host[0] == '\0' ||
	    str_is(srv->host, ".") || srv->port == 0 ||
	    strlen(srv->host) >= sizeof r->target.host ||
	    q->record_count == 2 * RECORDS_MOST)
		return;
	q->records = mem_resize(q->records, q->record_count + 1,
	    sizeof *q->records);
	r = &q->records[q->record_count++];
	*r = (struct srv){ .priority = srv->priority,
		.weight = srv->weight };
	snprintf(r->target.host, sizeof r->target.host, "%s", srv->host);
	r->target.port = srv->port;
	r->target.is_direct = is_direct;
}

static void on_srv(void *arg, int status, int timeouts,
    unsigned char *answer, int len);

static void
ask_srv(struct ask *a)
{
	char name[sizeof a->query->name + 24];

	snprintf(name, sizeof name, "%s._tcp.%s", a->is_direct
	    ? "_xmpps-client" : "_xmpp-client", a->query->name);
	ares_query(a->query->dns->channels[a->manner].ares, name, ns_c_in,
	    ns_t_srv, on_srv, a);
}

static void
on_srv(void *arg, int status, int timeouts, unsigned char *answer, int len)
{
	struct ask *a = arg;
	struct dns_query *q = a->query;
	struct ares_srv_reply *srvs = NULL, *srv;
	int count = 0;

	if (ask_again(a, status)) {
		ask_srv(a);
		return;
	}
	if (q->deliver != NULL && status == ARES_SUCCESS) {
		status = ares_parse_srv_reply(answer, len, &srvs);
		if (status == ARES_SUCCESS && srvs == NULL)
			status = ARES_ENODATA;	/* an alias to nothing */
		for (srv = srvs; srv != NULL && count < RECORDS_MOST;
		    srv = srv->next, count++)
			record_add(q, srv, a->is_direct);
		if (srvs != NULL)
			ares_free_data(srvs);
	}
	ask_answered(a, status);
	if (q->deliver == NULL)
		query_drop(q);
	else if (q->owed == 0)
		query_wait(q, 0.);
}

static void
targets_deliver(struct dns_query *q)
{
	struct dns_target *targets = NULL;
	dns_targets_callback cb = q->on_targets;
	void *arg = q->arg;
	struct err err = { 0 };
	size_t i, count = q->record_count;

	if (count > 0) {
		srv_order(q->records, count);
		targets = mem_array(count, sizeof *targets);
		for (i = 0; i < count; i++)
			targets[i] = q->records[i].target;
	} else if (q->is_answered) {
		err_set(&err, ERR_NETWORK, "look up %s: its SRV records offer "
		    "no XMPP service", q->name);
	} else {
		for (i = 0; i < q->ask_count; i++)
			if (!q->asks[i].is_open &&
			    !is_silence(q->asks[i].status))
				err_set(&err, ERR_NETWORK, "look up the SRV "
				    "records of %s: %s", q->name,
				    status_text(q->asks[i].status));
		if (err.code == ERR_NONE) {
			count = 1;
			targets = mem_alloc(sizeof *targets);
			memcpy(targets->host, q->name, sizeof q->name);
			targets->is_direct = !q->want_starttls;
			targets->port = q->want_starttls ? 5222 : 5223;
		}
	}
	query_drop(q);
	cb(targets, count, err.code == ERR_NONE ? NULL : &err, arg);
	free(targets);
}

struct dns_query *
dns_targets(struct dns *d, const char *domain, bool want_direct,
    bool want_starttls, dns_targets_callback cb, void *arg)
{
	struct dns_query *q = query_new(d, domain, targets_deliver, arg);
	size_t i;

	assert(want_direct || want_starttls);
	q->on_targets = cb;
	q->want_starttls = want_starttls;
	if (host_is_localhost(q->name)) {
		query_wait(q, 0.);
		return q;
	}
	query_wait(q, PATIENCE_S);
	/* All first: an answer may come from within ares_query(). */
	if (want_direct)
		ask_new(q)->is_direct = true;
	if (want_starttls)
		ask_new(q);
	for (i = 0; i < q->ask_count; i++)
		ask_srv(&q->asks[i]);
	timer_set(d);
	return q;
}

/* Addresses */

static void
addresses_deliver(struct dns_query *q)
{
	const char *addresses[2 * ADDRESSES_MOST];
	void *v6 = q->v6, *v4 = q->v4;
	dns_addresses_callback cb = q->on_addresses;
	void *arg = q->arg;
	struct err err = { 0 };
	size_t i, count = 0;
	int status = ARES_ETIMEOUT;

	for (i = 0; i < q->v6_count || i < q->v4_count; i++) {
		if (i < q->v6_count)
			addresses[count++] = q->v6[i];
		if (i < q->v4_count)
			addresses[count++] = q->v4[i];
	}
	if (count == 0) {
		/* A family without addresses says less than the other's
		 * failure. */
		for (i = 0; i < q->ask_count; i++)
			if (i == 0 || status == ARES_ENODATA)
				status = q->asks[i].status;
		err_set(&err, ERR_NETWORK, "look up %s: %s", q->name,
		    status_text(status));
	}
	/* The callback may free the resolver: q lets go of them first. */
	q->v6 = q->v4 = NULL;
	query_drop(q);
	cb(count > 0 ? addresses : NULL, count, count > 0 ? NULL : &err, arg);
	free(v6);
	free(v4);
}

static void
address_add(struct dns_query *q, int family, const char *text)
{
	if (family == AF_INET6 && q->v6_count < ADDRESSES_MOST) {
		q->v6 = mem_resize(q->v6, q->v6_count + 1, sizeof *q->v6);
		snprintf(q->v6[q->v6_count++], sizeof *q->v6, "%s", text);
	} else if (family == AF_INET && q->v4_count < ADDRESSES_MOST) {
		q->v4 = mem_resize(q->v4, q->v4_count + 1, sizeof *q->v4);
		snprintf(q->v4[q->v4_count++], sizeof *q->v4, "%s", text);
	}
}

static void on_addrinfo(void *arg, int status, int timeouts,
    struct ares_addrinfo *info);

static void
ask_addresses(struct ask *a)
{
	struct ares_addrinfo_hints hints = {
		.ai_family = a->family,
		.ai_socktype = SOCK_STREAM,
	};

	ares_getaddrinfo(a->query->dns->channels[a->manner].ares,
	    a->query->name, NULL, &hints, on_addrinfo, a);
}

static void
on_addrinfo(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct ask *a = arg;
	struct dns_query *q = a->query;
	struct ares_addrinfo_node *n;
	char text[INET6_ADDRSTRLEN];

	if (ask_again(a, status)) {
		ask_addresses(a);
		return;
	}
	for (n = status == ARES_SUCCESS && q->deliver != NULL ? info->nodes
	    : NULL; n != NULL; n = n->ai_next) {
		const void *bytes = n->ai_family == AF_INET6
		    ? (const void *)&((struct sockaddr_in6 *)(void *)
			n->ai_addr)->sin6_addr
		    : (const void *)&((struct sockaddr_in *)(void *)
			n->ai_addr)->sin_addr;

		if (n->ai_family == a->family && inet_ntop(n->ai_family,
		    bytes, text, sizeof text) != NULL)
			address_add(q, n->ai_family, text);
	}
	if (info != NULL)
		ares_freeaddrinfo(info);
	ask_answered(a, status);
	if (q->deliver == NULL)
		query_drop(q);
	else if (q->owed == 0)
		query_wait(q, 0.);
	else if (q->v6_count + q->v4_count > 0)
		query_wait(q, GRACE_S);
}

struct dns_query *
dns_addresses(struct dns *d, const char *host, dns_addresses_callback cb,
    void *arg)
{
	struct dns_query *q = query_new(d, host, addresses_deliver, arg);
	int family = host_family(q->name);
	size_t i;

	q->on_addresses = cb;
	if (host_is_localhost(q->name)) {
		address_add(q, AF_INET6, "::1");
		address_add(q, AF_INET, "127.0.0.1");
	} else if (family != AF_UNSPEC) {
		address_add(q, family, q->name);
	} else {
		query_wait(q, PATIENCE_S);
		ask_new(q)->family = AF_INET6;
		ask_new(q)->family = AF_INET;
		for (i = 0; i < q->ask_count; i++)
			ask_addresses(&q->asks[i]);
		timer_set(d);
		return q;
	}
	query_wait(q, 0.);
	return q;
}
