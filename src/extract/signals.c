/*
 * Small words between clients: states, requests for an answer (which this
 * program never gives), and hints to servers (which it notes and does not
 * obey: an archive keeps what was said).
 */
#include <string.h>

#include "base/str.h"
#include "extract/inside.h"

void
signals_chat_state(struct extraction *x, const struct node *n)
{
	if (x->r->chat_state == STATE_NONE)
		chat_state_parse(n->name, &x->r->chat_state);
}

/*
 * XEP-0022: beside a body it asks to be told; without one it tells, and the
 * id says of what. A bare id takes "composing" back.
 */
void
signals_event_old(struct extraction *x, const struct node *n)
{
	static const struct {
		const char *name;
		enum ref_kind kind;
	} told[] = {
		{ "delivered", REF_RECEIVED },
		{ "displayed", REF_DISPLAYED },
	};
	const char *id = extract_child_text(x, n, NS_EVENT_OLD, "id");
	struct record *r = x->r;
	bool is_told = false;
	size_t i;

	if (node_child(x->stanza, NS_CLIENT, "body") != NULL) {
		if (node_child(n, NS_EVENT_OLD, "delivered") != NULL)
			r->wants_receipt = true;
		return;
	}
	if (id == NULL)
		return;
	for (i = 0; i < sizeof told / sizeof told[0]; i++) {
		struct ref ref = { .kind = told[i].kind, .id = id };

		if (node_child(n, NS_EVENT_OLD, told[i].name) == NULL)
			continue;
		is_told = true;
		refs_add(x, &ref);
	}
	if (r->chat_state != STATE_NONE)
		return;
	if (node_child(n, NS_EVENT_OLD, "composing") != NULL)
		r->chat_state = STATE_COMPOSING;
	else if (!is_told && node_child(n, NS_EVENT_OLD, "offline") == NULL)
		r->chat_state = STATE_PAUSED;
}

void
signals_request(struct extraction *x, const struct node *n)
{
	x->r->wants_receipt = true;
}

void
signals_markable(struct extraction *x, const struct node *n)
{
	x->r->wants_marker = true;
}

void
signals_no_store(struct extraction *x, const struct node *n)
{
	x->r->no_store = true;
}

void
signals_no_copy(struct extraction *x, const struct node *n)
{
	x->r->no_copy = true;
}

/* Payloads that are events by their mere name. */
void
signals_event(struct extraction *x, const struct node *n)
{
	if (x->r->event == NULL)
		x->r->event = n->name;
}
