/*
 * yardstick - the same bytes into the same tables, and nothing else.
 *
 * usage: yardstick SCHEMA ARCHIVE COUNT ACCOUNT RESOURCE
 *
 * expat with namespaces over the stanzas that the peer sends (in memory
 * before the clock starts: no TLS), zstd with a dictionary, and one thread
 * that puts rows, identities and full text into SQLite with the archive's
 * settings, 5000 a transaction. No verification, no duplicates looked for,
 * no seals, no sanity: what is left is what any archiver has to pay. The
 * full text is cut by SQLite's own unicode61, since the archive's tokenizer
 * is a part of what is measured.
 *
 * Says "yardstick messages=N wall_s=S cpu_s=S bytes=N".
 */
#include <err.h>
#include <expat.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <zdict.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/time.h"
#include "tests/bench/corpus.h"

enum {
	BATCH = 5000,			/* store/batch.h, BATCH_ROWS */
	DICTIONARY = 64 * 1024, SAMPLES = 4000,
	SLICE = 2048,			/* bytes to expat at a time */
	NAMES = 4096			/* room for interned addresses */
};

struct interned {
	char *text;
	sqlite3_int64 id;
};

static struct {
	sqlite3 *db;
	sqlite3_stmt *message, *raw, *ident, *text, *address, *chat, *tally,
	    *seal;
	ZSTD_CCtx *zstd;
	ZSTD_CDict *dictionary;
	struct interned names[NAMES];
	sqlite3_int64 last_name, next_id;
	unsigned per_chat[NAMES];	/* of this batch, by address */
	long rows, batch_rows;
} y;

/* The stanza that is being read. */
static struct {
	int depth;
	size_t start, end;		/* its bytes */
	struct buf from, to, id, origin_id, archive_id, lang, body, thread;
	struct buf *into;		/* where character data goes */
	bool is_room, has_state;
} s;

static void
sql(const char *text)
{
	char *why = NULL;

	if (sqlite3_exec(y.db, text, NULL, NULL, &why) != SQLITE_OK)
		errx(1, "%s: %s", text, why);
}

static sqlite3_stmt *
prepare(const char *text)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v3(y.db, text, -1, SQLITE_PREPARE_PERSISTENT, &st,
	    NULL) != SQLITE_OK)
		errx(1, "%s: %s", text, sqlite3_errmsg(y.db));
	return st;
}

static void
step(sqlite3_stmt *st)
{
	if (sqlite3_step(st) != SQLITE_DONE)
		errx(1, "%s: %s", sqlite3_sql(st), sqlite3_errmsg(y.db));
	sqlite3_reset(st);
}

static void
bind_text(sqlite3_stmt *st, int column, const struct buf *b)
{
	if (b->len == 0)
		sqlite3_bind_null(st, column);
	else
		sqlite3_bind_text(st, column, b->data, (int)b->len,
		    SQLITE_STATIC);
}

static uint64_t
hash(const char *p, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);

	while (len-- > 0)
		h = (h ^ (unsigned char)*p++) * UINT64_C(1099511628211);
	return h ^ h >> 29;
}

/* The row of an address; of a bare one when len ends before the slash. */
static sqlite3_int64
intern(const char *jid, size_t len)
{
	unsigned i = (unsigned)(hash(jid, len) % NAMES);
	struct interned *n;
	const char *slash;
	sqlite3_int64 id, bare;

	for (; (n = &y.names[i])->text != NULL; i = (i + 1) % NAMES)
		if (strncmp(n->text, jid, len) == 0 && n->text[len] == '\0')
			return n->id;
	if (y.last_name >= NAMES - 1)
		errx(1, "too many addresses");
	n->text = mem_strn(jid, len);
	n->id = id = ++y.last_name;
	slash = memchr(jid, '/', len);
	bare = slash == NULL ? id : intern(jid, (size_t)(slash - jid));
	sqlite3_bind_int64(y.address, 1, id);
	sqlite3_bind_text(y.address, 2, n->text, (int)len, SQLITE_STATIC);
	sqlite3_bind_int64(y.address, 3, bare);
	sqlite3_bind_text(y.address, 4, "example", -1, SQLITE_STATIC);
	step(y.address);
	if (slash == NULL) {
		sqlite3_bind_int64(y.chat, 1, id);
		step(y.chat);
	}
	return id;
}

