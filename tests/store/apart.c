/* Stanzas that are kept apart, on their way in and out. */
#include "store/read.h"
#include "tests/store/archive.h"

static void
commit(struct batch *batch)
{
	struct err err = { 0 };
	uint64_t durable;

	if (batch_commit(batch, NOON, &durable, &err) != 0)
		ok(false, "committed: %s", err.text);
}

static void
test_forged(void)
{
	struct store *store = open_new("apart.db");
	struct batch *batch = batch_new(store);
	struct arena *arena = arena_new();
	struct read_select select = {
		.sql = "SELECT id FROM forged ORDER BY id DESC",
		.is_forged = true,
	};
	struct read_want want = { .raw = true };
	struct entry_message m = { 0 };
	struct read_cursor *c;
	struct record r, said;
	struct err err = { 0 };
	int64_t count;

	r = make_message(arena, NOON, "trust me");
	r.from = "mallory@example.org/x";
	r.stanza_id = "bad";
	r.forged = FORGED_CARBON;
	r.forged_why = "not from our own address";
	r.chat = "mallory@example.org";
	r.lang = "cs";
	r.route = ROUTE_CARBON;
	batch_add(batch, &r);
	commit(batch);
	is_int(number(store, "SELECT count(*) FROM message"), 0,
	    "a forged stanza is among no messages");
	c = read_messages(store, &select, &err);
	ok(c != NULL && read_next(c, arena, &want, &m, &err) == 1 &&
	    m.forged != NULL && strstr(m.forged, "not from our own") &&
	    m.body_count == 1 && str_is(m.bodies[0].text, "trust me") &&
	    m.raw_len == r.raw_len && str_is(m.raw, r.raw),
	    "it is kept apart whole: %s", err.text);
	ok(m.id == r.received_us && m.time_us == r.received_us,
	    "its id is the moment when it came");
	ok(m.type == r.type && str_is(m.chat, "mallory@example.org") &&
	    str_is(m.stanza_id, "bad") && str_is(m.lang, "cs") &&
	    m.source == ROUTE_CARBON, "what it says of itself is kept");
	ok(read_message(store, arena, r.received_us, &want, &m, &err) == 0 &&
	    m.forged != NULL && str_is(m.bodies[0].text, "trust me"),
	    "it is opened by its id");
	read_cursor_free(c);
	ok(read_count(store, &select, &count, &err) == 0 && count == 1,
	    "and counted");
	/* Two more of that moment, of which one names no conversation, behind
	 * a message that has the next id. */
	said = make_message(arena, NOON, "hello");
	said.time_us = said.received_us = NOON + 1;
	batch_add(batch, &said);
	r.stanza_id = "bad2";
	batch_add(batch, &r);
	r.stanza_id = "bad3";
	r.chat = NULL;
	batch_add(batch, &r);
	commit(batch);
	c = read_messages(store, &select, &err);
	ok(read_next(c, arena, &want, &m, &err) == 1 &&
	    m.id == r.received_us + 3 && str_is(m.stanza_id, "bad3") &&
	    str_is(m.chat, "mallory@example.org") &&
	    read_next(c, arena, &want, &m, &err) == 1 &&
	    m.id == r.received_us + 2 && str_is(m.stanza_id, "bad2"),
	    "those of one moment have ids of their own");
	read_cursor_free(c);
	check(store, "with what was kept apart");
	arena_free(arena);
	batch_free(batch);
	store_close(store);
}

int
main(void)
{
	test_forged();
	return done();
}
