/*
 * host - names that need no name server.
 */
#ifndef NET_HOST_H
#define NET_HOST_H

#include <stdbool.h>

/* localhost and what is below it (RFC 6761 6.3). */
bool host_is_localhost(const char *host);

/* AF_INET or AF_INET6 if host is an address, which may have a zone behind
 * it (RFC 4007); else AF_UNSPEC. */
int host_family(const char *host);

#endif
