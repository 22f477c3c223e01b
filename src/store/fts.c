#include "store/fts.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/unicode.h"
#include "store/db.h"

/* What one character folds to, remembered: texts repeat themselves. */
enum { MEMO = 1024, MEMO_BYTES = 10 };
struct memo {
	unsigned code_point;
	unsigned char class, len;	/* class of the folded character */
	char bytes[MEMO_BYTES];
};

enum { CHARACTER = 4 };		/* bytes of one code point, at most */

struct fts {
	struct memo memo[MEMO];
	struct buf folded;
	char word[FTS_WORD];
};

/* One text being tokenized. Offsets are bytes of the original text. */
struct run {
	struct fts *f;
	void *context;
	int (*token)(void *, int, const char *, int, int, int);
	bool is_query;
	int result;

	size_t word_len;	/* 0: no word open */
	bool word_is_full;
	int word_start, word_end;

	int dense_count;	/* characters of the run so far; 0: none */
	bool dense_has_ended;	/* only its last character is still owed */
	size_t dense_len;
	char dense[CHARACTER];
	int dense_start, dense_end;	/* of its last character */
};

/* Lower case of ASCII letters and digits, 0 for what separates. */
static const unsigned char ascii[128] = {
	['0'] = '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
	['A'] = 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l',
	'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
	['a'] = 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l',
	'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
};

static void
give(struct run *r, const char *bytes, size_t len, int start, int end)
{
	if (r->result == SQLITE_OK)
		r->result = r->token(r->context, 0, bytes, (int)len, start,
		    end);
}

/* The last character of a run that has ended. */
static void
settle_dense(struct run *r)
{
	if (r->dense_count > 0 && r->dense_has_ended) {
		r->dense_count = 0;
		give(r, r->dense, r->dense_len, r->dense_start, r->dense_end);
	}
}

static void
end_word(struct run *r)
{
	if (r->word_len == 0)
		return;
	settle_dense(r);
	give(r, r->f->word, r->word_len, r->word_start, r->word_end);
	r->word_len = 0;
	r->word_is_full = false;
}

static void
end_runs(struct run *r)
{
	end_word(r);
	r->dense_has_ended = true;
}

static void
add_word(struct run *r, const char *bytes, size_t len, int start, int end)
{
	if (r->word_len == 0) {
		r->dense_has_ended = true;
		r->word_start = start;
	}
	r->word_end = end;
	if (r->word_len + len > FTS_WORD)
		r->word_is_full = true;
	if (r->word_is_full)
		return;
	memcpy(r->f->word + r->word_len, bytes, len);
	r->word_len += len;
}

static void
add_dense(struct run *r, const char *bytes, size_t len, int start, int end)
{
	char pair[2 * CHARACTER];

	end_word(r);
	settle_dense(r);
	if (r->dense_count > 0) {
		memcpy(pair, r->dense, r->dense_len);
		memcpy(pair + r->dense_len, bytes, len);
		give(r, pair, r->dense_len + len, r->dense_start, end);
	}
	r->dense_has_ended = false;
	r->dense_count++;
	memcpy(r->dense, bytes, len);
	r->dense_len = len;
	r->dense_start = start;
	r->dense_end = end;
}

static void
add(struct run *r, enum unicode_class class, const char *bytes, size_t len,
    int start, int end)
{
	switch (class) {
	case UNICODE_WORD:
		add_word(r, bytes, len, start, end);
		break;
	case UNICODE_DENSE:
		add_dense(r, bytes, len, start, end);
		break;
	case UNICODE_EMOJI:
		end_runs(r);
		settle_dense(r);
		give(r, bytes, len, start, end);
		break;
	case UNICODE_OTHER:
		end_runs(r);
		break;
	case UNICODE_JOINER:
		break;
	}
}

/* What folds together with the character before it: combining marks, the
 * half-width voicing marks, and jamo that complete a syllable. */
static bool
extends(unsigned c)
{
	if (c < 0x300)
		return false;
	if (c == 0xff9e || c == 0xff9f || (c >= 0x1160 && c <= 0x11ff))
		return true;
	if ((c >= 0x4e00 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7a3))
		return false;
	switch (unicode_class(c)) {
	case UNICODE_JOINER:
		return true;
	case UNICODE_WORD:
	case UNICODE_DENSE:
		return unicode_width(c) == 0;
	default:
		return false;
	}
}

static bool
is_flag_half(unsigned c)
{
	return c >= 0x1f1e6 && c <= 0x1f1ff;
}

