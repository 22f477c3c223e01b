/*
 * dns - where a domain's XMPP servers are: SRV of _xmpps-client and
 * _xmpp-client merged (XEP-0368, RFC 2782 order), then A and AAAA; c-ares on
 * the loop.
 *
 * Once any SRV record was answered there is no fallback to domain:5222
 * (RFC 6120 3.2.1). A target of "." says that the service is not there.
 */
#ifndef NET_DNS_H
#define NET_DNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct ev_loop;
struct dns;
struct dns_query;

struct dns *dns_new(struct ev_loop *loop, struct err *err);
void dns_free(struct dns *d);
/* For tests: "127.0.0.1:5353" instead of the system's resolvers. */
int dns_servers(struct dns *d, const char *servers, struct err *err);

struct dns_target {
	char host[256];
	unsigned port;
	bool is_direct;		/* xmpps: TLS at once */
};

typedef void (*dns_targets_callback)(const struct dns_target *targets,
    size_t count, const struct err *err, void *arg);
typedef void (*dns_addresses_callback)(const char *const *addresses,
    size_t count, const struct err *err, void *arg);

/* Targets in the order to try. want_direct/want_starttls: which kinds. */
struct dns_query *dns_targets(struct dns *d, const char *domain,
    bool want_direct, bool want_starttls, dns_targets_callback cb, void *arg);
/* Numeric addresses, families interleaved, IPv6 first. */
struct dns_query *dns_addresses(struct dns *d, const char *host,
    dns_addresses_callback cb, void *arg);
/* The callback will not be called. NULL is fine. */
void dns_cancel(struct dns_query *q);

#endif
