#include "xml/build.h"

#include <string.h>

#include "base/mem.h"
#include "xml/ns.h"

enum { ROOM_KEPT = 64 << 10, NAME_MOST = 256 };

void
build_init(struct build *b)
{
	*b = (struct build){ 0 };
	b->decls_end = &b->decls;
}

void
build_forget(struct build *b)
{
	struct buf text = b->text;

	build_init(b);
	if (text.room > ROOM_KEPT)
		buf_clear(&text);
	else
		buf_reset(&text);
	b->text = text;
}

void
build_clear(struct build *b)
{
	arena_free(b->arena);
	buf_clear(&b->text);
	build_init(b);
}

static void
need_arena(struct build *b)
{
	if (b->arena == NULL)
		b->arena = arena_new();
}

struct node_decl *
build_decls(const struct node_decl *from)
{
	const struct node_decl *d;
	struct node_decl *block, *to;
	size_t count = 0, len = 0;
	char *text;

	for (d = from; d != NULL; d = d->next) {
		len += strlen(d->prefix) + strlen(d->uri) + 2;
		count++;
	}
	if (count == 0)
		return NULL;
	block = mem_alloc(count * sizeof *block + len);
	text = (char *)(block + count);
	for (to = block; from != NULL; from = from->next, to++) {
		to->prefix = text;
		text = stpcpy(text, from->prefix) + 1;
		to->uri = text;
		text = stpcpy(text, from->uri) + 1;
		to->next = from->next == NULL ? NULL : to + 1;
	}
	return block;
}

static const struct node_decl *
copy_decls(struct arena *a, const struct node_decl *from)
{
	struct node_decl *first = NULL, **end = &first, *d;

	for (; from != NULL; from = from->next) {
		d = arena_alloc(a, sizeof *d);
		d->prefix = arena_str(a, from->prefix);
		d->uri = arena_str(a, from->uri);
		*end = d;
		end = &d->next;
	}
	return first;
}

void
build_begin(struct build *b, const struct node_decl *around,
    const char *lang, uint64_t at)
{
	need_arena(b);
	b->raw = arena_alloc(b->arena, sizeof *b->raw);
	/* Copied, because a stanza may outlive the stream. */
	b->raw->around = copy_decls(b->arena, around);
	b->raw->lang = arena_str(b->arena, lang);
	b->top_at = at;
}

void
build_declare(struct build *b, const char *prefix, const char *uri)
{
	struct node_decl *d;

	need_arena(b);
	d = arena_alloc(b->arena, sizeof *d);
	d->prefix = prefix == NULL ? "" : arena_str(b->arena, prefix);
	d->uri = uri == NULL ? "" : arena_str(b->arena, uri);
	*b->decls_end = d;
	b->decls_end = &d->next;
	b->decl_count++;
}

/* One copy, cut at its separators. */
static void
cut_name(struct arena *a, const char *joined, const char **ns,
    const char **name, const char **prefix)
{
	char *s = arena_str(a, joined), *t;

	*ns = *prefix = "";
	*name = s;
	t = strchr(s, BUILD_SEPARATOR);
	if (t == NULL)
		return;
	*t++ = '\0';
	*ns = s;
	*name = t;
	t = strchr(t, BUILD_SEPARATOR);
	if (t == NULL)
		return;
	*t++ = '\0';
	*prefix = t;
}

static struct node_attr *
copy_attrs(struct arena *a, const char **pairs, size_t count)
{
	struct node_attr *attrs;
	size_t i;

	if (count == 0)
		return NULL;
	attrs = arena_array(a, count, sizeof *attrs);
	for (i = 0; i < count; i++) {
		cut_name(a, pairs[2 * i], &attrs[i].ns, &attrs[i].name,
		    &attrs[i].prefix);
		attrs[i].value = arena_str(a, pairs[2 * i + 1]);
		if (i > 0)
			attrs[i - 1].next = &attrs[i];
	}
	return attrs;
}

