/* net/ident: which name in a certificate stands for which domain. */
#include <stdlib.h>

#include "base/mem.h"
#include "net/ident.h"
#include "tests/tap.h"

static const struct {
	const char *name, *domain, *text;
	bool is_ip;
	enum ident_kind kind;
	const char *bytes;
	size_t len;
	bool is_match;
} cases[] = {
#define NAME(s)	s, sizeof s - 1
	{ "a DNS name", "example.com", NULL, false,
	    IDENT_DNS, NAME("example.com"), true },
	{ "case does not count", "example.com", NULL, false,
	    IDENT_DNS, NAME("eXample.COM"), true },
	{ "another domain", "example.com", NULL, false,
	    IDENT_DNS, NAME("example.org"), false },
	{ "a domain above", "chat.example.com", NULL, false,
	    IDENT_DNS, NAME("example.com"), false },
	{ "a domain below", "example.com", NULL, false,
	    IDENT_DNS, NAME("chat.example.com"), false },
	{ "an empty name", "example.com", NULL, false,
	    IDENT_DNS, NAME(""), false },
	{ "a NUL inside", "example.com", NULL, false,
	    IDENT_DNS, NAME("example.com\0.evil.test"), false },
	{ "a NUL at the end", "example.com", NULL, false,
	    IDENT_DNS, NAME("example.com\0"), false },
	{ "a wildcard", "chat.example.com", NULL, false,
	    IDENT_DNS, NAME("*.example.com"), true },
	{ "a wildcard is one label", "a.chat.example.com", NULL, false,
	    IDENT_DNS, NAME("*.example.com"), false },
	{ "a wildcard is not nothing", "example.com", NULL, false,
	    IDENT_DNS, NAME("*.example.com"), false },
	{ "a wildcard is not an empty label", ".example.com", NULL, false,
	    IDENT_DNS, NAME("*.example.com"), false },
	{ "a wildcard below the top", "example.com", NULL, false,
	    IDENT_DNS, NAME("*.com"), false },
	{ "a wildcard alone", "com", NULL, false, IDENT_DNS, NAME("*"), false },
	{ "a wildcard in a label", "chat.example.com", NULL, false,
	    IDENT_DNS, NAME("c*.example.com"), false },
	{ "a wildcard behind a label", "chat.example.com", NULL, false,
	    IDENT_DNS, NAME("*t.example.com"), false },
	{ "a wildcard further right", "chat.example.com", NULL, false,
	    IDENT_DNS, NAME("chat.*.com"), false },
	{ "two wildcards", "chat.example.com", NULL, false,
	    IDENT_DNS, NAME("*.*.com"), false },
	{ "a wildcard with a NUL", "chat.example.com", NULL, false,
	    IDENT_DNS, NAME("*.example.com\0"), false },
	{ "a wildcard for A-labels", "xn--bcher-kva.example.com", NULL, false,
	    IDENT_DNS, NAME("*.example.com"), true },

	{ "an SRV name", "example.com", NULL, false,
	    IDENT_SRV, NAME("_xmpp-client.example.com"), true },
	{ "an SRV name in capitals", "example.com", NULL, false,
	    IDENT_SRV, NAME("_XMPP-Client.EXAMPLE.com"), true },
	{ "an SRV name for servers", "example.com", NULL, false,
	    IDENT_SRV, NAME("_xmpp-server.example.com"), false },
	{ "an SRV name of another service", "example.com", NULL, false,
	    IDENT_SRV, NAME("_imap.example.com"), false },
	{ "an SRV name without a domain", "example.com", NULL, false,
	    IDENT_SRV, NAME("_xmpp-client."), false },
	{ "an SRV name without a service", "example.com", NULL, false,
	    IDENT_SRV, NAME("example.com"), false },
	{ "an SRV name has no wildcards", "chat.example.com", NULL, false,
	    IDENT_SRV, NAME("_xmpp-client.*.example.com"), false },

	{ "an XMPP address", "example.com", NULL, false,
	    IDENT_XMPP, NAME("example.com"), true },
	{ "an XMPP address with U-labels", "xn--bcher-kva.example",
	    "b\xc3\xbc" "cher.example", false,
	    IDENT_XMPP, NAME("b\xc3\xbc" "cher.example"), true },
	{ "U-labels are no DNS name", "xn--bcher-kva.example",
	    "b\xc3\xbc" "cher.example", false,
	    IDENT_DNS, NAME("b\xc3\xbc" "cher.example"), false },
	{ "an XMPP address of a user", "example.com", NULL, false,
	    IDENT_XMPP, NAME("admin@example.com"), false },
	{ "an XMPP address has no wildcards", "chat.example.com", NULL, false,
	    IDENT_XMPP, NAME("*.example.com"), false },

	{ "an IPv4 address", "192.0.2.1", NULL, true,
	    IDENT_IP, NAME("\xc0\0\2\1"), true },
	{ "another IPv4 address", "192.0.2.1", NULL, true,
	    IDENT_IP, NAME("\xc0\0\2\2"), false },
	{ "an IPv6 address", "2001:db8::1", NULL, true, IDENT_IP,
	    NAME("\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), true },
	{ "an IPv4 address of the wrong size", "192.0.2.1", NULL, true,
	    IDENT_IP, NAME("\xc0\0\2"), false },
	{ "an address spelt as a name", "192.0.2.1", NULL, true,
	    IDENT_DNS, NAME("192.0.2.1"), false },
	{ "an address in an SRV name", "192.0.2.1", NULL, true,
	    IDENT_SRV, NAME("_xmpp-client.192.0.2.1"), false },
	{ "a name that looks like address bytes", "abcd", NULL, false,
	    IDENT_IP, NAME("abcd"), false },
#undef NAME
};

int
main(void)
{
	char text[16];
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		struct ident_want want = { cases[i].domain,
			cases[i].text != NULL ? cases[i].text
					      : cases[i].domain,
			cases[i].is_ip };
		/* Exactly sized: reading past the end is caught. */
		char *bytes = mem_copy(cases[i].bytes, cases[i].len);

		ok(ident_is_match(&want, cases[i].kind, bytes,
		    cases[i].len) == cases[i].is_match, "%s: %s",
		    cases[i].name, cases[i].is_match ? "yes" : "no");
		free(bytes);
	}
	ident_text(IDENT_DNS, "a\033b\0c\xc3\xbc" "d", 8, text, sizeof text);
	is_str(text, "a?b?c??d", "a name is told in plain letters");
	ident_text(IDENT_DNS, "a.very.long.name.indeed", 23, text,
	    sizeof text);
	is_str(text, "a.very.long.nam", "and cut to what there is room for");
	ident_text(IDENT_IP, "\x7f\0\0\1", 4, text, sizeof text);
	is_str(text, "127.0.0.1", "an address reads as one");
	return done();
}
