#include "store/ident.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

/* Rule 2: an archive's stamp lies this close to the arrival. */
#define BEFORE	(5 * TIME_MINUTE)
#define AFTER	(10 * TIME_SECOND)
/* Rule 3 and the three cases: server times this close. */
#define CLOSE	(2 * TIME_SECOND)
/* How far from midnight the day beside it is looked at, too. */
#define MIDNIGHT	(15 * TIME_MINUTE)

/* Candidates with one id; if there are more, only those near in time. */
enum { NEAR = 512 };

/* What is known of a candidate, as compared with the incoming copy. */
struct known {
	int64_t id;
	bool is_own;		/* of the same account */
	bool same_aid;		/* one of its copies has in->aid */
	bool other_aid;		/* one has another that the same archive gave */
	bool same_key, has_key;	/* the sender's id */
	bool same_content;	/* hash, and all else that rule 2 wants equal */
	bool same_hash;
	bool same_stream;	/* its copy by the same route came in one */
	bool is_again;		/* an archive gave just this in another stream */
	unsigned routes;
	int64_t flags;
	struct moment moments[MOMENTS];
	size_t moment_count;
	bool is_loose;
};

int64_t
ident_hash(struct put *p, const char *account, const char *by, const char *id)
{
	struct buf *b = &p->scratch;

	buf_reset(b);
	buf_add(b, account, strlen(account) + 1);
	buf_add(b, by != NULL ? by : "", by != NULL ? strlen(by) + 1 : 1);
	buf_str(b, id);
	return (int64_t)digest_hash64(p->key, b->data, b->len);
}

/* A copy without any id is looked for by its content. */
static int64_t
content_hash(struct put *p, const struct incoming *in)
{
	char hex[33];

	str_hex(hex, in->r->content_hash, sizeof in->r->content_hash);
	return ident_hash(p, in->r->account, "\1", hex);
}

static void
add_day(int64_t *days, size_t *count, int64_t at_us)
{
	int64_t day = time_day(at_us);
	size_t i;

	for (i = 0; i < *count; i++)
		if (days[i] == day)
			return;
	if (*count < DAYS)
		days[(*count)++] = day;
}

static void
add_moment(struct moment *m, size_t *count, int64_t at_us, bool is_stamp)
{
	if (at_us == 0 || *count == MOMENTS)
		return;
	m[*count].at_us = at_us;
	m[(*count)++].is_stamp = is_stamp;
}

static bool
is_stored_route(enum route route)
{
	return route == ROUTE_MAM || route == ROUTE_HISTORY;
}

/* A room without an archive sends the same history at each join: a copy with
 * the very stamp of one that came by this route in another stream. */
static bool
is_same_page(const struct incoming *in, enum route route, int64_t stream,
    int64_t stamp_us)
{
	return is_stored_route(route) && route == in->r->route &&
	    stream != in->stream && stamp_us == in->r->archive_us;
}

/* A delay that the own server wrote: on what it sends again after a broken
 * stream, and on what waited while we were offline. */
static bool
is_server_delay(const struct record *r, const struct delay *d)
{
	const char *at = strchr(r->account, '@');

	return d->from != NULL && (str_is(d->from, r->account) ||
	    (at != NULL && str_is(d->from, at + 1)));
}

void
ident_prepare(struct put *p, struct incoming *in)
{
	const struct record *r = in->r;
	size_t i, own;

	if (is_stored_route(r->route)) {
		add_moment(in->moments, &in->moment_count, r->archive_us, true);
		if (r->time_us != r->archive_us)
			add_moment(in->moments, &in->moment_count, r->time_us,
			    true);
	} else {
		if (r->route != ROUTE_OFFLINE)
			add_moment(in->moments, &in->moment_count,
			    r->received_us, false);
		if (r->time_us != r->received_us)
			add_moment(in->moments, &in->moment_count, r->time_us,
			    true);
		for (i = 0; i < r->delay_count; i++)
			if (is_server_delay(r, &r->delays[i]))
				add_moment(in->moments, &in->moment_count,
				    r->delays[i].stamp_us, true);
		in->is_loose = in->moment_count == 0;
	}

	/* Stamp, claimed delays, and a live copy's arrival. An archive's copy
	 * is not kept under the day it was fetched: years of history come in
	 * one day, and their hashes would fill it in random order. */
	add_day(in->days, &in->day_count, in->time_us);
	for (i = 0; i < r->delay_count; i++)
		add_day(in->days, &in->day_count, r->delays[i].stamp_us);
	if (!is_stored_route(r->route))
		add_day(in->days, &in->day_count, r->received_us);
	for (own = 0; own < in->day_count; own++)
		in->probes[in->probe_count++] = in->days[own];
	add_day(in->probes, &in->probe_count, r->received_us);
	for (i = 0; i < in->moment_count; i++) {
		add_day(in->probes, &in->probe_count,
		    in->moments[i].at_us - MIDNIGHT);
		add_day(in->probes, &in->probe_count,
		    in->moments[i].at_us + MIDNIGHT);
	}
}

