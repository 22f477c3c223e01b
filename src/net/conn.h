/*
 * conn - one byte pipe: TCP, then TLS, to one server.
 *
 * Resolves, dials (happy eyeballs), shakes hands, moves bytes; knows no XMPP.
 * One callback, one event enum. The callback is the last thing conn does in
 * a turn of the loop, and conn may be freed inside it.
 *
 * Ownership  Options are copied. Event data is valid during the callback.
 * Errors     CONN_FAILED comes at most once, and is the last event; the
 *            sentence names host, address or certificate.
 * Blocking   Never. Look-ups and handshakes are on the loop.
 * Memory     Idle accounts are cheap: SSL_MODE_RELEASE_BUFFERS, one read
 *            buffer shared by all connections, slices of at most 2 KB.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct ev_loop;
struct conn;
struct dns;

enum conn_tls {
	CONN_ANY,	/* what DNS says; with `host`: STARTTLS, and if nobody
			 * there speaks XMPP, direct */
	CONN_STARTTLS, CONN_DIRECT,
	CONN_PLAIN,	/* loopback only; refused elsewhere */
};

struct conn_options {
	const char *domain;	/* of the JID, as A-labels: SNI, certificate */
	bool domain_is_ip;	/* no SRV, no SNI */
	const char *host;	/* instead of DNS; NULL */
	unsigned port;		/* with host; 0: 5222, direct 5223 */
	enum conn_tls tls;
	const char *ca_file;	/* NULL: the system's */
	const char *certificate, *key;	/* PEM files for SASL EXTERNAL; NULL */
	int connect_timeout_s;	/* whole dial, 0: 30 */
};

enum conn_event {
	CONN_OPEN,	/* connected; TLS is done if conn_info()->is_tls */
	CONN_TLS,	/* conn_starttls() succeeded */
	CONN_DATA,	/* data, len: at most 2 KB; pull again is implicit */
	CONN_DRAINED,	/* the write queue has become empty */
	CONN_EOF,	/* the other side ended; conn_info()->is_clean_end */
	CONN_FAILED,	/* err */
};

struct conn_info {
	char server[300];	/* "host:port", as dialled; "" before */
	char address[64];	/* "192.0.2.1:5222" or "[2001:db8::1]:5222" */
	bool is_tls, is_direct;
	char tls_version[16];	/* "TLSv1.3"; "" without TLS */
	char cipher[64];
	char subject[256];	/* certificate, made of printable text */
	char issuer[256];
	int64_t valid_until_us;
	bool is_clean_end;	/* close_notify (or FIN without TLS) was seen */
};

/* Channel binding (RFC 9266, RFC 5929): raw bytes. Length 0: not to be had
 * on this connection. */
struct conn_binding {
	unsigned char exporter[32];
	size_t exporter_len;
	unsigned char unique[64];
	size_t unique_len;
};

typedef void (*conn_callback)(struct conn *c, enum conn_event event,
    const char *data, size_t len, const struct err *err, void *arg);

struct conn *conn_new(struct ev_loop *loop, struct dns *dns,
    const struct conn_options *options, conn_callback cb, void *arg);
void conn_free(struct conn *c);		/* closes without ceremony; NULL is fine */

/* Queues bytes. Nothing is written after a failure. */
void conn_write(struct conn *c, const char *data, size_t len);
size_t conn_queued(const struct conn *c);	/* not yet with the kernel */

/* TLS on an open plain connection. Bytes that came before the handshake are
 * an injection: CONN_FAILED. */
void conn_starttls(struct conn *c);

/* Back-pressure: while paused nothing is read (and none comes as CONN_DATA),
 * so TCP slows the sender. */
void conn_pause(struct conn *c, bool on);

/* Ends our side: flushes, close_notify, FIN; then CONN_EOF or CONN_FAILED. */
void conn_shutdown(struct conn *c);

/* The dial goes on with the next candidate (nobody there spoke XMPP, or
 * direct TLS after STARTTLS failed): false if there is none. */
bool conn_retry(struct conn *c);

const struct conn_info *conn_info(const struct conn *c);
void conn_binding(struct conn *c, struct conn_binding *out);

#endif
