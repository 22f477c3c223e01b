/*
 * extract - from a stanza to a record: what it says, typed.
 *
 * A table of extractors, each for one family of payloads. Pure: the same
 * stanza gives the same record, so that everything derived can be rebuilt
 * from raw bytes. Unknown payloads stay in `raw`.
 */
#ifndef EXTRACT_EXTRACT_H
#define EXTRACT_EXTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/jid.h"
#include "model/record.h"
#include "xml/node.h"

/* What must be known beside the stanza. */
struct extract_context {
	const struct jid *own;		/* full JID of the stream; bare account */
	enum route route;		/* LIVE, CARBON, MAM, OFFLINE, SENT, ... */
	bool is_outgoing;		/* a sent carbon, an own send */
	bool trusts_own_ids;		/* account disco has urn:xmpp:sid:0 */
	/* Whether a bare JID is a room (own join, disco); NULL: by the stanza's
	 * own marks. */
	bool (*is_room)(const char *bare, void *arg);
	bool (*room_trusts_ids)(const char *bare, void *arg);
	bool (*room_trusts_occupants)(const char *bare, void *arg);
	void *arg;
	const char *archive_by, *archive_id;	/* MAM: who gave which id */
	int64_t archive_us;		/* stamp in <forwarded>; 0: none */
	int64_t received_us;
	const char *stream_lang;	/* the server's header; NULL within
				 * a forwarded stanza */
};

/*
 * Fills *out from a <message/> or <presence/> (or, kept apart, an <iq/>).
 * Sets account, kind, addresses, chat, direction, identity, content_hash,
 * raw (node_bytes), time_us and all that the stanza says; leaves stream,
 * forged and forged_why alone. Never fails: what cannot be read stays raw.
 */
void extract_stanza(struct arena *a, const struct node *stanza,
    const struct extract_context *context, struct record *out);

/* Protocol 2.4 rule 2: the canonical form's hash, equal for copies that
 * differ only in what servers add or reorder. */
void extract_content_hash(struct arena *a, const struct node *stanza,
    uint8_t out[16]);

#endif
