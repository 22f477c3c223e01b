#include "tests/net/lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

struct ev_loop *loop;

void
lab_die(const char *what, const char *file, int line)
{
	printf("Bail out! %s:%d: %s\n", file, line, what);
	ERR_print_errors_fp(stdout);
	exit(1);
}

static void
on_turn(struct ev_loop *l, ev_timer *w, int events)
{
}

void
lab_turn(void)
{
	ev_timer t;

	ev_now_update(loop);
	ev_timer_init(&t, on_turn, 0.05, 0.);
	ev_timer_start(loop, &t);
	ev_run(loop, EVRUN_ONCE);
	ev_timer_stop(loop, &t);
}

double
lab_now(void)
{
	return (double)clock_mono_us() / 1e6;
}

static int
listen_at(const char *ip, unsigned *port, int type, int backlog)
{
	bool is_v6 = strchr(ip, ':') != NULL;
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((unsigned short)*port) };
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons((unsigned short)*port) };
	struct sockaddr *sa = is_v6 ? (struct sockaddr *)&v6
				    : (struct sockaddr *)&v4;
	socklen_t len = is_v6 ? sizeof v6 : sizeof v4;
	int fd = socket(sa->sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	LAB_CHECK(inet_pton(sa->sa_family, ip, is_v6
	    ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) == 1);
	if (bind(fd, sa, len) != 0 ||
	    (type == SOCK_STREAM && listen(fd, backlog) != 0)) {
		close(fd);
		return -1;
	}
	LAB_CHECK(getsockname(fd, sa, &len) == 0);
	*port = ntohs(is_v6 ? v6.sin6_port : v4.sin_port);
	return fd;
}

/* The name server */

static void
put16(struct buf *b, unsigned n)
{
	buf_char(b, (char)(n >> 8));
	buf_char(b, (char)n);
}

static void
put_name(struct buf *b, const char *name)
{
	while (*name != '\0' && !str_is(name, ".")) {
		size_t len = strcspn(name, ".");

		buf_char(b, (char)len);
		buf_add(b, name, len);
		name += len + (name[len] == '.');
	}
	buf_char(b, '\0');
}

static void
put_record(struct buf *b, const char *owner, unsigned type,
    const struct buf *data)
{
	if (owner == NULL)
		put16(b, 0xc00c);	/* the name in the question */
	else
		put_name(b, owner);
	put16(b, type);
	put16(b, 1);			/* IN */
	put16(b, 0);
	put16(b, 60);			/* time to live */
	put16(b, (unsigned)data->len);
	buf_add(b, data->data, data->len);
}

static unsigned
type_number(const char *type)
{
	return str_is(type, "SRV") ? 33 : str_is(type, "AAAA") ? 28 : 1;
}

/* Appends what is known of name and type, for owner; returns the response code, or -1
 * for silence. */
static int
answer(struct name_server *n, struct buf *out, const char *owner,
    const char *name, unsigned type, unsigned *count)
{
	const struct answer *a;
	int code = 3;				/* NXDOMAIN */

	for (a = n->answers; a->name != NULL; a++) {
		struct buf data = { 0 };
		char bytes[16];

		if (str_ascii_casecmp(a->name, name) != 0)
			continue;
		if (code == 3)
			code = 0;		/* the name is there */
		if (type_number(a->type) != type)
			continue;
		switch (a->kind) {
		case NODATA:
			continue;
		case NXDOMAIN:
			return 3;
		case SERVFAIL:
			return 2;
		case REFUSED:
			return 5;
		case SILENCE:
			return -1;
		case ALIAS:
			put_name(&data, a->data);
			put_record(out, owner, 5, &data);
			++*count;
			buf_clear(&data);
			return answer(n, out, a->data, a->data, type,
			    count);
		case DATA:
			break;
		}
		if (type == 33) {
			put16(&data, a->priority);
			put16(&data, a->weight);
			put16(&data, a->port);
			put_name(&data, a->data);
		} else {
			LAB_CHECK(inet_pton(type == 1 ? AF_INET : AF_INET6,
			    a->data, bytes) == 1);
			buf_add(&data, bytes, type == 1 ? 4 : 16);
		}
		put_record(out, owner, type, &data);
		++*count;
		buf_clear(&data);
	}
	return code;
}

