/* xmpp/: the parts that need no stream: sm, iq, fail, mechanism, scram. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "tests/tap.h"
#include "xml/parse.h"
#include "xmpp/fail.h"
#include "xmpp/iq.h"
#include "xmpp/mechanism.h"
#include "xmpp/scram.h"
#include "xmpp/sm.h"
#include "xmpp/stream.h"

/* --- sm --- */

static void
sm_queue(void)
{
	struct sm sm;
	size_t dropped;
	int i;

	sm_init(&sm);
	for (i = 0; i < 5; i++)
		sm_sent(&sm, &"abcde"[i], 1);
	is_int((long long)sm.queued, 5, "what is sent is kept");
	ok(sm_acked(&sm, "2", &dropped) == SM_OK && dropped == 2,
	    "an ack drops what it covers");
	is_str(sm_first(&sm)->data, "c", "the oldest of the rest comes first");
	is_str(sm_after(&sm, sm_first(&sm))->data, "d", "then the next");
	ok(sm_acked(&sm, "2", &dropped) == SM_OK && dropped == 0,
	    "the same ack again drops nothing");
	ok(sm_acked(&sm, "6", &dropped) == SM_TOO_HIGH && sm.queued == 3,
	    "more than was sent is refused, and the queue is kept");
	ok(sm_acked(&sm, "1", NULL) == SM_STALE && sm.queued == 3,
	    "an ack cannot be taken back");
	ok(sm_acked(&sm, "x", NULL) == SM_BAD_NUMBER &&
	    sm_acked(&sm, "", NULL) == SM_BAD_NUMBER &&
	    sm_acked(&sm, "-1", NULL) == SM_BAD_NUMBER &&
	    sm_acked(&sm, "4294967296", NULL) == SM_BAD_NUMBER &&
	    sm_acked(&sm, NULL, NULL) == SM_BAD_NUMBER && sm.queued == 3,
	    "what is no number changes nothing");
	ok(sm_acked(&sm, "5", &dropped) == SM_OK && dropped == 3 &&
	    sm_first(&sm) == NULL && sm.queued_bytes == 0,
	    "the last ack empties the queue");
	sm_clear(&sm);
}

static void
sm_wrap(void)
{
	struct sm sm;
	size_t dropped;

	sm_init(&sm);
	sm_restore(&sm, 0xfffffffe, 1, 0xffffffff);
	is_int((long long)(sm.sent - sm.acked), 2,
	    "restored counters may lie on both sides of the edge");
	sm_sent(&sm, "a", 1);
	sm_sent(&sm, "b", 1);
	ok(sm_acked(&sm, "2", &dropped) == SM_OK && dropped == 1,
	    "acks go over the edge of 2^32");
	ok(sm_acked(&sm, "4", NULL) == SM_TOO_HIGH, "and are checked there");
	is_int(sm_h(&sm), 0xfffffffe, "h is what was saved");
	sm_received(&sm);
	sm_received(&sm);
	ok(sm_handled(&sm, sm_received(&sm)), "what is handled is said");
	is_int(sm_h(&sm), 1, "h goes over the edge as well");
	ok(!sm_handled(&sm, sm.received) && !sm_handled(&sm, 5),
	    "nothing new is not");
	sm_clear(&sm);
}

static void
sm_in(void)
{
	struct sm sm;

	sm_init(&sm);
	sm_received(&sm);
	sm_received(&sm);
	is_int(sm_h(&sm), 0, "received is not handled");
	sm_handled(&sm, 1);
	is_int(sm_h(&sm), 1, "h is what is committed");
	sm_clear(&sm);
}

/* --- iq --- */

struct asked {
	struct iq_table *t;
	int answers, nothings;
	char *said;
	struct asked *cancel;
	bool ask_again;
};

static void
answered(const struct node *answer, void *arg)
{
	struct asked *a = arg;
	struct buf out = { 0 };

	if (answer == NULL)
		a->nothings++;
	else
		a->answers++;
	if (a->cancel != NULL)
		iq_cancel(a->t, a->cancel);
	if (a->ask_again) {
		iq_request(a->t, &out, "get", NULL, "<a/>", 0, answered, a);
		buf_clear(&out);
	}
}

static void
ask(struct asked *a, const char *to, int64_t deadline_us)
{
	struct buf out = { 0 };

	iq_request(a->t, &out, "get", to,
	    "<ping xmlns='urn:xmpp:ping'/>", deadline_us, answered, a);
	free(a->said);
	a->said = buf_take(&out);
}

