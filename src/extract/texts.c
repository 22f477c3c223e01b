#include "base/str.h"
#include "extract/inside.h"

/*
 * The language in force: nearest on the element or what holds it, up to the
 * stanza, then the stream's. "" undeclares (XML 1.0 2.12), and nothing beyond
 * it counts. A wrapper's language is not that of the message inside.
 */
const char *
texts_lang(struct extraction *x, const struct node *n)
{
	for (; n != NULL; n = n->parent) {
		const char *lang = node_attr_ns(n, NS_XML, "lang");

		if (lang != NULL)
			return *lang == '\0' ? NULL : lang;
		if (n == x->stanza)
			break;
	}
	return x->context->stream_lang;
}

/* Every one in order: a second body in the same language, which RFC 6121 5.2.3
 * forbids, is a second body, and an empty one is one. */
static void
add(struct extraction *x, const struct node *n, const struct text **texts,
    size_t *count)
{
	struct text *grown = extract_grow(x->a, *texts, *count,
	    sizeof *grown);
	struct text *t = &grown[(*count)++];
	const char *own = node_attr_ns(n, NS_XML, "lang");

	*texts = grown;
	*t = (struct text){ 0 };
	t->lang = texts_lang(x, n);
	t->lang_is_own = own != NULL && *own != '\0';
	t->text = node_text(n, x->a, &t->len);
}

void
texts_body(struct extraction *x, const struct node *n)
{
	add(x, n, &x->r->bodies, &x->r->body_count);
}

void
texts_subject(struct extraction *x, const struct node *n)
{
	add(x, n, &x->r->subjects, &x->r->subject_count);
}

void
texts_status(struct extraction *x, const struct node *n)
{
	add(x, n, &x->r->statuses, &x->r->status_count);
}

void
texts_thread(struct extraction *x, const struct node *n)
{
	const char *id = node_text(n, x->a, NULL);

	if (x->r->thread != NULL || *id == '\0')
		return;		/* RFC 6121 5.2.5: at most one */
	x->r->thread = id;
	x->r->parent_thread = extract_attr(n, "parent");
}

/* An offset in code points. False if there is one and it is none. */
static bool
offset(const struct node *n, const char *name, long absent, long *value)
{
	const char *text = node_attr(n, name);
	unsigned number;

	*value = absent;
	if (text == NULL)
		return true;
	if (!str_to_u32(text, &number) || number > INT32_MAX)
		return false;
	*value = (long)number;
	return true;
}

static void
add_fallback(struct extraction *x, const struct fallback *f)
{
	struct record *r = x->r;
	struct fallback *grown;
	size_t i;

	if (r->fallback_count >= EXTRACT_MOST)
		return;
	/* Clients write the old namespace beside the new one. */
	for (i = 0; i < r->fallback_count; i++) {
		const struct fallback *g = &r->fallbacks[i];

		if (g->is_subject == f->is_subject && g->start == f->start &&
		    g->end == f->end && str_is(g->for_ns, f->for_ns))
			return;
	}
	grown = extract_grow(x->a, r->fallbacks, r->fallback_count,
	    sizeof *grown);
	grown[r->fallback_count++] = *f;
	r->fallbacks = grown;
}

/* XEP-0428 2.2: without a range, or without any child, the whole body. */
void
texts_fallback(struct extraction *x, const struct node *n)
{
	struct fallback f = { .for_ns = extract_attr(n, "for") };
	const struct node *part;
	bool any = false;

	for (part = n->children; part != NULL; part = part->next) {
		if (part->name == NULL)
			continue;
		f.is_subject = node_is(part, n->ns, "subject");
		if (!f.is_subject && !node_is(part, n->ns, "body"))
			continue;
		any = true;
		if (offset(part, "start", 0, &f.start) &&
		    offset(part, "end", -1, &f.end) &&
		    (f.end < 0 || f.end >= f.start))
			add_fallback(x, &f);
	}
	if (!any) {
		f.is_subject = false;
		f.start = 0;
		f.end = -1;
		add_fallback(x, &f);
	}
}
