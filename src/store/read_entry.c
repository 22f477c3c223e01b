#include "store/read_entry.h"

#include <string.h>

#include "base/str.h"
#include "store/uuid.h"

const char *
read_str(struct db_stmt *st, int column, struct arena *a)
{
	return db_is_null(st, column) ? NULL
	    : arena_strn(a, db_get_text(st, column), db_get_len(st, column));
}

const char *
read_id(struct db_stmt *st, int column, struct arena *a)
{
	char text[UUID_TEXT];

	if (!db_is_blob(st, column) || db_get_len(st, column) != 16)
		return read_str(st, column, a);
	return arena_str(a, uuid_unpack(db_get_blob(st, column), text));
}

const char *const *
read_lines(struct db_stmt *st, int column, struct arena *a, size_t *count)
{
	char *s = (char *)read_str(st, column, a), *end;
	const char **lines;
	size_t n = 0;

	*count = 0;
	if (s == NULL || *s == '\0')
		return NULL;
	for (end = s; *end != '\0'; end++)
		n += *end == '\n';
	lines = arena_array(a, n + 1, sizeof *lines);
	for (n = 0; s != NULL; s = end) {
		end = strchr(s, '\n');
		if (end != NULL)
			*end++ = '\0';
		if (*s != '\0')
			lines[n++] = s;
	}
	*count = n;
	return lines;
}

/* A list of unknown length, in the arena. */
struct list_of {
	void *items;
	size_t count, room, size;
};

static void *
list_more(struct list_of *l, struct arena *a)
{
	if (l->count == l->room) {
		size_t room = l->room ? 2 * l->room : 2;
		char *more = arena_array(a, room, l->size);

		if (l->count > 0)
			memcpy(more, l->items, l->count * l->size);
		l->items = more;
		l->room = room;
	}
	return (char *)l->items + l->count++ * l->size;
}

static void
add_text(struct list_of *l, struct arena *a, const char *lang,
    const char *text, size_t len, bool is_own)
{
	struct text *t = list_more(l, a);

	t->lang = lang;
	t->text = text;
	t->len = len;
	t->lang_is_own = is_own;
}

int
read_texts(struct db *db, struct arena *a, int64_t id,
    const struct read_first *first, const struct text **bodies,
    size_t *body_count, const struct text **subjects, size_t *subject_count,
    struct err *err)
{
	struct list_of lists[2] = {
		{ .size = sizeof (struct text) }, { .size = sizeof (struct text) },
	};
	struct db_stmt *st;
	int got = 0;

	if (first->body != NULL)
		add_text(&lists[0], a, first->lang, first->body,
		    first->body_len, false);
	if (first->subject != NULL)
		add_text(&lists[1], a, first->lang, first->subject,
		    first->subject_len, false);
	if (first->has_rows) {
		st = db_stmt(db, "SELECT kind, seq, lang, text FROM text "
		    "WHERE message = ?1 ORDER BY kind, seq", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, id);
		while ((got = db_step(st, err)) > 0) {
			struct list_of *l = &lists[db_get_int(st, 0) == 1];
			const char *lang = read_str(st, 2, a);

			if (db_is_null(st, 3)) {
				if (l->count > 0) {
					((struct text *)l->items)->lang = lang;
					((struct text *)l->items)->
					    lang_is_own = true;
				}
			} else {
				add_text(l, a, lang, read_str(st, 3, a),
				    db_get_len(st, 3),
				    !str_is(lang, first->lang));
			}
		}
	}
	*bodies = lists[0].items;
	*body_count = lists[0].count;
	*subjects = lists[1].items;
	*subject_count = lists[1].count;
	return got < 0 ? -1 : 0;
}

static int
read_delays(struct db *db, struct arena *a, struct entry_message *m,
    struct err *err)
{
	struct list_of l = { .size = sizeof (struct delay) };
	struct db_stmt *st;
	int got;

	st = db_stmt(db, "SELECT stamp, sender, reason FROM delay "
	    "WHERE message = ?1 ORDER BY seq", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, m->id);
	while ((got = db_step(st, err)) > 0) {
		struct delay *d = list_more(&l, a);

		d->stamp_us = db_get_int(st, 0);
		d->from = read_str(st, 1, a);
		d->reason = read_str(st, 2, a);
	}
	m->delays = l.items;
	m->delay_count = l.count;
	return got;
}

