/* net/tls, through net/conn: certificates, versions, ALPN, channel binding. */
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/str.h"
#include "net/tls.h"
#include "tests/net/client.h"
#include "tests/tap.h"

#define SRV_NAME(s)	"otherName:1.3.6.1.5.5.7.8.7;IA5STRING:" s
#define XMPP_ADDR(s)	"otherName:1.3.6.1.5.5.7.8.5;UTF8:" s

enum signer { BY_CA, BY_OTHER, BY_SELF, BY_EXPIRED };

static const struct {
	const char *name, *cn, *san, *domain;
	enum signer signer;
	int from_days, until_days;
	const char *error;	/* NULL: it is good; %s: the date */
} certificates[] = {
	{ "a DNS name", "x", "DNS:example.com", "example.com" },
	{ "one of several", "x", "DNS:a.test,DNS:b.test,DNS:example.com",
	    "example.com" },
	{ "a wildcard", "x", "DNS:*.example.com", "chat.example.com" },
	{ "an SRV name alone", "x", SRV_NAME("_xmpp-client.example.com"),
	    "example.com" },
	{ "an XMPP address alone", "x", XMPP_ADDR("example.com"),
	    "example.com" },
	{ "an IP address", "x", "IP:127.0.0.1", "127.0.0.1" },
	{ "an IPv6 address", "x", "IP:::1", "[::1]" },
	{ "a common name is none", "example.com", NULL, "example.com", BY_CA,
	    0, 0, "certificate of example.com names no domain (a common name "
	    "is not one)" },
	{ "nor beside another name", "example.com", "DNS:a.test",
	    "example.com", BY_CA, 0, 0,
	    "certificate of example.com is for a.test, not example.com" },
	{ "the name of the SRV target", "x", "DNS:xmpp.hoster.test",
	    "example.com", BY_CA, 0, 0, "certificate of example.com is for "
	    "xmpp.hoster.test, not example.com" },
	{ "many others", "x", "DNS:a.test,DNS:b.test,DNS:c.test,DNS:d.test",
	    "example.com", BY_CA, 0, 0, "certificate of example.com is for "
	    "a.test, b.test, c.test, ..., not example.com" },
	{ "a wildcard for more than a label", "x", "DNS:*.example.com",
	    "a.b.example.com", BY_CA, 0, 0, "certificate of a.b.example.com is "
	    "for *.example.com, not a.b.example.com" },
	{ "an SRV name for servers", "x", SRV_NAME("_xmpp-server.example.com"),
	    "example.com", BY_CA, 0, 0, "certificate of example.com is for "
	    "_xmpp-server.example.com, not example.com" },
	{ "an address of another host", "x", "IP:192.0.2.1", "127.0.0.1",
	    BY_CA, 0, 0, "certificate of 127.0.0.1 is for 192.0.2.1, not "
	    "127.0.0.1" },
	{ "a name where an address is wanted", "x", "DNS:127.0.0.1",
	    "127.0.0.1", BY_CA, 0, 0, "certificate of 127.0.0.1 is for "
	    "127.0.0.1, not 127.0.0.1" },
	{ "a mail address is not told", "x", "email:a@example.com",
	    "example.com", BY_CA, 0, 0, "certificate of example.com names no "
	    "domain (a common name is not one)" },
	{ "self-signed", "example.com", "DNS:example.com", "example.com",
	    BY_SELF, 0, 0,
	    "certificate of example.com: self-signed certificate" },
	{ "of an unknown issuer", "x", "DNS:example.com", "example.com",
	    BY_OTHER, 0, 0, "certificate of example.com: its issuer is not "
	    "known: CN=Other CA" },
	{ "expired", "x", "DNS:example.com", "example.com", BY_CA, -20, -10,
	    "certificate of example.com expired %s" },
	{ "not yet valid", "x", "DNS:example.com", "example.com", BY_CA, 10,
	    20, "certificate of example.com is not valid before %s" },
	{ "of an expired issuer", "x", "DNS:example.com", "example.com",
	    BY_EXPIRED, 0, 0, "certificate of example.com: that of its issuer "
	    "CN=Expired CA expired %s" },
};

