/*
 * archive - an archive under test: opened, asked, and looked through.
 */
#ifndef TESTS_STORE_ARCHIVE_H
#define TESTS_STORE_ARCHIVE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/batch.h"
#include "store/chain.h"
#include "store/db.h"
#include "tests/store/help.h"
#include "tests/store/make.h"
#include "tests/tap.h"

__attribute__((unused)) static int64_t
number(struct store *s, const char *sql)
{
	int64_t out = -1;
	struct err err = { 0 };

	if (db_number(store_db(s), sql, -1, &out, &err) != 0)
		printf("# %s\n", err.text);
	return out;
}

__attribute__((unused)) static struct store *
open_new(const char *name)
{
	struct err err = { 0 };
	struct store *s = store_open(help_path(name), STORE_WRITE, 0, &err);

	if (s == NULL) {
		printf("Bail out! %s\n", err.text);
		exit(99);
	}
	return s;
}

/* Everything that can be wrong within an archive. */
__attribute__((unused)) static void
check(struct store *s, const char *name)
{
	struct db_stmt *st = db_prepare(store_db(s), "PRAGMA integrity_check",
	    NULL);
	struct err err = { 0 };
	int64_t seals = 0, broken = 0;
	int checked;

	ok(st != NULL && db_step(st, &err) > 0 &&
	    str_is(db_get_text(st, 0), "ok"), "%s: the database is whole",
	    name);
	db_free(st);
	ok(db_run(store_db(s), "INSERT INTO ft (ft, rank) VALUES "
	    "('integrity-check', 1)", &err) == 0,
	    "%s: the index holds what the messages say %s", name, err.text);
	checked = chain_check(store_db(s), &seals, &broken, &err);
	ok(checked == 0 && broken == 0 && seals > 0, "%s: the chain holds (%lld seals) %s",
	    name, (long long)seals, err.text);
	is_int(number(s, "SELECT count(*) FROM tally t WHERE total <> "
	    "(SELECT count(*) FROM message m WHERE m.chat = t.chat AND "
	    "strftime('%Y', coalesce(m.time, m.id) / 1000000, 'unixepoch') * 12 "
	    "+ strftime('%m', coalesce(m.time, m.id) / 1000000, 'unixepoch') "
	    "- 1970 * 12 - 1 = t.month)"), 0, "the tally counts what is there");
}

/* A message that its number tells from others. */
__attribute__((unused)) static void
add_numbered(struct batch *b, struct arena *a, int n)
{
	struct record r = make_message(a, NOON + n * TIME_SECOND,
	    arena_printf(a, "message number %d 系统", n));

	r.stanza_id = arena_printf(a, "n%d", n);
	(void)batch_add(b, &r);
}

#endif
