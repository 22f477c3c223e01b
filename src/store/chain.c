#include "store/chain.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"

struct chain {
	struct db *db;
	struct digest *running;	/* of the seal to be */
	struct buf facts;	/* of the copy that is open */
	unsigned char head[DIGEST_SHA256];
	int64_t arrival;	/* the last number given */
	int64_t sealed;		/* the last one that a seal covers */
};

struct chain *
chain_new(struct db *db)
{
	struct chain *c = mem_alloc(sizeof *c);

	c->db = db;
	c->running = digest_new();
	return c;
}

void
chain_free(struct chain *c)
{
	if (c == NULL)
		return;
	digest_free(c->running);
	buf_clear(&c->facts);
	free(c);
}

int
chain_begin(struct chain *c, struct err *err)
{
	struct db_stmt *st = db_stmt(c->db, "SELECT head, arrival FROM seal "
	    "ORDER BY id DESC LIMIT 1", err);
	int got;

	if (st == NULL || (got = db_step(st, err)) < 0)
		return -1;
	memset(c->head, 0, sizeof c->head);
	c->arrival = 0;
	if (got > 0) {
		if (db_get_len(st, 0) == sizeof c->head)
			memcpy(c->head, db_get_blob(st, 0), sizeof c->head);
		c->arrival = db_get_int(st, 1);
		db_reset(st);
	}
	c->sealed = c->arrival;
	digest_start(c->running);
	digest_add(c->running, c->head, sizeof c->head);
	return 0;
}

int
chain_end(struct chain *c, int64_t now_us, struct err *err)
{
	struct db_stmt *st;

	if (c->arrival == c->sealed)
		return 0;
	digest_end(c->running, c->head);
	st = db_stmt(c->db, "INSERT INTO seal (at, arrival, head) "
	    "VALUES (?1, ?2, ?3)", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, now_us);
	db_int(st, 2, c->arrival);
	db_blob(st, 3, c->head, sizeof c->head);
	if (db_do(st, err) != 0)
		return -1;
	c->sealed = c->arrival;
	return 0;
}

int64_t
chain_next(const struct chain *c)
{
	return c->arrival + 1;
}

int64_t
chain_open(struct chain *c, const char *what)
{
	buf_reset(&c->facts);
	chain_text(c, what, strlen(what));
	chain_int(c, ++c->arrival);
	return c->arrival;
}

static void
fact(struct chain *c, char type, uint64_t number)
{
	unsigned char b[9];
	int i;

	b[0] = (unsigned char)type;
	for (i = 8; i > 0; i--, number >>= 8)
		b[i] = (unsigned char)number;
	buf_add(&c->facts, b, sizeof b);
}

void
chain_int(struct chain *c, int64_t value)
{
	fact(c, 'I', (uint64_t)value);
}

void
chain_text(struct chain *c, const char *s, size_t len)
{
	if (s == NULL) {
		buf_char(&c->facts, 'N');
		return;
	}
	fact(c, 'T', len);
	buf_add(&c->facts, s, len);
}

void
chain_blob(struct chain *c, const void *p, size_t len)
{
	if (p == NULL) {
		buf_char(&c->facts, 'N');
		return;
	}
	fact(c, 'B', len);
	buf_add(&c->facts, p, len);
}

void
chain_column(struct chain *c, struct db_stmt *st, int column)
{
	switch (db_type(st, column)) {
	case DB_NULL:
		chain_text(c, NULL, 0);
		break;
	case DB_INT:
		chain_int(c, db_get_int(st, column));
		break;
	case DB_TEXT:
		chain_text(c, db_get_text(st, column), db_get_len(st, column));
		break;
	case DB_BLOB: {
		const void *p = db_get_blob(st, column);

		chain_blob(c, p != NULL ? p : "", db_get_len(st, column));
		break;
	}
	}
}

void
chain_close(struct chain *c)
{
	unsigned char digest[DIGEST_SHA256];

	digest_sha256(digest, c->facts.data, c->facts.len);
	digest_add(c->running, digest, sizeof digest);
}

/*
 * The facts of each kind of copy: statements whose rows, one behind the
 * other, are the facts. `:id` is the row, `:seq` a copy's number. A last
 * statement gives dict and bytes of the packed stanza.
 */
static const struct kind {
	const char *what;
	const char *rows[3];
	const char *packed;
} kinds[] = {
	{ "message", {
	    "SELECT m.id, a.jid, p.jid, c.kind, m.type, m.direction, "
	    "m.route, s.jid, r.jid, coalesce(m.time, m.id), m.received, "
	    "m.stream, m.sid, m.oid, m.aid, m.hash, m.state, m.lang, "
	    "m.thread, m.subject, m.body, m.nick "
	    "FROM message m JOIN chat c ON c.id = m.chat "
	    "JOIN address a ON a.id = c.account "
	    "JOIN address p ON p.id = c.peer "
	    "JOIN address s ON s.id = m.sender "
	    "LEFT JOIN address r ON r.id = m.recipient "
	    "WHERE m.id = ?1 AND ?2 IS NOT NULL",
	    "SELECT kind, seq, lang, text FROM text "
	    "WHERE message = ?1 AND ?2 IS NOT NULL ORDER BY kind, seq" },
	    "SELECT dict, data FROM raw "
	    "WHERE message = ?1 AND ?2 IS NOT NULL" },
	{ "copy", {
	    "SELECT k.message, k.seq, k.route, k.received, k.stamp, "
	    "k.stream, k.hash, k.aid, b.jid, k.how FROM copy k "
	    "LEFT JOIN address b ON b.id = k.aid_by "
	    "WHERE k.message = ?1 AND k.seq = ?2" },
	    "SELECT dict, raw FROM copy WHERE message = ?1 AND seq = ?2 "
	    "AND raw IS NOT NULL" },
	{ "presence", {
	    "SELECT p.id, a.jid, s.jid, r.jid, p.type, p.show, p.priority, "
	    "coalesce(p.time, p.id), p.received, p.stream, p.status, "
	    "p.status_lang, p.idle, p.event FROM presence p "
	    "JOIN address a ON a.id = p.account "
	    "JOIN address s ON s.id = p.sender "
	    "LEFT JOIN address r ON r.id = p.recipient "
	    "WHERE p.id = ?1 AND ?2 IS NOT NULL",
	    "SELECT seq, lang, text FROM presence_status "
	    "WHERE presence = ?1 AND ?2 IS NOT NULL ORDER BY seq",
	    "SELECT nick, new_nick, jid, affiliation, role, actor, reason, "
	    "codes, occupant_id FROM presence_room "
	    "WHERE presence = ?1 AND ?2 IS NOT NULL" }, NULL },
	{ "forged", {
	    "SELECT f.id, a.jid, f.kind, f.why, f.received, f.stream, "
	    "b.jid, f.aid, f.type, f.route, f.sender, f.recipient, "
	    "f.chat, f.sid, f.lang, f.body, f.raw "
	    "FROM forged f JOIN address a ON a.id = f.account "
	    "LEFT JOIN address b ON b.id = f.archive "
	    "WHERE f.id = ?1 AND ?2 IS NOT NULL" }, NULL },
};

