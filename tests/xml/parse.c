/* xml/parse: streams in, events out, however the bytes are cut. */
#include <dirent.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"
#include "tests/tap.h"
#include "xml/build.h"
#include "xml/node.h"
#include "xml/parse.h"
#include "xml/write.h"

#define HEADER \
	"<?xml version='1.0'?><stream:stream from='example.com' id='i' " \
	"version='1.0' xml:lang='en' xmlns='jabber:client' " \
	"xmlns:stream='http://etherx.jabber.org/streams'>"

static const char *const kinds[] = {
	[PARSE_OPEN] = "open", [PARSE_STANZA] = "stanza",
	[PARSE_OVERSIZE] = "oversize", [PARSE_CLOSE] = "close",
	[PARSE_ERROR] = "error",
};

static void
show(struct buf *out, const struct parse_event *ev)
{
	buf_str(out, kinds[ev->kind]);
	if (ev->kind == PARSE_ERROR) {
		buf_char(out, ' ');
		buf_str(out, ev->condition);
	}
	if (ev->kind == PARSE_OVERSIZE)
		buf_printf(out, " %zu of %zu", ev->raw.len, ev->full_len);
	if (ev->node != NULL) {
		buf_char(out, ' ');
		write_node(out, ev->node);
	}
	buf_char(out, '\n');
}

static void
pull(struct parse *p, struct buf *out)
{
	struct parse_event ev;

	while (parse_next(p, &ev)) {
		show(out, &ev);
		arena_free(ev.arena);
	}
}

/* All events of a stream that arrives in pieces: `first` bytes, then each
 * `rest` bytes. */
static char *
events(const char *data, size_t len, size_t first, size_t rest, size_t most)
{
	struct parse *p = parse_new(most);
	struct buf out = { 0 };
	size_t at = first < len ? first : len, n;

	parse_feed(p, data, at);
	pull(p, &out);
	for (; at < len; at += n) {
		n = rest < len - at ? rest : len - at;
		parse_feed(p, data + at, n);
		pull(p, &out);
	}
	parse_eof(p);
	pull(p, &out);
	parse_free(p);
	return buf_take(&out);
}

static bool
is_same_cut(const char *data, size_t len, size_t most, const char *want)
{
	size_t i;
	char *got;
	bool same = true;

	for (i = 0; i <= len && same; i++) {
		/* Cut in two at i; and once all in single bytes. */
		got = i < len ? events(data, len, i, len, most)
			      : events(data, len, 1, 1, most);
		same = strcmp(got, want) == 0;
		if (!same)
			printf("# cut at %zu: %s\n", i, got);
		free(got);
	}
	return same;
}