static void
certificate_tables(void)
{
	struct spec expired = { "Expired CA", NULL, NULL, true, -30, -10 };
	X509 *expired_ca = lab_certificate(&expired);
	X509 *issuers[] = { ca, other_ca, NULL, expired_ca };
	char *both = lab_pem("both.pem", ca, false);
	FILE *f = fopen(both, "a");
	size_t i;

	LAB_CHECK(f != NULL && PEM_write_X509(f, expired_ca) == 1);
	LAB_CHECK(fclose(f) == 0);
	for (i = 0; i < COUNT(certificates); i++) {
		struct spec spec = { certificates[i].cn, certificates[i].san,
			issuers[certificates[i].signer], false,
			certificates[i].from_days, certificates[i].until_days };
		int day = certificates[i].signer == BY_EXPIRED ? -10
		    : spec.until_days < 0 ? spec.until_days : spec.from_days;
		time_t at = time(NULL) + day * 86400L;
		X509 *x = lab_certificate(&spec);
		struct server s = { .is_direct = true };
		struct conn_options o;
		struct client k;
		char date[32], want[300];

		server_start(&s, NULL, 0, x, 0);
		o = options(&s, CONN_DIRECT);
		o.domain = certificates[i].domain;
		o.domain_is_ip = strpbrk(o.domain, "abcdefghijk") == NULL;
		o.ca_file = both;
		dial_with(&k, dns, &o);
		LAB_WAIT(k.opened + k.failed > 0);
		if (certificates[i].error == NULL) {
			ok(k.opened == 1, "good: %s%s%s", certificates[i].name,
			    k.failed ? ": " : "", k.err.text);
		} else {
			strftime(date, sizeof date, "%Y-%m-%d", gmtime(&at));
			snprintf(want, sizeof want, "%s",
			    certificates[i].error);
			if (str_ends(want, "%s"))
				strcpy(want + strlen(want) - 2, date);
			is_str(k.err.text, want, certificates[i].name);
			LAB_CHECK(k.err.code == ERR_TLS || k.failed == 0);
		}
		hang_up(&k);
		server_stop(&s);
		X509_free(x);
	}
	X509_free(expired_ca);
	free(both);
}