/* Whether one of the copy's moments and one of the candidate's fit. */
static bool
is_near(const struct incoming *in, const struct known *k)
{
	size_t i, j;

	if (in->is_loose || k->is_loose)
		return true;
	for (i = 0; i < in->moment_count; i++) {
		for (j = 0; j < k->moment_count; j++) {
			int64_t after = in->moments[i].at_us -
			    k->moments[j].at_us;

			if (in->moments[i].is_stamp == k->moments[j].is_stamp) {
				if (after >= -BEFORE && after <= BEFORE)
					return true;
				continue;
			}
			if (k->moments[j].is_stamp)
				after = -after;
			/* Now: the stamp, after the arrival. */
			if (after >= -BEFORE && after <= AFTER)
				return true;
		}
	}
	return false;
}

static bool
is_close(const struct incoming *in, const struct known *k)
{
	size_t i, j;

	for (i = 0; i < in->moment_count; i++) {
		for (j = 0; j < k->moment_count; j++) {
			int64_t after = in->moments[i].at_us -
			    k->moments[j].at_us;

			if (after >= -CLOSE && after <= CLOSE)
				return true;
		}
	}
	return false;
}

/* The `to` of rule 2: an absent one is the own bare JID, and so is any of
 * the own resources (a server may rewrite it); in rooms, what comes in is
 * addressed to each occupant by its own JID. */
static int
normalised_to(struct put *p, const struct incoming *in, int64_t recipient,
    int64_t *to, struct err *err)
{
	int64_t bare;

	*to = in->account;
	if (recipient == 0)
		return 0;
	if (intern_bare(p->intern, recipient, &bare, err) != 0)
		return -1;
	*to = bare == in->account ? bare : recipient;
	return 0;
}

static int
has_same_ends(struct put *p, const struct incoming *in, int64_t sender,
    int64_t recipient, unsigned routes, bool *same, struct err *err)
{
	const struct record *r = in->r;
	int64_t mine, theirs;

	*same = false;
	if (r->type == MESSAGE_GROUPCHAT) {
		/* What we sent comes back from the room under our nick. */
		*same = sender == in->sender ||
		    (r->direction == DIRECTION_OUT &&
		    (r->route == ROUTE_SENT || routes & 1u << ROUTE_SENT));
		return 0;
	}
	if (sender != in->sender)
		return 0;
	if (normalised_to(p, in, in->recipient, &mine, err) != 0 ||
	    normalised_to(p, in, recipient, &theirs, err) != 0)
		return -1;
	*same = mine == theirs;
	return 0;
}

/* What further copies add to a candidate. */
static int
load_copies(struct put *p, const struct incoming *in, struct known *k,
    struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "SELECT route, received, stamp, "
	    "aid, aid_by, stream FROM copy WHERE message = ?1 ORDER BY seq",
	    err);
	int got;

	if (st == NULL)
		return -1;
	db_int(st, 1, k->id);
	while ((got = db_step(st, err)) > 0) {
		enum route route = (enum route)db_get_int(st, 0);

		k->routes |= 1u << route;
		if (route == in->r->route && db_get_int(st, 5) == in->stream)
			k->same_stream = true;
		if (is_same_page(in, route, db_get_int(st, 5),
		    db_get_int(st, 2)))
			k->is_again = true;
		if (!db_is_null(st, 2))
			add_moment(k->moments, &k->moment_count,
			    db_get_int(st, 2), true);
		else if (route != ROUTE_OFFLINE)
			add_moment(k->moments, &k->moment_count,
			    db_get_int(st, 1), false);
		if (in->aid != NULL && !db_is_null(st, 3) &&
		    db_is_null(st, 4)) {
			if (inside_is_id(st, 3, in->aid))
				k->same_aid = true;
			else
				k->other_aid = true;
		}
	}
	return got;
}

