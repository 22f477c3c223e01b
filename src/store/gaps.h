/*
 * gaps - what the archive knows about its own completeness: sessions,
 * archive positions, and what an account must remember.
 *
 * Writers queue into a batch and are applied by its next commit, behind the
 * records added before them. Readers see what is committed.
 */
#ifndef STORE_GAPS_H
#define STORE_GAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/batch.h"
#include "store/store.h"

/* Sessions (decision 9). The id is chosen by gaps_session_open() at once, so
 * that records can carry it as `stream`. */
struct gaps_session {
	const char *account, *jid, *lang, *mode;
	bool has_carbons;
	int64_t opened_us;
};
uint64_t gaps_session_open(struct batch *b, const struct gaps_session *s);
/* Later knowledge about an open session (carbons, mode). */
void gaps_session_update(struct batch *b, uint64_t id,
    const struct gaps_session *s);
void gaps_session_alive(struct batch *b, uint64_t id, int64_t now_us);
/* reason NULL: we closed it in good order, so nothing was in flight. */
void gaps_session_close(struct batch *b, uint64_t id, int64_t now_us,
    const char *reason);

/* Whether some session of the account was surely open at a moment that a
 * server stamped: an offline message's stamp must lie where none was. */
int gaps_was_connected(struct store *s, const char *account, int64_t at_us,
    bool *connected, struct err *err);

/* Archive positions (decision 3): the last id of a verified page. Never
 * moves back; a live message never moves it. */
struct gaps_position {
	const char *id;		/* NULL: none yet */
	int64_t stamp_us;
};
void gaps_position_move(struct batch *b, const char *account,
    const char *archive, const char *id, int64_t stamp_us, int64_t now_us);
int gaps_position_get(struct store *s, struct arena *a, const char *account,
    const char *archive, struct gaps_position *out, struct err *err);

/* What an account remembers over restarts. */
struct gaps_account {
	const char *resource;	/* NULL: not chosen yet */
	bool has_scram, has_plus;
	int64_t login_us;	/* 0: never */
	const char *roster_version;
};
int gaps_account_get(struct store *s, struct arena *a, const char *account,
    struct gaps_account *out, struct err *err);
/* NULL, false and 0 leave what is there. */
void gaps_account_put(struct batch *b, const char *account,
    const struct gaps_account *what);

/* Roster (RFC 6121 2). `is_whole` replaces all; subscription "remove"
 * deletes one. */
struct gaps_contact {
	const char *jid, *name, *subscription, *ask;
	const char *groups;	/* one a line */
};
void gaps_roster_put(struct batch *b, const char *account, bool is_whole,
    const struct gaps_contact *contacts, size_t count, const char *version);
int gaps_roster_get(struct store *s, struct arena *a, const char *account,
    struct gaps_contact **contacts, size_t *count, struct err *err);

/* Counts for `status`. */
int gaps_counts(struct store *s, const char *account, int64_t *messages,
    int64_t *presences, struct err *err);

#endif
