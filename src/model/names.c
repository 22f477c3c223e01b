#include "model/names.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"

/* One table per enumeration: the index is the number. */
static const char *const message_types[] = {
	[MESSAGE_NORMAL] = "normal", [MESSAGE_CHAT] = "chat",
	[MESSAGE_GROUPCHAT] = "groupchat", [MESSAGE_HEADLINE] = "headline",
	[MESSAGE_ERROR] = "error",
};
static const char *const presence_types[] = {
	[PRESENCE_AVAILABLE] = "available",
	[PRESENCE_UNAVAILABLE] = "unavailable",
	[PRESENCE_SUBSCRIBE] = "subscribe",
	[PRESENCE_SUBSCRIBED] = "subscribed",
	[PRESENCE_UNSUBSCRIBE] = "unsubscribe",
	[PRESENCE_UNSUBSCRIBED] = "unsubscribed",
	[PRESENCE_ERROR] = "error", [PRESENCE_PROBE] = "probe",
};
static const char *const presence_shows[] = {
	[SHOW_NONE] = "", [SHOW_CHAT] = "chat", [SHOW_AWAY] = "away",
	[SHOW_XA] = "xa", [SHOW_DND] = "dnd",
};
static const char *const routes[] = {
	[ROUTE_LIVE] = "live", [ROUTE_CARBON] = "carbon", [ROUTE_MAM] = "mam",
	[ROUTE_OFFLINE] = "offline", [ROUTE_HISTORY] = "history",
	[ROUTE_SENT] = "sent", [ROUTE_IMPORT] = "import",
};
static const char *const directions[] = {
	[DIRECTION_IN] = "in", [DIRECTION_OUT] = "out",
};
static const char *const chat_kinds[] = {
	[CHAT_DIRECT] = "direct", [CHAT_ROOM] = "room",
	[CHAT_PRIVATE] = "private",
};
static const char *const ref_kinds[] = {
	[REF_REPLACE] = "replace", [REF_RETRACT] = "retract",
	[REF_MODERATE] = "moderate", [REF_REACT] = "react",
	[REF_REPLY] = "reply", [REF_RECEIVED] = "received",
	[REF_DISPLAYED] = "displayed", [REF_ACKNOWLEDGED] = "acknowledged",
	[REF_ATTACH] = "attach", [REF_TOMBSTONE] = "tombstone",
};
static const char *const chat_states[] = {
	[STATE_NONE] = "", [STATE_ACTIVE] = "active",
	[STATE_COMPOSING] = "composing", [STATE_PAUSED] = "paused",
	[STATE_INACTIVE] = "inactive", [STATE_GONE] = "gone",
};
static const char *const forgeries[] = {
	[FORGED_NO] = "no", [FORGED_CARBON] = "carbon",
	[FORGED_ARCHIVE] = "archive", [FORGED_NESTED] = "nested",
	[FORGED_SENDER] = "sender",
};

static const char *const account_states[] = {
	[ACCOUNT_OFFLINE] = "offline",
	[ACCOUNT_CONNECTING] = "connecting",
	[ACCOUNT_AUTHENTICATING] = "authenticating",
	[ACCOUNT_CATCHING_UP] = "catching-up",
	[ACCOUNT_ONLINE] = "online",
	[ACCOUNT_WAITING] = "waiting",
	[ACCOUNT_PAUSED] = "paused",
	[ACCOUNT_FAILED] = "failed",
};

static const char *
name_of(const char *const *names, size_t count, int value)
{
	return value >= 0 && (size_t)value < count ? names[value] : "?";
}

/* The number of a word, -1 if there is none. "" is never a word. */
static int
number_of(const char *const *names, size_t count, const char *s)
{
	size_t i;

	if (s == NULL || *s == '\0')
		return -1;
	for (i = 0; i < count; i++)
		if (strcmp(names[i], s) == 0)
			return (int)i;
	return -1;
}

#define NAME(function, type, names) \
	const char * \
	function(type value) \
	{ \
		return name_of(names, COUNT(names), (int)value); \
	}

#define PARSE(function, type, names) \
	bool \
	function(const char *s, type *value) \
	{ \
		int n = number_of(names, COUNT(names), s); \
 \
		if (n >= 0) \
			*value = (type)n; \
		return n >= 0; \
	}

NAME(message_type_name, enum message_type, message_types)
PARSE(message_type_parse, enum message_type, message_types)
NAME(presence_type_name, enum presence_type, presence_types)
PARSE(presence_type_parse, enum presence_type, presence_types)
NAME(presence_show_name, enum presence_show, presence_shows)
PARSE(presence_show_parse, enum presence_show, presence_shows)
NAME(route_name, enum route, routes)
PARSE(route_parse, enum route, routes)
NAME(direction_name, enum direction, directions)
NAME(chat_kind_name, enum chat_kind, chat_kinds)
NAME(ref_kind_name, enum ref_kind, ref_kinds)
NAME(chat_state_name, enum chat_state, chat_states)
PARSE(chat_state_parse, enum chat_state, chat_states)
NAME(forged_name, enum forged, forgeries)
NAME(account_state_name, enum account_state, account_states)
PARSE(account_state_parse, enum account_state, account_states)

/* XEP-0086 3. 302 is also <gone/>, 404 and 500 have more specific kin: a
 * code alone cannot say so. */
static const struct error_code {
	int code;
	const char *condition, *type;
} error_codes[] = {
	{ 302, "redirect", "modify" },
	{ 400, "bad-request", "modify" },
	{ 401, "not-authorized", "auth" },
	{ 402, "payment-required", "auth" },
	{ 403, "forbidden", "auth" },
	{ 404, "item-not-found", "cancel" },
	{ 405, "not-allowed", "cancel" },
	{ 406, "not-acceptable", "modify" },
	{ 407, "registration-required", "auth" },
	{ 408, "remote-server-timeout", "wait" },
	{ 409, "conflict", "cancel" },
	{ 500, "internal-server-error", "wait" },
	{ 501, "feature-not-implemented", "cancel" },
	{ 502, "service-unavailable", "wait" },
	{ 503, "service-unavailable", "cancel" },
	{ 504, "remote-server-timeout", "wait" },
	{ 510, "service-unavailable", "cancel" },
};

static const struct error_code *
error_code(int code)
{
	size_t i;

	for (i = 0; i < COUNT(error_codes); i++)
		if (error_codes[i].code == code)
			return &error_codes[i];
	return NULL;
}

const char *
error_condition_of_code(int code)
{
	const struct error_code *row = error_code(code);

	return row == NULL ? NULL : row->condition;
}

const char *
error_type_of_code(int code)
{
	const struct error_code *row = error_code(code);

	return row == NULL ? NULL : row->type;
}
