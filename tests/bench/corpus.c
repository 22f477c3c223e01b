/* Synthetic chats: see corpus.h. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/bench/corpus.h"

enum { NICKS = 30, WORD_MOST = 64, BODY_MOST = 900 };
static const double body_scale = 74.0;	/* bytes; tuned to a mean of 75 */

/* How words of a language are made: of syllables, or of characters of two
 * ranges where the script has no spaces. */
static const struct language {
	const char *tag;
	unsigned words;
	int share;			/* of a hundred contacts */
	const char *const *onsets, *const *vowels, *const *codas;
	unsigned first, count;		/* the commoner characters */
	unsigned rare_first, rare_count;
} languages[CORPUS_LANGS] = {
	[CORPUS_EN] = { "en", 30000, 40,
		(const char *const[]){ "b", "c", "d", "f", "g", "h", "l", "m",
			"n", "p", "r", "s", "t", "w", "th", "sh", "ch", "st",
			"br", "tr", NULL },
		(const char *const[]){ "a", "e", "i", "o", "u", "ea", "ou",
			"ee", NULL },
		(const char *const[]){ "", "", "n", "r", "t", "s", "l", "d",
			"nd", "ck", "ng", NULL } },
	[CORPUS_CS] = { "cs", 30000, 20,
		(const char *const[]){ "b", "c", "č", "d", "h", "j", "k", "l",
			"m", "n", "p", "r", "ř", "s", "š", "t", "v", "z", "ž",
			"př", "st", NULL },
		(const char *const[]){ "a", "á", "e", "é", "ě", "i", "í", "o",
			"u", "ů", "y", "ý", NULL },
		(const char *const[]){ "", "", "", "n", "l", "t", "k", "m",
			NULL } },
	[CORPUS_DE] = { "de", 30000, 20,
		(const char *const[]){ "b", "d", "f", "g", "h", "k", "l", "m",
			"n", "p", "r", "s", "t", "w", "z", "sch", "st", "br",
			NULL },
		(const char *const[]){ "a", "e", "i", "o", "u", "ä", "ö", "ü",
			"ei", "ie", "au", NULL },
		(const char *const[]){ "", "", "n", "r", "t", "ß", "ch", "cht",
			"ng", NULL } },
	[CORPUS_ZH] = { "zh", 12000, 10, NULL, NULL, NULL,
		0x4e00, 2000, 0x5600, 4000 },
	[CORPUS_JA] = { "ja", 12000, 10, NULL, NULL, NULL,
		0x3042, 72, 0x4e00, 3000 },
};

static const char *const clients[] = {
	"Conversations", "gajim", "dino", "Monal", "Psi", "profanity",
};

struct vocabulary {
	unsigned count;
	double log_count;
	uint32_t *at;			/* offsets into text */
	struct buf text;		/* words, each with a NUL */
};

struct peer {				/* a contact or a room */
	char *bare;
	char *full[2];			/* contacts: two devices */
	char *nick_full[NICKS];		/* rooms */
	enum corpus_lang lang;
	char thread[CORPUS_UUID];	/* the one its messages are in now */
};

struct corpus {
	uint64_t state;			/* of the generator of numbers */
	int out_percent;
	struct vocabulary words[CORPUS_LANGS];
	struct peer contacts[CORPUS_CONTACTS];
	struct peer rooms[CORPUS_ROOMS];
	const char *account, *full;
	struct buf body;
};

