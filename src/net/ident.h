/*
 * ident - whether a name in a certificate stands for a domain (RFC 9525,
 * RFC 6120 13.7.1.2). Pure; names are bytes as a stranger wrote them, and
 * need not end with a NUL.
 */
#ifndef NET_IDENT_H
#define NET_IDENT_H

#include <stdbool.h>
#include <stddef.h>

enum ident_kind {
	IDENT_DNS,	/* dNSName: may be a wildcard */
	IDENT_SRV,	/* RFC 4985: _xmpp-client.example.com */
	IDENT_XMPP,	/* RFC 6120 13.7.1.4: example.com, U-labels perhaps */
	IDENT_IP,	/* 4 or 16 bytes */
};

struct ident_want {
	const char *domain;		/* A-labels; or an address as text */
	const char *domain_text;	/* U-labels */
	bool is_ip;			/* then only IDENT_IP can match */
};

bool ident_is_match(const struct ident_want *want, enum ident_kind kind,
    const char *name, size_t len);

/* The name for a sentence, in printable ASCII, cut to room. */
void ident_text(enum ident_kind kind, const char *name, size_t len, char *out,
    size_t room);

#endif
