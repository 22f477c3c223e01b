/*
 * ident - whether a copy is one of a message that the archive knows
 * (src/README, ONE MESSAGE, MANY COPIES). Only for store/.
 *
 * Ids that strangers choose are kept as keyed hashes under the days known of
 * their message (table ident), and each hit is compared with the real id: a
 * false duplicate is a lost message.
 */
#ifndef STORE_IDENT_H
#define STORE_IDENT_H

#include <stdint.h>

#include "base/err.h"
#include "store/inside.h"

/* Fills days, probes and moments of a copy; its rows must be known. */
void ident_prepare(struct put *p, struct incoming *in);

/* *how is PUT_NEW, or why it is a copy of *message. */
int ident_find(struct put *p, const struct incoming *in, int64_t *message,
    enum put_how *how, struct err *err);

/* Keeps the ids of a copy, so that others of its message are found. */
int ident_add(struct put *p, const struct incoming *in, int64_t message,
    struct err *err);

/* The keyed hash of an id; `by` NULL: the sender's. */
int64_t ident_hash(struct put *p, const char *account, const char *by,
    const char *id);

#endif
