#include "store/rows.h"

#include <string.h>

#include "base/str.h"
#include "store/docs.h"
#include "store/ident.h"
#include "store/refs.h"

/* A text row where `message` cannot hold it: not the first one, or in
 * another language than the stanza's. */
static bool
needs_row(const struct record *r, const struct text *t, size_t seq)
{
	return seq > 0 || !str_is(t->lang, r->lang);
}

static bool
has_rows(const struct record *r, const struct text *texts, size_t count)
{
	return count > 1 || (count == 1 && needs_row(r, texts, 0));
}

static bool
has_detail(const struct record *r)
{
	return r->parent_thread != NULL || r->occupant_id != NULL ||
	    r->encryption_ns != NULL || r->event != NULL || r->has_error ||
	    r->invite != NULL || r->from_raw != NULL || r->to_raw != NULL ||
	    r->oversize_len > 0;
}

static int64_t
flags_of(const struct record *r)
{
	/* What stands for a text that we cannot read, or was refused. */
	bool has_text = r->body_count > 0 || r->subject_count > 0 ||
	    r->encryption_ns != NULL || r->invite != NULL ||
	    (r->has_error && r->chat_state == STATE_NONE &&
	    r->ref_count == 0);
	bool acts = false;
	int64_t flags = 0;
	size_t i;

	flags |= r->wants_receipt ? PUT_WANTS_RECEIPT : 0;
	flags |= r->wants_marker ? PUT_WANTS_MARKER : 0;
	flags |= r->no_store ? PUT_NO_STORE : 0;
	flags |= r->no_copy ? PUT_NO_COPY : 0;
	flags |= r->encryption_ns != NULL ? PUT_ENCRYPTED : 0;
	flags |= r->delay_count > 0 ? PUT_DELAYED : 0;
	flags |= r->link_count > 0 ? PUT_LINKS : 0;
	flags |= r->ref_count > 0 ? PUT_REFS : 0;
	flags |= r->fallback_count > 0 ? PUT_FALLBACKS : 0;
	flags |= has_detail(r) ? PUT_DETAIL : 0;
	if (r->origin_id != NULL && str_is(r->origin_id, r->stanza_id))
		flags |= PUT_SAME_ORIGIN;
	if (has_rows(r, r->bodies, r->body_count) ||
	    has_rows(r, r->subjects, r->subject_count))
		flags |= PUT_TEXTS;
	for (i = 0; i < r->ref_count; i++) {
		switch (r->refs[i].kind) {
		case REF_REPLY:
			flags |= PUT_REPLY;
			break;
		case REF_TOMBSTONE:
			flags |= PUT_RETRACTED;
			break;
		case REF_RETRACT:
		case REF_MODERATE:
		case REF_REACT:
			acts = true;
			break;
		default:
			break;
		}
	}
	return has_text && !acts ? flags | PUT_SHOWN : flags;
}

static int
put_texts(struct put *p, const struct record *r, int64_t message, int kind,
    const struct text *texts, size_t count, struct err *err)
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct db_stmt *st;

		if (!needs_row(r, &texts[i], i))
			continue;
		st = db_stmt(p->db, "INSERT INTO text "
		    "(message, kind, seq, lang, text) "
		    "VALUES (?1, ?2, ?3, ?4, ?5)", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, message);
		db_int(st, 2, kind);
		db_int(st, 3, (int64_t)i);
		db_text(st, 4, texts[i].lang);
		if (i > 0)
			db_textn(st, 5, texts[i].text, texts[i].len);
		chain_int(p->chain, kind);
		chain_int(p->chain, (int64_t)i);
		inside_str(p->chain, texts[i].lang);
		chain_text(p->chain, i > 0 ? texts[i].text : NULL,
		    texts[i].len);
		if (db_do(st, err) != 0)
			return -1;
	}
	return 0;
}

static int
put_raw(struct put *p, const struct record *r, int64_t message,
    struct err *err)
{
	struct db_stmt *st;
	const void *data;
	size_t len;
	int dict;

	if (r->raw == NULL || r->drops_raw) {
		chain_blob(p->chain, NULL, 0);
		return 0;
	}
	chain_blob(p->chain, r->raw, r->raw_len);
	pack_put(p->pack, r->raw, r->raw_len, &dict, &data, &len);
	st = db_stmt(p->db, "INSERT INTO raw (message, dict, data) "
	    "VALUES (?1, ?2, ?3)", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	db_int(st, 2, dict);
	db_blob(st, 3, data, len);
	return db_do(st, err);
}

static int
put_details(struct put *p, const struct record *r, int64_t message,
    struct err *err)
{
	const struct invite *v = r->invite;
	struct db_stmt *st;
	size_t i;