/* A UUID as its 16 bytes. */
static void
bind_uuid(sqlite3_stmt *st, int column, const struct buf *b)
{
	unsigned char out[16];
	int n = 0;
	const char *p;

	for (p = b->data; p != NULL && *p != '\0' && n < 32; p++) {
		if (*p == '-')
			continue;
		out[n / 2] = (unsigned char)(out[n / 2] << 4 |
		    ((*p & 15) + (*p > '9' ? 9 : 0)));
		n++;
	}
	sqlite3_bind_blob(st, column, out, n / 2, SQLITE_TRANSIENT);
}

static void
put_ident(sqlite3_int64 id, const struct buf *b)
{
	sqlite3_bind_int64(y.ident, 1, id / TIME_DAY);
	sqlite3_bind_int64(y.ident, 2, (sqlite3_int64)hash(b->data, b->len));
	sqlite3_bind_int64(y.ident, 3, id);
	step(y.ident);
}

static void
put_raw(sqlite3_int64 id, const char *bytes)
{
	static char out[64 * 1024];
	size_t n = ZSTD_compress_usingCDict(y.zstd, out, sizeof out,
	    bytes + s.start, s.end - s.start, y.dictionary);

	if (ZSTD_isError(n))
		errx(1, "zstd: %s", ZSTD_getErrorName(n));
	sqlite3_bind_int64(y.raw, 1, id);
	sqlite3_bind_blob(y.raw, 2, out, (int)n, SQLITE_STATIC);
	step(y.raw);
}

static void
put_stanza(const char *bytes)
{
	sqlite3_int64 id = y.next_id++;
	sqlite3_int64 from = intern(s.from.data, s.from.len);
	sqlite3_int64 chat = intern(s.from.data,
	    (size_t)(strchr(s.from.data, '/') - s.from.data));
	char meta[64];

	sqlite3_bind_int64(y.message, 1, id);
	sqlite3_bind_int64(y.message, 2, chat);
	sqlite3_bind_int(y.message, 3, s.is_room ? 2 : 1);
	sqlite3_bind_int64(y.message, 4, from);
	sqlite3_bind_int64(y.message, 5, intern(s.to.data, s.to.len));
	sqlite3_bind_int64(y.message, 6, y.rows);
	bind_uuid(y.message, 7, &s.id);
	bind_uuid(y.message, 8, &s.archive_id);
	sqlite3_bind_int64(y.message, 9, (sqlite3_int64)hash(s.body.data,
	    s.body.len));
	sqlite3_bind_int(y.message, 10, s.has_state);
	bind_text(y.message, 11, &s.lang);
	bind_text(y.message, 12, &s.thread);
	bind_text(y.message, 13, &s.body);
	step(y.message);
	put_raw(id, bytes);
	put_ident(id, &s.id);
	put_ident(id, &s.archive_id);
	sqlite3_bind_int64(y.text, 1, id);
	bind_text(y.text, 2, &s.body);
	if (s.is_room)
		snprintf(meta, sizeof meta, "c%lld f%lld", chat, from);
	else
		snprintf(meta, sizeof meta, "c%lld", chat);
	sqlite3_bind_text(y.text, 3, meta, -1, SQLITE_STATIC);
	step(y.text);
	y.per_chat[chat]++;
	y.rows++;
	y.batch_rows++;
}

static void
commit(void)
{
	unsigned i;

	for (i = 0; i < NAMES; i++) {
		if (y.per_chat[i] == 0)
			continue;
		sqlite3_bind_int(y.tally, 1, (int)i);
		sqlite3_bind_int(y.tally, 2, (int)y.per_chat[i]);
		step(y.tally);
		y.per_chat[i] = 0;
	}
	sqlite3_bind_int64(y.seal, 1, y.rows);
	step(y.seal);
	sql("COMMIT");
	y.batch_rows = 0;
}

