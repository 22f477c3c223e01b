/*
 * roster - RFC 6121 2: who the contacts are, and what they are called.
 *
 * Asked once per stream (by version where the server offers that), then kept
 * true by pushes, which count only from the own account itself (RFC 6121
 * 2.1.6, CVE-2015-8688, CVE-2016-9928): others are XEP_FORGED.
 */
#ifndef XEP_ROSTER_H
#define XEP_ROSTER_H

#include <stdbool.h>
#include <stddef.h>

struct roster_contact {
	const char *jid;	/* bare, prepared */
	const char *name;	/* NULL: none */
	const char *subscription;	/* none to from both; in a push: remove */
	const char *ask;	/* "subscribe", or NULL */
	const char *groups;	/* one a line; NULL: none */
};

struct xep_session;

/* The whole list as known now; valid until the next xep_element(). */
const struct roster_contact *roster_contacts(struct xep_session *x,
    size_t *count);
/* NULL if the bare JID is no contact. */
const struct roster_contact *roster_contact(struct xep_session *x,
    const char *bare);
/* Whether somebody sees our presence anyway, and may therefore ask what we
 * are: a contact with subscription from or both. */
bool roster_is_subscribed(struct xep_session *x, const char *bare);

#endif
