#include "extract/forward.h"

#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "extract/ns.h"

/* What each kind of wrapper is, and which rule it breaks if it lies. */
static const struct wrapper {
	const char *ns, *name;
	enum forward_kind kind;
	enum forged forged;
	const char *what;
} wrappers[] = {
	{ NS_CARBONS, "received", FORWARD_RECEIVED, FORGED_CARBON, "carbon" },
	{ NS_CARBONS, "sent", FORWARD_SENT, FORGED_CARBON, "carbon" },
	{ NS_MAM, "result", FORWARD_RESULT, FORGED_ARCHIVE,
	    "archive result" },
};
enum { WRAPPERS = sizeof wrappers / sizeof wrappers[0] };

/* What is being unwrapped. */
struct unwrapping {
	struct arena *a;
	const struct node *message;
	const struct jid *own;
	const struct wrapper *wrapper;
	struct forward *out;
};

static void
refuse(struct unwrapping *u, enum forged forged, const char *why)
{
	u->out->kind = FORWARD_FORGED;
	u->out->inner = NULL;
	u->out->forged = forged;
	u->out->why = arena_printf(u->a, "%s: %s", u->wrapper->what, why);
}

/* How many wrappers are among the children, and the first of them. */
static size_t
find(const struct node *message, const struct wrapper **wrapper,
    const struct node **element)
{
	const struct node *n;
	size_t count = 0, i;

	for (n = message->children; n != NULL; n = n->next) {
		for (i = 0; n->name != NULL && i < WRAPPERS; i++) {
			if (!node_is(n, wrappers[i].ns, wrappers[i].name))
				continue;
			if (count++ == 0) {
				*wrapper = &wrappers[i];
				*element = n;
			}
		}
	}
	return count;
}

/* The one message in the one <forwarded/>, or NULL and a refusal. */
static const struct node *
open_forwarded(struct unwrapping *u, const struct node *element)
{
	const struct node *forwarded = node_child(element, NS_FORWARD,
	    "forwarded");
	const struct node *inner, *n, *nested;
	const struct wrapper *w;

	if (forwarded == NULL) {
		refuse(u, u->wrapper->forged, "it holds nothing forwarded");
		return NULL;
	}
	if (node_next(forwarded, NS_FORWARD, "forwarded") != NULL) {
		refuse(u, u->wrapper->forged,
		    "it holds more than one forwarded stanza");
		return NULL;
	}
	inner = node_child(forwarded, NS_CLIENT, "message");
	if (inner == NULL) {
		refuse(u, u->wrapper->forged, "it holds no message");
		return NULL;
	}
	for (n = forwarded->children; n != NULL; n = n->next) {
		if (n->name == NULL || n == inner ||
		    strcmp(n->ns, NS_CLIENT) != 0)
			continue;
		refuse(u, u->wrapper->forged,
		    "it holds more than one stanza");
		return NULL;
	}
	if (find(inner, &w, &nested) > 0) {
		refuse(u, FORGED_NESTED, arena_printf(u->a,
		    "the message inside is itself a wrapper (%s)", w->what));
		return NULL;
	}
	return inner;
}

/* The stamp beside the message; none if there are several: then nobody knows
 * which is the server's. */
static int64_t
stamp_of(const struct node *inner)
{
	const struct node *delay = node_child(inner->parent, NS_DELAY,
	    "delay");
	const char *stamp;
	int64_t us;

	if (delay == NULL || node_next(delay, NS_DELAY, "delay") != NULL)
		return 0;
	stamp = node_attr(delay, "stamp");
	if (stamp == NULL || !time_parse(stamp, &us) || us <= TIME_LEAST ||
	    us > TIME_MOST)
		return 0;
	return us;
}

static bool
is_own_bare(const struct unwrapping *u, const char *address)
{
	struct jid jid;

	if (address == NULL)
		return false;
	jid = jid_parse(u->a, address);
	return jid_is_same_bare(&jid, u->own);
}

/* Whoever may wrap for the own account: it itself, without a resource. */
static bool
is_from_account(const struct unwrapping *u)
{
	const char *from = node_attr(u->message, "from");
	struct jid jid;

	if (from == NULL)
		return true;
	jid = jid_parse(u->a, from);
	return jid.is_valid && jid.resource == NULL &&
	    jid_is_same_bare(&jid, u->own);
}

