#include "store/refs.h"

#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "store/ident.h"
#include "store/target.h"

/* What an id may be: the sender's, or the archive's. */
struct keys {
	int64_t hash[2];
	int count;
};

static void
keys_of(struct put *p, const struct referrer *f, struct keys *k)
{
	/* In rooms the room's ids, but corrections go by the sender's. */
	k->hash[0] = ident_hash(p, f->account, NULL, f->id);
	k->hash[1] = ident_hash(p, f->account, f->chat_kind == CHAT_ROOM
	    ? f->peer : f->account, f->id);
	k->count = 2;
}

int
refs_begin(struct put *p, struct err *err)
{
	int64_t some;

	p->ref_budget = REFS_BUDGET;
	if (db_number(p->db, "SELECT EXISTS (SELECT 1 FROM pending)", 0, &some,
	    err) != 0)
		return -1;
	p->has_pending = some != 0;
	return 0;
}

static int
set_flags(struct put *p, int64_t message, int64_t flags, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "UPDATE message "
	    "SET flags = flags | ?2 WHERE id = ?1 AND flags & ?2 <> ?2", err);

	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	db_int(st, 2, flags);
	return db_do(st, err);
}

/* A message is no longer one that people see by itself. */
static int
hide(struct put *p, int64_t message, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "UPDATE message "
	    "SET flags = flags & ~?2 WHERE id = ?1 AND flags & ?2 <> 0 "
	    "RETURNING chat, coalesce(time, id)", err);
	int64_t chat, time_us;
	int got;

	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	db_int(st, 2, PUT_SHOWN);
	if ((got = db_step(st, err)) <= 0)
		return got;
	chat = db_get_int(st, 0);
	time_us = db_get_int(st, 1);
	inside_tally(p, chat, time_us, -1, 0);
	return db_do(st, err);
}

/* A message turned out to be a version of another: what pointed to it points
 * to the first one, and what was done to it was done to that. */
static int
make_version(struct put *p, int64_t message, int64_t root, struct err *err)
{
	static const char *const sql[] = {
		"UPDATE message SET root = ?2 WHERE id = ?1",
		"UPDATE message SET root = ?2 WHERE id IN (SELECT message "
		    "FROM ref WHERE target = ?1 AND kind = 0 AND valid = 1)",
		"UPDATE message SET flags = flags | (SELECT flags & ?3 "
		    "FROM message WHERE id = ?1) WHERE id = ?2",
		"UPDATE ref SET target = ?2 WHERE target = ?1",
	};
	size_t i;

	for (i = 0; i < sizeof sql / sizeof sql[0]; i++) {
		struct db_stmt *st = db_stmt(p->db, sql[i], err);

		if (st == NULL)
			return -1;
		db_int(st, 1, message);
		db_int(st, 2, root);
		if (i == 2)
			db_int(st, 3, PUT_EDITED | PUT_RETRACTED |
			    PUT_REACTED | PUT_READ);
		if (db_do(st, err) != 0)
			return -1;
	}
	return hide(p, message, err);
}

static int
take_effect(struct put *p, const struct referrer *f, int64_t root,
    struct err *err)
{
	switch (f->kind) {
	case REF_REPLACE:
		if (make_version(p, f->message, root, err) != 0)
			return -1;
		return set_flags(p, root, PUT_EDITED, err);
	case REF_RETRACT:
	case REF_MODERATE:
	case REF_TOMBSTONE:
		return set_flags(p, root, PUT_RETRACTED, err);
	case REF_REACT:
		return set_flags(p, root, PUT_REACTED, err);
	case REF_DISPLAYED:
		return set_flags(p, root, PUT_READ, err);
	case REF_REPLY:
	case REF_RECEIVED:
	case REF_ACKNOWLEDGED:
	case REF_ATTACH:
		break;
	}
	return 0;
}

static int
link_ref(struct put *p, const struct referrer *f, const struct target *t,
    bool valid, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "UPDATE ref "
	    "SET target = ?3, valid = ?4 WHERE message = ?1 AND seq = ?2", err);
	int64_t root = t->root;

	/* A circle of corrections has no first version. */
	if (root == f->message)
		return 0;
	if (st == NULL)
		return -1;
	db_int(st, 1, f->message);
	db_int(st, 2, f->seq);
	db_int(st, 3, root);
	db_int(st, 4, valid);
	if (db_do(st, err) != 0)
		return -1;
	return valid ? take_effect(p, f, root, err) : 0;
}

/* Tries one candidate: 1 it is the target, and the sender had the right; 0
 * it is not. An id that fits without the right is remembered in *wrong. */
