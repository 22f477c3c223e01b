/*
 * ping - XEP-0199: answers pings of those who may ask, and asks the own
 * server whether it is still there.
 */
#include <stdlib.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/str.h"
#include "xep/xep.h"
#include "xml/ns.h"

#define NS_PING "urn:xmpp:ping"

struct ping {
	struct list link;
	struct xep_session *x;
	int tag;
};

struct pings {
	struct xep_session *x;
	struct list open;
};

static void *
ping_start(struct xep_session *x, const struct xep_options *o)
{
	struct pings *p = mem_alloc(sizeof *p);

	p->x = x;
	list_init(&p->open);
	return p;
}

static void
forget(struct ping *ping)
{
	list_remove(&ping->link);
	free(ping);
}

static void
ping_stop(void *state)
{
	struct pings *p = state;

	while (!list_is_empty(&p->open))
		forget(list_item(p->open.next, struct ping, link));
	free(p);
}

/* XEP-0199 4.2: who does not know ping answers with an error, and is alive. */
static void
on_answer(const struct node *answer, void *arg)
{
	struct ping *ping = arg;
	struct xep_event *ev = xep_tell(ping->x, XEP_PONG);

	ev->is_on = answer != NULL;
	ev->tag = ping->tag;
	if (answer == NULL)
		ev->why = "the server does not answer";
	forget(ping);
}

void
xep_ping(struct xep_session *x, int tag, int64_t timeout_us, int64_t now_us)
{
	struct pings *p = xep_state(x, &ping_row);
	struct ping *ping = mem_alloc(sizeof *ping);

	xep_tick(x, now_us);
	ping->x = x;
	ping->tag = tag;
	list_push(&p->open, &ping->link);
	xep_request(x, "get", xep_own(x)->domain, "<ping xmlns='" NS_PING
	    "'/>", timeout_us, on_answer, ping);
}

static enum xep_verdict
ping_element(void *state, const struct node *stanza, struct arena *a,
    const char **why)
{
	struct pings *p = state;

	if (!node_is(stanza, NS_CLIENT, "iq") ||
	    !str_is(node_attr(stanza, "type"), "get") ||
	    node_child(stanza, NS_PING, "ping") == NULL ||
	    !xep_may_ask(p->x, node_attr(stanza, "from")))
		return XEP_PASS;
	iq_result(xep_output(p->x), stanza, NULL);
	return XEP_TAKEN;
}

static const char *const features[] = { NS_PING, NULL };

const struct xep ping_row = {
	.name = "ping",
	.features = features,
	.start = ping_start,
	.on_element = ping_element,
	.stop = ping_stop,
};
