/*
 * What rooms say in messages: invitations, topics, changes of their set-up
 * (XEP-0045, XEP-0249). An archiver joins nobody's room because of them. The
 * real address that a message's item claims is anybody's word and stays raw.
 */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "extract/inside.h"

/* XEP-0045 15.6: status codes that tell of the room's set-up. */
static bool
is_config_code(const char *code)
{
	static const char *const codes[] = { "102", "103", "104", "170",
		"171", "172", "173", "174" };
	size_t i;

	for (i = 0; i < COUNT(codes); i++)
		if (strcmp(codes[i], code) == 0)
			return true;
	return false;
}

static void
read_codes(struct extraction *x, const struct node *user)
{
	const struct node *n;

	/* Only the room itself, which has no resource, knows them. */
	if (x->room == NULL || x->from.resource != NULL)
		return;
	for (n = node_child(user, NS_MUC_USER, "status"); n != NULL;
	     n = node_next(n, NS_MUC_USER, "status")) {
		const char *code = extract_attr(n, "code");

		if (code != NULL && is_config_code(code))
			x->is_room_config = true;
	}
}

/* XEP-0045 7.8.2: passed on by the room, which is then the sender; on its
 * way there it is addressed to the room. */
static void
read_mediated(struct extraction *x, const struct node *user)
{
	const struct node *n = node_child(user, NS_MUC_USER, "invite");
	struct invite *invite = arena_alloc(x->a, sizeof *invite);
	bool is_out = x->r->direction == DIRECTION_OUT;
	const struct node *more;

	if (n == NULL) {
		n = node_child(user, NS_MUC_USER, "decline");
		invite->is_decline = true;
	}
	if (n == NULL)
		return;
	invite->room = is_out ? x->to.bare : x->from.bare;
	invite->from = extract_jid(x, n, "from");
	if (invite->from == NULL && is_out)
		invite->from = x->r->from;
	invite->reason = extract_child_text(x, n, NS_MUC_USER, "reason");
	invite->password = extract_child_text(x, user, NS_MUC_USER,
	    "password");
	more = node_child(n, NS_MUC_USER, "continue");
	if (more != NULL)
		invite->thread = extract_attr(more, "thread");
	x->r->invite = invite;
}

void
room_user(struct extraction *x, const struct node *n)
{
	read_codes(x, n);
	read_mediated(x, n);
}

/* XEP-0249. Servers put one beside the mediated form of the same invitation,
 * which says more. */
void
room_invite(struct extraction *x, const struct node *n)
{
	const struct node *user = node_child(x->stanza, NS_MUC_USER, "x");
	const char *room = extract_jid(x, n, "jid");
	struct invite *invite;

	if (room == NULL || x->r->invite != NULL || (user != NULL &&
	    node_child(user, NS_MUC_USER, "invite") != NULL))
		return;
	invite = arena_alloc(x->a, sizeof *invite);
	invite->is_direct = true;
	invite->room = room;
	invite->from = x->r->from;
	invite->reason = extract_attr(n, "reason");
	invite->password = extract_attr(n, "password");
	invite->thread = extract_attr(n, "thread");
	x->r->invite = invite;
}

/* XEP-0172: what somebody wants to be called; in rooms the resource says it,
 * and the room has seen to it that it is theirs. */
void
room_nick(struct extraction *x, const struct node *n)
{
	const char *nick = node_text(n, x->a, NULL);

	if (x->room == NULL && x->r->nick == NULL && *nick != '\0')
		x->r->nick = nick;
}

/* XEP-0045 8.1: a subject without body and thread sets the topic; empty, it
 * clears it. With a body it is a message that has a subject. */
void
room_settle(struct extraction *x)
{
	struct record *r = x->r;

	if (r->kind != RECORD_MESSAGE || r->event != NULL)
		return;
	if (r->type == MESSAGE_GROUPCHAT && r->chat_kind == CHAT_ROOM &&
	    r->subject_count > 0 && r->body_count == 0 && r->thread == NULL)
		r->event = "subject";
	else if (x->is_room_config)
		r->event = "config";
}
