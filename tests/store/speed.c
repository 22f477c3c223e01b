/*
 * speed - how fast records become durable, and how big they are.
 *
 *	speed FILE [MESSAGES [BATCH]]
 *
 * Not a test: built by `make tests/store/speed`. Generates chats like those
 * of a person of ten years: 200 contacts, 20 rooms, bodies of 75 bytes on
 * average in stanzas of 507.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/time.h"
#include "store/batch.h"
#include "store/store.h"
#include "tests/tap.h"

static uint64_t seed = 88172645463325252u;

static uint64_t
next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static char *words[5000];

static void
make_words(void)
{
	static const char *const parts[] = {
		"ka", "ro", "mi", "ten", "sol", "va", "ly", "pra", "ne", "du",
		"st", "ing", "er", "ho", "ce", "bl", "á", "ř", "ü", "ö",
	};
	size_t i, j;

	for (i = 0; i < COUNT(words); i++) {
		char word[64] = "";
		size_t n = 1 + next() % 4;

		for (j = 0; j < n; j++)
			strcat(word, parts[next() % COUNT(parts)]);
		words[i] = mem_str(word);
	}
}

static const char *const hans[] = {
	"我们今天去系统里看看", "明日の会議は十時からです", "好的没问题",
	"ソフトウェアを更新しました", "东京都的天气怎么样",
};

static char *
make_body(struct arena *a, uint64_t who)
{
	struct buf b = { 0 };
	size_t want = 20 + next() % 110;
	char *out;

	if (who % 10 == 0) {
		while (b.len < want)
			buf_str(&b, hans[next() % COUNT(hans)]);
	} else {
		while (b.len < want) {
			uint64_t r = next() % 1000;

			/* Few words make most of what people say. */
			buf_str(&b, words[r * r / 1000 * (next() % 5 + 1) %
			    COUNT(words)]);
			buf_char(&b, ' ');
		}
	}
	out = arena_strn(a, b.data, b.len);
	buf_clear(&b);
	return out;
}

static char *
make_uuid(struct arena *a)
{
	uint64_t x = next(), y = next();

	return arena_printf(a, "%08x-%04x-%04x-%04x-%012llx",
	    (unsigned)(x >> 32), (unsigned)(x & 0xffff),
	    (unsigned)(x >> 16 & 0xffff), (unsigned)(y & 0xffff),
	    (unsigned long long)(y >> 16));
}

static void
make_record(struct arena *a, int64_t at_us, struct record *r)
{
	static const char *const langs[] = { "en", "cs", "de", "zh", "ja" };
	uint64_t who = next() % 220;
	bool is_room = who >= 200;
	struct text *body = arena_alloc(a, sizeof *body);
	struct archive_id *id = arena_alloc(a, sizeof *id);

	memset(r, 0, sizeof *r);
	r->account = "juliet@example.com";
	r->kind = RECORD_MESSAGE;
	r->route = ROUTE_LIVE;
	r->received_us = r->time_us = at_us;
	r->type = is_room ? MESSAGE_GROUPCHAT : MESSAGE_CHAT;
	r->chat_kind = is_room ? CHAT_ROOM : CHAT_DIRECT;
	r->chat = is_room ? arena_printf(a, "room%d@conference.example.com",
	    (int)(who - 200)) : arena_printf(a, "contact%d@example.net",
	    (int)who);
	r->direction = !is_room && next() % 2 ? DIRECTION_OUT : DIRECTION_IN;
	r->from = is_room ? arena_printf(a, "%s/nick%d", r->chat,
	    (int)(next() % 30)) : r->direction == DIRECTION_OUT
	    ? "juliet@example.com/balcony"
	    : arena_printf(a, "%s/phone", r->chat);
	r->to = r->direction == DIRECTION_OUT ? r->chat
	    : "juliet@example.com/backscroll.x7Gh2Kd0";
	r->stanza_id = make_uuid(a);
	r->origin_id = r->stanza_id;
	id->by = is_room ? r->chat : r->account;
	id->id = make_uuid(a);
	id->is_trusted = true;
	r->archive_ids = id;
	r->archive_id_count = 1;
	r->lang = langs[who % 5];
	body->lang = r->lang;
	body->text = make_body(a, who);
	body->len = strlen(body->text);
	r->bodies = body;
	r->body_count = 1;
	r->nick = is_room ? strchr(r->from, '/') + 1 : NULL;
	r->raw = arena_printf(a, "<message xmlns='jabber:client' to='%s' "
	    "from='%s' type='%s' id='%s' xml:lang='%s'><body>%s</body>"
	    "<origin-id xmlns='urn:xmpp:sid:0' id='%s'/><stanza-id "
	    "xmlns='urn:xmpp:sid:0' by='%s' id='%s'/><active "
	    "xmlns='http://jabber.org/protocol/chatstates'/><request "
	    "xmlns='urn:xmpp:receipts'/></message>", r->to, r->from,
	    is_room ? "groupchat" : "chat", r->stanza_id, r->lang, body->text,
	    r->stanza_id, id->by, id->id);
	r->raw_len = strlen(r->raw);
	r->wants_receipt = true;
	r->chat_state = STATE_ACTIVE;
	{
		unsigned char hash[DIGEST_SHA256];

		digest_sha256(hash, body->text, body->len);
		memcpy(r->content_hash, hash, sizeof r->content_hash);
	}
}

