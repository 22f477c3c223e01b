#include "xep/xep.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/names.h"
#include "xml/ns.h"
#include "xml/refusal.h"


/* Started in this order: the roster is asked first, which makes the session
 * one that gets pushes (RFC 6121 2.2). */
const struct xep *const xep_table[] = {
	&roster_row,
	&disco_row,
	&carbons_row,
	&ping_row,
	&mam_row,
	NULL,
};
enum { ROWS = sizeof xep_table / sizeof xep_table[0] - 1 };

struct queued {
	struct list link;
	struct xep_event event;
};

struct xep_session {
	struct arena *arena;	/* lives as long as the session */
	struct arena *scratch;	/* for a look at an address */
	struct jid own;
	struct iq_table *iqs;
	struct buf out;
	struct list events;
	struct queued *shown;	/* what xep_next() gave out last */
	void *states[ROWS];
	unsigned heard;		/* bits of xep_event_kind */
	int64_t now_us;
};

static void
drop(struct queued *q)
{
	if (q == NULL)
		return;
	list_remove(&q->link);
	arena_free(q->event.arena);
	free(q);
}

struct xep_session *
xep_new(const struct xep_options *o, int64_t now_us)
{
	struct xep_session *x = mem_alloc(sizeof *x);
	size_t i;

	x->arena = arena_new();
	x->scratch = arena_new();
	x->own = jid_parse(x->arena, o->own);
	x->iqs = iq_new(x->own.full);
	x->now_us = now_us;
	list_init(&x->events);
	for (i = 0; i < ROWS; i++)
		x->states[i] = xep_table[i]->start(x, o);
	return x;
}

void
xep_free(struct xep_session *x)
{
	size_t i;

	if (x == NULL)
		return;
	iq_free(x->iqs);	/* calls nothing back */
	for (i = ROWS; i-- > 0;)
		xep_table[i]->stop(x->states[i]);
	drop(x->shown);
	while (!list_is_empty(&x->events))
		drop(list_item(x->events.next, struct queued, link));
	buf_clear(&x->out);
	arena_free(x->scratch);
	arena_free(x->arena);
	free(x);
}

void *
xep_state(const struct xep_session *x, const struct xep *which)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (xep_table[i] == which)
			return x->states[i];
	return NULL;
}

const struct jid *
xep_own(const struct xep_session *x)
{
	return &x->own;
}

struct buf *
xep_output(struct xep_session *x)
{
	return &x->out;
}

void
xep_request(struct xep_session *x, const char *type, const char *to,
    const char *payload, int64_t timeout_us, iq_callback cb, void *arg)
{
	iq_request(x->iqs, &x->out, type, to, payload,
	    x->now_us + timeout_us, cb, arg);
}

struct xep_event *
xep_tell(struct xep_session *x, enum xep_event_kind kind)
{
	struct queued *q = mem_alloc(sizeof *q);

	q->event.kind = kind;
	q->event.arena = arena_new();
	list_push(&x->events, &q->link);
	return &q->event;
}

bool
xep_next(struct xep_session *x, struct xep_event *ev)
{
	drop(x->shown);
	x->shown = NULL;
	if (list_is_empty(&x->events))
		return false;
	x->shown = list_item(x->events.next, struct queued, link);
	list_remove(&x->shown->link);
	*ev = x->shown->event;
	return true;
}

void
xep_heard(struct xep_session *x, enum xep_event_kind kind)
{
	const unsigned all = 1u << XEP_ROSTER | 1u << XEP_DISCO;
	unsigned before = x->heard;
	size_t i;

	x->heard |= 1u << kind;
	if (before == all || x->heard != all)
		return;
	for (i = 0; i < ROWS; i++)
		if (xep_table[i]->on_ready != NULL)
			xep_table[i]->on_ready(x->states[i]);
}

static struct jid
look_at(struct xep_session *x, const char *address)
{
	arena_reset(x->scratch);
	return jid_parse(x->scratch, address);
}

bool
xep_is_account(struct xep_session *x, const char *from)
{
	struct jid jid;

	if (from == NULL)	/* RFC 6120 8.1.2.1 */
		return true;
	jid = look_at(x, from);
	return jid.is_valid && jid.resource == NULL &&
	    jid_is_same_bare(&jid, &x->own);
}

/* The own account with any resource, or the server itself. */
static bool
is_home(struct xep_session *x, const char *from)
{
	struct jid jid;

	if (from == NULL)
		return true;
	jid = look_at(x, from);
	return jid.is_valid && (jid_is_same_bare(&jid, &x->own) ||
	    (jid.local == NULL && jid.resource == NULL &&
	    strcmp(jid.domain, x->own.domain) == 0));
}

bool
xep_may_ask(struct xep_session *x, const char *from)
{
	return is_home(x, from) ||
	    roster_is_subscribed(x, look_at(x, from).bare);
}

const char *
xep_refusal(struct arena *a, const struct node *answer,
    const char **condition)
{
	const char *name, *text;
	struct refusal r;

	if (condition != NULL)
		*condition = NULL;
	if (answer == NULL)
		return "no answer came in time";
	refusal_read(answer, &r);
	name = r.condition != NULL ? arena_str(a, r.condition)
	    : error_condition_of_code(r.code);
	if (name == NULL)
		name = "undefined-condition";
	if (condition != NULL)
		*condition = name;
	text = r.text == NULL ? NULL : node_text(r.text, a, NULL);
	return text == NULL ? name : arena_printf(a, "%s (%s)", name, text);
}

/* A result or error that no request of ours waits for. Home is only late. */
static enum xep_verdict
on_stray_answer(struct xep_session *x, const struct node *stanza,
    struct arena *a, const char **why)
{
	const char *from = node_attr(stanza, "from");

	if (is_home(x, from))
		return XEP_TAKEN;
	*why = arena_printf(a, "an answer from %s, which was not asked", from);
	return XEP_FORGED;
}

static enum xep_verdict
offer(struct xep_session *x, const struct node *stanza, struct arena *a,
    const char **why)
{
	enum xep_verdict verdict = XEP_PASS;
	size_t i;

	for (i = 0; i < ROWS && verdict == XEP_PASS; i++)
		if (xep_table[i]->on_element != NULL)
			verdict = xep_table[i]->on_element(x->states[i],
			    stanza, a, why);
	return verdict;
}

enum xep_verdict
xep_element(struct xep_session *x, const struct node *stanza, struct arena *a,
    int64_t now_us, const char **why)
{
	enum xep_verdict verdict;
	const char *type = node_attr(stanza, "type");

	x->now_us = now_us;
	*why = NULL;
	if (!node_is(stanza, NS_CLIENT, "iq"))
		return offer(x, stanza, a, why);
	if (iq_answer(x->iqs, stanza))
		return XEP_TAKEN;
	if (str_is(type, "result") || str_is(type, "error"))
		return on_stray_answer(x, stanza, a, why);
	if (!str_is(type, "get") && !str_is(type, "set"))
		return XEP_TAKEN;	/* RFC 6120 8.2.3: nothing to answer */
	verdict = offer(x, stanza, a, why);
	if (verdict == XEP_TAKEN)
		return verdict;
	/* RFC 6121 8.5.3.1.2: what an absent resource would be answered. */
	iq_error(&x->out, stanza, "cancel", "service-unavailable");
	return verdict == XEP_FORGED ? XEP_FORGED : XEP_TAKEN;
}

void
xep_tick(struct xep_session *x, int64_t now_us)
{
	x->now_us = now_us;
	iq_tick(x->iqs, now_us);
}

int64_t
xep_deadline(const struct xep_session *x)
{
	return iq_deadline(x->iqs);
}
