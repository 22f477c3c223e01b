/*
 * peer - a server that does only what an archiver needs to be measured.
 *
 * usage: peer CERTIFICATE KEY DOMAIN
 *
 * Direct TLS on a port of the kernel's choice on 127.0.0.1; SASL PLAIN with
 * any password; binding; an empty archive, an empty roster, carbons, pings;
 * service-unavailable for the rest. It speaks with its driver over standard
 * input and output, and ends when standard input does:
 *
 *	> port N                the first line
 *	> online N              N accounts have sent their first presence
 *	< prepare N             makes N messages for each of them
 *	> prepared BYTES
 *	< go                    sends them, one TLS record each, as fast as
 *	> sent                  the connections take them
 *
 * One thread, epoll; a connection is never waited for.
 */
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <expat.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/str.h"
#include "tests/bench/corpus.h"

enum { TURN = 256 * 1024 };	/* bytes to one connection before the next */

struct conn {
	struct list link;
	int fd;
	bool wants_out, is_restarting, is_authentic, is_online, is_closing;
	bool is_broken;
	SSL *ssl;
	XML_Parser xml;
	struct buf out;			/* answers, sent before the flood */

	/* The stanza that is being read. */
	int depth;
	char name[16], id[128], type[16], to[256];
	char child[32], child_ns[128];
	struct buf text;		/* of <auth/> or <resource/> */

	char user[128], full[256], bare[160];
	struct buf flood;
	uint32_t *ends;			/* of each stanza in the flood */
	size_t count, next, written;
};

static struct {
	int epoll, listener;
	SSL_CTX *tls;
	const char *domain;
	struct list conns;
	size_t online, flooding;
	struct corpus *corpus;
	struct buf commands;
} peer;

static void
say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* What iq requests get, by the namespace of their child. NULL: an empty
 * result. Not in the table: service-unavailable. */
static const struct answer {
	const char *ns;
	const char *own, *server;	/* to the account or nobody; to the domain */
} answers[] = {
	{ "urn:ietf:params:xml:ns:xmpp-session", NULL, NULL },
	{ "urn:xmpp:ping", NULL, NULL },
	{ "urn:xmpp:carbons:2", NULL, NULL },
	{ "jabber:iq:roster", "<query xmlns='jabber:iq:roster'/>", NULL },
	{ "http://jabber.org/protocol/disco#items",
		"<query xmlns='http://jabber.org/protocol/disco#items'/>",
		"<query xmlns='http://jabber.org/protocol/disco#items'/>" },
	{ "http://jabber.org/protocol/disco#info",
		"<query xmlns='http://jabber.org/protocol/disco#info'>"
		"<identity category='account' type='registered'/>"
		"<feature var='urn:xmpp:mam:2'/>"
		"<feature var='urn:xmpp:sid:0'/></query>",
		"<query xmlns='http://jabber.org/protocol/disco#info'>"
		"<identity category='server' type='im' name='bench'/>"
		"<feature var='urn:xmpp:carbons:2'/>"
		"<feature var='urn:xmpp:ping'/></query>" },
	{ "urn:xmpp:mam:2", "<fin xmlns='urn:xmpp:mam:2' complete='true'>"
		"<set xmlns='http://jabber.org/protocol/rsm'><count>0</count>"
		"</set></fin>", NULL },
};

static void
bind_resource(struct conn *c)
{
	const char *resource = c->text.len > 0 ? c->text.data : "bench";

	snprintf(c->full, sizeof c->full, "%s/%.80s", c->bare, resource);
	buf_printf(&c->out, "<iq type='result' id='%s'><bind xmlns='urn:ietf:"
	    "params:xml:ns:xmpp-bind'><jid>%s</jid></bind></iq>", c->id,
	    c->full);
}

static void
answer_iq(struct conn *c)
{
	const struct answer *a;
	const char *body;
	size_t i;

	if (strcmp(c->type, "get") != 0 && strcmp(c->type, "set") != 0)
		return;
	if (strcmp(c->child_ns, "urn:ietf:params:xml:ns:xmpp-bind") == 0) {
		bind_resource(c);
		return;
	}
	for (i = 0; i < COUNT(answers); i++) {
		a = &answers[i];
		if (strcmp(c->child_ns, a->ns) != 0)
			continue;
		body = strcmp(c->to, peer.domain) == 0 ? a->server : a->own;
		buf_printf(&c->out, "<iq type='result' id='%s'", c->id);
		if (c->to[0] != '\0')
			buf_printf(&c->out, " from='%s'", c->to);
		buf_printf(&c->out, " to='%s'>%s</iq>", c->full,
		    body != NULL ? body : "");
		return;
	}
	buf_printf(&c->out, "<iq type='error' id='%s'", c->id);
	if (c->to[0] != '\0')
		buf_printf(&c->out, " from='%s'", c->to);
	buf_printf(&c->out, " to='%s'><error type='cancel'>"
	    "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
	    "/></error></iq>", c->full);
}