/* Whether the outside may be believed: for a carbon, that the own account
 * made it. */
static bool
is_true_carbon(struct unwrapping *u)
{
	if (is_from_account(u))
		return true;
	refuse(u, FORGED_CARBON, arena_printf(u->a,
	    "it came from %s and not from the own account",
	    node_attr(u->message, "from")));
	return false;
}

/* For a result (XEP-0313 5.1.2 and 11): asked for, of this archive, and not
 * over yet. */
static bool
is_true_result(struct unwrapping *u, const struct node *result,
    forward_is_open is_open, void *arg)
{
	const char *from = node_attr(u->message, "from");
	struct forward *out = u->out;
	struct jid archive = *u->own;

	if (from != NULL)
		archive = jid_parse(u->a, from);
	out->archive = archive.bare;
	out->query_id = node_attr(result, "queryid");
	out->archive_id = node_attr(result, "id");
	if (from != NULL && archive.resource != NULL)
		refuse(u, FORGED_ARCHIVE, arena_printf(u->a,
		    "it came from %s, and no archive has a resource", from));
	else if (out->query_id == NULL || is_open == NULL ||
	    !is_open(out->archive, out->query_id, arg))
		refuse(u, FORGED_ARCHIVE, arena_printf(u->a,
		    "it came from %s, and no query with the id %s is open there",
		    out->archive, out->query_id == NULL ? "(none)" :
		    out->query_id));
	else if (out->archive_id == NULL || *out->archive_id == '\0')
		refuse(u, FORGED_ARCHIVE, "it has no id");
	else
		out->is_awaited = true;
	return out->is_awaited;
}

/* XEP-0280 11: the copy must be of ours. Prosody's copy of a note to oneself
 * has no `to`. */
static void
check_carbon(struct unwrapping *u)
{
	const struct node *inner = u->out->inner;
	const char *from = node_attr(inner, "from");
	const char *to = node_attr(inner, "to");

	if (u->wrapper->kind == FORWARD_SENT && !is_own_bare(u, from))
		refuse(u, FORGED_CARBON, arena_printf(u->a,
		    "the message inside is from %s and was not sent by us",
		    from == NULL ? "nobody" : from));
	else if (u->wrapper->kind == FORWARD_RECEIVED &&
	    !is_own_bare(u, to) && !(to == NULL && is_own_bare(u, from)))
		refuse(u, FORGED_CARBON, arena_printf(u->a,
		    "the message inside is to %s and not to us",
		    to == NULL ? "nobody" : to));
}

/* A room's archive holds what was said in the room; the own one may hold
 * whatever the server put there. */
static void
check_result(struct unwrapping *u)
{
	const char *from = node_attr(u->out->inner, "from");
	const char *archive = u->out->archive;

	if (strcmp(archive, u->own->bare) == 0)
		return;
	if (from == NULL || strcmp(jid_parse(u->a, from).bare, archive) != 0)
		refuse(u, FORGED_ARCHIVE, arena_printf(u->a,
		    "the message inside is from %s and not from the room %s",
		    from == NULL ? "nobody" : from, archive));
}

void
forward_open(struct arena *a, const struct node *message,
    const struct jid *own, forward_is_open is_open, void *arg,
    struct forward *out)
{
	struct unwrapping u = { a, message, own, NULL, out };
	const struct node *element = NULL;
	size_t count;
	bool is_true;

	*out = (struct forward){ .kind = FORWARD_NONE };
	if (!node_is(message, NS_CLIENT, "message"))
		return;
	count = find(message, &u.wrapper, &element);
	if (count == 0)
		return;
	out->kind = u.wrapper->kind;
	is_true = out->kind == FORWARD_RESULT ?
	    is_true_result(&u, element, is_open, arg) : is_true_carbon(&u);
	if (!is_true)
		return;
	if (count > 1) {
		refuse(&u, FORGED_NESTED, "it stands beside another wrapper");
		return;
	}
	out->inner = open_forwarded(&u, element);
	if (out->inner == NULL)
		return;
	out->stamp_us = stamp_of(out->inner);
	if (out->kind == FORWARD_RESULT)
		check_result(&u);
	else
		check_carbon(&u);
}
