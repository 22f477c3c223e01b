#include "store/known.h"

#include <string.h>

#include "base/str.h"

bool
known_is_stored(enum route route)
{
	return route == ROUTE_MAM || route == ROUTE_HISTORY;
}

void
known_moment(struct moment *m, size_t *count, int64_t at_us, bool is_stamp)
{
	if (at_us == 0 || *count == MOMENTS)
		return;
	m[*count].at_us = at_us;
	m[(*count)++].is_stamp = is_stamp;
}

bool
known_is_other(const struct known *k)
{
	return (k->other_aid && !k->same_aid) ||
	    (k->other_given && !k->same_given);
}

bool
known_is_near(const struct incoming *in, const struct known *k)
{
	size_t i, j;

	if (in->is_loose || k->is_loose)
		return true;
	for (i = 0; i < in->moment_count; i++) {
		for (j = 0; j < k->moment_count; j++) {
			int64_t after = in->moments[i].at_us -
			    k->moments[j].at_us;

			if (in->moments[i].is_stamp == k->moments[j].is_stamp) {
				if (after >= -KNOWN_BEFORE &&
				    after <= KNOWN_BEFORE)
					return true;
				continue;
			}
			if (k->moments[j].is_stamp)
				after = -after;
			/* Now: the stamp, after the arrival. */
			if (after >= -KNOWN_BEFORE && after <= KNOWN_AFTER)
				return true;
		}
	}
	return false;
}