/* An answer of this type, from this address, to the last question. */
static bool
give(struct asked *a, const char *type, const char *from)
{
	const char *id = strstr(a->said, "id='");
	struct arena *arena = arena_new();
	char *xml = mem_printf("<iq xmlns='jabber:client' type='%s' %.*s "
	    "%s%s%s/>", type, (int)strcspn(id + 4, "'") + 5, id,
	    from ? "from='" : "", from ? from : "", from ? "'" : "");
	const char *why = NULL;
	const struct node *n = parse_element(arena, xml, strlen(xml), &why);
	bool is_taken = n != NULL && iq_answer(a->t, n);

	free(xml);
	arena_free(arena);
	return is_taken;
}

static void
iq_matching(void)
{
	static const struct {
		const char *name, *to, *from, *type;
		bool good;
	} table[] = {
		{ "own account, no sender", NULL, NULL, "result", true },
		{ "own account, own bare", NULL, "juliet@example.com",
		  "result", true },
		{ "own account, own full", NULL, "juliet@example.com/b",
		  "result", true },
		{ "own account, other resource", NULL,
		  "juliet@example.com/c", "result", false },
		{ "own account, own domain", NULL, "example.com", "result",
		  false },
		{ "own account, stranger", NULL, "romeo@example.net",
		  "result", false },
		{ "own account, asked by its name", "juliet@example.com",
		  NULL, "result", true },
		{ "error is an answer", NULL, NULL, "error", true },
		{ "a request is not", NULL, NULL, "get", false },
		{ "no type is not", NULL, NULL, "", false },
		{ "server", "example.com", "example.com", "result", true },
		{ "server, prepared", "example.com", "EXAMPLE.com", "result",
		  true },
		{ "server, no sender", "example.com", NULL, "result", false },
		{ "room", "orchard@muc.example.com", "orchard@muc.example.com",
		  "result", true },
		{ "room, somebody in it", "orchard@muc.example.com",
		  "orchard@muc.example.com/x", "result", false },
		{ "stranger for a room", "orchard@muc.example.com",
		  "juliet@example.com", "result", false },
	};
	struct asked a = { .said = NULL };
	size_t i;

	a.t = iq_new("juliet@example.com/b");
	for (i = 0; i < COUNT(table); i++) {
		int before = a.answers;

		ask(&a, table[i].to, 10);
		ok(give(&a, table[i].type, table[i].from) == table[i].good &&
		    a.answers == before + table[i].good, "answer: %s",
		    table[i].name);
		if (table[i].good)
			ok(!give(&a, table[i].type, table[i].from),
			    "answer: %s, only once", table[i].name);
		iq_cancel(a.t, &a);
	}
	is_int(a.nothings, 0, "cancelled requests are not called back");
	ask(&a, NULL, 10);
	iq_free(a.t);
	is_int(a.nothings, 0, "nor are those of a freed table");
	free(a.said);
}

static void
iq_time(void)
{
	struct asked a = { .said = NULL }, b = { .said = NULL };

	a.t = b.t = iq_new("juliet@example.com/b");
	ok(iq_deadline(a.t) == INT64_MAX, "nothing asked, nothing due");
	ask(&a, NULL, 20);
	ask(&b, NULL, 10);
	is_int(iq_deadline(a.t), 10, "the first deadline counts");
	iq_tick(a.t, 9);
	is_int(b.nothings, 0, "not before its time");
	iq_tick(a.t, 10);
	ok(b.nothings == 1 && a.nothings == 0, "what is due is told");
	ok(!give(&b, "result", NULL), "a late answer is none");
	ask(&b, NULL, 10);
	a.cancel = &b;
	a.ask_again = true;
	iq_end(a.t);
	ok(a.nothings == 1 && b.nothings == 1,
	    "a callback may cancel another and ask again");
	a.ask_again = false;
	iq_end(a.t);
	ok(a.nothings == 2, "what was asked meanwhile is still there");
	iq_free(a.t);
	iq_free(NULL);
	free(a.said);
	free(b.said);
}

