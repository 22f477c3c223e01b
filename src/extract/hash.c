/*
 * The canonical form of what a message says, for telling copies of one from
 * two that say different things (src/README, rule 2).
 *
 * Copies go through servers, which reorder a stanza's children (ejabberd
 * parses and writes them anew), reorder attributes (Prosody keeps them in a
 * hash), choose their own prefixes, and add or take away what is theirs. So:
 * children of the stanza are sorted, attributes are sorted, names are
 * expanded, and what servers touch does not count. Order deeper inside is the
 * author's and counts.
 *
 * Of the stanza itself only the type counts, "normal" being the same as none:
 * addresses and id are compared beside the hash, where their own rules hold,
 * and the stanza's xml:lang is often the server's (Prosody and ejabberd write
 * the sender's stream language on it; RFC 6120 8.1.5). An explicit one on a
 * body counts like any attribute.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"
#include "extract/inside.h"

/* Direct children that are not the author's words. */
static const struct {
	const char *ns, *name;	/* NULL: all of the namespace */
} theirs[] = {
	{ NS_SID, "stanza-id" },
	{ NS_MAM_TMP, NULL },
	{ NS_DELAY, NULL },
	{ NS_DELAY_OLD, NULL },
	{ NS_OFFLINE, NULL },
	{ NS_HINTS, NULL },
	{ NS_CARBONS, "private" },
	{ NS_OCCUPANT, NULL },
};

static bool
counts(const struct node *n, bool has_body)
{
	size_t i;

	for (i = 0; i < COUNT(theirs); i++)
		if (strcmp(n->ns, theirs[i].ns) == 0 &&
		    (theirs[i].name == NULL ||
		    strcmp(n->name, theirs[i].name) == 0))
			return false;
	/* Prosody stores a body without the state beside it. */
	if (has_body && strcmp(n->ns, NS_CHAT_STATES) == 0)
		return false;
	/* The room's mark; an invitation is the author's. */
	if (node_is(n, NS_MUC_USER, "x"))
		return node_child(n, NS_MUC_USER, "invite") != NULL ||
		    node_child(n, NS_MUC_USER, "decline") != NULL;
	return true;
}

/* A length before each string, so that no two lists of strings look alike;
 * four bytes, for no stanza is longer. */
static void
put(struct buf *out, char mark, const char *s, size_t len)
{
	const char head[] = { mark, (char)(len >> 24), (char)(len >> 16),
		(char)(len >> 8), (char)len };

	buf_add(out, head, sizeof head);
	buf_add(out, s, len);
}

static void
put_str(struct buf *out, char mark, const char *s)
{
	put(out, mark, s, strlen(s));
}

static int
compare_attrs(const void *a, const void *b)
{
	const struct node_attr *x = *(const struct node_attr *const *)a;
	const struct node_attr *y = *(const struct node_attr *const *)b;
	int order = strcmp(x->ns, y->ns);

	return order != 0 ? order : strcmp(x->name, y->name);
}

static void
put_attrs(struct buf *out, const struct node *n, struct arena *a)
{
	const struct node_attr **sorted, *attr;
	size_t count = 0, i = 0;

	for (attr = n->attrs; attr != NULL; attr = attr->next)
		count++;
	if (count == 0)
		return;
	sorted = arena_array(a, count, sizeof *sorted);
	for (attr = n->attrs; attr != NULL; attr = attr->next)
		sorted[i++] = attr;
	if (count > 1)
		qsort(sorted, count, sizeof *sorted, compare_attrs);
	for (i = 0; i < count; i++) {
		put_str(out, '@', sorted[i]->ns);
		put_str(out, '.', sorted[i]->name);
		put_str(out, '=', sorted[i]->value);
	}
}

static bool
is_space(const struct node *text)
{
	size_t i;

	for (i = 0; i < text->text_len; i++)
		if (strchr(" \t\r\n", text->text[i]) == NULL ||
		    text->text[i] == '\0')
			return false;
	return true;
}

/* Whitespace between elements is layout, and servers that parse payloads lose
 * it; an element with text alone keeps every blank. Text that the parser
 * split is one text. The parser's limit on depth bounds the recursion. */
static void
put_node(struct buf *out, const struct node *n, struct arena *a)
{
	bool has_elements = node_child(n, NULL, NULL) != NULL;
	const struct node *c;

	put_str(out, '<', n->ns);
	put_str(out, '.', n->name);
	put_attrs(out, n, a);
	if (!has_elements) {
		size_t len;
		const char *text = node_text(n, a, &len);

		put(out, '"', text, len);
	} else {
		for (c = n->children; c != NULL; c = c->next) {
			if (c->name != NULL)
				put_node(out, c, a);
			else if (!is_space(c))
				put(out, '"', c->text, c->text_len);
		}
	}
	buf_char(out, '>');
}

struct part {
	size_t start, len;
	const char *base;	/* set once the buffer has stopped moving */
};

static int
compare_parts(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->base + x->start, y->base + y->start, len);

	if (order != 0)
		return order;
	return x->len < y->len ? -1 : x->len > y->len;
}

void
extract_content_hash(struct arena *a, const struct node *stanza,
    uint8_t out[16])
{
	bool has_body = node_child(stanza, NS_CLIENT, "body") != NULL;
	enum message_type type = MESSAGE_NORMAL;
	unsigned char sum[DIGEST_SHA256];
	struct buf form = { 0 }, sorted = { 0 };
	struct part *parts;
	const struct node *n;
	size_t count = 0, i;

	for (n = stanza->children; n != NULL; n = n->next)
		count += n->name != NULL && counts(n, has_body);
	parts = arena_array(a, count, sizeof *parts);
	count = 0;
	for (n = stanza->children; n != NULL; n = n->next) {
		if (n->name == NULL || !counts(n, has_body))
			continue;
		parts[count].start = form.len;
		put_node(&form, n, a);
		parts[count].len = form.len - parts[count].start;
		count++;
	}
	for (i = 0; i < count; i++)
		parts[i].base = form.data;
	if (count > 1)
		qsort(parts, count, sizeof *parts, compare_parts);

	message_type_parse(node_attr(stanza, "type"), &type);
	put_str(&sorted, '<', stanza->name);
	put_str(&sorted, '=', message_type_name(type));
	for (i = 0; i < count; i++)
		buf_add(&sorted, form.data + parts[i].start, parts[i].len);
	digest_sha256(sum, sorted.data, sorted.len);
	memcpy(out, sum, 16);
	buf_clear(&form);
	buf_clear(&sorted);
}
