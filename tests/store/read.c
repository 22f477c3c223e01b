/* Reading: what was put in comes out, each message once, with what others
 * did to it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/batch.h"
#include "store/gaps.h"
#include "store/read.h"
#include "tests/store/help.h"
#include "tests/store/make.h"
#include "tests/tap.h"

static struct store *store;
static struct arena *arena;
static struct batch *batch;

static void
begin(const char *name)
{
	struct err err = { 0 };

	store = store_open(help_path(name), STORE_WRITE, 1000, &err);
	if (store == NULL) {
		ok(false, "%s is there: %s", name, err.text);
		exit(done());
	}
	arena = arena_new();
	batch = batch_new(store);
}

static void
end(void)
{
	batch_free(batch);
	arena_free(arena);
	store_close(store);
}

static void
commit(void)
{
	struct err err = { 0 };
	uint64_t durable;

	if (batch_commit(batch, NOON, &durable, &err) != 0)
		ok(false, "committed: %s", err.text);
}

/* One that came live; out when it is from us. */
static struct record
said(int second, const char *from, const char *id, const char *body)
{
	struct record r = make_message(arena, NOON + second * TIME_SECOND,
	    body);

	r.stanza_id = id;
	r.from = from;
	if (str_starts(from, ME)) {
		r.direction = DIRECTION_OUT;
		r.to = PEER;
	}
	return r;
}

static void
in_room(struct record *r)
{
	r->chat = ROOM;
	r->chat_kind = CHAT_ROOM;
	r->type = MESSAGE_GROUPCHAT;
	r->to = ME_HERE;
}

static struct ref *
does(struct record *r, enum ref_kind kind, const char *id)
{
	return make_ref(arena, r, kind, id);
}

/* All that is there as "ID:BODY" (of the last version, unless each), newest
 * first. */
static char *
walk(bool is_each, bool is_ascending)
{
	struct read_select select = {
		.sql = is_ascending ? "SELECT id FROM message ORDER BY id"
		    : "SELECT id FROM message ORDER BY id DESC",
		.is_each = is_each,
		.is_ascending = is_ascending,
	};
	struct read_want want = { 0 };
	struct entry_message m;
	struct read_cursor *c;
	struct buf out = { 0 };
	struct err err = { 0 };
	int64_t count;
	int got = -1, n = 0;

	c = read_messages(store, &select, &err);
	if (c != NULL)
		for (; (got = read_next(c, arena, &want, &m, &err)) > 0; n++) {
			const struct text *t = m.bodies;

			if (m.version_count > 0 && !is_each)
				t = m.versions[m.version_count - 1].bodies;

			buf_printf(&out, "%s%s:%s", n ? " " : "",
			    m.stanza_id, t ? t->text : "");
		}
	read_cursor_free(c);
	if (got < 0)
		buf_str(&out, err.text);
	if (read_count(store, &select, &count, &err) != 0 || count != n)
		ok(false, "they are counted as %d: %lld", n,
		    (long long)count);
	buf_str(&out, "");
	return buf_take(&out);
}

static void
is_walk(bool is_each, bool is_ascending, const char *want, const char *name)
{
	char *got = walk(is_each, is_ascending);

	is_str(got, want, name);
	free(got);
}

/* The message of that stanza id, as `show` wants it. */
static struct entry_message
get(const char *id)
{
	struct read_select select = {
		.sql = "SELECT id FROM message WHERE sid = ?1",
		.binds = &(struct read_bind){ .is_text = true, .text = id },
		.bind_count = 1,
		.is_each = true,
	};
	struct read_want none = { 0 }, all = { true, true };
	struct entry_message m = { 0 };
	struct read_cursor *c;
	struct err err = { 0 };

	c = read_messages(store, &select, &err);
	if (c == NULL || read_next(c, arena, &none, &m, &err) <= 0 ||
	    read_message(store, arena, m.id, &all, &m, &err) != 0)
		ok(false, "%s is there: %s", id, err.text);
	read_cursor_free(c);
	return m;
}