/* splitmix64: small, fast, and the same everywhere. */
static uint64_t
draw(struct corpus *c)
{
	uint64_t z = (c->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned
below(struct corpus *c, unsigned limit)
{
	return (unsigned)((draw(c) >> 32) * limit >> 32);
}

static double
unit(struct corpus *c)
{
	return (double)(draw(c) >> 11) * 0x1p-53;
}

/* A rank below count with odds of 1/rank: the logarithm is uniform. */
static unsigned
zipf(struct corpus *c, unsigned count, double log_count)
{
	unsigned rank = (unsigned)exp(unit(c) * log_count) - 1;

	return rank < count ? rank : count - 1;
}

static void
uuid(struct corpus *c, char out[CORPUS_UUID])
{
	static const char hex[] = "0123456789abcdef";
	uint64_t bits = 0;
	int i;

	for (i = 0; i < CORPUS_UUID - 1; i++) {
		if (i % 12 == 0)	/* 64 bits are 16 digits */
			bits = draw(c);
		out[i] = hex[bits & 15];
		bits >>= 4;
	}
	out[8] = out[13] = out[18] = out[23] = '-';
	out[14] = '4';			/* RFC 9562 5.4 */
	out[19] = hex[8 + (draw(c) & 3)];
	out[i] = '\0';
}

static const char *
pick(struct corpus *c, const char *const *list)
{
	unsigned count = 0;

	while (list[count] != NULL)
		count++;
	return list[below(c, count)];
}

/* Common words are short. */
static void
make_word(struct corpus *c, const struct language *l, unsigned rank,
    struct buf *out)
{
	unsigned parts = rank < 60 ? 1 : rank < 3000 ? 2 : 3;
	unsigned i, n;

	if (l->onsets == NULL) {
		parts = rank < 100 ? 1 + below(c, 2) : 2 + (below(c, 4) == 0);
		for (i = 0; i < parts; i++) {
			if (rank < 300 || below(c, 3) != 0) {
				n = zipf(c, l->count, log(l->count + 1));
				buf_utf8(out, l->first + n);
			} else {
				n = below(c, l->rare_count);
				buf_utf8(out, l->rare_first + n);
			}
		}
		return;
	}
	for (i = 0; i < parts; i++) {
		buf_str(out, pick(c, l->onsets));
		buf_str(out, pick(c, l->vowels));
	}
	buf_str(out, pick(c, l->codas));
}

/* No word twice, or a rare one would be a common one. The seen ones are in
 * an open table of offsets plus one. */
static bool
is_new(const struct vocabulary *v, uint32_t *seen, unsigned room,
    const char *word, uint32_t at)
{
	uint64_t h = UINT64_C(14695981039346656037);
	const char *p;
	unsigned i;

	for (p = word; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
	for (i = (unsigned)(h % room); seen[i] != 0; i = (i + 1) % room)
		if (strcmp(v->text.data + seen[i] - 1, word) == 0)
			return false;
	seen[i] = at + 1;
	return true;
}

static void
make_words(struct corpus *c, const struct language *l, struct vocabulary *v)
{
	unsigned room = l->words * 4;
	uint32_t *seen = mem_array(room, sizeof *seen);
	struct buf word = { 0 };
	unsigned tries = 0;

	v->at = mem_array(l->words, sizeof *v->at);
	v->log_count = log(l->words + 1);
	while (v->count < l->words) {
		buf_reset(&word);
		/* The short ones may have run out. */
		make_word(c, l, v->count + tries * 10, &word);
		if (!is_new(v, seen, room, word.data, (uint32_t)v->text.len)) {
			tries++;
			continue;
		}
		tries = 0;
		v->at[v->count++] = (uint32_t)v->text.len;
		buf_add(&v->text, word.data, word.len + 1);
	}
	buf_clear(&word);
	free(seen);
}

static enum corpus_lang
share_lang(unsigned percent)
{
	enum corpus_lang lang;

	for (lang = 0; lang < CORPUS_LANGS - 1; lang++) {
		if (percent < (unsigned)languages[lang].share)
			return lang;
		percent -= languages[lang].share;
	}
	return lang;
}

/* A contact of each language comes early: 37 is coprime to 100. */
static void
make_peers(struct corpus *c)
{
	const struct vocabulary *en = &c->words[CORPUS_EN];
	unsigned i, j;

	for (i = 0; i < CORPUS_CONTACTS; i++) {
		struct peer *p = &c->contacts[i];

		p->lang = share_lang(i * 37 % 100);
		p->bare = mem_printf("%s.%s@%s.example",
		    corpus_word(c, CORPUS_EN, 5000 + i),
		    corpus_word(c, CORPUS_EN, 60 + i),
		    corpus_word(c, CORPUS_EN, 4000 + i % 12));
		for (j = 0; j < COUNT(p->full); j++)
			p->full[j] = mem_printf("%s/%s.%08x", p->bare,
			    clients[below(c, COUNT(clients))],
			    (unsigned)draw(c));
	}
	for (i = 0; i < CORPUS_ROOMS; i++) {
		struct peer *p = &c->rooms[i];

		p->lang = share_lang(i * 37 % 100);
		p->bare = mem_printf("%s@conference.%s.example",
		    corpus_word(c, CORPUS_EN, 6000 + i),
		    corpus_word(c, CORPUS_EN, 4000 + i % 12));
		for (j = 0; j < NICKS; j++)
			p->nick_full[j] = mem_printf("%s/%s", p->bare,
			    en->text.data + en->at[700 + i * NICKS + j]);
	}
}

struct corpus *
corpus_new(uint64_t seed, int out_percent)
{
	struct corpus *c = mem_alloc(sizeof *c);
	unsigned lang;

	c->out_percent = out_percent;
	c->state = UINT64_C(0xbac5c0011);	/* words and names: always these */
	for (lang = 0; lang < CORPUS_LANGS; lang++)
		make_words(c, &languages[lang], &c->words[lang]);
	make_peers(c);
	corpus_address(c, "nobody@bench.example", "nobody@bench.example/bench",
	    seed);
	return c;
}

void
corpus_free(struct corpus *c)
{
	unsigned i, j;

	if (c == NULL)
		return;
	for (i = 0; i < CORPUS_LANGS; i++) {
		free(c->words[i].at);
		buf_clear(&c->words[i].text);
	}
	for (i = 0; i < CORPUS_CONTACTS; i++) {
		free(c->contacts[i].bare);
		for (j = 0; j < COUNT(c->contacts[i].full); j++)
			free(c->contacts[i].full[j]);
	}
	for (i = 0; i < CORPUS_ROOMS; i++) {
		free(c->rooms[i].bare);
		for (j = 0; j < NICKS; j++)
			free(c->rooms[i].nick_full[j]);
	}
	buf_clear(&c->body);
	free(c);
}

void
corpus_address(struct corpus *c, const char *account, const char *full,
    uint64_t seed)
{
	c->account = account;
	c->full = full;
	c->state = seed;
	draw(c);
}

/* Lengths fall off exponentially, as chats do: most are a few words. */
static void
make_body(struct corpus *c, enum corpus_lang lang)
{
	static const char *const ends[] = { ".", "?", "!", " :-)", " 👍",
		" <3", " & co", "" };
	const struct vocabulary *v = &c->words[lang];
	bool spaced = languages[lang].onsets != NULL;
	double want = -log(1.0 - unit(c)) * body_scale;
	const char *word;

	buf_reset(&c->body);
	do {
		word = v->text.data + v->at[zipf(c, v->count, v->log_count)];
		if (c->body.len > 0 && spaced)
			buf_char(&c->body, below(c, 12) == 0 ? ',' : ' ');
		if (c->body.len > 0 && c->body.data[c->body.len - 1] == ',')
			buf_char(&c->body, ' ');
		buf_str(&c->body, word);
		if (!spaced && below(c, 10) == 0)
			buf_str(&c->body, "、");
	} while ((double)c->body.len < want - 4 && c->body.len < BODY_MOST);
	if (below(c, 3) == 0)
		buf_str(&c->body, ends[below(c, COUNT(ends))]);
}

void
corpus_next(struct corpus *c, struct corpus_message *m)
{
	struct peer *p;

	*m = (struct corpus_message){ .account = c->account };
	m->is_room = below(c, 10) == 0;
	if (m->is_room) {
		p = &c->rooms[zipf(c, CORPUS_ROOMS, log(CORPUS_ROOMS + 1))];
		m->from = p->nick_full[zipf(c, NICKS, log(NICKS + 1))];
		m->to = c->full;
		m->nick = strchr(m->from, '/') + 1;
	} else {
		p = &c->contacts[zipf(c, CORPUS_CONTACTS,
		    log(CORPUS_CONTACTS + 1))];
		m->is_out = (int)below(c, 100) < c->out_percent;
		m->from = m->is_out ? c->full : p->full[below(c, 2)];
		m->to = m->is_out ? p->bare : c->full;
	}
	m->chat = p->bare;
	m->lang = p->lang;
	m->lang_tag = languages[p->lang].tag;
	uuid(c, m->id);
	uuid(c, m->archive_id);
	if (below(c, 4) == 0) {
		/* A thread goes on for some messages. */
		if (p->thread[0] == '\0' || below(c, 8) == 0)
			uuid(c, p->thread);
		memcpy(m->thread, p->thread, sizeof m->thread);
	}
	m->wants_receipt = below(c, 10) < 4;
	m->is_active = below(c, 10) < 3;
	make_body(c, p->lang);
	m->body = c->body.data;
	m->body_len = c->body.len;
}

void
corpus_end(struct corpus *c, struct corpus_message *m)
{
	buf_str(&c->body, " " CORPUS_END);
	m->body = c->body.data;
	m->body_len = c->body.len;
}

static void
escape(struct buf *out, const char *s, size_t len)
{
	const char *p, *start = s;

	for (p = s; p < s + len; p++) {
		const char *entity = *p == '&' ? "&amp;" : *p == '<' ? "&lt;"
		    : *p == '>' ? "&gt;" : NULL;

		if (entity == NULL)
			continue;
		buf_add(out, start, (size_t)(p - start));
		buf_str(out, entity);
		start = p + 1;
	}
	buf_add(out, start, (size_t)(p - start));
}

void
corpus_stanza(const struct corpus_message *m, struct buf *out)
{
	buf_str(out, "<message xml:lang='");
	buf_str(out, m->lang_tag);
	buf_str(out, m->is_room ? "' type='groupchat' from='"
				: "' type='chat' from='");
	buf_str(out, m->from);
	buf_str(out, "' to='");
	buf_str(out, m->to);
	buf_str(out, "' id='");
	buf_str(out, m->id);
	buf_str(out, "'><body>");
	escape(out, m->body, m->body_len);
	buf_str(out, "</body>");
	if (m->thread[0] != '\0') {
		buf_str(out, "<thread>");
		buf_str(out, m->thread);
		buf_str(out, "</thread>");
	}
	if (m->is_active)
		buf_str(out, "<active xmlns='http://jabber.org/protocol/"
		    "chatstates'/>");
	if (m->wants_receipt)
		buf_str(out, "<request xmlns='urn:xmpp:receipts'/><markable "
		    "xmlns='urn:xmpp:chat-markers:0'/>");
	buf_str(out, "<origin-id xmlns='urn:xmpp:sid:0' id='");
	buf_str(out, m->id);
	buf_str(out, "'/><stanza-id xmlns='urn:xmpp:sid:0' by='");
	buf_str(out, m->is_room ? m->chat : m->account);
	buf_str(out, "' id='");
	buf_str(out, m->archive_id);
	buf_str(out, "'/></message>");
}

unsigned
corpus_word_count(const struct corpus *c, enum corpus_lang lang)
{
	return c->words[lang].count;
}

const char *
corpus_word(const struct corpus *c, enum corpus_lang lang, unsigned rank)
{
	assert(rank < c->words[lang].count);
	return c->words[lang].text.data + c->words[lang].at[rank];
}

const char *
corpus_contact(const struct corpus *c, unsigned rank)
{
	assert(rank < CORPUS_CONTACTS);
	return c->contacts[rank].bare;
}

enum corpus_lang
corpus_contact_lang(const struct corpus *c, unsigned rank)
{
	assert(rank < CORPUS_CONTACTS);
	return c->contacts[rank].lang;
}