static int
try_target(struct put *p, const struct referrer *f, int64_t message,
    struct target *wrong, struct err *err)
{
	struct target t;
	bool valid;

	if (target_load(p, f, message, &t, err) != 0)
		return -1;
	if (!t.is_it)
		return 0;
	if (target_may(p, f, &t, &valid, err) != 0)
		return -1;
	if (valid)
		return link_ref(p, f, &t, true, err) != 0 ? -1 : 1;
	if (wrong->message == 0)
		*wrong = t;
	return 0;
}

/* The newest day that is not after `day`, or -1. */
static int
day_before(struct put *p, int64_t *day, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db,
	    "SELECT max(day) FROM ident WHERE day <= ?1", err);

	if (st == NULL)
		return -1;
	db_int(st, 1, *day);
	if (db_step(st, err) <= 0)
		return -1;
	*day = db_is_null(st, 0) ? INT64_MIN : db_get_int(st, 0);
	db_reset(st);
	return 0;
}

enum { CANDIDATES = 64 };	/* with one id on one day, newest first */

/*
 * From a day backwards. 1: linked; 0: not there (*next is INT64_MIN), or the
 * budget is spent (*next is the day to go on from).
 */
static int
search(struct put *p, const struct referrer *f, const struct keys *k,
    int64_t from, struct target *wrong, int64_t *next, struct err *err)
{
	int64_t ids[CANDIDATES];
	int i, j, count, got;

	for (*next = from; ; --*next) {
		if (p->ref_budget <= 0)
			return 0;
		if (day_before(p, next, err) != 0)
			return -1;
		if (*next == INT64_MIN)
			return 0;
		for (i = 0; i < k->count; i++) {
			struct db_stmt *st = db_stmt(p->db, "SELECT message "
			    "FROM ident WHERE day = ?1 AND hash = ?2 "
			    "ORDER BY message DESC", err);

			p->ref_budget--;
			if (st == NULL)
				return -1;
			db_int(st, 1, *next);
			db_int(st, 2, k->hash[i]);
			for (count = 0; count < CANDIDATES &&
			    (got = db_step(st, err)) > 0; count++)
				ids[count] = db_get_int(st, 0);
			if (count < CANDIDATES && got < 0)
				return -1;
			db_reset(st);
			for (j = 0; j < count; j++) {
				p->ref_budget--;
				if ((got = try_target(p, f, ids[j], wrong,
				    err)) != 0)
					return got;
			}
		}
	}
}

static int
wait_for(struct put *p, const struct referrer *f, const struct keys *k,
    int64_t next, struct err *err)
{
	struct db_stmt *st;
	int i;

	for (i = 0; i < k->count; i++) {
		st = db_stmt(p->db, "INSERT OR REPLACE INTO pending "
		    "(hash, message, seq, next) VALUES (?1, ?2, ?3, ?4)", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, k->hash[i]);
		db_int(st, 2, f->message);
		db_int(st, 3, f->seq);
		if (next != INT64_MIN && i == 0)
			db_int(st, 4, next);
		if (db_do(st, err) != 0)
			return -1;
	}
	p->has_pending = true;
	return 0;
}

static int
wait_no_more(struct put *p, const struct referrer *f, const struct keys *k,
    struct err *err)
{
	struct db_stmt *st;
	int i;

	for (i = 0; i < k->count; i++) {
		st = db_stmt(p->db, "DELETE FROM pending WHERE hash = ?1 "
		    "AND message = ?2 AND seq = ?3", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, k->hash[i]);
		db_int(st, 2, f->message);
		db_int(st, 3, f->seq);
		if (db_do(st, err) != 0)
			return -1;
	}
	return 0;
}