static void
test_everything(void)
{
	static const struct text bodies[] = {
		{ "cs", "Ahoj", 4 }, { "en", "Hello", 5 }, { NULL, "", 0 },
	};
	static const struct text subjects[] = { { "en", "Greeting", 8 } };
	static const struct delay delays[] = {
		{ NOON - TIME_HOUR, "example.net", "Offline storage" },
	};
	static const struct link links[] = {
		{ "https://example.net/a", "a picture", "image/png", "a.png",
		    4711 },
		{ "https://example.net/b", NULL, NULL, NULL, -1 },
	};
	static const struct fallback fallbacks[] = {
		{ "urn:xmpp:reply:0", false, 0, 12 },
	};
	struct record r = said(0, PEER_X, "all", NULL);
	struct ref *ref;
	struct entry_message m;

	r.origin_id = "origin";
	r.time_us = NOON - TIME_MINUTE;
	r.bodies = bodies;
	r.body_count = 3;
	r.subjects = subjects;
	r.subject_count = 1;
	r.delays = delays;
	r.delay_count = 1;
	r.links = links;
	r.link_count = 2;
	r.fallbacks = fallbacks;
	r.fallback_count = 1;
	r.thread = "thread";
	r.parent_thread = "parent";
	r.nick = "Romeo";
	r.encryption_ns = "eu.siacs.conversations.axolotl";
	r.encryption_name = "OMEMO";
	r.chat_state = STATE_ACTIVE;
	r.raw = "<message id='all'/>";
	r.raw_len = strlen(r.raw);
	make_archive_id(arena, &r, ME, "arch-1", true);
	make_archive_id(arena, &r, "elsewhere.example", "x", false);
	ref = does(&r, REF_REPLY, "what");
	ref->to = PEER;
	batch_add(batch, &r);
	commit();

	m = get("all");
	is_str(m.account, ME, "the account");
	is_str(m.chat, PEER, "the conversation");
	is_str(m.from, PEER_X, "from whom");
	is_str(m.to, ME_HERE, "to whom");
	is_str(m.origin_id, "origin", "the origin id");
	is_str(m.nick, "Romeo", "the nickname");
	is_int(m.time_us, NOON - TIME_MINUTE, "when it was sent");
	is_int(m.received_us, NOON, "when it came");
	is_int(m.id, NOON - TIME_MINUTE, "its id is its time");
	ok(m.body_count == 3 && str_is(m.bodies[0].lang, "cs") &&
	    str_is(m.bodies[0].text, "Ahoj") &&
	    str_is(m.bodies[1].lang, "en") &&
	    str_is(m.bodies[1].text, "Hello") && m.bodies[2].lang == NULL &&
	    str_is(m.bodies[2].text, "") && m.bodies[2].len == 0,
	    "all bodies in order with their languages, an empty one too");
	ok(m.subject_count == 1 && str_is(m.subjects[0].text, "Greeting") &&
	    str_is(m.subjects[0].lang, "en"), "the subject");
	is_str(m.thread, "thread", "the thread");
	is_str(m.parent_thread, "parent", "the parent thread");
	ok(m.delay_count == 1 && m.delays[0].stamp_us == NOON - TIME_HOUR &&
	    str_is(m.delays[0].from, "example.net") &&
	    str_is(m.delays[0].reason, "Offline storage"), "the delay");
	ok(m.link_count == 2 && str_is(m.links[0].media_type, "image/png") &&
	    m.links[0].size == 4711 && m.links[1].size == -1 &&
	    m.links[1].desc == NULL, "the links");
	ok(m.fallback_count == 1 && m.fallbacks[0].end == 12, "the fallback");
	is_str(m.encryption_name, "OMEMO", "the encryption");
	is_int(m.chat_state, STATE_ACTIVE, "the chat state");
	ok(m.ref_count == 1 && m.refs[0].kind == REF_REPLY &&
	    str_is(m.refs[0].id, "what") && str_is(m.refs[0].to, PEER) &&
	    m.refs[0].target == 0, "what it replies to, not known yet");
	ok(m.archive_id_count == 2 && str_is(m.archive_ids[0].by, ME) &&
	    str_is(m.archive_ids[0].id, "arch-1") &&
	    m.archive_ids[0].is_trusted && !m.archive_ids[1].is_trusted,
	    "the archive's id, and one that is not to be trusted");
	ok(m.raw_len == r.raw_len && str_is(m.raw, r.raw), "its bytes");
	ok(m.copy_count == 1 && str_is(m.copies[0].how, "first"),
	    "its only copy");
}

