/* Contacts, as the server last told them (RFC 6121 2). */
#include "store/gaps.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/unicode.h"
#include "store/db.h"
#include "store/inside.h"
#include "store/queue.h"

struct roster_arg {
	const char *account, *version;
	bool is_whole;
	struct gaps_contact *contacts;
	size_t count;
};

static int
put_contact(struct put *p, int64_t account, const struct gaps_contact *c,
    struct err *err)
{
	struct buf fold = { 0 };
	struct db_stmt *st;
	int64_t contact;
	int result;

	if (intern_address(p->intern, c->jid, &contact, err) != 0)
		return -1;
	if (str_is(c->subscription, "remove")) {
		st = db_stmt(p->db, "DELETE FROM roster "
		    "WHERE account = ?1 AND contact = ?2", err);
		if (st == NULL)
			return -1;
		db_int(st, 1, account);
		db_int(st, 2, contact);
		return db_do(st, err);
	}
	st = db_stmt(p->db, "INSERT OR REPLACE INTO roster (account, contact, "
	    "name, name_fold, subscription, ask, groups) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, account);
	db_int(st, 2, contact);
	db_text(st, 3, c->name);
	if (c->name != NULL) {
		unicode_fold(&fold, c->name, strlen(c->name));
		db_textn(st, 4, fold.data != NULL ? fold.data : "", fold.len);
	}
	db_text(st, 5, c->subscription != NULL ? c->subscription : "none");
	db_text(st, 6, c->ask);
	db_text(st, 7, c->groups);
	result = db_do(st, err);
	buf_clear(&fold);
	return result;
}

static int
put_roster(struct put *p, const void *v, struct err *err)
{
	const struct roster_arg *arg = v;
	struct db_stmt *st;
	int64_t account;
	size_t i;

	if (intern_account(p->intern, arg->account, &account, err) != 0)
		return -1;
	if (arg->is_whole) {
		st = db_stmt(p->db, "DELETE FROM roster WHERE account = ?1",
		    err);
		if (st == NULL)
			return -1;
		db_int(st, 1, account);
		if (db_do(st, err) != 0)
			return -1;
	}
	for (i = 0; i < arg->count; i++)
		if (put_contact(p, account, &arg->contacts[i], err) != 0)
			return -1;
	st = db_stmt(p->db, "UPDATE account SET "
	    "roster_version = coalesce(?2, roster_version) WHERE id = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, account);
	db_text(st, 2, arg->version);
	return db_do(st, err);
}

void
gaps_roster_put(struct batch *b, const char *account, bool is_whole,
    const struct gaps_contact *contacts, size_t count, const char *version)
{
	struct arena *a = queue_arena(b);
	struct roster_arg *arg = arena_alloc(a, sizeof *arg);
	size_t i;

	arg->account = arena_str(a, account);
	arg->version = arena_str(a, version);
	arg->is_whole = is_whole;
	arg->contacts = arena_array(a, count, sizeof *contacts);
	arg->count = count;
	for (i = 0; i < count; i++) {
		arg->contacts[i].jid = arena_str(a, contacts[i].jid);
		arg->contacts[i].name = arena_str(a, contacts[i].name);
		arg->contacts[i].subscription = arena_str(a,
		    contacts[i].subscription);
		arg->contacts[i].ask = arena_str(a, contacts[i].ask);
		arg->contacts[i].groups = arena_str(a, contacts[i].groups);
	}
	queue_add(b, put_roster, arg);
}

int
gaps_roster_get(struct store *s, struct arena *a, const char *account,
    struct gaps_contact **contacts, size_t *count, struct err *err)
{
	struct db_stmt *st = db_stmt(store_db(s), "SELECT b.jid, r.name, "
	    "r.subscription, r.ask, r.groups, count(*) OVER () FROM roster r "
	    "JOIN address a ON a.id = r.account "
	    "JOIN address b ON b.id = r.contact WHERE a.jid = ?1 "
	    "ORDER BY b.jid", err);
	struct gaps_contact *c;
	int got;

	*contacts = NULL;
	*count = 0;
	if (st == NULL)
		return -1;
	db_text(st, 1, account);
	while ((got = db_step(st, err)) > 0) {
		if (*contacts == NULL)
			*contacts = arena_array(a, (size_t)db_get_int(st, 5),
			    sizeof **contacts);
		c = &(*contacts)[(*count)++];
		c->jid = arena_str(a, db_get_text(st, 0));
		c->name = arena_str(a, db_get_text(st, 1));
		c->subscription = arena_str(a, db_get_text(st, 2));
		c->ask = arena_str(a, db_get_text(st, 3));
		c->groups = arena_str(a, db_get_text(st, 4));
	}
	return got;
}
