/*
 * sm - XEP-0198's arithmetic: what the other side has handled, what may have
 * to be sent again, and what we may say that we have handled.
 *
 * Counters go modulo 2^32 (XEP-0198 4); inside they are 64 bits wide and only
 * cut for the wire, so that a wrap is nothing special.
 *
 * Ownership  sm_sent() copies. Embedded by value: sm_init(), sm_clear().
 * Errors     An ack of what was never sent is refused and changes nothing:
 *            the queue is never dropped because of a bad number.
 */
#ifndef XMPP_SM_H
#define XMPP_SM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"

struct sm {
	uint64_t received;	/* stanzas of theirs, since <enabled/> */
	uint64_t handled;	/* of those, committed: what h may say */
	uint64_t sent;		/* stanzas of ours, since <enable/> */
	uint64_t acked;		/* of those, acknowledged */
	struct list queue;	/* sent and not acknowledged, oldest first */
	size_t queued, queued_bytes;
};

struct sm_stanza {
	struct list link;
	uint64_t number;	/* its place in `sent`, from 1 */
	size_t len;
	char data[];
};

enum sm_ack {
	SM_OK,
	SM_BAD_NUMBER,		/* not a number from 0 to 2^32 - 1 */
	SM_STALE,		/* less than was acknowledged before: ignore */
	SM_TOO_HIGH,		/* more than was sent: close the stream with
				 * undefined-condition and
				 * handled-count-too-high (XEP-0198 4) */
};

void sm_init(struct sm *sm);
void sm_clear(struct sm *sm);
/* Goes on from saved counters (resumption after a restart). */
void sm_restore(struct sm *sm, uint32_t handled, uint32_t sent,
    uint32_t acked);

/* A stanza went out: it is kept until it is acknowledged. */
void sm_sent(struct sm *sm, const char *xml, size_t len);
/* Their h, as text: from <a/>, <resumed/> or <failed/>. *dropped, if not
 * NULL, counts the stanzas that are thereby done. */
enum sm_ack sm_acked(struct sm *sm, const char *h, size_t *dropped);
/* The oldest stanza not acknowledged, and the one after it; NULL at the end.
 * What remains after <resumed/> is sent again, in this order, unnumbered. */
const struct sm_stanza *sm_first(const struct sm *sm);
const struct sm_stanza *sm_after(const struct sm *sm,
    const struct sm_stanza *s);

/* A stanza of theirs came; returns its number. */
uint64_t sm_received(struct sm *sm);
/* All up to this number are safe. False if that says nothing new. */
bool sm_handled(struct sm *sm, uint64_t number);
uint32_t sm_h(const struct sm *sm);

#endif
