#include "model/jid.h"

#include <stdlib.h>

#include "base/mem.h"
#include "tests/tap.h"

static const struct {
	const char *name;
	const char *text;
	const char *full;	/* NULL: does not prepare */
} cases[] = {
	{ "a plain address stays as it is", "romeo@example.net",
	    "romeo@example.net" },
	{ "local part and domain fold, the resource keeps its case",
	    "A@B.example/Cat", "a@b.example/Cat" },
	{ "a domain alone is an address", "Example.NET", "example.net" },
	{ "a domain may have a resource", "example.net/x", "example.net/x" },
	{ "@ and / inside a resource belong to it", "a@b.c/r@s/t",
	    "a@b.c/r@s/t" },
	{ "a resource may hold spaces", "a@b.c/my phone", "a@b.c/my phone" },
	{ "a resource may hold a newer emoji", "a@b.c/\U0001f980",
	    "a@b.c/\U0001f980" },
	{ "a resource is normalised by NFKC", "a@b.c/\uff21\u0301",
	    "a@b.c/\u00c1" },
	{ "sharp s folds to ss in a local part", "stra\u00dfe@b.c",
	    "strasse@b.c" },
	{ "capital sharp s is newer than the tables and stays",
	    "\u1e9e@b.c", "\u1e9e@b.c" },
	{ "full width letters become narrow in all of it",
	    "\uff21\uff22@\uff43.example", "ab@c.example" },
	{ "a soft hyphen is nothing", "ro\u00admeo@b.c", "romeo@b.c" },
	{ "dotless i is a letter of its own", "\u0131@b.c", "\u0131@b.c" },
	{ "capital I with dot folds to i and a combining dot",
	    "\u0130@b.c", "i\u0307@b.c" },
	{ "final sigma and sigma are one", "\u03a3\u03c2@b.c",
	    "\u03c3\u03c3@b.c" },
	{ "an international domain folds", "a@M\u00dcNCHEN.example",
	    "a@m\u00fcnchen.example" },
	{ "an A-label is not decoded", "a@xn--mnchen-3ya.example",
	    "a@xn--mnchen-3ya.example" },
	{ "a final dot is dropped", "a@b.example.", "a@b.example" },
	{ "an ideographic full stop separates labels",
	    "a@b\u3002example\uff0e", "a@b.example" },
	{ "a right-to-left label beside a left-to-right one is fine",
	    "a@\u05d0\u05d1.example", "a@\u05d0\u05d1.example" },
	{ "an IPv4 address is a domain", "a@127.0.0.1", "a@127.0.0.1" },
	{ "an IPv6 address in brackets is a domain", "a@[2001:DB8::1]/r",
	    "a@[2001:db8::1]/r" },
	{ "an underscore in a domain passes", "a@irc_gate.example",
	    "a@irc_gate.example" },
	{ "a gateway's percent sign passes", "#chat%irc@b.c",
	    "#chat%irc@b.c" },
	{ "an escaped local part is not unescaped", "d\\27artagnan@b.c",
	    "d\\27artagnan@b.c" },

	{ "the empty string is refused", "", NULL },
	{ "NULL is refused", NULL, NULL },
	{ "an empty local part is refused", "@b.example", NULL },
	{ "an empty domain is refused", "a@", NULL },
	{ "an empty domain with a resource is refused", "a@/r", NULL },
	{ "a slash first is refused", "/r", NULL },
	{ "an empty resource is refused", "a@b.c/", NULL },
	{ "a second @ in front of the slash is refused", "a@b@c", NULL },
	{ "a space in the local part is refused", "a b@c.d", NULL },
	{ "an apostrophe in the local part is refused", "d'a@c.d", NULL },
	{ "a colon in the local part is refused", "a:b@c.d", NULL },
	{ "a space in the domain is refused", "a@b c", NULL },
	{ "an empty label is refused", "a@b..c", NULL },
	{ "a dot alone is refused", "a@.", NULL },
	{ "a hyphen at the end of a label is refused", "a@b-.c", NULL },
	{ "a local part of nothing but soft hyphens is refused",
	    "\u00ad@b.c", NULL },
	{ "a resource of nothing but a joiner is refused", "a@b.c/\u200d",
	    NULL },
	{ "a control character in a resource is refused", "a@b.c/x\033y",
	    NULL },
	{ "a C1 control in a resource is refused", "a@b.c/x\302\233y", NULL },
	{ "DEL in a resource is refused", "a@b.c/x\177y", NULL },
	{ "a right-to-left override in a resource is refused",
	    "a@b.c/x\u202ey", NULL },
	{ "mixed directions in a local part are refused",
	    "\u05d0a@b.c", NULL },
	{ "a private use character is refused", "\ue000@b.c", NULL },
	{ "bytes that are no UTF-8 are refused", "\xff@b.c", NULL },
	{ "a surrogate in UTF-8 is refused", "a@b.c/\xed\xa0\x80", NULL },
	{ "half an IPv6 address is refused", "a@[::1", NULL },
	{ "brackets around a word are refused", "a@[localhost]", NULL },
	{ "a full width slash folds to a character no domain has",
	    "a@b\uff0fc", NULL },
	{ "a full width @ folds to a character no local part has",
	    "a\uff20b@c.d", NULL },
};