	for (i = 0; i < r->delay_count; i++) {
		st = db_stmt(p->db, "INSERT INTO delay "
		    "(message, seq, stamp, sender, reason) "
		    "VALUES (?1, ?2, ?3, ?4, ?5)", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, message);
		db_int(st, 2, (int64_t)i);
		db_int(st, 3, r->delays[i].stamp_us);
		db_text(st, 4, r->delays[i].from);
		db_text(st, 5, r->delays[i].reason);
		if (db_do(st, err) != 0)
			return -1;
	}
	for (i = 0; i < r->link_count; i++) {
		const struct link *l = &r->links[i];

		st = db_stmt(p->db, "INSERT INTO link (message, seq, url, "
		    "description, media_type, name, size) "
		    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, message);
		db_int(st, 2, (int64_t)i);
		db_text(st, 3, l->url != NULL ? l->url : "");
		db_text(st, 4, l->desc);
		db_text(st, 5, l->media_type);
		db_text(st, 6, l->name);
		if (l->size >= 0)
			db_int(st, 7, l->size);
		if (db_do(st, err) != 0)
			return -1;
	}
	for (i = 0; i < r->fallback_count; i++) {
		const struct fallback *f = &r->fallbacks[i];

		st = db_stmt(p->db, "INSERT INTO fallback "
		    "(message, seq, for_ns, is_subject, first, past) "
		    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, message);
		db_int(st, 2, (int64_t)i);
		db_text(st, 3, f->for_ns);
		db_int(st, 4, f->is_subject);
		db_int(st, 5, f->start);
		db_int(st, 6, f->end < 0 ? -1 : f->end);
		if (db_do(st, err) != 0)
			return -1;
	}
	if (!has_detail(r))
		return 0;
	st = db_stmt(p->db, "INSERT INTO detail (message, parent_thread, "
	    "occupant_id, encryption_ns, encryption_name, event, error_type, "
	    "error_condition, error_text, error_by, error_code, invite_room, "
	    "invite_sender, invite_reason, invite_kind, sender_raw, "
	    "recipient_raw, oversize, oversize_sha256) VALUES (?1, ?2, ?3, ?4, "
	    "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
	    "?19)", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	db_text(st, 2, r->parent_thread);
	db_text(st, 3, r->occupant_id);
	db_text(st, 4, r->encryption_ns);
	db_text(st, 5, r->encryption_name);
	db_text(st, 6, r->event);
	if (r->has_error) {
		db_text(st, 7, r->error.type);
		db_text(st, 8, r->error.condition);
		db_text(st, 9, r->error.text);
		db_text(st, 10, r->error.by);
		db_int(st, 11, r->error.code);
	}
	if (v != NULL) {
		db_text(st, 12, v->room);
		db_text(st, 13, v->from);
		db_text(st, 14, v->reason);
		db_int(st, 15, v->is_decline ? 2 : v->is_direct ? 1 : 0);
	}
	db_text(st, 16, r->from_raw);
	db_text(st, 17, r->to_raw);
	if (r->oversize_len > 0) {
		db_int(st, 18, (int64_t)r->oversize_len);
		if (r->oversize_sha256 != NULL)
			db_blob(st, 19, r->oversize_sha256, DIGEST_SHA256);
	}
	return db_do(st, err);
}

/* All but the one that the row's column `aid` holds. */
static int
put_archive_ids(struct put *p, const struct incoming *in, int64_t message,
    bool has_aid, struct err *err)
{
	const struct record *r = in->r;
	size_t i;

	for (i = 0; i < r->archive_id_count; i++) {
		const struct archive_id *a = &r->archive_ids[i];
		struct db_stmt *st;
		int64_t by;

		if (has_aid && a->is_trusted && str_is(a->by, in->by) &&
		    str_is(a->id, in->aid))
			continue;
		if (a->by == NULL || a->id == NULL)
			continue;
		if (intern_address(p->intern, a->by, &by, err) != 0)
			return -1;
		st = db_stmt(p->db, "INSERT OR IGNORE INTO archive_id "
		    "(message, by, id, trusted) VALUES (?1, ?2, ?3, ?4)", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, message);
		db_int(st, 2, by);
		db_text(st, 3, a->id);
		db_int(st, 4, a->is_trusted);
		if (db_do(st, err) != 0)
			return -1;
	}
	return 0;
}

/* The facts of a message's own row, in the order of chain.c. */
static int64_t
chain_message(struct put *p, const struct incoming *in, int64_t id,
    int64_t received)
{
	const struct record *r = in->r;
	struct chain *c = p->chain;
	int64_t arrival = chain_open(c, "message");

	chain_int(c, id);
	inside_str(c, r->account);
	inside_str(c, r->chat);
	chain_int(c, r->chat_kind);
	chain_int(c, r->type);
	chain_int(c, r->direction);
	chain_int(c, r->route);
	inside_str(c, r->from != NULL ? r->from : r->account);
	inside_str(c, r->to);
	chain_int(c, in->time_us);
	chain_int(c, received);
	inside_opt(c, in->stream);
	inside_chain_id(c, in->sid);
	inside_chain_id(c, in->oid);
	inside_chain_id(c, in->aid);
	chain_int(c, in->hash);
	chain_int(c, r->chat_state);
	inside_str(c, r->lang);
	inside_str(c, r->thread);
	chain_text(c, r->subject_count > 0 ? r->subjects[0].text : NULL,
	    r->subject_count > 0 ? r->subjects[0].len : 0);
	chain_text(c, r->body_count > 0 ? r->bodies[0].text : NULL,
	    r->body_count > 0 ? r->bodies[0].len : 0);
	inside_str(c, r->nick);
	return arrival;
}

/* The first free id from `id` on. Servers that stamp whole seconds make
 * long rows of neighbours: after a few steps their end is looked for. */
static int
free_id(struct put *p, int64_t *id, int tries, struct err *err)
{
	struct db_stmt *st;

	if (tries < 8) {
		++*id;
		return 0;
	}
	st = db_stmt(p->db, "SELECT max(id) + 1 FROM message "
	    "WHERE id >= ?1 AND id < ?1 + 500000", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, *id);
	if (db_step(st, err) <= 0)
		return -1;
	*id = db_is_null(st, 0) ? *id + 1 : db_get_int(st, 0);
	db_reset(st);
	return 0;
}

static int
put_row(struct put *p, const struct incoming *in, int64_t flags, int64_t *out,
    struct err *err)
{
	const struct record *r = in->r;
	unsigned char sid[16], oid[16], aid[16];
	int64_t id = in->time_us, received = r->received_us - in->time_us;
	struct db_stmt *st = db_stmt(p->db, "INSERT INTO message (id, chat, "
	    "type, direction, route, sender, recipient, time, received, "
	    "arrival, stream, sid, oid, aid, hash, flags, state, lang, thread, "
	    "subject, body, nick, query) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
	    "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, "
	    "?21, ?22, ?23)", err);
	int tries, got;

