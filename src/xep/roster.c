#include "xep/roster.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "xep/xep.h"
#include "xml/ns.h"
#include "xml/write.h"

#define NS_ROSTER "jabber:iq:roster"

/* Strings of the list are ours, each by itself: contacts come and go one by
 * one for as long as the stream lives. */
struct roster {
	struct xep_session *x;
	struct roster_contact *contacts;
	size_t count, room;
	bool asked_version;
};

static void
clear_contact(struct roster_contact *c)
{
	free((char *)(uintptr_t)c->jid);
	free((char *)(uintptr_t)c->name);
	free((char *)(uintptr_t)c->subscription);
	free((char *)(uintptr_t)c->ask);
	free((char *)(uintptr_t)c->groups);
}

static void
copy_contact(struct roster_contact *to, const struct roster_contact *from)
{
	to->jid = mem_str(from->jid);
	to->name = mem_str(from->name);
	to->subscription = mem_str(from->subscription);
	to->ask = mem_str(from->ask);
	to->groups = mem_str(from->groups);
}

static void
clear(struct roster *r)
{
	while (r->count > 0)
		clear_contact(&r->contacts[--r->count]);
}

static void
add(struct roster *r, const struct roster_contact *c)
{
	if (r->count == r->room) {
		r->room = r->room == 0 ? 16 : 2 * r->room;
		r->contacts = mem_resize(r->contacts, r->room,
		    sizeof *r->contacts);
	}
	copy_contact(&r->contacts[r->count++], c);
}

static struct roster_contact *
find(struct roster *r, const char *jid)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (strcmp(r->contacts[i].jid, jid) == 0)
			return &r->contacts[i];
	return NULL;
}

/* RFC 6121 2.1.6: a push adds, replaces or removes one item. */
static void
put(struct roster *r, const struct roster_contact *c)
{
	struct roster_contact *old = find(r, c->jid);

	if (old == NULL) {
		if (strcmp(c->subscription, "remove") != 0)
			add(r, c);
		return;
	}
	clear_contact(old);
	if (strcmp(c->subscription, "remove") == 0)
		*old = r->contacts[--r->count];
	else
		copy_contact(old, c);
}

static const char *
attr(const struct node *n, const char *name)
{
	const char *value = node_attr(n, name);

	return value == NULL || *value == '\0' ? NULL : value;
}

/* One a line: a line break inside a name of a group becomes a space. */
static const char *
groups_of(const struct node *item, struct arena *a)
{
	struct buf out = { 0 };
	const char *result = NULL;
	const struct node *n;
	size_t i;

	for (n = node_child(item, NS_ROSTER, "group"); n != NULL;
	     n = node_next(n, NS_ROSTER, "group")) {
		const char *name = node_text(n, a, NULL);
		size_t start;

		if (*name == '\0')
			continue;
		if (out.len > 0)
			buf_char(&out, '\n');
		start = out.len;
		buf_str(&out, name);
		for (i = start; i < out.len; i++)
			if (out.data[i] == '\n')
				out.data[i] = ' ';
	}
	if (out.len > 0)
		result = arena_strn(a, out.data, out.len);
	buf_clear(&out);
	return result;
}

/* False if it is no item that could be kept. */
static bool
read_item(const struct node *n, struct arena *a, struct roster_contact *c)
{
	struct jid jid = jid_parse(a, attr(n, "jid"));

	if (!jid.is_valid)
		return false;
	*c = (struct roster_contact){ .jid = jid.full };
	c->name = attr(n, "name");
	c->subscription = attr(n, "subscription");
	if (c->subscription == NULL)	/* RFC 6121 2.1.2.5 */
		c->subscription = "none";
	c->ask = attr(n, "ask");
	c->groups = groups_of(n, a);
	return true;
}

/* Copies of contacts into an event. */
static void
tell_contacts(struct xep_event *ev, const struct roster_contact *contacts,
    size_t count)
{
	struct roster_contact *copy = arena_array(ev->arena, count,
	    sizeof *copy);
	size_t i;

	for (i = 0; i < count; i++) {
		copy[i].jid = arena_str(ev->arena, contacts[i].jid);
		copy[i].name = arena_str(ev->arena, contacts[i].name);
		copy[i].subscription = arena_str(ev->arena,
		    contacts[i].subscription);
		copy[i].ask = arena_str(ev->arena, contacts[i].ask);
		copy[i].groups = arena_str(ev->arena, contacts[i].groups);
	}
	ev->contacts = copy;
	ev->count = count;
}

