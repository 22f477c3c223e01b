/*
 * lab - what the tests of net/ talk to, on the same loop: a name server, a
 * certificate authority, and a server that does as it is told.
 *
 * Ports are the kernel's choice. Waiting is for a condition, with a deadline
 * for the whole program's patience. Failures of the lab itself abort.
 */
#ifndef TESTS_NET_LAB_H
#define TESTS_NET_LAB_H

#include <ev.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/list.h"

extern struct ev_loop *loop;

/* Turns the loop until the condition holds; gives up after 20 s. */
#define LAB_WAIT(condition) \
	do { \
		double lab_until = ev_time() + 20; \
		while (!(condition) && ev_time() < lab_until) \
			lab_turn(); \
	} while (0)
void lab_turn(void);		/* once; sleeps 50 ms at most */
double lab_now(void);		/* seconds, monotonic */
#define LAB_CHECK(condition) \
	((condition) ? (void)0 : lab_die(#condition, __FILE__, __LINE__))
void lab_die(const char *what, const char *file, int line)
    __attribute__((noreturn));

/* Names */

enum answer_kind { DATA, NODATA, NXDOMAIN, SERVFAIL, REFUSED, SILENCE, ALIAS };

struct answer {
	const char *name;
	const char *type;	/* "SRV", "A", "AAAA" */
	enum answer_kind kind;
	unsigned priority, weight, port;
	const char *data;	/* target or address */
};

struct name_server {
	ev_io io;
	const struct answer *answers;	/* name NULL ends; no match: NXDOMAIN */
	char address[32];		/* "127.0.0.1:5353" */
	int asked;
};

void name_server_start(struct name_server *n, const struct answer *answers);
void name_server_stop(struct name_server *n);

/* Certificates; all share one key, P-256. */

struct spec {
	const char *cn;
	const char *san;	/* as in openssl.cnf; NULL: no extension */
	X509 *issuer;		/* NULL: signs itself */
	bool is_ca;
	int from_days, until_days;	/* from today; 0, 0: -1, 30 */
};

EVP_PKEY *lab_key(void);
X509 *lab_certificate(const struct spec *s);
/* Writes PEM into the temporary directory; returns the path, yours. */
char *lab_pem(const char *name, X509 *certificate, bool with_key);
const char *lab_directory(void);
void lab_clean(void);

/*
 * The server. Plain: it obeys lines. "starttls" answers "proceed\n" and
 * shakes hands. Direct: it shakes hands at once, then obeys.
 *
 *   echo TEXT   bytes N   trickle N (one byte per record)   end (clean)
 *   cut (no close_notify)   reset   inject (proceed and more, before TLS)
 *   rekey (TLS 1.3: new keys at both ends)
 *   listen (shakes hands without having answered)
 */
struct server {
	ev_io io;
	SSL_CTX *ctx;
	bool is_direct;
	bool is_mute;		/* accepts, and says nothing ever */
	const char *alpn;	/* chosen whatever is offered; NULL: none */
	bool refuses_alpn;
	char ip[64];
	unsigned port;
	struct list peers;
	int accepted;
};

struct peer {
	struct list link;
	struct server *server;
	ev_io reader, writer;
	SSL *ssl;
	bool is_shaking, is_ending;
	struct buf in, out;
	char got_sni[256];
};

/* ip NULL: 127.0.0.1; port 0: any; versions 0: any. */
void server_start(struct server *s, const char *ip, unsigned port,
    X509 *certificate, int version);
void server_stop(struct server *s);
struct peer *server_peer(struct server *s);	/* the newest, NULL */
void peer_drop(struct peer *p);

/* A port where connections are neither accepted nor refused. */
struct black_hole {
	int fd, fill[16];
	unsigned port;
};
/* port 0: any. */
void black_hole_open(struct black_hole *b, const char *ip, unsigned port);
void black_hole_close(struct black_hole *b);

#endif
