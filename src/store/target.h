/*
 * target - whether a message is the one that another refers to, and whether
 * that one's sender may. Only for refs.c.
 */
#ifndef STORE_TARGET_H
#define STORE_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/inside.h"

/* A referring message, from its record or from its rows. */
struct referrer {
	int64_t message, seq;
	enum ref_kind kind;
	const char *id;
	const char *account;	/* JID */
	const char *peer;	/* the chat's JID */
	int64_t chat;		/* row */
	enum chat_kind chat_kind;
	int64_t sender, time_us;
	const char *occupant;	/* its occupant-id; NULL: none */
};

/* What a target is, beyond its id. */
struct target {
	int64_t message, root, sender;
	bool is_it;		/* in the referrer's chat, with its id */
	char occupant[256];
	bool has_occupant;
};

int target_load(struct put *p, const struct referrer *f, int64_t message,
    struct target *t, struct err *err);

/* Corrections and retractions come from the same sender: in direct chats
 * from the same bare JID, in rooms from the same occupant. Moderation comes
 * from the room itself. XEP-0308 4, XEP-0424 5, XEP-0425 5. */
int target_may(struct put *p, const struct referrer *f,
    const struct target *t, bool *ok, struct err *err);

#endif
