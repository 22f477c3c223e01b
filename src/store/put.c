#include "store/put.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "store/docs.h"
#include "store/ident.h"
#include "store/inside.h"
#include "store/presence.h"
#include "store/refs.h"
#include "store/rows.h"

enum { TALLIES = 4096 };

struct put *
put_new(struct db *db)
{
	struct put *p = mem_alloc(sizeof *p);

	p->db = db;
	p->intern = intern_new(db);
	p->pack = pack_new(db);
	p->chain = chain_new(db);
	p->presence = presence_new();
	p->arena = arena_new();
	p->tally = memo_new(TALLIES, sizeof (struct tally *));
	p->version = -1;
	return p;
}

void
put_free(struct put *p)
{
	if (p == NULL)
		return;
	intern_free(p->intern);
	pack_free(p->pack);
	chain_free(p->chain);
	presence_free(p->presence);
	arena_free(p->arena);
	memo_free(p->tally);
	free(p->streams);
	buf_clear(&p->scratch);
	free(p->docs);
	free(p->counts);
	free(p);
}

static void
drop_batch(struct put *p)
{
	p->doc_count = 0;
	p->count_count = 0;
	p->tally_first = NULL;
	memo_forget(p->tally);
	arena_reset(p->arena);
}

void
put_forget(struct put *p)
{
	size_t i;

	for (i = 0; i < p->stream_count; i++)
		p->streams[i].is_over = false;
	drop_batch(p);
	intern_forget(p->intern);
	pack_forget(p->pack);
	presence_forget(p->presence);
}

static struct stream_row *
find_stream(const struct put *p, uint64_t chosen)
{
	size_t i;

	for (i = 0; i < p->stream_count; i++)
		if (p->streams[i].chosen == chosen)
			return &p->streams[i];
	return NULL;
}

void
put_stream_is(struct put *p, uint64_t chosen, int64_t row)
{
	struct stream_row *s = find_stream(p, chosen);

	if (s == NULL && row == (int64_t)chosen)
		return;		/* as nearly always */
	if (s == NULL) {
		p->streams = mem_resize(p->streams, p->stream_count + 1,
		    sizeof *p->streams);
		s = &p->streams[p->stream_count++];
	}
	*s = (struct stream_row){ chosen, row, false };
}

int64_t
put_stream(const struct put *p, uint64_t chosen)
{
	const struct stream_row *s = find_stream(p, chosen);

	return s != NULL ? s->row : (int64_t)chosen;
}

void
put_stream_ends(struct put *p, uint64_t chosen)
{
	struct stream_row *s = find_stream(p, chosen);

	if (s != NULL)
		s->is_over = true;
}

/* Those that ended in a transaction that stands. */
static void
drop_streams(struct put *p)
{
	size_t i, j;

	for (i = j = 0; i < p->stream_count; i++)
		if (!p->streams[i].is_over)
			p->streams[j++] = p->streams[i];
	p->stream_count = j;
}

static int
load_key(struct put *p, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db,
	    "SELECT value FROM meta WHERE name = 'key'", err);
	int got;

	if (st == NULL || (got = db_step(st, err)) < 0)
		return -1;
	if (got == 0 || db_get_len(st, 0) != sizeof p->key)
		return err_set(err, ERR_ARCHIVE, "%s: the archive is damaged "
		    "(its key is missing)", db_name(p->db));
	memcpy(p->key, db_get_blob(st, 0), sizeof p->key);
	db_reset(st);
	p->has_key = true;
	return 0;
}

int
put_begin(struct put *p, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "PRAGMA data_version", err);
	int64_t version;

	drop_streams(p);
	if (st == NULL || db_step(st, err) <= 0)
		return -1;
	version = db_get_int(st, 0);
	db_reset(st);
	if (version != p->version)	/* somebody else wrote */
		put_forget(p);
	p->version = version;
	drop_batch(p);
	if (!p->has_key && load_key(p, err) != 0)
		return -1;
	if (chain_begin(p->chain, err) != 0 || refs_begin(p, err) != 0)
		return -1;
	return pack_begin(p->pack, err);
}

const struct batch_counts *
put_counts(const struct put *p, size_t *count)
{
	*count = p->count_count;
	return p->counts;
}

static int
write_counts(struct put *p, struct err *err)
{
	size_t i;

	for (i = 0; i < p->count_count; i++) {
		struct db_stmt *st = db_stmt(p->db, "UPDATE account "
		    "SET presences = presences + ?2 WHERE id = ?1", err);
		int64_t account;

		if (p->counts[i].presences == 0)
			continue;
		if (st == NULL || intern_account(p->intern,
		    p->counts[i].account, &account, err) != 0)
			return -1;
		db_int(st, 1, account);
		db_int(st, 2, p->counts[i].presences);
		if (db_do(st, err) != 0)
			return -1;
	}
	return 0;
}