static int
insert_ref(struct put *p, const struct ref *ref, int64_t message, int64_t seq,
    int64_t target, bool valid, struct err *err)
{
	struct db_stmt *st;
	struct buf emojis = { 0 };
	int64_t jid;
	size_t i;
	int result;

	if (intern_address(p->intern, ref->kind == REF_REPLY ? ref->to
	    : ref->by, &jid, err) != 0)
		return -1;
	st = db_stmt(p->db, "INSERT INTO ref (message, seq, kind, target, "
	    "valid, id, jid, reason, emojis, stamp) VALUES "
	    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	db_int(st, 2, seq);
	db_int(st, 3, ref->kind);
	if (target != 0)
		db_int(st, 4, target);
	db_int(st, 5, valid);
	db_text(st, 6, ref->id);
	if (jid != 0)
		db_int(st, 7, jid);
	db_text(st, 8, ref->reason);
	for (i = 0; i < ref->emoji_count; i++) {
		if (i > 0)
			buf_char(&emojis, '\n');
		buf_str(&emojis, ref->emojis[i]);
	}
	if (ref->kind == REF_REACT)
		db_textn(st, 9, emojis.data != NULL ? emojis.data : "",
		    emojis.len);
	if (ref->stamp_us != 0)
		db_int(st, 10, ref->stamp_us);
	result = db_do(st, err);
	buf_clear(&emojis);
	return result;
}

int
refs_put(struct put *p, const struct incoming *in, int64_t message,
    struct err *err)
{
	const struct record *r = in->r;
	struct referrer f = {
		.message = message,
		.account = r->account,
		.peer = r->chat,
		.chat = in->chat,
		.chat_kind = r->chat_kind,
		.sender = in->sender,
		.time_us = in->time_us,
		.occupant = r->occupant_id,
	};
	size_t i;

	for (i = 0; i < r->ref_count; i++) {
		const struct ref *ref = &r->refs[i];
		struct target wrong = { 0 };
		struct keys k;
		int64_t next;
		int got;

		if (ref->kind == REF_TOMBSTONE)
			continue;
		f.seq = (int64_t)i;
		f.kind = ref->kind;
		f.id = ref->id;
		if (insert_ref(p, ref, message, f.seq, 0, false, err) != 0)
			return -1;
		if (ref->id == NULL)
			continue;
		keys_of(p, &f, &k);
		got = search(p, &f, &k, time_day(in->time_us) + 1, &wrong,
		    &next, err);
		if (got < 0)
			return -1;
		if (got > 0)
			continue;
		if (wrong.message != 0 &&
		    link_ref(p, &f, &wrong, false, err) != 0)
			return -1;
		if (wait_for(p, &f, &k, next, err) != 0)
			return -1;
	}
	return refs_tombstone(p, r, message, err);
}

int
refs_tombstone(struct put *p, const struct record *r, int64_t message,
    struct err *err)
{
	size_t i;

	for (i = 0; i < r->ref_count; i++) {
		struct db_stmt *st;
		int64_t seq;
		int got;

		if (r->refs[i].kind != REF_TOMBSTONE)
			continue;
		st = db_stmt(p->db, "SELECT coalesce(max(seq) + 1, 0), "
		    "coalesce(max(kind = ?2), 0) FROM ref WHERE message = ?1",
		    err);
		if (st == NULL)
			return -1;
		db_int(st, 1, message);
		db_int(st, 2, REF_TOMBSTONE);
		if ((got = db_step(st, err)) <= 0)
			return -1;
		seq = db_get_int(st, 0);
		got = db_get_int(st, 1) != 0;
		db_reset(st);
		if (got)	/* known already */
			continue;
		if (insert_ref(p, &r->refs[i], message, seq, message, true,
		    err) != 0 ||
		    set_flags(p, message, PUT_RETRACTED | PUT_REFS, err) != 0)
			return -1;
	}
	return 0;
}

/* One that waits, from its rows. Its strings live in the put's arena. */
static int
load_referrer(struct put *p, int64_t message, int64_t seq, struct referrer *f,
    struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "SELECT f.kind, f.id, a.jid, b.jid, "
	    "m.chat, c.kind, m.sender, coalesce(m.time, m.id), d.occupant_id "
	    "FROM ref f JOIN message m ON m.id = f.message "
	    "JOIN chat c ON c.id = m.chat JOIN address a ON a.id = c.account "
	    "JOIN address b ON b.id = c.peer "
	    "LEFT JOIN detail d ON d.message = m.id "
	    "WHERE f.message = ?1 AND f.seq = ?2", err);
	int got;

	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	db_int(st, 2, seq);
	if ((got = db_step(st, err)) <= 0)
		return got;
	f->message = message;
	f->seq = seq;
	f->kind = (enum ref_kind)db_get_int(st, 0);
	f->id = arena_str(p->arena, db_get_text(st, 1));
	f->account = arena_str(p->arena, db_get_text(st, 2));
	f->peer = arena_str(p->arena, db_get_text(st, 3));
	f->chat = db_get_int(st, 4);
	f->chat_kind = (enum chat_kind)db_get_int(st, 5);
	f->sender = db_get_int(st, 6);
	f->time_us = db_get_int(st, 7);
	f->occupant = arena_str(p->arena, db_get_text(st, 8));
	db_reset(st);
	return f->id != NULL;
}

