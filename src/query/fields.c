#include "query/fields.h"

#include <string.h>

#include "base/mem.h"
#include "model/names.h"
#include "query/who.h"

/*
 * In conditions: `%` is the name of the set of addresses or chats that WHO
 * values choose, `$` the value, `#` its second form (compile.c), and `m` the
 * message; `+` keeps SQLite from walking chat by chat, which it would have to
 * sort. What was done to a message is kept with its first version.
 */

/* Whoever sent it wrote to their own chat, or spoke in a room. An own
 * account speaks in every chat of the account. */
#define SENDER_TOKENS \
	"SELECT 'f' || id AS t FROM % UNION ALL SELECT 'c' || c.id FROM chat c " \
	"WHERE c.peer IN % UNION ALL SELECT 'c' || c.id FROM chat c " \
	"WHERE c.kind = 0 AND c.peer IN (SELECT bare FROM address " \
	"WHERE id IN %) UNION ALL SELECT 'c' || c.id FROM chat c " \
	"WHERE c.account IN (SELECT bare FROM address WHERE id IN %)"
#define RECIPIENT_TOKENS \
	"SELECT 'c' || c.id AS t FROM chat c WHERE c.peer IN % " \
	"UNION ALL SELECT 'c' || c.id FROM chat c WHERE c.kind = 0 " \
	"AND c.peer IN (SELECT bare FROM address WHERE id IN %) " \
	"UNION ALL SELECT 'c' || c.id FROM chat c " \
	"WHERE c.account IN (SELECT bare FROM address WHERE id IN %)"
#define CHAT_TOKENS "SELECT 'c' || id AS t FROM %"

/* A text's language is that of the stanza unless it has a row of its own. */
#define STANZA_TEXT \
	"(m.body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM text t " \
	"WHERE t.message = m.id AND t.kind = 0 AND t.seq = 0)) OR " \
	"(m.subject IS NOT NULL AND NOT EXISTS (SELECT 1 FROM text t " \
	"WHERE t.message = m.id AND t.kind = 1 AND t.seq = 0))"

#define OF_FIRST(flag) \
	"(CASE WHEN m.root IS NULL THEN m.flags ELSE (SELECT v.flags " \
	"FROM message v WHERE v.id = m.root) END & " flag ")"

static const struct field_word types[] = {
	{ "chat", MESSAGE_CHAT }, { "normal", MESSAGE_NORMAL },
	{ "groupchat", MESSAGE_GROUPCHAT }, { "headline", MESSAGE_HEADLINE },
	{ "error", MESSAGE_ERROR },
};

static const struct field_word is[] = {
	{ "in", 0, "m.direction = 0" },
	{ "out", 0, "m.direction = 1" },
	{ "edited", 0, "m.flags & 16 OR m.root IS NOT NULL" },
	{ "retracted", 0, OF_FIRST("32") },
	{ "encrypted", 0, "m.flags & 64" },
	{ "delayed", 0, "m.flags & 128" },
	{ "error", 0, "m.type = 4" },
	{ "group", 0, "+m.chat IN (SELECT id FROM chat WHERE kind = 1)" },
	{ "direct", 0, "+m.chat IN (SELECT id FROM chat WHERE kind = 0)" },
	{ "private", 0, "+m.chat IN (SELECT id FROM chat WHERE kind = 2)" },
	{ "read", 0, OF_FIRST("2048") },
	{ "forged", 1, "0" },
};

static const struct field_word has[] = {
	{ "subject", 0, "m.subject IS NOT NULL" },
	{ "thread", 0, "m.thread IS NOT NULL" },
	{ "link", 0, "m.flags & 256" },
	{ "attachment", 0, "m.flags & 256 AND EXISTS (SELECT 1 FROM link l "
	    "WHERE l.message = m.id AND (l.name IS NOT NULL "
	    "OR l.media_type IS NOT NULL OR l.size >= 0 OR l.url = m.body))" },
	/* A reaction holds until the same speaker's next one. */
	{ "reaction", 0, OF_FIRST("512") " AND EXISTS (SELECT 1 "
	    "FROM ref r JOIN message s ON s.id = r.message "
	    "WHERE r.target = coalesce(m.root, m.id) AND r.kind = 3 "
	    "AND r.valid AND r.emojis <> '' AND NOT EXISTS (SELECT 1 "
	    "FROM ref o JOIN message p ON p.id = o.message "
	    "WHERE o.target = r.target AND o.kind = 3 AND o.valid "
	    "AND p.id > s.id AND p.direction = s.direction "
	    "AND (p.type <> 2 OR p.sender = s.sender)))" },
	{ "reply", 0, "m.flags & 1024" },
	{ "translation", 0, "m.flags & 4096 AND EXISTS (SELECT 1 FROM text t "
	    "WHERE t.message = m.id AND t.kind = 0 AND t.seq > 0)" },
};

static const struct field_word sources[] = {
	{ "live", ROUTE_LIVE }, { "carbon", ROUTE_CARBON },
	{ "mam", ROUTE_MAM }, { "offline", ROUTE_OFFLINE },
	{ "history", ROUTE_HISTORY }, { "sent", ROUTE_SENT },
	{ "import", ROUTE_IMPORT },
};

#define WORDS(table) .words = (table), .word_count = COUNT(table)

