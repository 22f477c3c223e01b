/* Records become rows, durable by number; and the rows can be proven. */
#include "store/gaps.h"
#include "store/pack.h"
#include "tests/store/archive.h"

static void
test_tickets(void)
{
	struct store *s = open_new("tickets.db");
	struct batch *b = batch_new(s);
	struct arena *a = arena_new();
	const struct batch_counts *counts;
	struct err err = { 0 };
	uint64_t durable = 0;
	struct record r = make_message(a, NOON, "one");

	is_int((long long)batch_add(b, &r), 1, "tickets count from one");
	is_int((long long)batch_add(b, NULL), 2, "also without a record");
	r = make_message(a, NOON, "two");
	is_int((long long)batch_add(b, &r), 3, "and go on");
	is_int((long long)batch_count(b), 3, "three wait");
	ok(batch_bytes(b) > 0, "in some memory");
	is_int(number(s, "SELECT count(*) FROM message"), 0,
	    "nothing is written before the commit");
	arena_reset(a);		/* the batch has copies */
	ok(batch_commit(b, NOON, &durable, &err) == 0, "a commit %s", err.text);
	is_int((long long)durable, 3, "makes all of them durable");
	is_int(number(s, "SELECT count(*) FROM message"), 2, "they are there");
	is_int((long long)batch_count(b), 0, "none waits");
	is_int((long long)batch_bytes(b), 0, "no memory is held");
	is_int(number(s, "SELECT count(*) FROM seal"), 1, "one seal");
	(void)batch_add(b, NULL);
	is_int((long long)batch_count(b), 1, "a ticket without record waits");
	ok(batch_commit(b, NOON, &durable, &err) == 0 && durable == 4,
	    "and is durable with the next commit");
	is_int(number(s, "SELECT count(*) FROM seal"), 1,
	    "for which nothing need be sealed");
	is_int(number(s, "SELECT max(id) - min(id) FROM message"), 1,
	    "two messages of one microsecond have two ids");
	ok(batch_counts(b, &counts) == 1 && counts[0].messages == 2 &&
	    str_is(counts[0].account, ME), "they were counted");
	ok(batch_counts(b, &counts) == 0, "once");
	arena_free(a);
	batch_free(b);
	check(s, "tickets");
	store_close(s);
}