static void
on_question(struct ev_loop *l, ev_io *w, int events)
{
	struct name_server *n = w->data;
	unsigned char q[512];
	char name[256] = "";
	struct sockaddr_storage from;
	socklen_t from_len = sizeof from;
	struct buf records = { 0 }, reply = { 0 };
	unsigned type, count = 0;
	size_t at = 12, len = 0;
	ssize_t got;
	int code;

	got = recvfrom(w->fd, q, sizeof q, 0, (struct sockaddr *)&from,
	    &from_len);
	if (got < 17)
		return;
	while (at < (size_t)got && q[at] != 0) {
		LAB_CHECK(at + q[at] + 1 < (size_t)got &&
		    len + q[at] + 1 < sizeof name);
		if (len > 0)
			name[len++] = '.';
		memcpy(name + len, q + at + 1, q[at]);
		len += q[at];
		at += q[at] + 1u;
	}
	name[len] = '\0';
	LAB_CHECK(at + 5 <= (size_t)got);
	type = (unsigned)q[at + 1] << 8 | q[at + 2];
	at += 5;
	n->asked++;
	code = answer(n, &records, NULL, name, type, &count);
	if (code >= 0) {
		buf_add(&reply, q, 2);
		put16(&reply, 0x8180u | (unsigned)code);
		put16(&reply, 1);
		put16(&reply, count);
		put16(&reply, 0);
		put16(&reply, 0);
		buf_add(&reply, q + 12, at - 12);
		buf_add(&reply, records.data, records.len);
		sendto(w->fd, reply.data, reply.len, 0,
		    (struct sockaddr *)&from, from_len);
	}
	buf_clear(&records);
	buf_clear(&reply);
}

void
name_server_start(struct name_server *n, const struct answer *answers)
{
	unsigned port = 0;
	int fd = listen_at("127.0.0.1", &port, SOCK_DGRAM, 0);

	LAB_CHECK(fd >= 0);
	*n = (struct name_server){ .answers = answers };
	snprintf(n->address, sizeof n->address, "127.0.0.1:%u", port);
	ev_io_init(&n->io, on_question, fd, EV_READ);
	n->io.data = n;
	ev_io_start(loop, &n->io);
}

void
name_server_stop(struct name_server *n)
{
	ev_io_stop(loop, &n->io);
	close(n->io.fd);
}

/* Certificates */

static char directory[] = "/tmp/backscroll-net-XXXXXX";
static bool has_directory;
static struct buf written;	/* paths, each with its NUL */

EVP_PKEY *
lab_key(void)
{
	static EVP_PKEY *key;

	if (key == NULL)
		key = EVP_EC_gen("P-256");
	LAB_CHECK(key != NULL);
	return key;
}

static void
extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	LAB_CHECK(e != NULL && X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
}

X509 *
lab_certificate(const struct spec *s)
{
	static long serial;
	X509 *x = X509_new();
	X509_NAME *name;
	int until = s->until_days, from = s->from_days;

	LAB_CHECK(x != NULL && X509_set_version(x, 2) == 1);
	if (from == 0 && until == 0) {
		from = -1;
		until = 30;
	}
	ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(x), 86400L * from);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400L * until);
	name = X509_get_subject_name(x);
	LAB_CHECK(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
	    (const unsigned char *)s->cn, -1, -1, 0) == 1);
	X509_set_issuer_name(x, s->issuer != NULL
	    ? X509_get_subject_name(s->issuer) : name);
	X509_set_pubkey(x, lab_key());
	if (s->is_ca)
		extension(x, x, NID_basic_constraints, "critical,CA:TRUE");
	if (s->san != NULL)
		extension(x, x, NID_subject_alt_name, s->san);
	LAB_CHECK(X509_sign(x, lab_key(), EVP_sha256()) > 0);
	return x;
}