static void
iq_writing(void)
{
	static const char in[] = "<iq xmlns='jabber:client' type='get' "
	    "id='a&apos;b' from='r@e/&lt;'><q xmlns='q'/></iq>";
	struct arena *arena = arena_new();
	const char *why;
	const struct node *n = parse_element(arena, in, sizeof in - 1, &why);
	struct buf out = { 0 };

	iq_result(&out, n, "<q xmlns='q'>1</q>");
	is_str(out.data, "<iq type='result' id='a&apos;b' to='r@e/&lt;'>"
	    "<q xmlns='q'>1</q></iq>", "a result goes back");
	buf_reset(&out);
	iq_result(&out, n, NULL);
	is_str(out.data, "<iq type='result' id='a&apos;b' to='r@e/&lt;'/>",
	    "an empty one, too");
	buf_reset(&out);
	iq_error(&out, n, "cancel", "service-unavailable");
	is_str(out.data, "<iq type='error' id='a&apos;b' to='r@e/&lt;'>"
	    "<error type='cancel'><service-unavailable "
	    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
	    "an error goes back");
	buf_clear(&out);
	arena_free(arena);
}

/* --- fail --- */

static void
failures(void)
{
	struct fail f = { .is_ours = false };
	char longer[1000];
	size_t i, j;

	for (i = 0; i < fail_count; i++) {
		bool is_new = true;

		for (j = 0; j < i; j++)
			if (fail_table[i].where == fail_table[j].where &&
			    str_is(fail_table[i].condition,
			    fail_table[j].condition))
				is_new = false;
		f = (struct fail){ .is_ours = false };
		fail_set(&f, fail_table[i].where, fail_table[i].condition,
		    NULL, NULL, NULL);
		ok(is_new && f.wait == fail_table[i].wait &&
		    strstr(f.sentence, f.condition) != NULL &&
		    strstr(f.sentence, fail_table[i].meaning) != NULL,
		    "failure %s has one row and a sentence",
		    fail_table[i].condition);
	}
	fail_set(&f, FAIL_STREAM, "xml-not-well-formed", NULL, NULL, NULL);
	is_str(f.condition, "not-well-formed", "RFC 3920's name is an alias");
	fail_set(&f, FAIL_STREAM, "conflict", "Replaced\nby \x1b[2J\xe2\x80\xae",
	    "en", "app");
	is_str(f.sentence, "stream error: conflict (app), \"Replaced"
	    "\xe2\x90\x8a" "by \xe2\x90\x9b[2J<U+202E>\": another client took "
	    "this resource, or the account was removed",
	    "a stranger's words are quoted and made harmless");
	is_str(f.text, "Replaced\nby \x1b[2J\xe2\x80\xae",
	    "and kept as they are");
	memset(longer, 'x', sizeof longer);
	memcpy(longer + 254, "\xc5\x99", 2);
	longer[999] = '\0';
	fail_set(&f, FAIL_STREAM, longer, longer, longer, longer);
	ok(strlen(f.text) == 254 && str_is_utf8(f.text, strlen(f.text), NULL) &&
	    f.wait == FAIL_RETRY, "long words are cut between characters");
}

/* --- mechanism --- */

