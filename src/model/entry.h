/*
 * entry - what the archive holds, as people and programs are shown it.
 *
 * store/read.h fills these, format/ writes them. Plain data like record.h:
 * owns nothing, lives in the arena it was read into; 0, NULL or a zero count
 * is absent. The names are those of the JSON contract.
 */
#ifndef MODEL_ENTRY_H
#define MODEL_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/names.h"
#include "model/record.h"

enum { ENTRY_ID = 17 };		/* an id as text: 16 hex digits and NUL */

/* Ids are 16 lower-case hex digits on the outside. */
char *entry_id_format(char out[ENTRY_ID], int64_t id);
bool entry_id_parse(const char *s, int64_t *id);

/* One version of a message: the first, or a valid correction of it. */
struct entry_version {
	int64_t id, time_us;
	const struct text *bodies, *subjects;
	size_t body_count, subject_count;
};

struct entry_reaction {
	const char *from;
	const char *const *emojis;
	size_t emoji_count;
	int64_t time_us;
};

struct entry_receipt {
	const char *from;
	enum ref_kind kind;	/* RECEIVED, DISPLAYED, ACKNOWLEDGED */
	int64_t time_us;
};

/* Where one copy came from (`show`). */
struct entry_copy {
	enum route route;
	int64_t received_us, stamp_us;
	const char *archive_by, *archive_id;
	const char *how;	/* what made it a copy: "first", "archive id",
				 * "stanza id", ... */
	uint64_t stream;
	const char *raw;	/* only where its content differs */
	size_t raw_len;
};

/* What this message does to another. */
struct entry_ref {
	enum ref_kind kind;
	bool is_valid;
	const char *id;		/* as the payload gives it */
	int64_t target;		/* archive id, once known; else 0 */
	const char *to, *by, *reason;
	const char *const *emojis;
	size_t emoji_count;
	int64_t stamp_us;
};

struct entry_message {
	int64_t id;
	const char *account, *chat;
	const char *chat_name;	/* roster name of the chat, or NULL */
	const char *from_name;	/* roster name of the sender, or NULL */
	enum chat_kind chat_kind;
	enum message_type type;
	enum direction direction;
	const char *from, *to, *nick, *occupant_id;
	int64_t time_us, received_us;
	enum route source;
	unsigned sources;	/* 1 << enum route, one bit each */
	const char *stanza_id, *origin_id;
	const struct archive_id *archive_ids;
	size_t archive_id_count;
	const char *lang;
	const struct text *bodies, *subjects;	/* of the first version */
	size_t body_count, subject_count;
	const char *thread, *parent_thread;
	const struct delay *delays;
	size_t delay_count;
	const struct fallback *fallbacks;
	size_t fallback_count;
	const struct link *links;
	size_t link_count;
	const char *encryption_ns, *encryption_name;
	struct stanza_error error;
	bool has_error;
	enum chat_state chat_state;
	const struct invite *invite;
	const char *event;
	const struct entry_ref *refs;
	size_t ref_count;

	/* What others did to it. `versions` only in the shown view. */
	const struct entry_version *versions;	/* later ones, oldest first */
	size_t version_count;
	int64_t replaced_by, replaced_us;	/* the last valid correction */
	bool is_retracted;
	int64_t retracted_us;
	const char *retracted_by, *retracted_reason;
	const struct entry_reaction *reactions;	/* in force now */
	size_t reaction_count;
	const struct entry_receipt *receipts;
	size_t receipt_count;

	const char *raw;	/* only if asked for and kept */
	size_t raw_len;
	const struct entry_copy *copies;	/* only if asked for */
	size_t copy_count;
	const char *forged;	/* why, for quarantined stanzas; else NULL */
	bool is_context;	/* not a match: around one (-A -B -C) */
};

struct entry_presence {
	int64_t id;
	const char *account;
	int64_t time_us, received_us;
	const char *from, *to;
	const char *from_name;
	enum presence_type type;
	enum presence_show show;
	const struct text *statuses;
	size_t status_count;
	int priority;
	const struct room_item *room;	/* NULL: not a room's */
	const char *event;
	struct delay delay;		/* stamp_us 0: none */
	int64_t idle_us;
	struct stanza_error error;
	bool has_error;
};

struct entry_chat {
	const char *account, *chat, *name;
	enum chat_kind kind;
	int64_t messages, first_us, last_us;
};

struct entry_account {		/* what the archive holds for an account */
	const char *account;
	int64_t messages, presences;
};

#endif