static void
on_start(void *data, const char *name, const char **attributes)
{
	XML_Parser xml = data;

	if (s.depth++ == 1) {
		s.start = (size_t)XML_GetCurrentByteIndex(xml);
		buf_reset(&s.from);
		buf_reset(&s.to);
		buf_reset(&s.id);
		buf_reset(&s.origin_id);
		buf_reset(&s.archive_id);
		buf_reset(&s.lang);
		buf_reset(&s.body);
		buf_reset(&s.thread);
		s.is_room = s.has_state = false;
	}
	s.into = NULL;
	if (s.depth == 3) {
		s.into = strcmp(name, "jabber:client|body") == 0 ? &s.body
		    : strcmp(name, "jabber:client|thread") == 0 ? &s.thread
		    : NULL;
		s.has_state |= strcmp(name,
		    "http://jabber.org/protocol/chatstates|active") == 0;
	}
	for (; *attributes != NULL; attributes += 2) {
		const char *key = attributes[0], *value = attributes[1];

		if (s.depth == 2) {
			if (strcmp(key, "from") == 0)
				buf_str(&s.from, value);
			else if (strcmp(key, "to") == 0)
				buf_str(&s.to, value);
			else if (strcmp(key, "id") == 0)
				buf_str(&s.id, value);
			else if (strcmp(key, "type") == 0)
				s.is_room = strcmp(value, "groupchat") == 0;
			else
				buf_str(&s.lang, value);
		} else if (s.depth == 3 && strcmp(key, "id") == 0) {
			if (strcmp(name, "urn:xmpp:sid:0|stanza-id") == 0)
				buf_str(&s.archive_id, value);
			else
				buf_str(&s.origin_id, value);
		}
	}
}

static void
on_text(void *data, const char *text, int len)
{
	if (s.into != NULL)
		buf_add(s.into, text, (size_t)len);
}

/* Where the stanza's bytes are is known to the caller of XML_Parse(). */
static const char *all_bytes;

static void
on_end(void *data, const char *name)
{
	XML_Parser xml = data;

	s.into = NULL;
	if (--s.depth != 1)
		return;
	s.end = (size_t)XML_GetCurrentByteIndex(xml) + strlen("</message>");
	if (y.batch_rows == 0)
		sql("BEGIN IMMEDIATE");
	put_stanza(all_bytes);
	if (y.batch_rows == BATCH)
		commit();
}

static void
train(const struct buf *bytes, const size_t *ends, size_t count)
{
	size_t sizes[SAMPLES], i, n = count < SAMPLES ? count : SAMPLES;
	void *out = mem_alloc(DICTIONARY);
	size_t len;

	for (i = 0; i < n; i++)
		sizes[i] = ends[i + 1] - ends[i];
	len = ZDICT_trainFromBuffer(out, DICTIONARY, bytes->data + ends[0],
	    sizes, (unsigned)n);
	if (ZDICT_isError(len))
		errx(1, "zstd: %s", ZDICT_getErrorName(len));
	y.zstd = ZSTD_createCCtx();
	y.dictionary = ZSTD_createCDict(out, len, 3);
	free(out);
}

/* The archive's own schema, with a tokenizer that SQLite has. */
static void
open_archive(const char *schema, const char *archive)
{
	static const char ours[] = "tokenize = 'backscroll'";
	static const char plain[] = "tokenize = \"unicode61\"";
	struct buf text = { 0 };
	FILE *f = fopen(schema, "r");
	char *at;
	size_t n;

	if (f == NULL)
		err(1, "%s", schema);
	while ((n = fread(buf_room(&text, 65536), 1, 65536, f)) > 0)
		buf_added(&text, n);
	fclose(f);
	if (text.len == 0 || (at = strstr(text.data, ours)) == NULL)
		errx(1, "%s: %s is not there any more", schema, ours);
	memset(at, ' ', sizeof ours - 1);
	memcpy(at, plain, sizeof plain - 1);

	if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
	    sqlite3_open(archive, &y.db) != SQLITE_OK)
		errx(1, "%s: %s", archive, sqlite3_errmsg(y.db));
	/* As store/db.c. */
	sql("PRAGMA page_size = 4096");
	sql("PRAGMA journal_mode = WAL");
	sql("PRAGMA synchronous = FULL");
	sql("PRAGMA cache_size = -8192");
	sql("PRAGMA wal_autocheckpoint = 4000");
	sql("PRAGMA journal_size_limit = 67108864");
	sql("PRAGMA secure_delete = 0");
	sql("PRAGMA temp_store = MEMORY");
	sql("PRAGMA mmap_size = 0");
	sql(text.data);
	buf_clear(&text);

	y.message = prepare("INSERT INTO message (id, chat, type, direction, "
	    "route, sender, recipient, received, arrival, stream, sid, aid, "
	    "hash, flags, state, lang, thread, body) VALUES (?1, ?2, ?3, 0, "
	    "0, ?4, ?5, 0, ?6, 1, ?7, ?8, ?9, 0, ?10, ?11, ?12, ?13)");
	y.raw = prepare("INSERT INTO raw (message, dict, data) "
	    "VALUES (?1, 1, ?2)");
	y.ident = prepare("INSERT INTO ident (day, hash, message) "
	    "VALUES (?1, ?2, ?3)");
	y.text = prepare("INSERT INTO ft (rowid, body, meta) "
	    "VALUES (?1, ?2, ?3)");
	y.address = prepare("INSERT INTO address (id, jid, bare, domain, fold) "
	    "VALUES (?1, ?2, ?3, ?4, ?2)");
	y.chat = prepare("INSERT INTO chat (id, account, peer, kind) "
	    "VALUES (?1, 1, ?1, 0)");
	y.tally = prepare("INSERT INTO tally (chat, month, shown, total) "
	    "VALUES (?1, 1, ?2, ?2) ON CONFLICT (chat, month) DO UPDATE SET "
	    "shown = shown + ?2, total = total + ?2");
	y.seal = prepare("INSERT INTO seal (at, arrival, head) "
	    "VALUES (0, ?1, zeroblob(32))");
}

