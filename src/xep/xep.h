/*
 * xep - protocol extensions as a table: start, on_element, stop.
 *
 * Each runs on a session's stream and knows only this interface: it writes
 * stanzas, asks iqs, and tells what it learnt. No I/O, no clock.
 */
#ifndef XEP_XEP_H
#define XEP_XEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/jid.h"
#include "xml/node.h"
#include "xmpp/iq.h"

struct xep_session;

/* What the extensions learn and the session acts on. The session implements
 * it; arg is the session. */
struct xep_hooks {
	void (*send)(void *arg, const char *xml, size_t len);
	/* A roster push or answer has been read: see roster.h. */
	void (*roster)(void *arg);
	/* Disco of account and server has been answered. */
	void (*disco)(void *arg);
	void (*carbons)(void *arg, bool on, const char *why_not);
	/* Archive paging: see mam.h. */
	void (*mam_page)(void *arg, const void *page);
};

/* One stream's worth of extensions. */
struct xep_context {
	const struct jid *own;		/* full */
	struct iq_table *iqs;
	const struct xep_hooks *hooks;
	void *arg;
	int64_t now_us;			/* monotonic; the session keeps it true */
};

enum xep_verdict {
	XEP_PASS,	/* not mine */
	XEP_TAKEN,	/* handled: nobody else needs it (still counted for h) */
	XEP_FORGED,	/* somebody pretends: keep it apart */
};

struct xep {
	const char *name;
	const char *const *features;	/* disco#info, NULL-ended */
	void *(*start)(struct xep_context *c);	/* when online */
	enum xep_verdict (*on_element)(void *state, const struct node *stanza,
	    struct arena *a);
	void (*stop)(void *state);
};

extern const struct xep *const xep_table[];	/* NULL-ended */

struct xep_session *xep_start(struct xep_context *c);
void xep_stop(struct xep_session *x);
/* Offers a stanza to each in turn; iq answers first. Requests that nobody
 * takes are answered service-unavailable. */
enum xep_verdict xep_element(struct xep_session *x, const struct node *stanza,
    struct arena *a);

#endif
