/*
 * migrate - the archive's schema: what is in a file, and bringing an older
 * one up to date. Only for store/.
 *
 * sql/NNNN-name.sql are compiled in, in order; `PRAGMA user_version` counts
 * those that an archive has had. A new one is a file in sql/ and a row in
 * migrate.c.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include <stdbool.h>

#include "base/err.h"
#include "store/db.h"

enum { MIGRATE_APPLICATION = 0x426b7363 };	/* "Bksc" */

int migrate_version(void);	/* the newest that this program knows */

/* Whether the file is an archive of the newest version. ERR_ARCHIVE with a
 * sentence for anything else; with is_writing an empty or an older one is
 * fine. */
int migrate_check(struct db *db, bool is_writing, struct err *err);

/* Brings the file up to date, in one transaction. */
int migrate_up(struct db *db, struct err *err);

/* The compiled-in texts (sql.c, made from sql/). */
extern const char sql_0001_archive[];
extern const char sql_views[];

#endif
