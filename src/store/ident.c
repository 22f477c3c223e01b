#include "store/ident.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "store/known.h"

/* How far from midnight the day beside it is looked at, too. */
#define MIDNIGHT	(15 * TIME_MINUTE)

/* Candidates with one id; if there are more, only those near in time. */
enum { NEAR = 512 };

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

	if (known_is_stored(r->route)) {
		known_moment(in->moments, &in->moment_count, r->archive_us, true);
		if (r->time_us != r->archive_us)
			known_moment(in->moments, &in->moment_count, r->time_us,
			    true);
	} else {
		if (r->route != ROUTE_OFFLINE)
			known_moment(in->moments, &in->moment_count,
			    r->received_us, false);
		if (r->time_us != r->received_us)
			known_moment(in->moments, &in->moment_count, r->time_us,
			    true);
		for (i = 0; i < r->delay_count; i++)
			if (is_server_delay(r, &r->delays[i]))
				known_moment(in->moments, &in->moment_count,
				    r->delays[i].stamp_us, true);
		in->is_loose = in->moment_count == 0;
	}

	/* Stamp, claimed delays, and a live copy's arrival. An archive's copy
	 * is not kept under the day it was fetched: years of history come in
	 * one day, and their hashes would fill it in random order. */
	add_day(in->days, &in->day_count, in->time_us);
	for (i = 0; i < r->delay_count; i++)
		add_day(in->days, &in->day_count, r->delays[i].stamp_us);
	if (!known_is_stored(r->route))
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
		if (in->moments[i].at_us - KNOWN_BEFORE < first)
			first = in->moments[i].at_us - KNOWN_BEFORE;
		if (in->moments[i].at_us + KNOWN_BEFORE > last)
			last = in->moments[i].at_us + KNOWN_BEFORE;
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

/*
 * Rule 1: one archive gives an id once. *message is -1 if the id is that of
 * another message, surely.
 */
static int
find_by_archive_id(struct put *p, const struct incoming *in,
    const struct archive_id *id, int64_t *message, enum put_how *how,
    struct err *err)
{
	const struct record *r = in->r;
	bool is_implied = str_is(id->by, in->by), has;
	struct known k, same = { 0 }, other = { 0 };
	struct hits hits;
	size_t i;

	if (probe(p, in, ident_hash(p, r->account, id->by, id->id), &hits,
	    err) != 0)
		return -1;
	for (i = 0; i < hits.count; i++) {
		if (known_load(p, in, hits.ids[i], &k, err) != 0)
			return -1;
		if (!k.is_own)
			continue;
		has = is_implied && k.same_aid;
		if (!is_implied &&
		    has_archive_id(p, hits.ids[i], id, &has, err) != 0)
			return -1;
		if (!has)
			continue;
		if (k.is_given) {
			*message = k.id;
			*how = PUT_AGAIN;
			return 0;
		}
		if (k.same_hash && same.id == 0)
			same = k;
		/* Of several with one id, the one that it is a version of. */
		if (other.id == 0 || (k.same_key && !other.same_key))
			other = k;
	}
	if (same.id != 0) {
		*message = same.id;
		*how = PUT_ARCHIVE_ID;
	} else if (other.id != 0 && other.same_delivery && !in->is_tombstone &&
	    !(other.flags & PUT_RETRACTED)) {
		*message = -1;
	} else if (other.id != 0) {
		*message = other.id;
		*how = in->is_tombstone || (other.routes & 1u << r->route)
		    ? PUT_VERSION : PUT_ARCHIVE_ID;
	}
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
	db_int(st, 5, KNOWN_BEFORE);
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
		if (known_load(p, in, hits.ids[i], &k, err) != 0)
			return -1;
		if (!k.same_content || !k.same_key)
			continue;
		if (k.is_again && !known_is_other(&k)) {
			*message = k.id;
			*how = PUT_AGAIN;
			return 0;
		}
		if (!(k.routes & 1u << in->r->route) && known_is_near(in, &k) &&
		    !known_is_other(&k)) {
			*message = k.id;
			*how = PUT_STANZA_ID;
			return 0;
		}
		if (!known_is_close(in, &k))
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
		if (known_load(p, in, hits.ids[i], &k, err) != 0)
			return -1;
		if (k.same_content && !k.has_key && k.is_again &&
		    !known_is_other(&k)) {
			*message = k.id;
			*how = PUT_AGAIN;
			return 0;
		}
		if (k.same_content && !k.has_key &&
		    !(k.routes & 1u << in->r->route) && known_is_close(in, &k) &&
		    !known_is_other(&k)) {
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
