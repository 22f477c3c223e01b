/*
 * node - one element as an immutable tree.
 *
 * The parser builds it in the arena of its stanza; it dies with the arena.
 * Elements and attributes are named by namespace and local name, never by
 * prefix: always ask with both. Nothing here allocates but node_text().
 *
 * An element also knows where its bytes stand in the stanza as received, so
 * that a message inside a wrapper can be kept exactly as it was sent.
 */
#ifndef XML_NODE_H
#define XML_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

#define NS_XML "http://www.w3.org/XML/1998/namespace"

struct node_attr {
	const char *ns;		/* "" when the attribute has no prefix */
	const char *name;
	const char *value;
	const char *prefix;	/* as written; "" if none */
	struct node_attr *next;
};

/* A namespace declaration written on the element itself. */
struct node_decl {
	const char *prefix;	/* "" for the default namespace */
	const char *uri;	/* "" undeclares */
	struct node_decl *next;
};

struct node {
	const char *ns;		/* NULL for character data */
	const char *name;	/* NULL for character data */
	const char *prefix;	/* as written; "" if none */
	const char *text;	/* character data only, NUL-terminated */
	size_t text_len;
	struct node_attr *attrs;
	struct node_decl *decls;
	struct node *parent;	/* NULL: a child of the stream's root */
	struct node *children, *last, *next;
	size_t start, end;	/* its bytes in `raw` */
	const struct node_raw *raw;	/* the same for a whole stanza */
};

/* A stanza's bytes as they came, and what was declared around it. */
struct node_raw {
	const char *data;
	size_t len;
	const struct node_decl *around;	/* the stream root's declarations */
	const char *lang;	/* the stream root's xml:lang, or NULL */
};

bool node_is(const struct node *n, const char *ns, const char *name);

/* First child element so named, or NULL. A NULL name or ns matches any. */
const struct node *node_child(const struct node *n, const char *ns,
    const char *name);
/* The next sibling element so named. */
const struct node *node_next(const struct node *n, const char *ns,
    const char *name);

/* An attribute without a namespace; NULL if it is not there. */
const char *node_attr(const struct node *n, const char *name);
const char *node_attr_ns(const struct node *n, const char *ns,
    const char *name);

/* xml:lang in force: nearest on the element or its ancestors, then the
 * stream's; NULL if none or empty (XML 1.0 2.12: "" undeclares). */
const char *node_lang(const struct node *n);

/* All character data directly inside, joined, in the arena; "" if none.
 * Child elements are passed over. *len may be NULL. */
const char *node_text(const struct node *n, struct arena *a, size_t *len);

/* The text of the first child so named, or NULL if there is no such child. */
const char *node_child_text(const struct node *n, const char *ns,
    const char *name, struct arena *a);

/*
 * Appends the element's own bytes, made well-formed by themselves:
 * namespaces that it inherits and uses are declared on its start tag, and
 * nothing else is changed. The stanza's namespace is always declared.
 */
void node_bytes(const struct node *n, struct buf *out);

#endif
