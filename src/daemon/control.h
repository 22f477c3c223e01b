/*
 * control - the control socket: `status`, `reload` (app/ctl.h has the lines).
 *
 * A socket on which somebody answers is not taken from him; one that is left
 * over is removed. Only the service's own user and root may speak (SO_PEERCRED). Hostile and
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

struct control *control_new(struct ev_loop *loop, const char *path,
    struct service *service, struct err *err);
/* Removes the socket, if it is still ours; NULL is fine. */
void control_free(struct control *c);

/* Something that `status` shows has changed: watchers hear of it soon. */
void control_changed(struct control *c);

#endif