static int
load_delays(struct put *p, struct known *k, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db,
	    "SELECT stamp FROM delay WHERE message = ?1", err);
	int got;

	if (st == NULL)
		return -1;
	db_int(st, 1, k->id);
	while ((got = db_step(st, err)) > 0)
		add_moment(k->moments, &k->moment_count, db_get_int(st, 0),
		    true);
	return got;
}

static int
load(struct put *p, const struct incoming *in, int64_t id, struct known *k,
    struct err *err)
{
	const struct record *r = in->r;
	const char *key = in->oid != NULL ? in->oid : in->sid;
	struct db_stmt *st = db_stmt(p->db, "SELECT c.account, m.chat, m.type, "
	    "m.direction, m.route, m.sender, m.recipient, "
	    "coalesce(m.time, m.id), m.received, m.stream, m.sid, m.oid, "
	    "m.aid, m.hash, m.flags FROM message m JOIN chat c ON c.id = m.chat "
	    "WHERE m.id = ?1", err);
	int64_t sender, recipient, time_us;
	enum route route;
	bool is_alike;
	int got;

	memset(k, 0, sizeof *k);
	k->id = id;
	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	if ((got = db_step(st, err)) <= 0)
		return got;	/* no such message: it is nobody's */
	k->is_own = db_get_int(st, 0) == in->account;
	route = (enum route)db_get_int(st, 4);
	sender = db_get_int(st, 5);
	recipient = db_get_int(st, 6);
	time_us = db_get_int(st, 7);
	k->routes = 1u << route;
	k->same_stream = route == r->route && db_get_int(st, 9) == in->stream;
	k->is_again = is_same_page(in, route, db_get_int(st, 9), time_us);
	k->has_key = !db_is_null(st, 10) || !db_is_null(st, 11);
	k->same_key = key != NULL &&
	    inside_is_id(st, db_is_null(st, 11) ? 10 : 11, key);
	if (in->aid != NULL && !db_is_null(st, 12)) {
		k->same_aid = inside_is_id(st, 12, in->aid);
		k->other_aid = !k->same_aid;
	}
	k->same_hash = db_get_int(st, 13) == in->hash;
	k->flags = db_get_int(st, 14);
	is_alike = k->is_own && k->same_hash &&
	    db_get_int(st, 1) == in->chat && db_get_int(st, 2) == r->type &&
	    db_get_int(st, 3) == r->direction;
	if (is_stored_route(route)) {
		add_moment(k->moments, &k->moment_count, time_us, true);
	} else {
		if (route != ROUTE_OFFLINE)
			add_moment(k->moments, &k->moment_count,
			    time_us + db_get_int(st, 8), false);
		if (db_get_int(st, 8) != 0)
			add_moment(k->moments, &k->moment_count, time_us, true);
	}
	db_reset(st);
	if ((k->flags & PUT_COPIES) && load_copies(p, in, k, err) != 0)
		return -1;
	if ((k->flags & PUT_DELAYED) && !is_stored_route(route) &&
	    load_delays(p, k, err) != 0)
		return -1;
	k->is_loose = k->moment_count == 0;
	if (is_alike && has_same_ends(p, in, sender, recipient, k->routes,
	    &k->same_content, err) != 0)
		return -1;
	return 0;
}

/* The messages that an id may belong to, oldest first. */
struct hits {
	int64_t ids[NEAR + 1];
	size_t count;
};

static int
by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static int
probe_range(struct put *p, const struct incoming *in, int64_t hash,
    int64_t first, int64_t last, struct hits *hits, struct err *err)
{
	struct db_stmt *st;
	size_t i, j;
	int got = 0;

	hits->count = 0;
	for (i = 0; i < in->probe_count; i++) {
		st = db_stmt(p->db, "SELECT message FROM ident "
		    "WHERE day = ?1 AND hash = ?2 AND message BETWEEN ?3 AND ?4 "
		    "ORDER BY message", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, in->probes[i]);
		db_int(st, 2, hash);
		db_int(st, 3, first);
		db_int(st, 4, last);
		while (hits->count <= NEAR && (got = db_step(st, err)) > 0)
			hits->ids[hits->count++] = db_get_int(st, 0);
		if (got < 0)
			return -1;
		db_reset(st);
	}
	if (hits->count < 2)
		return 0;
	/* A message stands under several days. */
	qsort(hits->ids, hits->count, sizeof hits->ids[0], by_id);
	for (i = j = 1; i < hits->count; i++)
		if (hits->ids[i] != hits->ids[j - 1])
			hits->ids[j++] = hits->ids[i];
	hits->count = j;
	return 0;
}

