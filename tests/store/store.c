/* Opening archives: new, foreign, newer, locked, on a read-only medium. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/db.h"
#include "store/migrate.h"
#include "store/store.h"
#include "tests/store/help.h"
#include "tests/tap.h"

static mode_t
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 0777 : 0;
}

static void
make(const char *path, const char *sql)
{
	struct db *db = db_open(path, path, DB_WRITE, 0, NULL);

	if (db == NULL || db_run(db, sql, NULL) != 0)
		ok(false, "a file for the test is made");
	db_close(db);
}

static void
test_new(void)
{
	const char *path = help_path("a/b/new.db");
	struct err err = { 0 };
	struct store *s;

	ok(store_open(path, STORE_READ, 0, &err) == NULL &&
	    err.code == ERR_ABSENT, "reading what is not there: absent");
	ok(access(path, F_OK) != 0, "and nothing was made");
	umask(0);
	s = store_open(path, STORE_WRITE, 0, &err);
	if (!ok(s != NULL, "an archive is made, with its directories"))
		printf("# %s\n", err.text);
	is_int(mode_of(path), 0600, "for its owner only");
	is_int(mode_of(help_path("a/b")), 0700, "and so are the directories");
	is_int(mode_of(help_path("a/b/new.db-wal")), 0600,
	    "and its write-ahead log");
	is_str(store_path(s), path, "it knows its path");
	store_close(s);
	ok(access(help_path("a/b/new.db-wal"), F_OK) != 0,
	    "closing leaves no -wal");
	s = store_open(path, STORE_WRITE, 0, &err);
	ok(s != NULL, "it opens again for writing");
	store_close(s);
	s = store_open(path, STORE_READ, 0, &err);
	ok(s != NULL, "and for reading");
	ok(db_run(store_db(s), "DELETE FROM meta", &err) != 0,
	    "a reader cannot write");
	store_close(s);
}

static const struct {
	const char *name, *sql, *words;
	bool fails_write;
} strangers[] = {
	{ "another program's database", "CREATE TABLE t (a)",
	    "not a Backscroll archive", true },
	{ "another program's database with its mark",
	    "PRAGMA application_id = 77; CREATE TABLE t (a)",
	    "not a Backscroll archive", true },
	{ "a newer archive", "PRAGMA application_id = 0x426b7363;"
	    "PRAGMA user_version = 4711; CREATE TABLE t (a)",
	    "archive version 4711, this program knows up to 1", true },
};

static void
test_strangers(void)
{
	size_t i;

	for (i = 0; i < COUNT(strangers); i++) {
		struct err err = { 0 };
		char name[32];
		const char *path;
		struct store *s;
		struct db *db;
		int64_t count = 0;

		snprintf(name, sizeof name, "stranger%zu.db", i);
		path = help_path(name);
		make(path, strangers[i].sql);
		s = store_open(path, STORE_WRITE, 0, &err);
		ok(s == NULL && err.code == ERR_ARCHIVE &&
		    strstr(err.text, strangers[i].words) != NULL &&
		    str_starts(err.text, path), "%s is refused: %s",
		    strangers[i].name, err.text);
		store_close(s);
		s = store_open(path, STORE_READ, 0, &err);
		ok(s == NULL && err.code == ERR_ARCHIVE,
		    "%s is refused to readers", strangers[i].name);
		store_close(s);
		db = db_open(path, path, DB_READ, 0, NULL);
		(void)db_number(db, "SELECT count(*) FROM sqlite_schema", 0,
		    &count, NULL);
		is_int(count, 1, "and was not touched");
		db_close(db);
	}
}

static void
test_not_a_database(void)
{
	const char *path = help_path("text.db");
	struct err err = { 0 };
	FILE *f = fopen(path, "w");

	if (f != NULL) {
		int i;

		for (i = 0; i < 1000; i++)
			fputs("This is a text and no database.\n", f);
		fclose(f);
	}
	ok(store_open(path, STORE_WRITE, 0, &err) == NULL &&
	    err.code == ERR_ARCHIVE, "a text is refused: %s", err.text);
	ok(store_open(path, STORE_READ, 0, &err) == NULL &&
	    err.code == ERR_ARCHIVE, "a text is refused to readers");
	ok(store_open(help_dir, STORE_WRITE, 0, &err) == NULL,
	    "a directory is refused: %s", err.text);
	ok(store_open("/dev/null/x/archive.db", STORE_WRITE, 0, &err) == NULL,
	    "a path through a file is refused: %s", err.text);
}

/* What sqlite_schema says, one object a line. */
static char *
schema_of(struct db *db)
{
	struct buf out = { 0 };
	struct db_stmt *st = db_prepare(db, "SELECT type, name, sql "
	    "FROM sqlite_schema ORDER BY type, name", NULL);

	while (st != NULL && db_step(st, NULL) > 0)
		buf_printf(&out, "%s %s %s\n", db_get_text(st, 0),
		    db_get_text(st, 1), db_is_null(st, 2) ? ""
		    : db_get_text(st, 2));
	db_free(st);
	return buf_take(&out);
}

