/*
 * Damaged copies of the corpora: whatever is still XML must be read without
 * harm, and twice the same. The damage is the same in every run.
 */
#include "base/mem.h"
#include "base/str.h"
#include "extract/extract.h"
#include "extract/forward.h"
#include "tests/extract/corpus.h"
#include "tests/extract/show.h"
#include "tests/tap.h"
#include "xml/parse.h"

enum { ROUNDS = 60 };

static uint64_t seed = 0x9e3779b97f4a7c15;
static long parsed, unlike;

static unsigned
dice(unsigned sides)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % sides;
}

/* What turns one legal stanza into another, or nearly so. */
static const char *const pieces[] = {
	"", "<body/>", "'", "<x xmlns='http://jabber.org/protocol/muc#user'/>",
	"jabber:client", "urn:xmpp:forward:0", " id=''", "&#x10FFFF;", "/",
	"@", "9999999999999999999999", "-1", "urn:xmpp:carbons:2",
	"<forwarded xmlns='urn:xmpp:forward:0'/>", "groupchat", "error",
	" xml:lang=''", "\xe2\x80\xae", "urn:xmpp:mam:2", " code='404'",
};

static void
damage(struct buf *out, const char *text)
{
	size_t len = strlen(text), at = dice((unsigned)len);
	size_t gone = dice(12);
	const char *piece = pieces[dice(COUNT(pieces))];

	if (gone > len - at)
		gone = len - at;
	buf_add(out, text, at);
	if (dice(3) == 0)
		buf_add(out, text + at / 2, dice(40) % (len - at / 2));
	else
		buf_str(out, piece);
	buf_str(out, text + at + gone);
}

static bool
is_open(const char *archive, const char *query_id, void *arg)
{
	return true;
}

static bool
is_yes(const char *bare, void *arg)
{
	return true;
}

/* All that can be known of a stanza, as text. */
static void
read_once(struct buf *out, struct arena *a, const char *xml, size_t len)
{
	struct jid own = jid_parse(a, "juliet@example.com/balcony");
	struct extract_context c = { .own = &own, .trusts_own_ids = true,
		.room_trusts_ids = is_yes, .room_trusts_occupants = is_yes,
		.received_us = 1, .stream_lang = "en" };
	const char *why = NULL;
	const struct node *stanza = parse_element(a, xml, len, &why);
	struct record r = { 0 };
	struct forward f;

	if (stanza == NULL)
		return;
	parsed++;
	forward_open(a, stanza, &own, is_open, NULL, &f);
	if (f.inner != NULL)
		stanza = f.inner;
	if (f.why != NULL)
		buf_str(out, f.why);
	extract_stanza(a, stanza, &c, &r);
	show_record(out, &r);
	buf_add(out, r.content_hash, sizeof r.content_hash);
	/* What is kept must be readable again: it is what gets reindexed. */
	if (parse_element(a, r.raw, r.raw_len, &why) == NULL)
		unlike++;
}

static void
run(const char *stem, const char *name)
{
	struct arena *a = arena_new();
	const char *text = corpus_body(corpus_read(a,
	    arena_printf(a, "%s.xml", stem)));
	struct buf xml = { 0 }, once = { 0 }, again = { 0 };
	int i;

	for (i = 0; i < ROUNDS; i++) {
		buf_reset(&xml);
		buf_reset(&once);
		buf_reset(&again);
		damage(&xml, text);
		read_once(&once, a, xml.data, xml.len);
		read_once(&again, a, xml.data, xml.len);
		unlike += once.len != again.len || (once.len > 0 &&
		    memcmp(once.data, again.data, once.len) != 0);
	}
	buf_clear(&xml);
	buf_clear(&once);
	buf_clear(&again);
	arena_free(a);
}

int
main(void)
{
	static const char *const dirs[] = { "stanzas", "wrappers" };
	const char *top = getenv("srcdir");
	char dir[900];
	size_t i;

	for (i = 0; i < COUNT(dirs); i++) {
		snprintf(dir, sizeof dir, "%s/tests/extract/%s",
		    top ? top : ".", dirs[i]);
		ok(corpus_each(dir, run) > 0, "damaged %s do no harm",
		    dirs[i]);
	}
	ok(parsed > 1000, "enough of them was still XML (%ld)", parsed);
	is_int(unlike, 0, "each gave the same record twice");
	return done();
}
