/*
 * intern - small numbers for what repeats: addresses, accounts, chats, caps.
 * Only for store/.
 *
 * Answers are remembered as long as nobody else wrote and nothing was rolled
 * back; intern_forget() drops what it knows.
 */
#ifndef STORE_INTERN_H
#define STORE_INTERN_H

#include <stdint.h>

#include "base/err.h"
#include "model/names.h"
#include "store/db.h"

struct intern;

struct intern *intern_new(struct db *db);
void intern_free(struct intern *n);
void intern_forget(struct intern *n);

/* A row is made where there is none. The JID is prepared. *id is 0 for a
 * NULL JID. */
int intern_address(struct intern *n, const char *jid, int64_t *id,
    struct err *err);
int intern_account(struct intern *n, const char *jid, int64_t *id,
    struct err *err);
int intern_chat(struct intern *n, int64_t account, const char *peer,
    enum chat_kind kind, int64_t *id, struct err *err);
int intern_caps(struct intern *n, const char *node, const char *ver,
    int64_t *id, struct err *err);

/* The row of an address' bare JID (its own, if it is one). */
int intern_bare(struct intern *n, int64_t address, int64_t *bare,
    struct err *err);

/* The row of a JID, 0 if there is none; for readers. */
int intern_find(struct db *db, const char *jid, int64_t *id, struct err *err);

#endif