static char *
file_text(const char *name)
{
	char *path = mem_printf("%s/%s", getenv("srcdir"), name);
	FILE *f = fopen(path, "r");
	struct buf b = { 0 };
	char block[4096];
	size_t got;

	while (f != NULL && (got = fread(block, 1, sizeof block, f)) > 0)
		buf_add(&b, block, got);
	if (f != NULL)
		fclose(f);
	free(path);
	return buf_take(&b);
}

static void
test_schema(void)
{
	struct err err = { 0 };
	struct store *s = store_open(help_path("schema.db"), STORE_WRITE, 0,
	    &err);
	struct db *db = db_open(help_path("sum.db"), "sum.db", DB_WRITE, 0,
	    &err);
	char *sql = file_text("sql/schema.sql"), *views = file_text(
	    "sql/views.sql"), *migrated = schema_of(store_db(s)), *sum;

	ok(db_run(db, sql, &err) == 0, "schema.sql is SQL: %s", err.text);
	ok(db_run(db, views, &err) == 0, "views.sql is SQL: %s", err.text);
	sum = schema_of(db);
	ok(strlen(sum) > 5000, "it makes tables");
	is_str(sum, migrated, "schema.sql is what the migrations make");
	ok(db_run(store_db(s), views, &err) == 0, "views can be made anew");
	free(sql);
	free(views);
	free(sum);
	free(migrated);
	db_close(db);
	store_close(s);
}

/* People look on with sqlite3, which knows nothing of our tokenizer. */
static void
test_plain(void)
{
	static const char *const views[] = {
		"messages", "texts", "effects", "copies", "presences", "chats",
		"sessions", "positions",
	};
	const char *path = help_path("schema.db");
	sqlite3 *plain;
	size_t i;

	if (sqlite3_open_v2(path, &plain, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK)
		ok(false, "plain SQLite opens it");
	for (i = 0; i < COUNT(views); i++) {
		char *sql = mem_printf("SELECT * FROM %s", views[i]);
		int result = sqlite3_exec(plain, sql, NULL, NULL, NULL);

		ok(result == SQLITE_OK, "plain SQLite reads the view %s: %s",
		    views[i], sqlite3_errmsg(plain));
		free(sql);
	}
	sqlite3_close(plain);
}

/* As somebody who owns nothing; the exit status says what they saw. */
static int
as_nobody(int (*what)(const char *path), const char *path)
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && (setgid(65534) != 0 ||
		    setuid(65534) != 0))
			_exit(98);
		_exit(what(path));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 97;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 96;
}

static int
count_meta(const char *path)
{
	struct err err = { 0 };
	struct store *s = store_open(path, STORE_READ, 0, &err);
	int64_t count = 90;

	if (s == NULL) {
		printf("# %s\n", err.text);
		fflush(stdout);
		return 91;
	}
	if (db_number(store_db(s), "SELECT count(*) FROM meta", 0, &count,
	    &err) != 0) {
		printf("# %s\n", err.text);
		fflush(stdout);
	}
	store_close(s);
	return (int)count;
}

/* A file, copied as it is. */
static void
copy(const char *from, const char *to)
{
	char *command = mem_printf("cp '%s' '%s' && chmod 444 '%s'", from, to,
	    to);

	if (system(command) != 0)
		ok(false, "a copy for the test is made");
	free(command);
}

