/*
 * hostport - "host", "host:port", "192.0.2.1:5222", "[2001:db8::1]:5222" into
 * its parts. Only the form is looked at: whether there is such a host is a
 * name server's to say.
 */
#ifndef BASE_HOSTPORT_H
#define BASE_HOSTPORT_H

#include <stddef.h>

enum hostport_fault {
	HOSTPORT_GOOD,
	HOSTPORT_V6,	/* an IPv6 address outside brackets, or none inside */
	HOSTPORT_HOST,	/* empty, too long, or with what no name has */
	HOSTPORT_PORT,	/* not 1 to 65535: port_text */
};

struct hostport {
	const char *host;	/* in the text, without brackets */
	size_t host_len;
	const char *port_text;	/* behind the colon; NULL: no port is named */
	unsigned port;		/* 0: none */
};

enum hostport_fault hostport_split(const char *text, struct hostport *out);

#endif