/* Corrections collapse into the first version, in its place. */
static void
test_versions(void)
{
	struct record r;
	struct entry_message m;

	r = said(1, PEER_X, "v1", "helo");
	batch_add(batch, &r);
	r = said(2, ME_HERE, "between", "yes?");
	batch_add(batch, &r);
	r = said(3, PEER_X, "v2", "hallo");
	does(&r, REF_REPLACE, "v1");
	batch_add(batch, &r);
	r = said(4, PEER_X, "v3", "hello");
	does(&r, REF_REPLACE, "v2");
	batch_add(batch, &r);
	r = said(5, ME_HERE, "theirs", "not yours");
	does(&r, REF_REPLACE, "v1");
	batch_add(batch, &r);
	/* One that comes before what it corrects. */
	r = said(7, PEER_X, "late2", "second");
	does(&r, REF_REPLACE, "late1");
	batch_add(batch, &r);
	commit();
	is_walk(false, false, "late2:second theirs:not yours between:yes? "
	    "v1:hello", "a correction of what is not there is a message");
	r = said(6, PEER_X, "late1", "first");
	r.route = ROUTE_MAM;
	r.archive_us = r.time_us;
	batch_add(batch, &r);
	commit();
	is_walk(false, false, "late1:second theirs:not yours between:yes? "
	    "v1:hello", "newest first, each message once");
	is_walk(false, true, "v1:hello between:yes? theirs:not yours "
	    "late1:second", "oldest first the same");
	is_walk(true, false, "late2:second late1:first theirs:not yours "
	    "v3:hello v2:hallo between:yes? v1:helo",
	    "each record by itself");
	m = get("v1");
	ok(m.version_count == 2 && str_is(m.bodies[0].text, "helo") &&
	    str_is(m.versions[0].bodies[0].text, "hallo") &&
	    str_is(m.versions[1].bodies[0].text, "hello"),
	    "the first version and the later ones in order");
	ok(m.replaced_by == m.versions[1].id &&
	    m.replaced_us == NOON + 4 * TIME_SECOND, "the last one holds");
	ok(get("theirs").refs[0].is_valid == false,
	    "nobody corrects what another said");
}

static void
test_effects(void)
{
	static const char *const heart[] = { "❤" };
	static const char *const both[] = { "👍", "❤" };
	struct record r;
	struct ref *ref;
	struct entry_message m;

	r = said(0, ME_HERE, "target", "look");
	batch_add(batch, &r);
	r = said(1, PEER_X, "r1", NULL);
	ref = does(&r, REF_REACT, "target");
	ref->emojis = heart;
	ref->emoji_count = 1;
	batch_add(batch, &r);
	r = said(2, PEER "/elsewhere", "r2", NULL);
	ref = does(&r, REF_REACT, "target");
	ref->emojis = both;
	ref->emoji_count = 2;
	batch_add(batch, &r);
	r = said(3, PEER_X, "d1", NULL);
	does(&r, REF_RECEIVED, "target");
	batch_add(batch, &r);
	r = said(4, PEER_X, "d2", NULL);
	does(&r, REF_DISPLAYED, "target");
	batch_add(batch, &r);
	r = said(5, PEER "/elsewhere", "d3", NULL);
	does(&r, REF_DISPLAYED, "target");
	batch_add(batch, &r);
	commit();
	is_walk(false, false, "target:look",
	    "what only does something is not shown by itself");
	m = get("target");
	ok(m.reaction_count == 1 && m.reactions[0].emoji_count == 2 &&
	    str_is(m.reactions[0].emojis[1], "❤") &&
	    m.reactions[0].time_us == NOON + 2 * TIME_SECOND,
	    "a person's later reaction replaces the earlier one");
	ok(m.receipt_count == 2 && m.receipts[0].kind == REF_RECEIVED &&
	    m.receipts[1].kind == REF_DISPLAYED &&
	    m.receipts[1].time_us == NOON + 4 * TIME_SECOND,
	    "the first receipt of each kind");
	ok(!m.is_retracted, "it is not retracted");

	r = said(6, PEER_X, "r3", NULL);
	does(&r, REF_REACT, "target");
	batch_add(batch, &r);
	r = said(7, PEER_X, "no", NULL);
	ref = does(&r, REF_RETRACT, "target");
	batch_add(batch, &r);
	commit();
	m = get("target");
	is_int((long long)m.reaction_count, 0, "an empty set takes it away");
	ok(!m.is_retracted, "nobody retracts what another said");

	r = said(8, ME_HERE, "yes", NULL);
	ref = does(&r, REF_RETRACT, "target");
	ref->reason = "a slip";
	batch_add(batch, &r);
	commit();
	m = get("target");
	ok(m.is_retracted && m.retracted_us == NOON + 8 * TIME_SECOND &&
	    str_is(m.retracted_by, ME_HERE) &&
	    str_is(m.retracted_reason, "a slip"), "whoever said it does");
	is_walk(false, false, "target:look", "retracted it stays");
}

