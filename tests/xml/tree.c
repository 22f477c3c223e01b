/* xml/node, xml/write: what a tree says, and writing it. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/tap.h"
#include "xml/node.h"
#include "xml/parse.h"
#include "xml/refusal.h"
#include "xml/write.h"

#define STREAM "http://etherx.jabber.org/streams"

static const struct node *
stanza(const char *header, const char *xml, struct arena **arena)
{
	struct parse *p = parse_new(0);
	struct parse_event ev;
	const struct node *n = NULL;

	parse_feed(p, header, strlen(header));
	if (parse_next(p, &ev))
		arena_free(ev.arena);
	parse_feed(p, xml, strlen(xml));
	*arena = NULL;
	if (parse_next(p, &ev) && ev.kind == PARSE_STANZA) {
		n = ev.node;
		*arena = ev.arena;
	}
	parse_free(p);
	return n;
}

/* The first element called `inner`, anywhere. */
static const struct node *
find(const struct node *n, const char *name)
{
	const struct node *found = NULL, *c;

	if (n->name != NULL && strcmp(n->name, name) == 0)
		return n;
	for (c = n->children; c != NULL && found == NULL; c = c->next)
		found = find(c, name);
	return found;
}

static const struct {
	const char *name, *header, *xml, *want;
} bytes[] = {
	{ "the inherited default namespace is declared",
	  "<s:stream xmlns:s='" STREAM "' xmlns='jabber:client'>",
	  "<w xmlns='w'><inner xmlns='jabber:client'  a = \"1\"><b/></inner></w>",
	  "<inner xmlns='jabber:client'  a = \"1\"><b/></inner>" },
	{ "the stanza's own is declared",
	  "<s:stream xmlns:s='" STREAM "' xmlns='jabber:client'>",
	  "<inner to='x'><body>a&#10;b</body></inner>",
	  "<inner xmlns='jabber:client' to='x'><body>a&#10;b</body></inner>" },
	{ "nothing is added where all is declared",
	  "<s:stream xmlns:s='" STREAM "' xmlns='jabber:client'>",
	  "<inner xmlns='a' xmlns:p='b'><p:c p:d=''/></inner>",
	  "<inner xmlns='a' xmlns:p='b'><p:c p:d=''/></inner>" },
	{ "a prefix of the root, as jabberd2 sends it",
	  "<s:stream xmlns:s='" STREAM "' xmlns='jabber:client' "
	  "xmlns:ack='http://www.xmpp.org/extensions/xep-0198.html#ns'>",
	  "<ack:inner/>",
	  "<ack:inner xmlns:ack='http://www.xmpp.org/extensions/xep-0198.html"
	  "#ns'/>" },
	{ "prefixes used by descendants and by attributes only",
	  "<s:stream xmlns:s='" STREAM "' xmlns='jabber:client' xmlns:u='no'>",
	  "<m xmlns:p='pp' xmlns:q='qq' xmlns:r='rr'><inner><p:x q:y='1'/>"
	  "<p:x/></inner></m>",
	  "<inner xmlns='jabber:client' xmlns:p='pp' xmlns:q='qq'>"
	  "<p:x q:y='1'/><p:x/></inner>" },
	{ "a prefix declared again inside is left alone",
	  "<s:stream xmlns:s='" STREAM "' xmlns='jabber:client'>",
	  "<m xmlns:p='out'><inner><p:x xmlns:p='in'/><p:x/></inner></m>",
	  "<inner xmlns='jabber:client' xmlns:p='out'><p:x xmlns:p='in'/>"
	  "<p:x/></inner>" },
	{ "an inherited default under a prefixed element",
	  "<s:stream xmlns:s='" STREAM "' xmlns='jabber:client'>",
	  "<m xmlns:p='pp'><p:inner><body/></p:inner></m>",
	  "<p:inner xmlns:p='pp' xmlns='jabber:client'><body/></p:inner>" },
	{ "an undeclared default stays undeclared",
	  "<s:stream xmlns:s='" STREAM "' xmlns='jabber:client'>",
	  "<m xmlns=''><inner><b xmlns='c'/></inner></m>",
	  "<inner><b xmlns='c'/></inner>" },
	{ "a namespace that needs escaping",
	  "<s:stream xmlns:s='" STREAM "' xmlns='a&amp;b&apos;c'>", "<inner/>",
	  "<inner xmlns='a&amp;b&apos;c'/>" },
	{ "a start tag that ends in white space or at once",
	  "<s:stream xmlns:s='" STREAM "' xmlns='c'>",
	  "<m><inner\n\t><b/></inner\n></m>",
	  "<inner xmlns='c'\n\t><b/></inner\n>" },
	{ "xml:lang is not a declaration's business",
	  "<s:stream xmlns:s='" STREAM "' xmlns='c' xml:lang='de'>",
	  "<m><inner xml:lang='en'/></m>", "<inner xmlns='c' xml:lang='en'/>" },
};