static const struct {
	const char *name, *in, *want;
	size_t most;
} cases[] = {
	{ "a start tag is reported when it is complete",
	  HEADER,
	  "open <stream xmlns='http://etherx.jabber.org/streams' "
	  "from='example.com' id='i' version='1.0' xml:lang='en'/>\n", 0 },
	{ "stanzas, white space between them, and the end",
	  HEADER "<message to='a@b'><body>hi</body></message> \n\t<presence/>"
		 "</stream:stream>",
	  "open <stream xmlns='http://etherx.jabber.org/streams' "
	  "from='example.com' id='i' version='1.0' xml:lang='en'/>\n"
	  "stanza <message xmlns='jabber:client' to='a@b'><body>hi</body>"
	  "</message>\nstanza <presence xmlns='jabber:client'/>\nclose\n", 0 },
	{ "a stream that opens and ends in one tag",
	  "<s:stream xmlns:s='http://etherx.jabber.org/streams'/>",
	  "open <stream xmlns='http://etherx.jabber.org/streams'/>\nclose\n", 0 },
	{ "nothing behind the end counts",
	  "<s:stream xmlns:s='http://etherx.jabber.org/streams'></s:stream><a>",
	  "open <stream xmlns='http://etherx.jabber.org/streams'/>\nclose\n", 0 },
	{ "entities, character references and CDATA are one text",
	  "<s:stream xmlns:s='http://etherx.jabber.org/streams'>"
	  "<a>1 &lt;&amp;&#x1F44D; <![CDATA[<b>&]]]>\n2</a>",
	  "open <stream xmlns='http://etherx.jabber.org/streams'/>\n"
	  "stanza <a>1 &lt;&amp;\xf0\x9f\x91\x8d &lt;b&gt;&amp;]\n2</a>\n", 0 },
	{ "prefixes name the same elements",
	  "<x:stream xmlns:x='http://etherx.jabber.org/streams' "
	  "xmlns:c='jabber:client'><c:message c:q='1'><c:body/></c:message>",
	  "open <stream xmlns='http://etherx.jabber.org/streams'/>\n"
	  "stanza <message xmlns='jabber:client' xmlns:c='jabber:client' "
	  "c:q='1'><body/></message>\n", 0 },
	{ "a stanza beyond the size is passed over and the stream goes on",
	  HEADER "<iq/><message to='a'><body>0123456789</body></message><iq/>",
	  "open <stream xmlns='http://etherx.jabber.org/streams' "
	  "from='example.com' id='i' version='1.0' xml:lang='en'/>\n"
	  "stanza <iq xmlns='jabber:client'/>\n"
	  "oversize 49 of 49 <message xmlns='jabber:client' to='a'><body/>"
	  "</message>\n"
	  "stanza <iq xmlns='jabber:client'/>\n", 48 },
	{ "of one passed over, the first child's start tag is kept",
	  HEADER "<message>t<result xmlns='urn:xmpp:mam:2' queryid='q' id='1'>"
		 "<forwarded/></result><x/>0123456789</message><iq/>",
	  "open <stream xmlns='http://etherx.jabber.org/streams' "
	  "from='example.com' id='i' version='1.0' xml:lang='en'/>\n"
	  "oversize 105 of 105 <message xmlns='jabber:client'>"
	  "<result xmlns='urn:xmpp:mam:2' queryid='q' id='1'/></message>\n"
	  "stanza <iq xmlns='jabber:client'/>\n", 80 },
	{ "of one passed over, what lies behind the limit is not",
	  HEADER "<m>0123456789<r id='1'/></m><iq/>",
	  "open <stream xmlns='http://etherx.jabber.org/streams' "
	  "from='example.com' id='i' version='1.0' xml:lang='en'/>\n"
	  "oversize 28 of 28 <m xmlns='jabber:client'/>\n"
	  "stanza <iq xmlns='jabber:client'/>\n", 20 },
	{ "a stanza of exactly the size is built",
	  HEADER "<message to='a'><body>0123456789</body></message>",
	  "open <stream xmlns='http://etherx.jabber.org/streams' "
	  "from='example.com' id='i' version='1.0' xml:lang='en'/>\n"
	  "stanza <message xmlns='jabber:client' to='a'><body>0123456789</body>"
	  "</message>\n", 49 },
	{ "the passed over may hold anything that looks like its end",
	  HEADER "<m a='/>' b=\">\"><![CDATA[</m>] ]>]]]]><m/>'\"&gt;</m >"
		 "<iq/>",
	  "open <stream xmlns='http://etherx.jabber.org/streams' "
	  "from='example.com' id='i' version='1.0' xml:lang='en'/>\n"
	  "oversize 53 of 53 <m xmlns='jabber:client' a='/&gt;' b='&gt;'/>\n"
	  "stanza <iq xmlns='jabber:client'/>\n", 20 },
	{ "the last of the stream may be passed over",
	  HEADER "<m>0123456789</m></stream:stream>",
	  "open <stream xmlns='http://etherx.jabber.org/streams' "
	  "from='example.com' id='i' version='1.0' xml:lang='en'/>\n"
	  "oversize 17 of 17 <m xmlns='jabber:client'/>\nclose\n", 10 },
	{ "an unfinished stanza is not counted",
	  HEADER "<message><body>hi</body></messag",
	  "open <stream xmlns='http://etherx.jabber.org/streams' "
	  "from='example.com' id='i' version='1.0' xml:lang='en'/>\n", 0 },
};

