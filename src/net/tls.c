#include "net/tls.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "base/unicode.h"
#include "net/conn.h"
#include "net/ident.h"

#define OID_SRV_NAME	"1.3.6.1.5.5.7.8.7"	/* RFC 4985 */
#define OID_XMPP_ADDR	"1.3.6.1.5.5.7.8.5"	/* RFC 6120 13.7.1.4 */
#define ALPN		"\x0bxmpp-client"	/* XEP-0368 */

enum { NAMES_TOLD = 3 };	/* of a certificate that is for others */

struct file {			/* what a context was read from */
	char *path;
	struct stat stat;
};

struct tls_context {
	struct list link;
	size_t users;
	SSL_CTX *ssl;
	struct file files[3];	/* CA, certificate, key */
};

struct tls {
	SSL *ssl;
	struct tls_context *ctx;
	int fd;
	bool is_ip, is_direct;
	bool is_eof;
	int read_errno, write_errno;
	char *domain, *domain_text;
	char *complaint;	/* about the certificate */
};

/* The socket under OpenSSL: its own socket BIO raises SIGPIPE. */

static int
bio_read(BIO *bio, char *p, int len)
{
	struct tls *t = BIO_get_data(bio);
	ssize_t got;

	BIO_clear_retry_flags(bio);
	do
		got = recv(t->fd, p, (size_t)len, 0);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		return (int)got;
	if (got == 0)
		t->is_eof = true;
	else if (errno == EAGAIN || errno == EWOULDBLOCK)
		BIO_set_retry_read(bio);
	else
		t->read_errno = errno;
	return -1;
}

/* A failure is shown to OpenSSL as a full socket, and to our caller as what
 * it is: so the bytes that came before, perhaps the reason, can be read. */
static int
bio_write(BIO *bio, const char *p, int len)
{
	struct tls *t = BIO_get_data(bio);
	ssize_t put = -1;

	BIO_clear_retry_flags(bio);
	if (t->write_errno == 0) {
		do
			put = send(t->fd, p, (size_t)len, MSG_NOSIGNAL);
		while (put < 0 && errno == EINTR);
		if (put >= 0)
			return (int)put;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			t->write_errno = errno;
	}
	BIO_set_retry_write(bio);
	return -1;
}

static long
bio_ctrl(BIO *bio, int what, long number, void *p)
{
	struct tls *t = BIO_get_data(bio);

	switch (what) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return t->is_eof;
	default:
		return 0;
	}
}

static const BIO_METHOD *
bio_method(void)
{
	static BIO_METHOD *method;

	if (method == NULL) {
		method = BIO_meth_new(BIO_get_new_index() |
		    BIO_TYPE_SOURCE_SINK, "backscroll socket");
		if (method == NULL)
			abort();
		BIO_meth_set_read(method, bio_read);
		BIO_meth_set_write(method, bio_write);
		BIO_meth_set_ctrl(method, bio_ctrl);
	}
	return method;
}

/* Verification, in the middle of the handshake */

/* The bytes of a name of one of the kinds we know. */
static bool
name_bytes(const GENERAL_NAME *g, enum ident_kind *kind, const char **name,
    size_t *len)
{
	const ASN1_STRING *s;
	char oid[64];

	switch (g->type) {
	case GEN_DNS:
		*kind = IDENT_DNS;
		s = g->d.dNSName;
		break;
	case GEN_IPADD:
		*kind = IDENT_IP;
		s = g->d.iPAddress;
		break;
	case GEN_OTHERNAME:
		OBJ_obj2txt(oid, sizeof oid, g->d.otherName->type_id, 1);
		if (str_is(oid, OID_SRV_NAME) &&
		    g->d.otherName->value->type == V_ASN1_IA5STRING)
			*kind = IDENT_SRV;
		else if (str_is(oid, OID_XMPP_ADDR) &&
		    g->d.otherName->value->type == V_ASN1_UTF8STRING)
			*kind = IDENT_XMPP;
		else
			return false;
		s = g->d.otherName->value->value.asn1_string;
		break;
	default:
		return false;
	}
	*name = (const char *)ASN1_STRING_get0_data(s);
	*len = (size_t)ASN1_STRING_length(s);
	return true;
}

