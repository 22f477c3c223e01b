/*
 * secret - an account's password, when a login needs it.
 *
 * From the configuration at once, or from its password-command: run by
 * /bin/sh -c, without a terminal, standard input empty, off the loop, ended
 * after a minute. One line end at the end of what it prints is not part of
 * the password.
 */
#ifndef DAEMON_SECRET_H
#define DAEMON_SECRET_H

#include "app/config.h"
#include "base/err.h"

struct ev_loop;
struct secret;

/* password is NULL on failure, err says why. It is wiped afterwards. May be
 * called before secret_get() returns; then that gives NULL. */
typedef void (*secret_callback)(const char *password, const struct err *err,
    void *arg);

struct secret *secret_get(struct ev_loop *loop,
    const struct config_account *account, secret_callback cb, void *arg);
/* The command is ended, the callback not called. NULL is fine. */
void secret_cancel(struct secret *s);

#endif