static void
test_cases(void)
{
	struct arena *a = arena_new();
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		struct jid jid = jid_parse(a, cases[i].text);
		const char *raw = cases[i].text ? cases[i].text : "";

		if (cases[i].full != NULL) {
			struct jid again = jid_parse(a, jid.full);

			is_str(jid.full, cases[i].full, cases[i].name);
			ok(jid.is_valid, "  and is valid");
			ok(jid_is_same(&jid, &again),
			    "  and preparing it again changes nothing");
		} else {
			ok(!jid.is_valid, "%s", cases[i].name);
			is_str(jid.full, raw, "  and is kept as it came");
			is_str(jid.bare, raw, "  and so is its bare form");
			ok(jid.local == NULL && jid.resource == NULL,
			    "  and has no parts");
		}
	}
	arena_free(a);
}

static void
test_parts(void)
{
	struct arena *a = arena_new();
	struct jid jid = jid_parse(a, "Juliet@Example.com/Balcony");

	is_str(jid.bare, "juliet@example.com", "the bare form is prepared");
	is_str(jid.local, "juliet", "the local part stands alone");
	is_str(jid.domain, "example.com", "the domain stands alone");
	is_str(jid.resource, "Balcony", "the resource stands alone");
	jid = jid_parse(a, "example.com");
	ok(jid.local == NULL && jid.resource == NULL,
	    "a domain has neither local part nor resource");
	is_str(jid.bare, jid.full, "and is its own bare form");
	arena_free(a);
}

static void
test_length(void)
{
	struct arena *a = arena_new();
	char *part = mem_alloc(1100);
	struct jid jid;

	memset(part, 'x', 1023);
	jid = jid_parse(a, arena_printf(a, "%s@b.c/%s", part, part));
	ok(jid.is_valid, "1023 bytes in local part and resource are allowed");
	part[1023] = 'x';
	jid = jid_parse(a, arena_printf(a, "%s@b.c", part));
	ok(!jid.is_valid, "1024 bytes in a local part are not");
	jid = jid_parse(a, arena_printf(a, "a@b.c/%s", part));
	ok(!jid.is_valid, "1024 bytes in a resource are not");
	jid = jid_parse(a, arena_printf(a, "a@%s", part));
	ok(!jid.is_valid, "a label of 1024 bytes is refused");
	part[64] = '\0';
	jid = jid_parse(a, arena_printf(a, "a@%s", part));
	ok(!jid.is_valid, "so is one of 64");
	part[63] = '\0';
	jid = jid_parse(a, arena_printf(a, "a@%s", part));
	ok(jid.is_valid, "but not one of 63");
	/* NFKC makes eighteen characters of U+FDFA. */
	memset(part, 0, 1100);
	while (strlen(part) < 300)
		strcat(part, "\ufdfa");
	jid = jid_parse(a, arena_printf(a, "a@b.c/%s", part));
	ok(!jid.is_valid,
	    "a resource that grows beyond 1023 bytes is refused");
	free(part);
	arena_free(a);
}

