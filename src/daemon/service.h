/*
 * service - the archiver: all configured accounts on one loop.
 *
 * Ownership  service_new() takes the configuration over. Everything else is
 *            made and freed here.
 * Blocking   service_run() is the program's life.
 */
#ifndef DAEMON_SERVICE_H
#define DAEMON_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/config.h"
#include "base/buf.h"
#include "base/err.h"
#include "daemon/account.h"

struct service;

struct service_paths {
	const char *archive, *socket;	/* resolved */
	const char *archive_given;	/* -f, or NULL */
	const char *const *accounts;	/* -a: only these; none: all */
	size_t account_count;
};

/* Opens the archive, takes its lock, listens on the control socket. NULL with
 * *err set (ERR_BUSY: another service has the archive); config is then still
 * the caller's. */
struct service *service_new(struct config *config,
    const struct service_paths *paths, struct err *err);
void service_free(struct service *s);

/* Until SIGTERM or SIGINT: then commits, closes streams and returns the exit
 * status. */
int service_run(struct service *s);

/*
 * Reads the configuration again, in two phases: all is read and checked, then
 * all is done. 0; or -1, nothing changed, and *problems holds what `check`
 * would say. Accounts that did not change stay connected.
 */
int service_reload(struct service *s, struct buf *problems);

/* For the control socket. */
struct account *service_account(struct service *s, size_t i);	/* NULL: end */

#endif
