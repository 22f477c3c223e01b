/*
 * Stanzas and wrappers from files, and the records that come out.
 *
 * Header lines of a case: own, route, out, received, stream-lang, archive
 * (by id), stamp, trusts (own | a room's bare JID for its ids | a room's JID
 * with /# for its occupant-ids), rooms, persons, own-nicks, queries (archive
 * queryid), oversize. In wrappers/ the stanza is unwrapped first.
 *
 *	extract [--write]	--write makes the .txt files: read them before
 *				you commit them
 */
#include "extract/extract.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "extract/forward.h"
#include "tests/extract/corpus.h"
#include "tests/extract/show.h"
#include "tests/tap.h"
#include "xml/parse.h"

static bool is_writing;

/* What a case's header says about the world. */
struct world {
	const char *rooms, *persons, *trusts, *own_nicks, *queries;
};

/* Whether a word stands in a list of words. */
static bool
has_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *at = list;

	while (at != NULL && (at = strstr(at, word)) != NULL) {
		if ((at == list || at[-1] == ' ') &&
		    (at[len] == ' ' || at[len] == '\0'))
			return true;
		at += len;
	}
	return false;
}

static bool
is_room(const char *bare, void *arg)
{
	return has_word(((struct world *)arg)->rooms, bare);
}

static bool
is_person(const char *bare, void *arg)
{
	return has_word(((struct world *)arg)->persons, bare);
}

static bool
room_trusts_ids(const char *bare, void *arg)
{
	return has_word(((struct world *)arg)->trusts, bare);
}

static bool
room_trusts_occupants(const char *bare, void *arg)
{
	char word[256];

	snprintf(word, sizeof word, "%s/#", bare);
	return has_word(((struct world *)arg)->trusts, word);
}

static bool
is_own_occupant(const char *room, const char *nick, const char *occupant_id,
    void *arg)
{
	char word[256];

	snprintf(word, sizeof word, "%s/%s", room, nick);
	return has_word(((struct world *)arg)->own_nicks, word);
}

static bool
is_open(const char *archive, const char *query_id, void *arg)
{
	char word[256];

	snprintf(word, sizeof word, "%s|%s", archive, query_id);
	return has_word(((struct world *)arg)->queries, word);
}

static int64_t
moment(const char *text)
{
	int64_t us = 0;

	return text != NULL && time_parse(text, &us) ? us : 0;
}

static void
read_header(struct arena *a, const char *text, struct world *w,
    struct jid *own, struct extract_context *c)
{
	const char *value = corpus_header(a, text, "own");
	char *space;

	*own = jid_parse(a, value ? value : "juliet@example.com/balcony");
	*c = (struct extract_context){ .own = own, .is_room = is_room,
		.is_person = is_person, .room_trusts_ids = room_trusts_ids,
		.room_trusts_occupants = room_trusts_occupants,
		.is_own_occupant = is_own_occupant, .arg = w };
	w->rooms = corpus_header(a, text, "rooms");
	w->persons = corpus_header(a, text, "persons");
	w->trusts = corpus_header(a, text, "trusts");
	w->own_nicks = corpus_header(a, text, "own-nicks");
	w->queries = corpus_header(a, text, "queries");
	c->trusts_own_ids = has_word(w->trusts, "own");
	value = corpus_header(a, text, "route");
	if (value != NULL && !route_parse(value, &c->route))
		ok(false, "the header names a route that exists: %s", value);
	c->is_outgoing = corpus_header(a, text, "out") != NULL;
	c->stream_lang = corpus_header(a, text, "stream-lang");
	value = corpus_header(a, text, "received");
	c->received_us = moment(value ? value : "2026-11-22T10:00:00Z");
	c->archive_us = moment(corpus_header(a, text, "stamp"));
	value = corpus_header(a, text, "archive");
	if (value != NULL) {
		c->archive_by = arena_str(a, value);
		space = strchr(c->archive_by, ' ');
		*space = '\0';
		c->archive_id = space + 1;
	}
}

/* What stands between a wrapper and a record, as the service does it. */
static const struct node *
unwrap(struct arena *a, const struct node *stanza, struct world *w,
    struct extract_context *c, struct buf *out)
{
	static const char *const names[] = { [FORWARD_NONE] = "none",
		[FORWARD_RECEIVED] = "received", [FORWARD_SENT] = "sent",
		[FORWARD_RESULT] = "result", [FORWARD_FORGED] = "forged" };
	struct forward f;
	char text[TIME_TEXT];

