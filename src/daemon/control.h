/*
 * control - the control socket: `status`, `reload` (app/ctl.h has the lines).
 *
 * Only the service's own user and root may speak (SO_PEERCRED). Hostile and
 * slow clients harm nobody: a request is one line within CTL_LINE_MOST and a
 * few seconds, replies that are not read end the client, at most
 * CONTROL_CLIENTS are served.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "base/err.h"

struct control;
struct ev_loop;
struct service;

enum { CONTROL_CLIENTS = 32 };

/* The archive's lock must be held: a socket that is left over is removed. */
struct control *control_new(struct ev_loop *loop, const char *path,
    struct service *service, struct err *err);
void control_free(struct control *c);	/* removes the socket; NULL is fine */

/* Something that `status` shows has changed: watchers hear of it soon. */
void control_changed(struct control *c);

#endif