const char *
lab_directory(void)
{
	if (!has_directory)
		LAB_CHECK(mkdtemp(directory) != NULL);
	has_directory = true;
	return directory;
}

char *
lab_pem(const char *name, X509 *certificate, bool with_key)
{
	char *path = mem_printf("%s/%s", lab_directory(), name);
	FILE *f = fopen(path, "w");

	LAB_CHECK(f != NULL);
	if (certificate != NULL)
		LAB_CHECK(PEM_write_X509(f, certificate) == 1);
	if (with_key)
		LAB_CHECK(PEM_write_PrivateKey(f, lab_key(), NULL, NULL, 0,
		    NULL, NULL) == 1);
	LAB_CHECK(fclose(f) == 0);
	buf_add(&written, path, strlen(path) + 1);
	return path;
}

void
lab_clean(void)
{
	size_t at;

	for (at = 0; at < written.len; at += strlen(written.data + at) + 1)
		unlink(written.data + at);
	buf_clear(&written);
	if (has_directory)
		rmdir(directory);
	EVP_PKEY_free(lab_key());
}

/* The server */

static bool peer_obey(struct peer *p);

/* OpenSSL's own socket BIO, which the server uses, raises SIGPIPE; conn may
 * not, so only the server is deaf to it. */
static void
hush(bool on)
{
	signal(SIGPIPE, on ? SIG_IGN : SIG_DFL);
}

void
peer_drop(struct peer *p)
{
	ev_io_stop(loop, &p->reader);
	ev_io_stop(loop, &p->writer);
	list_remove(&p->link);
	SSL_free(p->ssl);
	close(p->reader.fd);
	buf_clear(&p->in);
	buf_clear(&p->out);
	free(p);
}

static void
peer_flush(struct peer *p)
{
	while (p->out.len > 0) {
		ssize_t put = p->ssl != NULL
		    ? SSL_write(p->ssl, p->out.data, (int)p->out.len)
		    : send(p->reader.fd, p->out.data, p->out.len, MSG_NOSIGNAL);

		if (put <= 0) {
			ev_io_start(loop, &p->writer);
			return;
		}
		buf_eat(&p->out, (size_t)put);
	}
	ev_io_stop(loop, &p->writer);
	if (p->is_ending) {
		if (p->ssl != NULL)
			SSL_shutdown(p->ssl);
		shutdown(p->reader.fd, SHUT_WR);
		p->is_ending = false;
	}
}

static int
choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *len,
    const unsigned char *in, unsigned in_len, void *arg)
{
	struct server *s = arg;

	if (s->refuses_alpn)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	if (s->alpn == NULL)
		return SSL_TLSEXT_ERR_NOACK;
	*out = (const unsigned char *)s->alpn;
	*len = (unsigned char)strlen(s->alpn);
	return SSL_TLSEXT_ERR_OK;
}

static void
peer_shake(struct peer *p)
{
	int done, why;

	if (p->ssl == NULL) {
		p->ssl = SSL_new(p->server->ctx);
		LAB_CHECK(p->ssl != NULL && SSL_set_fd(p->ssl, p->reader.fd));
		SSL_set_accept_state(p->ssl);
		p->is_shaking = true;
	}
	ERR_clear_error();
	done = SSL_do_handshake(p->ssl);
	if (done == 1) {
		const char *sni = SSL_get_servername(p->ssl,
		    TLSEXT_NAMETYPE_host_name);

		snprintf(p->got_sni, sizeof p->got_sni, "%s", sni ? sni : "");
		p->is_shaking = false;
		return;
	}
	why = SSL_get_error(p->ssl, done);
	if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
		peer_drop(p);
}

static void
on_peer_writable(struct ev_loop *l, ev_io *w, int events)
{
	hush(true);
	peer_flush(w->data);
	hush(false);
}

