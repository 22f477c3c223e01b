/* Sessions, positions, accounts and rosters: queued, then there. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/batch.h"
#include "store/db.h"
#include "store/gaps.h"
#include "store/read.h"
#include "tests/store/help.h"
#include "tests/store/make.h"
#include "tests/tap.h"

static struct store *s;
static struct batch *b;
static struct arena *a;

static void
commit(void)
{
	struct err err = { 0 };
	uint64_t durable;

	if (batch_commit(b, NOON, &durable, &err) != 0)
		ok(false, "a commit: %s", err.text);
}

static int64_t
number(const char *sql)
{
	int64_t out = -1;

	(void)db_number(store_db(s), sql, -1, &out, NULL);
	return out;
}

static bool
was_connected(const char *account, int seconds)
{
	struct err err = { 0 };
	bool is = false;

	if (gaps_was_connected(s, account, NOON + seconds * TIME_SECOND, &is,
	    &err) != 0)
		ok(false, "%s", err.text);
	return is;
}

static void
test_sessions(void)
{
	struct gaps_session one = { .account = ME, .jid = ME_HERE,
	    .lang = "en", .mode = "observe", .opened_us = NOON };
	struct gaps_session more = { .account = ME, .mode = "mirror",
	    .has_carbons = true };
	uint64_t id = gaps_session_open(b, &one), second;
	struct record r = make_message(a, NOON + 1, "x");

	ok(id > 0, "a session has a number at once");
	r.stream = id;
	(void)batch_add(b, &r);
	is_int(number("SELECT count(*) FROM session"), 0, "its row comes later");
	commit();
	is_int(number("SELECT stream FROM message"), (long long)id,
	    "records carry it");
	gaps_session_update(b, id, &more);
	gaps_session_alive(b, id, NOON + 60 * TIME_SECOND);
	commit();
	is_int(number("SELECT count(*) FROM session WHERE mode = 'mirror' AND "
	    "carbons AND lang = 'en' AND jid IS NOT NULL AND closed IS NULL "
	    "AND alive = opened + 60000000"), 1, "what is learned later");
	gaps_session_alive(b, id, NOON);
	gaps_session_close(b, id, NOON + 100 * TIME_SECOND, "the end");
	gaps_session_alive(b, id, NOON + 500 * TIME_SECOND);
	commit();
	is_int(number("SELECT count(*) FROM session WHERE "
	    "closed = opened + 100000000 AND alive = closed AND "
	    "reason = 'the end'"), 1, "its end is its end");
	one.opened_us = NOON + 200 * TIME_SECOND;
	second = gaps_session_open(b, &one);
	commit();
	ok(second > id, "the next has another number");
	ok(!was_connected(ME, -1) && was_connected(ME, 0) &&
	    was_connected(ME, 99), "connected from the beginning on");
	ok(!was_connected(ME, 100) && !was_connected(ME, 199),
	    "not from the second of the end on");
	ok(was_connected(ME, 200) && was_connected(ME, 300),
	    "the one that is open goes on");
	ok(!was_connected("nobody@example.com", 50), "each account its own");
}

static const struct {
	const char *name, *id;
	int stamp_s;
	const char *want;
} moves[] = {
	{ "a first position", "p1", 10, "p1" },
	{ "goes on", "p2", 20, "p2" },
	{ "never goes back", "p0", 15, "p2" },
	{ "may go on within one stamp", "p3", 20, "p3" },
};

static void
test_positions(void)
{
	struct gaps_position at;
	struct err err = { 0 };
	size_t i;

	ok(gaps_position_get(s, a, ME, ME, &at, &err) == 0 && at.id == NULL,
	    "no position at first");
	for (i = 0; i < COUNT(moves); i++) {
		gaps_position_move(b, ME, ME, moves[i].id,
		    NOON + moves[i].stamp_s * TIME_SECOND, NOON);
		commit();
		(void)gaps_position_get(s, a, ME, ME, &at, &err);
		is_str(at.id, moves[i].want, moves[i].name);
	}
	ok(gaps_position_get(s, a, ME, ROOM, &at, &err) == 0 && at.id == NULL,
	    "each archive has its own");
}

static void
test_accounts(void)
{
	struct gaps_account what = { .resource = "backscroll.x" }, got;
	struct err err = { 0 };

	ok(gaps_account_get(s, a, "new@example.com", &got, &err) == 0 &&
	    got.resource == NULL && !got.has_scram, "nothing is known at first");
	gaps_account_put(b, "new@example.com", &what);
	what = (struct gaps_account){ .has_scram = true, .login_us = NOON };
	gaps_account_put(b, "new@example.com", &what);
	what = (struct gaps_account){ 0 };
	gaps_account_put(b, "new@example.com", &what);
	commit();
	ok(gaps_account_get(s, a, "new@example.com", &got, &err) == 0 &&
	    str_is(got.resource, "backscroll.x") && got.has_scram &&
	    !got.has_plus && got.login_us == NOON,
	    "what is put later leaves what is there");
}

static void
test_roster(void)
{
	static const struct gaps_contact all[] = {
		{ PEER, "Romeo Montéque", "both", NULL, "Friends\nVerona" },
		{ "nurse@example.com", NULL, "to", "subscribe", NULL },
	};
	static const struct gaps_contact change[] = {
		{ PEER, "Romeo", "from", NULL, NULL },
		{ "nurse@example.com", NULL, "remove", NULL, NULL },
	};
	struct gaps_contact *got;
	struct gaps_account account;
	struct err err = { 0 };
	size_t count;

	gaps_roster_put(b, ME, true, all, 2, "v1");
	commit();
	ok(gaps_roster_get(s, a, ME, &got, &count, &err) == 0 && count == 2 &&
	    str_is(got[0].jid, "nurse@example.com") && got[0].name == NULL &&
	    str_is(got[0].ask, "subscribe") && str_is(got[1].name,
	    "Romeo Montéque") && str_is(got[1].groups, "Friends\nVerona"),
	    "a roster comes back");
	is_int(number("SELECT count(*) FROM roster WHERE "
	    "name_fold = 'romeo monteque'"), 1, "with names folded for search");
	gaps_roster_put(b, ME, false, change, 2, "v2");
	commit();
	ok(gaps_roster_get(s, a, ME, &got, &count, &err) == 0 && count == 1 &&
	    str_is(got[0].name, "Romeo") && str_is(got[0].subscription,
	    "from"), "a push changes one and removes one");
	(void)gaps_account_get(s, a, ME, &account, &err);
	is_str(account.roster_version, "v2", "and its version is known");
	gaps_roster_put(b, ME, true, NULL, 0, "v3");
	commit();
	ok(gaps_roster_get(s, a, ME, &got, &count, &err) == 0 && count == 0,
	    "an empty roster is one, too");
}

static void
test_counts(void)
{
	int64_t messages, presences;
	struct err err = { 0 };
	struct record r = make_message(a, NOON + 9, NULL);

	r.kind = RECORD_PRESENCE;
	(void)batch_add(b, &r);
	commit();
	ok(gaps_counts(s, ME, &messages, &presences, &err) == 0 &&
	    messages == 1 && presences == 1, "counts for status");
	ok(gaps_counts(s, "nobody@example.com", &messages, &presences, &err)
	    == 0 && messages == 0 && presences == 0, "of nobody: none");
}

static int64_t
account_count(size_t accounts, const char *chat)
{
	static const char *const jids[] = { ME, "nurse@example.com" };
	struct read_accounts those = { jids, accounts };
	int64_t count = -1;

	(void)read_account_count(s, &those, chat, false, &count, NULL);
	return count;
}

static void
test_account_count(void)
{
	struct record r = make_message(a, NOON + 100, "shared");

	(void)batch_add(b, &r);
	r.account = "nurse@example.com";
	(void)batch_add(b, &r);
	r = make_message(a, NOON + 101, NULL);
	r.chat = ROOM;
	r.chat_kind = CHAT_ROOM;
	(void)batch_add(b, &r);
	commit();
	is_int(account_count(0, NULL), 2, "two accounts have messages");
	is_int(account_count(1, NULL), 1, "of one account, one");
	is_int(account_count(2, PEER), 2, "both talk with the peer");
	is_int(account_count(0, ROOM), 0, "what is not shown does not count");
}

/* A position may not be durable before what it stands for. */
static void
test_together(void)
{
	struct err err = { 0 };
	struct gaps_position at;
	struct record r = make_message(a, NOON + 77, "page");
	uint64_t durable;

	(void)batch_add(b, &r);
	gaps_position_move(b, ME, ROOM, "last", NOON + 77, NOON);
	(void)db_run(store_db(s), "CREATE TRIGGER no BEFORE INSERT ON seal "
	    "BEGIN SELECT raise(ABORT, 'no'); END", NULL);
	ok(batch_commit(b, NOON, &durable, &err) != 0, "a commit fails: %s",
	    err.text);
	(void)gaps_position_get(s, a, ME, ROOM, &at, &err);
	ok(at.id == NULL, "and moves no position");
	(void)db_run(store_db(s), "DROP TRIGGER no", NULL);
	commit();
	(void)gaps_position_get(s, a, ME, ROOM, &at, &err);
	ok(str_is(at.id, "last") && number("SELECT count(*) FROM message "
	    "WHERE body = 'page'") == 1, "the next one brings both");
}

int
main(void)
{
	struct err err = { 0 };

	s = store_open(help_path("gaps.db"), STORE_WRITE, 0, &err);
	if (!ok(s != NULL, "an archive opens %s", err.text))
		return done();
	b = batch_new(s);
	a = arena_new();
	test_sessions();
	test_positions();
	test_accounts();
	test_roster();
	test_counts();
	test_together();
	test_account_count();
	batch_free(b);
	store_close(s);
	arena_free(a);
	return done();
}