int
put_end(struct put *p, int64_t now_us, struct err *err)
{
	if (refs_end(p, err) != 0 || docs_write(p, err) != 0 ||
	    inside_tally_write(p, err) != 0 || write_counts(p, err) != 0)
		return -1;
	if (chain_end(p->chain, now_us, err) == 0)
		return 0;
	/* No record is to blame for that. */
	if (err != NULL && err->code == ERR_INPUT)
		err->code = ERR_ARCHIVE;
	return -1;
}

static int64_t
clamp(int64_t us)
{
	return us < TIME_LEAST ? TIME_LEAST : us > TIME_MOST ? TIME_MOST : us;
}

static const char *
trusted_id(const struct record *r, const char *by)
{
	size_t i;

	for (i = 0; i < r->archive_id_count; i++)
		if (r->archive_ids[i].is_trusted &&
		    str_is(r->archive_ids[i].by, by))
			return r->archive_ids[i].id;
	return NULL;
}

/* Rows and keys of a copy. */
static int
prepare(struct put *p, const struct record *r, struct incoming *in,
    struct err *err)
{
	const char *own;
	char hex[33];
	size_t i;

	memset(in, 0, sizeof *in);
	in->r = r;
	in->time_us = clamp(r->time_us);
	in->stream = put_stream(p, r->stream);
	if (intern_account(p->intern, r->account, &in->account, err) != 0 ||
	    intern_address(p->intern, r->from != NULL ? r->from : r->account,
	    &in->sender, err) != 0 ||
	    intern_address(p->intern, r->to, &in->recipient, err) != 0)
		return -1;
	if (r->kind != RECORD_MESSAGE)
		return 0;
	if (intern_chat(p->intern, in->account, r->chat, r->chat_kind,
	    &in->chat, err) != 0)
		return -1;
	str_hex(hex, r->content_hash, sizeof r->content_hash);
	in->hash = (int64_t)digest_hash64(p->key, hex, sizeof hex - 1);
	in->by = r->chat_kind == CHAT_ROOM ? r->chat : r->account;
	in->query = (int64_t)r->query;
	in->aid = trusted_id(r, in->by);
	in->given = in->aid;
	/* Some servers keep what rooms said in the account's own archive, too
	 * (XEP-0313 4.1.6). A room's marks no id of the account's. */
	own = in->by != r->account && r->route == ROUTE_MAM
	    ? trusted_id(r, r->account) : NULL;
	if (own != NULL) {
		in->given = own;
		in->giver = in->account;
	}
	in->sid = r->stanza_id;
	if (!str_is(r->origin_id, r->stanza_id))
		in->oid = r->origin_id;
	for (i = 0; i < r->ref_count; i++)
		if (r->refs[i].kind == REF_TOMBSTONE)
			in->is_tombstone = true;
	ident_prepare(p, in);
	return 0;
}

/* The trusted mark of whatever archive sent a record; NULL: none did. */
static const struct archive_id *
archive_of(const struct record *r)
{
	size_t i;

	for (i = 0; i < r->archive_id_count && r->route == ROUTE_MAM; i++)
		if (r->archive_ids[i].is_trusted)
			return &r->archive_ids[i];
	return NULL;
}

/* What an archive holds comes again each time that its page is read, in a
 * wrapper that differs: so the archive's id tells. Two with one id in one
 * query are two, as with messages (known.c). */
static int
is_apart(struct put *p, const struct record *r, int64_t account,
    int64_t archive, const char *aid, bool *is, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "SELECT 1 FROM forged "
	    "WHERE aid = ?1 AND archive = ?2 AND account = ?3 AND "
	    "(query IS NULL OR query <> ?4 OR stream IS NOT ?5) LIMIT 1", err);
	int64_t stream = put_stream(p, r->stream);
	int got;

	if (st == NULL)
		return -1;
	db_text(st, 1, aid);
	db_int(st, 2, archive);
	db_int(st, 3, account);
	db_int(st, 4, (int64_t)r->query);
	if (stream != 0)
		db_int(st, 5, stream);
	if ((got = db_step(st, err)) < 0)
		return -1;
	*is = got > 0;
	db_reset(st);
	return 0;
}

static const char *
why_apart(const struct record *r, char *sentence, size_t size)
{
	char hex[2 * DIGEST_SHA256 + 1] = "";

	if (r->oversize_len == 0)
		return r->forged_why != NULL ? r->forged_why
		    : "neither a message nor a presence";
	if (r->oversize_sha256 != NULL)
		str_hex(hex, r->oversize_sha256, DIGEST_SHA256);
	/* Of size, of depth, or of the number of attributes. */
	snprintf(sentence, size, "beyond the limits: %zu bytes, SHA-256 %s; "
	    "only its beginning is kept", r->oversize_len, hex);
	return sentence;
}