static void
streams(void)
{
	size_t i;
	char *got;

	for (i = 0; i < COUNT(cases); i++) {
		size_t len = strlen(cases[i].in);

		got = events(cases[i].in, len, len, 1, cases[i].most);
		is_str(got, cases[i].want, cases[i].name);
		free(got);
		ok(is_same_cut(cases[i].in, len, cases[i].most, cases[i].want),
		    "%s (cut anywhere)", cases[i].name);
	}
}

/* --- tests/xml/hostile: NAME.xml and what it must give, NAME.want --- */

static bool
read_file(struct buf *out, const char *dir, const char *name)
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *f = fopen(path, "rb");
	size_t n;

	free(path);
	if (f == NULL)
		return false;
	while ((n = fread(buf_room(out, 4096), 1, 4096, f)) > 0)
		buf_added(out, n);
	fclose(f);
	return true;
}

static int
is_xml(const struct dirent *e)
{
	return str_ends(e->d_name, ".xml");
}

static void
hostile(void)
{
	const char *top = getenv("srcdir");
	char *dir = mem_printf("%s/tests/xml/hostile", top ? top : ".");
	struct dirent **files = NULL;
	int count = scandir(dir, &files, is_xml, alphasort), i;

	ok(count >= 15, "the hostile corpus is there");
	for (i = 0; i < count; i++) {
		struct buf in = { 0 }, want = { 0 };
		char *name = files[i]->d_name, *want_name, *got;

		want_name = mem_printf("%.*s.want", (int)strlen(name) - 4,
		    name);
		if (ok(read_file(&in, dir, name) &&
		    read_file(&want, dir, want_name), "%s can be read",
		    name)) {
			got = events(in.data, in.len, in.len, 1, 0);
			is_str(got, want.data, name);
			ok(is_same_cut(in.data, in.len, 0, want.data),
			    "%s (cut anywhere)", name);
			free(got);
		}
		free(want_name);
		buf_clear(&in);
		buf_clear(&want);
		free(files[i]);
	}
	free(files);
	free(dir);
}

/* --- limits --- */

static void
repeat(struct buf *b, const char *s, size_t count)
{
	while (count-- > 0)
		buf_str(b, s);
}

/* A start tag, and one within it at most, whose bytes are there. */
static bool
is_pruned(const struct node *n)
{
	const struct node *first = n->children;

	return n->last == first && (first == NULL ||
	    (first->children == NULL && first->next == NULL &&
	    first->end <= n->raw->len && n->raw->data[first->start] == '<' &&
	    n->raw->data[first->end - 1] == '>'));
}

/* The kind of what follows the header, and that an <iq/> still comes. */
static enum parse_event_kind
kind_of(struct buf *stanza, size_t slice, size_t most)
{
	struct parse *p = parse_new(most);
	struct parse_event ev;
	enum parse_event_kind kind = PARSE_NONE, last = PARSE_NONE;
	unsigned char sha[DIGEST_SHA256];
	size_t at, n;
	bool is_first = true;

	digest_sha256(sha, stanza->data, stanza->len);
	n = stanza->len;
	buf_str(stanza, "<iq/>");
	parse_feed(p, HEADER, strlen(HEADER));
	if (parse_next(p, &ev))
		arena_free(ev.arena);
	for (at = 0; at < stanza->len; at += slice) {
		size_t len = stanza->len - at;

		parse_feed(p, stanza->data + at, len < slice ? len : slice);
		while (parse_next(p, &ev)) {
			if (is_first) {
				kind = ev.kind;
				if (kind == PARSE_OVERSIZE &&
				    (memcmp(sha, ev.sha256, sizeof sha) != 0 ||
				     ev.full_len != n ||
				     ev.raw.len > PARSE_OVERSIZE_KEPT ||
				     memcmp(ev.raw.data, stanza->data,
				     ev.raw.len) != 0 ||
				     !is_pruned(ev.node)))
					kind = PARSE_NONE;
			} else {
				last = ev.kind;
			}
			is_first = false;
			arena_free(ev.arena);
		}
	}
	parse_free(p);
	buf_reset(stanza);
	return last == PARSE_STANZA ? kind : PARSE_NONE;
}

