#include "store/gaps.h"

#include <string.h>

#include "base/time.h"
#include "store/db.h"
#include "store/inside.h"
#include "store/queue.h"

/* A stamp beside the end or the beginning of a session is no contradiction:
 * clocks differ. */
/* Servers stamp whole seconds, rounded down: within the last second before an
 * end a stamp may mean a moment behind it. */
#define STAMP	TIME_SECOND

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
	/* The newest session, unless it was closed, goes on; an older one that
	 * was not ended when its process was last seen alive. */
	struct db_stmt *st = db_stmt(store_db(s), "SELECT 1 FROM session n "
	    "JOIN address a ON a.id = n.account WHERE a.jid = ?1 "
	    "AND n.opened <= ?2 AND (coalesce(n.closed, n.alive) >= ?2 + ?3 "
	    "OR (n.closed IS NULL AND n.id = (SELECT max(id) FROM session "
	    "WHERE account = n.account))) LIMIT 1", err);
	int got;

	if (st == NULL)
		return -1;
	db_text(st, 1, account);
	db_int(st, 2, at_us);
	db_int(st, 3, STAMP);
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
