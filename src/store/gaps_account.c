/* What an account remembers over restarts, and how much it has. */
#include "store/gaps.h"

#include <string.h>

#include "store/db.h"
#include "store/inside.h"
#include "store/queue.h"

int
gaps_account_get(struct store *s, struct arena *a, const char *account,
    struct gaps_account *out, struct err *err)
{
	struct db_stmt *st = db_stmt(store_db(s), "SELECT t.resource, "
	    "t.scram_seen, t.plus_seen, t.login_seen, t.roster_version "
	    "FROM account t JOIN address a ON a.id = t.id WHERE a.jid = ?1",
	    err);
	int got;

	memset(out, 0, sizeof *out);
	if (st == NULL)
		return -1;
	db_text(st, 1, account);
	if ((got = db_step(st, err)) <= 0)
		return got;
	out->resource = arena_str(a, db_get_text(st, 0));
	out->has_scram = db_get_int(st, 1) != 0;
	out->has_plus = db_get_int(st, 2) != 0;
	out->login_us = db_get_int(st, 3);
	out->roster_version = arena_str(a, db_get_text(st, 4));
	db_reset(st);
	return 0;
}

struct account_arg {
	const char *account;
	struct gaps_account what;
};

static int
put_account(struct put *p, const void *v, struct err *err)
{
	const struct account_arg *arg = v;
	const struct gaps_account *what = &arg->what;
	struct db_stmt *st;
	int64_t account;

	if (intern_account(p->intern, arg->account, &account, err) != 0)
		return -1;
	st = db_stmt(p->db, "UPDATE account SET "
	    "resource = coalesce(?2, resource), "
	    "scram_seen = coalesce(?3, scram_seen), "
	    "plus_seen = coalesce(?4, plus_seen), "
	    "login_seen = coalesce(?5, login_seen), "
	    "roster_version = coalesce(?6, roster_version) WHERE id = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, account);
	db_text(st, 2, what->resource);
	if (what->has_scram)
		db_int(st, 3, 1);
	if (what->has_plus)
		db_int(st, 4, 1);
	if (what->login_us != 0)
		db_int(st, 5, what->login_us);
	db_text(st, 6, what->roster_version);
	return db_do(st, err);
}

void
gaps_account_put(struct batch *b, const char *account,
    const struct gaps_account *what)
{
	struct arena *a = queue_arena(b);
	struct account_arg *arg = arena_alloc(a, sizeof *arg);

	arg->account = arena_str(a, account);
	arg->what = *what;
	arg->what.resource = arena_str(a, what->resource);
	arg->what.roster_version = arena_str(a, what->roster_version);
	queue_add(b, put_account, arg);
}

int
gaps_counts(struct store *s, const char *account, int64_t *messages,
    int64_t *presences, struct err *err)
{
	struct db_stmt *st = db_stmt(store_db(s), "SELECT "
	    "(SELECT sum(t.total) FROM chat c JOIN tally t ON t.chat = c.id "
	    "WHERE c.account = t0.id), t0.presences FROM account t0 "
	    "JOIN address a ON a.id = t0.id WHERE a.jid = ?1", err);
	int got;

	*messages = *presences = 0;
	if (st == NULL)
		return -1;
	db_text(st, 1, account);
	if ((got = db_step(st, err)) <= 0)
		return got;
	*messages = db_get_int(st, 0);
	*presences = db_get_int(st, 1);
	db_reset(st);
	return 0;
}