/* The kind of the second of two stanzas. */
static enum parse_event_kind
second_kind(const struct buf *stanzas)
{
	enum parse_event_kind kind = PARSE_NONE;
	struct parse *p = parse_new(0);
	struct parse_event ev;
	int i;

	parse_feed(p, HEADER, strlen(HEADER));
	parse_feed(p, stanzas->data, stanzas->len);
	for (i = 0; i < 3 && parse_next(p, &ev); i++) {
		kind = ev.kind;
		arena_free(ev.arena);
	}
	parse_free(p);
	return i == 3 ? kind : PARSE_NONE;
}

static void
limits(void)
{
	struct buf b = { 0 };
	int i;

	repeat(&b, "<a>", PARSE_DEPTH_MOST - 1);
	repeat(&b, "</a>", PARSE_DEPTH_MOST - 1);
	ok(kind_of(&b, 100, 0) == PARSE_STANZA, "64 levels are built");
	repeat(&b, "<a>", PARSE_DEPTH_MOST);
	repeat(&b, "</a>", PARSE_DEPTH_MOST);
	ok(kind_of(&b, 100, 0) == PARSE_OVERSIZE, "65 levels are passed over");
	repeat(&b, "<a>", 200000);
	repeat(&b, "</a>", 200000);
	ok(kind_of(&b, 2048, 0) == PARSE_OVERSIZE,
	    "200,000 levels are passed over");

	buf_str(&b, "<a");
	for (i = 0; i < PARSE_ATTRS_MOST; i++)
		buf_printf(&b, " a%d=''", i);
	buf_str(&b, "/>");
	ok(kind_of(&b, 64, 0) == PARSE_STANZA, "128 attributes are built");
	buf_str(&b, "<a>");
	buf_str(&b, "<b xmlns:p='p'");
	for (i = 0; i < PARSE_ATTRS_MOST; i++)
		buf_printf(&b, " a%d=''", i);
	buf_str(&b, "/></a>");
	ok(kind_of(&b, 64, 0) == PARSE_OVERSIZE,
	    "129 attributes and declarations are passed over");

	buf_str(&b, "<a b='");
	repeat(&b, "0123456789abcdef", 1 << 17);
	buf_str(&b, "'/>");
	ok(kind_of(&b, 2048, 0) == PARSE_STANZA, "an attribute of 2 MB is kept");
	buf_str(&b, "<a b='");
	repeat(&b, "0123456789>bcdef", 1 << 17);
	buf_str(&b, "'/>");
	ok(kind_of(&b, 2048, 0) == PARSE_OVERSIZE,
	    "one that makes us read it again and again is not");
	buf_str(&b, "<message b='");
	repeat(&b, "0123456789abcdef", 1 << 17);
	buf_str(&b, "'><body/></message>");
	ok(kind_of(&b, 2048, 1 << 20) == PARSE_OVERSIZE,
	    "a start tag beyond the size is passed over");
	buf_str(&b, "<message><body>");
	repeat(&b, "0123456789abcdef", PARSE_STANZA_MOST / 16);
	buf_str(&b, "</body></message>");
	ok(kind_of(&b, 2048, 0) == PARSE_OVERSIZE,
	    "more than 10 MB are passed over");
	buf_str(&b, "<a>");
	repeat(&b, "<b/>", 1 << 20);
	buf_str(&b, "</a>");
	ok(kind_of(&b, 1 << 14, 0) == PARSE_OVERSIZE,
	    "a tree that outgrows its bytes is passed over");
	buf_clear(&b);
}