/* Everything a message can say comes back from its rows. */
static void
test_whole(void)
{
	static const char *const emojis[] = { "❤", "👍" };
	static const struct text bodies[] = {
		{ "en", "Good morning", 12, false },
		{ "cs", "Dobré ráno", 12, true },
		{ NULL, "", 0, true },
	};
	static const struct text subjects[] = { { "cs", "Ráno", 5, true } };
	static const struct delay delays[] = {
		{ NOON - TIME_HOUR, "example.com", "Offline" },
	};
	static const struct link links[] = {
		{ "https://x.example/a.jpg", "a", "image/jpeg", "a.jpg", 17 },
		{ "https://x.example/b", NULL, NULL, NULL, -1 },
	};
	static const struct fallback fallbacks[] = {
		{ "urn:xmpp:reply:0", false, 0, 12 },
	};
	static const struct invite invite = { .room = ROOM, .from = PEER };
	struct store *s = open_new("whole.db");
	struct batch *b = batch_new(s);
	struct arena *a = arena_new();
	struct err err = { 0 };
	uint64_t durable;
	struct record r = make_message(a, NOON, "x");
	struct ref *ref;

	r.bodies = bodies;
	r.body_count = COUNT(bodies);
	r.subjects = subjects;
	r.subject_count = 1;
	r.delays = delays;
	r.delay_count = 1;
	r.links = links;
	r.link_count = 2;
	r.fallbacks = fallbacks;
	r.fallback_count = 1;
	r.invite = &invite;
	r.thread = "t1";
	r.parent_thread = "t0";
	r.stanza_id = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
	r.origin_id = "not-a-uuid";
	r.encryption_ns = "urn:xmpp:omemo:2";
	r.has_error = true;
	r.error.condition = "gone";
	r.no_store = true;
	r.nick = "Romeo";
	make_archive_id(a, &r, ME, "m1", true);
	make_archive_id(a, &r, "x.example", "m9", false);
	ref = make_ref(a, &r, REF_REACT, "nowhere");
	ref->emojis = emojis;
	ref->emoji_count = 2;
	(void)batch_add(b, &r);
	ok(batch_commit(b, NOON, &durable, &err) == 0, "all of it %s",
	    err.text);
	is_int(number(s, "SELECT count(*) FROM text"), 3,
	    "rows for further languages and for a subject in another");
	is_int(number(s, "SELECT count(*) FROM text WHERE text IS NULL AND "
	    "lang = 'cs' AND kind = 1 AND seq = 0"), 1,
	    "the text of a first one stays in its message");
	is_int(number(s, "SELECT body = 'Good morning' AND subject = 'Ráno' "
	    "AND typeof(sid) = 'blob' AND length(sid) = 16 AND "
	    "oid = 'not-a-uuid' AND aid = 'm1' AND thread = 't1' AND "
	    "flags & (4 | 64 | 128 | 256 | 4096 | 8192 | 32768 | 65536) = "
	    "(4 | 64 | 128 | 256 | 4096 | 8192 | 32768 | 65536) AND "
	    "flags & 131072 = 0 FROM message"), 1, "columns and flags");
	is_int(number(s, "SELECT stanza_id = "
	    "'3fa85f64-5717-4562-b3fc-2c963f66afa6' FROM messages"), 1,
	    "the view shows a UUID as it was");
	is_int(number(s, "SELECT count(*) FROM texts"), 4,
	    "the view shows every text");
	is_int(number(s, "SELECT size = 17 FROM link WHERE seq = 0"), 1,
	    "links");
	is_int(number(s, "SELECT size IS NULL FROM link WHERE seq = 1"), 1,
	    "an unknown size is unknown");
	is_int(number(s, "SELECT past = 12 FROM fallback"), 1, "fallbacks");
	is_int(number(s, "SELECT invite_room = '" ROOM "' AND invite_kind = 0 "
	    "AND error_condition = 'gone' AND parent_thread = 't0' "
	    "FROM detail"), 1, "details");
	is_int(number(s, "SELECT emojis = '❤' || char(10) || '👍' FROM ref"), 1,
	    "a reaction's whole set");
	is_int(number(s, "SELECT count(*) FROM archive_id WHERE id = 'm9' "
	    "AND NOT trusted"), 1, "an id that nobody vouches for is kept");
	is_int(number(s, "SELECT count(*) FROM ft WHERE ft MATCH "
	    "'{body subject} : \"dobre rano\"'"), 1,
	    "a second language is found");
	is_int(number(s, "SELECT count(*) FROM ft WHERE ft MATCH "
	    "'subject : \"rano\" AND meta : \"c1\"'"), 1,
	    "and the subject, in its chat");
	r = make_message(a, NOON + 1, "no xml");
	r.raw = NULL;
	r.raw_len = 0;
	(void)batch_add(b, &r);
	ok(batch_commit(b, NOON, &durable, &err) == 0 &&
	    number(s, "SELECT count(*) FROM raw") == 1,
	    "a message may come without its stanza");
	arena_free(a);
	batch_free(b);
	check(s, "whole");
	store_close(s);
}

/* A record that the archive cannot take stops nobody. */
static void
test_poison(void)
{
	struct store *s = open_new("poison.db");
	struct batch *b = batch_new(s);
	struct arena *a = arena_new();
	struct err err = { 0 };
	uint64_t durable = 0;
	unsigned noise = 1;
	int i;

	(void)db_run(store_db(s), "CREATE TRIGGER poison BEFORE INSERT ON raw "
	    "WHEN length(NEW.data) > 5000 BEGIN "
	    "SELECT raise(ABORT, 'too much'); END", &err);
	for (i = 0; i < 20; i++) {
		struct record r = make_message(a, NOON + i, "fine");
		char *big;
		size_t j;

		r.stanza_id = arena_printf(a, "p%d", i);
		if (i % 7 == 3) {
			big = arena_alloc(a, 20001);
			for (j = 0; j < 20000; j++) {
				noise = noise * 1103515245u + 12345u;
				big[j] = (char)('!' + (noise >> 16) % 90);
			}
			r.raw = big;
			r.raw_len = 20000;
		}
		(void)batch_add(b, &r);
	}
	ok(batch_commit(b, NOON, &durable, &err) == 0 && durable == 20,
	    "a commit goes through whatever strangers sent %s", err.text);
	is_int(number(s, "SELECT count(*) FROM message"), 17,
	    "what can be taken is there");
	is_int(number(s, "SELECT count(*) FROM forged WHERE kind = 0 AND "
	    "length(raw) = 20000 AND why LIKE '%too much%'"), 3,
	    "what cannot is kept apart, whole, with the reason");
	(void)db_run(store_db(s), "DROP TRIGGER poison", NULL);
	arena_free(a);
	batch_free(b);
	check(s, "poison");
	store_close(s);
}

