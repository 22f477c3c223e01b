#include "store/pack.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zdict.h>
#include <zstd.h>

#include "base/mem.h"

enum { LEVEL = 3, DICTS = 8, SAMPLES = 4 << 20 };

struct dict {
	int id;
	ZSTD_DDict *d;
};

struct pack {
	struct db *db;
	ZSTD_CCtx *out;
	ZSTD_DCtx *in;
	ZSTD_CDict *dict;	/* the newest; NULL: none yet */
	int dict_id;
	bool is_fresh;		/* dict and count are what the archive holds */
	int64_t count;		/* stanzas, while there is no dictionary */
	struct dict dicts[DICTS];	/* for reading */
	int dict_count;
	struct buf packed;
};

static void *
must(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

struct pack *
pack_new(struct db *db)
{
	struct pack *p = mem_alloc(sizeof *p);

	p->db = db;
	return p;
}

static void
drop_dict(struct pack *p)
{
	ZSTD_freeCDict(p->dict);
	p->dict = NULL;
	p->dict_id = PACK_NONE;
}

void
pack_free(struct pack *p)
{
	if (p == NULL)
		return;
	drop_dict(p);
	while (p->dict_count > 0)
		ZSTD_freeDDict(p->dicts[--p->dict_count].d);
	ZSTD_freeCCtx(p->out);
	ZSTD_freeDCtx(p->in);
	buf_clear(&p->packed);
	free(p);
}

void
pack_forget(struct pack *p)
{
	p->is_fresh = false;
}

/*
 * The dictionary is stanzas taken evenly from the first ones, with the
 * statistics of all of them. zstd's own search for the best parts makes
 * packed stanzas 6 % smaller, but would take 12 MB and a sixth of a second
 * of the loop's time.
 */
static size_t
make_dict(char *dict, const struct buf *samples, const size_t *lens,
    unsigned count)
{
	ZDICT_params_t params = { .compressionLevel = LEVEL };
	size_t most = PACK_DICT - PACK_DICT / 32, at = 0, used = 0, made;
	char *content = mem_alloc(most);
	unsigned i;

	for (i = 0; i < count; at += lens[i++]) {
		/* As much of the content as of the samples, so far. */
		if ((double)used * (double)samples->len >
		    (double)at * (double)most || lens[i] > most - used)
			continue;
		memcpy(content + used, samples->data + at, lens[i]);
		used += lens[i];
	}
	made = ZDICT_finalizeDictionary(dict, PACK_DICT, content, used,
	    samples->data, lens, count, params);
	free(content);
	return made;
}

/* Samples come out of the archive: the first stanzas it holds. */
static int
train(struct pack *p, struct err *err)
{
	struct db_stmt *st = db_stmt(p->db, "SELECT dict, data FROM raw "
	    "ORDER BY message LIMIT ?1", err), *add;
	size_t *lens = mem_array(PACK_TRAIN, sizeof *lens), made, before;
	struct buf samples = { 0 };
	char *dict = mem_alloc(PACK_DICT);
	unsigned count = 0;
	int result = -1, got = 0;

	if (st == NULL)
		goto out;
	db_int(st, 1, PACK_TRAIN);
	while (samples.len < SAMPLES && (got = db_step(st, err)) > 0) {
		before = samples.len;
		if (pack_get(p, (int)db_get_int(st, 0), db_get_blob(st, 1),
		    db_get_len(st, 1), &samples, err) != 0)
			goto out;
		lens[count++] = samples.len - before;
	}
	if (got < 0)
		goto out;
	db_reset(st);
	made = make_dict(dict, &samples, lens, count);
	if (ZDICT_isError(made)) {	/* stanzas that have nothing in common */
		p->count = INT64_MIN / 2;
		result = 0;
		goto out;
	}
	add = db_stmt(p->db, "INSERT INTO dict (data) VALUES (?1) RETURNING id",
	    err);
	if (add == NULL)
		goto out;
	db_blob(add, 1, dict, made);
	if (db_step(add, err) <= 0)
		goto out;
	p->dict_id = (int)db_get_int(add, 0);
	p->dict = must(ZSTD_createCDict(dict, made, LEVEL));
	result = db_do(add, err);
out:
	buf_clear(&samples);
	free(lens);
	free(dict);
	return result;
}

int
pack_begin(struct pack *p, struct err *err)
{
	struct db_stmt *st;
	int got;

	if (!p->is_fresh) {
		drop_dict(p);
		st = db_stmt(p->db, "SELECT id, data FROM dict "
		    "ORDER BY id DESC LIMIT 1", err);
		if (st == NULL || (got = db_step(st, err)) < 0)
			return -1;
		if (got > 0) {
			p->dict_id = (int)db_get_int(st, 0);
			p->dict = must(ZSTD_createCDict(db_get_blob(st, 1),
			    db_get_len(st, 1), LEVEL));
			db_reset(st);
		} else if (db_number(p->db, "SELECT count(*) FROM raw", 0,
		    &p->count, err) != 0) {
			return -1;
		}
		p->is_fresh = true;
	}
	if (p->dict == NULL && p->count >= PACK_TRAIN)
		return train(p, err);
	return 0;
}

void
pack_put(struct pack *p, const char *raw, size_t len, int *dict,
    const void **data, size_t *data_len)
{
	size_t room = ZSTD_compressBound(len), made;
	char *out;

	if (p->out == NULL) {
		p->out = must(ZSTD_createCCtx());
		/* The row says which dictionary it was. */
		(void)ZSTD_CCtx_setParameter(p->out, ZSTD_c_dictIDFlag, 0);
		(void)ZSTD_CCtx_setParameter(p->out, ZSTD_c_compressionLevel,
		    LEVEL);
	}
	(void)ZSTD_CCtx_refCDict(p->out, p->dict);
	buf_reset(&p->packed);
	out = buf_room(&p->packed, room);
	made = ZSTD_compress2(p->out, out, room, raw, len);
	p->count++;
	if (ZSTD_isError(made) || made >= len) {
		*dict = PACK_PLAIN;
		*data = raw;
		*data_len = len;
		return;
	}
	*dict = p->dict != NULL ? p->dict_id : PACK_NONE;
	*data = out;
	*data_len = made;
}

static int
find_dict(struct pack *p, int id, const ZSTD_DDict **out, struct err *err)
{
	struct db_stmt *st;
	ZSTD_DDict *d;
	int i, got;

	for (i = 0; i < p->dict_count; i++) {
		if (p->dicts[i].id == id) {
			*out = p->dicts[i].d;
			return 0;
		}
	}
	st = db_stmt(p->db, "SELECT data FROM dict WHERE id = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, id);
	if ((got = db_step(st, err)) < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_ARCHIVE, "%s: the archive is damaged "
		    "(dictionary %d is missing)", db_name(p->db), id);
	d = must(ZSTD_createDDict(db_get_blob(st, 0), db_get_len(st, 0)));
	db_reset(st);
	if (p->dict_count == DICTS)
		ZSTD_freeDDict(p->dicts[--p->dict_count].d);
	p->dicts[p->dict_count].id = id;
	p->dicts[p->dict_count++].d = d;
	*out = d;
	return 0;
}

int
pack_get(struct pack *p, int dict, const void *data, size_t len,
    struct buf *out, struct err *err)
{
	unsigned long long full;
	const ZSTD_DDict *d = NULL;
	size_t made;
	char *room;

	if (dict == PACK_PLAIN) {
		buf_add(out, data, len);
		return 0;
	}
	if (dict != PACK_NONE && find_dict(p, dict, &d, err) != 0)
		return -1;
	full = ZSTD_getFrameContentSize(data, len);
	/* The archive may have been tampered with: no trust in its sizes. */
	if (full == ZSTD_CONTENTSIZE_ERROR ||
	    full == ZSTD_CONTENTSIZE_UNKNOWN || full > (1u << 30))
		goto damaged;
	if (p->in == NULL)
		p->in = must(ZSTD_createDCtx());
	room = buf_room(out, (size_t)full);
	made = d != NULL
	    ? ZSTD_decompress_usingDDict(p->in, room, (size_t)full, data, len, d)
	    : ZSTD_decompressDCtx(p->in, room, (size_t)full, data, len);
	if (ZSTD_isError(made) || made != full)
		goto damaged;
	buf_added(out, made);
	return 0;
damaged:
	return err_set(err, ERR_ARCHIVE, "%s: the archive is damaged (a packed "
	    "stanza cannot be read)", db_name(p->db));
}