	forward_open(a, stanza, c->own, is_open, w, &f);
	buf_printf(out, "wrapper: %s\n", names[f.kind]);
	if (f.kind == FORWARD_FORGED) {
		buf_printf(out, "forged: %s, %s\n", forged_name(f.forged),
		    f.why);
		if (f.is_awaited)
			buf_printf(out, "counts: %s of query %s in %s\n",
			    f.archive_id, f.query_id, f.archive);
		return NULL;
	}
	if (f.stamp_us != 0)
		buf_printf(out, "stamp: %s\n", time_format(text, f.stamp_us));
	if (f.kind == FORWARD_RESULT)
		buf_printf(out, "result: %s of query %s in %s\n",
		    f.archive_id, f.query_id, f.archive);
	if (f.kind == FORWARD_NONE)
		return stanza;
	c->route = f.kind == FORWARD_RESULT ? ROUTE_MAM : ROUTE_CARBON;
	c->is_outgoing = f.kind == FORWARD_SENT;
	c->archive_us = f.stamp_us;
	c->archive_by = f.archive;
	c->archive_id = f.archive_id;
	c->stream_lang = NULL;
	return f.inner;
}

/* The first line on which two texts differ. */
static void
show_difference(const char *got, const char *want)
{
	while (*got != '\0' || *want != '\0') {
		size_t g = strcspn(got, "\n"), w = strcspn(want, "\n");

		if (g != w || memcmp(got, want, g) != 0) {
			printf("# got  %.*s\n# want %.*s\n", (int)g, got,
			    (int)w, want);
			return;
		}
		got += g + (got[g] == '\n');
		want += w + (want[w] == '\n');
	}
}

static void
run(const char *stem, const char *name, bool is_wrapped)
{
	struct arena *a = arena_new();
	struct buf out = { 0 };
	const char *text, *want, *why = NULL, *path;
	const struct node *stanza;
	struct extract_context c;
	struct world w = { 0 };
	struct record r = { .stream = 7 };
	struct jid own;

	text = corpus_read(a, arena_printf(a, "%s.xml", stem));
	read_header(a, text, &w, &own, &c);
	stanza = parse_element(a, corpus_body(text), strlen(corpus_body(text)),
	    &why);
	if (stanza == NULL) {
		ok(false, "%s is XML: %s", name, why);
		goto out;
	}
	if (is_wrapped)
		stanza = unwrap(a, stanza, &w, &c, &out);
	if (stanza != NULL) {
		extract_stanza(a, stanza, &c, &r);
		show_record(&out, &r);
		ok(r.stream == 7 && str_is(r.account, own.bare) &&
		    r.raw != NULL && r.raw_len == strlen(r.raw) &&
		    parse_element(a, r.raw, r.raw_len, &why) != NULL,
		    "%s: the record stands alone", name);
	}
	buf_char(&out, '\0');
	path = arena_printf(a, "%s.txt", stem);
	if (is_writing) {
		FILE *f = fopen(path, "wb");

		if (f == NULL || fputs(out.data, f) == EOF || fclose(f) != 0)
			ok(false, "%s can be written", path);
	}
	want = corpus_read(a, path);
	if (!ok(want != NULL && strcmp(want, out.data) == 0, "%s%s",
	    is_wrapped ? "wrapper " : "", name) && want != NULL)
		show_difference(out.data, want);
out:
	buf_clear(&out);
	arena_free(a);
}

static void
run_stanza(const char *stem, const char *name)
{
	run(stem, name, false);
}

static void
run_wrapper(const char *stem, const char *name)
{
	run(stem, name, true);
}

/* Two stanzas in one file: do they say the same? */
static void
run_pair(const char *stem, const char *name)
{
	struct arena *a = arena_new();
	const char *text = corpus_read(a, arena_printf(a, "%s.xml", stem));
	bool is_same = str_starts(name, "same-");
	const char *why = NULL, *second;
	const struct node *x, *y;
	uint8_t hx[16], hy[16];

	text = corpus_body(text);
	second = strstr(text, "\n\n");
	x = parse_element(a, text, (size_t)(second - text), &why);
	y = parse_element(a, second + 2, strlen(second + 2), &why);
	if (!ok(x != NULL && y != NULL, "%s is XML", name)) {
		printf("# %s\n", why);
	} else {
		extract_content_hash(a, x, hx);
		extract_content_hash(a, y, hy);
		ok((memcmp(hx, hy, 16) == 0) == is_same, "pair %s", name);
	}
	arena_free(a);
}

static void
test_oversize(void)
{
	static const char start[] = "<message xmlns='jabber:client' "
	    "from='ROMEO@example.net/orchard' id='big'/>";
	struct arena *a = arena_new();
	struct jid own = jid_parse(a, "juliet@example.com/balcony");
	struct extract_context c = { .own = &own, .received_us = 5 };
	struct node_raw raw = { .data = "<message><body>aaaa", .len = 19 };
	uint8_t sum[32] = { 1, 2, 3 };
	struct record r = { 0 };
	const char *why;
	const struct node *n = parse_element(a, start, strlen(start), &why);

	extract_oversize(a, n, &c, &raw, 11 << 20, sum, &r);
	ok(r.kind == RECORD_OTHER && r.oversize_len == 11 << 20 &&
	    r.raw_len == 19 && memcmp(r.oversize_sha256, sum, 32) == 0,
	    "an oversize stanza keeps its beginning, length and digest");
	is_str(r.from, "romeo@example.net/orchard", "and its sender");
	is_str(r.stanza_id, "big", "and its id");
	is_int(r.time_us, 5, "and its arrival");
	arena_free(a);
}