static void
close_archive(void)
{
	sqlite3_finalize(y.message);
	sqlite3_finalize(y.raw);
	sqlite3_finalize(y.ident);
	sqlite3_finalize(y.text);
	sqlite3_finalize(y.address);
	sqlite3_finalize(y.chat);
	sqlite3_finalize(y.tally);
	sqlite3_finalize(y.seal);
	if (sqlite3_close(y.db) != SQLITE_OK)
		errx(1, "close: %s", sqlite3_errmsg(y.db));
}

static double
cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static size_t *
generate(struct buf *out, size_t count, const char *account, const char *full)
{
	struct corpus *c = corpus_new(1, 0);
	size_t *ends = mem_array(count + 1, sizeof *ends), i;
	struct corpus_message m;

	corpus_address(c, account, full, 1);
	buf_str(out, "<stream:stream xmlns='jabber:client' "
	    "xmlns:stream='http://etherx.jabber.org/streams'>");
	ends[0] = out->len;
	for (i = 0; i < count; i++) {
		corpus_next(c, &m);
		if (i == count - 1)
			corpus_end(c, &m);
		corpus_stanza(&m, out);
		ends[i + 1] = out->len;
	}
	corpus_free(c);
	return ends;
}

int
main(int argc, char **argv)
{
	struct buf bytes = { 0 };
	struct stat st;
	XML_Parser xml;
	char full[256];
	size_t count, *ends, at;
	double cpu, wall;
	int64_t start_us;

	if (argc != 6 || (count = strtoul(argv[3], NULL, 10)) == 0) {
		fprintf(stderr, "usage: yardstick SCHEMA ARCHIVE COUNT "
		    "ACCOUNT RESOURCE\n");
		return 2;
	}
	snprintf(full, sizeof full, "%s/%s", argv[4], argv[5]);
	ends = generate(&bytes, count, argv[4], full);
	train(&bytes, ends, count);
	free(ends);
	open_archive(argv[1], argv[2]);
	all_bytes = bytes.data;
	y.next_id = clock_wall_us();
	xml = XML_ParserCreateNS(NULL, '|');
	XML_UseParserAsHandlerArg(xml);
	XML_SetElementHandler(xml, on_start, on_end);
	XML_SetCharacterDataHandler(xml, on_text);

	cpu = cpu_s();
	start_us = clock_mono_us();
	for (at = 0; at < bytes.len; at += SLICE) {
		size_t n = bytes.len - at < SLICE ? bytes.len - at : SLICE;

		if (XML_Parse(xml, bytes.data + at, (int)n, 0) !=
		    XML_STATUS_OK)
			errx(1, "the corpus is not well-formed");
	}
	if (y.batch_rows > 0)
		commit();
	wall = (double)(clock_mono_us() - start_us) / 1e6;
	close_archive();		/* the last checkpoint is paid, too */
	cpu = cpu_s() - cpu;
	XML_ParserFree(xml);
	if (stat(argv[2], &st) != 0)
		err(1, "%s", argv[2]);
	printf("yardstick messages=%ld wall_s=%.4f cpu_s=%.4f bytes=%lld\n",
	    y.rows, wall, cpu, (long long)st.st_size);
	buf_clear(&bytes);
	return y.rows == (long)count ? 0 : 1;
}
