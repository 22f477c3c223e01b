#include "net/ident.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Equal but for ASCII case. A NUL inside the name equals nothing. */
static bool
is_same(const char *name, size_t len, const char *want)
{
	size_t i;

	if (len == 0 || len != strlen(want))
		return false;
	for (i = 0; i < len; i++)
		if (lower(name[i]) != lower(want[i]))
			return false;
	return true;
}

/* RFC 9525 6.3: a wildcard is the whole leftmost label, stands for exactly
 * one, and is believed only with two labels behind it: nobody owns *.com. */
static bool
is_dns_match(const char *name, size_t len, const char *domain)
{
	const char *rest;

	if (len < 2 || name[0] != '*')
		return is_same(name, len, domain);
	if (name[1] != '.' || memchr(name + 2, '.', len - 2) == NULL)
		return false;
	rest = strchr(domain, '.');
	return rest != NULL && rest != domain &&
	    is_same(name + 1, len - 1, rest);
}

static bool
is_srv_match(const char *name, size_t len, const char *domain)
{
	static const char service[] = "_xmpp-client.";
	size_t i;

	if (len < sizeof service)
		return false;
	for (i = 0; i < sizeof service - 1; i++)
		if (lower(name[i]) != service[i])
			return false;
	return is_same(name + i, len - i, domain);
}

static bool
is_address_match(const char *bytes, size_t len, const char *text)
{
	unsigned char want[sizeof (struct in6_addr)];
	int family = len == 4 ? AF_INET : AF_INET6;

	return (len == 4 || len == 16) && inet_pton(family, text, want) == 1 &&
	    memcmp(bytes, want, len) == 0;
}

bool
ident_is_match(const struct ident_want *want, enum ident_kind kind,
    const char *name, size_t len)
{
	if (want->is_ip != (kind == IDENT_IP))
		return false;
	switch (kind) {
	case IDENT_DNS:
		return is_dns_match(name, len, want->domain);
	case IDENT_SRV:
		return is_srv_match(name, len, want->domain);
	case IDENT_XMPP:
		return is_same(name, len, want->domain) ||
		    is_same(name, len, want->domain_text);
	case IDENT_IP:
		return is_address_match(name, len, want->domain);
	}
	return false;
}

void
ident_text(enum ident_kind kind, const char *name, size_t len, char *out,
    size_t room)
{
	size_t i;

	out[0] = '\0';
	if (kind == IDENT_IP) {
		if ((len != 4 && len != 16) || inet_ntop(len == 4 ? AF_INET
		    : AF_INET6, name, out, (socklen_t)room) == NULL)
			snprintf(out, room, "a malformed address");
		return;
	}
	for (i = 0; i < len && i + 1 < room; i++)
		out[i] = name[i] > ' ' && name[i] < 0x7f ? name[i] : '?';
	out[i] = '\0';
}
