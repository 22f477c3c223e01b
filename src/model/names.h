/*
 * names - the protocol's enumerations and their words, one table each.
 *
 * The numbers are stored in archives: never renumber, only add.
 */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include <stdbool.h>

/* RFC 6121 5.2.2; an absent or unknown type is normal. */
enum message_type {
	MESSAGE_NORMAL = 0, MESSAGE_CHAT = 1, MESSAGE_GROUPCHAT = 2,
	MESSAGE_HEADLINE = 3, MESSAGE_ERROR = 4,
};

/* RFC 6121 4.7.1. */
enum presence_type {
	PRESENCE_AVAILABLE = 0, PRESENCE_UNAVAILABLE = 1,
	PRESENCE_SUBSCRIBE = 2, PRESENCE_SUBSCRIBED = 3,
	PRESENCE_UNSUBSCRIBE = 4, PRESENCE_UNSUBSCRIBED = 5,
	PRESENCE_ERROR = 6, PRESENCE_PROBE = 7,
};

/* RFC 6121 4.7.2.1. NONE: no <show/>, plainly online. */
enum presence_show {
	SHOW_NONE = 0, SHOW_CHAT = 1, SHOW_AWAY = 2, SHOW_XA = 3, SHOW_DND = 4,
};

/* How a copy of a stanza came to us. */
enum route {
	ROUTE_LIVE = 0, ROUTE_CARBON = 1, ROUTE_MAM = 2, ROUTE_OFFLINE = 3,
	ROUTE_HISTORY = 4, ROUTE_SENT = 5, ROUTE_IMPORT = 6,
};

enum direction { DIRECTION_IN = 0, DIRECTION_OUT = 1 };

enum chat_kind { CHAT_DIRECT = 0, CHAT_ROOM = 1, CHAT_PRIVATE = 2 };

/* What a record does to another message. */
enum ref_kind {
	REF_REPLACE = 0,	/* XEP-0308 */
	REF_RETRACT = 1,	/* XEP-0424 */
	REF_MODERATE = 2,	/* XEP-0425 */
	REF_REACT = 3,		/* XEP-0444 */
	REF_REPLY = 4,		/* XEP-0461 */
	REF_RECEIVED = 5,	/* XEP-0184, and XEP-0333 received */
	REF_DISPLAYED = 6,	/* XEP-0333 */
	REF_ACKNOWLEDGED = 7,	/* XEP-0333 */
	REF_ATTACH = 8,		/* XEP-0367, XEP-0372 */
	REF_TOMBSTONE = 9,	/* XEP-0424 <retracted/>: the message itself */
};

enum chat_state {
	STATE_NONE = 0, STATE_ACTIVE = 1, STATE_COMPOSING = 2,
	STATE_PAUSED = 3, STATE_INACTIVE = 4, STATE_GONE = 5,
};

/* Why a stanza is kept apart instead of archived as what it says. */
enum forged {
	FORGED_NO = 0,
	FORGED_CARBON = 1,	/* wrapper not from our own bare JID, or inner
				 * addresses are not ours (XEP-0280 11) */
	FORGED_ARCHIVE = 2,	/* result nobody asked for (XEP-0313) */
	FORGED_NESTED = 3,	/* a wrapper inside a wrapper */
	FORGED_SENDER = 4,	/* roster push, iq reply, ... from a stranger */
};

/* What an account of the service is doing, in the words of `status`. These
 * numbers are stored nowhere. */
enum account_state {
	ACCOUNT_OFFLINE, ACCOUNT_CONNECTING, ACCOUNT_AUTHENTICATING,
	ACCOUNT_CATCHING_UP, ACCOUNT_ONLINE, ACCOUNT_WAITING, ACCOUNT_PAUSED,
	ACCOUNT_FAILED,
};

/* Table look-ups. *_name() of an unknown number is "?"; *_parse() is false
 * for an unknown word and leaves *value alone. */
const char *message_type_name(enum message_type v);
bool message_type_parse(const char *s, enum message_type *value);
const char *presence_type_name(enum presence_type v);
bool presence_type_parse(const char *s, enum presence_type *value);
const char *presence_show_name(enum presence_show v);	/* NONE: "" */
bool presence_show_parse(const char *s, enum presence_show *value);
const char *route_name(enum route v);
bool route_parse(const char *s, enum route *value);
const char *direction_name(enum direction v);
const char *chat_kind_name(enum chat_kind v);
const char *ref_kind_name(enum ref_kind v);
const char *chat_state_name(enum chat_state v);
bool chat_state_parse(const char *s, enum chat_state *value);
const char *forged_name(enum forged v);
const char *account_state_name(enum account_state v);
bool account_state_parse(const char *s, enum account_state *value);

/* XEP-0086: what a bare error code says in RFC 6120's words, and the error
 * type that goes with it; NULL for an unknown code. */
const char *error_condition_of_code(int code);
const char *error_type_of_code(int code);

#endif
