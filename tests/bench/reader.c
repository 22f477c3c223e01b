/*
 * reader - a client that logs in, reads and throws away: what the line and
 * the peer can do, whatever is done with the bytes.
 *
 * usage: reader PORT DOMAIN USER CA-FILE
 *
 * Says "online" after its presence has come back, then reads until the last
 * message (CORPUS_END), says "done BYTES", and ends.
 */
#include <err.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "tests/bench/corpus.h"

static SSL *ssl;
static char input[64 * 1024 + 16];
static size_t kept;			/* the end of what was read before */

static void
send_text(const char *s)
{
	if (SSL_write(ssl, s, (int)strlen(s)) != (int)strlen(s))
		errx(1, "write: %s", ERR_reason_error_string(ERR_get_error()));
}

/* Reads until the mark has come by; it may lie across two reads. */
static size_t
read_until(const char *mark)
{
	size_t bytes = 0, have, len = strlen(mark);
	int n;

	for (;;) {
		n = SSL_read(ssl, input + kept, (int)(sizeof input - 16));
		if (n <= 0)
			errx(1, "waiting for %s: the peer has closed", mark);
		bytes += (size_t)n;
		have = kept + (size_t)n;
		if (memmem(input, have, mark, len) != NULL)
			break;
		kept = have < 16 ? have : 16;
		memmove(input, input + have - kept, kept);
	}
	kept = 0;
	return bytes;
}

static void
connect_to(const char *port, const char *domain, const char *ca_file)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
		err(1, "127.0.0.1:%s", port);
	if (tls == NULL ||
	    SSL_CTX_load_verify_locations(tls, ca_file, NULL) != 1)
		errx(1, "%s: no certificate", ca_file);
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
	ssl = SSL_new(tls);
	SSL_CTX_free(tls);
	SSL_set_fd(ssl, fd);
	SSL_set_tlsext_host_name(ssl, domain);
	SSL_set1_host(ssl, domain);
	if (SSL_connect(ssl) != 1)
		errx(1, "TLS: %s", ERR_reason_error_string(ERR_get_error()));
}

static void
log_in(const char *domain, const char *user)
{
	struct buf header = { 0 }, plain = { 0 }, auth = { 0 };

	buf_printf(&header, "<?xml version='1.0'?><stream:stream to='%s' "
	    "version='1.0' xmlns='jabber:client' "
	    "xmlns:stream='http://etherx.jabber.org/streams'>", domain);
	buf_printf(&plain, "%c%s%csecret", 0, user, 0);
	buf_str(&auth, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' "
	    "mechanism='PLAIN'>");
	str_base64(&auth, plain.data, plain.len);
	buf_str(&auth, "</auth>");

	send_text(header.data);
	read_until("</stream:feat");
	send_text(auth.data);
	read_until("<success");
	send_text(header.data);
	read_until("</stream:feat");
	send_text("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:"
	    "xmpp-bind'><resource>bench</resource></bind></iq>");
	read_until("</bind>");
	send_text("<presence/>");
	read_until("<presence");
	buf_clear(&header);
	buf_clear(&plain);
	buf_clear(&auth);
}

int
main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: reader PORT DOMAIN USER CA-FILE\n");
		return 2;
	}
	connect_to(argv[1], argv[2], argv[4]);
	log_in(argv[2], argv[3]);
	puts("online");
	fflush(stdout);
	printf("done %zu\n", read_until(CORPUS_END));
	SSL_shutdown(ssl);
	SSL_free(ssl);
	return 0;
}
