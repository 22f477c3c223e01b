/*
 * who - people and rooms in a query: a value into a set of addresses or of
 * conversations.
 *
 * A value with `@` is an address: `a@b` with any resource, `a@b/r` exactly,
 * `@b` everybody of a domain. Anything else is a folded part of an address, a
 * nickname or a name in the roster.
 */
#ifndef QUERY_WHO_H
#define QUERY_WHO_H

#include "base/arena.h"
#include "base/buf.h"
#include "query/sql.h"

enum who_set {
	WHO_ADDRESS,		/* addresses */
	WHO_CHAT,		/* conversations, by their peer */
	WHO_ACCOUNT,		/* conversations, by whose they are */
	WHO_ROOM,		/* conversations of a room and in a room */
	WHO_NICK,		/* addresses of occupants, by nickname */
	WHO_RESOURCE,		/* addresses, by resource */
};

/* Appends a SELECT of the set's ids (`address.id` or `chat.id`). is_part:
 * the value is a part of a name even if it looks like an address (`a@b*`). */
void who_select(struct sql *s, struct buf *out, enum who_set set,
    const char *value, bool is_part);

/* Why the value cannot be meant; NULL if it can. */
const char *who_is_wrong(enum who_set set, const char *value);

#endif