/* The folded characters of one character with its marks. */
static void
add_folded(struct run *r, const char *s, size_t len, int start, int end)
{
	struct buf *folded = &r->f->folded;
	size_t i, n;
	unsigned c;

	buf_reset(folded);
	unicode_fold(folded, s, len);
	for (i = 0; i < folded->len; i += n) {
		n = str_utf8_next(folded->data + i, folded->len - i, &c);
		add(r, unicode_class(c), folded->data + i, n, start, end);
	}
}

static void
remember(struct memo *m, unsigned c, const char *s, size_t len,
    struct buf *folded)
{
	unsigned first;

	buf_reset(folded);
	unicode_fold(folded, s, len);
	m->code_point = 0;
	if (folded->len == 0 || folded->len > MEMO_BYTES)
		return;
	if (unicode_class(c) == UNICODE_EMOJI)
		m->class = UNICODE_EMOJI;
	else if (str_utf8_next(folded->data, folded->len, &first) ==
	    folded->len)
		m->class = (unsigned char)unicode_class(first);
	else
		return;
	m->code_point = c;
	m->len = (unsigned char)folded->len;
	memcpy(m->bytes, folded->data, folded->len);
}

/* One character that is not plain ASCII, with its marks; returns how many
 * bytes that was. */
static size_t
character(struct run *r, const char *text, size_t at, size_t len)
{
	unsigned c, next;
	size_t first = str_utf8_next(text + at, len - at, &c), n = first, more;
	struct memo *m;

	while (at + n < len && (unsigned char)text[at + n] >= 0x80) {
		more = str_utf8_next(text + at + n, len - at - n, &next);
		if (!extends(next) && !(n == first && is_flag_half(c) &&
		    is_flag_half(next)))
			break;
		n += more;
	}
	if (n > first) {
		if (unicode_class(c) == UNICODE_EMOJI)
			add(r, UNICODE_EMOJI, text + at,
			    is_flag_half(c) && n >= 2 * first ? 2 * first : first,
			    (int)at, (int)(at + n));
		else
			add_folded(r, text + at, n, (int)at, (int)(at + n));
		return n;
	}
	m = &r->f->memo[(c ^ c >> 10) % MEMO];
	if (m->code_point != c)
		remember(m, c, text + at, n, &r->f->folded);
	if (m->code_point == c)
		add(r, (enum unicode_class)m->class, m->bytes, m->len,
		    (int)at, (int)(at + n));
	else
		add_folded(r, text + at, n, (int)at, (int)(at + n));
	return n;
}

static int
tokenize(Fts5Tokenizer *tokenizer, void *context, int flags, const char *text,
    int text_len, int (*token)(void *, int, const char *, int, int, int))
{
	struct run r = {
		.f = (struct fts *)tokenizer,
		.context = context,
		.token = token,
		.is_query = (flags & FTS5_TOKENIZE_QUERY) != 0,
	};
	size_t i = 0, len = text_len > 0 ? (size_t)text_len : 0;

	while (i < len && r.result == SQLITE_OK) {
		unsigned char c = (unsigned char)text[i];

		/* Marks may follow a letter: then it is not plain. */
		if (c < 0x80 && (i + 1 == len || ascii[c] == 0 ||
		    (unsigned char)text[i + 1] < 0x80)) {
			if (ascii[c] != 0)
				add_word(&r, (const char *)&ascii[c], 1,
				    (int)i, (int)i + 1);
			else
				end_runs(&r);
			i++;
			continue;
		}
		i += character(&r, text, i, len);
	}
	end_runs(&r);
	/* The end of a query's last run may be the middle of a text's. */
	if (!r.is_query || r.dense_count == 1)
		settle_dense(&r);
	return r.result;
}

static int
create(void *unused, const char **args, int count, Fts5Tokenizer **out)
{
	*out = mem_alloc(sizeof (struct fts));
	return SQLITE_OK;
}

static void
delete(Fts5Tokenizer *tokenizer)
{
	struct fts *f = (struct fts *)tokenizer;

	buf_clear(&f->folded);
	free(f);
}

int
fts_register(struct db *db, struct err *err)
{
	fts5_tokenizer methods = { create, delete, tokenize };
	sqlite3_stmt *st = NULL;
	fts5_api *api = NULL;

	if (sqlite3_prepare_v2(db_handle(db), "SELECT fts5(?1)", -1, &st,
	    NULL) != SQLITE_OK)
		return db_failed(db, err);
	(void)sqlite3_bind_pointer(st, 1, &api, "fts5_api_ptr", NULL);
	(void)sqlite3_step(st);
	(void)sqlite3_finalize(st);
	if (api == NULL || api->xCreateTokenizer(api, "backscroll", NULL,
	    &methods, NULL) != SQLITE_OK)
		return err_set(err, ERR_SYSTEM, "this SQLite has no full-text "
		    "search (FTS5)");
	return 0;
}