/* Nor does what fails at another place: while it is kept apart, in an
 * operation of gaps.h, or only when the commit is finished. */
static const struct {
	const char *name, *trigger;
	int messages, forged;
	const char *dropped;	/* NULL: nothing */
} obstacles[] = {
	{ "nothing", NULL, 41, 1, NULL },
	{ "a forgery that cannot be kept", "forged WHEN NEW.kind = 1", 41, 0,
	    "no way" },
	{ "a contact that cannot be kept", "roster", 41, 1, "no way" },
	{ "a chat that cannot be counted", "tally WHEN NEW.chat = "
	    "(SELECT c.id FROM chat c JOIN address a ON a.id = c.peer "
	    "WHERE a.jid LIKE 'odd@%')", 40, 2, NULL },
};

static void
test_obstacles(void)
{
	const struct gaps_contact contact = { .jid = PEER };
	struct arena *a = arena_new();
	struct err err = { 0 };
	size_t i;
	int j;

	for (i = 0; i < COUNT(obstacles); i++) {
		struct store *s = open_new(arena_printf(a, "bar%zu.db", i));
		struct batch *b = batch_new(s);
		char why[256] = "";
		uint64_t durable = 0;
		struct record r;

		if (obstacles[i].trigger != NULL && db_run(store_db(s),
		    arena_printf(a, "CREATE TRIGGER bar BEFORE INSERT ON %s "
		    "BEGIN SELECT raise(ABORT, 'no way'); END",
		    obstacles[i].trigger), &err) != 0)
			ok(false, "%s", err.text);
		for (j = 0; j < 40; j++) {
			r = make_message(a, NOON + j, "fine");
			r.stanza_id = arena_printf(a, "f%d", j);
			(void)batch_add(b, &r);
			if (j == 17) {
				r.forged = FORGED_CARBON;
				(void)batch_add(b, &r);
				gaps_roster_put(b, ME, true, &contact, 1, "1");
			}
			if (j == 23) {
				r.chat = r.from = "odd@example.net";
				(void)batch_add(b, &r);
			}
		}
		ok(batch_commit(b, NOON, &durable, &err) == 0 &&
		    durable == 42 && batch_count(b) == 0,
		    "%s stops nobody %s", obstacles[i].name, err.text);
		is_int(number(s, "SELECT count(*) FROM message"),
		    obstacles[i].messages, "what can be taken is there");
		is_int(number(s, "SELECT count(*) FROM forged"),
		    obstacles[i].forged, "or kept apart");
		ok(batch_dropped(b, why, sizeof why) ==
		    (obstacles[i].dropped != NULL) &&
		    (obstacles[i].dropped == NULL ||
		    strstr(why, obstacles[i].dropped) != NULL),
		    "and what is dropped is told: %s", why);
		ok(!batch_dropped(b, why, sizeof why), "once");
		(void)db_run(store_db(s), "DROP TRIGGER IF EXISTS bar", NULL);
		batch_free(b);
		check(s, obstacles[i].name);
		store_close(s);
	}
	arena_free(a);
}

/* A session that is older than thousands of others, whose number another
 * process took. */