static void
answer_presence(struct conn *c)
{
	if (c->type[0] != '\0' || c->to[0] != '\0' || c->is_online)
		return;
	/* The sender is one of those who get it: RFC 6121 4.2.2. */
	buf_printf(&c->out, "<presence from='%s' to='%s'/>", c->full, c->full);
	c->is_online = true;
	say("online %zu", ++peer.online);
}

/* RFC 4616: [authzid] NUL user NUL password. */
static void
answer_auth(struct conn *c)
{
	struct buf plain = { 0 };
	const char *user = NULL;

	if (c->text.len > 0 &&
	    str_unbase64(&plain, c->text.data, c->text.len))
		user = memchr(plain.data, '\0', plain.len);
	if (user == NULL || strlen(user + 1) >= sizeof c->user) {
		buf_str(&c->out, "<failure xmlns='urn:ietf:params:xml:ns:"
		    "xmpp-sasl'><malformed-request/></failure>");
	} else {
		strcpy(c->user, user + 1);
		snprintf(c->bare, sizeof c->bare, "%.60s@%.60s", c->user,
		    peer.domain);
		c->is_authentic = c->is_restarting = true;
		buf_str(&c->out,
		    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
	}
	buf_clear(&plain);
}

static void
answer_header(struct conn *c)
{
	buf_printf(&c->out, "<?xml version='1.0'?><stream:stream "
	    "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/"
	    "streams' id='bench' from='%s' version='1.0' xml:lang='en'>"
	    "<stream:features>", peer.domain);
	if (c->is_authentic)
		buf_str(&c->out, "<bind xmlns='urn:ietf:params:xml:ns:"
		    "xmpp-bind'/>");
	else
		buf_str(&c->out, "<mechanisms xmlns='urn:ietf:params:xml:ns:"
		    "xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>");
	buf_str(&c->out, "</stream:features>");
}

/* "namespace|name" of expat. Too long is cut: nothing we know is. */
static const char *
split(const char *whole, char *ns, size_t room)
{
	const char *bar = strrchr(whole, '|');

	if (bar == NULL) {
		ns[0] = '\0';
		return whole;
	}
	snprintf(ns, room, "%.*s", (int)(bar - whole), whole);
	return bar + 1;
}

static void
on_start(void *data, const char *whole, const char **attributes)
{
	struct conn *c = data;
	char ns[128];
	const char *name = split(whole, ns, sizeof ns);

	switch (c->depth++) {
	case 0:
		answer_header(c);
		break;
	case 1:
		snprintf(c->name, sizeof c->name, "%s", name);
		c->id[0] = c->type[0] = c->to[0] = '\0';
		c->child[0] = c->child_ns[0] = '\0';
		buf_reset(&c->text);
		for (; *attributes != NULL; attributes += 2) {
			const char *value = attributes[1];

			if (strcmp(attributes[0], "id") == 0)
				snprintf(c->id, sizeof c->id, "%s", value);
			else if (strcmp(attributes[0], "type") == 0)
				snprintf(c->type, sizeof c->type, "%s", value);
			else if (strcmp(attributes[0], "to") == 0)
				snprintf(c->to, sizeof c->to, "%s", value);
		}
		break;
	case 2:
		if (c->child[0] != '\0')
			break;
		snprintf(c->child, sizeof c->child, "%s", name);
		snprintf(c->child_ns, sizeof c->child_ns, "%s", ns);
		break;
	}
}

static void
on_end(void *data, const char *whole)
{
	struct conn *c = data;

	switch (--c->depth) {
	case 0:
		buf_str(&c->out, "</stream:stream>");
		c->is_closing = true;
		break;
	case 1:
		if (strcmp(c->name, "iq") == 0)
			answer_iq(c);
		else if (strcmp(c->name, "presence") == 0)
			answer_presence(c);
		else if (strcmp(c->name, "auth") == 0)
			answer_auth(c);
		break;
	}
}

static void
on_text(void *data, const char *s, int len)
{
	struct conn *c = data;

	if (c->depth >= 2 && c->text.len < 1024)
		buf_add(&c->text, s, (size_t)len);
}

static void
start_parser(struct conn *c)
{
	if (c->xml != NULL)
		XML_ParserFree(c->xml);
	c->xml = XML_ParserCreateNS(NULL, '|');
	if (c->xml == NULL)
		errx(1, "out of memory");
#ifdef HAVE_XML_SETREPARSEDEFERRALENABLED
	XML_SetReparseDeferralEnabled(c->xml, XML_FALSE);
#endif
	XML_SetUserData(c->xml, c);
	XML_SetElementHandler(c->xml, on_start, on_end);
	XML_SetCharacterDataHandler(c->xml, on_text);
	c->depth = 0;
	c->is_restarting = false;
}

static void
flood_clear(struct conn *c)
{
	peer.flooding -= c->next < c->count;
	buf_clear(&c->flood);
	free(c->ends);
	c->ends = NULL;
	c->count = c->next = c->written = 0;
}

static void
conn_free(struct conn *c)
{
	flood_clear(c);
	peer.online -= c->is_online;
	list_remove(&c->link);
	if (c->xml != NULL)
		XML_ParserFree(c->xml);
	SSL_free(c->ssl);
	close(c->fd);
	buf_clear(&c->out);
	buf_clear(&c->text);
	free(c);
}

/* One SSL_write(): 1 all of it, 0 later, -1 the connection is gone. */
static int
put(struct conn *c, const char *p, size_t len, size_t *done)
{
	int n;

	while (*done < len) {
		ERR_clear_error();
		n = SSL_write(c->ssl, p + *done, (int)(len - *done));
		if (n > 0) {
			*done += (size_t)n;
			continue;
		}
		n = SSL_get_error(c->ssl, n);
		return n == SSL_ERROR_WANT_WRITE ||
		    n == SSL_ERROR_WANT_READ ? 0 : -1;
	}
	return 1;
}

static void
conn_watch(struct conn *c, bool wants_out)
{
	struct epoll_event e = { .data.ptr = c,
		.events = EPOLLIN | (wants_out ? EPOLLOUT : 0) };

	if (wants_out == c->wants_out)
		return;
	c->wants_out = wants_out;
	epoll_ctl(peer.epoll, EPOLL_CTL_MOD, c->fd, &e);
}

/* Answers between stanzas, then the flood, for one turn. */
static void
conn_write(struct conn *c)
{
	size_t budget = TURN, start, done;
	int put_all = 1;

	for (;;) {
		if (c->written == 0 && c->out.len > 0) {
			done = 0;
			put_all = put(c, c->out.data, c->out.len, &done);
			buf_eat(&c->out, done);
			if (put_all != 1)
				break;
		}
		if (c->next == c->count || peer.flooding == 0 || budget == 0)
			break;
		start = c->next > 0 ? c->ends[c->next - 1] : 0;
		put_all = put(c, c->flood.data + start,
		    c->ends[c->next] - start, &c->written);
		if (put_all != 1)
			break;
		budget -= budget < c->written ? budget : c->written;
		c->written = 0;
		if (++c->next == c->count) {
			buf_clear(&c->flood);
			if (--peer.flooding == 0)
				say("sent");
		}
	}
	if (put_all < 0) {
		c->is_broken = true;
		return;
	}
	if (c->is_closing && c->out.len == 0) {
		SSL_shutdown(c->ssl);
		c->is_broken = true;
		return;
	}
	conn_watch(c, put_all == 0 || (peer.flooding > 0 &&
	    c->next < c->count));
}

static void
conn_read(struct conn *c)
{
	char buf[4096];
	int n;

	for (;;) {
		ERR_clear_error();
		n = SSL_read(c->ssl, buf, sizeof buf);
		if (n <= 0) {
			n = SSL_get_error(c->ssl, n);
			c->is_broken = n != SSL_ERROR_WANT_READ &&
			    n != SSL_ERROR_WANT_WRITE;
			return;
		}
		if (XML_Parse(c->xml, buf, n, 0) != XML_STATUS_OK) {
			c->is_broken = true;
			return;
		}
		if (c->is_restarting)
			start_parser(c);
	}
}

static int
select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned in_len, void *data)
{
	static const unsigned char ours[] = "\x0bxmpp-client";

	return SSL_select_next_proto((unsigned char **)(uintptr_t)out, out_len,
	    ours, sizeof ours - 1, in, in_len) == OPENSSL_NPN_NEGOTIATED
	    ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static void
accept_all(void)
{
	struct epoll_event e = { .events = EPOLLIN };
	int fd, on = 1;
	struct conn *c;

	while ((fd = accept4(peer.listener, NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		c = mem_alloc(sizeof *c);
		c->fd = fd;
		c->ssl = SSL_new(peer.tls);
		if (c->ssl == NULL || SSL_set_fd(c->ssl, fd) != 1)
			errx(1, "out of memory");
		SSL_set_accept_state(c->ssl);
		start_parser(c);
		list_push(&peer.conns, &c->link);
		e.data.ptr = c;
		if (epoll_ctl(peer.epoll, EPOLL_CTL_ADD, fd, &e) != 0)
			err(1, "epoll_ctl");
	}
	if (errno != EAGAIN && errno != ECONNABORTED)
		err(1, "accept");
}

/* Each account's messages have a seed of their own: its place in the order
 * of names does not depend on who came first. */
static uint64_t
seed_of(const struct conn *c)
{
	return 1 + strtoull(c->user + strcspn(c->user, "0123456789"), NULL,
	    10);
}

static void
prepare(size_t count)
{
	struct list *link, *after;
	struct corpus_message m;
	size_t i, bytes = 0;

	list_each(link, after, &peer.conns) {
		struct conn *c = list_item(link, struct conn, link);

		if (!c->is_online)
			continue;
		flood_clear(c);
		c->ends = mem_array(count, sizeof *c->ends);
		corpus_address(peer.corpus, c->bare, c->full, seed_of(c));
		for (i = 0; i < count; i++) {
			corpus_next(peer.corpus, &m);
			if (i == count - 1)
				corpus_end(peer.corpus, &m);
			corpus_stanza(&m, &c->flood);
			if (c->flood.len > UINT32_MAX)
				errx(2, "too many messages");
			c->ends[i] = (uint32_t)c->flood.len;
		}
		c->next = c->count = count;	/* not before `go` */
		bytes += c->flood.len;
	}
	say("prepared %zu", bytes);
}

static void
go(void)
{
	struct list *link, *after;

	list_each(link, after, &peer.conns) {
		struct conn *c = list_item(link, struct conn, link);

		if (c->ends == NULL || c->flood.len == 0)
			continue;
		c->next = 0;
		peer.flooding++;
		conn_watch(c, true);
	}
	if (peer.flooding == 0)
		say("sent");
}

static void
read_commands(void)
{
	char *end, *line, room[256];
	ssize_t n = read(0, room, sizeof room);

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0)
		exit(0);		/* the driver is gone */
	buf_add(&peer.commands, room, (size_t)n);
	while ((end = memchr(peer.commands.data, '\n', peer.commands.len)) !=
	    NULL) {
		unsigned count;

		*end = '\0';
		line = peer.commands.data;
		if (strcmp(line, "go") == 0)
			go();
		else if (str_starts(line, "prepare ") &&
		    str_to_u32(line + 8, &count) && count > 0)
			prepare(count);
		else
			errx(2, "unknown command: %s", line);
		buf_eat(&peer.commands, (size_t)(end - line) + 1);
	}
}

static void
listen_on_loopback(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *sa = (struct sockaddr *)&a;
	socklen_t len = sizeof a;

	peer.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (peer.listener < 0 || bind(peer.listener, sa, len) != 0 ||
	    listen(peer.listener, SOMAXCONN) != 0 ||
	    getsockname(peer.listener, sa, &len) != 0)
		err(1, "127.0.0.1");
	say("port %d", ntohs(a.sin_port));
}

static void
start_tls(const char *certificate, const char *key)
{
	peer.tls = SSL_CTX_new(TLS_server_method());
	if (peer.tls == NULL)
		errx(1, "out of memory");
	SSL_CTX_set_min_proto_version(peer.tls, TLS1_3_VERSION);
	SSL_CTX_set_mode(peer.tls, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(peer.tls, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_alpn_select_cb(peer.tls, select_alpn, NULL);
	if (SSL_CTX_use_certificate_chain_file(peer.tls, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(peer.tls, key, SSL_FILETYPE_PEM) != 1)
		errx(1, "%s: %s", certificate,
		    ERR_reason_error_string(ERR_get_error()));
}

int
main(int argc, char **argv)
{
	struct epoll_event events[256], e = { .events = EPOLLIN };
	struct rlimit files;
	int i, n;

	if (argc != 4) {
		fprintf(stderr, "usage: peer CERTIFICATE KEY DOMAIN\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	list_init(&peer.conns);
	peer.domain = argv[3];
	peer.corpus = corpus_new(1, 0);
	peer.epoll = epoll_create1(EPOLL_CLOEXEC);
	start_tls(argv[1], argv[2]);
	listen_on_loopback();
	e.data.ptr = &peer.listener;
	epoll_ctl(peer.epoll, EPOLL_CTL_ADD, peer.listener, &e);
	e.data.ptr = &peer.commands;
	if (epoll_ctl(peer.epoll, EPOLL_CTL_ADD, 0, &e) != 0)
		err(1, "standard input must be a pipe");
	for (;;) {
		n = epoll_wait(peer.epoll, events, COUNT(events), -1);
		for (i = 0; i < n; i++) {
			struct conn *c = events[i].data.ptr;

			if (events[i].data.ptr == &peer.listener) {
				accept_all();
				continue;
			}
			if (events[i].data.ptr == &peer.commands) {
				read_commands();
				continue;
			}
			if (events[i].events & ~(unsigned)EPOLLOUT)
				conn_read(c);
			if (!c->is_broken)
				conn_write(c);
			if (c->is_broken)
				conn_free(c);
		}
	}
}