/* A ClientHello may follow a line at once, and is OpenSSL's. */
static ssize_t
recv_line(int fd, char *bytes, size_t room)
{
	ssize_t got = recv(fd, bytes, room, MSG_PEEK);
	const char *end = got > 0 ? memchr(bytes, '\n', (size_t)got) : NULL;

	if (got <= 0)
		return got;
	return recv(fd, bytes, end != NULL ? (size_t)(end - bytes) + 1
	    : (size_t)got, 0);
}

static void
peer_read(struct peer *p)
{
	char bytes[4096];
	ssize_t got;
	bool is_over, is_clean;

	do {
		ERR_clear_error();
		got = p->ssl != NULL
		    ? SSL_read(p->ssl, bytes, sizeof bytes)
		    : recv_line(p->reader.fd, bytes, sizeof bytes);
		if (got > 0)
			buf_add(&p->in, bytes, (size_t)got);
	} while (got > 0 && p->ssl != NULL);
	is_clean = p->ssl != NULL && got <= 0 &&
	    SSL_get_error(p->ssl, (int)got) == SSL_ERROR_ZERO_RETURN;
	is_over = is_clean || (got <= 0 && (p->ssl != NULL
	    ? SSL_get_error(p->ssl, (int)got) != SSL_ERROR_WANT_READ
	    : got == 0 || errno != EAGAIN));
	if (!peer_obey(p) || !is_over)
		return;
	if (is_clean)
		SSL_shutdown(p->ssl);
	peer_drop(p);
}

static void
on_peer_readable(struct ev_loop *l, ev_io *w, int events)
{
	struct peer *p = w->data;

	hush(true);
	if (p->is_shaking)
		peer_shake(p);
	else
		peer_read(p);
	hush(false);
}

/* False if it has ended p. */
static bool
peer_obey(struct peer *p)
{
	static const char *const verbs[] = { "echo ", "bytes ", "trickle ",
		"starttls", "inject", "end", "cut", "reset", "rekey",
		"listen" };
	char *line_end, *line;
	struct linger hard = { 1, 0 };
	size_t i, verb;
	long n;

	while (p->in.len > 0 && !p->is_shaking &&
	    (line_end = memchr(p->in.data, '\n', p->in.len)) != NULL) {
		*line_end = '\0';
		line = mem_str(p->in.data);
		buf_eat(&p->in, (size_t)(line_end - p->in.data) + 1);
		for (verb = 0; verb < COUNT(verbs); verb++)
			if (str_starts(line, verbs[verb]))
				break;
		switch (verb) {
		case 0:
			buf_printf(&p->out, "%s\n", line + 5);
			break;
		case 1:
			for (n = atol(line + 6); n > 0; n--)
				buf_char(&p->out, (char)('a' + n % 26));
			break;
		case 2:
			for (n = atol(line + 8); n > 0; n--) {
				char c = (char)('a' + n % 26);

				if (p->ssl != NULL)
					SSL_write(p->ssl, &c, 1);
				else
					send(p->reader.fd, &c, 1, MSG_NOSIGNAL);
			}
			break;
		case 3:
			buf_str(&p->out, "proceed\n");
			peer_flush(p);
			free(line);
			peer_shake(p);
			return true;
		case 4:		/* more than a client reads at once */
			buf_str(&p->out, "proceed\n");
			for (i = 0; i < 5000; i++)
				buf_char(&p->out, 'x');
			break;
		case 5:
			p->is_ending = true;
			break;
		case 6:
			free(line);
			peer_flush(p);
			peer_drop(p);
			return false;
		case 7:
			setsockopt(p->reader.fd, SOL_SOCKET, SO_LINGER, &hard,
			    sizeof hard);
			free(line);
			peer_flush(p);
			peer_drop(p);
			return false;
		case 8:
			LAB_CHECK(SSL_key_update(p->ssl,
			    SSL_KEY_UPDATE_REQUESTED) == 1);
			break;
		case 9:
			free(line);
			peer_shake(p);
			return true;
		default:
			break;
		}
		free(line);
	}
	peer_flush(p);
	return true;
}