static void
test_medium(void)
{
	const char *dir = help_path("medium"), *db = help_path("live.db");
	const char *tmp = help_path("tmp");
	struct err err = { 0 };
	struct store *s = store_open(db, STORE_WRITE, 0, &err);
	int i;

	(void)mkdir(dir, 0755);
	(void)chmod(help_dir, 0755);
	(void)mkdir(tmp, 0777);
	(void)chmod(tmp, 0777);
	(void)setenv("TMPDIR", tmp, 1);
	store_close(s);
	copy(db, help_path("medium/clean%20.db"));
	s = store_open(db, STORE_WRITE, 0, &err);
	for (i = 0; i < 5; i++) {
		struct db_stmt *st = db_stmt(store_db(s), "INSERT INTO meta "
		    "(name) VALUES ('test' || ?1)", &err);

		db_int(st, 1, i);
		(void)db_do(st, &err);
	}
	/* What a writer that died leaves: a filled log. */
	copy(db, help_path("medium/dead.db"));
	copy(help_path("live.db-wal"), help_path("medium/dead.db-wal"));
	copy(db, help_path("medium/empty.db"));
	copy("/dev/null", help_path("medium/empty.db-wal"));
	(void)chmod(dir, 0555);
	is_int(as_nobody(count_meta, help_path("medium/clean%20.db")), 2,
	    "a clean archive on a read-only medium is read");
	is_int(as_nobody(count_meta, help_path("medium/dead.db")), 7,
	    "one with a filled log is read whole");
	is_int(as_nobody(count_meta, help_path("medium/empty.db")), 2,
	    "one with an empty log is read");
	is_int(rmdir(tmp), 0, "no copy stays behind");
	(void)chmod(dir, 0755);
	store_close(s);
}

static int
try_lock(const char *path)
{
	struct err err = { 0 };
	struct store *s = store_open(path, STORE_SERVE, 0, &err);
	char pid[32];

	if (s == NULL) {
		snprintf(pid, sizeof pid, "process %ld ", (long)getppid());
		return err.code != ERR_BUSY ? 4 :
		    strstr(err.text, pid) != NULL ? 1 : 2;
	}
	store_close(s);
	return 0;
}

static int
in_child(int (*what)(const char *path), const char *path)
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(what(path));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 97;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 96;
}

static int
try_write(const char *path)
{
	struct err err = { 0 };
	struct store *s = store_open(path, STORE_WRITE, 0, &err);
	int result;

	if (s == NULL)
		return 3;
	result = db_run(store_db(s), "BEGIN IMMEDIATE", &err) == 0 ? 0
	    : err.code == ERR_BUSY ? 1 : 2;
	store_close(s);
	return result;
}

static void
test_two(void)
{
	const char *path = help_path("two.db");
	struct err err = { 0 };
	struct store *s = store_open(path, STORE_SERVE, 0, &err);

	ok(s != NULL, "one service has the archive");
	is_int(in_child(try_lock, path), 1,
	    "a second is refused and told the first one's process id");
	is_int(in_child(try_write, path), 0, "other writers may write");
	(void)db_run(store_db(s), "BEGIN IMMEDIATE", &err);
	is_int(in_child(try_write, path), 1,
	    "while one writes the other is told it is busy, at once");
	is_int(in_child(count_meta, path), 2, "readers read meanwhile");
	db_rollback(store_db(s));
	store_close(s);
	is_int(in_child(try_lock, path), 0,
	    "the lock is free when its holder has closed");
}

/* Whose the file is, and by what names it may be called. */
static void
test_names(void)
{
	const char *path = help_path("names.db");
	char *other = mem_printf("%s.link", path);
	char *empty = mem_printf("%s.empty", path);
	struct err err = { 0 };
	struct store *s = store_open(path, STORE_WRITE, 0, &err);
	struct stat st;
	int fd;

	store_close(s);
	ok(chmod(path, 0644) == 0 && (s = store_open(path, STORE_SERVE, 0,
	    &err)) != NULL && stat(path, &st) == 0 &&
	    (st.st_mode & 0777) == 0600,
	    "an archive that others could read is closed to them");
	ok(symlink(path, other) == 0, "a link is made");
	is_int(in_child(try_lock, other), 1,
	    "by whatever name it is called there is one lock");
	store_close(s);
	ok(unlink(other) == 0 && link(path, other) == 0, "a hard one too");
	err_clear(&err);
	ok(store_open(other, STORE_SERVE, 0, &err) == NULL &&
	    err.code == ERR_ARCHIVE && strstr(err.text, "hard links") != NULL,
	    "a file with two names is not written: SQLite would keep two logs");
	unlink(other);
	fd = open(empty, O_WRONLY | O_CREAT, 0600);
	close(fd);
	err_clear(&err);
	ok(store_open(empty, STORE_READ, 0, &err) == NULL &&
	    err.code == ERR_ABSENT,
	    "a file that is just being made is no archive yet, and no foreign one");
	unlink(empty);
	free(other);
	free(empty);
}

int
main(void)
{
	test_new();
	test_strangers();
	test_not_a_database();
	test_schema();
	test_plain();
	test_medium();
	test_two();
	test_names();
	return done();
}