static struct node *
append(struct build *b, uint64_t start, uint64_t end)
{
	struct node *n = arena_alloc(b->arena, sizeof *n);
	struct node *parent = b->open;

	n->raw = b->raw;
	n->start = (size_t)(start - b->top_at);
	n->end = (size_t)(end - b->top_at);
	n->parent = parent;
	if (parent == NULL)
		b->top = n;
	else if (parent->last == NULL)
		parent->children = n;
	else
		parent->last->next = n;
	if (parent != NULL)
		parent->last = n;
	return n;
}

/* What has come since the last tag becomes one node. */
static void
end_text(struct build *b, uint64_t end)
{
	struct node *n;

	if (b->text.len == 0)
		return;
	n = append(b, b->tag_end, end);
	n->text = arena_strn(b->arena, b->text.data, b->text.len);
	n->text_len = b->text.len;
	buf_reset(&b->text);
}

/* Whether n is the <forwarded/> of an archive result or a carbon. */
static bool
is_wrapper(const struct build *b, const struct node *n)
{
	const struct node *parent = n->parent;

	return parent != NULL && parent->parent != NULL &&
	    parent->parent == b->top && node_is(n, NS_FORWARD, "forwarded") &&
	    (node_is(parent, NS_MAM, "result") ||
	    node_is(parent, NS_CARBONS, "sent") ||
	    node_is(parent, NS_CARBONS, "received"));
}

size_t
build_open(struct build *b, const char *name, const char **attrs, size_t most,
    uint64_t start, uint64_t end)
{
	size_t count = 0, total;
	struct node *n;

	while (attrs[2 * count] != NULL)
		count++;
	total = count + b->decl_count;
	end_text(b, start);
	n = append(b, start, end);
	cut_name(b->arena, name, &n->ns, &n->name, &n->prefix);
	n->attrs = copy_attrs(b->arena, attrs, count < most ? count : most);
	n->decls = b->decls;
	b->decls = NULL;
	b->decls_end = &b->decls;
	b->decl_count = 0;
	if (b->first == NULL && b->open != NULL && b->open == b->top) {
		b->first = n;
		b->first_end = end;
	}
	if (is_wrapper(b, n) && end - b->top_at <= BUILD_WRAPPER_LEN) {
		b->wrapper_depth = BUILD_WRAPPER_DEPTH;
		b->wrapper_len = BUILD_WRAPPER_LEN;
	}
	b->open = n;
	b->tag_end = end;
	return total;
}

void
build_text(struct build *b, const char *s, size_t len)
{
	buf_add(&b->text, s, len);
}

void
build_close(struct build *b, uint64_t start, uint64_t end)
{
	end_text(b, start);
	b->open->end = (size_t)(end - b->top_at);
	b->open = b->open->parent;
	b->tag_end = end;
}

void
build_prune(struct build *b, size_t most)
{
	struct node *top = b->top, *first = b->first;

	if (first != NULL && b->first_end - b->top_at > most)
		first = NULL;
	top->children = top->last = first;
	if (first == NULL)
		return;
	first->children = first->last = first->next = NULL;
	first->end = (size_t)(b->first_end - b->top_at);
}

void
build_name(struct build *b, const char *tag, size_t len)
{
	const struct node_decl *d;
	size_t end = 1, colon = 0;
	struct node *n = append(b, b->top_at, b->top_at);

	while (end < len && end < NAME_MOST &&
	    strchr(" \t\r\n/>", tag[end]) == NULL) {
		if (tag[end] == ':' && colon == 0)
			colon = end;
		end++;
	}
	if (colon == 0) {
		n->prefix = "";
		n->name = arena_strn(b->arena, tag + 1, end - 1);
	} else {
		n->prefix = arena_strn(b->arena, tag + 1, colon - 1);
		n->name = arena_strn(b->arena, tag + colon + 1,
		    end - colon - 1);
	}
	n->ns = "";
	for (d = b->raw->around; d != NULL; d = d->next)
		if (strcmp(d->prefix, n->prefix) == 0)
			n->ns = d->uri;
}

void
build_raw(struct build *b, const char *data, size_t len)
{
	b->raw->len = len;
	b->raw->data = arena_strn(b->arena, data, len);
}