static const struct {
	const char *name, *offered, *bindings, *allowed;
	bool is_plain, may_plain_tcp, has_certificate, pin_scram, pin_plus;
	bool has_exporter, has_unique;
	const char *want;
} choices[] = {
	{ "the strongest of all", "PLAIN SCRAM-SHA-1 SCRAM-SHA-256", NULL,
	  NULL, .want = "SCRAM-SHA-256" },
	{ "SHA-1 bound before SHA-256 unbound",
	  "SCRAM-SHA-256 SCRAM-SHA-1-PLUS", "tls-exporter", NULL,
	  .has_exporter = true, .want = "SCRAM-SHA-1-PLUS exporter" },
	{ "a list that names only what we lack", "SCRAM-SHA-1-PLUS SCRAM-SHA-1",
	  "tls-server-end-point", NULL, .has_exporter = true,
	  .want = "SCRAM-SHA-1 ssdp" },
	{ "an empty list", "SCRAM-SHA-1-PLUS SCRAM-SHA-1", "", NULL,
	  .has_exporter = true, .want = "SCRAM-SHA-1 ssdp" },
	{ "PLAIN cannot confirm a list", "SCRAM-SHA-1-PLUS PLAIN",
	  "tls-server-end-point", NULL, .has_exporter = true,
	  .want = "downgrade" },
	{ "a list is nothing without PLUS", "SCRAM-SHA-1",
	  "tls-server-end-point", NULL, .has_exporter = true,
	  .want = "SCRAM-SHA-1" },
	{ "who names plain SCRAM means it", "SCRAM-SHA-1-PLUS SCRAM-SHA-1",
	  "tls-server-end-point", "SCRAM-SHA-1", .has_exporter = true,
	  .want = "SCRAM-SHA-1" },
	{ "PLAIN not in plain text", "PLAIN", NULL, NULL, .is_plain = true,
	  .want = "no-mechanism" },
	{ "PLAIN not in plain text, even named", "PLAIN", NULL, "PLAIN",
	  .is_plain = true, .want = "no-mechanism" },
	{ "PLAIN on loopback", "PLAIN", NULL, NULL, .is_plain = true,
	  .may_plain_tcp = true, .want = "PLAIN" },
	{ "DIGEST-MD5 not by itself", "DIGEST-MD5", NULL, NULL,
	  .want = "no-mechanism" },
	{ "DIGEST-MD5 by request, and after PLAIN", "DIGEST-MD5 PLAIN", NULL,
	  "DIGEST-MD5 PLAIN", .want = "PLAIN" },
	{ "EXTERNAL first", "SCRAM-SHA-256 EXTERNAL", NULL, NULL,
	  .has_certificate = true, .want = "EXTERNAL" },
	{ "EXTERNAL named without a certificate", "EXTERNAL", NULL, "EXTERNAL",
	  .want = "no-mechanism" },
	{ "a pin for PLUS does not stop EXTERNAL", "EXTERNAL", NULL, NULL,
	  .has_certificate = true, .pin_plus = true, .want = "EXTERNAL" },
	{ "a pin for SCRAM takes either hash", "SCRAM-SHA-1 PLAIN", NULL, NULL,
	  .pin_scram = true, .want = "SCRAM-SHA-1" },
	{ "a pin for PLUS refuses SCRAM", "SCRAM-SHA-1 PLAIN", NULL, NULL,
	  .pin_scram = true, .pin_plus = true, .want = "downgrade" },
	{ "names are whole and exact", "scram-sha-1 SCRAM-SHA-10 PLAI", NULL,
	  NULL, .want = "no-mechanism" },
	{ "nothing offered", "", NULL, NULL, .want = "no-mechanism" },
	{ "nothing allowed", "PLAIN", NULL, "", .want = "no-mechanism" },
};

static size_t
split(char *text, const char **words)
{
	size_t count = 0;
	char *word;

	while ((word = strsep(&text, " ")) != NULL)
		if (*word != '\0')
			words[count++] = word;
	words[count] = NULL;
	return count;
}

static void
choosing(void)
{
	static const char *const bound[] = { "", " exporter", " unique" };
	size_t i;

	for (i = 0; i < COUNT(choices); i++) {
		const char *names[8], *bindings[8], *allowed[8], *condition;
		char *a = mem_str(choices[i].offered);
		char *b = mem_str(choices[i].bindings);
		char *c = mem_str(choices[i].allowed);
		struct mechanism_offer offer = {
			.names = names, .count = split(a, names),
			.has_bindings = b != NULL, .bindings = bindings,
			.binding_count = split(b, bindings),
		};
		struct mechanism_terms terms = {
			.allowed = c == NULL ? NULL : allowed,
			.is_encrypted = !choices[i].is_plain,
			.may_plain_tcp = choices[i].may_plain_tcp,
			.has_certificate = choices[i].has_certificate,
			.pin_scram = choices[i].pin_scram,
			.pin_plus = choices[i].pin_plus,
			.has_exporter = choices[i].has_exporter,
			.has_unique = choices[i].has_unique,
		};
		struct mechanism_choice choice;
		char got[80];

		split(c, allowed);
		if (mechanism_choose(&choice, &offer, &terms, &condition))
			snprintf(got, sizeof got, "%s%s%s", choice.name,
			    bound[choice.binding],
			    choice.needs_ssdp ? " ssdp" : "");
		else
			snprintf(got, sizeof got, "%s", condition);
		is_str(got, choices[i].want, choices[i].name);
		free(a);
		free(b);
		free(c);
	}
}

static void
ssdp(void)
{
	static const char *const names[] = { "SCRAM-SHA-1-PLUS",
		"SCRAM-SHA-1" };
	static const char *const bindings[] = { "tls-server-end-point",
		"tls-exporter" };
	struct mechanism_offer offer = { names, 2, true, bindings, 2 };
	struct buf b = { 0 };

	mechanism_ssdp(&b, &offer, "SHA-1");
	is_str(b.data, "G6k/rBLDqgOhRRaCuuatSDFkJ08=",
	    "the example of XEP-0474 4.3");
	buf_clear(&b);
}

