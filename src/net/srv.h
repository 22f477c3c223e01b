/*
 * srv - the order in which SRV records are tried (RFC 2782).
 */
#ifndef NET_SRV_H
#define NET_SRV_H

#include <stddef.h>

#include "net/dns.h"

struct srv {
	struct dns_target target;
	unsigned priority, weight;
};

/* By priority, lowest first; equals are drawn by lot, weight by weight. */
void srv_order(struct srv *s, size_t count);

#endif