/* Somebody who uses one id for everything must not make each look-up walk
 * through all of it: then only what is near in time counts. */
static int
probe(struct put *p, const struct incoming *in, int64_t hash,
    struct hits *hits, struct err *err)
{
	int64_t first = INT64_MAX, last = INT64_MIN;
	size_t i;

	if (probe_range(p, in, hash, INT64_MIN, INT64_MAX, hits, err) != 0)
		return -1;
	if (hits->count <= NEAR)
		return 0;
	for (i = 0; i < in->moment_count; i++) {
		if (in->moments[i].at_us - BEFORE < first)
			first = in->moments[i].at_us - BEFORE;
		if (in->moments[i].at_us + BEFORE > last)
			last = in->moments[i].at_us + BEFORE;
	}
	return probe_range(p, in, hash, first, last, hits, err);
}

/* An id that another archive gave than the chat implies. */
static int
has_archive_id(struct put *p, int64_t message, const struct archive_id *id,
    bool *has, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "SELECT 1 FROM archive_id i "
	    "JOIN address a ON a.id = i.by WHERE i.message = ?1 AND "
	    "a.jid = ?2 AND i.id = ?3 AND i.trusted", err);
	int got;

	if (st == NULL)
		return -1;
	db_int(st, 1, message);
	db_text(st, 2, id->by);
	db_text(st, 3, id->id);
	if ((got = db_step(st, err)) < 0)
		return -1;
	*has = got > 0;
	db_reset(st);
	return 0;
}

/* Rule 1: one archive gives an id once. */
static int
find_by_archive_id(struct put *p, const struct incoming *in,
    const struct archive_id *id, int64_t *message, enum put_how *how,
    struct err *err)
{
	const struct record *r = in->r;
	bool is_implied = str_is(id->by, in->by), has;
	struct known k, other = { 0 };
	struct hits hits;
	size_t i;

	if (probe(p, in, ident_hash(p, r->account, id->by, id->id), &hits,
	    err) != 0)
		return -1;
	for (i = 0; i < hits.count; i++) {
		if (load(p, in, hits.ids[i], &k, err) != 0)
			return -1;
		has = is_implied && k.same_aid;
		if (!is_implied &&
		    has_archive_id(p, hits.ids[i], id, &has, err) != 0)
			return -1;
		if (!k.is_own)
			continue;
		if (!has)
			continue;
		if (k.same_hash) {
			*message = k.id;
			*how = is_stored_route(r->route) && is_implied &&
			    (k.routes & 1u << r->route) ? PUT_AGAIN
			    : PUT_ARCHIVE_ID;
			return 0;
		}
		if (other.id == 0)
			other = k;
	}
	if (other.id == 0)
		return 0;
	/* Servers that number by microseconds give two messages one id, within
	 * one query; what changed between queries is a new version. */
	if (r->route == ROUTE_MAM && (other.routes & 1u << ROUTE_MAM) &&
	    other.same_stream && !in->is_tombstone &&
	    !(other.flags & PUT_RETRACTED)) {
		*how = PUT_NEW;
		*message = -1;
		return 0;
	}
	*message = other.id;
	*how = in->is_tombstone || (other.routes & 1u << r->route)
	    ? PUT_VERSION : PUT_ARCHIVE_ID;
	return 0;
}

/* Was it in flight when a stream of the account died? One that was closed in
 * good order (without a reason) leaves nothing in flight. */
static int
was_in_flight(struct put *p, const struct incoming *in, bool *was,
    struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "SELECT 1 FROM session "
	    "WHERE account = ?1 AND opened <= ?2 AND id <> ?3 AND "
	    "(closed IS NULL OR reason IS NOT NULL) AND "
	    "coalesce(closed, alive) BETWEEN ?2 - ?4 AND ?2 + ?5 LIMIT 1", err);
	int got;

	if (st == NULL)
		return -1;
	db_int(st, 1, in->account);
	db_int(st, 2, in->time_us);
	db_int(st, 3, in->stream);
	db_int(st, 4, TIME_MINUTE);
	db_int(st, 5, BEFORE);
	if ((got = db_step(st, err)) < 0)
		return -1;
	*was = got > 0;
	db_reset(st);
	return 0;
}

/* Rule 2's three cases, in which one message has several archive ids: to
 * oneself, to several resources through a room, and sent again after a
 * stream died. */
