#include "store/migrate.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/random.h"

/* Never edited once released: only added to. */
static const char *const migrations[] = {
	sql_0001_archive,
};

int
migrate_version(void)
{
	return (int)COUNT(migrations);
}

static int
versions(struct db *db, int64_t *application, int64_t *version, int64_t *tables,
    struct err *err)
{
	if (db_number(db, "PRAGMA application_id", 0, application, err) != 0 ||
	    db_number(db, "PRAGMA user_version", 0, version, err) != 0 ||
	    db_number(db, "SELECT count(*) FROM sqlite_schema", 0, tables,
	    err) != 0)
		return -1;
	return 0;
}

int
migrate_check(struct db *db, bool is_writing, struct err *err)
{
	int64_t application, version, tables;

	if (versions(db, &application, &version, &tables, err) != 0)
		return -1;
	if (application == 0 && version == 0 && tables == 0)
		return is_writing ? 0 : err_set(err, ERR_ABSENT, "%s: nothing "
		    "is archived in it yet", db_name(db));
	if (application != MIGRATE_APPLICATION)
		return err_set(err, ERR_ARCHIVE, "%s: not a Backscroll archive",
		    db_name(db));
	if (version > migrate_version())
		return err_set(err, ERR_ARCHIVE, "%s: made by a newer "
		    "Backscroll: archive version %" PRId64 ", this program "
		    "knows up to %d", db_name(db), version, migrate_version());
	if (version < migrate_version() && !is_writing)
		return err_set(err, ERR_ARCHIVE, "%s: archive version %" PRId64
		    " is older than this program's %d: `backscroll run` or "
		    "`sync` brings it up to date", db_name(db), version,
		    migrate_version());
	return 0;
}

/* The secret of the identity hash, and when the archive was made. */
static int
first_rows(struct db *db, struct err *err)
{
	unsigned char key[DIGEST_KEY];
	struct db_stmt *st;

	random_bytes(key, sizeof key);
	st = db_stmt(db, "INSERT INTO meta (name, value) VALUES "
	    "('key', :key), ('created', :created)", err);
	if (st == NULL)
		return -1;
	db_blob(st, db_at(st, ":key"), key, sizeof key);
	db_int(st, db_at(st, ":created"), clock_wall_us());
	return db_do(st, err);
}

int
migrate_up(struct db *db, struct err *err)
{
	int64_t application, version, tables;
	char marks[128];
	int i;

	if (versions(db, &application, &version, &tables, err) != 0)
		return -1;
	if (version >= migrate_version())
		return 0;
	if (db_run(db, "BEGIN IMMEDIATE", err) != 0)
		return -1;
	/* Somebody else may have been quicker. */
	if (migrate_check(db, true, err) != 0 ||
	    versions(db, &application, &version, &tables, err) != 0)
		goto rollback;
	for (i = (int)version; i < migrate_version(); i++)
		if (db_run(db, migrations[i], err) != 0)
			goto rollback;
	if (version == 0 && first_rows(db, err) != 0)
		goto rollback;
	/* Views are made anew by each migration: they follow the tables. */
	if (version < migrate_version() && db_run(db, sql_views, err) != 0)
		goto rollback;
	snprintf(marks, sizeof marks, "PRAGMA application_id = %d;"
	    "PRAGMA user_version = %d", MIGRATE_APPLICATION, migrate_version());
	if (db_run(db, marks, err) != 0 || db_run(db, "COMMIT", err) != 0)
		goto rollback;
	return 0;

rollback:
	db_rollback(db);
	return -1;
}