static void
date_text(const ASN1_TIME *at, char out[24])
{
	struct tm tm;

	if (ASN1_TIME_to_tm(at, &tm) != 1 ||
	    strftime(out, 24, "%Y-%m-%d", &tm) == 0)
		strcpy(out, "at no readable date");
}

static void
name_text(const X509_NAME *name, char *out, size_t room)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct buf visible = { 0 };
	char *p = NULL;
	long len;

	if (bio == NULL)
		abort();
	X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 &
	    ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
	len = BIO_get_mem_data(bio, &p);
	unicode_visible(&visible, p, len > 0 ? (size_t)len : 0);
	if (visible.len >= room) {
		size_t cut = room - 1;

		while (cut > 0 && (visible.data[cut] & 0xc0) == 0x80)
			cut--;
		buf_cut(&visible, cut);
	}
	snprintf(out, room, "%s", visible.data != NULL ? visible.data : "");
	buf_clear(&visible);
	BIO_free(bio);
}

__attribute__((format(printf, 2, 3))) static void
complain(struct tls *t, const char *format, ...)
{
	struct buf text = { 0 };
	va_list ap;

	buf_printf(&text, "certificate of %s", t->domain);
	va_start(ap, format);
	buf_vprintf(&text, format, ap);
	va_end(ap);
	free(t->complaint);
	t->complaint = buf_take(&text);
}

static void
complain_chain(struct tls *t, X509_STORE_CTX *store)
{
	int error = X509_STORE_CTX_get_error(store);
	X509 *cert = X509_STORE_CTX_get_current_cert(store);
	char date[24], name[160], whose[200] = "";

	if (cert == NULL)
		cert = X509_STORE_CTX_get0_cert(store);
	if (cert != NULL && X509_STORE_CTX_get_error_depth(store) > 0) {
		name_text(X509_get_subject_name(cert), name, sizeof name);
		snprintf(whose, sizeof whose, ": that of its issuer %s", name);
	}
	switch (error) {
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		complain(t, ": self-signed certificate");
		break;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		complain(t, ": its issuer is not trusted%s%s",
		    whose[0] ? ": " : "", whose[0] ? name : "");
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		if (cert != NULL)
			name_text(X509_get_issuer_name(cert), name,
			    sizeof name);
		complain(t, ": its issuer is not known%s%s",
		    cert != NULL ? ": " : "", cert != NULL ? name : "");
		break;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		date_text(X509_get0_notAfter(cert), date);
		complain(t, "%s expired %s", whose, date);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		date_text(X509_get0_notBefore(cert), date);
		complain(t, "%s is not valid before %s", whose, date);
		break;
	default:
		complain(t, ": %s", X509_verify_cert_error_string(error));
	}
}

static bool
is_for_domain(struct tls *t, X509 *cert)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name,
	    NULL, NULL);
	struct ident_want want = { t->domain, t->domain_text, t->is_ip };
	struct buf told = { 0 };
	enum ident_kind kind;
	const char *name;
	size_t len;
	int i, count = 0;
	bool is_match = false;
	char text[100];

	for (i = 0; i < sk_GENERAL_NAME_num(names) && !is_match; i++) {
		if (!name_bytes(sk_GENERAL_NAME_value(names, i), &kind, &name,
		    &len))
			continue;
		is_match = ident_is_match(&want, kind, name, len);
		if (count++ >= NAMES_TOLD)
			continue;
		ident_text(kind, name, len, text, sizeof text);
		buf_printf(&told, "%s%s", told.len > 0 ? ", " : "", text);
	}
	GENERAL_NAMES_free(names);
	if (!is_match && count == 0)
		complain(t, " names no domain (a common name is not one)");
	else if (!is_match)
		complain(t, " is for %s%s, not %s", told.data,
		    count > NAMES_TOLD ? ", ..." : "", t->domain);
	buf_clear(&told);
	return is_match;
}

static int
verify(X509_STORE_CTX *store, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store,
	    SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *t = SSL_get_app_data(ssl);
	X509 *cert = X509_STORE_CTX_get0_cert(store);

	if (X509_verify_cert(store) != 1) {
		complain_chain(t, store);
		return 0;
	}
	if (!is_for_domain(t, cert)) {
		X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
		return 0;
	}
	return 1;
}

