/*
 * reload - the configurations in use and the accounts made from them.
 *
 * An account keeps the configuration that it was born with until it is
 * replaced, so a reload may leave connected accounts alone. A new
 * configuration is read and checked whole before anything is touched.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "app/config.h"
#include "base/buf.h"
#include "daemon/account.h"
#include "daemon/service.h"

struct reload;

/* Takes config over. env's callbacks are set here; on_changed after a change
 * of status, on_stopped when an account has gone. */
struct reload *reload_new(struct config *config,
    const struct service_paths *paths, const struct account_env *env,
    void (*on_changed)(void *arg), void (*on_stopped)(void *arg), void *arg);
void reload_free(struct reload *r);	/* NULL is fine */

void reload_start(struct reload *r);
void reload_stop(struct reload *r);	/* every account, for good */
bool reload_is_empty(const struct reload *r);	/* no account is left */

/* service_reload()'s contract. */
int reload_again(struct reload *r, struct buf *problems);

struct account *reload_account(struct reload *r, size_t i);	/* NULL: end */

#endif
