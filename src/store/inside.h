/*
 * inside - what the files that make rows share: only for put.c and those that
 * it calls, and for gaps.c, whose operations ride in the same commits.
 */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "model/record.h"
#include "store/chain.h"
#include "store/db.h"
#include "store/intern.h"
#include "store/memo.h"
#include "store/pack.h"
#include "store/put.h"

/* A moment that a copy speaks of: an arrival by our clock, or a stamp by the
 * server's. */
struct moment {
	int64_t at_us;
	bool is_stamp;
};
enum { MOMENTS = 8, DAYS = 24 };

/* A record on its way in, with what its rows need. */
struct incoming {
	const struct record *r;
	int64_t account, chat, sender, recipient;	/* rows; 0: none */
	int64_t stream;		/* row; 0: none */
	int64_t query;		/* record.query; 0: none */
	int64_t hash;		/* keyed, of the content */
	int64_t time_us;	/* clamped to what an id can be */
	const char *by;		/* the archive that the chat implies */
	const char *aid;	/* trusted id that `by` gave; NULL: none */
	int64_t giver;		/* row of the archive that sent this copy, 0:
				 * `by`, or none did */
	const char *given;	/* trusted id that it gave; NULL: none */
	const char *sid, *oid;	/* oid only where it is not as sid */
	bool is_tombstone;
	bool is_loose;		/* offline without a stamp: came at any time */
	struct moment moments[MOMENTS];
	size_t moment_count;
	int64_t days[DAYS];	/* under which its ids are kept */
	size_t day_count;
	int64_t probes[DAYS];	/* where they are looked for */
	size_t probe_count;
};

/* A session whose number another process took. */
struct stream_row {
	uint64_t chosen;
	int64_t row;
	bool is_over;		/* in this transaction */
};

struct put {
	struct db *db;
	struct intern *intern;
	struct pack *pack;
	struct chain *chain;
	unsigned char key[DIGEST_KEY];
	bool has_key;
	int64_t version;	/* PRAGMA data_version at the last look */
	struct arena *arena;	/* what lives until put_end() */
	struct buf scratch;

	struct doc *docs;	/* full-text documents to be */
	size_t doc_count, doc_room;
	struct memo *tally;	/* by chat and month: the newest of them */
	struct tally *tally_first;	/* all */

	int64_t ref_budget;	/* probes for old targets left to a commit */
	bool has_pending;	/* some reference waits for its target */

	struct presence *presence;
	struct stream_row *streams;	/* where the row has another number */
	size_t stream_count;

	struct batch_counts *counts;
	size_t count_count, count_room;
};

/* Parameters that are ids: a UUID as servers write it is kept as its 16
 * bytes. room[] holds them until the statement is reset. */
void inside_bind_id(struct db_stmt *st, int at, const char *id,
    unsigned char room[16]);
bool inside_is_id(struct db_stmt *st, int column, const char *id);
void inside_chain_id(struct chain *c, const char *id);

/* Facts: a string or NULL; a number whose 0 is NULL. */
void inside_str(struct chain *c, const char *s);
void inside_opt(struct chain *c, int64_t value);

struct batch_counts *inside_count(struct put *p, const char *account);

/* One more, or one less, that is shown (or is there at all) in a month. */
void inside_tally(struct put *p, int64_t chat, int64_t time_us, int shown,
    int total);
int inside_tally_write(struct put *p, struct err *err);

#endif