static void
test_many_sessions(void)
{
	struct gaps_session session = { .account = ME, .jid = ME_HERE,
	    .opened_us = NOON };
	struct store *s = open_new("logins.db");
	struct batch *b = batch_new(s);
	struct arena *a = arena_new();
	struct err err = { 0 };
	uint64_t durable, old, first = gaps_session_open(b, &session);
	struct record r = make_message(a, NOON + 1, "late");
	int i;

	(void)db_run(store_db(s), "PRAGMA synchronous = OFF", NULL);
	(void)batch_commit(b, NOON, &durable, &err);
	old = gaps_session_open(b, &session);
	ok(old == first + 1 && db_run(store_db(s), "INSERT INTO session "
	    "(id, account, opened, alive) SELECT id + 1, account, 5, 5 "
	    "FROM session", &err) == 0, "another process is quicker %s",
	    err.text);
	(void)batch_commit(b, NOON, &durable, &err);
	for (i = 0; i < 5000; i++) {
		uint64_t id = gaps_session_open(b, &session);

		gaps_session_close(b, id, NOON + 5, NULL);
		if (i % 1000 == 999)
			(void)batch_commit(b, NOON, &durable, &err);
	}
	r.stream = old;
	(void)batch_add(b, &r);
	ok(batch_commit(b, NOON + TIME_HOUR, &durable, &err) == 0,
	    "a message of the old session %s", err.text);
	is_int(number(s, "SELECT stream FROM message"), (long long)old + 1,
	    "belongs to its row");
	is_int(number(s, "SELECT alive - opened FROM session JOIN message m "
	    "ON m.stream = session.id"), TIME_HOUR, "and keeps it alive");
	is_int(number(s, "SELECT count(*) FROM session WHERE closed IS NULL "
	    "AND opened <> 5"), 2, "all others are closed");
	arena_free(a);
	batch_free(b);
	store_close(s);
}

static void
test_apart(void)
{
	struct store *s = open_new("apart.db");
	struct batch *b = batch_new(s);
	struct arena *a = arena_new();
	struct err err = { 0 };
	uint8_t sha[32] = { 1, 2, 3 };
	uint64_t durable;
	struct record r = make_message(a, NOON, "believe me");

	r.forged = FORGED_CARBON;
	r.forged_why = "not from our own server";
	(void)batch_add(b, &r);
	r = make_message(a, NOON, NULL);
	r.kind = RECORD_OTHER;
	r.oversize_len = 11000000;
	r.oversize_sha256 = sha;
	(void)batch_add(b, &r);
	ok(batch_commit(b, NOON, &durable, &err) == 0, "forged and oversize %s",
	    err.text);
	is_int(number(s, "SELECT count(*) FROM message"), 0,
	    "are no messages");
	is_int(number(s, "SELECT count(*) FROM forged WHERE kind = 1 AND "
	    "why = 'not from our own server' AND body = 'believe me'"), 1,
	    "one is kept with what is wrong with it");
	is_int(number(s, "SELECT count(*) FROM forged WHERE "
	    "why LIKE 'beyond the limits: 11000000 bytes, SHA-256 010203%'"), 1,
	    "one with its size and sum");
	arena_free(a);
	batch_free(b);
	check(s, "apart");
	store_close(s);
}

/* An account without raw stanzas: read again and again, nothing is there
 * twice, and what the archive changed is not lost. */
static void
test_without_raw(void)
{
	static const struct {
		const char *name, *body;
		enum route route;
		uint64_t query;
		int copies, raws;
	} steps[] = {
		{ "a message has no raw stanza", "hi", ROUTE_LIVE, 0, 0, 0 },
		{ "nor has its copy", "hi", ROUTE_MAM, 1, 1, 0 },
		{ "read again it adds nothing", "hi", ROUTE_MAM, 2, 1, 0 },
		{ "what changed is kept", "hi!", ROUTE_MAM, 3, 2, 1 },
		{ "once", "hi!", ROUTE_MAM, 4, 2, 1 },
		{ "however often it comes", "hi!", ROUTE_MAM, 5, 2, 1 },
		{ "another change too", "ho", ROUTE_MAM, 6, 3, 2 },
		{ "and a carbon that says so needs no second", "ho",
		    ROUTE_CARBON, 0, 4, 2 },
	};
	struct store *s = open_new("noraw.db");
	struct batch *b = batch_new(s);
	struct arena *a = arena_new();
	struct err err = { 0 };
	uint64_t durable;
	size_t i;

	for (i = 0; i < COUNT(steps); i++) {
		struct record r = make_message(a, NOON, steps[i].body);

		r.stanza_id = "a";
		r.route = steps[i].route;
		r.stream = 1;
		r.query = steps[i].query;
		r.drops_raw = true;
		make_archive_id(a, &r, ME, "m1", true);
		(void)batch_add(b, &r);
		if (batch_commit(b, NOON, &durable, &err) != 0)
			ok(false, "%s", err.text);
		ok(number(s, "SELECT count(*) FROM message") == 1 &&
		    number(s, "SELECT count(*) FROM raw") == 0 &&
		    number(s, "SELECT count(*) FROM copy") ==
		    steps[i].copies && number(s, "SELECT count(*) FROM copy "
		    "WHERE raw IS NOT NULL") == steps[i].raws,
		    "without raw: %s", steps[i].name);
	}
	arena_free(a);
	batch_free(b);
	check(s, "without raw");
	store_close(s);
}

