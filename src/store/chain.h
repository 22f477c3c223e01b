/*
 * chain - the seals: what was archived when cannot be changed unseen. Only
 * for store/.
 *
 * Every copy of a stanza that is archived has an arrival number, from 1, and
 * a digest: SHA-256 over its facts, which are SQL values in a fixed order
 * (chain.c has the lists), each written as one byte for its type and then
 *
 *	'N'	NULL: nothing
 *	'I'	an integer: 8 bytes, two's complement, big endian
 *	'T' 'B'	a text or blob: its length in 8 bytes, big endian, its bytes
 *
 * Addresses are facts as text, so that renumbering changes nothing; stanzas
 * as they came, not as they are packed. A commit that archived copies adds a
 * row to `seal`:
 *
 *	head = SHA-256(head before it, digest, digest, ...)
 *
 * in order of arrival; before the first seal the head is 32 zero bytes.
 * Digests are made one by one so that a record that the law erases can leave
 * its digest behind and the chain whole.
 */
#ifndef STORE_CHAIN_H
#define STORE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/db.h"
#include "store/pack.h"

struct chain;

struct chain *chain_new(struct db *db);
void chain_free(struct chain *c);

/* Within a writing transaction: takes up the newest seal. */
int chain_begin(struct chain *c, struct err *err);
/* Writes the seal of what was added since; nothing if that was nothing. */
int chain_end(struct chain *c, int64_t now_us, struct err *err);

/* The arrival number that the next chain_open() gives. */
int64_t chain_next(const struct chain *c);
/* The facts of one copy: its arrival number, the facts, chain_close(). */
int64_t chain_open(struct chain *c, const char *what);
void chain_int(struct chain *c, int64_t value);
void chain_text(struct chain *c, const char *s, size_t len);	/* NULL: NULL */
void chain_blob(struct chain *c, const void *p, size_t len);
void chain_column(struct chain *c, struct db_stmt *st, int column);
void chain_close(struct chain *c);

/*
 * Walks the whole chain and computes it anew from the rows. *seals is how
 * many were walked; *broken the id of the first seal that is not what the
 * rows say, 0 if all is well.
 */
int chain_check(struct db *db, int64_t *seals, int64_t *broken,
    struct err *err);

#endif
