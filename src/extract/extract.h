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
	/* Whether it is known to be a person (a contact), whatever marks of a
	 * room its stanzas carry; NULL: nobody is. */
	bool (*is_person)(const char *bare, void *arg);
	/* Whether an occupant is ourselves: what a room reflects is `out`.
	 * occupant_id is NULL unless trusted. NULL: never. */
	bool (*is_own_occupant)(const char *room, const char *nick,
	    const char *occupant_id, void *arg);
	void *arg;
	const char *archive_by, *archive_id;	/* MAM: who gave which id */
	int64_t archive_us;		/* stamp in <forwarded>, or a room's or
					 * server's own that was verified
					 * (extract_stamp); 0: none */
	int64_t received_us;
	const char *stream_lang;	/* the server's header; NULL within
				 * a forwarded stanza */
};

/*
 * Fills *out from a <message/> or <presence/> (or, kept apart, an <iq/>).
 * Sets account, kind, addresses, chat, direction, identity, content_hash (of
 * messages), raw (node_bytes), time_us and all that the stanza says; leaves
 * stream, forged and forged_why alone, so *out must have been set to { 0 }
 * once. Never fails: what cannot be read stays raw.
 *
 * In an error the payloads are an echo of what was sent: its texts are read,
 * what it would do to other messages is not.
 */
void extract_stanza(struct arena *a, const struct node *stanza,
    const struct extract_context *context, struct record *out);

/* An oversize stanza, of which there is only the start tag and the first
 * bytes: addresses, id, RECORD_OTHER, and those bytes. */
void extract_oversize(struct arena *a, const struct node *start_tag,
    const struct extract_context *context, const struct node_raw *raw,
    size_t full_len, const uint8_t *sha256, struct record *out);

/* The stamp of the only delay (XEP-0203, direct child) that names `by`; 0 if
 * there is none or more than one: a room's in the history it sends, the own
 * server's on an offline message. */
int64_t extract_stamp(struct arena *a, const struct node *stanza,
    const char *by);

/* The canonical form's hash, equal for copies that differ only in what
 * servers add or reorder (src/README, rule 2). */
void extract_content_hash(struct arena *a, const struct node *stanza,
    uint8_t out[16]);

#endif