/* What is kept apart and lies in an archive comes with each look at it. */
static const struct {
	const char *name, *by, *id;
	uint64_t stream, query;
	enum route route;
	int want;		/* rows then */
} looks[] = {
	{ "a forgery that an archive holds is kept apart", ME, "m1", 1, 1,
	    ROUTE_MAM, 1 },
	{ "and read again it is not there twice", ME, "m1", 1, 2, ROUTE_MAM,
	    1 },
	{ "nor in another session", ME, "m1", 2, 1, ROUTE_MAM, 1 },
	{ "another id is another forgery", ME, "m2", 2, 1, ROUTE_MAM, 2 },
	{ "so is another archive's", ROOM, "m1", 2, 3, ROUTE_MAM, 3 },
	{ "and a second with its id in one look", ROOM, "m1", 2, 3, ROUTE_MAM,
	    4 },
	{ "read again these are not there twice either", ROOM, "m1", 2, 4,
	    ROUTE_MAM, 4 },
	{ "what comes live is another each time", NULL, NULL, 2, 0, ROUTE_LIVE,
	    5 },
	{ "even if it is the same", NULL, NULL, 2, 0, ROUTE_LIVE, 6 },
};

static void
test_apart_again(void)
{
	struct store *s = open_new("again.db");
	struct batch *b = batch_new(s);
	struct arena *a = arena_new();
	struct err err = { 0 };
	uint64_t durable;
	size_t i;

	for (i = 0; i < COUNT(looks); i++) {
		struct record r = make_message(a, NOON + (int64_t)i,
		    "believe me");

		r.forged = FORGED_NESTED;
		r.forged_why = "a carbon within a carbon";
		r.route = looks[i].route;
		r.stream = looks[i].stream;
		r.query = looks[i].query;
		r.raw = arena_printf(a, "<message><result queryid='%d'/>"
		    "</message>", (int)looks[i].query);
		r.raw_len = strlen(r.raw);
		if (looks[i].id != NULL)
			make_archive_id(a, &r, looks[i].by, looks[i].id, true);
		(void)batch_add(b, &r);
		if (batch_commit(b, NOON, &durable, &err) != 0)
			ok(false, "%s", err.text);
		is_int(number(s, "SELECT count(*) FROM forged"),
		    looks[i].want, looks[i].name);
	}
	arena_free(a);
	batch_free(b);
	check(s, "apart and again");
	store_close(s);
}

/* Whoever changes a row afterwards breaks the chain at its seal. */
static const struct {
	const char *name, *sql;
} forgeries[] = {
	{ "a body", "UPDATE message SET body = 'never' WHERE arrival = 7" },
	{ "a time", "UPDATE message SET received = 1 WHERE arrival = 7" },
	{ "a sender", "UPDATE address SET jid = 'x@y' WHERE id = "
	    "(SELECT sender FROM message WHERE arrival = 7)" },
	{ "a stanza", "UPDATE raw SET data = x'00', dict = -1 WHERE message = "
	    "(SELECT id FROM message WHERE arrival = 7)" },
	{ "a message that is gone", "DELETE FROM message WHERE arrival = 7" },
	{ "a message put in", "INSERT INTO message SELECT 5, chat, type, "
	    "direction, route, sender, recipient, time, received, 1000, "
	    "stream, query, sid, oid, aid, hash, flags, state, root, lang, "
	    "thread, subject, body, nick FROM message WHERE arrival = 7" },
	{ "a seal", "UPDATE seal SET head = zeroblob(32) WHERE id = 2" },
	{ "a presence", "UPDATE presence SET status = 'here'" },
	{ "a copy", "UPDATE copy SET stamp = 5" },
};