/* --- scram --- */

static void
scram(void)
{
	static const char client[] = "n,,n=user,r=abc";
	static const struct { const char *name, *in, *condition; } table[] = {
		{ "a good one", "r=abcdef,s=QSXCR+Q6sek8bf92,i=4096", NULL },
		{ "extensions are passed over",
		  "r=abcdef,s=QSXCR+Q6sek8bf92,i=4096,x=1,y=", NULL },
		{ "order matters", "s=QSXCR+Q6sek8bf92,r=abcdef,i=4096",
		  "bad-challenge" },
		{ "nothing", "", "bad-challenge" },
		{ "no value", "r", "bad-challenge" },
		{ "a shorter nonce", "r=ab,s=QSXC,i=4096", "bad-challenge" },
		{ "an equal nonce", "r=abc,s=QSXC,i=4096", "bad-challenge" },
		{ "another nonce", "r=xabc,s=QSXC,i=4096", "bad-challenge" },
		{ "an empty salt", "r=abcd,s=,i=4096", "bad-challenge" },
		{ "a salt that is not base64", "r=abcd,s=Q,i=4096",
		  "bad-challenge" },
		{ "no rounds", "r=abcd,s=QSXC", "bad-challenge" },
		{ "negative rounds", "r=abcd,s=QSXC,i=-4096", "iterations" },
		{ "empty rounds", "r=abcd,s=QSXC,i=", "iterations" },
		{ "a late m=", "r=abcd,s=QSXC,i=4096,m=x", "bad-challenge" },
		{ "two h=", "r=abcd,s=QSXC,i=4096,h=a,h=b", "bad-challenge" },
		{ "rubbish behind", "r=abcd,s=QSXC,i=4096,xyz",
		  "bad-challenge" },
		{ "an error", "e=other-error", "bad-challenge" },
	};
	struct scram_first f;
	const char *condition, *text;
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		bool is_good = scram_read(&f, client, sizeof client - 1,
		    table[i].in, strlen(table[i].in), &condition, &text);

		if (table[i].condition == NULL)
			ok(is_good && f.iterations == 4096 && f.salt.len == 12,
			    "server-first: %s", table[i].name);
		else
			ok(!is_good && str_is(condition, table[i].condition),
			    "server-first: %s", table[i].name);
		scram_clear(&f);
	}
	ok(!scram_read(&f, client, sizeof client - 1,
	    "r=abcdef,s=QSXC,i=4096\0,h=x", 27, &condition, &text),
	    "server-first: no NUL");
	scram_clear(&f);
}

/* --- what a stream tells when asked --- */

static void
facts(void)
{
	struct stream_options o = { .jid = "juliet@example.com",
		.is_tls = true };
	struct stream *s = stream_new(&o, 0);
	struct stream_event ev;
	const char in[] = "<stream:stream id='a&amp;b' from='example.com' "
	    "version='1.0' xml:lang='cs' xmlns='jabber:client' xmlns:stream="
	    "'http://etherx.jabber.org/streams'><stream:features>"
	    "<sm xmlns='urn:xmpp:sm:3'/><mechanisms xmlns="
	    "'urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
	    "</mechanisms></stream:features>";

	ok(stream_id(s) == NULL && stream_jid(s) == NULL &&
	    stream_lang(s) == NULL && stream_mechanism(s) == NULL &&
	    stream_feature(s, "urn:xmpp:sm:3", "sm") == NULL,
	    "before anything has come nothing is known");
	is_int(stream_deadline(s), 20000000, "a header has 20 seconds");
	stream_feed(s, in, sizeof in - 1, 5000000);
	ok(stream_next(s, &ev) && ev.kind == STREAM_WANT_PASSWORD &&
	    !stream_next(s, &ev), "features bring the login");
	is_str(stream_id(s), "a&b", "the stream's id as it reads");
	is_str(stream_lang(s), "cs", "the stream's language");
	is_str(stream_mechanism(s), "PLAIN", "the mechanism chosen");
	ok(stream_feature(s, "urn:xmpp:sm:3", "sm") != NULL, "a feature");
	ok(stream_deadline(s) == INT64_MAX, "a password may take its time");
	stream_free(s);
	stream_free(NULL);
}

int
main(void)
{
	sm_queue();
	sm_wrap();
	sm_in();
	iq_matching();
	iq_time();
	iq_writing();
	failures();
	choosing();
	ssdp();
	scram();
	facts();
	return done();
}