	if (st == NULL)
		return -1;
	db_int(st, 2, in->chat);
	db_int(st, 3, r->type);
	db_int(st, 4, r->direction);
	db_int(st, 5, r->route);
	db_int(st, 6, in->sender);
	if (in->recipient != 0)
		db_int(st, 7, in->recipient);
	db_int(st, 9, received);
	if (in->stream != 0)
		db_int(st, 11, in->stream);
	inside_bind_id(st, 12, in->sid, sid);
	inside_bind_id(st, 13, in->oid, oid);
	inside_bind_id(st, 14, in->aid, aid);
	db_int(st, 15, in->hash);
	db_int(st, 16, flags);
	db_int(st, 17, r->chat_state);
	db_text(st, 18, r->lang);
	db_text(st, 19, r->thread);
	if (r->subject_count > 0)
		db_textn(st, 20, r->subjects[0].text, r->subjects[0].len);
	if (r->body_count > 0)
		db_textn(st, 21, r->bodies[0].text, r->bodies[0].len);
	db_text(st, 22, r->nick);
	if (in->query != 0)
		db_int(st, 23, in->query);
	db_int(st, 10, chain_next(p->chain));
	for (tries = 0; ; tries++) {
		db_int(st, 1, id);
		if (id != in->time_us)
			db_int(st, 8, in->time_us);
		if ((got = db_insert(st, err)) < 0)
			return -1;
		if (got == 0)
			break;
		if (free_id(p, &id, tries, err) != 0)
			return -1;
	}
	(void)chain_message(p, in, id, received);
	*out = id;
	return 0;
}

int
rows_message(struct put *p, const struct incoming *in, struct err *err)
{
	const struct record *r = in->r;
	int64_t id, flags = flags_of(r);

	if (put_row(p, in, flags, &id, err) != 0 ||
	    put_texts(p, r, id, 0, r->bodies, r->body_count, err) != 0 ||
	    put_texts(p, r, id, 1, r->subjects, r->subject_count, err) != 0 ||
	    put_raw(p, r, id, err) != 0)
		return -1;
	chain_close(p->chain);
	inside_tally(p, in->chat, in->time_us, (flags & PUT_SHOWN) != 0, 1);
	docs_add(p, in, id);
	if (ident_add(p, in, id, err) != 0 ||
	    put_archive_ids(p, in, id, true, err) != 0 ||
	    put_details(p, r, id, err) != 0 ||
	    refs_put(p, in, id, err) != 0 || refs_arrived(p, in, id, err) != 0)
		return -1;
	inside_count(p, r->account)->messages++;
	return 0;
}

/* What the message's row says of itself, for a copy of it. */
static int
differs(struct put *p, const struct incoming *in, int64_t message, bool *does,
    struct err *err)
{
	struct db_stmt *st = db_stmt(p->db,
	    "SELECT hash FROM message WHERE id = ?1", err);

	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	if (db_step(st, err) <= 0)
		return -1;
	*does = db_get_int(st, 0) != in->hash;
	db_reset(st);
	return 0;
}

/* Whether a copy before this one brought the same change, and its stanza is
 * kept: what changed stands nowhere else, so it is kept of accounts without
 * raw stanzas, too. */
static int
is_kept(struct put *p, const struct incoming *in, int64_t message, bool *is,
    struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "SELECT 1 FROM copy WHERE "
	    "message = ?1 AND hash = ?2 AND raw IS NOT NULL LIMIT 1", err);
	int got;

	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	db_int(st, 2, in->hash);
	if ((got = db_step(st, err)) < 0)
		return -1;
	*is = got > 0;
	db_reset(st);
	return 0;
}

static int
next_copy(struct put *p, int64_t message, int64_t *seq, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "SELECT coalesce(max(seq), 0) + 1 "
	    "FROM copy WHERE message = ?1", err);

	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	if (db_step(st, err) <= 0)
		return -1;
	*seq = db_get_int(st, 0);
	db_reset(st);
	return 0;
}

