/*
 * presence - changes of presence. Only for store/.
 *
 * A presence is written when type, show, statuses, priority or room state of
 * its full JID differ from the last known one in the same stream; the first
 * one of a stream always is. A request for subscription is written once,
 * however often servers repeat it.
 *
 * What is known is kept in a bounded table; what is not there any more is
 * read from the archive, so a restart forgets nothing.
 */
#ifndef STORE_PRESENCE_H
#define STORE_PRESENCE_H

#include "base/err.h"
#include "store/inside.h"

struct presence;

struct presence *presence_new(void);
void presence_free(struct presence *p);
void presence_forget(struct presence *p);

/* *written is whether it was a change. */
int presence_put(struct put *p, const struct incoming *in, bool *written,
    struct err *err);

#endif
