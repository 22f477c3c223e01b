/*
 * What a message does to another. Whether its sender had the right to is for
 * the store to say, which knows the other one.
 */
#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "extract/inside.h"

void
refs_add(struct extraction *x, const struct ref *ref)
{
	struct record *r = x->r;
	struct ref *grown;
	size_t i;

	if (r->ref_count >= EXTRACT_MOST)
		return;
	/* Servers write a moderation in its old and its new form, clients a
	 * receipt and a marker: one thing done is one thing. */
	for (i = 0; i < r->ref_count; i++)
		if (r->refs[i].kind == ref->kind &&
		    str_is(r->refs[i].id, ref->id))
			return;
	grown = extract_grow(x->a, r->refs, r->ref_count, sizeof *grown);
	grown[r->ref_count++] = *ref;
	r->refs = grown;
}

/* The usual shape: <payload id='the other'/>. */
static void
add_id(struct extraction *x, enum ref_kind kind, const char *id)
{
	struct ref ref = { .kind = kind, .id = id };

	if (id != NULL)
		refs_add(x, &ref);
}

void
refs_replace(struct extraction *x, const struct node *n)
{
	add_id(x, REF_REPLACE, extract_attr(n, "id"));
}

/* XEP-0424, and XEP-0425 0.3: the room says who moderated. */
void
refs_retract(struct extraction *x, const struct node *n)
{
	const struct node *moderated = node_child(n, NS_MODERATE, "moderated");
	struct ref ref = { .kind = REF_RETRACT };

	ref.id = extract_attr(n, "id");
	if (moderated != NULL) {
		ref.kind = REF_MODERATE;
		ref.by = extract_jid(x, moderated, "by");
	}
	ref.reason = extract_child_text(x, n, NULL, "reason");
	if (ref.id != NULL)
		refs_add(x, &ref);
}

/* XEP-0422: the older form of both, and servers still send it. */
void
refs_apply_to(struct extraction *x, const struct node *n)
{
	const struct node *moderated =
	    node_child(n, NS_MODERATE_0, "moderated");
	struct ref ref = { .id = extract_attr(n, "id") };

	if (ref.id == NULL)
		return;
	if (moderated != NULL &&
	    node_child(moderated, NS_RETRACT_0, "retract") != NULL) {
		ref.kind = REF_MODERATE;
		ref.by = extract_jid(x, moderated, "by");
		ref.reason = extract_child_text(x, moderated, NULL, "reason");
		refs_add(x, &ref);
	} else if (node_child(n, NS_RETRACT_0, "retract") != NULL) {
		ref.kind = REF_RETRACT;
		refs_add(x, &ref);
	}
}

/* What an archive keeps in the place of a message: XEP-0424 5, XEP-0425 5. */
static void
tombstone(struct extraction *x, const struct node *retracted,
    const struct node *moderated)
{
	struct ref ref = { .kind = REF_TOMBSTONE };
	const char *stamp = node_attr(retracted, "stamp");

	ref.id = extract_attr(retracted, "id");
	if (stamp == NULL || !time_parse(stamp, &ref.stamp_us))
		ref.stamp_us = 0;
	if (moderated != NULL)
		ref.by = extract_jid(x, moderated, "by");
	ref.reason = extract_child_text(x, retracted, NULL, "reason");
	if (ref.reason == NULL && moderated != NULL)
		ref.reason = extract_child_text(x, moderated, NULL, "reason");
	refs_add(x, &ref);
}

void
refs_retracted(struct extraction *x, const struct node *n)
{
	const struct node *moderated = node_child(n, NS_MODERATE, "moderated");

	if (moderated == NULL)
		moderated = node_child(n, NS_MODERATE_0, "moderated");
	tombstone(x, n, moderated);
}

void
refs_moderated(struct extraction *x, const struct node *n)
{
	const struct node *retracted = node_child(n, NS_RETRACT_0,
	    "retracted");

	if (retracted != NULL)
		tombstone(x, retracted, n);
}

/* A reaction is one emoji; what is none is kept as it is, but on one line:
 * the archive keeps a set one a line. */
static const char *
on_one_line(struct arena *a, const char *s)
{
	static const char spaces[] = " \t\r\n";
	char *out = arena_str(a, s + strspn(s, spaces)), *to = out;
	const char *from = out;
	size_t word;

	while (*from != '\0') {
		word = strcspn(from, spaces);
		memmove(to, from, word);
		to += word;
		from += word;
		from += strspn(from, spaces);
		if (*from != '\0')
			*to++ = ' ';
	}
	*to = '\0';
	return out;
}

/* XEP-0444 2.2: the whole set, which replaces the one before; none takes all
 * back. */
void
refs_reactions(struct extraction *x, const struct node *n)
{
	struct ref ref = { .kind = REF_REACT, .id = extract_attr(n, "id") };
	const char **emojis = NULL;
	const struct node *r;

	if (ref.id == NULL)
		return;
	for (r = node_child(n, NS_REACTIONS, "reaction"); r != NULL;
	     r = node_next(r, NS_REACTIONS, "reaction")) {
		const char *emoji = on_one_line(x->a,
		    node_text(r, x->a, NULL));

		if (*emoji == '\0' || ref.emoji_count >= EXTRACT_MOST)
			continue;
		emojis = extract_grow(x->a, emojis, ref.emoji_count,
		    sizeof *emojis);
		emojis[ref.emoji_count++] = emoji;
	}
	ref.emojis = (const char *const *)emojis;
	refs_add(x, &ref);
}

void
refs_reply(struct extraction *x, const struct node *n)
{
	struct ref ref = { .kind = REF_REPLY };

	ref.id = extract_attr(n, "id");
	ref.to = extract_jid(x, n, "to");
	if (ref.id != NULL)
		refs_add(x, &ref);
}

/* XEP-0184 1.0 repeated the message's id on the receipt itself. */
void
refs_received(struct extraction *x, const struct node *n)
{
	const char *id = extract_attr(n, "id");

	add_id(x, REF_RECEIVED, id != NULL ? id : x->r->stanza_id);
}

void
refs_marker(struct extraction *x, const struct node *n)
{
	enum ref_kind kind = strcmp(n->name, "received") == 0 ? REF_RECEIVED :
	    strcmp(n->name, "displayed") == 0 ? REF_DISPLAYED :
	    REF_ACKNOWLEDGED;

	add_id(x, kind, extract_attr(n, "id"));
}

void
refs_attach(struct extraction *x, const struct node *n)
{
	add_id(x, REF_ATTACH, extract_attr(n, "id"));
}