static int
read_links(struct db *db, struct arena *a, struct entry_message *m,
    struct err *err)
{
	struct list_of l = { .size = sizeof (struct link) };
	struct db_stmt *st;
	int got;

	st = db_stmt(db, "SELECT url, description, media_type, name, size "
	    "FROM link WHERE message = ?1 ORDER BY seq", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, m->id);
	while ((got = db_step(st, err)) > 0) {
		struct link *k = list_more(&l, a);

		k->url = read_str(st, 0, a);
		k->desc = read_str(st, 1, a);
		k->media_type = read_str(st, 2, a);
		k->name = read_str(st, 3, a);
		k->size = db_is_null(st, 4) ? -1 : db_get_int(st, 4);
	}
	m->links = l.items;
	m->link_count = l.count;
	return got;
}

static int
read_fallbacks(struct db *db, struct arena *a, struct entry_message *m,
    struct err *err)
{
	struct list_of l = { .size = sizeof (struct fallback) };
	struct db_stmt *st;
	int got;

	st = db_stmt(db, "SELECT for_ns, is_subject, first, past "
	    "FROM fallback WHERE message = ?1 ORDER BY seq", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, m->id);
	while ((got = db_step(st, err)) > 0) {
		struct fallback *f = list_more(&l, a);

		f->for_ns = read_str(st, 0, a);
		f->is_subject = db_get_int(st, 1) != 0;
		f->start = (long)db_get_int(st, 2);
		f->end = (long)db_get_int(st, 3);
	}
	m->fallbacks = l.items;
	m->fallback_count = l.count;
	return got;
}

/* What it does to others. */
static int
read_refs(struct db *db, struct arena *a, struct entry_message *m,
    struct err *err)
{
	struct list_of l = { .size = sizeof (struct entry_ref) };
	struct db_stmt *st;
	int got;

	st = db_stmt(db, "SELECT r.kind, r.target, r.valid, r.id, j.jid, "
	    "r.reason, r.emojis, r.stamp FROM ref r "
	    "LEFT JOIN address j ON j.id = r.jid "
	    "WHERE r.message = ?1 ORDER BY r.seq", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, m->id);
	while ((got = db_step(st, err)) > 0) {
		struct entry_ref *r = list_more(&l, a);

		r->kind = (enum ref_kind)db_get_int(st, 0);
		r->target = db_get_int(st, 1);
		r->is_valid = db_get_int(st, 2) != 0;
		r->id = read_str(st, 3, a);
		if (r->kind == REF_REPLY)
			r->to = read_str(st, 4, a);
		else
			r->by = read_str(st, 4, a);
		r->reason = read_str(st, 5, a);
		r->emojis = read_lines(st, 6, a, &r->emoji_count);
		r->stamp_us = db_get_int(st, 7);
	}
	m->refs = l.items;
	m->ref_count = l.count;
	return got;
}

static int
read_detail(struct db *db, struct arena *a, struct entry_message *m,
    struct err *err)
{
	struct db_stmt *st;
	struct invite *invite;
	int got;