static void
own_bytes(void)
{
	struct arena *arena, *again = arena_new();
	const struct node *n;
	struct buf out = { 0 }, one = { 0 }, two = { 0 };
	const char *why;
	size_t i;

	for (i = 0; i < COUNT(bytes); i++) {
		n = stanza(bytes[i].header, bytes[i].xml, &arena);
		if (!ok(n != NULL, "%s: parses", bytes[i].name))
			continue;
		n = find(n, "inner");
		buf_reset(&out);
		node_bytes(n, &out);
		is_str(out.data, bytes[i].want, bytes[i].name);

		/* And it means the same by itself. */
		buf_reset(&one);
		buf_reset(&two);
		write_node(&one, n);
		n = parse_element(again, out.data, out.len, &why);
		if (ok(n != NULL, "%s: stands alone", bytes[i].name)) {
			write_node(&two, n);
			is_str(two.data, one.data, "with the same meaning");
		}
		arena_free(arena);
	}
	buf_clear(&out);
	buf_clear(&one);
	buf_clear(&two);
	arena_free(again);
}

static void
many_prefixes(void)
{
	struct arena *arena, *again = arena_new();
	struct buf xml = { 0 }, out = { 0 };
	const struct node *n;
	const char *why;
	int i;

	buf_str(&xml, "<m");
	for (i = 0; i < 40; i++)
		buf_printf(&xml, " xmlns:p%d='u%d'", i, i);
	buf_str(&xml, "><inner>");
	for (i = 0; i < 80; i++)
		buf_printf(&xml, "<p%d:x/>", i % 40);
	buf_str(&xml, "</inner></m>");
	n = stanza("<s:stream xmlns:s='" STREAM "' xmlns='c'>", xml.data,
	    &arena);
	node_bytes(find(n, "inner"), &out);
	n = parse_element(again, out.data, out.len, &why);
	ok(n != NULL, "forty inherited prefixes are declared once each");
	arena_free(arena);
	arena_free(again);
	buf_clear(&xml);
	buf_clear(&out);
}

static void
languages(void)
{
	static const char header[] = "<s:stream xmlns:s='" STREAM "' "
	    "xmlns='jabber:client' xml:lang='en'>";
	struct arena *arena;
	const struct node *n, *f;

	n = stanza(header, "<message><body/><subject xml:lang='cs'/>"
	    "<forwarded><message><body/></message>"
	    "<message xml:lang='de'><subject xml:lang=''/></message>"
	    "</forwarded></message>", &arena);
	is_str(node_lang(n), "en", "a stanza inherits the stream's language");
	is_str(node_lang(node_child(n, NULL, "subject")), "cs",
	    "an element's own goes before");
	f = node_child(node_child(n, NULL, "forwarded"), NULL, "message");
	is_str(node_lang(f->children), "en", "inheritance is by nesting");
	f = node_next(f, "jabber:client", "message");
	is_str(node_lang(f->children), NULL, "an empty one undeclares");
	arena_free(arena);
}

