#include <string.h>

#include "base/str.h"
#include "extract/inside.h"

/* Parses an address; *raw is what came if preparing changed it. */
static struct jid
prepared(struct extraction *x, const char *text, const char **raw)
{
	struct jid jid = jid_parse(x->a, text);

	*raw = strcmp(jid.full, text) == 0 ? NULL : text;
	return jid;
}

/* What a stanza itself says of its peer being a room. */
enum mark {
	MARK_NONE,
	MARK_ROOM,	/* an occupant's, or the room's own */
	MARK_INVITE,	/* the room passes on an invitation or its refusal */
};

static enum mark
mark_of(const struct extraction *x)
{
	const struct node *user = node_child(x->stanza, NS_MUC_USER, "x");

	if (x->r->kind == RECORD_MESSAGE &&
	    x->r->type == MESSAGE_GROUPCHAT)
		return MARK_ROOM;
	if (user == NULL)
		return x->r->kind == RECORD_PRESENCE &&
		    node_child(x->stanza, NS_MUC, "x") != NULL ? MARK_ROOM :
		    MARK_NONE;
	if (node_child(user, NS_MUC_USER, "invite") != NULL ||
	    node_child(user, NS_MUC_USER, "decline") != NULL)
		return MARK_INVITE;
	return MARK_ROOM;
}

/*
 * What the session knows by its own joins and by disco comes first; marks in
 * the stanza are the sender's word and count only where nothing is known.
 */
static bool
is_room(const struct extraction *x, const struct jid *peer)
{
	const struct extract_context *c = x->context;
	enum mark mark;

	if (!peer->is_valid || strcmp(peer->bare, c->own->bare) == 0)
		return false;
	if (c->is_room != NULL && c->is_room(peer->bare, c->arg))
		return true;
	mark = mark_of(x);
	/* Only the room itself, which has no resource, passes on invitations. */
	if (mark == MARK_NONE ||
	    (mark == MARK_INVITE && peer->resource != NULL))
		return false;
	return c->is_person == NULL || !c->is_person(peer->bare, c->arg);
}

static void
set_chat(struct extraction *x, const struct jid *peer)
{
	struct record *r = x->r;

	if (!is_room(x, peer)) {
		r->chat = peer->bare;
		r->chat_kind = CHAT_DIRECT;
		return;
	}
	x->room = peer->bare;
	if (r->kind == RECORD_MESSAGE && r->type != MESSAGE_GROUPCHAT &&
	    peer->resource != NULL) {
		r->chat = peer->full;
		r->chat_kind = CHAT_PRIVATE;
	} else {
		r->chat = peer->bare;
		r->chat_kind = CHAT_ROOM;
	}
	if (jid_is_same_bare(peer, &x->from))
		r->nick = x->from.resource;
}

void
address_read(struct extraction *x)
{
	const struct jid *own = x->context->own;
	const char *from = extract_attr(x->stanza, "from");
	const char *to = extract_attr(x->stanza, "to");
	struct record *r = x->r;
	struct jid self = *own;

	/* RFC 6120 8.1.2.1: without `from` it is the account's own. */
	x->from = from == NULL ? self : prepared(x, from, &r->from_raw);
	r->from = x->from.full;
	if (to != NULL) {
		x->to = prepared(x, to, &r->to_raw);
		r->to = x->to.full;
	} else {
		x->to = self;
	}
	/* A message to oneself is `out`. */
	r->direction = x->context->is_outgoing ||
	    jid_is_same_bare(&x->from, own) ? DIRECTION_OUT : DIRECTION_IN;
	set_chat(x, r->direction == DIRECTION_OUT ? &x->to : &x->from);
}

/* What a room reflects of our own words, once it is known who spoke. */
void
address_settle(struct extraction *x)
{
	const struct extract_context *c = x->context;
	struct record *r = x->r;

	if (r->kind == RECORD_MESSAGE && r->chat_kind == CHAT_ROOM &&
	    r->direction == DIRECTION_IN && r->nick != NULL &&
	    c->is_own_occupant != NULL &&
	    c->is_own_occupant(x->room, r->nick, r->occupant_id, c->arg))
		r->direction = DIRECTION_OUT;
}
