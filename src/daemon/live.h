/*
 * live - what is done while a stream is bound: extensions, presence, every
 * stanza into the archive, the catch-up, keepalive.
 *
 * Ownership  Borrows all of its environment. live_free() ends the session's
 *            row in the archive.
 * Callbacks  changed(): progress, or caught up or not. Never from inside
 *            live_new().
 */
#ifndef DAEMON_LIVE_H
#define DAEMON_LIVE_H

#include <stdbool.h>

#include "app/config.h"
#include "daemon/ingest.h"
#include "daemon/session.h"

struct account_status;
struct ev_loop;
struct live;

struct live_env {
	struct ev_loop *loop;
	struct ingest *ingest;
	struct session *session;
	const struct config_account *config;
	void (*changed)(struct live *l, bool is_caught_up, void *arg);
	void *arg;
};

struct live *live_new(const struct live_env *env);
/* reason NULL: closed in good order. */
void live_free(struct live *l, const char *reason);

/* STREAM_STANZA, STREAM_OVERSIZE or STREAM_SM; the event keeps its arena. */
void live_stanza(struct live *l, const struct stream_event *ev);

/* The archive can be written again. */
void live_resume(struct live *l);

void live_unavailable(struct live *l);
bool live_is_caught_up(const struct live *l);

/* Fills what it knows: resumable, carbons, mam, catch_up. */
void live_status(const struct live *l, struct account_status *out);

#endif