static void
read_all(struct roster *r, const struct node *query)
{
	struct arena *a = arena_new();
	struct roster_contact c;
	const struct node *n;

	clear(r);
	for (n = node_child(query, NS_ROSTER, "item"); n != NULL;
	     n = node_next(n, NS_ROSTER, "item"))
		if (read_item(n, a, &c))
			add(r, &c);
	arena_free(a);
}

static void
on_answer(const struct node *answer, void *arg)
{
	struct roster *r = arg;
	struct xep_event *ev = xep_tell(r->x, XEP_ROSTER);
	const struct node *query = node_child(answer, NS_ROSTER, "query");

	if (answer == NULL || !str_is(node_attr(answer, "type"), "result")) {
		ev->why = arena_printf(ev->arena, "the roster was refused: %s",
		    xep_refusal(ev->arena, answer, NULL));
	} else if (query == NULL && !r->asked_version) {
		ev->why = "the answer to the roster request holds no roster";
	} else {
		ev->is_whole = true;
		ev->is_unchanged = query == NULL;	/* RFC 6121 2.6.3 */
		if (query != NULL) {
			read_all(r, query);
			ev->version = arena_str(ev->arena,
			    attr(query, "ver"));
		}
		tell_contacts(ev, r->contacts, r->count);
	}
	xep_heard(r->x, XEP_ROSTER);
}

/* RFC 6121 2.6.2: `ver` only where the server offers it; empty asks for all
 * and for a version to remember. */
static void *
roster_start(struct xep_session *x, const struct xep_options *o)
{
	struct roster *r = mem_alloc(sizeof *r);
	struct buf query = { 0 };
	struct writer w;
	size_t i;

	r->x = x;
	for (i = 0; i < o->contact_count; i++)
		add(r, &o->contacts[i]);
	writer_init(&w, &query);
	writer_open(&w, "query");
	writer_attr(&w, "xmlns", NS_ROSTER);
	if (o->has_roster_versions) {
		r->asked_version = o->roster_version != NULL;
		writer_attr(&w, "ver", r->asked_version ? o->roster_version :
		    "");
	}
	writer_close(&w);
	xep_request(x, "get", NULL, query.data, XEP_PATIENCE_US, on_answer,
	    r);
	buf_clear(&query);
	return r;
}

static enum xep_verdict
roster_element(void *state, const struct node *stanza, struct arena *a,
    const char **why)
{
	struct roster *r = state;
	const char *from = node_attr(stanza, "from");
	const struct node *query, *item;
	struct roster_contact c;
	struct xep_event *ev;

	if (!node_is(stanza, NS_CLIENT, "iq") ||
	    !str_is(node_attr(stanza, "type"), "set"))
		return XEP_PASS;
	query = node_child(stanza, NS_ROSTER, "query");
	if (query == NULL)
		return XEP_PASS;
	if (!xep_is_account(r->x, from)) {
		*why = arena_printf(a, "a roster push from %s, who is not the "
		    "own account", from);
		return XEP_FORGED;
	}
	item = node_child(query, NS_ROSTER, "item");
	if (item == NULL || node_next(item, NS_ROSTER, "item") != NULL ||
	    !read_item(item, a, &c)) {
		iq_error(xep_output(r->x), stanza, "modify", "bad-request");
		return XEP_TAKEN;
	}
	put(r, &c);
	iq_result(xep_output(r->x), stanza, NULL);
	ev = xep_tell(r->x, XEP_ROSTER);
	tell_contacts(ev, &c, 1);
	ev->version = arena_str(ev->arena, attr(query, "ver"));
	return XEP_TAKEN;
}

static void
roster_stop(void *state)
{
	struct roster *r = state;

	clear(r);
	free(r->contacts);
	free(r);
}

const struct roster_contact *
roster_contacts(struct xep_session *x, size_t *count)
{
	struct roster *r = xep_state(x, &roster_row);

	*count = r->count;
	return r->contacts;
}

const struct roster_contact *
roster_contact(struct xep_session *x, const char *bare)
{
	return find(xep_state(x, &roster_row), bare);
}

bool
roster_is_subscribed(struct xep_session *x, const char *bare)
{
	const struct roster_contact *c = roster_contact(x, bare);

	return c != NULL && (strcmp(c->subscription, "from") == 0 ||
	    strcmp(c->subscription, "both") == 0);
}

const struct xep roster_row = {
	.name = "roster",
	.start = roster_start,
	.on_element = roster_element,
	.stop = roster_stop,
};
