#include "store/target.h"

#include <string.h>

/* Without occupant-ids: nobody else can have had the nick in between if its
 * holder never left. */
static int
is_unbroken(struct put *p, int64_t occupant, int64_t first, int64_t last,
    bool *is, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "SELECT 1 FROM presence "
	    "WHERE sender = ?1 AND id BETWEEN ?2 AND ?3 AND type = ?4 LIMIT 1",
	    err);
	int got;

	if (st == NULL)
		return -1;
	db_int(st, 1, occupant);
	db_int(st, 2, first < last ? first : last);
	db_int(st, 3, first < last ? last : first);
	db_int(st, 4, PRESENCE_UNAVAILABLE);
	if ((got = db_step(st, err)) < 0)
		return -1;
	*is = got == 0;
	db_reset(st);
	return 0;
}

int
target_load(struct put *p, const struct referrer *f, int64_t message,
    struct target *t, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "SELECT m.chat, m.root, m.sender, "
	    "m.sid, m.oid, m.aid, d.occupant_id FROM message m "
	    "LEFT JOIN detail d ON d.message = m.id WHERE m.id = ?1", err);
	const char *occupant;
	int got;

	memset(t, 0, sizeof *t);
	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	if ((got = db_step(st, err)) <= 0)
		return got;
	t->message = message;
	t->root = db_is_null(st, 1) ? message : db_get_int(st, 1);
	t->sender = db_get_int(st, 2);
	t->is_it = message != f->message && db_get_int(st, 0) == f->chat &&
	    (inside_is_id(st, 3, f->id) || inside_is_id(st, 4, f->id) ||
	    inside_is_id(st, 5, f->id));
	occupant = db_get_text(st, 6);
	t->has_occupant = occupant != NULL;
	if (occupant != NULL)
		strncat(t->occupant, occupant, sizeof t->occupant - 1);
	db_reset(st);
	if (t->is_it || t->message == f->message ||
	    f->chat_kind == CHAT_ROOM)
		return 0;
	/* An id that a later copy brought. */
	st = db_stmt(p->db, "SELECT aid FROM copy WHERE message = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	while ((got = db_step(st, err)) > 0)
		if (inside_is_id(st, 0, f->id))
			t->is_it = true;
	return got;
}

int
target_may(struct put *p, const struct referrer *f, const struct target *t, bool *ok,
    struct err *err)
{
	int64_t mine, theirs;

	*ok = true;
	switch (f->kind) {
	case REF_MODERATE:
		if (intern_bare(p->intern, f->sender, &mine, err) != 0)
			return -1;
		*ok = f->chat_kind == CHAT_ROOM && mine == f->sender;
		return 0;
	case REF_REPLACE:
	case REF_RETRACT:
		break;
	default:
		return 0;
	}
	if (f->chat_kind == CHAT_DIRECT) {
		if (intern_bare(p->intern, f->sender, &mine, err) != 0 ||
		    intern_bare(p->intern, t->sender, &theirs, err) != 0)
			return -1;
		*ok = mine == theirs;
		return 0;
	}
	*ok = f->sender == t->sender;
	if (!*ok)
		return 0;
	if (f->occupant != NULL || t->has_occupant) {
		*ok = f->occupant != NULL && t->has_occupant &&
		    strncmp(f->occupant, t->occupant,
		    sizeof t->occupant - 1) == 0;
		return 0;
	}
	return is_unbroken(p, f->sender, t->message, f->time_us, ok, err);
}
