/*
 * store - one archive file.
 *
 * Everything SQLite stays behind these headers. A store is used by one
 * thread. Other processes may write beside it (decision 11): no answer is
 * cached over a commit unless PRAGMA data_version is unchanged.
 *
 * Opening  for writing creates the file (mode 0600, directories 0700) when
 *          it is not there, migrates an older one in one transaction, and
 *          refuses a newer or foreign one with ERR_ARCHIVE. Opening for
 *          reading never changes anything: no file is ERR_ABSENT; on a
 *          read-only medium with no -wal, or an empty one, it is opened
 *          immutable, otherwise a temporary copy is read (decision 12).
 *          A file that others may read is closed to them when it is opened
 *          for writing; one with several hard links is refused (ERR_ARCHIVE),
 *          since SQLite would keep a log by each name; an empty one is
 *          ERR_ABSENT for a reader.
 * Blocking Every call may wait for the disk. Busy is reported (ERR_BUSY)
 *          after busy_ms, never waited for on the loop.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/*
 * STORE_SERVE writes too, and is one per archive: an advisory lock beside the
 * file, taken before anything of it is touched, held until store_close() or
 * the process's end. ERR_BUSY, with the holder's process id in the sentence,
 * when somebody has it.
 */
enum store_mode { STORE_READ, STORE_WRITE, STORE_SERVE };

struct store *store_open(const char *path, enum store_mode mode, int busy_ms,
    struct err *err);
/* Truncates the WAL if it wrote; NULL is fine. */
void store_close(struct store *s);

const char *store_path(const struct store *s);

#endif
