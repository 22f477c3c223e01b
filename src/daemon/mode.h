/*
 * mode - how we show ourselves, so that we see much and take nothing from
 * people's phones (modes observe, mirror and sole).
 *
 *   observe  priority -1: carbons bring a copy of what others get
 *   mirror   without carbons, where the server is known to deliver to all
 *            resources of the highest priority: the same as the highest
 *            other own one, -1 alone
 *   sole     0: what the server holds for the account comes to us
 */
#ifndef DAEMON_MODE_H
#define DAEMON_MODE_H

#include <stdbool.h>

#include "app/config.h"
#include "daemon/session.h"
#include "model/record.h"
#include "xep/xep.h"

struct mode;

struct mode *mode_new(struct session *session,
    const struct config_account *config, struct xep_session *xep);
void mode_free(struct mode *p);		/* NULL is fine */

/* Sends the initial presence. `software` is the server's name, or NULL. */
void mode_begin(struct mode *p, bool has_carbons,
    const char *software);
/* Any presence that came: our own other resources move the mirror. */
void mode_seen(struct mode *p, const struct record *r);
void mode_end(struct mode *p);		/* unavailable */

const char *mode_name(const struct mode *p);	/* the word above */

#endif
