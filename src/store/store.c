#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/db.h"
#include "store/migrate.h"

struct store {
	struct db *db;
	char *path;
	enum store_mode mode;
	int lock_fd;		/* -1: not locked */
};

/* mkdir -p of what a path stands in. */
static int
make_parents(const char *path, struct err *err)
{
	char *copy = mem_str(path), *p;
	int result = 0;

	for (p = copy + 1; *copy != '\0' && *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST) {
			result = err_errno(err, "%s", copy);
			break;
		}
		*p = '/';
	}
	free(copy);
	return result;
}

/* SQLite gives its -wal and -shm the mode of the file itself. */
static int
make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	unsigned long links = 0;
	struct stat st;

	if (fd < 0 && errno == ENOENT) {
		if (make_parents(path, err) != 0)
			return -1;
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	}
	if (fd < 0)
		return err_errno(err, "%s", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		/* People's conversations are nobody else's. */
		if ((st.st_mode & 077) != 0)
			(void)fchmod(fd, st.st_mode & 0700);
		links = (unsigned long)st.st_nlink;
	}
	close(fd);
	if (links < 2)
		return 0;
	return err_set(err, ERR_ARCHIVE, "%s: the file has %lu names "
	    "(hard links): by each of them SQLite would keep another log",
	    path, links);
}

static int
use_wal(struct db *db, struct err *err)
{
	struct db_stmt *st;
	int got;

	if (db_run(db, "PRAGMA page_size = 4096", err) != 0 ||
	    (st = db_prepare(db, "PRAGMA journal_mode = WAL", err)) == NULL)
		return -1;
	got = db_step(st, err);
	if (got > 0 && !str_is(db_get_text(st, 0), "wal"))
		got = err_set(err, ERR_SYSTEM, "%s: no write-ahead log can be "
		    "kept beside it (a network file system?)", db_name(db));
	db_free(st);
	return got < 0 ? -1 : 0;
}

static struct db *
open_write(const char *path, int busy_ms, struct err *err)
{
	struct db *db = db_open(path, path, DB_WRITE, busy_ms, err);

	if (db == NULL)
		return NULL;
	if (migrate_check(db, true, err) != 0 || use_wal(db, err) != 0 ||
	    migrate_up(db, err) != 0) {
		db_close(db);
		return NULL;
	}
	return db;
}

static int
copy_file(const char *from, const char *to, struct err *err)
{
	char block[65536];
	int in = -1, out = -1, result = -1;
	ssize_t got, put;
	char *p;

	if ((in = open(from, O_RDONLY | O_CLOEXEC)) < 0) {
		err_errno(err, "%s", from);
		goto out;
	}
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0) {
		err_errno(err, "%s", to);
		goto out;
	}
	while ((got = read(in, block, sizeof block)) > 0) {
		for (p = block; got > 0; p += put, got -= put) {
			if ((put = write(out, p, (size_t)got)) < 0) {
				err_errno(err, "%s", to);
				goto out;
			}
		}
	}
	if (got < 0) {
		err_errno(err, "%s", from);
		goto out;
	}
	result = 0;
out:
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return result;
}

/*
 * Nobody can write to the medium, but a writer died and left a filled -wal:
 * only a copy can be recovered. Its files lose their names as soon as they
 * are open, so that nothing stays behind, whatever happens to us.
 */
static struct db *
open_copy(const char *path, const char *wal, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = mem_printf("%s/backscroll.XXXXXX",
	    tmp != NULL && *tmp != '\0' ? tmp : "/tmp");
	char *copy = NULL, *copy_wal = NULL;
	struct db *db = NULL;

	if (mkdtemp(dir) == NULL) {
		err_errno(err, "%s", dir);
		free(dir);
		return NULL;
	}
	copy = mem_printf("%s/archive.db", dir);
	copy_wal = mem_printf("%s-wal", copy);
	if (copy_file(path, copy, err) == 0 &&
	    copy_file(wal, copy_wal, err) == 0 &&
	    (db = db_open(copy, path, DB_READ_ALONE, 0, err)) != NULL &&
	    migrate_check(db, false, err) != 0) {
		db_close(db);
		db = NULL;
	}
	unlink(copy);
	unlink(copy_wal);
	rmdir(dir);
	free(copy);
	free(copy_wal);
	free(dir);
	return db;
}

