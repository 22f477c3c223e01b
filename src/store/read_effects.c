/* What others did to a message: versions, retraction, reactions, receipts.
 * Only what its sender had the right to do counts (ref.valid). */
#include <string.h>

#include "base/str.h"
#include "store/read_entry.h"

/* People whose reactions or receipts are told of one message: strangers may
 * make up many, and each is compared with those before. */
enum { EFFECTS_MOST = 10000 };

struct effects {
	struct arena *arena;
	struct entry_message *m;

	struct entry_version *versions;
	size_t version_count, version_room;
	struct entry_reaction *reactions;
	size_t reaction_count, reaction_room;
	struct entry_receipt *receipts;
	size_t receipt_count, receipt_room;
};

/* One row, as the statement below gives it. */
struct effect {
	int64_t id, time_us;
	enum ref_kind kind;
	const char *sender, *bare;
};

static void *
grown(struct arena *a, void *items, size_t count, size_t *room, size_t size)
{
	void *more;

	if (count < *room)
		return items;
	*room = *room ? 2 * *room : 4;
	more = arena_array(a, *room, size);
	if (count > 0)
		memcpy(more, items, count * size);
	return more;
}

/* In a conversation of two a person is an address with any resource; in a
 * room each occupant is one. */
static bool
is_same_person(const struct entry_message *m, const char *known,
    const struct effect *e)
{
	size_t len = strlen(e->bare);

	if (m->chat_kind != CHAT_DIRECT)
		return str_is(known, e->sender);
	return strncmp(known, e->bare, len) == 0 &&
	    (known[len] == '\0' || known[len] == '/');
}

static void
add_version(struct effects *f, const struct effect *e)
{
	struct entry_version *v;

	if (f->version_count > 0 &&
	    f->versions[f->version_count - 1].id == e->id)
		return;
	f->versions = grown(f->arena, f->versions, f->version_count,
	    &f->version_room, sizeof *v);
	v = &f->versions[f->version_count++];
	memset(v, 0, sizeof *v);
	v->id = e->id;
	v->time_us = e->time_us;
	f->m->replaced_by = e->id;
	f->m->replaced_us = e->time_us;
}

/* A later set of the same person takes the place of an earlier one; an
 * empty one takes it away (XEP-0444 3.2). */
static void
add_reaction(struct effects *f, const struct effect *e,
    const char *const *emojis, size_t count)
{
	struct entry_reaction *r;
	size_t i;

	for (i = 0; i < f->reaction_count; i++)
		if (is_same_person(f->m, f->reactions[i].from, e))
			break;
	if (i < f->reaction_count) {
		f->reaction_count--;
		memmove(&f->reactions[i], &f->reactions[i + 1],
		    (f->reaction_count - i) * sizeof *r);
	}
	if (count == 0 || f->reaction_count == EFFECTS_MOST)
		return;
	f->reactions = grown(f->arena, f->reactions, f->reaction_count,
	    &f->reaction_room, sizeof *r);
	r = &f->reactions[f->reaction_count++];
	r->from = e->sender;
	r->emojis = emojis;
	r->emoji_count = count;
	r->time_us = e->time_us;
}

/* The first of each kind from each person: when it was read, not how often
 * it was said. */
static void
add_receipt(struct effects *f, const struct effect *e)
{
	struct entry_receipt *r;
	size_t i;

	for (i = 0; i < f->receipt_count; i++)
		if (f->receipts[i].kind == e->kind &&
		    is_same_person(f->m, f->receipts[i].from, e))
			return;
	if (f->receipt_count == EFFECTS_MOST)
		return;
	f->receipts = grown(f->arena, f->receipts, f->receipt_count,
	    &f->receipt_room, sizeof *r);
	r = &f->receipts[f->receipt_count++];
	r->from = e->sender;
	r->kind = e->kind;
	r->time_us = e->time_us;
}

