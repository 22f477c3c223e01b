#include "xmpp/features.h"

#include "xmpp/state.h"

#define NS_BINDINGS "urn:xmpp:sasl-cb:0"

static size_t
count_of(const struct node *n)
{
	size_t count = 0;

	for (n = node_child(n, NULL, NULL); n != NULL;
	     n = node_next(n, NULL, NULL))
		count++;
	return count;
}

static void
read_mechanisms(struct mechanism_offer *offer, const struct node *n,
    struct arena *a)
{
	const char **names = arena_array(a, count_of(n), sizeof *names);

	for (n = node_child(n, NS_SASL, "mechanism"); n != NULL;
	     n = node_next(n, NS_SASL, "mechanism"))
		names[offer->count++] = node_text(n, a, NULL);
	offer->names = names;
}

/* XEP-0440 */
static void
read_bindings(struct mechanism_offer *offer, const struct node *n,
    struct arena *a)
{
	const char **types = arena_array(a, count_of(n), sizeof *types);
	const char *type;

	offer->has_bindings = n != NULL;
	for (n = node_child(n, NS_BINDINGS, "channel-binding"); n != NULL;
	     n = node_next(n, NS_BINDINGS, "channel-binding")) {
		type = node_attr(n, "type");
		if (type != NULL)
			types[offer->binding_count++] = type;
	}
	offer->bindings = types;
}

void
features_read(struct features *f, const struct node *node, struct arena *a)
{
	const struct node *session;

	*f = (struct features){ .node = node };
	read_mechanisms(&f->offer, node_child(node, NS_SASL, "mechanisms"), a);
	read_bindings(&f->offer,
	    node_child(node, NS_BINDINGS, "sasl-channel-binding"), a);
	f->has_starttls = node_child(node, NS_TLS, "starttls") != NULL;
	f->has_bind = node_child(node, NS_BIND, "bind") != NULL;
	session = node_child(node, NS_SESSION, "session");
	f->needs_session = session != NULL &&
	    node_child(session, NULL, "optional") == NULL;
}
