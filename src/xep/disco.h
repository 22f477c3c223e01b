/*
 * disco - what account and server can do (XEP-0030), and what we are: the
 * answers to disco#info, version (XEP-0092), and the capabilities hash that
 * goes into presence (XEP-0115), all from one identity and one list of
 * features.
 *
 * Only the own account, the own server and contacts that see our presence
 * are answered.
 */
#ifndef XEP_DISCO_H
#define XEP_DISCO_H

#include <stdbool.h>

#include "base/buf.h"

struct xep_session;

enum disco_whom { DISCO_ACCOUNT, DISCO_SERVER };

/* Whether it advertises a feature; false until XEP_DISCO. */
bool disco_has(struct xep_session *x, enum disco_whom whom,
    const char *feature);

/* The name of the server's software (XEP-0092), NULL if it did not say. */
const char *disco_software(struct xep_session *x);

/* The <c/> element for presence. */
void disco_caps(struct xep_session *x, struct buf *out);

#endif