static void
set_retracted(struct effects *f, int64_t at_us, const char *by,
    const char *reason)
{
	if (f->m->is_retracted)
		return;
	f->m->is_retracted = true;
	f->m->retracted_us = at_us;
	f->m->retracted_by = by;
	f->m->retracted_reason = reason;
}

static int
read_rows(struct db *db, struct effects *f, struct err *err)
{
	struct arena *a = f->arena;
	const char *const *emojis;
	const char *by, *reason;
	struct db_stmt *st;
	int64_t stamp_us;
	size_t count;
	int got;

	st = db_stmt(db, "SELECT r.message, coalesce(m.time, m.id), r.kind, "
	    "s.jid, b.jid, j.jid, r.reason, r.emojis, r.stamp FROM ref r "
	    "JOIN message m ON m.id = r.message "
	    "JOIN address s ON s.id = m.sender "
	    "JOIN address b ON b.id = s.bare "
	    "LEFT JOIN address j ON j.id = r.jid "
	    "WHERE r.target = ?1 AND r.valid AND r.kind NOT IN (4, 8) "
	    "ORDER BY r.message, r.seq", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, f->m->id);
	while ((got = db_step(st, err)) > 0) {
		struct effect e = {
			.id = db_get_int(st, 0),
			.time_us = db_get_int(st, 1),
			.kind = (enum ref_kind)db_get_int(st, 2),
			.sender = read_str(st, 3, a),
			.bare = read_str(st, 4, a),
		};

		switch (e.kind) {
		case REF_REPLACE:
			add_version(f, &e);
			break;
		case REF_RETRACT:
		case REF_MODERATE:
		case REF_TOMBSTONE:
			by = read_str(st, 5, a);
			reason = read_str(st, 6, a);
			stamp_us = db_get_int(st, 8);
			/* A tombstone is the archive's word, not the
			 * sender's. */
			set_retracted(f, stamp_us != 0 ? stamp_us : e.time_us,
			    by != NULL || e.kind == REF_TOMBSTONE ? by
			    : e.sender, reason);
			break;
		case REF_REACT:
			emojis = read_lines(st, 7, a, &count);
			add_reaction(f, &e, emojis, count);
			break;
		case REF_RECEIVED:
		case REF_DISPLAYED:
		case REF_ACKNOWLEDGED:
			add_receipt(f, &e);
			break;
		case REF_REPLY:
		case REF_ATTACH:
			break;
		}
	}
	return got;
}

static int
fill_version(struct db *db, struct arena *a, struct entry_version *v,
    struct err *err)
{
	struct read_first first = { 0 };
	struct db_stmt *st;
	int got;

	st = db_stmt(db, "SELECT lang, body, subject, flags FROM message "
	    "WHERE id = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, v->id);
	got = db_step(st, err);
	if (got > 0) {
		first.lang = read_str(st, 0, a);
		first.body = read_str(st, 1, a);
		first.body_len = db_get_len(st, 1);
		first.subject = read_str(st, 2, a);
		first.subject_len = db_get_len(st, 2);
		first.has_rows = (db_get_int(st, 3) & READ_TEXTS) != 0;
	}
	db_reset(st);
	if (got < 0)
		return -1;
	return read_texts(db, a, v->id, &first, &v->bodies, &v->body_count,
	    &v->subjects, &v->subject_count, err);
}

int
read_effects(struct db *db, struct arena *a, int64_t flags,
    struct entry_message *m, struct err *err)
{
	struct effects f = { .arena = a, .m = m };
	size_t i;

	if (read_rows(db, &f, err) != 0)
		return -1;
	for (i = 0; i < f.version_count; i++)
		if (fill_version(db, a, &f.versions[i], err) != 0)
			return -1;
	m->versions = f.versions;
	m->version_count = f.version_count;
	if (flags & READ_RETRACTED)
		m->is_retracted = true;
	m->reactions = f.reactions;
	m->reaction_count = f.reaction_count;
	m->receipts = f.receipts;
	m->receipt_count = f.receipt_count;
	return 0;
}
