#include "xml/write.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* XML 1.0 2.2, production Char. */
static bool
is_char(unsigned c)
{
	return c >= 0x20 ? c != 0xfffe && c != 0xffff
			 : c == '\t' || c == '\n' || c == '\r';
}

bool
write_is_legal(const char *s, size_t len, size_t *at, unsigned *code_point)
{
	size_t i, n;
	unsigned c;

	for (i = 0; i < len; i += n) {
		n = str_utf8_next(s + i, len - i, &c);
		if (is_char(c) && !(c == 0xfffd && n == 1))
			continue;
		if (at != NULL)
			*at = i;
		if (code_point != NULL)
			*code_point = c;
		return false;
	}
	return true;
}

static const char *
reference(unsigned c, bool is_attr)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\r':	/* a raw one is read back as LF: XML 1.0 2.11 */
		return "&#13;";
	}
	if (!is_attr)
		return NULL;
	switch (c) {
	case '\'':
		return "&apos;";
	case '"':
		return "&quot;";
	case '\n':	/* raw ones are read back as spaces: XML 1.0 3.3.3 */
		return "&#10;";
	case '\t':
		return "&#9;";
	}
	return NULL;
}

static void
escape(struct buf *out, const char *s, size_t len, bool is_attr)
{
	size_t i, n, plain = 0;
	const char *ref;
	unsigned c;

	for (i = 0; i < len; i += n) {
		n = str_utf8_next(s + i, len - i, &c);
		ref = reference(c, is_attr);
		if (!is_char(c) || (c == 0xfffd && n == 1))
			ref = "\xef\xbf\xbd";
		if (ref == NULL)
			continue;
		buf_add(out, s + plain, i - plain);
		buf_str(out, ref);
		plain = i + n;
	}
	buf_add(out, s + plain, len - plain);
}

void
write_text(struct buf *out, const char *s, size_t len)
{
	escape(out, s, len, false);
}

void
write_attr(struct buf *out, const char *s)
{
	escape(out, s, strlen(s), true);
}

void
writer_init(struct writer *w, struct buf *out)
{
	*w = (struct writer){ .out = out };
}

static void
end_tag_start(struct writer *w)
{
	if (w->in_tag)
		buf_char(w->out, '>');
	w->in_tag = false;
}

void
writer_open(struct writer *w, const char *name)
{
	assert((size_t)w->depth < COUNT(w->open));
	end_tag_start(w);
	buf_char(w->out, '<');
	buf_str(w->out, name);
	w->open[w->depth++] = name;
	w->in_tag = true;
}

void
writer_attr(struct writer *w, const char *name, const char *value)
{
	assert(w->in_tag);
	if (value == NULL)
		return;
	buf_char(w->out, ' ');
	buf_str(w->out, name);
	buf_str(w->out, "='");
	write_attr(w->out, value);
	buf_char(w->out, '\'');
}

void
writer_text(struct writer *w, const char *text)
{
	assert(w->depth > 0);
	end_tag_start(w);
	write_text(w->out, text, strlen(text));
}

void
writer_close(struct writer *w)
{
	assert(w->depth > 0);
	w->depth--;
	if (w->in_tag) {
		buf_str(w->out, "/>");
		w->in_tag = false;
		return;
	}
	buf_str(w->out, "</");
	buf_str(w->out, w->open[w->depth]);
	buf_char(w->out, '>');
}

void
writer_leaf(struct writer *w, const char *name, const char *text)
{
	if (text == NULL)
		return;
	writer_open(w, name);
	writer_text(w, text);
	writer_close(w);
}

static void
node_attrs(struct buf *out, const struct node *n)
{
	const struct node_attr *a, *b;

	for (a = n->attrs; a != NULL; a = a->next) {
		bool is_xml = strcmp(a->ns, NS_XML) == 0;

		if (a->ns[0] != '\0' && !is_xml) {
			for (b = n->attrs; b != a; b = b->next)
				if (strcmp(b->prefix, a->prefix) == 0)
					break;
			if (b == a) {	/* the first with this prefix */
				buf_str(out, " xmlns:");
				buf_str(out, a->prefix);
				buf_str(out, "='");
				write_attr(out, a->ns);
				buf_char(out, '\'');
			}
		}
		buf_char(out, ' ');
		if (a->ns[0] != '\0') {
			buf_str(out, is_xml ? "xml" : a->prefix);
			buf_char(out, ':');
		}
		buf_str(out, a->name);
		buf_str(out, "='");
		write_attr(out, a->value);
		buf_char(out, '\'');
	}
}

static void
node_in(struct buf *out, const struct node *n, const char *outer_ns)
{
	const struct node *c;

	if (n->name == NULL) {
		write_text(out, n->text, n->text_len);
		return;
	}
	buf_char(out, '<');
	buf_str(out, n->name);
	if (strcmp(n->ns, outer_ns) != 0) {
		buf_str(out, " xmlns='");
		write_attr(out, n->ns);
		buf_char(out, '\'');
	}
	node_attrs(out, n);
	if (n->children == NULL) {
		buf_str(out, "/>");
		return;
	}
	buf_char(out, '>');
	for (c = n->children; c != NULL; c = c->next)
		node_in(out, c, n->ns);
	buf_str(out, "</");
	buf_str(out, n->name);
	buf_char(out, '>');
}

void
write_node(struct buf *out, const struct node *n)
{
	node_in(out, n, "");
}