static int
add_rows(struct chain *c, const char *sql, int64_t id, int64_t seq,
    struct err *err)
{
	struct db_stmt *st = db_stmt(c->db, sql, err);
	int got, i;

	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	db_int(st, 2, seq);
	while ((got = db_step(st, err)) > 0)
		for (i = 0; i < db_columns(st); i++)
			chain_column(c, st, i);
	return got;
}

static int
add_packed(struct chain *c, struct pack *pack, const char *sql, int64_t id,
    int64_t seq, struct err *err)
{
	struct db_stmt *st = db_stmt(c->db, sql, err);
	struct buf raw = { 0 };
	int got, result = -1;

	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	db_int(st, 2, seq);
	if ((got = db_step(st, err)) < 0)
		return -1;
	if (got == 0) {
		chain_blob(c, NULL, 0);
		return 0;
	}
	if (pack_get(pack, (int)db_get_int(st, 0), db_get_blob(st, 1),
	    db_get_len(st, 1), &raw, err) == 0) {
		chain_blob(c, raw.data != NULL ? raw.data : "", raw.len);
		result = 0;
	}
	db_reset(st);
	buf_clear(&raw);
	return result;
}

/* One copy, anew from its rows. */
static int
add_copy(struct chain *c, struct pack *pack, int kind, int64_t id, int64_t seq,
    struct err *err)
{
	const struct kind *k = &kinds[kind];
	size_t i;

	(void)chain_open(c, k->what);
	for (i = 0; i < COUNT(k->rows) && k->rows[i] != NULL; i++)
		if (add_rows(c, k->rows[i], id, seq, err) != 0)
			return -1;
	if (k->packed != NULL &&
	    add_packed(c, pack, k->packed, id, seq, err) != 0)
		return -1;
	chain_close(c);
	return 0;
}

/* Every copy in order of arrival; beside it the seals. */
static const char all_copies[] =
    "SELECT arrival, 0, id, 0 FROM message "
    "UNION ALL SELECT arrival, 1, message, seq FROM copy "
    "UNION ALL SELECT arrival, 2, id, 0 FROM presence "
    "UNION ALL SELECT arrival, 3, id, 0 FROM forged ORDER BY 1";
static const char all_seals[] = "SELECT id, arrival, head FROM seal ORDER BY id";

int
chain_check(struct db *db, int64_t *seals, int64_t *broken, struct err *err)
{
	struct chain *c = chain_new(db);
	struct pack *pack = pack_new(db);
	struct db_stmt *copy = db_prepare(db, all_copies, err);
	struct db_stmt *seal = copy != NULL ? db_prepare(db, all_seals, err)
					    : NULL;
	bool is_whole = true;
	int got = -1, has_copy;

	*seals = *broken = 0;
	if (seal == NULL || (has_copy = db_step(copy, err)) < 0)
		goto out;
	digest_start(c->running);
	digest_add(c->running, c->head, sizeof c->head);
	while ((got = db_step(seal, err)) > 0 && is_whole) {
		int64_t last = db_get_int(seal, 1);

		for (; has_copy > 0 && db_get_int(copy, 0) <= last;
		    has_copy = db_step(copy, err)) {
			is_whole = is_whole &&
			    db_get_int(copy, 0) == c->arrival + 1;
			if (add_copy(c, pack, (int)db_get_int(copy, 1),
			    db_get_int(copy, 2), db_get_int(copy, 3), err) != 0) {
				got = -1;
				goto out;
			}
		}
		if (has_copy < 0) {
			got = -1;
			goto out;
		}
		digest_end(c->running, c->head);
		is_whole = is_whole && c->arrival == last &&
		    db_get_len(seal, 2) == sizeof c->head &&
		    memcmp(db_get_blob(seal, 2), c->head, sizeof c->head) == 0;
		if (!is_whole)
			*broken = db_get_int(seal, 0);
		++*seals;
		digest_start(c->running);
		digest_add(c->running, c->head, sizeof c->head);
	}
	/* What arrived without a seal was not put there by us. */
	if (got == 0 && is_whole && has_copy > 0)
		*broken = *seals + 1;
out:
	db_free(copy);
	db_free(seal);
	pack_free(pack);
	chain_free(c);
	return got < 0 ? -1 : 0;
}
