/*
 * inside - what the extractors share. Only for this directory.
 *
 * An extractor reads one kind of payload, a direct child of the stanza, into
 * the record. The table in extract.c says which it is; each child is offered
 * once, in document order, when addresses and chat are known already. What
 * can only be said once all children have been read is said by the
 * *_settle() functions.
 */
#ifndef EXTRACT_INSIDE_H
#define EXTRACT_INSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "extract/extract.h"
#include "extract/ns.h"

/* A stanza says a few things; of what it says more often than this (refs,
 * links, delays, ...) the rest stays in the raw bytes. Texts are all kept. */
enum { EXTRACT_MOST = 256 };

struct extraction {
	struct arena *a;
	const struct node *stanza;
	const struct extract_context *context;
	struct record *r;
	struct jid from, to;
	const char *room;	/* bare JID of the room it belongs to, or NULL */
	bool is_room_config;	/* the room said that its set-up changed */
	bool has_eme;
};

typedef void (*extract_read)(struct extraction *x, const struct node *n);

/* Room for one more element behind `count` of them: the array to use from
 * now on, in the arena. Doubles, so that many additions stay cheap. */
void *extract_grow(struct arena *a, const void *old, size_t count,
    size_t size);

/* An attribute as the archive wants it: NULL for absent and for empty. */
const char *extract_attr(const struct node *n, const char *name);
/* A JID attribute, prepared (or as it came); NULL for absent and empty. */
const char *extract_jid(struct extraction *x, const struct node *n,
    const char *name);
/* The text of a child, NULL if it is absent or empty. */
const char *extract_child_text(struct extraction *x, const struct node *n,
    const char *ns, const char *name);

/* address.c: who, with whom, in which direction, in which conversation. */
void address_read(struct extraction *x);
void address_settle(struct extraction *x);

/* texts.c */
const char *texts_lang(struct extraction *x, const struct node *n);
void texts_body(struct extraction *x, const struct node *n);
void texts_subject(struct extraction *x, const struct node *n);
void texts_status(struct extraction *x, const struct node *n);
void texts_thread(struct extraction *x, const struct node *n);
void texts_fallback(struct extraction *x, const struct node *n);

/* delay.c */
void delay_read(struct extraction *x, const struct node *n);

/* ids.c */
void ids_origin(struct extraction *x, const struct node *n);
void ids_archive(struct extraction *x, const struct node *n);
void ids_occupant(struct extraction *x, const struct node *n);
void ids_settle(struct extraction *x);

/* refs.c */
void refs_add(struct extraction *x, const struct ref *ref);
void refs_replace(struct extraction *x, const struct node *n);
void refs_retract(struct extraction *x, const struct node *n);
void refs_apply_to(struct extraction *x, const struct node *n);
void refs_retracted(struct extraction *x, const struct node *n);
void refs_moderated(struct extraction *x, const struct node *n);
void refs_reactions(struct extraction *x, const struct node *n);
void refs_reply(struct extraction *x, const struct node *n);
void refs_received(struct extraction *x, const struct node *n);
void refs_marker(struct extraction *x, const struct node *n);
void refs_attach(struct extraction *x, const struct node *n);

/* signals.c: states, requests and hints. */
void signals_chat_state(struct extraction *x, const struct node *n);
void signals_event_old(struct extraction *x, const struct node *n);
void signals_request(struct extraction *x, const struct node *n);
void signals_markable(struct extraction *x, const struct node *n);
void signals_no_store(struct extraction *x, const struct node *n);
void signals_no_copy(struct extraction *x, const struct node *n);
void signals_event(struct extraction *x, const struct node *n);

/* media.c */
void media_oob(struct extraction *x, const struct node *n);
void media_sharing(struct extraction *x, const struct node *n);
void media_sources(struct extraction *x, const struct node *n);
void media_reference(struct extraction *x, const struct node *n);

/* sealed.c: envelopes of encryption. */
void sealed_eme(struct extraction *x, const struct node *n);
void sealed_envelope(struct extraction *x, const struct node *n);
void sealed_settle(struct extraction *x);

/* room.c */
void room_user(struct extraction *x, const struct node *n);
void room_invite(struct extraction *x, const struct node *n);
void room_nick(struct extraction *x, const struct node *n);
void room_settle(struct extraction *x);

/* pubsub.c */
void pubsub_event(struct extraction *x, const struct node *n);

/* presence.c */
void presence_show(struct extraction *x, const struct node *n);
void presence_priority(struct extraction *x, const struct node *n);
void presence_caps(struct extraction *x, const struct node *n);
void presence_photo(struct extraction *x, const struct node *n);
void presence_idle(struct extraction *x, const struct node *n);
void presence_occupant(struct extraction *x, const struct node *n);

/* fault.c: stanza errors. */
void fault_read(struct extraction *x);

#endif
