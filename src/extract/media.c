/*
 * Where files are to be had, and what is said of them. Nothing is fetched.
 */
#include <string.h>

#include "base/str.h"
#include "extract/inside.h"

/* The same file is often named twice, for old clients and for new ones: one
 * link that knows what either says. */
static void
add(struct extraction *x, const struct link *link)
{
	struct record *r = x->r;
	struct link *links = (struct link *)(uintptr_t)r->links, *l = NULL;
	size_t i;

	if (link->url == NULL)
		return;
	for (i = 0; i < r->link_count && l == NULL; i++)
		if (strcmp(links[i].url, link->url) == 0)
			l = &links[i];
	if (l == NULL) {
		if (r->link_count >= EXTRACT_MOST)
			return;
		links = extract_grow(x->a, links, r->link_count,
		    sizeof *links);
		r->links = links;
		links[r->link_count++] = *link;
		return;
	}
	if (l->desc == NULL)
		l->desc = link->desc;
	if (l->media_type == NULL)
		l->media_type = link->media_type;
	if (l->name == NULL)
		l->name = link->name;
	if (l->size < 0)
		l->size = link->size;
}

void
media_oob(struct extraction *x, const struct node *n)
{
	struct link link = { .size = -1 };

	link.url = extract_child_text(x, n, NS_OOB, "url");
	link.desc = extract_child_text(x, n, NS_OOB, "desc");
	add(x, &link);
}

/* XEP-0446, and the file element of XEP-0234 that XEP-0385 uses: they share
 * the names of what is wanted here, so the namespace is the element's. */
static struct link
described(struct extraction *x, const struct node *sharing)
{
	const struct node *file = node_child(sharing, NULL, "file");
	struct link link = { .size = -1 };
	const char *size;
	long long number;

	if (file == NULL)
		return link;
	link.desc = extract_child_text(x, file, file->ns, "desc");
	link.media_type = extract_child_text(x, file, file->ns, "media-type");
	link.name = extract_child_text(x, file, file->ns, "name");
	size = extract_child_text(x, file, file->ns, "size");
	if (size != NULL && str_to_i64(size, &number) && number >= 0)
		link.size = number;
	return link;
}

/* XEP-0447 sources, and those of an encrypted file (XEP-0448) inside them.
 * The parser's limit on depth bounds the recursion. */
static void
add_sources(struct extraction *x, const struct node *sources,
    struct link link)
{
	const struct node *n;

	for (n = sources->children; n != NULL; n = n->next) {
		if (n->name == NULL)
			continue;
		if (node_is(n, NS_URL_DATA, "url-data")) {
			link.url = extract_attr(n, "target");
			add(x, &link);
		} else if (node_is(n, NS_REFERENCE, "reference")) {
			link.url = extract_attr(n, "uri");
			add(x, &link);
		} else if (node_is(n, NS_ESFS, "encrypted") ||
		    node_is(n, NS_SFS, "sources")) {
			add_sources(x, n, link);
		}
	}
}

void
media_sharing(struct extraction *x, const struct node *n)
{
	const struct node *sources = node_child(n, NS_SFS, "sources");

	if (sources != NULL)
		add_sources(x, sources, described(x, n));
}

/* XEP-0447 4.2: sources that come after the message that shares the file. */
void
media_sources(struct extraction *x, const struct node *n)
{
	struct link link = { .size = -1 };

	add_sources(x, n, link);
}

/* XEP-0385 puts the file into a reference; a plain one (XEP-0372) is a link
 * unless it mentions somebody. */
void
media_reference(struct extraction *x, const struct node *n)
{
	const struct node *sharing = node_child(n, NS_SIMS, "media-sharing");
	const char *uri = extract_attr(n, "uri");
	struct link link = { .size = -1 };
	const struct node *sources;

	if (sharing != NULL)
		link = described(x, sharing);
	if (uri != NULL && !str_starts(uri, "xmpp:")) {
		link.url = uri;
		add(x, &link);
	}
	if (sharing != NULL &&
	    (sources = node_child(sharing, NS_SIMS, "sources")) != NULL)
		add_sources(x, sources, link);
}
