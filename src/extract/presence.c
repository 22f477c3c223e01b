#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "extract/inside.h"

/* A word beyond the four says nothing we know; it stays in the raw stanza. */
void
presence_show(struct extraction *x, const struct node *n)
{
	if (x->r->show == SHOW_NONE)
		presence_show_parse(node_text(n, x->a, NULL), &x->r->show);
}

/* RFC 6121 4.7.2.3: a signed byte; anything else is 0. XML Schema lets space
 * stand around it and a plus in front. */
void
presence_priority(struct extraction *x, const struct node *n)
{
	const char *s = node_text(n, x->a, NULL);
	const char *space = " \t\r\n";
	long long value;

	s += strspn(s, space);
	if (*s == '+' && s[1] != '-')
		s++;
	s = arena_strn(x->a, s, strcspn(s, space));
	if (str_to_i64(s, &value) && value >= -128 && value <= 127)
		x->r->priority = (int)value;
}

void
presence_caps(struct extraction *x, const struct node *n)
{
	x->r->caps_node = extract_attr(n, "node");
	x->r->caps_ver = extract_attr(n, "ver");
}

/* XEP-0153 4.3: no <photo/> means not ready to say; an empty one, that there
 * is none. */
void
presence_photo(struct extraction *x, const struct node *n)
{
	if (x->r->photo == NULL)
		x->r->photo = node_child_text(n, NS_VCARD_UPDATE, "photo",
		    x->a);
}

void
presence_idle(struct extraction *x, const struct node *n)
{
	const char *since = node_attr(n, "since");
	int64_t us;

	if (since != NULL && time_parse(since, &us))
		x->r->idle_us = us;
}

/* XEP-0045 15.6.2: three digits each. */
static void
read_codes(struct extraction *x, const struct node *user,
    struct room_item *room)
{
	const struct node *n;
	int *codes = NULL;

	for (n = node_child(user, NS_MUC_USER, "status"); n != NULL;
	     n = node_next(n, NS_MUC_USER, "status")) {
		const char *text = node_attr(n, "code");
		unsigned code;

		if (text == NULL || !str_to_u32(text, &code) || code < 100 ||
		    code > 999 || room->code_count >= EXTRACT_MOST)
			continue;
		codes = extract_grow(x->a, codes, room->code_count,
		    sizeof *codes);
		codes[room->code_count++] = (int)code;
	}
	room->codes = codes;
}

static bool
has_code(const struct room_item *room, int code)
{
	size_t i;

	for (i = 0; i < room->code_count; i++)
		if (room->codes[i] == code)
			return true;
	return false;
}

/* Unlike in a message, the room itself writes this: RFC 6121 presence comes
 * from it alone, and it strips what occupants put in (XEP-0045 7.2). */
void
presence_occupant(struct extraction *x, const struct node *n)
{
	const struct node *item = node_child(n, NS_MUC_USER, "item");
	const struct node *actor, *destroy;
	struct room_item *room;

	if (x->room == NULL || x->r->room != NULL)
		return;
	room = arena_alloc(x->a, sizeof *room);
	room->nick = x->r->nick;
	read_codes(x, n, room);
	if (item != NULL) {
		room->jid = extract_jid(x, item, "jid");
		room->affiliation = extract_attr(item, "affiliation");
		room->role = extract_attr(item, "role");
		room->reason = extract_child_text(x, item, NS_MUC_USER,
		    "reason");
		if (has_code(room, 303))	/* 7.6: a change of nick */
			room->new_nick = extract_attr(item, "nick");
		actor = node_child(item, NS_MUC_USER, "actor");
		if (actor != NULL) {
			room->actor = extract_jid(x, actor, "jid");
			if (room->actor == NULL)
				room->actor = extract_attr(actor, "nick");
		}
	}
	destroy = node_child(n, NS_MUC_USER, "destroy");
	if (destroy != NULL && room->reason == NULL)
		room->reason = extract_child_text(x, destroy, NS_MUC_USER,
		    "reason");
	x->r->room = room;
}