/* Ids are moments, and `show` opens both kinds by them. */
static int
id_apart(struct put *p, const struct record *r, int64_t *id, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "WITH RECURSIVE try (id) AS ("
	    "SELECT coalesce((SELECT max(id) + 1 FROM forged "
	    "WHERE id >= ?1 AND id < ?1 + 500000), ?1) "
	    "UNION ALL SELECT try.id + 1 FROM try "
	    "WHERE EXISTS (SELECT 1 FROM message m WHERE m.id = try.id) "
	    "OR EXISTS (SELECT 1 FROM forged f WHERE f.id = try.id)) "
	    "SELECT max(id) FROM try", err);

	if (st == NULL)
		return -1;
	db_int(st, 1, r->received_us > 0 ? r->received_us : 1);
	if (db_step(st, err) <= 0)
		return -1;
	*id = db_get_int(st, 0);
	db_reset(st);
	return 0;
}

/* Without a conversation it is that of who is said to have sent it. */
static const char *
chat_apart(struct put *p, const struct record *r)
{
	if (r->chat != NULL)
		return r->chat;
	return r->from == NULL ? r->account
	    : arena_strn(p->arena, r->from, strcspn(r->from, "/"));
}

static int
insert_apart(struct put *p, const struct record *r, const char *why,
    int64_t account, int64_t archive, const struct archive_id *mark,
    struct err *err)
{
	struct chain *c = p->chain;
	struct db_stmt *st;
	int64_t stream = put_stream(p, r->stream), id;
	const char *body = r->body_count > 0 ? r->bodies[0].text : NULL;
	const char *chat = chat_apart(p, r);

	if (id_apart(p, r, &id, err) != 0)
		return -1;
	st = db_stmt(p->db, "INSERT INTO forged (id, account, kind, why, "
	    "received, arrival, stream, query, archive, aid, type, route, "
	    "sender, recipient, chat, sid, lang, body, raw) VALUES (?1, ?2, "
	    "?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
	    "?17, ?18, ?19)", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	db_int(st, 2, account);
	db_int(st, 3, r->forged);
	db_text(st, 4, why);
	db_int(st, 5, r->received_us);
	db_int(st, 6, chain_next(c));
	if (stream != 0)
		db_int(st, 7, stream);
	if (r->query != 0)
		db_int(st, 8, (int64_t)r->query);
	if (mark != NULL) {
		db_int(st, 9, archive);
		db_text(st, 10, mark->id);
	}
	db_int(st, 11, r->type);
	db_int(st, 12, r->route);
	db_text(st, 13, r->from);
	db_text(st, 14, r->to);
	db_text(st, 15, chat);
	db_text(st, 16, r->stanza_id);
	db_text(st, 17, r->lang);
	db_text(st, 18, body);
	db_blob(st, 19, r->raw != NULL ? r->raw : "", r->raw_len);
	if (db_do(st, err) != 0)
		return -1;
	(void)chain_open(c, "forged");
	chain_int(c, id);
	inside_str(c, r->account);
	chain_int(c, r->forged);
	inside_str(c, why);
	chain_int(c, r->received_us);
	inside_opt(c, stream);
	inside_str(c, mark != NULL ? mark->by : NULL);
	inside_str(c, mark != NULL ? mark->id : NULL);
	chain_int(c, r->type);
	chain_int(c, r->route);
	inside_str(c, r->from);
	inside_str(c, r->to);
	inside_str(c, chat);
	inside_str(c, r->stanza_id);
	inside_str(c, r->lang);
	inside_str(c, body);
	chain_blob(c, r->raw != NULL ? r->raw : "", r->raw_len);
	chain_close(c);
	inside_count(p, r->account)->forged++;
	return 0;
}

int
put_apart(struct put *p, const struct record *r, const char *why,
    struct err *err)
{
	const struct archive_id *mark = archive_of(r);
	int64_t account, archive = 0;
	char sentence[256];
	bool is_there = false;

	if (why == NULL)
		why = why_apart(r, sentence, sizeof sentence);
	if (intern_account(p->intern, r->account, &account, err) != 0)
		return -1;
	if (mark != NULL &&
	    (intern_address(p->intern, mark->by, &archive, err) != 0 ||
	    is_apart(p, r, account, archive, mark->id, &is_there, err) != 0))
		return -1;
	if (is_there)
		return 0;
	return insert_apart(p, r, why, account, archive, mark, err);
}

int
put_record(struct put *p, const struct record *r, struct err *err)
{
	struct incoming in;
	int64_t message;
	enum put_how how;
	bool written;

	if (r->forged != FORGED_NO || r->kind == RECORD_OTHER ||
	    (r->kind == RECORD_MESSAGE && r->chat == NULL))
		return put_apart(p, r, NULL, err);
	if (prepare(p, r, &in, err) != 0)
		return -1;
	if (r->kind == RECORD_PRESENCE) {
		if (presence_put(p, &in, &written, err) != 0)
			return -1;
		inside_count(p, r->account)->presences += written;
		return 0;
	}
	if (ident_find(p, &in, &message, &how, err) != 0)
		return -1;
	return how == PUT_NEW ? rows_message(p, &in, err)
			      : rows_copy(p, &in, message, how, err);
}
