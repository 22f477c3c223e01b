/*
 * account - one configured account's life: connect, log in, stay, back off,
 * pause. What is done while the stream is bound is live.h's.
 *
 * States are the words of `status`; one function enters them, and tells.
 *
 * Ownership  Borrows the environment and the configuration block, which must
 *            outlive it (account_config() says which it uses).
 * Callbacks  changed() after anything that `status` shows; stopped() once
 *            after account_stop(): the account may be freed in it, and in no
 *            other place but with no session open.
 */
#ifndef DAEMON_ACCOUNT_H
#define DAEMON_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "app/config.h"
#include "base/err.h"
#include "daemon/ingest.h"
#include "daemon/session.h"
#include "model/names.h"

struct account;

struct account_env {
	struct session_env session;
	struct ingest *ingest;
	void (*changed)(struct account *a, void *arg);
	void (*stopped)(struct account *a, void *arg);
	void *arg;
};

struct account *account_new(const struct account_env *env,
    const struct config_account *config);
void account_free(struct account *a);		/* NULL is fine */

void account_start(struct account *a);
/* Goes offline for good: closes the stream, then stopped(). */
void account_stop(struct account *a);

/* The archive cannot be written, or can again: it is `paused` meanwhile, and
 * nothing that comes counts as received. */
void account_stuck(struct account *a, bool is_stuck, const struct err *why);

/* It is not tried again by itself. */
bool account_has_failed(const struct account *a);

const struct config_account *account_config(const struct account *a);

/* For `status`. Strings are valid until the loop runs again; NULL and -1 are
 * not known. */
struct account_status {
	const char *account;
	const char *state;
	int64_t since_us;
	const char *error, *server, *tls, *sasl, *mam;
	const char *rooms;	/* one a line; "" none */
	int resumable, carbons;		/* -1, 0, 1 */
	int64_t catch_up_done, catch_up_total;
	int64_t messages, presences;
};
void account_status(struct account *a, struct account_status *out);

#endif