static void
on_accept(struct ev_loop *l, ev_io *w, int events)
{
	struct server *s = w->data;
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct peer *p;
	int room = 65536;	/* so that a slow reader is felt soon */

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	s->accepted++;
	p = mem_alloc(sizeof *p);
	p->server = s;
	list_push(&s->peers, &p->link);
	ev_io_init(&p->reader, on_peer_readable, fd, EV_READ);
	ev_io_init(&p->writer, on_peer_writable, fd, EV_WRITE);
	p->reader.data = p->writer.data = p;
	if (s->is_mute)
		return;
	ev_io_start(loop, &p->reader);
	hush(true);
	if (s->is_direct)
		peer_shake(p);
	hush(false);
}

void
server_start(struct server *s, const char *ip, unsigned port,
    X509 *certificate, int version)
{
	int fd;

	snprintf(s->ip, sizeof s->ip, "%s", ip != NULL ? ip : "127.0.0.1");
	s->port = port;
	fd = listen_at(s->ip, &s->port, SOCK_STREAM, 64);
	LAB_CHECK(fd >= 0);
	list_init(&s->peers);
	s->accepted = 0;
	s->ctx = SSL_CTX_new(TLS_server_method());
	LAB_CHECK(s->ctx != NULL);
	SSL_CTX_set_mode(s->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_alpn_select_cb(s->ctx, choose_alpn, s);
	if (certificate != NULL)
		LAB_CHECK(SSL_CTX_use_certificate(s->ctx, certificate) == 1 &&
		    SSL_CTX_use_PrivateKey(s->ctx, lab_key()) == 1);
	if (version != 0) {
		/* Old versions want old signatures. */
		if (version < TLS1_2_VERSION)
			SSL_CTX_set_security_level(s->ctx, 0);
		SSL_CTX_set_min_proto_version(s->ctx, version);
		SSL_CTX_set_max_proto_version(s->ctx, version);
	}
	ev_io_init(&s->io, on_accept, fd, EV_READ);
	s->io.data = s;
	ev_io_start(loop, &s->io);
}

struct peer *
server_peer(struct server *s)
{
	return list_is_empty(&s->peers) ? NULL
	    : list_item(s->peers.prev, struct peer, link);
}

void
server_stop(struct server *s)
{
	while (!list_is_empty(&s->peers))
		peer_drop(server_peer(s));
	ev_io_stop(loop, &s->io);
	close(s->io.fd);
	SSL_CTX_free(s->ctx);
}

/* A listener whose queue is full: Linux drops what knocks. */
void
black_hole_open(struct black_hole *b, const char *ip, unsigned port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	size_t i;

	b->port = port;
	b->fd = listen_at(ip, &b->port, SOCK_STREAM, 0);
	LAB_CHECK(b->fd >= 0);
	sa.sin_port = htons((unsigned short)b->port);
	LAB_CHECK(inet_pton(AF_INET, ip, &sa.sin_addr) == 1);
	for (i = 0; i < COUNT(b->fill); i++) {
		struct pollfd ready;

		b->fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK |
		    SOCK_CLOEXEC, 0);
		LAB_CHECK(b->fill[i] >= 0);
		connect(b->fill[i], (struct sockaddr *)&sa, sizeof sa);
		ready = (struct pollfd){ b->fill[i], POLLOUT, 0 };
		if (poll(&ready, 1, 50) == 0)
			break;			/* it is full */
	}
	LAB_CHECK(i < COUNT(b->fill));
	while (++i < COUNT(b->fill))
		b->fill[i] = -1;
}

void
black_hole_close(struct black_hole *b)
{
	size_t i;

	close(b->fd);
	for (i = 0; i < COUNT(b->fill); i++)
		if (b->fill[i] >= 0)
			close(b->fill[i]);
}