static const struct field fields[] = {
	{ "from", NULL, VALUE_WHO, "m.sender IN %", WHO_ADDRESS,
	    .tokens = SENDER_TOKENS, .me = "m.direction = 1",
	    .help = "who sent it" },
	{ "to", NULL, VALUE_WHO, "m.recipient IN %", WHO_ADDRESS,
	    .tokens = RECIPIENT_TOKENS,
	    .me = "(m.direction = 0 OR m.recipient IN (SELECT id FROM address "
	    "WHERE bare IN (SELECT id FROM account)))",
	    .any = "m.recipient IS NOT NULL",
	    .help = "whom it was sent to" },
	{ "with", NULL, VALUE_WHO, "+m.chat IN %", WHO_CHAT,
	    .tokens = CHAT_TOKENS,
	    .me = "+m.chat IN (SELECT id FROM chat WHERE peer IN "
	    "(SELECT id FROM account))",
	    .help = "whose conversation it is in: a contact, a room, or an "
	    "occupant of one" },
	{ "account", NULL, VALUE_WHO, "+m.chat IN %", WHO_ACCOUNT,
	    .tokens = CHAT_TOKENS, .me = "1",
	    .help = "the own account it belongs to" },
	{ "room", NULL, VALUE_WHO, "+m.chat IN %", WHO_ROOM,
	    .tokens = CHAT_TOKENS,
	    .any = "+m.chat IN (SELECT id FROM chat WHERE kind <> 0)",
	    .help = "a room, and the private messages in it" },
	{ "nick", NULL, VALUE_WHO, "(m.sender IN % OR "
	    "(m.nick IS NOT NULL AND instr(fold(m.nick), $) > 0))", WHO_NICK,
	    .any = "(m.nick IS NOT NULL OR +m.chat IN "
	    "(SELECT id FROM chat WHERE kind <> 0))",
	    .help = "the nickname of who sent it" },
	{ "resource", NULL, VALUE_WHO, "(m.sender IN % OR m.recipient IN %)",
	    WHO_RESOURCE, .help = "the resource that sent or got it" },
	{ "type", NULL, VALUE_WORD, "m.type = $", WORDS(types),
	    .help = "its type" },
	{ "body", NULL, VALUE_TEXT, .columns = "body",
	    .any = "m.body IS NOT NULL", .help = "text in bodies only" },
	{ "subject", NULL, VALUE_TEXT, .columns = "subject",
	    .any = "m.subject IS NOT NULL",
	    .help = "text in subjects only; subject:* is any subject" },
	{ "lang", NULL, VALUE_LANG,
	    "(((m.lang LIKE $ OR m.lang LIKE #) AND (" STANZA_TEXT ")) OR "
	    "(m.flags & 4096 AND EXISTS (SELECT 1 FROM text t "
	    "WHERE t.message = m.id AND (t.lang LIKE $ OR t.lang LIKE #))))",
	    .any = "((m.lang IS NOT NULL AND (" STANZA_TEXT ")) OR EXISTS "
	    "(SELECT 1 FROM text t WHERE t.message = m.id "
	    "AND t.lang IS NOT NULL))",
	    .help = "the declared language of a text; lang:zh finds zh-Hant" },
	{ "thread", NULL, VALUE_EXACT, "m.thread = $ COLLATE NOCASE",
	    .any = "m.thread IS NOT NULL", .help = "its thread" },
	{ "id", NULL, VALUE_ID, NULL, .help = "its id in this archive" },
	/* Ids that look like a UUID are kept as its bytes. An id that anybody
	 * may have written for a server (XEP-0359 5) is no one's. */
	{ "stanza", NULL, VALUE_EXACT,
	    "(m.sid = $ COLLATE NOCASE OR m.oid = $ COLLATE NOCASE "
	    "OR m.aid = $ COLLATE NOCASE OR m.sid = uuid($) "
	    "OR m.oid = uuid($) OR m.aid = uuid($) "
	    "OR m.id IN (SELECT message FROM archive_id "
	    "WHERE id = $ COLLATE NOCASE AND trusted "
	    "UNION ALL SELECT message FROM copy "
	    "WHERE aid = $ COLLATE NOCASE OR aid = uuid($)))",
	    .help = "the stanza's own id or one that a server gave it" },
	{ "after", "since", VALUE_SINCE, NULL,
	    .help = "from the beginning of that time on" },
	{ "before", NULL, VALUE_BEFORE, NULL,
	    .help = "before that time begins" },
	{ "until", NULL, VALUE_UNTIL, NULL, .help = "to the end of that time" },
	{ "date", NULL, VALUE_SPAN, NULL,
	    .help = "from A to B (A..B, A.., ..B), or within A" },
	{ "received", NULL, VALUE_SPAN,
	    "coalesce(m.time, m.id) + m.received",
	    .help = "as date:, by when it first came to this archive" },
	{ "is", NULL, VALUE_WORD, NULL, WORDS(is), .help = "what it is" },
	{ "has", NULL, VALUE_WORD, NULL, WORDS(has), .help = "what it has" },
	{ "source", NULL, VALUE_WORD, "m.route = $", WORDS(sources),
	    .help = "how its first copy came" },
};

static const struct field plain = {
	.name = "", .value = VALUE_TEXT, .columns = "{body subject}",
};

const struct field *
fields_all(size_t *count)
{
	*count = COUNT(fields);
	return fields;
}

const struct field *
fields_plain(void)
{
	return &plain;
}

static bool
is_called(const char *name, const char *s, size_t len)
{
	return name != NULL && strlen(name) == len && memcmp(name, s, len) == 0;
}

const struct field *
fields_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < COUNT(fields); i++)
		if (is_called(fields[i].name, name, len) ||
		    is_called(fields[i].alias, name, len))
			return &fields[i];
	return NULL;
}
