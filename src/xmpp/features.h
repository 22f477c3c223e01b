/*
 * features - what <stream:features/> says, as far as logging in needs it.
 *
 * Everything points into the element and its arena.
 */
#ifndef XMPP_FEATURES_H
#define XMPP_FEATURES_H

#include <stdbool.h>

#include "base/arena.h"
#include "xml/node.h"
#include "xmpp/mechanism.h"

struct features {
	const struct node *node;	/* NULL: none have come */
	struct mechanism_offer offer;
	bool has_starttls;
	bool has_bind;
	bool needs_session;	/* RFC 3921 3, without <optional/> */
};

void features_read(struct features *f, const struct node *node,
    struct arena *a);

#endif
