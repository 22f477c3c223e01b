/*
 * conn - one byte pipe: TCP, then TLS, to one server.
 *
 * Resolves, dials (happy eyeballs), shakes hands, moves bytes; knows no XMPP.
 * One callback, one event enum. The callback is the last thing conn does in
 * a turn of the loop, and conn may be freed inside it.
 *
 * Ownership  Options are copied. Event data is valid during the callback.
 * Errors     CONN_FAILED is the last event (but see conn_retry()); the
 *            sentence names host, address or certificate. ERR_INPUT: a file
 *            of the options, or no TLS beyond loopback; ERR_TLS: handshake
 *            or certificate; ERR_NETWORK: the rest.
 * Blocking   Never. Look-ups and handshakes are on the loop. (conn_new()
 *            reads PEM files, unless another conn has them read already.)
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
	const char *domain_text;	/* the same with U-labels, as some
				 * certificates have it; NULL: as domain */
	bool domain_is_ip;	/* no SRV, no SNI; IPv6 with or without [ ] */
	const char *host;	/* instead of DNS; NULL */
	unsigned port;		/* with host; 0: 5222, direct 5223 */
	enum conn_tls tls;
	const char *ca_file;	/* NULL: the system's */
	const char *certificate, *key;	/* PEM files for SASL EXTERNAL; NULL */
	int connect_timeout_s;	/* until CONN_OPEN, and from conn_starttls()
				 * to CONN_TLS; 0: 30 */
};

enum conn_event {
	CONN_OPEN,	/* connected; TLS is done if conn_info()->is_tls */
	CONN_TLS,	/* conn_starttls() succeeded */
	CONN_DATA,	/* data, len: at most 2 KB; more comes by itself */
	CONN_DRAINED,	/* the write queue has become empty */
	CONN_EOF,	/* the other side ended; conn_info()->is_clean_end.
			 * Once; writing may go on */
	CONN_FAILED,	/* err; only conn_free() or conn_retry() may follow */
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

/* Nothing is called back before the loop turns, whatever is wrong. */
struct conn *conn_new(struct ev_loop *loop, struct dns *dns,
    const struct conn_options *options, conn_callback cb, void *arg);
void conn_free(struct conn *c);		/* closes without ceremony; NULL is fine */

/* Queues bytes; they go at the end of this turn of the loop. Not before
 * CONN_OPEN; after a failure or conn_shutdown() they are dropped. What is
 * queued between conn_starttls() and CONN_TLS goes encrypted. */
void conn_write(struct conn *c, const char *data, size_t len);
size_t conn_queued(const struct conn *c);	/* not yet with the kernel */

/* TLS on an open plain connection (CONN_PLAIN: CONN_FAILED), once what is
 * queued has gone. Bytes that came before the handshake and were not yet
 * given as CONN_DATA are an injection: CONN_FAILED. Those given are the
 * caller's concern. */
void conn_starttls(struct conn *c);

/* Back-pressure: while paused nothing is read (and none comes as CONN_DATA),
 * so TCP slows the sender. */
void conn_pause(struct conn *c, bool on);

/* Ends our side: flushes, close_notify, FIN; then CONN_EOF or, after 10 s
 * without it, CONN_FAILED. Data may come until then. After CONN_EOF nothing
 * more is told: conn_free() once conn_queued() is 0. */
void conn_shutdown(struct conn *c);

/* Nobody here spoke XMPP: leaves this server and goes on with the next
 * candidate, as if from conn_new() (CONN_OPEN or CONN_FAILED will come); also
 * from within CONN_EOF and CONN_FAILED. False, and nothing happens, if no
 * candidate is left. */
bool conn_retry(struct conn *c);

/* Lives as long as c; the facts change with events only. */
const struct conn_info *conn_info(const struct conn *c);
void conn_binding(struct conn *c, struct conn_binding *out);

#endif