static void
questions(void)
{
	struct arena *arena;
	const struct node *n;
	size_t len;

	n = stanza("<s:stream xmlns:s='" STREAM "' xmlns='jabber:client'>",
	    "<message id='1' xmlns:x='x' x:id='2'>a<body>one</body>b"
	    "<body xmlns='other'>two</body><empty/><body>three</body></message>",
	    &arena);
	is_str(node_attr(n, "id"), "1", "an attribute without a namespace");
	is_str(node_attr_ns(n, "x", "id"), "2", "and one with");
	is_str(node_attr(n, "no"), NULL, "and one that is not there");
	is_str(node_text(n, arena, &len), "ab", "text around children");
	is_int((long long)len, 2, "and its length");
	is_str(node_child_text(n, "other", "body", arena), "two",
	    "a child by both names");
	is_str(node_child_text(n, "jabber:client", "empty", arena), "",
	    "an empty child has empty text");
	is_str(node_child_text(n, "jabber:client", "none", arena), NULL,
	    "no child, no text");
	n = node_child(n, "jabber:client", "body");
	is_str(node_text(n, arena, NULL), "one", "the first");
	is_str(node_text(node_next(n, "jabber:client", "body"), arena, NULL),
	    "three", "the next of the same name");
	ok(node_next(node_next(n, "jabber:client", "body"), NULL, NULL) == NULL,
	    "and no more");
	ok(node_child(NULL, NULL, NULL) == NULL && node_attr(NULL, "a") == NULL &&
	    !node_is(NULL, NULL, NULL), "nothing has nothing");
	ok(!node_is(n->children, NULL, NULL), "text is no element");
	arena_free(arena);
}

static void
escaping(void)
{
	static const struct { const char *in, *text, *attr; } table[] = {
		{ "plain", "plain", "plain" },
		{ "<&>", "&lt;&amp;&gt;", "&lt;&amp;&gt;" },
		{ "'\"", "'\"", "&apos;&quot;" },
		{ "a\r\n\tb", "a&#13;\n\tb", "a&#13;&#10;&#9;b" },
		{ "]]>", "]]&gt;", "]]&gt;" },
		{ "\x01x\x1b", "\xef\xbf\xbdx\xef\xbf\xbd",
		  "\xef\xbf\xbdx\xef\xbf\xbd" },
		{ "\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd",
		  "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xef\xbf\xbd\xc2\x9b\x7f", "\xef\xbf\xbd\xc2\x9b\x7f",
		  "\xef\xbf\xbd\xc2\x9b\x7f" },
		{ "", "", "" },
	};
	static const struct { const char *in; size_t at; unsigned c; } bad[] = {
		{ "ab\x02", 2, 2 }, { "\xef\xbf\xbf", 0, 0xffff },
		{ "a\xc3", 1, 0xfffd }, { "\xf0\x9f\x91\x8d\x0b", 4, 0xb },
	};
	struct buf b = { 0 };
	size_t i, at = 99;
	unsigned c = 0;

	for (i = 0; i < COUNT(table); i++) {
		buf_reset(&b);
		write_text(&b, table[i].in, strlen(table[i].in));
		buf_room(&b, 0)[0] = '\0';
		is_str(b.data, table[i].text, "text is escaped");
		buf_reset(&b);
		write_attr(&b, table[i].in);
		is_str(b.data, table[i].attr, "an attribute is escaped");
	}
	for (i = 0; i < COUNT(bad); i++)
		ok(!write_is_legal(bad[i].in, strlen(bad[i].in), &at, &c) &&
		    at == bad[i].at && c == bad[i].c,
		    "illegal text %zu is found out", i);
	ok(!write_is_legal("a\0b", 3, &at, &c) && at == 1 && c == 0,
	    "NUL is illegal");
	ok(write_is_legal("a\t\n\r\xef\xbf\xbd\xf0\x9f\x91\x8d\x7f", 12, NULL,
	    NULL), "U+FFFD itself is legal");
	buf_clear(&b);
}