	st = db_stmt(db, "SELECT parent_thread, occupant_id, encryption_ns, "
	    "encryption_name, event, error_type, error_condition, error_text, "
	    "error_by, error_code, invite_room, invite_sender, invite_reason, "
	    "invite_kind, sender_raw, recipient_raw FROM detail "
	    "WHERE message = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, m->id);
	got = db_step(st, err);
	if (got > 0) {
		m->parent_thread = read_str(st, 0, a);
		m->occupant_id = read_str(st, 1, a);
		m->encryption_ns = read_str(st, 2, a);
		m->encryption_name = read_str(st, 3, a);
		m->event = read_str(st, 4, a);
		m->error.type = read_str(st, 5, a);
		m->error.condition = read_str(st, 6, a);
		m->error.text = read_str(st, 7, a);
		m->error.by = read_str(st, 8, a);
		m->error.code = (int)db_get_int(st, 9);
		m->has_error = m->error.type != NULL ||
		    m->error.condition != NULL || m->error.text != NULL ||
		    m->error.code != 0;
		if (!db_is_null(st, 10)) {
			invite = arena_alloc(a, sizeof *invite);
			invite->room = read_str(st, 10, a);
			invite->from = read_str(st, 11, a);
			invite->reason = read_str(st, 12, a);
			invite->is_direct = db_get_int(st, 13) == 1;
			invite->is_decline = db_get_int(st, 13) == 2;
			m->invite = invite;
		}
		/* Addresses are shown as they were on the wire. */
		if (!db_is_null(st, 14))
			m->from = read_str(st, 14, a);
		if (!db_is_null(st, 15))
			m->to = read_str(st, 15, a);
	}
	db_reset(st);
	return got < 0 ? -1 : 0;
}

/* Adds an archive id unless it is there already. */
static void
add_archive_id(struct list_of *l, struct arena *a, const char *by,
    const char *id, bool is_trusted)
{
	struct archive_id *known = l->items, *new;
	size_t i;

	if (id == NULL)
		return;
	for (i = 0; i < l->count; i++)
		if (str_is(known[i].by, by) && str_is(known[i].id, id))
			return;
	new = list_more(l, a);
	new->by = by;
	new->id = id;
	new->is_trusted = is_trusted;
}

static int
read_archive_ids(struct db *db, struct arena *a, struct entry_message *m,
    struct list_of *ids, struct err *err)
{
	struct db_stmt *st;
	int got;

	st = db_stmt(db, "SELECT j.jid, i.id, i.trusted FROM archive_id i "
	    "JOIN address j ON j.id = i.by WHERE i.message = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, m->id);
	while ((got = db_step(st, err)) > 0)
		add_archive_id(ids, a, read_str(st, 0, a), read_id(st, 1, a),
		    db_get_int(st, 2) != 0);
	return got;
}

/* Why two copies are one message (enum put_how). */
static const char *
how_name(int64_t how)
{
	static const char *const names[] = {
		"first", "archive id", "stanza id", "content", "resend",
		"new version",
	};

	return how >= 0 && (size_t)how < sizeof names / sizeof names[0]
	    ? names[how] : "?";
}

static const char *
unpack(struct pack *pack, int64_t dict, struct db_stmt *st, int column,
    struct arena *a, size_t *len, struct err *err)
{
	struct buf out = { 0 };
	const char *raw = NULL;

	if (pack_get(pack, (int)dict, db_get_blob(st, column),
	    db_get_len(st, column), &out, err) == 0) {
		*len = out.len;
		raw = arena_strn(a, out.len ? out.data : "", out.len);
	}
	buf_clear(&out);
	return raw;
}

/* Second and later copies; the first one is the message's own row. */
static int
read_copies(struct db *db, struct arena *a, const struct read_want *want,
    struct pack *pack, const char *implied_by, struct entry_message *m,
    struct list_of *ids, struct list_of *copies, struct err *err)
{
	struct db_stmt *st;
	int got;

	st = db_stmt(db, "SELECT k.route, k.received, k.stamp, k.stream, "
	    "k.aid, j.jid, k.how, k.dict, k.raw FROM copy k "
	    "LEFT JOIN address j ON j.id = k.aid_by "
	    "WHERE k.message = ?1 ORDER BY k.seq", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, m->id);
	while ((got = db_step(st, err)) > 0) {
		const char *by = db_is_null(st, 5) ? implied_by
		    : read_str(st, 5, a);
		const char *id = read_id(st, 4, a);
		struct entry_copy *k;

		m->sources |= 1u << (db_get_int(st, 0) & 31);
		add_archive_id(ids, a, by, id, true);
		if (!want->copies)
			continue;
		k = list_more(copies, a);
		k->route = (enum route)db_get_int(st, 0);
		k->received_us = db_get_int(st, 1);
		k->stamp_us = db_get_int(st, 2);
		k->stream = (uint64_t)db_get_int(st, 3);
		k->archive_by = id != NULL ? by : NULL;
		k->archive_id = id;
		k->how = how_name(db_get_int(st, 6));
		if (!want->raw || db_is_null(st, 8))
			continue;
		k->raw = unpack(pack, db_get_int(st, 7), st, 8, a,
		    &k->raw_len, err);
		if (k->raw == NULL) {
			db_reset(st);
			return -1;
		}
	}
	return got;
}

static int
read_raw(struct db *db, struct arena *a, struct pack *pack,
    struct entry_message *m, struct err *err)
{
	struct db_stmt *st;
	int got;

