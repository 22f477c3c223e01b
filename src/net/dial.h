/*
 * dial - a connected socket to one of a domain's servers (RFC 8305).
 *
 * Looks up the targets and their addresses and connects: the next address
 * 250 ms after the one before it, or as soon as that has failed; the next
 * target when all of this one's failed, or 2 s after its last was begun. The
 * first that answers wins, the others are let go and may have their turn
 * later, should the winner prove useless (dial_next()).
 *
 * Ownership  Options are copied. The socket given to the callback is the
 *            callee's; a place is valid during the callback.
 * Errors     With fd -1, once nothing is left: of all that went wrong, what
 *            came furthest.
 * Blocking   Never. There is no overall time limit here: the caller has one,
 *            and dial_late() words it.
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <stdbool.h>

#include "base/err.h"
#include "net/dns.h"

struct dial;
struct ev_loop;

struct dial_options {
	const char *domain;
	const char *host;	/* instead of DNS; NULL */
	unsigned port;		/* with host; 0: 5222, direct 5223 */
	bool want_direct, want_starttls;	/* with host: STARTTLS first;
				 * direct on the same port only by dial_next() */
	bool loopback_only;	/* refuses any other address */
};

struct dial_place {
	struct dns_target target;
	char server[300];	/* "xmpp.example.com:5222" */
	char address[64];	/* "192.0.2.1:5222", "[2001:db8::1]:5222" */
	char text[400];		/* "xmpp.example.com:5222 (192.0.2.1)" */
};

/* Called from the loop only, and the last thing done there: the dial may be
 * freed inside. */
typedef void (*dial_callback)(int fd, const struct dial_place *place,
    const struct err *err, void *arg);

struct dial *dial_new(struct ev_loop *loop, struct dns *dns,
    const struct dial_options *o, dial_callback cb, void *arg);
void dial_free(struct dial *d);		/* NULL is fine */

/* The last socket was of no use (why: NULL, or what to report if nothing
 * better comes). The callback will be called again. */
void dial_next(struct dial *d, const struct err *why);
bool dial_has_next(const struct dial *d);

/* What we were waiting for when `seconds` were over. */
void dial_late(const struct dial *d, int seconds, struct err *err);

#endif