static void
writing(void)
{
	struct buf b = { 0 };
	struct writer w;

	writer_init(&w, &b);
	writer_open(&w, "iq");
	writer_attr(&w, "type", "get");
	writer_attr(&w, "to", NULL);
	writer_attr(&w, "id", "a'b");
	writer_open(&w, "query");
	writer_attr(&w, "xmlns", "jabber:iq:auth");
	writer_leaf(&w, "username", "<b>");
	writer_leaf(&w, "resource", NULL);
	writer_leaf(&w, "password", "");
	writer_close(&w);
	writer_open(&w, "e");
	writer_close(&w);
	writer_close(&w);
	is_str(b.data, "<iq type='get' id='a&apos;b'>"
	    "<query xmlns='jabber:iq:auth'><username>&lt;b&gt;</username>"
	    "<password></password></query><e/></iq>",
	    "the writer closes what it opened");
	buf_clear(&b);
}

static void
rewriting(void)
{
	struct arena *arena;
	const struct node *n;
	struct buf b = { 0 };

	n = stanza("<s:stream xmlns:s='" STREAM "' xmlns='jabber:client'>",
	    "<message xml:lang='en' xmlns:p='P' p:a='1' p:b='2'><p:x><y/>"
	    "&amp;</p:x><z xmlns=''/></message>", &arena);
	write_node(&b, n);
	is_str(b.data, "<message xmlns='jabber:client' xml:lang='en' "
	    "xmlns:p='P' p:a='1' p:b='2'><x xmlns='P'>"
	    "<y xmlns='jabber:client'/>&amp;</x><z xmlns=''/></message>",
	    "a tree is written with namespaces where they change");
	arena_free(arena);
	buf_clear(&b);
}

/* --- xml/refusal --- */

#define NS "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"

static void
refusals(void)
{
	static const struct {
		const char *name, *in, *condition;
		int code;
		const char *text;
	} table[] = {
		{ "a condition and its words",
		  "<error type='auth'><forbidden " NS "/><text " NS ">No</text>"
		  "<own xmlns='x'/></error>", "forbidden", 0, "No" },
		{ "words before the condition, and a second one of each",
		  "<error code='404'><text " NS ">1</text><gone " NS "/>"
		  "<text " NS ">2</text><conflict " NS "/></error>",
		  "gone", 404, "1" },
		{ "of before RFC 3920: a code and the words themselves",
		  "<error code='401'>Unauthorized</error>", NULL, 401,
		  "Unauthorized" },
		{ "empty words beside old ones",
		  "<error><text " NS "> </text>old</error>", NULL, 0, "old" },
		{ "white space is no words", "<error> <gone " NS "/>\n</error>",
		  "gone", 0, NULL },
		{ "conditions of somebody else's namespace are none",
		  "<error><gone/></error>", NULL, 0, NULL },
		{ "a code that is none", "<error code='4000'/>", NULL, 0, NULL },
		{ "no error at all", "<gone " NS "/>", NULL, 0, NULL },
	};
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		char *xml = mem_printf("<iq type='error'>%s</iq>", table[i].in);
		struct arena *arena;
		struct refusal r;

		refusal_read(stanza("<s:stream xmlns:s='" STREAM
		    "' xmlns='jabber:client'>", xml, &arena), &r);
		is_str(r.condition, table[i].condition, table[i].name);
		is_int(r.code, table[i].code, table[i].name);
		is_str(r.text == NULL ? NULL : node_text(r.text, arena, NULL),
		    table[i].text, table[i].name);
		arena_free(arena);
		free(xml);
	}
}

int
main(void)
{
	refusals();
	own_bytes();
	many_prefixes();
	languages();
	questions();
	escaping();
	writing();
	rewriting();
	return done();
}
