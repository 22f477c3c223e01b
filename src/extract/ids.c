#include <string.h>

#include "base/str.h"
#include "extract/inside.h"

void
ids_origin(struct extraction *x, const struct node *n)
{
	if (x->r->origin_id == NULL)
		x->r->origin_id = extract_attr(n, "id");
}

static struct archive_id *
add(struct extraction *x, const char *by, const char *id)
{
	struct record *r = x->r;
	struct archive_id *grown;

	grown = extract_grow(x->a, r->archive_ids, r->archive_id_count,
	    sizeof *grown);
	r->archive_ids = grown;
	grown += r->archive_id_count++;
	*grown = (struct archive_id){ .by = by, .id = id };
	return grown;
}

void
ids_archive(struct extraction *x, const struct node *n)
{
	const char *by = extract_jid(x, n, "by");
	const char *id = extract_attr(n, "id");

	if (by != NULL && id != NULL &&
	    x->r->archive_id_count < EXTRACT_MOST)
		add(x, by, id);
}

/* Rooms that do not know occupant-ids pass on forged ones. */
void
ids_occupant(struct extraction *x, const struct node *n)
{
	const struct extract_context *c = x->context;

	if (x->r->occupant_id == NULL && x->room != NULL &&
	    c->room_trusts_occupants != NULL &&
	    c->room_trusts_occupants(x->room, c->arg))
		x->r->occupant_id = extract_attr(n, "id");
}

/* The archive whose mark may be believed on this stanza, or NULL: the own
 * account's in a conversation of two, the room's on what the room sends to
 * all (src/README, rule 1). */
static const char *
trusted_by(const struct extraction *x)
{
	const struct extract_context *c = x->context;
	const struct record *r = x->r;

	if (r->kind != RECORD_MESSAGE)
		return NULL;
	if (r->type != MESSAGE_GROUPCHAT)
		return c->trusts_own_ids ? c->own->bare : NULL;
	if (x->room != NULL && strcmp(x->room, x->from.bare) == 0 &&
	    c->room_trusts_ids != NULL && c->room_trusts_ids(x->room, c->arg))
		return x->room;
	return NULL;
}

/* How many elements name an archive: counted in the stanza, so that neither
 * an empty id nor the limit on kept ones can hide a second. */
static size_t
count_by(struct extraction *x, const char *by, const char **id)
{
	const struct node *n;
	size_t count = 0;

	for (n = node_child(x->stanza, NS_SID, "stanza-id"); n != NULL;
	     n = node_next(n, NS_SID, "stanza-id")) {
		if (!str_is(extract_jid(x, n, "by"), by))
			continue;
		*id = extract_attr(n, "id");
		count++;
	}
	return count;
}

/* Marks the kept (by, id) as true, adding it if it is not among them. */
static void
trust(struct extraction *x, const char *by, const char *id)
{
	struct record *r = x->r;
	struct archive_id *ids;
	size_t i;

	for (i = 0; i < r->archive_id_count; i++)
		if (strcmp(r->archive_ids[i].by, by) == 0 &&
		    strcmp(r->archive_ids[i].id, id) == 0)
			break;
	if (i == r->archive_id_count)
		add(x, by, id);
	ids = (struct archive_id *)(uintptr_t)r->archive_ids;
	ids[i].is_trusted = true;
}

/*
 * Trusts exactly one mark, or none. In an archive's result the result itself
 * says the id, and a mark inside that claims to be of the same archive says
 * nothing: it may have been sent so.
 */
void
ids_settle(struct extraction *x)
{
	const struct extract_context *c = x->context;
	const char *by = trusted_by(x), *id = NULL;

	if (c->archive_by != NULL && c->archive_id != NULL) {
		trust(x, c->archive_by, c->archive_id);
		if (str_is(by, c->archive_by))
			return;
	}
	if (by != NULL && count_by(x, by, &id) == 1 && id != NULL)
		trust(x, by, id);
}
