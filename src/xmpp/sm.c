#include "xmpp/sm.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

void
sm_init(struct sm *sm)
{
	*sm = (struct sm){ 0 };
	list_init(&sm->queue);
}

static void
drop_until(struct sm *sm, uint64_t number)
{
	struct list *link, *after;

	list_each(link, after, &sm->queue) {
		struct sm_stanza *s = list_item(link, struct sm_stanza, link);

		if (s->number > number)
			break;
		list_remove(link);
		sm->queued--;
		sm->queued_bytes -= s->len;
		free(s);
	}
}

void
sm_clear(struct sm *sm)
{
	drop_until(sm, UINT64_MAX);
	sm_init(sm);
}

void
sm_restore(struct sm *sm, uint32_t handled, uint32_t sent, uint32_t acked)
{
	sm_clear(sm);
	sm->received = sm->handled = handled;
	sm->acked = acked;
	/* The distance is what counts; it may go over the edge. */
	sm->sent = sm->acked + (uint32_t)(sent - acked);
}

void
sm_sent(struct sm *sm, const char *xml, size_t len)
{
	struct sm_stanza *s = mem_alloc(sizeof *s + len + 1);

	s->number = ++sm->sent;
	s->len = len;
	memcpy(s->data, xml, len);
	list_push(&sm->queue, &s->link);
	sm->queued++;
	sm->queued_bytes += len;
}

enum sm_ack
sm_acked(struct sm *sm, const char *h, size_t *dropped)
{
	size_t before = sm->queued;
	unsigned value;
	uint32_t forward;

	if (dropped != NULL)
		*dropped = 0;
	if (h == NULL || !str_to_u32(h, &value))
		return SM_BAD_NUMBER;
	/* A circle has no before and after; the nearer way decides. */
	forward = (uint32_t)value - (uint32_t)sm->acked;
	if (forward > sm->sent - sm->acked)
		return forward >= UINT32_C(1) << 31 ? SM_STALE : SM_TOO_HIGH;
	sm->acked += forward;
	drop_until(sm, sm->acked);
	if (dropped != NULL)
		*dropped = before - sm->queued;
	return SM_OK;
}

static const struct sm_stanza *
at(const struct sm *sm, const struct list *link)
{
	return link == &sm->queue ? NULL :
	    (const struct sm_stanza *)(const void *)((const char *)link -
	    offsetof(struct sm_stanza, link));
}

const struct sm_stanza *
sm_first(const struct sm *sm)
{
	return at(sm, sm->queue.next);
}

const struct sm_stanza *
sm_after(const struct sm *sm, const struct sm_stanza *s)
{
	return at(sm, s->link.next);
}

uint64_t
sm_received(struct sm *sm)
{
	return ++sm->received;
}

bool
sm_handled(struct sm *sm, uint64_t number)
{
	assert(number <= sm->received);
	if (number <= sm->handled)
		return false;
	sm->handled = number;
	return true;
}

uint32_t
sm_h(const struct sm *sm)
{
	return (uint32_t)sm->handled;
}
