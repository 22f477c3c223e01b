/*
 * xep - protocol extensions on one stream, as a table.
 *
 * Sans I/O and without a clock, like xmpp/stream: stanzas and the time go in;
 * bytes, events and a deadline come out. The caller pulls: after each call
 * that puts something in it sends what xep_output() holds, takes xep_next()
 * until false, and sets its timer to xep_deadline(). Nothing is called back.
 *
 *   xep_new (bound) -> roster, disco (account, server), version
 *     -> XEP_ROSTER, XEP_DISCO -> carbons, if the account has them
 *     -> XEP_CARBONS: now presence may be sent (disco_caps() belongs in it)
 *     -> xep_ping(), mam_ask(), ... as the caller likes
 *
 * Each of XEP_ROSTER, XEP_DISCO and XEP_CARBONS comes exactly once after
 * xep_new(), in success and in failure, and XEP_CARBONS last of the three;
 * XEP_ROSTER comes again with each push.
 *
 * Ownership  Options are copied. An event, and what it points to, is valid
 *            until the next xep_next() or xep_free().
 * Units      now_us and deadlines are a monotonic clock's microseconds.
 */
#ifndef XEP_XEP_H
#define XEP_XEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/jid.h"
#include "xep/mam.h"
#include "xep/roster.h"
#include "xml/node.h"
#include "xmpp/iq.h"

struct xep_session;

struct xep_options {
	const char *own;	/* the full JID that was bound */
	bool has_roster_versions;	/* the stream offered RFC 6121 2.6 */
	const char *roster_version;	/* of `contacts`; NULL: none kept */
	const struct roster_contact *contacts;	/* known from before */
	size_t contact_count;
};

enum xep_event_kind {
	XEP_DISCO,	/* account and server have answered or failed to:
			 * disco_has(); `why` if the account's failed */
	XEP_CARBONS,	/* is_on, or `why` not */
	XEP_ROSTER,	/* contacts, is_whole, version: to be stored. Whole and
			 * is_unchanged: what was stored is still right; then
			 * contacts are those of the options. `why`: it failed
			 * and nothing is known */
	XEP_MAM,	/* page: one archive query has ended (mam.h) */
	XEP_PONG,	/* is_on: an answer came in time; `tag` as asked */
};

struct xep_event {
	enum xep_event_kind kind;
	struct arena *arena;	/* the session's: do not free */
	bool is_on, is_whole, is_unchanged;
	const char *why;	/* a sentence without full stop, or NULL */
	const struct roster_contact *contacts;
	size_t count;
	const char *version;	/* of the roster, or NULL */
	struct mam_page page;
	int tag;
};

enum xep_verdict {
	XEP_PASS,	/* nobody's: for the archive */
	XEP_TAKEN,	/* handled: nobody else needs it (still counted for h) */
	XEP_FORGED,	/* somebody pretends: keep it apart */
};

/* Starts: the first requests are in xep_output() already. */
struct xep_session *xep_new(const struct xep_options *o, int64_t now_us);
void xep_free(struct xep_session *x);	/* NULL is fine */

/*
 * Offers a stanza: answers to our requests first, then each extension in
 * turn. A request that nobody takes, or from somebody who may not ask, is
 * answered service-unavailable, as an absent resource would be. *why is a
 * sentence in `a` for FORGED, else NULL. Messages are never TAKEN.
 */
enum xep_verdict xep_element(struct xep_session *x, const struct node *stanza,
    struct arena *a, int64_t now_us, const char **why);

void xep_tick(struct xep_session *x, int64_t now_us);
int64_t xep_deadline(const struct xep_session *x);	/* INT64_MAX: none */

/* Whole stanzas to be sent; take them from its front. */
struct buf *xep_output(struct xep_session *x);
bool xep_next(struct xep_session *x, struct xep_event *ev);

/* XEP-0199 to the own server. XEP_PONG follows, with the tag. Several may be
 * under way. Any answer is a sign of life, an error too. */
void xep_ping(struct xep_session *x, int tag, int64_t timeout_us,
    int64_t now_us);

/*
 * For extensions.
 *
 * One row of the table: its state is made by start(), is found again by
 * xep_state(), and dies in stop(). on_ready() is told once, when the roster,
 * the account and the server have been heard or have failed to answer: the
 * time for requests that depend on what they offer. Any function but start
 * and stop may be NULL. Which rows there are stands in xep.c alone.
 */
struct xep {
	const char *name;
	const char *const *features;	/* for disco#info; NULL-ended, or NULL */
	void *(*start)(struct xep_session *x, const struct xep_options *o);
	enum xep_verdict (*on_element)(void *state, const struct node *stanza,
	    struct arena *a, const char **why);
	void (*on_ready)(void *state);
	void (*stop)(void *state);
};

extern const struct xep *const xep_table[];	/* NULL-ended */
extern const struct xep carbons_row, disco_row, mam_row, ping_row, roster_row;

void *xep_state(const struct xep_session *x, const struct xep *which);
const struct jid *xep_own(const struct xep_session *x);
/* Sends an iq (xmpp/iq.h) whose deadline is timeout_us from now. */
void xep_request(struct xep_session *x, const char *type, const char *to,
    const char *payload, int64_t timeout_us, iq_callback cb, void *arg);
/* Queues an event; what it points to belongs into its arena. */
struct xep_event *xep_tell(struct xep_session *x, enum xep_event_kind kind);
/* Says that what XEP_ROSTER or XEP_DISCO tells is known. */
void xep_heard(struct xep_session *x, enum xep_event_kind kind);

/* Who sent it. The account itself: absent, or the own bare JID. */
bool xep_is_account(struct xep_session *x, const char *from);
/* Whether somebody may ask what we are: the own account with any resource,
 * the own server, a contact who sees our presence anyway. */
bool xep_may_ask(struct xep_session *x, const char *from);

/* What an error answer says, in one sentence in `a`; NULL stands for an
 * answer that did not come. *condition may be NULL. */
const char *xep_refusal(struct arena *a, const struct node *answer,
    const char **condition);

/* Long enough for a busy server, short enough for a dead one. */
#define XEP_PATIENCE_US (60 * INT64_C(1000000))

#endif
