/* Presence changes, oldest first. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/read_entry.h"

struct read_presence_cursor {
	struct db *db;
	struct db_stmt *st;
	struct arena *bound;	/* texts that the statement still needs */
};

/* Which rows, with each value bound in the order it is named. */
static struct db_stmt *
prepare(struct db *db, const struct read_presence *want, struct arena *bound,
    struct err *err)
{
	const char *slash = want->jid ? strchr(want->jid, '/') : NULL;
	const struct read_accounts *accounts = &want->accounts;
	struct buf sql = { 0 };
	struct db_stmt *st;
	int at = 0;
	size_t i;

	buf_str(&sql, "SELECT p.id, own.jid, p.time, p.received, s.jid, "
	    "r.jid, n.name, p.type, p.show, p.priority, p.status, "
	    "p.status_lang, p.idle, p.event, x.presence, x.nick, x.new_nick, "
	    "x.jid, x.affiliation, x.role, x.actor, x.reason, x.codes, "
	    "d.delay, d.delay_sender, d.error_type, d.error_condition, "
	    "d.error_text, d.error_by, d.presence FROM presence p "
	    "JOIN address own ON own.id = p.account "
	    "JOIN address s ON s.id = p.sender "
	    "LEFT JOIN address r ON r.id = p.recipient "
	    "LEFT JOIN roster n ON n.account = p.account "
	    "AND n.contact = s.bare "
	    "LEFT JOIN presence_room x ON x.presence = p.id "
	    "LEFT JOIN presence_detail d ON d.presence = p.id WHERE 1");
	if (want->since_us != 0)
		buf_printf(&sql, " AND p.id >= ?%d", ++at);
	if (want->until_us != 0)
		buf_printf(&sql, " AND p.id < ?%d", ++at);
	if (want->jid != NULL)
		buf_printf(&sql, slash ? " AND p.sender = "
		    "(SELECT id FROM address WHERE jid = ?%d)"
		    : " AND p.sender IN (SELECT id FROM address WHERE bare = "
		    "(SELECT id FROM address WHERE jid = ?%d))", ++at);
	for (i = 0; i < accounts->count; i++)
		buf_printf(&sql, "%s?%d", i ? ", " : " AND own.jid IN (", ++at);
	buf_str(&sql, i > 0 ? ") ORDER BY p.id" : " ORDER BY p.id");
	st = db_prepare(db, sql.data, err);
	buf_clear(&sql);
	if (st == NULL)
		return NULL;
	at = 0;
	if (want->since_us != 0)
		db_int(st, ++at, want->since_us);
	if (want->until_us != 0)
		db_int(st, ++at, want->until_us);
	if (want->jid != NULL)
		db_text(st, ++at, arena_str(bound, want->jid));
	for (i = 0; i < accounts->count; i++)
		db_text(st, ++at, arena_str(bound, accounts->jids[i]));
	return st;
}

struct read_presence_cursor *
read_presences(struct store *s, const struct read_presence *want,
    struct err *err)
{
	struct read_presence_cursor *c = mem_alloc(sizeof *c);

	c->db = store_db(s);
	c->bound = arena_new();
	c->st = prepare(c->db, want, c->bound, err);
	if (c->st == NULL) {
		read_presence_free(c);
		return NULL;
	}
	return c;
}

void
read_presence_free(struct read_presence_cursor *c)
{
	if (c == NULL)
		return;
	db_free(c->st);
	arena_free(c->bound);
	free(c);
}

/* Numbers separated by spaces. */
static const int *
read_codes(const char *s, struct arena *a, size_t *count)
{
	int *codes;
	size_t n = 0;
	char *end;

	*count = 0;
	if (s == NULL)
		return NULL;
	codes = arena_array(a, strlen(s) / 2 + 1, sizeof *codes);
	for (;; s = end) {
		long code = strtol(s, &end, 10);

		if (end == s)
			break;
		codes[n++] = (int)code;
	}
	*count = n;
	return codes;
}

static int
read_statuses(struct db *db, struct arena *a, struct text first,
    struct entry_presence *out, struct err *err)
{
	struct text *texts;
	struct db_stmt *st;
	size_t room = 4, n = 0;
	int got;

	texts = arena_array(a, room, sizeof *texts);
	if (first.text != NULL)
		texts[n++] = first;
	st = db_stmt(db, "SELECT lang, text FROM presence_status "
	    "WHERE presence = ?1 ORDER BY seq", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, out->id);
	while ((got = db_step(st, err)) > 0) {
		if (n == room) {
			struct text *more = arena_array(a, 2 * room,
			    sizeof *more);

			memcpy(more, texts, n * sizeof *more);
			texts = more;
			room *= 2;
		}
		texts[n].lang = read_str(st, 0, a);
		texts[n].text = read_str(st, 1, a);
		texts[n++].len = db_get_len(st, 1);
	}
	out->statuses = texts;
	out->status_count = n;
	return got;
}

static const struct room_item *
read_room(struct db_stmt *st, struct arena *a)
{
	struct room_item *x;

	if (db_is_null(st, 14))
		return NULL;
	x = arena_alloc(a, sizeof *x);
	x->nick = read_str(st, 15, a);
	x->new_nick = read_str(st, 16, a);
	x->jid = read_str(st, 17, a);
	x->affiliation = read_str(st, 18, a);
	x->role = read_str(st, 19, a);
	x->actor = read_str(st, 20, a);
	x->reason = read_str(st, 21, a);
	x->codes = read_codes(db_get_text(st, 22), a, &x->code_count);
	return x;
}

int
read_presence_next(struct read_presence_cursor *c, struct arena *a,
    struct entry_presence *out, struct err *err)
{
	struct db_stmt *st = c->st;
	struct text status = { 0 };
	int got = db_step(st, err);

	if (got <= 0)
		return got;
	memset(out, 0, sizeof *out);
	out->id = db_get_int(st, 0);
	out->account = read_str(st, 1, a);
	out->time_us = db_is_null(st, 2) ? out->id : db_get_int(st, 2);
	out->received_us = out->time_us + db_get_int(st, 3);
	out->from = read_str(st, 4, a);
	out->to = read_str(st, 5, a);
	out->type = (enum presence_type)db_get_int(st, 7);
	out->show = (enum presence_show)db_get_int(st, 8);
	out->priority = (int)db_get_int(st, 9);
	status.text = read_str(st, 10, a);
	status.len = db_get_len(st, 10);
	status.lang = read_str(st, 11, a);
	out->idle_us = db_get_int(st, 12);
	out->event = read_str(st, 13, a);
	out->room = read_room(st, a);
	if (out->room == NULL)	/* an occupant is never called by a contact's
				 * name */
		out->from_name = read_str(st, 6, a);
	out->delay.stamp_us = db_get_int(st, 23);
	out->delay.from = read_str(st, 24, a);
	out->error.type = read_str(st, 25, a);
	out->error.condition = read_str(st, 26, a);
	out->error.text = read_str(st, 27, a);
	out->error.by = read_str(st, 28, a);
	out->has_error = out->type == PRESENCE_ERROR;
	return read_statuses(c->db, a, status, out, err) == 0 ? 1 : -1;
}
