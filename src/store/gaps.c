#include "store/gaps.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/time.h"
#include "base/unicode.h"
#include "store/db.h"
#include "store/inside.h"
#include "store/queue.h"

/* A stamp beside the end or the beginning of a session is no contradiction:
 * clocks differ. */
#define TOLERANCE	(5 * TIME_SECOND)

struct session_arg {
	uint64_t id;
	struct gaps_session s;
	int64_t at_us;
	const char *reason;
};

static struct session_arg *
session_arg(struct batch *b, uint64_t id, const struct gaps_session *s)
{
	struct arena *a = queue_arena(b);
	struct session_arg *arg = arena_alloc(a, sizeof *arg);

	arg->id = id;
	if (s == NULL)
		return arg;
	arg->s = *s;
	arg->s.account = arena_str(a, s->account);
	arg->s.jid = arena_str(a, s->jid);
	arg->s.lang = arena_str(a, s->lang);
	arg->s.mode = arena_str(a, s->mode);
	return arg;
}

static int
open_session(struct put *p, const void *v, struct err *err)
{
	const struct session_arg *arg = v;
	const struct gaps_session *s = &arg->s;
	struct db_stmt *st;
	int64_t account, jid, id = (int64_t)arg->id;
	int got;

	if (intern_account(p->intern, s->account, &account, err) != 0 ||
	    intern_address(p->intern, s->jid, &jid, err) != 0)
		return -1;
	st = db_stmt(p->db, "INSERT INTO session "
	    "(id, account, jid, opened, alive, lang, mode, carbons) "
	    "VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7)", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	db_int(st, 2, account);
	if (jid != 0)
		db_int(st, 3, jid);
	db_int(st, 4, s->opened_us);
	db_text(st, 5, s->lang);
	db_text(st, 6, s->mode);
	db_int(st, 7, s->has_carbons);
	if ((got = db_insert(st, err)) < 0)
		return -1;
	if (got > 0) {		/* another process was quicker */
		if (db_number(p->db, "SELECT max(id) + 1 FROM session", 1, &id,
		    err) != 0)
			return -1;
		db_int(st, 1, id);
		if (db_do(st, err) != 0)
			return -1;
	}
	put_stream_is(p, arg->id, id);
	return 0;
}

uint64_t
gaps_session_open(struct batch *b, const struct gaps_session *s)
{
	uint64_t id = queue_session(b);

	queue_session_is_open(b, id, true);
	queue_add(b, open_session, session_arg(b, id, s));
	return id;
}

static int
update_session(struct put *p, const void *v, struct err *err)
{
	const struct session_arg *arg = v;
	struct db_stmt *st;
	int64_t jid;

	if (intern_address(p->intern, arg->s.jid, &jid, err) != 0)
		return -1;
	st = db_stmt(p->db, "UPDATE session SET jid = coalesce(?2, jid), "
	    "lang = coalesce(?3, lang), mode = coalesce(?4, mode), "
	    "carbons = ?5 WHERE id = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, put_stream(p, arg->id));
	if (jid != 0)
		db_int(st, 2, jid);
	db_text(st, 3, arg->s.lang);
	db_text(st, 4, arg->s.mode);
	db_int(st, 5, arg->s.has_carbons);
	return db_do(st, err);
}

void
gaps_session_update(struct batch *b, uint64_t id, const struct gaps_session *s)
{
	queue_add(b, update_session, session_arg(b, id, s));
}

static int
alive_session(struct put *p, const void *v, struct err *err)
{
	const struct session_arg *arg = v;
	struct db_stmt *st = db_stmt(p->db, "UPDATE session "
	    "SET alive = max(alive, ?2) WHERE id = ?1 AND closed IS NULL", err);

	if (st == NULL)
		return -1;
	db_int(st, 1, put_stream(p, arg->id));
	db_int(st, 2, arg->at_us);
	return db_do(st, err);
}

void
gaps_session_alive(struct batch *b, uint64_t id, int64_t now_us)
{
	struct session_arg *arg = session_arg(b, id, NULL);

	arg->at_us = now_us;
	queue_add(b, alive_session, arg);
}

static int
close_session(struct put *p, const void *v, struct err *err)
{
	const struct session_arg *arg = v;
	struct db_stmt *st = db_stmt(p->db, "UPDATE session "
	    "SET alive = max(alive, ?2), closed = ?2, reason = ?3 "
	    "WHERE id = ?1 AND closed IS NULL", err);

	if (st == NULL)
		return -1;
	db_int(st, 1, put_stream(p, arg->id));
	db_int(st, 2, arg->at_us);
	db_text(st, 3, arg->reason);
	put_stream_ends(p, arg->id);
	return db_do(st, err);
}

void
gaps_session_close(struct batch *b, uint64_t id, int64_t now_us,
    const char *reason)
{
	struct session_arg *arg = session_arg(b, id, NULL);

	arg->at_us = now_us;
	arg->reason = arena_str(queue_arena(b), reason);
	queue_session_is_open(b, id, false);
	queue_add(b, close_session, arg);
}

int
gaps_was_connected(struct store *s, const char *account, int64_t at_us,
    bool *connected, struct err *err)
{
	struct db_stmt *st = db_stmt(store_db(s), "SELECT 1 FROM session n "
	    "JOIN address a ON a.id = n.account WHERE a.jid = ?1 "
	    "AND n.opened <= ?2 + ?3 "
	    "AND coalesce(n.closed, n.alive) >= ?2 - ?3 LIMIT 1", err);
	int got;

	if (st == NULL)
		return -1;
	db_text(st, 1, account);
	db_int(st, 2, at_us);
	db_int(st, 3, TOLERANCE);
	if ((got = db_step(st, err)) < 0)
		return -1;
	*connected = got > 0;
	db_reset(st);
	return 0;
}

struct position_arg {
	const char *account, *archive, *id;
	int64_t stamp_us, now_us;
};

/* It earned its place by a verified page, and never goes back. */
static int
move_position(struct put *p, const void *v, struct err *err)
{
	const struct position_arg *arg = v;
	struct db_stmt *st;
	int64_t account, archive;

	if (intern_account(p->intern, arg->account, &account, err) != 0 ||
	    intern_address(p->intern, arg->archive, &archive, err) != 0)
		return -1;
	st = db_stmt(p->db, "INSERT INTO position "
	    "(account, archive, id, stamp, moved) VALUES (?1, ?2, ?3, ?4, ?5) "
	    "ON CONFLICT (account, archive) DO UPDATE "
	    "SET id = ?3, stamp = ?4, moved = ?5 WHERE stamp <= ?4", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, account);
	db_int(st, 2, archive);
	db_text(st, 3, arg->id);
	db_int(st, 4, arg->stamp_us);
	db_int(st, 5, arg->now_us);
	return db_do(st, err);
}

void
gaps_position_move(struct batch *b, const char *account, const char *archive,
    const char *id, int64_t stamp_us, int64_t now_us)
{
	struct arena *a = queue_arena(b);
	struct position_arg *arg = arena_alloc(a, sizeof *arg);

	arg->account = arena_str(a, account);
	arg->archive = arena_str(a, archive);
	arg->id = arena_str(a, id);
	arg->stamp_us = stamp_us;
	arg->now_us = now_us;
	queue_add(b, move_position, arg);
}

int
gaps_position_get(struct store *s, struct arena *a, const char *account,
    const char *archive, struct gaps_position *out, struct err *err)
{
	struct db_stmt *st = db_stmt(store_db(s), "SELECT p.id, p.stamp "
	    "FROM position p JOIN address a ON a.id = p.account "
	    "JOIN address b ON b.id = p.archive "
	    "WHERE a.jid = ?1 AND b.jid = ?2", err);
	int got;

	memset(out, 0, sizeof *out);
	if (st == NULL)
		return -1;
	db_text(st, 1, account);
	db_text(st, 2, archive);
	if ((got = db_step(st, err)) <= 0)
		return got;
	out->id = arena_str(a, db_get_text(st, 0));
	out->stamp_us = db_get_int(st, 1);
	db_reset(st);
	return 0;
}

int
gaps_account_get(struct store *s, struct arena *a, const char *account,
    struct gaps_account *out, struct err *err)
{
	struct db_stmt *st = db_stmt(store_db(s), "SELECT t.resource, "
	    "t.scram_seen, t.plus_seen, t.login_seen, t.roster_version "
	    "FROM account t JOIN address a ON a.id = t.id WHERE a.jid = ?1",
	    err);
	int got;

	memset(out, 0, sizeof *out);
	if (st == NULL)
		return -1;
	db_text(st, 1, account);
	if ((got = db_step(st, err)) <= 0)
		return got;
	out->resource = arena_str(a, db_get_text(st, 0));
	out->has_scram = db_get_int(st, 1) != 0;
	out->has_plus = db_get_int(st, 2) != 0;
	out->login_us = db_get_int(st, 3);
	out->roster_version = arena_str(a, db_get_text(st, 4));
	db_reset(st);
	return 0;
}

struct account_arg {
	const char *account;
	struct gaps_account what;
};

static int
put_account(struct put *p, const void *v, struct err *err)
{
	const struct account_arg *arg = v;
	const struct gaps_account *what = &arg->what;
	struct db_stmt *st;
	int64_t account;

	if (intern_account(p->intern, arg->account, &account, err) != 0)
		return -1;
	st = db_stmt(p->db, "UPDATE account SET "
	    "resource = coalesce(?2, resource), "
	    "scram_seen = coalesce(?3, scram_seen), "
	    "plus_seen = coalesce(?4, plus_seen), "
	    "login_seen = coalesce(?5, login_seen), "
	    "roster_version = coalesce(?6, roster_version) WHERE id = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, account);
	db_text(st, 2, what->resource);
	if (what->has_scram)
		db_int(st, 3, 1);
	if (what->has_plus)
		db_int(st, 4, 1);
	if (what->login_us != 0)
		db_int(st, 5, what->login_us);
	db_text(st, 6, what->roster_version);
	return db_do(st, err);
}

void
gaps_account_put(struct batch *b, const char *account,
    const struct gaps_account *what)
{
	struct arena *a = queue_arena(b);
	struct account_arg *arg = arena_alloc(a, sizeof *arg);

	arg->account = arena_str(a, account);
	arg->what = *what;
	arg->what.resource = arena_str(a, what->resource);
	arg->what.roster_version = arena_str(a, what->roster_version);
	queue_add(b, put_account, arg);
}

struct roster_arg {
	const char *account, *version;
	bool is_whole;
	struct gaps_contact *contacts;
	size_t count;
};

static int
put_contact(struct put *p, int64_t account, const struct gaps_contact *c,
    struct err *err)
{
	struct buf fold = { 0 };
	struct db_stmt *st;
	int64_t contact;
	int result;

	if (intern_address(p->intern, c->jid, &contact, err) != 0)
		return -1;
	if (str_is(c->subscription, "remove")) {
		st = db_stmt(p->db, "DELETE FROM roster "
		    "WHERE account = ?1 AND contact = ?2", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, account);
		db_int(st, 2, contact);
		return db_do(st, err);
	}
	st = db_stmt(p->db, "INSERT OR REPLACE INTO roster (account, contact, "
	    "name, name_fold, subscription, ask, groups) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, account);
	db_int(st, 2, contact);
	db_text(st, 3, c->name);
	if (c->name != NULL) {
		unicode_fold(&fold, c->name, strlen(c->name));
		db_textn(st, 4, fold.data != NULL ? fold.data : "", fold.len);
	}
	db_text(st, 5, c->subscription != NULL ? c->subscription : "none");
	db_text(st, 6, c->ask);
	db_text(st, 7, c->groups);
	result = db_do(st, err);
	buf_clear(&fold);
	return result;
}

static int
put_roster(struct put *p, const void *v, struct err *err)
{
	const struct roster_arg *arg = v;
	struct account_arg version = {
		.account = arg->account,
		.what = { .roster_version = arg->version },
	};
	struct db_stmt *st;
	int64_t account;
	size_t i;

	if (intern_account(p->intern, arg->account, &account, err) != 0)
		return -1;
	if (arg->is_whole) {
		st = db_stmt(p->db, "DELETE FROM roster WHERE account = ?1",
		    err);
		if (st == NULL)
			return -1;
		db_int(st, 1, account);
		if (db_do(st, err) != 0)
			return -1;
	}
	for (i = 0; i < arg->count; i++)
		if (put_contact(p, account, &arg->contacts[i], err) != 0)
			return -1;
	return put_account(p, &version, err);
}

void
gaps_roster_put(struct batch *b, const char *account, bool is_whole,
    const struct gaps_contact *contacts, size_t count, const char *version)
{
	struct arena *a = queue_arena(b);
	struct roster_arg *arg = arena_alloc(a, sizeof *arg);
	size_t i;

	arg->account = arena_str(a, account);
	arg->version = arena_str(a, version);
	arg->is_whole = is_whole;
	arg->contacts = arena_array(a, count, sizeof *contacts);
	arg->count = count;
	for (i = 0; i < count; i++) {
		arg->contacts[i].jid = arena_str(a, contacts[i].jid);
		arg->contacts[i].name = arena_str(a, contacts[i].name);
		arg->contacts[i].subscription = arena_str(a,
		    contacts[i].subscription);
		arg->contacts[i].ask = arena_str(a, contacts[i].ask);
		arg->contacts[i].groups = arena_str(a, contacts[i].groups);
	}
	queue_add(b, put_roster, arg);
}

int
gaps_roster_get(struct store *s, struct arena *a, const char *account,
    struct gaps_contact **contacts, size_t *count, struct err *err)
{
	struct db_stmt *st = db_stmt(store_db(s), "SELECT b.jid, r.name, "
	    "r.subscription, r.ask, r.groups, count(*) OVER () FROM roster r "
	    "JOIN address a ON a.id = r.account "
	    "JOIN address b ON b.id = r.contact WHERE a.jid = ?1 "
	    "ORDER BY b.jid", err);
	struct gaps_contact *c;
	int got;

	*contacts = NULL;
	*count = 0;
	if (st == NULL)
		return -1;
	db_text(st, 1, account);
	while ((got = db_step(st, err)) > 0) {
		if (*contacts == NULL)
			*contacts = arena_array(a, (size_t)db_get_int(st, 5),
			    sizeof **contacts);
		c = &(*contacts)[(*count)++];
		c->jid = arena_str(a, db_get_text(st, 0));
		c->name = arena_str(a, db_get_text(st, 1));
		c->subscription = arena_str(a, db_get_text(st, 2));
		c->ask = arena_str(a, db_get_text(st, 3));
		c->groups = arena_str(a, db_get_text(st, 4));
	}
	return got;
}

int
gaps_counts(struct store *s, const char *account, int64_t *messages,
    int64_t *presences, struct err *err)
{
	struct db_stmt *st = db_stmt(store_db(s), "SELECT "
	    "(SELECT sum(t.total) FROM chat c JOIN tally t ON t.chat = c.id "
	    "WHERE c.account = t0.id), t0.presences FROM account t0 "
	    "JOIN address a ON a.id = t0.id WHERE a.jid = ?1", err);
	int got;

	*messages = *presences = 0;
	if (st == NULL)
		return -1;
	db_text(st, 1, account);
	if ((got = db_step(st, err)) <= 0)
		return got;
	*messages = db_get_int(st, 0);
	*presences = db_get_int(st, 1);
	db_reset(st);
	return 0;
}
