/*
 * write - XML out: escaping, and an element writer that cannot produce
 * anything but well-formed XML.
 *
 * Text that XML 1.0 cannot carry (controls but tab, LF, CR; U+FFFE, U+FFFF;
 * bytes that are not UTF-8) is refused beforehand with write_is_legal(); the
 * writer replaces it by U+FFFD. CR is written as &#13;.
 */
#ifndef XML_WRITE_H
#define XML_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "xml/node.h"

/* *at, if not NULL, is the byte offset of the first character that XML
 * cannot carry, and *code_point that character (U+FFFD: not UTF-8). */
bool write_is_legal(const char *s, size_t len, size_t *at,
    unsigned *code_point);

void write_text(struct buf *out, const char *s, size_t len);
void write_attr(struct buf *out, const char *s);	/* inside quotes */

/*
 * A small writer: open, attributes, then text or children, close.
 *   struct writer w; writer_init(&w, out);
 *   writer_open(&w, "iq"); writer_attr(&w, "type", "get");
 *   writer_open(&w, "ping"); writer_attr(&w, "xmlns", "urn:xmpp:ping");
 *   writer_close(&w); writer_close(&w);
 * Names are the program's own and not escaped. writer_attr() with a NULL
 * value writes nothing. At most 16 open elements.
 */
struct writer {
	struct buf *out;
	const char *open[16];
	int depth;
	bool in_tag;
};

void writer_init(struct writer *w, struct buf *out);
void writer_open(struct writer *w, const char *name);
void writer_attr(struct writer *w, const char *name, const char *value);
void writer_text(struct writer *w, const char *text);
void writer_close(struct writer *w);
/* <name>text</name>; nothing if text is NULL. */
void writer_leaf(struct writer *w, const char *name, const char *text);

/* An element and all in it, namespaces declared where they change. */
void write_node(struct buf *out, const struct node *n);

#endif
