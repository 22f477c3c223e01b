/*
 * record - what happened, between whom, when, and in which archive.
 *
 * This is the waist of the program: the protocol half makes records, the
 * archive half keeps them, and neither knows the other. A record is plain
 * data: strings in UTF-8, moments in microseconds since 1970 (0: unknown),
 * NULL or a zero count for what is absent. It owns nothing; everything it
 * points to lives in the arena of its stanza, or longer.
 *
 * One record is one COPY of a stanza, as one route brought it. Whether two
 * copies are one message is for the store to say (store/put.h).
 */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/names.h"

/* A text with the language in force (RFC 4647 tag), NULL if none. */
struct text {
	const char *lang;
	const char *text;	/* "" for an empty element */
	size_t len;		/* text may not contain NUL; len is its bytes */
	bool lang_is_own;	/* xml:lang stands on the element itself */
};

/* XEP-0359 / XEP-0313: an id and the archive that gave it. */
struct archive_id {
	const char *by;		/* bare JID */
	const char *id;
	bool is_trusted;	/* rule 1 of src/README */
};

/* XEP-0203 and XEP-0091. */
struct delay {
	int64_t stamp_us;
	const char *from;
	const char *reason;
};

/* What this record does to another message. */
struct ref {
	enum ref_kind kind;
	const char *id;		/* the other's id, as the payload gives it */
	const char *to;		/* XEP-0461: whose message; else NULL */
	const char *by;		/* who moderated (XEP-0425), or NULL */
	const char *reason;
	const char *const *emojis;	/* XEP-0444: the whole set; may be
					 * none. No line feed is in them. */
	size_t emoji_count;
	int64_t stamp_us;	/* TOMBSTONE: when it was retracted */
};

/* XEP-0428: a part of a body that stands for something else. Offsets count
 * code points; end < 0: to the end of the body. */
struct fallback {
	const char *for_ns;
	bool is_subject;
	long start, end;
};

struct link {
	const char *url;
	const char *desc;
	const char *media_type;
	const char *name;
	int64_t size;		/* bytes; -1 unknown */
};

struct stanza_error {
	const char *type;	/* auth cancel continue modify wait; or NULL */
	const char *condition;	/* RFC 6120 8.3.3; from the code if need be */
	const char *text, *text_lang;
	const char *by;
	int code;		/* XEP-0086; 0 if none */
};

/* MUC occupant state in presence (XEP-0045). */
struct room_item {
	const char *nick, *new_nick, *jid, *affiliation, *role;
	const char *actor, *reason;
	const int *codes;
	size_t code_count;
};

struct invite {
	const char *room, *from, *reason, *password, *thread;
	bool is_direct;		/* XEP-0249 */
	bool is_decline;
};

enum record_kind {
	RECORD_MESSAGE,
	RECORD_PRESENCE,
	RECORD_OTHER,		/* a forged iq, an oversize stanza of any kind */
};

struct record {
	/* Where and how it came. Set by whoever hands it to the store. */
	const char *account;	/* bare JID, prepared */
	enum record_kind kind;
	enum route route;
	enum forged forged;
	const char *forged_why;	/* a sentence; NULL unless forged */
	int64_t received_us;	/* arrival, local clock */
	int64_t time_us;	/* when it was sent if that can be trusted,
				 * else received_us */
	int64_t archive_us;	/* the stamp beside it in an archive result,
				 * carbon or history; 0 if none */
	uint64_t stream;	/* session row (store/gaps.h); 0 if none */
	uint64_t query;		/* which archive query brought it: a number
				 * that no other query of this stream has; 0 if
				 * none did (XEP-0313) */

	/* Addresses. `from` and `to` as prepared; own full JID for an absent
	 * `from`. */
	const char *from, *to;
	const char *from_raw, *to_raw;	/* only where preparing changed them */
	const char *chat;	/* whom it was with: peer, room, or room/nick */
	enum chat_kind chat_kind;
	enum direction direction;

	/* Identity. */
	const char *stanza_id;	/* the id attribute */
	const char *origin_id;	/* XEP-0359 */
	const struct archive_id *archive_ids;
	size_t archive_id_count;
	uint8_t content_hash[16];	/* canonical: src/README, rule 2 */

	/* The stanza itself, standing alone (node_bytes()). */
	const char *raw;
	size_t raw_len;
	bool drops_raw;		/* the account keeps no raw stanzas. It is
				 * handed on all the same: the archive drops
				 * it where all that counts is kept without */
	size_t oversize_len;	/* > 0: raw is only its beginning */
	const uint8_t *oversize_sha256;

	/* What it says. */
	const char *lang;	/* of the stanza, inherited from the stream */
	const struct delay *delays;
	size_t delay_count;
	struct stanza_error error;	/* condition NULL: none */
	bool has_error;

	/* RECORD_MESSAGE */
	enum message_type type;
	const struct text *bodies, *subjects;
	size_t body_count, subject_count;
	const char *thread, *parent_thread;
	const struct ref *refs;
	size_t ref_count;
	const struct fallback *fallbacks;
	size_t fallback_count;
	const struct link *links;
	size_t link_count;
	const char *encryption_ns, *encryption_name;
	enum chat_state chat_state;
	bool wants_receipt, wants_marker;
	bool no_store, no_copy;
	const struct invite *invite;	/* NULL: none */
	const char *event;	/* "subject", "config", a pubsub node, ... */
	const char *nick;	/* in rooms: the resource; XEP-0172 elsewhere */
	const char *occupant_id;	/* XEP-0421 */

	/* RECORD_PRESENCE */
	enum presence_type presence;
	enum presence_show show;
	const struct text *statuses;
	size_t status_count;
	int priority;
	const struct room_item *room;	/* NULL: not a room's */
	const char *caps_node, *caps_ver;
	const char *photo;	/* XEP-0153: NULL absent, "" empty */
	int64_t idle_us;	/* XEP-0319; 0 if none */
};

#endif