static void
test_room(void)
{
	static const char *const heart[] = { "❤" };
	struct record r;
	struct ref *ref;
	struct entry_message m;
	int i;

	r = said(0, ROOM "/Bob", "hi", "hi all");
	in_room(&r);
	r.nick = "Bob";
	make_archive_id(arena, &r, ROOM, "room-1", true);
	batch_add(batch, &r);
	for (i = 0; i < 2; i++) {
		r = said(1 + i, i ? ROOM "/Ann" : ROOM "/Cat",
		    i ? "ann" : "cat", NULL);
		in_room(&r);
		ref = does(&r, REF_REACT, "room-1");
		ref->emojis = heart;
		ref->emoji_count = 1;
		batch_add(batch, &r);
	}
	r = said(4, ROOM, "mod", NULL);
	in_room(&r);
	ref = does(&r, REF_MODERATE, "room-1");
	ref->by = ROOM "/Ann";
	ref->reason = "rude";
	batch_add(batch, &r);
	commit();
	m = get("hi");
	is_int((long long)m.reaction_count, 2,
	    "in a room each occupant is a person");
	is_str(m.nick, "Bob", "the nickname comes from the sender");
	ok(m.archive_id_count == 1 && str_is(m.archive_ids[0].by, ROOM),
	    "the id was given by the room");
	ok(m.is_retracted && str_is(m.retracted_by, ROOM "/Ann") &&
	    str_is(m.retracted_reason, "rude"), "the room moderates");
}

static void
test_copies(void)
{
	struct record r;
	struct entry_message m;

	r = said(0, PEER_X, "twice", "once");
	make_archive_id(arena, &r, ME, "arch-2", true);
	batch_add(batch, &r);
	commit();
	r.route = ROUTE_MAM;
	r.received_us += TIME_HOUR;
	r.archive_us = NOON;
	batch_add(batch, &r);
	commit();
	m = get("twice");
	is_int((long long)m.copy_count, 2, "both copies");
	ok(m.copy_count == 2 && m.copies[1].route == ROUTE_MAM &&
	    m.copies[1].received_us == NOON + TIME_HOUR &&
	    str_is(m.copies[1].how, "archive id"), "and why they are one");
	is_int(m.sources, 1 << ROUTE_LIVE | 1 << ROUTE_MAM,
	    "the ways that they came");
	is_int((long long)m.archive_id_count, 1, "one archive id");
	ok(str_is(m.raw, r.raw), "the bytes are those of the first");
}