/* Contexts */

static struct list contexts = { &contexts, &contexts };

static int
no_passphrase(char *out, int room, int is_writing, void *arg)
{
	return 0;		/* the default would ask the terminal */
}

/* OpenSSL's words for a missing file are poor: ask the system first. */
static int
file_check(struct file *f, const char *what, struct err *err)
{
	if (f->path == NULL || (stat(f->path, &f->stat) == 0 &&
	    access(f->path, R_OK) == 0))
		return 0;
	err_errno(err, "%s %s", what, f->path);
	if (err != NULL)
		err->code = ERR_INPUT;
	return -1;
}

static bool
file_is_same(const struct file *a, const struct file *b)
{
	return str_is(a->path, b->path) && a->stat.st_dev == b->stat.st_dev &&
	    a->stat.st_ino == b->stat.st_ino &&
	    a->stat.st_size == b->stat.st_size &&
	    a->stat.st_mtim.tv_sec == b->stat.st_mtim.tv_sec &&
	    a->stat.st_mtim.tv_nsec == b->stat.st_mtim.tv_nsec;
}

static int
pem_error(struct err *err, const char *what, const char *path)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return err_set(err, ERR_INPUT, "%s %s: %s", what, path,
	    reason != NULL ? reason : "not readable as PEM");
}