/* --- a message by itself and in its wrappers --- */

#define FORWARDED "<forwarded xmlns='urn:xmpp:forward:0'>"

static const struct {
	const char *name, *before, *after;
	bool is_wrapper;
} wrappers[] = {
	{ "by itself", "", "", true },
	{ "in an archive result",
	  "<message from='a@b'><result xmlns='urn:xmpp:mam:2' queryid='q' "
	  "id='1'>" FORWARDED "<delay xmlns='urn:xmpp:delay' stamp='2026'/>",
	  "</forwarded></result></message>", true },
	{ "in a carbon received",
	  "<message><received xmlns='urn:xmpp:carbons:2'>" FORWARDED,
	  "</forwarded></received></message>", true },
	{ "in a carbon sent",
	  "<message><sent xmlns='urn:xmpp:carbons:2'>" FORWARDED,
	  "</forwarded></sent></message>", true },
	{ "in what only looks like a wrapper",
	  "<message><result xmlns='urn:xmpp:mam:1'>" FORWARDED,
	  "</forwarded></result></message>", false },
	{ "forwarded one level too deep",
	  "<message><x><result xmlns='urn:xmpp:mam:2'>" FORWARDED,
	  "</forwarded></result></x></message>", false },
	{ "in what holds a wrapper's element and nothing forwarded",
	  "<message><result xmlns='urn:xmpp:mam:2'><forwarded>",
	  "</forwarded></result></message>", false },
};

static void
wrapped(void)
{
	enum { MOST = 4096 };
	enum parse_event_kind fits;
	const char *before, *after;
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < COUNT(wrappers); i++) {
		before = wrappers[i].before;
		after = wrappers[i].after;
		fits = wrappers[i].is_wrapper ? PARSE_STANZA : PARSE_OVERSIZE;
		buf_str(&b, before);
		repeat(&b, "<message>", PARSE_DEPTH_MOST - 1);
		repeat(&b, "</message>", PARSE_DEPTH_MOST - 1);
		buf_str(&b, after);
		ok(kind_of(&b, 100, 0) == fits, "the deepest message, %s",
		    wrappers[i].name);
		buf_str(&b, before);
		repeat(&b, "<message>", PARSE_DEPTH_MOST);
		repeat(&b, "</message>", PARSE_DEPTH_MOST);
		buf_str(&b, after);
		ok(kind_of(&b, 100, 0) == PARSE_OVERSIZE, "one level more, %s",
		    wrappers[i].name);
		buf_str(&b, before);
		buf_str(&b, "<message><body>");
		repeat(&b, "x", MOST - strlen("<message><body></body>"
		    "</message>"));
		buf_str(&b, "</body></message>");
		buf_str(&b, after);
		ok(kind_of(&b, 100, MOST) == fits, "the longest message, %s",
		    wrappers[i].name);
		buf_str(&b, before);
		repeat(&b, " ", MOST + BUILD_WRAPPER_LEN);
		buf_str(&b, "<message/>");
		buf_str(&b, after);
		if (*before != '\0')
			ok(kind_of(&b, 100, MOST) == PARSE_OVERSIZE,
			    "one that is far longer, %s", wrappers[i].name);
		buf_reset(&b);
	}
	/* The room goes with its stanza. */
	buf_str(&b, wrappers[1].before);
	buf_str(&b, wrappers[1].after);
	repeat(&b, "<a>", PARSE_DEPTH_MOST);
	repeat(&b, "</a>", PARSE_DEPTH_MOST);
	is_int(second_kind(&b), PARSE_OVERSIZE,
	    "what comes behind a result has no more room for it");
	buf_clear(&b);
}