static void
test_forgeries(void)
{
	struct arena *a = arena_new();
	struct err err = { 0 };
	uint64_t durable;
	size_t i;
	int n;

	for (i = 0; i < COUNT(forgeries); i++) {
		char name[32];
		struct store *s;
		struct batch *b;
		struct record r;
		int64_t seals, broken;

		snprintf(name, sizeof name, "forge%zu.db", i);
		s = open_new(name);
		(void)db_run(store_db(s), "PRAGMA synchronous = OFF", NULL);
		b = batch_new(s);
		for (n = 0; n < 12; n++) {
			add_numbered(b, a, n);
			if (n % 4 == 3)
				(void)batch_commit(b, NOON, &durable, &err);
		}
		r = make_message(a, NOON, "message number 3 系统");
		r.kind = RECORD_PRESENCE;
		(void)batch_add(b, &r);
		r = make_message(a, NOON + 3 * TIME_SECOND,
		    "message number 3 系统");
		r.stanza_id = "n3";
		r.route = ROUTE_CARBON;
		r.archive_us = NOON;
		(void)batch_add(b, &r);
		(void)batch_commit(b, NOON, &durable, &err);
		ok(chain_check(store_db(s), &seals, &broken, &err) == 0 &&
		    broken == 0 && seals == 4, "the chain holds before");
		(void)db_run(store_db(s), forgeries[i].sql, &err);
		ok(chain_check(store_db(s), &seals, &broken, &err) == 0 &&
		    broken > 0, "%s is noticed (seal %lld)", forgeries[i].name,
		    (long long)broken);
		batch_free(b);
		store_close(s);
	}
	arena_free(a);
}

/* The dictionary: trained once, and everything can be read back. */
static void
test_pack(void)
{
	struct store *s = open_new("pack.db");
	struct batch *b = batch_new(s);
	struct arena *a = arena_new();
	struct pack *p = pack_new(store_db(s));
	struct buf raw = { 0 };
	struct err err = { 0 };
	struct db_stmt *st;
	uint64_t durable;
	int i, good = 0;

	(void)db_run(store_db(s), "PRAGMA synchronous = OFF", NULL);
	for (i = 0; i < 2 * PACK_TRAIN; i++) {
		struct record r = make_message(a, NOON + i, "x");

		r.raw = arena_printf(a, "<message xmlns='jabber:client' "
		    "from='%s' to='%s' id='%08x' type='chat'><body>This is "
		    "%d of many, %x</body></message>", PEER_X, ME_HERE,
		    (unsigned)i * 2654435761u, i, (unsigned)i * 40503u);
		r.raw_len = strlen(r.raw);
		r.stanza_id = arena_printf(a, "%d", i);
		(void)batch_add(b, &r);
		if (i % 500 == 499 &&
		    batch_commit(b, NOON, &durable, &err) != 0)
			ok(false, "%s", err.text);
	}
	is_int(number(s, "SELECT count(*) FROM dict"), 1, "one dictionary");
	ok(number(s, "SELECT count(*) FROM raw WHERE dict = 0") == PACK_TRAIN &&
	    number(s, "SELECT count(*) FROM raw WHERE dict = 1") == PACK_TRAIN,
	    "made after the first %d stanzas", PACK_TRAIN);
	ok(number(s, "SELECT sum(length(data)) FROM raw WHERE dict = 1") * 2 <
	    number(s, "SELECT sum(length(data)) FROM raw WHERE dict = 0"),
	    "it halves them");
	st = db_prepare(store_db(s), "SELECT dict, data FROM raw "
	    "ORDER BY message", NULL);
	for (i = 0; db_step(st, &err) > 0; i++) {
		char want[32];

		buf_reset(&raw);
		snprintf(want, sizeof want, "This is %d of many", i);
		good += pack_get(p, (int)db_get_int(st, 0), db_get_blob(st, 1),
		    db_get_len(st, 1), &raw, &err) == 0 &&
		    strstr(raw.data, want) != NULL;
	}
	is_int(good, 2 * PACK_TRAIN, "every stanza comes back");
	ok(pack_get(p, 1, "nonsense", 8, &raw, &err) != 0 &&
	    err.code == ERR_ARCHIVE, "a damaged one is told: %s", err.text);
	ok(pack_get(p, 77, "nonsense", 8, &raw, &err) != 0 &&
	    err.code == ERR_ARCHIVE, "and a missing dictionary: %s", err.text);
	db_free(st);
	buf_clear(&raw);
	pack_free(p);
	arena_free(a);
	batch_free(b);
	check(s, "packed");
	store_close(s);
}

int
main(void)
{
	test_tickets();
	test_whole();
	test_poison();
	test_obstacles();
	test_many_sessions();
	test_apart();
	test_apart_again();
	test_without_raw();
	test_forgeries();
	test_pack();
	return done();
}
