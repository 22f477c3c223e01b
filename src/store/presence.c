#include "store/presence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { PEOPLE = 8192, ROOMS = 512 };

/* A subscription is another matter than being there. */
enum line { LINE_THERE, LINE_ASKED };

struct key {
	int64_t account, sender;
	int64_t line;
};

struct state {
	int64_t stream;
	uint64_t digest;	/* of all that makes a change */
	bool is_known, is_available;
	bool was_renamed;	/* it comes under a new nick: no join */
	char role[16], affiliation[16];
};

struct room_key {
	int64_t account, room, stream;
};

struct presence {
	struct memo *people;	/* struct key to struct state */
	struct memo *rooms;	/* struct room_key to bool: we are in */
};

struct presence *
presence_new(void)
{
	struct presence *p = mem_alloc(sizeof *p);

	p->people = memo_new(PEOPLE, sizeof (struct state));
	p->rooms = memo_new(ROOMS, sizeof (bool));
	return p;
}

void
presence_free(struct presence *p)
{
	if (p == NULL)
		return;
	memo_free(p->people);
	memo_free(p->rooms);
	free(p);
}

void
presence_forget(struct presence *p)
{
	memo_forget(p->people);
	memo_forget(p->rooms);
}

static bool
is_request(enum presence_type type)
{
	return type == PRESENCE_SUBSCRIBE;
}

static bool
is_there(enum presence_type type)
{
	return type == PRESENCE_AVAILABLE || type == PRESENCE_UNAVAILABLE ||
	    type == PRESENCE_ERROR;
}

static void
add_str(struct buf *b, const char *s)
{
	buf_char(b, s != NULL ? '=' : '-');
	if (s != NULL)
		buf_add(b, s, strlen(s) + 1);
}

static uint64_t
digest_of(struct put *p, const struct record *r)
{
	const struct room_item *room = r->room;
	struct buf *b = &p->scratch;
	size_t i;

	buf_reset(b);
	buf_printf(b, "%d %d %d", r->presence, r->show, r->priority);
	for (i = 0; i < r->status_count; i++) {
		add_str(b, r->statuses[i].lang);
		add_str(b, r->statuses[i].text);
	}
	if (room != NULL) {
		buf_char(b, '@');
		add_str(b, room->nick);
		add_str(b, room->new_nick);
		add_str(b, room->jid);
		add_str(b, room->affiliation);
		add_str(b, room->role);
		for (i = 0; i < room->code_count; i++)
			buf_printf(b, " %d", room->codes[i]);
	}
	return digest_hash64(p->key, b->data, b->len);
}

static void
fill(struct put *p, const struct record *r, int64_t stream, struct state *s)
{
	const struct room_item *room = r->room;

	s->stream = stream;
	s->digest = digest_of(p, r);
	s->is_known = true;
	s->is_available = r->presence == PRESENCE_AVAILABLE;
	s->was_renamed = false;
	snprintf(s->role, sizeof s->role, "%s",
	    room != NULL && room->role != NULL ? room->role : "");
	snprintf(s->affiliation, sizeof s->affiliation, "%s",
	    room != NULL && room->affiliation != NULL ? room->affiliation : "");
}

static void
parse_codes(struct put *p, const char *text, struct room_item *room)
{
	int *codes = arena_array(p->arena, strlen(text) + 1, sizeof *codes);
	char *end;

	room->codes = codes;
	for (; *text != '\0'; text = end) {
		codes[room->code_count] = (int)strtol(text, &end, 10);
		if (end == text)
			break;
		room->code_count++;
	}
}