static void
test_chats(void)
{
	static const struct gaps_contact contacts[] = {
		{ PEER, "Můj Romeo", "both", NULL, "Friends" },
	};
	static const char *const nobody[] = { "nobody@example.com" };
	struct read_accounts all = { 0 }, none = { nobody, 1 };
	struct entry_chat *chats;
	struct record r;
	struct err err;
	size_t count;

	r = said(0, PEER_X, "one", "1");
	batch_add(batch, &r);
	r = said(1, ROOM "/Bob", "two", "2");
	in_room(&r);
	batch_add(batch, &r);
	r = said(2, PEER_X, "three", "3");
	batch_add(batch, &r);
	r = said(3, PEER_X, "state", NULL);
	r.chat_state = STATE_COMPOSING;
	batch_add(batch, &r);
	gaps_roster_put(batch, ME, true, contacts, 1, "1");
	commit();
	ok(read_chats(store, arena, &all, &chats, &count, &err) == 0 &&
	    count == 2, "two conversations");
	ok(count == 2 && str_is(chats[0].chat, PEER) &&
	    chats[0].messages == 2 && chats[0].first_us == NOON &&
	    chats[0].last_us == NOON + 2 * TIME_SECOND &&
	    str_is(chats[0].name, "Můj Romeo") &&
	    chats[0].kind == CHAT_DIRECT,
	    "the newest first, with what is shown in it");
	ok(count == 2 && str_is(chats[1].chat, ROOM) &&
	    chats[1].kind == CHAT_ROOM && chats[1].name == NULL,
	    "then the room");
	ok(read_chats(store, arena, &none, &chats, &count, &err) == 0 &&
	    count == 0, "none of another account");
	is_str(get("one").from_name, "Můj Romeo", "people have their names");
	is_str(get("two").from_name, NULL, "occupants have none");
}

static char *
presences(const struct read_presence *want)
{
	struct read_presence_cursor *c;
	struct entry_presence p;
	struct buf out = { 0 };
	struct err err = { 0 };
	int got = -1;

	c = read_presences(store, want, &err);
	if (c != NULL)
		while ((got = read_presence_next(c, arena, &p, &err)) > 0)
			buf_printf(&out, "%s%s %s%s%s",
			    out.len ? ", " : "", p.from,
			    presence_type_name(p.type),
			    p.status_count > 1 ? " " : "",
			    p.status_count > 1 ? p.statuses[1].text : "");
	read_presence_free(c);
	if (got < 0)
		buf_str(&out, err.text);
	buf_str(&out, "");
	return buf_take(&out);
}

static void
test_presences(void)
{
	static const struct text statuses[] = {
		{ "en", "sleeping", 8 }, { "cs", "spím", 5 },
	};
	static const int codes[] = { 110, 201 };
	static const struct room_item item = {
		.nick = "Bob", .affiliation = "member", .role = "participant",
		.codes = codes, .code_count = 2,
	};
	struct read_presence want = { 0 };
	struct read_presence_cursor *c;
	struct entry_presence p = { 0 };
	struct record r;
	char *got;

	r = said(0, PEER_X, NULL, NULL);
	r.kind = RECORD_PRESENCE;
	r.chat = NULL;
	r.show = SHOW_AWAY;
	r.priority = 5;
	r.statuses = statuses;
	r.status_count = 2;
	batch_add(batch, &r);
	r.time_us = r.received_us = NOON + TIME_SECOND;
	r.from = PEER;
	r.presence = PRESENCE_UNAVAILABLE;
	r.status_count = 0;
	batch_add(batch, &r);
	r.time_us = r.received_us = NOON + 2 * TIME_SECOND;
	r.from = ROOM "/Bob";
	r.presence = PRESENCE_AVAILABLE;
	r.room = &item;
	batch_add(batch, &r);
	commit();
	got = presences(&want);
	is_str(got, PEER_X " available spím, " PEER " unavailable, "
	    ROOM "/Bob available", "all presences, oldest first");
	free(got);
	want.jid = PEER;
	got = presences(&want);
	is_str(got, PEER_X " available spím, " PEER " unavailable",
	    "of a person, with any resource");
	free(got);
	want.jid = PEER_X;
	got = presences(&want);
	is_str(got, PEER_X " available spím", "of one resource");
	free(got);
	want.jid = NULL;
	want.since_us = NOON + 1;
	want.until_us = NOON + 2 * TIME_SECOND;
	got = presences(&want);
	is_str(got, PEER " unavailable", "of a time, its end excluded");
	free(got);
	want = (struct read_presence){ .jid = ROOM "/Bob" };
	c = read_presences(store, &want, NULL);
	ok(c != NULL && read_presence_next(c, arena, &p, NULL) == 1 &&
	    p.room != NULL && p.room->code_count == 2 &&
	    p.room->codes[1] == 201 && str_is(p.room->role, "participant"),
	    "an occupant's state");
	read_presence_free(c);
}