static struct db *
open_read(const char *path, int busy_ms, struct err *err)
{
	char *wal = mem_printf("%s-wal", path);
	struct stat st;
	struct db *db = NULL;
	bool is_stuck;

	if (stat(path, &st) != 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			err_set(err, ERR_ABSENT, "%s: no archive there", path);
		else
			err_errno(err, "%s", path);
		goto out;
	}
	if ((db = db_open(path, path, DB_READ, busy_ms, err)) == NULL ||
	    migrate_check(db, false, err) == 0)
		goto out;
	/* SQLite reads a WAL archive only where it can keep its index of the
	 * -wal, even if there is none. */
	is_stuck = db_is_stuck(db) && access(path, R_OK) == 0;
	db_close(db);
	db = NULL;
	if (!is_stuck)
		goto out;
	if (stat(wal, &st) == 0 && st.st_size > 0) {
		db = open_copy(path, wal, err);
		goto out;
	}
	db = db_open(path, path, DB_READ_IMMUTABLE, busy_ms, err);
	if (db != NULL && migrate_check(db, false, err) != 0) {
		db_close(db);
		db = NULL;
	}
out:
	free(wal);
	return db;
}

/* A descriptor that holds the lock, or -1. Closing any descriptor of a file
 * drops the process's locks on it: there is only this one. */
static int
take_lock(const char *archive, struct err *err)
{
	struct flock want = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	/* By whatever name it is called, there is one lock of a file. */
	char *real = realpath(archive, NULL);
	char *path = mem_printf("%s.lock", real != NULL ? real : archive);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		err_errno(err, "%s", path);
		goto out;
	}
	if (fcntl(fd, F_SETLK, &want) == 0)
		goto out;
	if (errno != EACCES && errno != EAGAIN)
		err_errno(err, "%s", path);
	else if (fcntl(fd, F_GETLK, &want) == 0 && want.l_type != F_UNLCK &&
	    want.l_pid > 0)
		err_set(err, ERR_BUSY, "%s: process %ld archives into it "
		    "already", archive, (long)want.l_pid);
	else
		err_set(err, ERR_BUSY, "%s: another process archives into it "
		    "already", archive);
	close(fd);
	fd = -1;
out:
	free(path);
	free(real);
	return fd;
}

/* To open what is there and no file can wait for ever (a FIFO), or do
 * things (a device). */
static bool
may_be_opened(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0 || S_ISREG(st.st_mode))
		return true;
	err_set(err, ERR_ARCHIVE, "%s: not an archive: it is no regular file",
	    path);
	return false;
}

struct store *
store_open(const char *path, enum store_mode mode, int busy_ms, struct err *err)
{
	struct store *s;
	struct db *db;
	int lock = -1;

	if (!may_be_opened(path, err) ||
	    (mode != STORE_READ && make_file(path, err) != 0))
		return NULL;
	if (mode == STORE_SERVE && (lock = take_lock(path, err)) < 0)
		return NULL;
	db = mode == STORE_READ ? open_read(path, busy_ms, err)
				: open_write(path, busy_ms, err);
	if (db == NULL) {
		if (lock >= 0)
			close(lock);
		return NULL;
	}
	s = mem_alloc(sizeof *s);
	s->db = db;
	s->path = mem_str(path);
	s->mode = mode;
	s->lock_fd = lock;
	return s;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (s->mode != STORE_READ) {
		db_rollback(s->db);
		/* Readers on a read-only medium want it gone; if others read
		 * now it stays, and nothing is lost by that. */
		(void)db_run(s->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL);
	}
	db_close(s->db);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->path);
	free(s);
}

const char *
store_path(const struct store *s)
{
	return s->path;
}

struct db *
store_db(struct store *s)
{
	return s->db;
}