static void
trust(void)
{
	struct spec self = { "example.com", "DNS:example.com" };
	X509 *x = lab_certificate(&self);
	char *file = lab_pem("self.pem", x, false);
	char *leaf = lab_pem("leaf.pem", good, false);
	char *none = lab_pem("none.pem", NULL, false);
	char *locked = lab_pem("locked.pem", good, false);
	FILE *f = fopen(locked, "a");
	const struct {
		const char *name, *ca_file, *certificate, *key, *error;
	} files[] = {
		{ "a CA file that is not there", "/nonexistent/ca.pem", NULL,
		    NULL, "CA file /nonexistent/ca.pem: No such file or "
		    "directory" },
		{ "a certificate that is not there", NULL, "/nonexistent/c",
		    NULL, "certificate /nonexistent/c: No such file or "
		    "directory" },
		{ "a key that is not there", NULL, leaf, "/nonexistent/k",
		    "key /nonexistent/k: No such file or directory" },
		{ "a CA file without certificates", none, NULL, NULL, "CA file" },
		{ "a certificate without its key", NULL, leaf, NULL, "key" },
		{ "a key that is locked asks no terminal", NULL, locked, NULL,
		    "key" },
	};
	struct server s = { .is_direct = true };
	struct conn_options o;
	struct client k;
	struct tls_context *a, *b, *c;
	size_t i;

	a = tls_context_new(ca_file, NULL, NULL, NULL);
	b = tls_context_new(ca_file, NULL, NULL, NULL);
	c = tls_context_new(leaf, NULL, NULL, NULL);
	ok(a != NULL && a == b && c != NULL && c != a,
	    "a context is shared by those who trust the same");
	tls_context_free(a);
	tls_context_free(b);
	tls_context_free(c);
	LAB_CHECK(f != NULL && PEM_write_PrivateKey(f, lab_key(),
	    EVP_aes_128_cbc(), (const unsigned char *)"secret", 6, NULL,
	    NULL) == 1 && fclose(f) == 0);
	server_start(&s, NULL, 0, x, 0);
	o = options(&s, CONN_DIRECT);
	o.ca_file = file;
	dial_with(&k, dns, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	ok(k.opened == 1, "a self-signed certificate in the CA file is good");
	hang_up(&k);
	o.ca_file = NULL;
	dial_with(&k, dns, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	is_str(k.err.text, "certificate of example.com: self-signed "
	    "certificate", "the system's store does not know it");
	hang_up(&k);

	/* The same name, other content: connections made now see it. */
	f = fopen(file, "w");
	LAB_CHECK(f != NULL && PEM_write_X509(f, other_ca) == 1 &&
	    fclose(f) == 0);
	o.ca_file = file;
	dial_with(&k, dns, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	is_int(k.failed, 1, "a CA file that has changed is read anew");
	hang_up(&k);
	server_stop(&s);

	server_start(&s, NULL, 0, good, 0);
	o.ca_file = leaf;
	o.port = s.port;
	dial_with(&k, dns, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	ok(k.opened == 1, "so is a server's certificate without its issuer");
	hang_up(&k);

	for (i = 0; i < COUNT(files); i++) {
		o.ca_file = files[i].ca_file;
		o.certificate = files[i].certificate;
		o.key = files[i].key;
		dial_with(&k, dns, &o);
		is_int(k.failed, 0, "it is not said before the loop turns");
		LAB_WAIT(k.opened + k.failed > 0);
		ok(k.err.code == ERR_INPUT && str_starts(k.err.text,
		    files[i].error), "%s: %s", files[i].name, k.err.text);
		ok(!conn_retry(k.conn), "and there is nothing to retry");
		hang_up(&k);
	}
	server_stop(&s);
	X509_free(x);
	free(file);
	free(leaf);
	free(none);
	free(locked);
}

/* TLS */

static bool
is_same_binding(struct client *k, struct server *s, int version)
{
	SSL *ssl = server_peer(s)->ssl;
	unsigned char exporter[32], unique[64];
	struct conn_binding b;
	size_t len;

	conn_binding(k->conn, &b);
	LAB_CHECK(SSL_export_keying_material(ssl, exporter, 32,
	    "EXPORTER-Channel-Binding", 24, (const unsigned char *)"", 0,
	    1) == 1);
	len = SSL_get_peer_finished(ssl, unique, sizeof unique);
	return b.exporter_len == 32 && memcmp(exporter, b.exporter, 32) == 0 &&
	    (version == TLS1_3_VERSION ? b.unique_len == 0
		: b.unique_len == len && len == 12 &&
		    memcmp(unique, b.unique, len) == 0);
}

static const struct {
	int version;
	const char *name;
	enum conn_tls tls;
} versions[] = {
	{ TLS1_2_VERSION, "TLSv1.2", CONN_DIRECT },
	{ TLS1_3_VERSION, "TLSv1.3", CONN_DIRECT },
	{ TLS1_2_VERSION, "TLSv1.2", CONN_STARTTLS },
	{ TLS1_3_VERSION, "TLSv1.3", CONN_STARTTLS },
};

static void
handshakes(void)
{
	size_t i;

	for (i = 0; i < COUNT(versions); i++) {
		bool is_direct = versions[i].tls == CONN_DIRECT;
		const char *how = is_direct ? "direct" : "STARTTLS";
		struct server s = { .is_direct = is_direct,
			.alpn = "xmpp-client" };
		struct client k;
		const struct conn_info *info;
		char address[80];

		server_start(&s, NULL, 0, good, versions[i].version);
		dial(&k, &s, versions[i].tls);
		if (!is_direct)
			k.hook = upgrade_hook;
		LAB_WAIT(k.failed || (is_direct ? k.opened : k.secured));
		if (is_direct)
			say(&k, "echo first\n");
		LAB_WAIT(k.failed || has(&k, "first\n"));
		info = conn_info(k.conn);
		ok(has(&k, "first\n") && info->is_tls &&
		    info->is_direct == is_direct && !k.failed,
		    "%s %s%s", how, versions[i].name, k.err.text);
		is_str(info->tls_version, versions[i].name, "its version");
		snprintf(address, sizeof address, "127.0.0.1:%u", s.port);
		ok(str_is(info->address, address) &&
		    str_is(info->server, address), "where it went: %s, %s",
		    info->server, info->address);
		ok(str_is(info->subject, "CN=good") &&
		    str_is(info->issuer, "CN=Lab CA") && info->cipher[0],
		    "%s by %s, %s", info->subject, info->issuer, info->cipher);
		ok(info->valid_until_us / 1000000 > time(NULL) + 29 * 86400 &&
		    info->valid_until_us / 1000000 < time(NULL) + 31 * 86400,
		    "valid until its day");
		is_str(server_peer(&s)->got_sni, "example.com",
		    "SNI is the domain of the JID");
		ok(is_same_binding(&k, &s, versions[i].version),
		    "channel binding is the same at both ends");
		is_int(k.opened, 1, "it opened once");
		ok(!k.is_broken, "events came in order");
		hang_up(&k);
		server_stop(&s);
	}
}

/* RFC 9266 4.2: without extended master secret, TLS 1.2 has no exporter that
 * binds. Also: what was queued before the handshake goes first, unencrypted. */
static void
no_master_secret(void)
{
	struct server s = { 0 };
	struct client k;
	struct conn_binding b;

	server_start(&s, NULL, 0, good, TLS1_2_VERSION);
	SSL_CTX_set_options(s.ctx, SSL_OP_NO_EXTENDED_MASTER_SECRET);
	dial(&k, &s, CONN_STARTTLS);
	LAB_WAIT(k.opened + k.failed > 0);
	conn_binding(k.conn, &b);
	ok(b.exporter_len == 0 && b.unique_len == 0,
	    "no channel binding without TLS");
	say(&k, "listen\n");
	conn_starttls(k.conn);
	LAB_WAIT(k.secured + k.failed > 0);
	is_int(k.secured, 1, "what is queued goes before the handshake");
	conn_binding(k.conn, &b);
	ok(b.exporter_len == 0 && b.unique_len == 12,
	    "no exporter without extended master secret");
	hang_up(&k);
	server_stop(&s);
}

static void
upgrade_hook_late(struct client *k, enum conn_event event)
{
	if (event == CONN_OPEN)
		say(k, "inject\n");
	if (event == CONN_DATA && has(k, "proceed\n") && !k->secured)
		conn_starttls(k->conn);
}

static void
refusals(void)
{
	struct server s = { .is_direct = true };
	struct client k;
	struct conn_options o;
	char want[300];
	X509 *client = good;
	char *pair = lab_pem("pair.pem", client, true);

	/* A server that has no TLS but an old one. OpenSSL may be built
	 * without it: then it ends the handshake, and that is as good. */
	server_start(&s, NULL, 0, good, TLS1_1_VERSION);
	dial(&k, &s, CONN_DIRECT);
	LAB_WAIT(k.opened + k.failed > 0);
	ok(k.failed == 1 && k.err.code == ERR_TLS, "TLS 1.1 is refused: %s",
	    k.err.text);
	hang_up(&k);
	server_stop(&s);

	s = (struct server){ .is_direct = true, .alpn = "h2" };
	server_start(&s, NULL, 0, good, 0);
	dial(&k, &s, CONN_DIRECT);
	LAB_WAIT(k.opened + k.failed > 0);
	snprintf(want, sizeof want, "TLS with 127.0.0.1:%u: the server chose "
	    "another protocol than xmpp-client (ALPN)", s.port);
	ok(str_starts(k.err.text, want), "another protocol by ALPN is "
	    "refused: %s", k.err.text);
	hang_up(&k);
	server_stop(&s);

	s = (struct server){ .is_direct = true, .refuses_alpn = true };
	server_start(&s, NULL, 0, good, 0);
	dial(&k, &s, CONN_DIRECT);
	LAB_WAIT(k.opened + k.failed > 0);
	snprintf(want, sizeof want, "TLS with 127.0.0.1:%u: the server refuses "
	    "the protocol xmpp-client (ALPN)", s.port);
	is_str(k.err.text, want, "a server may refuse the protocol");
	hang_up(&k);
	server_stop(&s);

	s = (struct server){ .is_direct = false };
	server_start(&s, NULL, 0, good, 0);
	dial(&k, &s, CONN_STARTTLS);
	k.hook = upgrade_hook_late;
	LAB_WAIT(k.secured + k.failed > 0);
	snprintf(want, sizeof want, "connection to 127.0.0.1:%u: bytes before "
	    "the TLS handshake (somebody may have injected them)", s.port);
	is_str(k.err.text, want, "bytes behind the go-ahead are an injection");
	is_int(k.err.code, ERR_PROTOCOL, "which breaks the protocol");
	hang_up(&k);

	/* What answers a ClientHello in plain text. */
	dial(&k, &s, CONN_STARTTLS);
	LAB_WAIT(k.opened + k.failed > 0);
	conn_starttls(k.conn);
	LAB_WAIT(server_peer(&s) != NULL && server_peer(&s)->in.len > 0);
	buf_str(&server_peer(&s)->out, "HTTP/1.1 400 Bad Request\r\n\r\n");
	ev_io_start(loop, &server_peer(&s)->writer);
	LAB_WAIT(k.secured + k.failed > 0);
	snprintf(want, sizeof want, "TLS with 127.0.0.1:%u: what the server "
	    "sends is not TLS", s.port);
	is_str(k.err.text, want, "an answer that is not TLS");
	hang_up(&k);
	dial(&k, &s, CONN_STARTTLS);
	LAB_WAIT(k.opened + k.failed > 0);
	conn_starttls(k.conn);
	LAB_WAIT(server_peer(&s) != NULL && server_peer(&s)->in.len > 0);
	peer_drop(server_peer(&s));
	LAB_WAIT(k.secured + k.failed > 0);
	snprintf(want, sizeof want, "TLS with 127.0.0.1:%u: the server ended "
	    "the connection", s.port);
	is_str(k.err.text, want, "an end instead of an answer");
	hang_up(&k);
	server_stop(&s);

	s = (struct server){ .is_direct = true };
	server_start(&s, NULL, 0, good, 0);
	SSL_CTX_set_verify(s.ctx, SSL_VERIFY_PEER |
	    SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(s.ctx), ca);
	o = options(&s, CONN_DIRECT);
	o.certificate = pair;
	dial_with(&k, dns, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	if (k.opened > 0)
		say(&k, "echo hello\n");
	LAB_WAIT(k.failed || has(&k, "hello"));
	ok(has(&k, "hello") && SSL_get0_peer_certificate(
	    server_peer(&s)->ssl) != NULL, "our certificate is shown");
	hang_up(&k);
	dial(&k, &s, CONN_DIRECT);
	LAB_WAIT(k.failed);
	ok(k.err.code == ERR_TLS && strstr(k.err.text, "certificate required")
	    != NULL, "without one: %s", k.err.text);
	hang_up(&k);
	server_stop(&s);
	free(pair);
}

int
main(void)
{
	client_start();
	certificate_tables();
	trust();
	handshakes();
	no_master_secret();
	refusals();
	client_stop();
	return done();
}