bool
known_is_close(const struct incoming *in, const struct known *k)
{
	size_t i, j;

	for (i = 0; i < in->moment_count; i++) {
		for (j = 0; j < k->moment_count; j++) {
			int64_t after = in->moments[i].at_us -
			    k->moments[j].at_us;

			if (after >= -KNOWN_CLOSE && after <= KNOWN_CLOSE)
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

/* How one copy of a candidate came. */
struct came {
	enum route route;
	int64_t stamp_us, stream, query;
	bool has_hash;		/* it says what the incoming one says */
	bool has_given;		/* under the id that its archive gives now */
};

/*
 * One of its copies: how it came, and whether it is just what comes now.
 *
 * A page is read again at each look at an archive, and a room sends the same
 * history at each join, so one archive gives the same again and again. Within
 * one delivery it gives a message once: there two contents are two messages
 * (servers that number by microseconds give two one id), while what differs
 * between deliveries is a new version. What is not stored is delivered once,
 * so there no content is a version of another.
 */
static void
add_copy(const struct incoming *in, struct known *k, const struct came *c)
{
	bool is_one = c->stream == in->stream && c->query == in->query;

	k->routes |= 1u << c->route;
	if (c->has_hash)
		k->same_hash = true;
	if (c->route != in->r->route)
		return;
	if (c->stream == in->stream)
		k->same_stream = true;
	if (!known_is_stored(c->route)) {
		k->same_delivery = true;
		return;
	}
	if (is_one && (in->query != 0 || c->route != ROUTE_MAM))
		k->same_delivery = true;
	if (!is_one && c->stamp_us == in->r->archive_us)
		k->is_again = true;
	if (c->has_hash && c->has_given)
		k->is_given = true;
}

/* What further copies add to a candidate. */
static int
load_copies(struct put *p, const struct incoming *in, int64_t hash,
    struct known *k, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "SELECT route, received, stamp, "
	    "stream, query, aid, aid_by, coalesce(hash, ?2) FROM copy "
	    "WHERE message = ?1 ORDER BY seq", err);
	int got;

	if (st == NULL)
		return -1;
	db_int(st, 1, k->id);
	db_int(st, 2, hash);
	while ((got = db_step(st, err)) > 0) {
		struct came c = {
			.route = (enum route)db_get_int(st, 0),
			.stamp_us = db_get_int(st, 2),
			.stream = db_get_int(st, 3),
			.query = db_get_int(st, 4),
			.has_hash = db_get_int(st, 7) == in->hash,
		};

		if (!db_is_null(st, 2))
			known_moment(k->moments, &k->moment_count, c.stamp_us,
			    true);
		else if (c.route != ROUTE_OFFLINE)
			known_moment(k->moments, &k->moment_count,
			    db_get_int(st, 1), false);
		if (!db_is_null(st, 5) && db_is_null(st, 6) &&
		    in->aid != NULL) {
			bool same = inside_is_id(st, 5, in->aid);

			k->same_aid |= same;
			k->other_aid |= !same;
		}
		/* 0: the archive that the chat implies. */
		c.has_given = in->given != NULL &&
		    db_get_int(st, 6) == in->giver &&
		    inside_is_id(st, 5, in->given);
		add_copy(in, k, &c);
	}
	return got;
}

/* Ids beside those of the rows: of an archive that the chat does not imply,
 * or of the implied one in a copy that another gave. Only in rooms, whose
 * messages stand in two archives. */
static int
load_others(struct put *p, const struct incoming *in, struct known *k,
    struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "SELECT i.id, i.by, a.jid = ?2 "
	    "FROM archive_id i JOIN address a ON a.id = i.by "
	    "WHERE i.message = ?1 AND i.trusted", err);
	int got;

	if (st == NULL)
		return -1;
	db_int(st, 1, k->id);
	db_text(st, 2, in->by);
	while ((got = db_step(st, err)) > 0) {
		if (in->aid != NULL && db_get_int(st, 2)) {
			bool same = inside_is_id(st, 0, in->aid);

			k->same_aid |= same;
			k->other_aid |= !same;
		}
		if (in->giver != 0 && db_get_int(st, 1) == in->giver) {
			bool same = inside_is_id(st, 0, in->given);

			k->same_given |= same;
			k->other_given |= !same;
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
		known_moment(k->moments, &k->moment_count, db_get_int(st, 0),
		    true);
	return got;
}

int
known_load(struct put *p, const struct incoming *in, int64_t id,
    struct known *k, struct err *err)
{
	const struct record *r = in->r;
	const char *key = in->oid != NULL ? in->oid : in->sid;
	struct db_stmt *st = db_stmt(p->db, "SELECT c.account, m.chat, m.type, "
	    "m.direction, m.route, m.sender, m.recipient, "
	    "coalesce(m.time, m.id), m.received, m.stream, m.sid, m.oid, "
	    "m.aid, m.hash, m.flags, m.query FROM message m "
	    "JOIN chat c ON c.id = m.chat WHERE m.id = ?1", err);
	int64_t sender, recipient, hash;
	struct came c = { 0 };
	bool is_alike;
	int got;

	memset(k, 0, sizeof *k);
	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	if ((got = db_step(st, err)) <= 0)
		return got;
	k->id = id;
	k->is_own = db_get_int(st, 0) == in->account;
	c.route = (enum route)db_get_int(st, 4);
	sender = db_get_int(st, 5);
	recipient = db_get_int(st, 6);
	c.stamp_us = db_get_int(st, 7);
	c.stream = db_get_int(st, 9);
	c.query = db_get_int(st, 15);
	k->has_key = !db_is_null(st, 10) || !db_is_null(st, 11);
	k->same_key = key != NULL &&
	    inside_is_id(st, db_is_null(st, 11) ? 10 : 11, key);
	if (in->aid != NULL && !db_is_null(st, 12)) {
		k->same_aid = inside_is_id(st, 12, in->aid);
		k->other_aid = !k->same_aid;
		c.has_given = in->giver == 0 && k->same_aid;
	}
	hash = db_get_int(st, 13);
	c.has_hash = hash == in->hash;
	k->flags = db_get_int(st, 14);
	is_alike = k->is_own && c.has_hash &&
	    db_get_int(st, 1) == in->chat && db_get_int(st, 2) == r->type &&
	    db_get_int(st, 3) == r->direction;
	if (known_is_stored(c.route)) {
		known_moment(k->moments, &k->moment_count, c.stamp_us, true);
	} else {
		if (c.route != ROUTE_OFFLINE)
			known_moment(k->moments, &k->moment_count,
			    c.stamp_us + db_get_int(st, 8), false);
		if (db_get_int(st, 8) != 0)
			known_moment(k->moments, &k->moment_count, c.stamp_us,
			    true);
	}
	db_reset(st);
	if (r->chat_kind == CHAT_ROOM && (in->aid != NULL || in->giver != 0) &&
	    load_others(p, in, k, err) != 0)
		return -1;
	if (in->giver != 0)
		c.has_given = k->same_given;
	add_copy(in, k, &c);
	if ((k->flags & PUT_COPIES) && load_copies(p, in, hash, k, err) != 0)
		return -1;
	if ((k->flags & PUT_DELAYED) && !known_is_stored(c.route) &&
	    load_delays(p, k, err) != 0)
		return -1;
	k->is_loose = k->moment_count == 0;
	if (is_alike && has_same_ends(p, in, sender, recipient, k->routes,
	    &k->same_content, err) != 0)
		return -1;
	return 0;
}