static int
is_special(struct put *p, const struct incoming *in, const struct known *k,
    bool *is, struct err *err)
{
	*is = in->r->chat_kind == CHAT_PRIVATE ||
	    str_is(in->r->chat, in->r->account);
	/* Only an archive shows the first delivery and the second in one
	 * stream. */
	if (*is || (k->same_stream && in->r->route != ROUTE_MAM))
		return 0;
	return was_in_flight(p, in, is, err);
}

/* Rule 2. */
static int
find_by_stanza_id(struct put *p, const struct incoming *in, int64_t *message,
    enum put_how *how, struct err *err)
{
	struct known k;
	struct hits hits;
	size_t i;
	bool special;

	if (probe(p, in, ident_hash(p, in->r->account, NULL,
	    in->oid != NULL ? in->oid : in->sid), &hits, err) != 0)
		return -1;
	for (i = 0; i < hits.count; i++) {
		if (load(p, in, hits.ids[i], &k, err) != 0)
			return -1;
		if (!k.same_content || !k.same_key)
			continue;
		if (k.is_again && !k.other_aid) {
			*message = k.id;
			*how = PUT_AGAIN;
			return 0;
		}
		if (!(k.routes & 1u << in->r->route) && is_near(in, &k) &&
		    (!k.other_aid || k.same_aid)) {
			*message = k.id;
			*how = PUT_STANZA_ID;
			return 0;
		}
		if (!is_close(in, &k))
			continue;
		if (is_special(p, in, &k, &special, err) != 0)
			return -1;
		if (special) {
			*message = k.id;
			*how = PUT_RESENT;
			return 0;
		}
	}
	return 0;
}

/* Rule 3. */
static int
find_by_content(struct put *p, const struct incoming *in, int64_t *message,
    enum put_how *how, struct err *err)
{
	struct known k;
	struct hits hits;
	size_t i;

	if (probe(p, in, content_hash(p, in), &hits, err) != 0)
		return -1;
	for (i = 0; i < hits.count; i++) {
		if (load(p, in, hits.ids[i], &k, err) != 0)
			return -1;
		if (k.same_content && !k.has_key && k.is_again &&
		    !k.other_aid) {
			*message = k.id;
			*how = PUT_AGAIN;
			return 0;
		}
		if (k.same_content && !k.has_key &&
		    !(k.routes & 1u << in->r->route) && is_close(in, &k) &&
		    (!k.other_aid || k.same_aid)) {
			*message = k.id;
			*how = PUT_CONTENT;
			return 0;
		}
	}
	return 0;
}

int
ident_find(struct put *p, const struct incoming *in, int64_t *message,
    enum put_how *how, struct err *err)
{
	const struct record *r = in->r;
	size_t i;

	*message = 0;
	*how = PUT_NEW;
	for (i = 0; i < r->archive_id_count; i++) {
		if (!r->archive_ids[i].is_trusted)
			continue;
		if (find_by_archive_id(p, in, &r->archive_ids[i], message, how,
		    err) != 0)
			return -1;
		if (*message < 0)	/* another message, surely */
			*message = 0;
		else if (*message == 0)
			continue;
		return 0;
	}
	if (in->sid != NULL || in->oid != NULL)
		return find_by_stanza_id(p, in, message, how, err);
	return find_by_content(p, in, message, how, err);
}

static int
add(struct put *p, const struct incoming *in, int64_t hash, int64_t message,
    struct err *err)
{
	struct db_stmt *st;
	size_t i;

	for (i = 0; i < in->day_count; i++) {
		st = db_stmt(p->db, "INSERT OR IGNORE INTO ident "
		    "(day, hash, message) VALUES (?1, ?2, ?3)", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, in->days[i]);
		db_int(st, 2, hash);
		db_int(st, 3, message);
		if (db_do(st, err) != 0)
			return -1;
	}
	return 0;
}

int
ident_add(struct put *p, const struct incoming *in, int64_t message,
    struct err *err)
{
	const struct record *r = in->r;
	size_t i;

	for (i = 0; i < r->archive_id_count; i++)
		if (r->archive_ids[i].is_trusted && add(p, in, ident_hash(p,
		    r->account, r->archive_ids[i].by, r->archive_ids[i].id),
		    message, err) != 0)
			return -1;
	if (in->sid == NULL && in->oid == NULL)
		return add(p, in, content_hash(p, in), message, err);
	if (in->sid != NULL && add(p, in, ident_hash(p, r->account, NULL,
	    in->sid), message, err) != 0)
		return -1;
	if (in->oid != NULL && add(p, in, ident_hash(p, r->account, NULL,
	    in->oid), message, err) != 0)
		return -1;
	return 0;
}
