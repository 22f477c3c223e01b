/*
 * Events of personal nodes (XEP-0163) and other pubsub services: the node's
 * name is what happened; items stay in the raw stanza.
 */
#include "extract/inside.h"

void
pubsub_event(struct extraction *x, const struct node *n)
{
	const struct node *what = node_child(n, NULL, NULL);
	const char *node;

	if (what == NULL || x->r->event != NULL)
		return;
	node = extract_attr(what, "node");
	x->r->event = node != NULL ? node : "pubsub";
}
