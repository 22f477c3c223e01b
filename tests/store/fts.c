/* The tokenizer: what it makes of texts, and what is found by what. */
#include "base/buf.h"
#include "base/mem.h"
#include "store/db.h"
#include "store/fts.h"
#include "tests/store/help.h"
#include "tests/tap.h"

static struct db *db;

/* Tokens of a text as the index holds them: "word:column offset". */
static const struct {
	const char *name, *text, *tokens;
} texts[] = {
	{ "words are folded", "Příliš ŽLUŤOUČKÝ kůň", "prilis zlutoucky kun" },
	{ "punctuation parts words", "foo_bar-baz it's C++ 10:30",
	    "foo bar baz it s c 10 30" },
	{ "sharp s and its like", "Straße Łódź Ørsted đ æther œuvre ı",
	    "strasse lodz orsted d aether oeuvre i" },
	{ "marks that stand apart belong to their letter",
	    "Pr\xcc\x8ci\xcc\x81lis", "prilis" },
	{ "full and half width", "ｆｕｌｌ ｶﾞｲﾄﾞ", "full ガイ イド ド" },
	{ "a dense run gives pairs and its last character", "東京都",
	    "東京 京都 都" },
	{ "one dense character gives itself", "系", "系" },
	{ "latin beside Han is two runs", "用Linux系统", "用 linux 系统 统" },
	{ "Han beside latin", "系统b", "系统 统 b" },
	{ "kana", "ソフト", "ソフ フト ト" },
	{ "Hangul", "한국어", "한국 국어 어" },
	{ "conjoining jamo are their syllable",
	    "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "한" },
	{ "Thai", "ที่นี่", "ที ี่ ่น นี ี่ ่" },
	{ "emoji are words", "hi👍there ❤️!", "hi 👍 there ❤" },
	{ "a family is its members", "👨‍👩‍👧", "👨 👩 👧" },
	{ "a skin tone is found without it", "👍🏽", "👍 🏽" },
	{ "flags do not overlap", "🇺🇸🇨🇿", "🇺🇸 🇨🇿" },
	{ "a soft hyphen is not there", "Sys\xc2\xadtem", "system" },
	{ "a zero-width non-joiner is not there", "می‌خواهم", "میخواهم" },
	{ "digits with what folds to several characters", "½ ㈱", "1 2 株" },
	{ "bytes that are not UTF-8 part words", "a\xff" "b\xc3", "a b" },
	{ "nothing", "", "" },
	{ "punctuation only", ":-) ... !!", "" },
};

static void
test_tokens(void)
{
	struct db_stmt *put, *get;
	struct buf got = { 0 };
	size_t i;

	(void)db_run(db, "CREATE VIRTUAL TABLE one USING fts5(t, "
	    "tokenize = backscroll);"
	    "CREATE VIRTUAL TABLE words USING fts5vocab(one, instance)", NULL);
	for (i = 0; i < COUNT(texts); i++) {
		struct err err = { 0 };

		(void)db_run(db, "DELETE FROM one", &err);
		put = db_stmt(db, "INSERT INTO one (t) VALUES (?1)", &err);
		db_text(put, 1, texts[i].text);
		(void)db_do(put, &err);
		get = db_stmt(db, "SELECT term FROM words ORDER BY offset", &err);
		buf_reset(&got);
		while (db_step(get, &err) > 0) {
			if (got.len > 0)
				buf_char(&got, ' ');
			buf_str(&got, db_get_text(get, 0));
		}
		is_str(got.len > 0 ? got.data : "", texts[i].tokens,
		    texts[i].name);
	}
	buf_clear(&got);
}

/* What a MATCH string finds in a text; the strings are as fts.h says. */
static const struct {
	const char *name, *text, *match;
	int count;
} finds[] = {
	{ "one dense character within a run", "操作系统好", "\"统\"*", 1 },
	{ "one dense character at the end", "操作系统", "\"统\"*", 1 },
	{ "one that is not there", "操作系统", "\"東\"*", 0 },
	{ "two in the middle", "操作系统好", "\"系统\"*", 1 },
	{ "two at the end", "操作系统", "\"系统\"*", 1 },
	{ "all of a run", "東京都", "\"東京都\"*", 1 },
	{ "not what only shares pairs", "東京 京都", "\"東京都\"*", 0 },
	{ "a phrase over two runs", "去系统 东京吧", "\"系统 东京\"*", 1 },
	{ "a phrase over runs with something between", "系统好 东京",
	    "\"系统 东京\"*", 0 },
	{ "Han, then latin", "系统b", "\"统b\"", 1 },
	{ "Han, then latin, from the middle", "操系统 bc", "\"系统 b\"*", 1 },
	{ "latin, then Han", "用Linux系统", "\"linux系\"*", 1 },
	{ "a run before a mark", "系统！", "\"系统！\"*", 1 },
	{ "kana within a longer word", "ソフトウェア", "\"ソフト\"*", 1 },
	{ "half width finds full width", "ガイド", "\"ｶﾞｲ\"*", 1 },
	{ "Thai by one character", "ภาษาไทย", "\"ไ\"*", 1 },
	{ "Korean without its particle", "한국어를", "\"한국어\"*", 1 },
	{ "a phrase", "the quick brown fox", "\"quick brown\"", 1 },
	{ "a phrase in wrong order", "the quick brown fox", "\"brown quick\"",
	    0 },
	{ "a prefix", "brown", "\"bro\"*", 1 },
	{ "a prefix behind a phrase", "quick brown", "\"quick bro\"*", 1 },
	{ "no prefix unasked", "brown", "\"bro\"", 0 },
	{ "diacritics left out", "Příliš", "\"prilis\"", 1 },
	{ "strasse finds Straße", "Straße", "\"strasse\"", 1 },
	{ "a quote in the text", "say \"no\" now", "\"say \"\"no\"\"\"", 1 },
	{ "an emoji", "ok 👍🏽", "\"👍\"", 1 },
	{ "half a flag is none", "🇺🇸🇨🇿", "\"🇸🇨\"", 0 },
	{ "operators are words", "this and that NEAR(", "\"NEAR( and\"", 0 },
};

static void
test_finds(void)
{
	size_t i;

	(void)db_run(db, "CREATE VIRTUAL TABLE two USING fts5(t, "
	    "tokenize = backscroll)", NULL);
	for (i = 0; i < COUNT(finds); i++) {
		struct err err = { 0 };
		struct db_stmt *st;
		int64_t count = -1;

		(void)db_run(db, "DELETE FROM two", &err);
		st = db_stmt(db, "INSERT INTO two (t) VALUES (?1)", &err);
		db_text(st, 1, finds[i].text);
		(void)db_do(st, &err);
		st = db_stmt(db, "SELECT count(*) FROM two WHERE two MATCH ?1",
		    &err);
		db_text(st, 1, finds[i].match);
		if (db_step(st, &err) > 0)
			count = db_get_int(st, 0);
		is_int(count, finds[i].count, finds[i].name);
	}
}

static const struct {
	const char *name, *text, *match, *marked;
} marks[] = {
	{ "a word with diacritics is marked whole", "A Příliš b", "\"prilis\"",
	    "A [Příliš] b" },
	{ "marks stand within", "x e\xcc\x81t\xcc\x81 y", "\"et\"",
	    "x [e\xcc\x81t\xcc\x81] y" },
	{ "part of a run", "操作系统好", "\"作系统\"*", "操[作系统]好" },
	{ "full width", "a ｆｕｌｌ b", "\"full\"", "a [ｆｕｌｌ] b" },
	{ "an emoji with its selector", "I ❤️ it", "\"❤\"", "I [❤️] it" },
	{ "beside latin", "用Linux系统", "\"linux\"", "用[Linux]系统" },
};

static void
test_marks(void)
{
	size_t i;

	(void)db_run(db, "CREATE VIRTUAL TABLE three USING fts5(t, "
	    "tokenize = backscroll)", NULL);
	for (i = 0; i < COUNT(marks); i++) {
		struct err err = { 0 };
		struct db_stmt *st;

		(void)db_run(db, "DELETE FROM three", &err);
		st = db_stmt(db, "INSERT INTO three (t) VALUES (?1)", &err);
		db_text(st, 1, marks[i].text);
		(void)db_do(st, &err);
		st = db_stmt(db, "SELECT highlight(three, 0, '[', ']') "
		    "FROM three WHERE three MATCH ?1", &err);
		db_text(st, 1, marks[i].match);
		is_str(db_step(st, &err) > 0 ? db_get_text(st, 0) : NULL,
		    marks[i].marked, marks[i].name);
	}
}

int
main(void)
{
	struct err err = { 0 };
	char *big = mem_alloc(1 << 20);
	struct db_stmt *st;

	db = db_open(help_path("fts.db"), "fts.db", DB_WRITE, 0, &err);
	if (!ok(db != NULL, "a connection knows the tokenizer"))
		return done();
	test_tokens();
	test_finds();
	test_marks();

	memset(big, 'x', (1 << 20) - 1);
	(void)db_run(db, "DELETE FROM one", &err);
	st = db_stmt(db, "INSERT INTO one (t) VALUES (?1)", &err);
	db_text(st, 1, big);
	ok(db_do(st, &err) == 0, "a word of a megabyte is taken");
	st = db_stmt(db, "SELECT length(term) FROM words", &err);
	is_int(db_step(st, &err) > 0 ? db_get_int(st, 0) : -1, FTS_WORD,
	    "and known by its beginning");
	free(big);
	db_close(db);
	return done();
}