	st = db_stmt(db, "SELECT dict, data FROM raw WHERE message = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, m->id);
	got = db_step(st, err);
	if (got > 0) {
		m->raw = unpack(pack, db_get_int(st, 0), st, 1, a,
		    &m->raw_len, err);
		if (m->raw == NULL)
			got = -1;
	}
	db_reset(st);
	return got < 0 ? -1 : 0;
}

/* What the tables beside the message hold, where its flags say so. */
static int
read_rest(struct db *db, struct arena *a, const struct read_want *want,
    struct pack *pack, int64_t flags, struct entry_message *m,
    struct entry_copy *first, const char *implied_by, struct err *err)
{
	struct list_of ids = { .size = sizeof (struct archive_id) };
	struct list_of copies = { .size = sizeof (struct entry_copy) };

	if (((flags & READ_DELAYED) && read_delays(db, a, m, err) != 0) ||
	    ((flags & READ_LINKS) && read_links(db, a, m, err) != 0) ||
	    ((flags & READ_FALLBACKS) && read_fallbacks(db, a, m, err) != 0) ||
	    ((flags & READ_REFS) && read_refs(db, a, m, err) != 0) ||
	    ((flags & READ_DETAIL) && read_detail(db, a, m, err) != 0) ||
	    (want->raw && read_raw(db, a, pack, m, err) != 0))
		return -1;
	add_archive_id(&ids, a, implied_by, first->archive_id, true);
	if (want->copies)
		*(struct entry_copy *)list_more(&copies, a) = *first;
	if (read_archive_ids(db, a, m, &ids, err) != 0 ||
	    ((flags & READ_COPIES) && read_copies(db, a, want, pack,
	    implied_by, m, &ids, &copies, err) != 0))
		return -1;
	m->archive_ids = ids.items;
	m->archive_id_count = ids.count;
	m->copies = copies.items;
	m->copy_count = copies.count;
	return 0;
}

int
read_entry(struct db *db, struct arena *a, int64_t id,
    const struct read_want *want, struct pack *pack,
    struct entry_message *out, int64_t *flags, struct err *err)
{
	struct entry_copy first = { .how = "first" };
	struct read_first texts = { 0 };
	struct db_stmt *st;
	const char *implied_by;
	int got;