static int
context_load(struct tls_context *c, struct err *err)
{
	const char *ca = c->files[0].path, *cert = c->files[1].path,
	    *key = c->files[2].path;

	ERR_clear_error();
	if (ca != NULL && SSL_CTX_load_verify_file(c->ssl, ca) != 1)
		return pem_error(err, "CA file", ca);
	if (ca == NULL && SSL_CTX_set_default_verify_paths(c->ssl) != 1)
		return err_set(err, ERR_TLS, "the system's certificates "
		    "cannot be read");
	/* Whoever names a file may name a server's own certificate there. */
	if (ca != NULL)
		X509_STORE_set_flags(SSL_CTX_get_cert_store(c->ssl),
		    X509_V_FLAG_PARTIAL_CHAIN);
	if (cert == NULL)
		return 0;
	if (SSL_CTX_use_certificate_chain_file(c->ssl, cert) != 1)
		return pem_error(err, "certificate", cert);
	if (key == NULL)
		key = cert;
	if (SSL_CTX_use_PrivateKey_file(c->ssl, key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(c->ssl) != 1)
		return pem_error(err, "key", key);
	return 0;
}

struct tls_context *
tls_context_new(const char *ca_file, const char *certificate, const char *key,
    struct err *err)
{
	static const char *const what[] = { "CA file", "certificate", "key" };
	struct tls_context *c = mem_alloc(sizeof *c), *other;
	struct list *link, *after;
	size_t i;

	list_init(&c->link);
	c->users = 1;
	c->files[0].path = mem_str(ca_file);
	c->files[1].path = mem_str(certificate);
	c->files[2].path = certificate != NULL ? mem_str(key) : NULL;
	for (i = 0; i < COUNT(c->files); i++)
		if (file_check(&c->files[i], what[i], err) != 0)
			goto failed;
	list_each(link, after, &contexts) {
		other = list_item(link, struct tls_context, link);
		if (file_is_same(&c->files[0], &other->files[0]) &&
		    file_is_same(&c->files[1], &other->files[1]) &&
		    file_is_same(&c->files[2], &other->files[2])) {
			tls_context_free(c);
			other->users++;
			return other;
		}
	}
	c->ssl = SSL_CTX_new(TLS_client_method());
	if (c->ssl == NULL)
		abort();
	SSL_CTX_set_min_proto_version(c->ssl, TLS1_2_VERSION);
	SSL_CTX_set_options(c->ssl, SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(c->ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(c->ssl, SSL_MODE_RELEASE_BUFFERS |
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_default_passwd_cb(c->ssl, no_passphrase);
	SSL_CTX_set_verify(c->ssl, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(c->ssl, verify, NULL);
	if (context_load(c, err) != 0)
		goto failed;
	list_push(&contexts, &c->link);
	return c;

failed:
	tls_context_free(c);
	return NULL;
}

void
tls_context_free(struct tls_context *c)
{
	size_t i;

	if (c == NULL || --c->users > 0)
		return;
	list_remove(&c->link);
	SSL_CTX_free(c->ssl);
	for (i = 0; i < COUNT(c->files); i++)
		free(c->files[i].path);
	free(c);
}

/* One connection */

struct tls *
tls_new(struct tls_context *ctx, int fd, const struct tls_peer *peer)
{
	struct tls *t = mem_alloc(sizeof *t);
	BIO *bio = BIO_new(bio_method());

	t->ssl = SSL_new(ctx->ssl);
	if (bio == NULL || t->ssl == NULL)
		abort();
	ctx->users++;
	t->ctx = ctx;
	t->fd = fd;
	t->is_ip = peer->is_ip;
	t->is_direct = peer->is_direct;
	t->domain = mem_str(peer->domain);
	t->domain_text = mem_str(peer->domain_text != NULL ?
	    peer->domain_text : peer->domain);
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	SSL_set_bio(t->ssl, bio, bio);
	SSL_set_app_data(t->ssl, t);
	SSL_set_connect_state(t->ssl);
	if ((!t->is_ip && SSL_set_tlsext_host_name(t->ssl, t->domain) != 1) ||
	    (t->is_direct && SSL_set_alpn_protos(t->ssl,
		(const unsigned char *)ALPN, sizeof ALPN - 1) != 0))
		abort();
	return t;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_free(t->ssl);
	tls_context_free(t->ctx);
	free(t->domain);
	free(t->domain_text);
	free(t->complaint);
	free(t);
}

static const char *
reason_text(void)
{
	static const struct {
		int reason;
		const char *text;
	} reasons[] = {
		{ SSL_R_WRONG_VERSION_NUMBER,
		    "what the server sends is not TLS" },
		{ SSL_R_UNSUPPORTED_PROTOCOL,
		    "the server offers no TLS newer than 1.1" },
		{ SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
		    "the server offers no TLS newer than 1.1" },
		{ SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL,
		    "the server refuses the protocol xmpp-client (ALPN)" },
		/* Later releases of OpenSSL see for themselves. */
		{ SSL_R_BAD_EXTENSION, "the server chose another protocol "
		    "than xmpp-client (ALPN), or broke an extension" },
	};
	unsigned long code = ERR_peek_error();
	const char *text;
	size_t i;

	for (i = 0; i < COUNT(reasons); i++)
		if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
		    ERR_GET_REASON(code) == reasons[i].reason)
			return reasons[i].text;
	text = code != 0 ? ERR_reason_error_string(code) : NULL;
	return text != NULL ? text : "the protocol was broken";
}

/* What became of an SSL call that returned less than 1. */
static enum tls_status
outcome(struct tls *t, int returned, struct err *err)
{
	int reason = 0;

	switch (SSL_get_error(t->ssl, returned)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		if (t->write_errno == 0)
			return TLS_WANT_WRITE;
		reason = t->write_errno;
		break;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_END;
	default:
		reason = t->read_errno;
		if (reason == 0 && t->is_eof)
			return TLS_CUT;
	}
	if (reason != 0) {
		err_set(err, ERR_NETWORK, "%s", strerror(reason));
		if (err != NULL)
			err->sys_errno = reason;
	} else {
		err_set(err, ERR_TLS, "%s", reason_text());
	}
	ERR_clear_error();
	return TLS_BROKEN;
}

enum tls_status
tls_handshake(struct tls *t, const char *where, struct err *err)
{
	enum tls_status status;
	const unsigned char *alpn;
	unsigned len;
	int done;

	ERR_clear_error();
	done = SSL_do_handshake(t->ssl);
	if (done != 1) {
		status = outcome(t, done, err);
		if (status == TLS_WANT_READ || status == TLS_WANT_WRITE)
			return status;
		if (t->complaint != NULL)
			err_set(err, ERR_TLS, "%s", t->complaint);
		else if (status == TLS_BROKEN)
			err_prefix(err, "TLS with %s", where);
		else
			err_set(err, ERR_TLS, "TLS with %s: the server ended "
			    "the connection", where);
		if (err != NULL)
			err->code = ERR_TLS;
		return TLS_BROKEN;
	}
	SSL_get0_alpn_selected(t->ssl, &alpn, &len);
	if (len > 0 && (len != sizeof ALPN - 2 ||
	    memcmp(alpn, ALPN + 1, len) != 0)) {
		err_set(err, ERR_TLS, "TLS with %s: the server chose another "
		    "protocol than xmpp-client (ALPN)", where);
		return TLS_BROKEN;
	}
	return TLS_OK;
}

enum tls_status
tls_read(struct tls *t, char *p, size_t len, size_t *got, struct err *err)
{
	int done;

	*got = 0;
	ERR_clear_error();
	done = SSL_read_ex(t->ssl, p, len, got);
	return done == 1 ? TLS_OK : outcome(t, done, err);
}

enum tls_status
tls_write(struct tls *t, const char *p, size_t len, size_t *got,
    struct err *err)
{
	enum tls_status status;
	int done;

	*got = 0;
	ERR_clear_error();
	done = SSL_write_ex(t->ssl, p, len, got);
	if (done == 1)
		return TLS_OK;
	status = outcome(t, done, err);
	if (status != TLS_CUT)
		return status;
	/* Past an end that was cut OpenSSL writes no more. */
	t->write_errno = EPIPE;
	err_set(err, ERR_NETWORK, "%s", strerror(EPIPE));
	return TLS_BROKEN;
}

enum tls_status
tls_close(struct tls *t)
{
	int done;

	ERR_clear_error();
	done = SSL_shutdown(t->ssl);
	if (done >= 0)
		return TLS_OK;
	return outcome(t, done, NULL) == TLS_WANT_WRITE ? TLS_WANT_WRITE
							: TLS_BROKEN;
}

bool
tls_has_pending(const struct tls *t)
{
	return SSL_has_pending(t->ssl);
}

void
tls_info(const struct tls *t, struct conn_info *info)
{
	X509 *cert = SSL_get0_peer_certificate(t->ssl);
	struct tm tm;

	snprintf(info->tls_version, sizeof info->tls_version, "%s",
	    SSL_get_version(t->ssl));
	snprintf(info->cipher, sizeof info->cipher, "%s",
	    SSL_get_cipher_name(t->ssl));
	if (cert == NULL)
		return;
	name_text(X509_get_subject_name(cert), info->subject,
	    sizeof info->subject);
	name_text(X509_get_issuer_name(cert), info->issuer,
	    sizeof info->issuer);
	if (ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) == 1) {
		struct time_fields f = {
			.year = tm.tm_year + 1900, .month = tm.tm_mon + 1,
			.day = tm.tm_mday, .hour = tm.tm_hour,
			.minute = tm.tm_min, .second = tm.tm_sec,
		};

		info->valid_until_us = time_join(&f);
	}
}

void
tls_binding(const struct tls *t, struct conn_binding *out)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	bool is_old = SSL_version(t->ssl) <= TLS1_2_VERSION;

	*out = (struct conn_binding){ 0 };
	/* RFC 9266 section 4.2: TLS 1.2 only with extended master secret. */
	if ((!is_old || SSL_get_extms_support(t->ssl) == 1) &&
	    SSL_export_keying_material(t->ssl, out->exporter,
		sizeof out->exporter, label, sizeof label - 1,
		(const unsigned char *)"", 0, 1) == 1)
		out->exporter_len = sizeof out->exporter;
	/* RFC 5929 section 3: the first Finished of the handshake; ours, but
	 * the server's where a session was resumed. Not defined for 1.3. */
	if (is_old) {
		out->unique_len = SSL_session_reused(t->ssl)
		    ? SSL_get_peer_finished(t->ssl, out->unique,
			sizeof out->unique)
		    : SSL_get_finished(t->ssl, out->unique,
			sizeof out->unique);
		if (out->unique_len > sizeof out->unique)
			out->unique_len = 0;
	}
	ERR_clear_error();
}
