/*
 * backoff - how long to wait before the next try, by cause. Pure: the
 * randomness comes in.
 */
#ifndef DAEMON_BACKOFF_H
#define DAEMON_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "xmpp/fail.h"

struct backoff {
	unsigned tries;		/* in a row, of the same cause */
	enum fail_wait cause;
};

/* A password that has never worked, and an account that is gone, are not
 * tried again: INT64_MAX. `chance` is uniform in 0..999. */
int64_t backoff_next(struct backoff *b, enum fail_wait cause,
    bool has_worked, unsigned chance);

/* After a healthy session. `online_us` is how long it lasted: a short one
 * forgives nothing. */
void backoff_healthy(struct backoff *b, int64_t online_us);

#endif