	memset(out, 0, sizeof *out);
	st = db_stmt(db, "SELECT m.type, m.direction, m.route, m.time, "
	    "m.received, m.stream, m.sid, m.oid, m.aid, m.flags, m.state, "
	    "m.lang, m.thread, m.subject, m.body, m.nick, c.kind, own.jid, "
	    "peer.jid, s.jid, s.resource, s.bare = peer.bare, r.jid, n.name, "
	    "f.name, room.jid "
	    "FROM message m JOIN chat c ON c.id = m.chat "
	    "JOIN address own ON own.id = c.account "
	    "JOIN address peer ON peer.id = c.peer "
	    "JOIN address room ON room.id = peer.bare "
	    "JOIN address s ON s.id = m.sender "
	    "LEFT JOIN address r ON r.id = m.recipient "
	    "LEFT JOIN roster n ON n.account = c.account "
	    "AND n.contact = c.peer "
	    "LEFT JOIN roster f ON f.account = c.account "
	    "AND f.contact = s.bare AND c.kind = 0 "
	    "WHERE m.id = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	got = db_step(st, err);
	if (got < 0)
		return -1;
	if (got == 0) {
		char hex[ENTRY_ID];

		return err_set(err, ERR_ABSENT, "there is no message %s",
		    entry_id_format(hex, id));
	}
	out->id = id;
	out->type = (enum message_type)db_get_int(st, 0);
	out->direction = (enum direction)db_get_int(st, 1);
	out->source = (enum route)db_get_int(st, 2);
	out->sources = 1u << (db_get_int(st, 2) & 31);
	out->time_us = db_is_null(st, 3) ? id : db_get_int(st, 3);
	out->received_us = out->time_us + db_get_int(st, 4);
	out->stanza_id = read_id(st, 6, a);
	*flags = db_get_int(st, 9);
	out->origin_id = *flags & READ_SAME_ORIGIN ? out->stanza_id
						   : read_id(st, 7, a);
	out->chat_state = (enum chat_state)db_get_int(st, 10);
	out->lang = read_str(st, 11, a);
	out->thread = read_str(st, 12, a);
	texts.lang = out->lang;
	texts.subject = read_str(st, 13, a);
	texts.subject_len = db_get_len(st, 13);
	texts.body = read_str(st, 14, a);
	texts.body_len = db_get_len(st, 14);
	texts.has_rows = (*flags & READ_TEXTS) != 0;
	out->chat_kind = (enum chat_kind)db_get_int(st, 16);
	out->account = read_str(st, 17, a);
	out->chat = read_str(st, 18, a);
	out->from = read_str(st, 19, a);
	out->nick = read_str(st, 15, a);
	if (out->nick == NULL && out->chat_kind != CHAT_DIRECT &&
	    db_get_int(st, 21) != 0)
		out->nick = read_str(st, 20, a);
	out->to = read_str(st, 22, a);
	out->chat_name = read_str(st, 23, a);
	out->from_name = read_str(st, 24, a);
	/* sql/0001-archive.sql: the giver of `aid`. */
	implied_by = out->chat_kind == CHAT_ROOM ? read_str(st, 25, a)
						 : out->account;
	first.route = out->source;
	first.received_us = out->received_us;
	first.stamp_us = out->time_us != out->received_us ? out->time_us : 0;
	first.stream = (uint64_t)db_get_int(st, 5);
	first.archive_id = read_id(st, 8, a);
	first.archive_by = first.archive_id != NULL ? implied_by : NULL;
	db_reset(st);

	if (read_texts(db, a, id, &texts, &out->bodies, &out->body_count,
	    &out->subjects, &out->subject_count, err) != 0)
		return -1;
	return read_rest(db, a, want, pack, *flags, out, &first, implied_by,
	    err);
}

int
read_forged(struct db *db, struct arena *a, int64_t id,
    const struct read_want *want, struct entry_message *out, struct err *err)
{
	struct db_stmt *st;
	int got;

	memset(out, 0, sizeof *out);
	st = db_stmt(db, "SELECT own.jid, f.why, f.received, f.sender, "
	    "f.recipient, f.body, f.raw, f.type, f.route, f.chat, f.sid, "
	    "f.lang FROM forged f "
	    "JOIN address own ON own.id = f.account WHERE f.id = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	got = db_step(st, err);
	if (got > 0) {
		out->id = id;
		out->account = read_str(st, 0, a);
		out->forged = read_str(st, 1, a);
		out->time_us = out->received_us = db_get_int(st, 2);
		out->from = read_str(st, 3, a);
		out->to = read_str(st, 4, a);
		out->type = (enum message_type)db_get_int(st, 7);
		out->source = (enum route)db_get_int(st, 8);
		out->sources = 1u << out->source;
		out->chat = read_str(st, 9, a);
		out->stanza_id = read_str(st, 10, a);
		out->lang = read_str(st, 11, a);
		if (!db_is_null(st, 5)) {
			struct text *t = arena_alloc(a, sizeof *t);

			t->text = read_str(st, 5, a);
			t->len = db_get_len(st, 5);
			out->bodies = t;
			out->body_count = 1;
		}
		if (want->raw) {
			out->raw_len = db_get_len(st, 6);
			out->raw = arena_strn(a, out->raw_len
			    ? db_get_blob(st, 6) : "", out->raw_len);
		}
	}
	db_reset(st);
	if (got == 0)
		return err_set(err, ERR_ABSENT, "there is no such stanza");
	return got < 0 ? -1 : 0;
}
