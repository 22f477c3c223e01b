#include "xml/node.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "xml/write.h"

bool
node_is(const struct node *n, const char *ns, const char *name)
{
	return n != NULL && n->name != NULL &&
	    (name == NULL || strcmp(n->name, name) == 0) &&
	    (ns == NULL || strcmp(n->ns, ns) == 0);
}

static const struct node *
first_of(const struct node *n, const char *ns, const char *name)
{
	while (n != NULL && !node_is(n, ns, name))
		n = n->next;
	return n;
}

const struct node *
node_child(const struct node *n, const char *ns, const char *name)
{
	return n == NULL ? NULL : first_of(n->children, ns, name);
}

const struct node *
node_next(const struct node *n, const char *ns, const char *name)
{
	return n == NULL ? NULL : first_of(n->next, ns, name);
}

const char *
node_attr_ns(const struct node *n, const char *ns, const char *name)
{
	const struct node_attr *a;

	if (n == NULL)
		return NULL;
	for (a = n->attrs; a != NULL; a = a->next)
		if (strcmp(a->name, name) == 0 && strcmp(a->ns, ns) == 0)
			return a->value;
	return NULL;
}

const char *
node_attr(const struct node *n, const char *name)
{
	return node_attr_ns(n, "", name);
}

const char *
node_lang(const struct node *n)
{
	const struct node_raw *raw = n == NULL ? NULL : n->raw;
	const char *lang = NULL;

	for (; n != NULL && lang == NULL; n = n->parent)
		lang = node_attr_ns(n, NS_XML, "lang");
	if (lang == NULL && raw != NULL)
		lang = raw->lang;
	return lang == NULL || lang[0] == '\0' ? NULL : lang;
}

const char *
node_text(const struct node *n, struct arena *a, size_t *len)
{
	const struct node *c, *only = NULL;
	size_t total = 0, count = 0;
	char *text, *at;

	for (c = n == NULL ? NULL : n->children; c != NULL; c = c->next) {
		if (c->name != NULL)
			continue;
		only = c;
		total += c->text_len;
		count++;
	}
	if (len != NULL)
		*len = total;
	if (count == 0)
		return "";
	if (count == 1)
		return only->text;
	text = at = arena_array(a, total + 1, 1);
	for (c = n->children; c != NULL; c = c->next) {
		if (c->name != NULL)
			continue;
		memcpy(at, c->text, c->text_len);
		at += c->text_len;
	}
	return text;
}

const char *
node_child_text(const struct node *n, const char *ns, const char *name,
    struct arena *a)
{
	const struct node *c = node_child(n, ns, name);

	return c == NULL ? NULL : node_text(c, a, NULL);
}

/* Whether `prefix` is declared between n and top, both inclusive. */
static bool
is_declared(const struct node *n, const struct node *top, const char *prefix)
{
	const struct node_decl *d;

	for (; n != NULL; n = n->parent) {
		for (d = n->decls; d != NULL; d = d->next)
			if (strcmp(d->prefix, prefix) == 0)
				return true;
		if (n == top)
			break;
	}
	return false;
}

/* Prefixes that were put on the start tag; a start tag rarely needs two. */
struct added {
	const char *prefix[16];
	size_t count;
	struct buf more;	/* the others, each behind a NUL */
};

static bool
is_added(const struct added *added, const char *prefix)
{
	const char *p, *end;
	size_t i;

	for (i = 0; i < added->count; i++)
		if (strcmp(added->prefix[i], prefix) == 0)
			return true;
	p = added->more.data;
	if (p == NULL)
		return false;
	for (end = p + added->more.len; p < end; p += strlen(p) + 1)
		if (strcmp(p, prefix) == 0)
			return true;
	return false;
}

static void
declare(struct buf *out, struct added *added, const struct node *n,
    const struct node *top, const char *prefix, const char *ns)
{
	/* Without a declaration there is no namespace, and `xml` is built in. */
	if (ns[0] == '\0' || strcmp(ns, NS_XML) == 0 ||
	    is_declared(n, top, prefix) || is_added(added, prefix))
		return;
	buf_str(out, prefix[0] == '\0' ? " xmlns" : " xmlns:");
	buf_str(out, prefix);
	buf_str(out, "='");
	write_attr(out, ns);
	buf_char(out, '\'');
	if (added->count < COUNT(added->prefix))
		added->prefix[added->count++] = prefix;
	else
		buf_add(&added->more, prefix, strlen(prefix) + 1);
}

static void
declare_inherited(struct buf *out, const struct node *top)
{
	struct added added = { .count = 0 };
	const struct node *n = top;
	const struct node_attr *a;

	/*
	 * A binding that is used below `top` and not made there is inherited;
	 * all uses of one inherited prefix agree, so the tree's own names say
	 * what to declare and no list of bindings in force is needed.
	 */
	for (;;) {
		if (n->name != NULL) {
			declare(out, &added, n, top, n->prefix, n->ns);
			for (a = n->attrs; a != NULL; a = a->next)
				if (a->prefix[0] != '\0')
					declare(out, &added, n, top, a->prefix,
					    a->ns);
		}
		if (n->children != NULL) {
			n = n->children;
			continue;
		}
		while (n != top && n->next == NULL)
			n = n->parent;
		if (n == top)
			break;
		n = n->next;
	}
	buf_clear(&added.more);
}

void
node_bytes(const struct node *n, struct buf *out)
{
	const char *bytes = n->raw->data + n->start;
	size_t len = n->end - n->start, name_len;

	if (n->name == NULL) {
		buf_add(out, bytes, len);
		return;
	}
	/* `<`, the name, and what may follow a name in a start tag. */
	for (name_len = 1; name_len < len; name_len++)
		if (strchr(" \t\r\n/>", bytes[name_len]) != NULL)
			break;
	buf_add(out, bytes, name_len);
	declare_inherited(out, n);
	buf_add(out, bytes + name_len, len - name_len);
}