static int
insert_copy(struct put *p, const struct incoming *in, int64_t message,
    enum put_how how, bool is_other, bool keep_raw, struct err *err)
{
	const struct record *r = in->r;
	struct chain *c = p->chain;
	unsigned char aid[16];
	const void *data = NULL;
	size_t len = 0;
	struct db_stmt *st;
	int64_t seq;
	int dict = 0;

	if (next_copy(p, message, &seq, err) != 0)
		return -1;
	st = db_stmt(p->db, "INSERT INTO copy (message, seq, arrival, route, "
	    "received, stamp, stream, query, hash, aid, aid_by, how, dict, "
	    "raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
	    "?13, ?14)", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	db_int(st, 2, seq);
	db_int(st, 3, chain_open(c, "copy"));
	db_int(st, 4, r->route);
	db_int(st, 5, r->received_us);
	if (r->archive_us != 0)
		db_int(st, 6, r->archive_us);
	if (in->stream != 0)
		db_int(st, 7, in->stream);
	if (in->query != 0)
		db_int(st, 8, in->query);
	if (is_other)
		db_int(st, 9, in->hash);
	inside_bind_id(st, 10, in->given, aid);
	if (in->giver != 0)
		db_int(st, 11, in->giver);
	db_int(st, 12, how);
	if (keep_raw) {
		pack_put(p->pack, r->raw, r->raw_len, &dict, &data, &len);
		db_int(st, 13, dict);
		db_blob(st, 14, data, len);
	}
	chain_int(c, message);
	chain_int(c, seq);
	chain_int(c, r->route);
	chain_int(c, r->received_us);
	inside_opt(c, r->archive_us);
	inside_opt(c, in->stream);
	if (is_other)
		chain_int(c, in->hash);
	else
		chain_text(c, NULL, 0);
	inside_chain_id(c, in->given);
	inside_str(c, in->giver != 0 ? r->account : NULL);
	chain_int(c, how);
	chain_blob(c, keep_raw ? r->raw : NULL, r->raw_len);
	chain_close(c);
	return db_do(st, err);
}

int
rows_copy(struct put *p, const struct incoming *in, int64_t message,
    enum put_how how, struct err *err)
{
	struct db_stmt *st;
	bool is_other, has_raw = true;

	if (how == PUT_AGAIN)
		return 0;
	if (differs(p, in, message, &is_other, err) != 0 ||
	    (is_other && is_kept(p, in, message, &has_raw, err) != 0))
		return -1;
	if (insert_copy(p, in, message, how, is_other,
	    !has_raw && in->r->raw != NULL, err) != 0 ||
	    ident_add(p, in, message, err) != 0 ||
	    put_archive_ids(p, in, message, in->giver == 0, err) != 0)
		return -1;
	st = db_stmt(p->db, "UPDATE message SET flags = flags | ?2 "
	    "WHERE id = ?1 AND flags & ?2 <> ?2", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	db_int(st, 2, PUT_COPIES);
	if (db_do(st, err) != 0)
		return -1;
	if (in->is_tombstone && refs_tombstone(p, in->r, message, err) != 0)
		return -1;
	if (refs_arrived(p, in, message, err) != 0)
		return -1;
	inside_count(p, in->r->account)->copies++;
	return 0;
}
