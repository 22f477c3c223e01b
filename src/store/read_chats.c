/* Conversations, from the tally: no message is counted. */
#include <string.h>

#include "base/buf.h"
#include "store/read_entry.h"

/* The first message of a conversation that is shown, or the last. Most are,
 * so this reads an entry or two of the index. */
#define END_OF(order) \
	"(SELECT coalesce(m.time, m.id) FROM message m WHERE m.chat = c.id " \
	"AND m.flags & 131072 AND m.root IS NULL ORDER BY m.id " order " LIMIT 1)"

int
read_chats(struct store *s, struct arena *a,
    const struct read_accounts *accounts, struct entry_chat **out,
    size_t *count, struct err *err)
{
	struct db *db = store_db(s);
	struct entry_chat *chats = NULL;
	size_t room = 0, n = 0, i;
	struct buf sql = { 0 };
	struct db_stmt *st;
	int got = -1;

	buf_str(&sql, "SELECT own.jid, peer.jid, n.name, c.kind, t.shown, "
	    END_OF("ASC") " AS first, " END_OF("DESC") " AS last "
	    "FROM (SELECT chat, sum(shown) AS shown FROM tally GROUP BY chat) "
	    "t JOIN chat c ON c.id = t.chat "
	    "JOIN address own ON own.id = c.account "
	    "JOIN address peer ON peer.id = c.peer "
	    "LEFT JOIN roster n ON n.account = c.account "
	    "AND n.contact = c.peer WHERE t.shown > 0");
	for (i = 0; i < accounts->count; i++)
		buf_printf(&sql, "%s?%zu", i ? ", " : " AND own.jid IN (",
		    i + 1);
	if (i > 0)
		buf_char(&sql, ')');
	buf_str(&sql, " ORDER BY last DESC, peer.jid, own.jid");
	st = db_prepare(db, sql.data, err);
	buf_clear(&sql);
	if (st == NULL)
		return -1;
	for (i = 0; i < accounts->count; i++)
		db_text(st, (int)i + 1, accounts->jids[i]);
	while ((got = db_step(st, err)) > 0) {
		struct entry_chat *c;

		if (n == room) {
			room = room ? 2 * room : 16;
			c = arena_array(a, room, sizeof *c);
			if (n > 0)
				memcpy(c, chats, n * sizeof *c);
			chats = c;
		}
		c = &chats[n++];
		c->account = read_str(st, 0, a);
		c->chat = read_str(st, 1, a);
		c->name = read_str(st, 2, a);
		c->kind = (enum chat_kind)db_get_int(st, 3);
		c->messages = db_get_int(st, 4);
		c->first_us = db_get_int(st, 5);
		c->last_us = db_get_int(st, 6);
	}
	db_free(st);
	*out = chats;
	*count = n;
	return got;
}

int
read_account_count(struct store *s, const struct read_accounts *accounts,
    const char *chat, bool is_each, int64_t *count, struct err *err)
{
	struct buf sql = { 0 };
	struct db_stmt *st;
	size_t i;
	int got;

	/* EXISTS stops at the first month; a sum would read the whole tally. */
	buf_printf(&sql, "SELECT count(DISTINCT c.account) FROM chat c "
	    "JOIN address own ON own.id = c.account "
	    "JOIN address peer ON peer.id = c.peer "
	    "WHERE EXISTS (SELECT 1 FROM tally t WHERE t.chat = c.id "
	    "AND t.%s > 0) AND (?1 IS NULL OR peer.jid = ?1)",
	    is_each ? "total" : "shown");
	for (i = 0; i < accounts->count; i++)
		buf_printf(&sql, "%s?%zu", i ? ", " : " AND own.jid IN (",
		    i + 2);
	if (i > 0)
		buf_char(&sql, ')');
	st = db_prepare(store_db(s), sql.data, err);
	buf_clear(&sql);
	if (st == NULL)
		return -1;
	db_text(st, 1, chat);
	for (i = 0; i < accounts->count; i++)
		db_text(st, (int)i + 2, accounts->jids[i]);
	got = db_step(st, err);
	if (got > 0)
		*count = db_get_int(st, 0);
	db_free(st);
	return got < 0 ? -1 : 0;
}