/* The rest of a presence's row, as a record. */
static int
load_parts(struct put *p, int64_t id, struct record *r, struct err *err)
{
	struct arena *a = p->arena;
	struct db_stmt *st = db_stmt(p->db, "SELECT lang, text, "
	    "(SELECT count(*) FROM presence_status WHERE presence = ?1) "
	    "FROM presence_status WHERE presence = ?1 ORDER BY seq", err);
	struct text first = r->status_count > 0 ? r->statuses[0]
	    : (struct text){ 0 }, *all = NULL;
	struct room_item *room;
	int got;

	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	while ((got = db_step(st, err)) > 0) {
		if (all == NULL) {
			all = arena_array(a, (size_t)db_get_int(st, 2) + 1,
			    sizeof *all);
			all[0] = first;
			r->statuses = all;
		}
		all[r->status_count].lang = arena_str(a, db_get_text(st, 0));
		all[r->status_count++].text = arena_str(a, db_get_text(st, 1));
	}
	if (got < 0)
		return -1;
	st = db_stmt(p->db, "SELECT nick, new_nick, jid, affiliation, role, "
	    "codes FROM presence_room WHERE presence = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	if ((got = db_step(st, err)) <= 0)
		return got;
	room = arena_alloc(a, sizeof *room);
	room->nick = arena_str(a, db_get_text(st, 0));
	room->new_nick = arena_str(a, db_get_text(st, 1));
	room->jid = arena_str(a, db_get_text(st, 2));
	room->affiliation = arena_str(a, db_get_text(st, 3));
	room->role = arena_str(a, db_get_text(st, 4));
	if (!db_is_null(st, 5))
		parse_codes(p, db_get_text(st, 5), room);
	r->room = room;
	db_reset(st);
	return 0;
}

/* The last one written, from the archive. */
static int
load(struct put *p, const struct key *k, struct state *s, struct err *err)
{
	struct db_stmt *st = k->line == LINE_ASKED
	    ? db_stmt(p->db, "SELECT id, type, show, priority, stream, status, "
	    "status_lang FROM presence WHERE sender = ?1 AND account = ?2 "
	    "AND type BETWEEN 2 AND 5 ORDER BY id DESC LIMIT 1", err)
	    : db_stmt(p->db, "SELECT id, type, show, priority, stream, status, "
	    "status_lang FROM presence WHERE sender = ?1 AND account = ?2 "
	    "AND type IN (0, 1, 6) ORDER BY id DESC LIMIT 1", err);
	struct record r = { 0 };
	struct text status = { 0 };
	int64_t id, stream;
	int got;

	if (st == NULL)
		return -1;
	db_int(st, 1, k->sender);
	db_int(st, 2, k->account);
	if ((got = db_step(st, err)) <= 0)
		return got;
	id = db_get_int(st, 0);
	r.presence = (enum presence_type)db_get_int(st, 1);
	r.show = (enum presence_show)db_get_int(st, 2);
	r.priority = (int)db_get_int(st, 3);
	stream = db_get_int(st, 4);
	if (!db_is_null(st, 5)) {
		status.text = arena_str(p->arena, db_get_text(st, 5));
		status.lang = arena_str(p->arena, db_get_text(st, 6));
		r.statuses = &status;
		r.status_count = 1;
	}
	db_reset(st);
	if (load_parts(p, id, &r, err) != 0)
		return -1;
	fill(p, &r, stream, s);
	return 0;
}

static int
find(struct put *p, const struct key *k, struct state **out, struct err *err)
{
	struct state s = { 0 };

	*out = memo_get(p->presence->people, k, sizeof *k);
	if (*out != NULL)
		return 0;
	if (load(p, k, &s, err) != 0)
		return -1;
	*out = memo_put(p->presence->people, k, sizeof *k);
	**out = s;
	return 0;
}

static bool
has_code(const struct room_item *room, int code)
{
	size_t i;

	for (i = 0; i < room->code_count; i++)
		if (room->codes[i] == code)
			return true;
	return false;
}

/* Whether our own presence (110) came from a room in this stream: who is
 * announced before it did not join, but was there. */
static int
find_room(struct put *p, const struct incoming *in, bool **is_in,
    struct err *err)
{
	struct room_key k = { in->account, 0, in->stream };
	struct db_stmt *st;
	int got;

	if (intern_bare(p->intern, in->sender, &k.room, err) != 0)
		return -1;
	*is_in = memo_get(p->presence->rooms, &k, sizeof k);
	if (*is_in != NULL)
		return 0;
	st = db_stmt(p->db, "SELECT 1 FROM address a "
	    "JOIN presence p ON p.sender = a.id "
	    "JOIN presence_room r ON r.presence = p.id "
	    "WHERE a.bare = ?1 AND p.account = ?2 AND p.stream = ?3 "
	    "AND p.type = 0 AND ' ' || r.codes || ' ' LIKE '% 110 %' LIMIT 1",
	    err);
	if (st == NULL)
		return -1;
	db_int(st, 1, k.room);
	db_int(st, 2, k.account);
	db_int(st, 3, k.stream);
	if ((got = db_step(st, err)) < 0)
		return -1;
	db_reset(st);
	*is_in = memo_put(p->presence->rooms, &k, sizeof k);
	**is_in = got > 0;
	return 0;
}

/* XEP-0045: why an occupant is gone. The first that is there counts. */
static const struct {
	int code;
	const char *event;
} leaving[] = {
	{ 303, "nick" }, { 301, "ban" }, { 333, "error" }, { 307, "kick" },
	{ 321, "affiliation" }, { 322, "members-only" }, { 332, "shutdown" },
};

static const char *
event_of(const struct record *r, const struct state *old, bool is_same_stream,
    bool is_in)
{
	const struct room_item *room = r->room;
	size_t i;

	if (r->presence == PRESENCE_UNAVAILABLE) {
		for (i = 0; i < COUNT(leaving); i++)
			if (has_code(room, leaving[i].code))
				return leaving[i].event;
		return "part";
	}
	if (r->presence != PRESENCE_AVAILABLE)
		return NULL;
	if (!is_same_stream || !old->is_available) {
		if (is_same_stream && old->was_renamed)
			return NULL;
		return is_in || has_code(room, 110) ? "join" : NULL;
	}
	if (!str_is(room->role != NULL ? room->role : "", old->role))
		return "role";
	if (!str_is(room->affiliation != NULL ? room->affiliation : "",
	    old->affiliation))
		return "affiliation";
	return NULL;
}

/* Who changes the nick leaves under the old one (303) and comes under the
 * new one. */
static int
note_rename(struct put *p, const struct incoming *in, struct err *err)
{
	const struct room_item *room = in->r->room;
	struct key k = { in->account, 0, LINE_THERE };
	const char *slash = in->r->from != NULL ? strchr(in->r->from, '/')
						: NULL;
	struct state *s;

	if (slash == NULL || room->new_nick == NULL || !has_code(room, 303))
		return 0;
	if (intern_address(p->intern, arena_printf(p->arena, "%.*s/%s",
	    (int)(slash - in->r->from), in->r->from, room->new_nick), &k.sender,
	    err) != 0 || find(p, &k, &s, err) != 0)
		return -1;
	s->stream = in->stream;
	s->is_available = false;
	s->was_renamed = true;
	s->digest = 0;
	return 0;
}

static int
put_statuses(struct put *p, const struct record *r, int64_t id,
    struct err *err)
{
	size_t i;

	for (i = 1; i < r->status_count; i++) {
		const struct text *t = &r->statuses[i];
		struct db_stmt *st = db_stmt(p->db, "INSERT INTO "
		    "presence_status (presence, seq, lang, text) "
		    "VALUES (?1, ?2, ?3, ?4)", err);

		if (st == NULL)
			return -1;
		db_int(st, 1, id);
		db_int(st, 2, (int64_t)i);
		db_text(st, 3, t->lang);
		db_text(st, 4, t->text);
		chain_int(p->chain, (int64_t)i);
		inside_str(p->chain, t->lang);
		inside_str(p->chain, t->text);
		if (db_do(st, err) != 0)
			return -1;
	}
	return 0;
}

static int
put_room(struct put *p, const struct record *r, int64_t id, struct err *err)
{
	const struct room_item *room = r->room;
	struct buf codes = { 0 };
	const char *values[9];
	struct db_stmt *st;
	size_t i;
	int result;

	if (room == NULL)
		return 0;
	st = db_stmt(p->db, "INSERT INTO presence_room (presence, nick, "
	    "new_nick, jid, affiliation, role, actor, reason, codes, "
	    "occupant_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	    err);
	if (st == NULL)
		return -1;
	for (i = 0; i < room->code_count; i++)
		buf_printf(&codes, "%s%d", i > 0 ? " " : "", room->codes[i]);
	values[0] = room->nick;
	values[1] = room->new_nick;
	values[2] = room->jid;
	values[3] = room->affiliation;
	values[4] = room->role;
	values[5] = room->actor;
	values[6] = room->reason;
	values[7] = codes.data;
	values[8] = r->occupant_id;
	db_int(st, 1, id);
	for (i = 0; i < COUNT(values); i++) {
		db_text(st, 2 + (int)i, values[i]);
		inside_str(p->chain, values[i]);
	}
	result = db_do(st, err);
	buf_clear(&codes);
	return result;
}

static int
put_detail(struct put *p, const struct record *r, int64_t id, struct err *err)
{
	struct db_stmt *st;

	if (r->photo == NULL && r->delay_count == 0 && !r->has_error)
		return 0;
	st = db_stmt(p->db, "INSERT INTO presence_detail (presence, photo, "
	    "delay, delay_sender, error_type, error_condition, error_text, "
	    "error_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	db_text(st, 2, r->photo);
	if (r->delay_count > 0) {
		db_int(st, 3, r->delays[0].stamp_us);
		db_text(st, 4, r->delays[0].from);
	}
	if (r->has_error) {
		db_text(st, 5, r->error.type);
		db_text(st, 6, r->error.condition);
		db_text(st, 7, r->error.text);
		db_text(st, 8, r->error.by);
	}
	return db_do(st, err);
}

static int
put_row(struct put *p, const struct incoming *in, const char *event,
    int64_t *out, struct err *err)
{
	const struct record *r = in->r;
	const struct text *status = r->status_count > 0 ? r->statuses : NULL;
	struct chain *c = p->chain;
	struct db_stmt *st;
	int64_t id = in->time_us, caps;
	int64_t received = r->received_us - in->time_us;
	int got;

	if (intern_caps(p->intern, r->caps_node, r->caps_ver, &caps, err) != 0)
		return -1;
	st = db_stmt(p->db, "INSERT INTO presence (id, account, sender, "
	    "recipient, type, show, priority, time, received, arrival, stream, "
	    "status, status_lang, idle, event, caps) VALUES (?1, ?2, ?3, ?4, "
	    "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)", err);
	if (st == NULL)
		return -1;
	db_int(st, 2, in->account);
	db_int(st, 3, in->sender);
	if (in->recipient != 0)
		db_int(st, 4, in->recipient);
	db_int(st, 5, r->presence);
	db_int(st, 6, r->show);
	db_int(st, 7, r->priority);
	db_int(st, 9, received);
	db_int(st, 10, chain_next(c));
	if (in->stream != 0)
		db_int(st, 11, in->stream);
	db_text(st, 12, status != NULL ? status->text : NULL);
	db_text(st, 13, status != NULL ? status->lang : NULL);
	if (r->idle_us != 0)
		db_int(st, 14, r->idle_us);
	db_text(st, 15, event);
	if (caps != 0)
		db_int(st, 16, caps);
	for (;; id++) {
		db_int(st, 1, id);
		if (id != in->time_us)
			db_int(st, 8, in->time_us);
		if ((got = db_insert(st, err)) < 0)
			return -1;
		if (got == 0)
			break;
	}
	(void)chain_open(c, "presence");
	chain_int(c, id);
	inside_str(c, r->account);
	inside_str(c, r->from != NULL ? r->from : r->account);
	inside_str(c, r->to);
	chain_int(c, r->presence);
	chain_int(c, r->show);
	chain_int(c, r->priority);
	chain_int(c, in->time_us);
	chain_int(c, received);
	inside_opt(c, in->stream);
	inside_str(c, status != NULL ? status->text : NULL);
	inside_str(c, status != NULL ? status->lang : NULL);
	inside_opt(c, r->idle_us);
	inside_str(c, event);
	*out = id;
	return 0;
}

static int
write_change(struct put *p, const struct incoming *in, const char *event,
    struct err *err)
{
	const struct record *r = in->r;
	int64_t id;

	if (put_row(p, in, event, &id, err) != 0 ||
	    put_statuses(p, r, id, err) != 0 || put_room(p, r, id, err) != 0)
		return -1;
	chain_close(p->chain);
	return put_detail(p, r, id, err);
}

int
presence_put(struct put *p, const struct incoming *in, bool *written,
    struct err *err)
{
	const struct record *r = in->r;
	struct key k = { in->account, in->sender,
	    is_there(r->presence) ? LINE_THERE : LINE_ASKED };
	struct state *s, old, new = { 0 };
	const char *event = NULL;
	bool *is_in = NULL, is_same;

	*written = false;
	if (find(p, &k, &s, err) != 0)
		return -1;
	old = *s;
	is_same = old.stream == in->stream &&
	    (old.is_known || old.was_renamed);
	fill(p, r, in->stream, &new);
	if (old.is_known && old.digest == new.digest &&
	    (is_request(r->presence) ||
	    (is_same && is_there(r->presence) && !old.was_renamed)))
		return 0;
	if (r->room != NULL && is_there(r->presence)) {
		if (find_room(p, in, &is_in, err) != 0)
			return -1;
		event = event_of(r, &old, is_same, *is_in);
		if (has_code(r->room, 110))
			*is_in = r->presence == PRESENCE_AVAILABLE ||
			    has_code(r->room, 303);
	}
	if (write_change(p, in, event, err) != 0)
		return -1;
	*written = true;
	*s = new;	/* nothing was added to the table since */
	return r->room != NULL ? note_rename(p, in, err) : 0;
}