static void
headers(void)
{
	struct buf b = { 0 };
	char *got;
	int i;

	buf_str(&b, "<stream:stream a='");
	repeat(&b, "0123456789abcdef", 1 << 13);
	got = events(b.data, b.len, 0, 2048, 0);
	is_str(got, "error policy-violation\n", "a stream header has an end");
	free(got);
	buf_reset(&b);
	repeat(&b, " ", 100000);
	got = events(b.data, b.len, 0, 2048, 0);
	is_str(got, "error policy-violation\n", "white space is no header");
	free(got);
	buf_reset(&b);
	buf_str(&b, "<stream:stream xmlns:stream='http://etherx.jabber.org/"
		    "streams'");
	for (i = 0; i < 200; i++)
		buf_printf(&b, " a%d=''", i);
	buf_str(&b, ">");
	got = events(b.data, b.len, 0, 2048, 0);
	is_str(got, "error policy-violation\n",
	    "a stream header has 128 attributes at most");
	free(got);
	buf_reset(&b);
	buf_str(&b, HEADER "</stream:stream");
	repeat(&b, "                ", 1 << 13);
	got = events(b.data, b.len, 0, 2048, 1 << 16);
	ok(str_ends(got, "error not-well-formed\n"),
	    "an end tag that does not end is no stanza");
	free(got);
	buf_clear(&b);
}

static void
elements(void)
{
	static const struct { const char *name, *in; bool good; } table[] = {
		{ "an element that stands alone",
		  "<message xmlns='jabber:client'><body>x</body></message>",
		  true },
		{ "two of them are not one", "<a/><b/>", false },
		{ "an open one is none", "<a>", false },
		{ "no text alone", "text", false },
		{ "nothing", "", false },
		{ "no prefix out of nowhere", "<a:b/>", false },
		{ "no comment inside", "<a><!-- x --></a>", false },
		{ "no comment behind", "<a/><!-- x -->", false },
		{ "no document type", "<!DOCTYPE a><a/>", false },
	};
	struct arena *a = arena_new();
	struct buf deep = { 0 }, out = { 0 };
	const struct node *n;
	const char *why;
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		why = NULL;
		n = parse_element(a, table[i].in, strlen(table[i].in), &why);
		ok((n != NULL) == table[i].good && (why == NULL) == (n != NULL),
		    "element: %s", table[i].name);
		if (n == NULL)
			continue;
		node_bytes(n, &out);
		is_str(out.data, table[i].in, "its bytes are those given");
	}
	repeat(&deep, "<a>", 100);
	repeat(&deep, "</a>", 100);
	n = parse_element(a, deep.data, deep.len, &why);
	ok(n == NULL && strstr(why, "deep") != NULL, "element: not too deep");
	buf_clear(&deep);
	buf_clear(&out);
	arena_free(a);
}

/* Nothing is looked at before it is pulled: what lies behind an event may
 * be anything, and a parser may be dropped with events waiting. */
static void
pulled(void)
{
	static const char in[] = HEADER "<a/><b></c>";
	struct parse *p = parse_new(0);
	struct parse_event ev;

	parse_feed(p, in, sizeof in - 1);
	ok(parse_next(p, &ev) && ev.kind == PARSE_OPEN, "the header first");
	arena_free(ev.arena);
	ok(parse_next(p, &ev) && ev.kind == PARSE_STANZA,
	    "then the stanza, whatever follows");
	arena_free(ev.arena);
	ok(parse_next(p, &ev) && ev.kind == PARSE_ERROR &&
	    ev.arena == NULL && strstr(ev.text, " at byte ") != NULL,
	    "then the error, with its place");
	ok(!parse_next(p, &ev) && ev.kind == PARSE_NONE, "then nothing");
	parse_feed(p, "<d/>", 4);
	ok(!parse_next(p, &ev), "even if more comes");
	parse_free(p);
	p = parse_new(0);
	parse_feed(p, in, sizeof in - 1);
	parse_free(p);
	parse_free(NULL);
}

int
main(void)
{
	streams();
	hostile();
	limits();
	wrapped();
	headers();
	elements();
	pulled();
	return done();
}
