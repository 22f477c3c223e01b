/*
 * client - one struct conn and what has happened to it; the certificates of
 * the lab and a resolver that knows nothing but localhost.
 */
#ifndef TESTS_NET_CLIENT_H
#define TESTS_NET_CLIENT_H

#include "net/conn.h"
#include "net/dns.h"
#include "tests/net/lab.h"

struct client {
	struct conn *conn;
	struct buf got;
	struct err err;
	int opened, secured, drained, ended, failed;
	size_t slice_most;
	void (*hook)(struct client *, enum conn_event);
	bool is_broken;		/* events came that may not come so */
};

extern X509 *ca, *other_ca, *good;	/* good: for example.com */
extern char *ca_file;
extern struct dns *dns;

void client_start(void);	/* the loop, and all of these */
void client_stop(void);

void dial_with(struct client *k, struct dns *d, const struct conn_options *o);
/* Most tests: this server, by its address, for example.com. */
struct conn_options options(const struct server *s, enum conn_tls tls);
void dial(struct client *k, const struct server *s, enum conn_tls tls);
void hang_up(struct client *k);
void say(struct client *k, const char *text);
bool has(const struct client *k, const char *text);
void upgrade_hook(struct client *k, enum conn_event event);

#endif
