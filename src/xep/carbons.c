/*
 * carbons - XEP-0280: asks the server for copies of what other resources of
 * the account send and receive. What comes is extract/forward's business.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "xep/disco.h"
#include "xep/xep.h"
#include "xml/ns.h"


struct carbons {
	struct xep_session *x;
};

static void *
carbons_start(struct xep_session *x, const struct xep_options *o)
{
	struct carbons *c = mem_alloc(sizeof *c);

	c->x = x;
	return c;
}

static void
on_answer(const struct node *answer, void *arg)
{
	struct carbons *c = arg;
	struct xep_event *ev = xep_tell(c->x, XEP_CARBONS);

	ev->is_on = answer != NULL &&
	    str_is(node_attr(answer, "type"), "result");
	if (!ev->is_on)
		ev->why = arena_printf(ev->arena,
		    "carbons could not be enabled: %s",
		    xep_refusal(ev->arena, answer, NULL));
}

/* XEP-0280 2: a server says so on its own JID; some on the account's. */
static void
carbons_ready(void *state)
{
	struct carbons *c = state;

	if (disco_has(c->x, DISCO_SERVER, NS_CARBONS) ||
	    disco_has(c->x, DISCO_ACCOUNT, NS_CARBONS))
		xep_request(c->x, "set", NULL,
		    "<enable xmlns='" NS_CARBONS "'/>", XEP_PATIENCE_US,
		    on_answer, c);
	else
		xep_tell(c->x, XEP_CARBONS)->why =
		    "the server does not offer carbons";
}

const struct xep carbons_row = {
	.name = "carbons",
	.start = carbons_start,
	.on_ready = carbons_ready,
	.stop = free,
};
