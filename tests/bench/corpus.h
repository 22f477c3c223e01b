/*
 * corpus - synthetic chats, the same ones in every run.
 *
 * Words are made of syllables of five languages and drawn by Zipf's law;
 * bodies have a mean of 75 bytes, stanzas of about 507. A corpus has 200
 * contacts and 20 rooms, one language each, the busiest far ahead of the
 * others. Nothing of it was ever said by anybody.
 *
 * Ownership  A message points into its corpus and is valid until the next
 *            corpus_next().
 */
#ifndef TESTS_BENCH_CORPUS_H
#define TESTS_BENCH_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum corpus_lang {
	CORPUS_EN, CORPUS_CS, CORPUS_DE, CORPUS_ZH, CORPUS_JA, CORPUS_LANGS
};
enum { CORPUS_CONTACTS = 200, CORPUS_ROOMS = 20, CORPUS_UUID = 37 };

/* What corpus_end() adds to a body; no other message has it. */
#define CORPUS_END "lastword"

struct corpus;

struct corpus_message {
	bool is_room, is_out;
	enum corpus_lang lang;
	const char *lang_tag;
	const char *account;		/* bare JID */
	const char *chat;		/* bare JID of the contact or room */
	const char *from, *to;		/* full JIDs */
	const char *nick;		/* rooms only */
	char id[CORPUS_UUID];		/* also the origin-id */
	char archive_id[CORPUS_UUID];	/* by the account, or by the room */
	char thread[CORPUS_UUID];	/* "": none */
	const char *body;
	size_t body_len;
	bool wants_receipt, is_active;
};

/* The first out_percent of a hundred messages in chats are our own. */
struct corpus *corpus_new(uint64_t seed, int out_percent);
void corpus_free(struct corpus *c);	/* NULL is fine */

/* Whose messages the next ones are: both are borrowed. A new seed begins a
 * new sequence over the same words and contacts. */
void corpus_address(struct corpus *c, const char *account, const char *full,
    uint64_t seed);

void corpus_next(struct corpus *c, struct corpus_message *m);

/* Adds CORPUS_END to the body of the message that was drawn last. */
void corpus_end(struct corpus *c, struct corpus_message *m);

/* The message as the account's server would send it: appended to out. */
void corpus_stanza(const struct corpus_message *m, struct buf *out);

/* For queries: a word by rank (0 is the commonest), a contact by rank. */
unsigned corpus_word_count(const struct corpus *c, enum corpus_lang lang);
const char *corpus_word(const struct corpus *c, enum corpus_lang lang,
    unsigned rank);
const char *corpus_contact(const struct corpus *c, unsigned rank);
enum corpus_lang corpus_contact_lang(const struct corpus *c, unsigned rank);

#endif
