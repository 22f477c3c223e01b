/*
 * Envelopes of encryption: what it is sealed with. What is inside stays in
 * the raw stanza until there is a key.
 */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "extract/inside.h"

/* XEP-0380's registry. */
static const struct envelope {
	const char *ns, *name;
} envelopes[] = {
	{ NS_AXOLOTL, "OMEMO" },
	{ NS_OMEMO_1, "OMEMO" },
	{ NS_OMEMO_2, "OMEMO" },
	{ NS_OPENPGP, "OpenPGP for XMPP" },
	{ NS_OPENPGP_OLD, "Legacy OpenPGP" },
	{ NS_OTR, "OTR" },
};

static const char *
name_of(const char *ns)
{
	size_t i;

	for (i = 0; i < COUNT(envelopes); i++)
		if (strcmp(envelopes[i].ns, ns) == 0)
			return envelopes[i].name;
	return NULL;
}

/* The sender's own word for it goes before what we conclude. */
void
sealed_eme(struct extraction *x, const struct node *n)
{
	const char *ns = extract_attr(n, "namespace");

	if (ns == NULL || x->has_eme)
		return;
	x->has_eme = true;
	x->r->encryption_ns = ns;
	x->r->encryption_name = name_of(ns);
	if (x->r->encryption_name == NULL)
		x->r->encryption_name = extract_attr(n, "name");
}

void
sealed_envelope(struct extraction *x, const struct node *n)
{
	if (x->r->encryption_ns != NULL)
		return;
	x->r->encryption_ns = n->ns;
	x->r->encryption_name = name_of(n->ns);
}

/* OTR is written into the body itself: ?OTR: begins data, ?OTR, and ?OTR| a
 * fragment. ?OTRv23? only asks for it, in plain words. */
void
sealed_settle(struct extraction *x)
{
	struct record *r = x->r;

	if (r->encryption_ns != NULL || r->body_count == 0)
		return;
	if (str_starts(r->bodies[0].text, "?OTR:") ||
	    str_starts(r->bodies[0].text, "?OTR,") ||
	    str_starts(r->bodies[0].text, "?OTR|")) {
		r->encryption_ns = NS_OTR;
		r->encryption_name = name_of(NS_OTR);
	}
}