static void
test_stamp(void)
{
	static const struct {
		const char *name, *xml;
		int64_t us;
	} rows[] = {
		{ "the server's only stamp is found",
		    "<delay xmlns='urn:xmpp:delay' from='example.com' "
		    "stamp='2026-01-01T00:00:00Z'/>",
		    INT64_C(1767225600000000) },
		{ "a stranger's is passed over",
		    "<delay xmlns='urn:xmpp:delay' from='x.example' "
		    "stamp='2025-01-01T00:00:00Z'/>"
		    "<delay xmlns='urn:xmpp:delay' from='Example.COM' "
		    "stamp='2026-01-01T00:00:00Z'/>",
		    INT64_C(1767225600000000) },
		{ "of two by the server neither counts",
		    "<delay xmlns='urn:xmpp:delay' from='example.com' "
		    "stamp='2025-01-01T00:00:00Z'/>"
		    "<delay xmlns='urn:xmpp:delay' from='example.com' "
		    "stamp='2026-01-01T00:00:00Z'/>", 0 },
		{ "a second that is no time still makes two",
		    "<delay xmlns='urn:xmpp:delay' from='example.com' "
		    "stamp='2025-01-01T00:00:00Z'/>"
		    "<delay xmlns='urn:xmpp:delay' from='example.com' "
		    "stamp='soon'/>", 0 },
		{ "before 1970 there are no stamps",
		    "<delay xmlns='urn:xmpp:delay' from='example.com' "
		    "stamp='1969-12-31T23:59:59Z'/>", 0 },
		{ "without a sender it is nobody's",
		    "<delay xmlns='urn:xmpp:delay' "
		    "stamp='2026-01-01T00:00:00Z'/>", 0 },
	};
	struct arena *a = arena_new();
	const char *why;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		const char *xml = arena_printf(a,
		    "<message xmlns='jabber:client'>%s</message>",
		    rows[i].xml);

		is_int(extract_stamp(a, parse_element(a, xml, strlen(xml),
		    &why), "example.com"), rows[i].us, rows[i].name);
	}
	arena_free(a);
}

/* A stanza full of one payload: all of it must pass in linear time, and what
 * is kept must be bounded, except texts. */
static void
test_flood(void)
{
	static const char *const payloads[] = {
		"<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@example.com' "
		"id='%d'/>",
		"<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:%02dZ'/>",
		"<x xmlns='jabber:x:oob'><url>http://x/%d</url></x>",
		"<displayed xmlns='urn:xmpp:chat-markers:0' id='%d'/>",
		"<fallback xmlns='urn:xmpp:fallback:0' for='%d'/>",
	};
	struct arena *a = arena_new();
	struct jid own = jid_parse(a, "juliet@example.com/balcony");
	struct extract_context c = { .own = &own, .trusts_own_ids = true };
	struct buf xml = { 0 };
	struct record r = { 0 };
	const struct node *n;
	const char *why = NULL;
	size_t i;
	int j;

	buf_str(&xml, "<message xmlns='jabber:client' from='a@b'>");
	for (i = 0; i < COUNT(payloads); i++) {
		for (j = 0; j < 3000; j++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			buf_printf(&xml, payloads[i], j % 60 + (i == 1 ? 0 :
			    j));
#pragma GCC diagnostic pop
		}
	}
	for (j = 0; j < 3000; j++)
		buf_str(&xml, "<body/>");
	buf_str(&xml, "</message>");
	n = parse_element(a, xml.data, xml.len, &why);
	ok(n != NULL, "a flood parses");
	extract_stanza(a, n, &c, &r);
	ok(r.archive_id_count == 256 && r.delay_count == 256 &&
	    r.link_count == 256 && r.ref_count == 256 &&
	    r.fallback_count == 256, "what is kept of a flood is bounded");
	is_int((long long)r.body_count, 3000, "but every body is kept");
	for (i = 0; i < r.archive_id_count && !r.archive_ids[i].is_trusted;)
		i++;
	is_int((long long)i, 256, "and of many ids none is trusted");
	buf_clear(&xml);
	arena_free(a);
}

static int
each(const char *sub, void (*run_case)(const char *, const char *))
{
	const char *top = getenv("srcdir");
	char dir[900];

	snprintf(dir, sizeof dir, "%s/tests/extract/%s", top ? top : ".", sub);
	return corpus_each(dir, run_case);
}

int
main(int argc, char **argv)
{
	is_writing = argc > 1 && strcmp(argv[1], "--write") == 0;
	ok(each("stanzas", run_stanza) >= 60, "there are stanzas");
	ok(each("wrappers", run_wrapper) >= 20, "there are wrappers");
	ok(each("pairs", run_pair) >= 20, "there are pairs");
	test_oversize();
	test_stamp();
	test_flood();
	return done();
}