/* One that waits for an id that has come. */
static int
set_free(struct put *p, int64_t waiting, int64_t seq, int64_t message,
    struct err *err)
{
	struct referrer f;
	struct target wrong = { 0 };
	struct keys k;
	int got;

	if ((got = load_referrer(p, waiting, seq, &f, err)) <= 0)
		return got;
	keys_of(p, &f, &k);
	if ((got = try_target(p, &f, message, &wrong, err)) < 0)
		return -1;
	if (got > 0)
		return wait_no_more(p, &f, &k, err);
	return wrong.message != 0 ? link_ref(p, &f, &wrong, false, err) : 0;
}

enum { WAITERS = 64 };		/* read at once */

/* All that wait in the message's chat, however many: those of strangers may
 * come first, and only the last may have the right. */
static int
arrived(struct put *p, int64_t hash, int64_t message, struct err *err)
{
	struct {
		int64_t message, seq;
	} waiting[WAITERS], last = { INT64_MIN, INT64_MIN };
	struct db_stmt *st;
	int count, i, got;

	do {
		st = db_stmt(p->db, "SELECT f.message, f.seq FROM pending f "
		    "JOIN message m ON m.id = f.message WHERE f.hash = ?1 "
		    "AND (f.message, f.seq) > (?2, ?3) AND m.chat = "
		    "(SELECT chat FROM message WHERE id = ?4) "
		    "ORDER BY f.message, f.seq", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, hash);
		db_int(st, 2, last.message);
		db_int(st, 3, last.seq);
		db_int(st, 4, message);
		for (count = 0, got = 0; count < WAITERS &&
		    (got = db_step(st, err)) > 0; count++) {
			waiting[count].message = db_get_int(st, 0);
			waiting[count].seq = db_get_int(st, 1);
		}
		if (got < 0)
			return -1;
		db_reset(st);
		for (i = 0; i < count; i++)
			if (set_free(p, waiting[i].message, waiting[i].seq,
			    message, err) != 0)
				return -1;
		if (count > 0) {
			last.message = waiting[count - 1].message;
			last.seq = waiting[count - 1].seq;
		}
	} while (count == WAITERS);
	return 0;
}

int
refs_arrived(struct put *p, const struct incoming *in, int64_t message,
    struct err *err)
{
	const struct record *r = in->r;
	size_t i;

	if (!p->has_pending)
		return 0;
	if (in->sid != NULL && arrived(p, ident_hash(p, r->account, NULL,
	    in->sid), message, err) != 0)
		return -1;
	if (in->oid != NULL && arrived(p, ident_hash(p, r->account, NULL,
	    in->oid), message, err) != 0)
		return -1;
	for (i = 0; i < r->archive_id_count; i++)
		if (r->archive_ids[i].is_trusted && arrived(p, ident_hash(p,
		    r->account, r->archive_ids[i].by, r->archive_ids[i].id),
		    message, err) != 0)
			return -1;
	return 0;
}

int
refs_end(struct put *p, struct err *err)
{
	while (p->has_pending && p->ref_budget > 0) {
		struct db_stmt *st = db_stmt(p->db, "SELECT message, seq, next "
		    "FROM pending WHERE next IS NOT NULL LIMIT 1", err);
		struct referrer f;
		struct target wrong = { 0 };
		struct keys k;
		int64_t message, seq, from, next;
		int got;

		if (st == NULL || (got = db_step(st, err)) < 0)
			return -1;
		if (got == 0)
			break;
		message = db_get_int(st, 0);
		seq = db_get_int(st, 1);
		from = db_get_int(st, 2);
		db_reset(st);
		if ((got = load_referrer(p, message, seq, &f, err)) < 0)
			return -1;
		if (got == 0) {
			st = db_stmt(p->db, "DELETE FROM pending "
			    "WHERE message = ?1 AND seq = ?2", err);
			if (st == NULL)
				return -1;
			db_int(st, 1, message);
			db_int(st, 2, seq);
			if (db_do(st, err) != 0)
				return -1;
			continue;
		}
		keys_of(p, &f, &k);
		if ((got = search(p, &f, &k, from, &wrong, &next, err)) < 0)
			return -1;
		if (got > 0) {
			if (wait_no_more(p, &f, &k, err) != 0)
				return -1;
			continue;
		}
		if (wrong.message != 0 &&
		    link_ref(p, &f, &wrong, false, err) != 0)
			return -1;
		if (wait_for(p, &f, &k, next, err) != 0)
			return -1;
	}
	return 0;
}