static void
test_same(void)
{
	struct arena *a = arena_new();
	static const struct {
		const char *name, *a, *b;
		bool same, same_bare;
	} rows[] = {
		{ "case of the local part does not tell addresses apart",
		    "A@b.c/r", "a@b.c/r", true, true },
		{ "case of the resource does", "a@b.c/R", "a@b.c/r", false,
		    true },
		{ "a resource tells full addresses apart", "a@b.c/r", "a@b.c",
		    false, true },
		{ "other people are others", "a@b.c", "b@b.c", false, false },
		{ "an invalid address equals itself", "a b@c", "a b@c", true,
		    true },
		{ "an invalid address does not fold", "a b@c", "A b@c", false,
		    false },
		{ "two invalid ones share no bare form", "a b@c/r", "a b@c/s",
		    false, false },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct jid x = jid_parse(a, rows[i].a);
		struct jid y = jid_parse(a, rows[i].b);

		ok(jid_is_same(&x, &y) == rows[i].same &&
		    jid_is_same_bare(&x, &y) == rows[i].same_bare, "%s",
		    rows[i].name);
	}
	arena_free(a);
}

static void
test_why(void)
{
	static const struct {
		const char *text, *word;
	} rows[] = {
		{ "", "address" }, { "@b", "local part" },
		{ "a b@c", "local part" }, { "a@", "domain" },
		{ "a@b..c", "domain" }, { "a@b/", "resource" },
		{ "a@b/\x01", "resource" },
	};
	struct arena *a = arena_new();
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct jid jid;
		const char *why = NULL;

		ok(!jid_check(a, rows[i].text, &jid, &why) && why != NULL &&
		    strstr(why, rows[i].word) != NULL,
		    "\"%s\" is told to be wrong in its %s", rows[i].text,
		    rows[i].word);
	}
	arena_free(a);
}

static void
test_domain(void)
{
	static const struct {
		const char *name, *domain, *ascii;
		bool is_ip;
	} rows[] = {
		{ "an ASCII domain is as it was", "example.net",
		    "example.net", false },
		{ "a U-label becomes an A-label", "m\u00fcnchen.example",
		    "xn--mnchen-3ya.example", false },
		{ "an A-label stays", "xn--mnchen-3ya.example",
		    "xn--mnchen-3ya.example", false },
		{ "an IPv4 address is one", "192.0.2.7", "192.0.2.7", true },
		{ "an IPv6 address loses its brackets", "[2001:db8::1]",
		    "2001:db8::1", true },
		{ "an underscore passes", "a_b.example", "a_b.example",
		    false },
		{ "what is no name is NULL", "a b", NULL, false },
		{ "an empty name is NULL", "", NULL, false },
	};
	struct arena *a = arena_new();
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		bool is_ip;

		is_str(jid_domain_ascii(a, rows[i].domain, &is_ip),
		    rows[i].ascii, rows[i].name);
		ok(is_ip == rows[i].is_ip, "  and told from an address");
	}
	arena_free(a);
}

static void
test_unescape(void)
{
	struct arena *a = arena_new();

	is_str(jid_unescape(a, "d\\27artagnan"), "d'artagnan",
	    "an apostrophe is unescaped");
	is_str(jid_unescape(a, "space\\20cadet\\40home"), "space cadet@home",
	    "space and @ are unescaped");
	is_str(jid_unescape(a, "c\\5c27d"), "c\\27d",
	    "an escaped backslash does not escape again");
	is_str(jid_unescape(a, "a\\b\\1bc\\"), "a\\b\\1bc\\",
	    "a backslash before anything else stays");
	arena_free(a);
}

static void
test_saslprep(void)
{
	static const struct {	/* RFC 4013 3 */
		const char *name, *in, *out;
	} rows[] = {
		{ "a soft hyphen is nothing", "I\u00adX", "IX" },
		{ "plain text stays", "user", "user" },
		{ "case stays", "USER", "USER" },
		{ "a feminine ordinal is a", "\u00aa", "a" },
		{ "a roman numeral is its letters", "\u2168", "IX" },
		{ "a control character is refused", "\x07", NULL },
		{ "mixed directions are refused", "\u06271", NULL },
		{ "a newer emoji passes", "p\U0001f980", "p\U0001f980" },
		{ "what is no UTF-8 is refused", "\xc3", NULL },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		char *got = jid_saslprep(rows[i].in);

		is_str(got, rows[i].out, rows[i].name);
		free(got);
	}
}

int
main(void)
{
	test_cases();
	test_parts();
	test_length();
	test_same();
	test_why();
	test_domain();
	test_unescape();
	test_saslprep();
	return done();
}