/* What stands for a text is shown; signals are not. */
static void
test_shown(void)
{
	static const struct invite invite = {
		.room = ROOM, .from = PEER, .is_direct = true,
	};
	struct record r;

	r = said(0, PEER_X, "sealed", NULL);
	r.encryption_ns = "urn:xmpp:omemo:2";
	batch_add(batch, &r);
	r = said(1, PEER_X, "invited", NULL);
	r.invite = &invite;
	batch_add(batch, &r);
	r = said(2, PEER_X, "refused", NULL);
	r.type = MESSAGE_ERROR;
	r.has_error = true;
	r.error.condition = "service-unavailable";
	batch_add(batch, &r);
	r = said(3, PEER_X, "bounced", NULL);
	r.type = MESSAGE_ERROR;
	r.has_error = true;
	r.error.condition = "service-unavailable";
	r.chat_state = STATE_COMPOSING;
	batch_add(batch, &r);
	r = said(4, PEER_X, "gone", NULL);
	r.chat_state = STATE_GONE;
	batch_add(batch, &r);
	r = said(5, ME_HERE, "same", "x");
	r.origin_id = "same";
	batch_add(batch, &r);
	commit();
	is_walk(false, false, "same:x refused: invited: sealed:",
	    "envelopes, invitations and errors are shown, signals are not");
	is_str(get("refused").error.condition, "service-unavailable",
	    "the error's condition");
	ok(get("invited").invite != NULL &&
	    str_is(get("invited").invite->room, ROOM) &&
	    get("invited").invite->is_direct, "the invitation's room");
	is_str(get("same").origin_id, "same", "an origin-id as the id");
	is_str(get("gone").origin_id, NULL, "or none");
}

/* A cursor needs nothing of its caller's. */
static void
test_selection(void)
{
	struct record r = said(0, PEER_X, "one", "1");
	struct read_bind *bind = mem_alloc(sizeof *bind);
	char *id = mem_str("one");
	struct read_select select = {
		.sql = "SELECT id FROM message WHERE sid = ?1",
		.binds = bind, .bind_count = 1,
	};
	struct read_want want = { 0 };
	struct entry_message m;
	struct read_cursor *c;

	batch_add(batch, &r);
	commit();
	bind->is_text = true;
	bind->text = id;
	c = read_messages(store, &select, NULL);
	free(id);
	free(bind);
	ok(c != NULL && read_next(c, arena, &want, &m, NULL) == 1,
	    "what was selected by may go before the first step");
	read_cursor_free(c);
}

static void
test_absent(void)
{
	struct read_select wrong = { .sql = "SELECT id FROM nowhere" };
	struct read_want want = { 0 };
	struct entry_message m;
	struct err err = { 0 };

	ok(read_message(store, arena, 1, &want, &m, &err) == -1 &&
	    err.code == ERR_ABSENT && strstr(err.text, "0000000000000001"),
	    "a message that is not there is said to be absent");
	ok(read_messages(store, &wrong, &err) == NULL &&
	    err.code != ERR_NONE, "a wrong statement is an error");
	is_walk(false, false, "", "an empty archive gives nothing");
}

int
main(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} tests[] = {
		{ "everything.db", test_everything },
		{ "versions.db", test_versions },
		{ "effects.db", test_effects }, { "room.db", test_room },
		{ "copies.db", test_copies }, { "chats.db", test_chats },
		{ "presences.db", test_presences },
		{ "shown.db", test_shown },
		{ "selection.db", test_selection },
		{ "absent.db", test_absent },
	};
	size_t i;

	for (i = 0; i < COUNT(tests); i++) {
		begin(tests[i].name);
		tests[i].run();
		end();
	}
	return done();
}
