/*
 * fill ARCHIVE [COUNT] - writes a small archive as the service would, through
 * a batch: a conversation, a room, two accounts, presences; and COUNT plain
 * messages of a bot, for readers that go away. Used by cmd.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/time.h"
#include "store/batch.h"
#include "store/gaps.h"
#include "store/store.h"

#define ME	"juliet@example.com"
#define OTHER	"tybalt@example.org"
#define ROMEO	"romeo@example.net"
#define ROOM	"orchard@conference.example.com"

static struct arena *arena;
static struct batch *batch;

/* Each message a minute after the one before. */
static int64_t
minute(int n)
{
	int64_t us = 0;

	time_parse("2026-11-20T10:00:00Z", &us);
	return us + n * TIME_MINUTE;
}

static void
add(struct record r)
{
	unsigned char sum[DIGEST_SHA256];

	if (r.kind == RECORD_MESSAGE)
		r.raw = arena_printf(arena, "<message from='%s' to='%s' "
		    "id='%s'><body>%s</body></message>", r.from, r.to,
		    r.stanza_id != NULL ? r.stanza_id : "",
		    r.body_count > 0 && strchr(r.bodies[0].text, 27) == NULL
		    ? r.bodies[0].text : "");
	else
		r.raw = arena_printf(arena, "<presence from='%s'/>", r.from);
	r.raw_len = strlen(r.raw);
	digest_sha256(sum, r.raw, r.raw_len);
	memcpy(r.content_hash, sum, sizeof r.content_hash);
	r.received_us = r.time_us;
	batch_add(batch, &r);
}

static struct text *
text(const char *lang, const char *s)
{
	struct text *t = arena_alloc(arena, sizeof *t);

	*t = (struct text){ .lang = lang, .text = s, .len = strlen(s) };
	return t;
}

static struct record
message(int at, const char *id, const char *body)
{
	return (struct record){
		.account = ME, .kind = RECORD_MESSAGE, .time_us = minute(at),
		.from = ROMEO "/orchard", .to = ME, .chat = ROMEO,
		.type = MESSAGE_CHAT, .stanza_id = id,
		.bodies = body != NULL ? text(NULL, body) : NULL,
		.body_count = body != NULL,
	};
}

static struct record
sent(int at, const char *id, const char *body)
{
	struct record r = message(at, id, body);

	r.from = ME "/backscroll";
	r.to = ROMEO;
	r.direction = DIRECTION_OUT;
	r.route = ROUTE_SENT;
	return r;
}

static struct record
in_room(int at, const char *id, const char *nick, const char *body)
{
	struct record r = message(at, id, body);

	r.from = arena_printf(arena, ROOM "/%s", nick);
	r.chat = ROOM;
	r.chat_kind = CHAT_ROOM;
	r.type = MESSAGE_GROUPCHAT;
	r.nick = nick;
	return r;
}

static void
add_messages(void)
{
	struct record r;
	static const char *const heart[] = { "\xe2\x9d\xa4" };
	const struct ref replace = { .kind = REF_REPLACE, .id = "s3" };
	const struct ref react = { .kind = REF_REACT, .id = "s2",
		.emojis = heart, .emoji_count = 1 };
	struct text two[] = { { "en", "Good night", 10, true },
		{ "cs", "Dobrou noc", 10, true } };

	add(message(0, "s1", "Shall we have dinner?"));
	add(sent(1, "s2", "Dinner it is"));
	add(message(2, "s3", "at the balconi"));
	r = message(3, "s4", "at the balcony");
	r.refs = &replace;
	r.ref_count = 1;
	add(r);
	r = message(4, "s5", NULL);
	r.refs = &react;
	r.ref_count = 1;
	add(r);
	r = message(5, "s6", NULL);
	r.bodies = two;
	r.body_count = 2;
	r.lang = "en";
	add(r);
	add(message(6, "s7", "\x1b[31mred\x1b[m and\na second line"));
	add(in_room(7, "r1", "Nurse", "Madam!"));
	add(in_room(8, "r2", "Romeo", "dinner in the orchard"));
	r = in_room(9, "p1", "Nurse", "between us");
	r.chat = r.from;
	r.chat_kind = CHAT_PRIVATE;
	r.type = MESSAGE_CHAT;
	add(r);
	r = message(10, "x1", "a stranger's words");
	r.from = "rosaline@example.net/x";
	r.chat = "rosaline@example.net";
	add(r);
	r = message(11, "t1", "turn thee, Tybalt");
	r.account = r.to = OTHER;
	add(r);
	/* Tybalt's account has nothing to show of her, but a record. */
	r = message(12, "x2", NULL);
	r.from = "rosaline@example.net/x";
	r.chat = "rosaline@example.net";
	r.account = r.to = OTHER;
	r.chat_state = STATE_COMPOSING;
	add(r);
}

/* Kept apart: it says that it is a copy of what romeo sent. */
static void
add_forged(void)
{
	struct record r = message(13, "f1", "trust me, dinner");

	r.from = "mallory@example.net/cave";
	r.chat = "mallory@example.net";
	r.lang = "en";
	r.forged = FORGED_CARBON;
	r.forged_why = "carbon: not from the own account";
	add(r);
}

static void
add_presences(void)
{
	struct record r = { .account = ME, .kind = RECORD_PRESENCE,
		.from = ROMEO "/orchard", .to = ME, .chat = ROMEO };

	r.time_us = minute(0) + TIME_SECOND;
	r.show = SHOW_AWAY;
	r.priority = 5;
	r.statuses = text("en", "in the garden");
	r.status_count = 1;
	add(r);
	r.time_us = minute(60 * 24);
	r.presence = PRESENCE_UNAVAILABLE;
	r.show = SHOW_NONE;
	r.priority = 0;
	r.status_count = 0;
	add(r);
}

static void
add_many(int count)
{
	struct record r;
	int i;

	for (i = 0; i < count; i++) {
		r = message(60 * 48 + i, arena_printf(arena, "b%d", i),
		    arena_printf(arena, "beep number %d", i));
		r.from = "bot@example.net/x";
		r.chat = "bot@example.net";
		add(r);
	}
}

int
main(int argc, char **argv)
{
	static const struct gaps_contact contacts[] = {
		{ .jid = ROMEO, .name = "Montague", .subscription = "both" },
		{ .jid = "rosaline@example.net", .subscription = "to" },
	};
	struct err err = { 0 };
	struct store *store;
	uint64_t durable;
	int failed;

	if (argc < 2)
		return 2;
	store = store_open(argv[1], STORE_WRITE, 1000, &err);
	if (store == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	arena = arena_new();
	batch = batch_new(store);
	gaps_roster_put(batch, ME, true, contacts, COUNT(contacts), "1");
	add_messages();
	add_presences();
	add_forged();
	if (argc > 2)
		add_many(atoi(argv[2]));
	failed = batch_commit(batch, minute(100), &durable, &err);
	if (failed)
		fprintf(stderr, "%s\n", err.text);
	batch_free(batch);
	store_close(store);
	arena_free(arena);
	return failed != 0;
}
