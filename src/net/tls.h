/*
 * tls - one client's TLS over a socket it does not own (OpenSSL).
 *
 * TLS 1.2 and later, no renegotiation, no compression, no resumption, no
 * early data. The certificate must be good for the domain of the JID and
 * nothing else, and that is decided within the handshake: RFC 9525 with
 * DNS-ID, SRV-ID (RFC 4985) and XmppAddr (RFC 6120 13.7.1.4), never a common
 * name.
 *
 * Ownership  A context is shared by all who ask for the same files, and read
 *            anew once these have changed. A tls keeps its context alive.
 * Errors     Sentences say what is wrong with which certificate; `where` is
 *            the server as a person would know it.
 * Blocking   Only tls_context_new(), for reading PEM files. The socket must
 *            be non-blocking.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct conn_binding;
struct conn_info;
struct tls;
struct tls_context;

/* All three may be NULL; key NULL: it is in the certificate's file. */
struct tls_context *tls_context_new(const char *ca_file,
    const char *certificate, const char *key, struct err *err);
void tls_context_free(struct tls_context *ctx);	/* NULL is fine */

struct tls_peer {
	const char *domain;		/* A-labels, or an address */
	const char *domain_text;	/* U-labels, NULL: as domain */
	bool is_ip;			/* no SNI; iPAddress must match */
	bool is_direct;			/* ALPN (XEP-0368) */
};

enum tls_status {
	TLS_OK,
	TLS_WANT_READ,		/* again once the socket is readable */
	TLS_WANT_WRITE,		/* or writable */
	TLS_END,		/* close_notify came */
	TLS_CUT,		/* the end came without it */
	TLS_BROKEN,		/* err says why */
};

struct tls *tls_new(struct tls_context *ctx, int fd,
    const struct tls_peer *peer);
void tls_free(struct tls *t);		/* sends nothing; NULL is fine */

/* Never TLS_END or TLS_CUT: an end here is an error. */
enum tls_status tls_handshake(struct tls *t, const char *where,
    struct err *err);

/* *got is 0 unless TLS_OK. A failed write leaves reading intact. */
enum tls_status tls_read(struct tls *t, char *p, size_t len, size_t *got,
    struct err *err);
enum tls_status tls_write(struct tls *t, const char *p, size_t len,
    size_t *got, struct err *err);
enum tls_status tls_close(struct tls *t);	/* close_notify: OK, WANT_WRITE,
						 * or BROKEN */
/* Bytes that the socket no longer has and tls_read() would give. */
bool tls_has_pending(const struct tls *t);

/* After the handshake: tls_version, cipher, subject, issuer, valid_until. */
void tls_info(const struct tls *t, struct conn_info *info);
void tls_binding(const struct tls *t, struct conn_binding *out);

#endif
