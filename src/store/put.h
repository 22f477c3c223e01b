/*
 * put - from a record to rows. Only for store/ (batch.c calls it).
 *
 * Says whether a copy is one of a known message (src/README; ident.h),
 * writes what it says, links references (refs.h) and presence changes
 * (presence.h), and keeps index, tally and seal in step.
 *
 * Everything between put_begin() and put_end() belongs to one transaction
 * that the caller holds. After a failure the caller rolls back and says
 * put_forget(); nothing of the records need be kept by put.
 */
#ifndef STORE_PUT_H
#define STORE_PUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/record.h"
#include "store/batch.h"
#include "store/db.h"

/* message.flags; the numbers are stored. */
enum put_flag {
	PUT_WANTS_RECEIPT = 1, PUT_WANTS_MARKER = 2,
	PUT_NO_STORE = 4, PUT_NO_COPY = 8,
	PUT_EDITED = 16, PUT_RETRACTED = 32, PUT_ENCRYPTED = 64,
	PUT_DELAYED = 128, PUT_LINKS = 256, PUT_REACTED = 512,
	PUT_REPLY = 1024, PUT_READ = 2048, PUT_TEXTS = 4096,
	PUT_DETAIL = 8192, PUT_COPIES = 16384, PUT_REFS = 32768,
	PUT_FALLBACKS = 65536, PUT_SHOWN = 131072,
	PUT_SAME_ORIGIN = 262144,
};

/* copy.how: what made it a copy; the numbers are stored. */
enum put_how {
	PUT_NEW = 0,		/* none: a message of its own */
	PUT_ARCHIVE_ID = 1,	/* rule 1: a trusted archive id */
	PUT_STANZA_ID = 2,	/* rule 2: sender's id and content */
	PUT_CONTENT = 3,	/* rule 3: content and time; heuristic */
	PUT_RESENT = 4,		/* rule 2's three cases */
	PUT_VERSION = 5,	/* the archive changed what it holds */
	PUT_AGAIN = -1,		/* a page read again: nothing new, no row */
};

struct put;

struct put *put_new(struct db *db);
void put_free(struct put *p);	/* NULL is fine */

int put_begin(struct put *p, struct err *err);
/* The record's memory must stay until put_end(). ERR_INPUT: this record
 * cannot be taken as what it says. */
int put_record(struct put *p, const struct record *r, struct err *err);
/* Keeps it apart, for a reason of its own (or the record's). */
int put_apart(struct put *p, const struct record *r, const char *why,
    struct err *err);
int put_end(struct put *p, int64_t now_us, struct err *err);
void put_forget(struct put *p);

/* A session's number is chosen before its row can be written. If another
 * process took it meanwhile, records that carry it get the row's. */
void put_stream_is(struct put *p, uint64_t chosen, int64_t row);
int64_t put_stream(const struct put *p, uint64_t chosen);
/* No record carries it any more, once this transaction stands. */
void put_stream_ends(struct put *p, uint64_t chosen);

/* What became of the records since put_begin(), by account. */
const struct batch_counts *put_counts(const struct put *p, size_t *count);

#endif