int
main(int argc, char **argv)
{
	long total = argc > 2 ? atol(argv[2]) : 100000;
	long batch_size = argc > 3 ? atol(argv[3]) : 1000, i;
	int64_t at = (int64_t)1400000000 * TIME_SECOND, start, spent = 0, cpu;
	struct arena *a = arena_new();
	struct err err = { 0 };
	struct store *s;
	struct batch *b;
	uint64_t durable;
	struct rusage ru;
	struct stat st;
	double bytes_raw = 0, bytes_body = 0;

	if (argc < 2)
		return 2;
	make_words();
	s = store_open(argv[1], STORE_WRITE, 0, &err);
	if (s == NULL) {
		printf("%s\n", err.text);
		return 3;
	}
	b = batch_new(s);
	cpu = 0;
	for (i = 0; i < total; ) {
		struct record *all = mem_array((size_t)batch_size, sizeof *all);
		long j;
		struct rusage ru1;

		arena_reset(a);
		for (j = 0; j < batch_size; j++) {
			at += (int64_t)(next() % (600 * TIME_SECOND));
			make_record(a, at, &all[j]);
			bytes_raw += (double)all[j].raw_len;
			bytes_body += (double)all[j].bodies[0].len;
		}
		getrusage(RUSAGE_SELF, &ru1);
		start = clock_mono_us();
		for (j = 0; j < batch_size; j++)
			(void)batch_add(b, &all[j]);
		if (batch_commit(b, at, &durable, &err) != 0) {
			printf("%s\n", err.text);
			return 3;
		}
		spent += clock_mono_us() - start;
		getrusage(RUSAGE_SELF, &ru);
		cpu += (ru.ru_utime.tv_sec - ru1.ru_utime.tv_sec +
		    ru.ru_stime.tv_sec - ru1.ru_stime.tv_sec) * TIME_SECOND +
		    ru.ru_utime.tv_usec - ru1.ru_utime.tv_usec +
		    ru.ru_stime.tv_usec - ru1.ru_stime.tv_usec;
		i += batch_size;
		free(all);
	}
	batch_free(b);
	store_close(s);
	(void)stat(argv[1], &st);
	getrusage(RUSAGE_SELF, &ru);
	printf("%ld messages, %.0f bytes of stanza, %.0f of body each\n", i,
	    bytes_raw / (double)i, bytes_body / (double)i);
	printf("wall %.0f/s  cpu %.0f/s  %.1f us each  file %.0f bytes each  "
	    "peak %ld KB\n", (double)i / ((double)spent / 1e6),
	    (double)i / ((double)cpu / 1e6), (double)cpu / (double)i,
	    (double)st.st_size / (double)i, ru.ru_maxrss);
	arena_free(a);
	return 0;
}
