#include "extract/extract.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "extract/inside.h"

/* Where a payload means something. In an error it is an echo of what we sent,
 * so only what it looks like is read, not what it would do. */
enum {
	IN_MESSAGE = 1, IN_PRESENCE = 2, IN_ERROR = 4,
	IN_BOTH = IN_MESSAGE | IN_PRESENCE,
	ALWAYS = IN_BOTH | IN_ERROR,
};

/* What is not here stays in the raw stanza. */
static const struct extractor {
	const char *ns;
	const char *name;	/* NULL: any of that namespace */
	unsigned in;
	extract_read read;
} extractors[] = {
	{ NS_CLIENT, "body", IN_MESSAGE | IN_ERROR, texts_body },
	{ NS_CLIENT, "subject", IN_MESSAGE | IN_ERROR, texts_subject },
	{ NS_CLIENT, "thread", IN_MESSAGE | IN_ERROR, texts_thread },
	{ NS_CLIENT, "show", IN_PRESENCE, presence_show },
	{ NS_CLIENT, "status", IN_PRESENCE | IN_ERROR, texts_status },
	{ NS_CLIENT, "priority", IN_PRESENCE, presence_priority },

	{ NS_SID, "stanza-id", ALWAYS, ids_archive },
	{ NS_SID, "origin-id", ALWAYS, ids_origin },
	{ NS_OCCUPANT, "occupant-id", ALWAYS, ids_occupant },
	{ NS_DELAY, "delay", ALWAYS, delay_read },
	{ NS_DELAY_OLD, "x", ALWAYS, delay_read },

	{ NS_CHAT_STATES, NULL, IN_MESSAGE, signals_chat_state },
	{ NS_EVENT_OLD, "x", IN_MESSAGE, signals_event_old },
	{ NS_RECEIPTS, "request", IN_MESSAGE, signals_request },
	{ NS_MARKERS, "markable", IN_MESSAGE, signals_markable },
	{ NS_HINTS, "no-store", IN_MESSAGE, signals_no_store },
	{ NS_HINTS, "no-permanent-store", IN_MESSAGE, signals_no_store },
	{ NS_HINTS, "no-copy", IN_MESSAGE, signals_no_copy },
	{ NS_CARBONS, "private", IN_MESSAGE, signals_no_copy },
	{ NS_ATTENTION, "attention", IN_MESSAGE, signals_event },
	{ NS_RTT, "rtt", IN_MESSAGE, signals_event },

	{ NS_CORRECT, "replace", IN_MESSAGE, refs_replace },
	{ NS_RETRACT, "retract", IN_MESSAGE, refs_retract },
	{ NS_RETRACT, "retracted", IN_MESSAGE, refs_retracted },
	{ NS_RETRACT_0, "retracted", IN_MESSAGE, refs_retracted },
	{ NS_FASTEN, "apply-to", IN_MESSAGE, refs_apply_to },
	{ NS_MODERATE_0, "moderated", IN_MESSAGE, refs_moderated },
	{ NS_REACTIONS, "reactions", IN_MESSAGE, refs_reactions },
	{ NS_REPLY, "reply", IN_MESSAGE, refs_reply },
	{ NS_RECEIPTS, "received", IN_MESSAGE, refs_received },
	{ NS_MARKERS, "received", IN_MESSAGE, refs_marker },
	{ NS_MARKERS, "displayed", IN_MESSAGE, refs_marker },
	{ NS_MARKERS, "acknowledged", IN_MESSAGE, refs_marker },
	{ NS_ATTACH, "attach-to", IN_MESSAGE, refs_attach },
	{ NS_FALLBACK, "fallback", IN_MESSAGE | IN_ERROR, texts_fallback },
	{ NS_FALLBACK_OLD, "fallback", IN_MESSAGE | IN_ERROR, texts_fallback },

	{ NS_OOB, "x", IN_MESSAGE | IN_ERROR, media_oob },
	{ NS_SFS, "file-sharing", IN_MESSAGE | IN_ERROR, media_sharing },
	{ NS_SFS, "sources", IN_MESSAGE | IN_ERROR, media_sources },
	{ NS_REFERENCE, "reference", IN_MESSAGE | IN_ERROR, media_reference },

	{ NS_EME, "encryption", IN_MESSAGE | IN_ERROR, sealed_eme },
	{ NS_AXOLOTL, "encrypted", IN_MESSAGE | IN_ERROR, sealed_envelope },
	{ NS_OMEMO_1, "encrypted", IN_MESSAGE | IN_ERROR, sealed_envelope },
	{ NS_OMEMO_2, "encrypted", IN_MESSAGE | IN_ERROR, sealed_envelope },
	{ NS_OPENPGP, "openpgp", IN_MESSAGE | IN_ERROR, sealed_envelope },
	{ NS_OPENPGP_OLD, "x", IN_MESSAGE | IN_ERROR, sealed_envelope },

	{ NS_MUC_USER, "x", IN_MESSAGE, room_user },
	{ NS_CONFERENCE, "x", IN_MESSAGE, room_invite },
	{ NS_NICK, "nick", IN_BOTH, room_nick },
	{ NS_PUBSUB_EVENT, "event", IN_MESSAGE, pubsub_event },

	{ NS_MUC_USER, "x", IN_PRESENCE, presence_occupant },
	{ NS_CAPS, "c", IN_PRESENCE, presence_caps },
	{ NS_VCARD_UPDATE, "x", IN_PRESENCE, presence_photo },
	{ NS_IDLE, "idle", IN_PRESENCE, presence_idle },
};

void *
extract_grow(struct arena *a, const void *old, size_t count, size_t size)
{
	void *new;

	if ((count & (count - 1)) != 0)		/* not a power of two: room */
		return (void *)(uintptr_t)old;
	new = arena_array(a, count == 0 ? 1 : count * 2, size);
	if (count > 0)
		memcpy(new, old, count * size);
	return new;
}

const char *
extract_attr(const struct node *n, const char *name)
{
	const char *value = node_attr(n, name);

	return value == NULL || *value == '\0' ? NULL : value;
}

const char *
extract_jid(struct extraction *x, const struct node *n, const char *name)
{
	const char *value = extract_attr(n, name);

	return value == NULL ? NULL : jid_parse(x->a, value).full;
}

const char *
extract_child_text(struct extraction *x, const struct node *n, const char *ns,
    const char *name)
{
	const char *text = node_child_text(n, ns, name, x->a);

	return text == NULL || *text == '\0' ? NULL : text;
}

/* How far an archive's clock may be ahead of ours before its stamp is only a
 * claim. */
#define AHEAD_US (5 * TIME_MINUTE)

static int64_t
time_of(const struct extract_context *c)
{
	switch (c->route) {
	case ROUTE_MAM:
	case ROUTE_CARBON:
	case ROUTE_HISTORY:
	case ROUTE_OFFLINE:
		if (c->archive_us > TIME_LEAST &&
		    c->archive_us <= c->received_us + AHEAD_US)
			return c->archive_us;
		break;
	case ROUTE_LIVE:
	case ROUTE_SENT:
	case ROUTE_IMPORT:
		break;
	}
	return c->received_us;
}

static void
set_kind(struct extraction *x)
{
	const char *type = node_attr(x->stanza, "type");
	struct record *r = x->r;

	r->kind = RECORD_OTHER;
	if (node_is(x->stanza, NS_CLIENT, "message")) {
		r->kind = RECORD_MESSAGE;
		r->type = MESSAGE_NORMAL;	/* RFC 6121 5.2.2 */
		message_type_parse(type, &r->type);
	} else if (node_is(x->stanza, NS_CLIENT, "presence")) {
		/* A type that nobody defined says nothing that could be
		 * shown as a presence. */
		r->presence = PRESENCE_AVAILABLE;
		if (type == NULL || presence_type_parse(type, &r->presence))
			r->kind = RECORD_PRESENCE;
	}
}

static void
begin(struct extraction *x, struct arena *a, const struct node *stanza,
    const struct extract_context *context, struct record *out)
{
	enum forged forged = out->forged;
	const char *why = out->forged_why;
	uint64_t stream = out->stream;

	*x = (struct extraction){ .a = a, .stanza = stanza,
		.context = context, .r = out };
	*out = (struct record){ .forged = forged, .forged_why = why,
		.stream = stream };
	out->account = context->own->bare;
	out->route = context->route;
	out->received_us = context->received_us;
	out->archive_us = context->archive_us;
	out->time_us = time_of(context);
	out->stanza_id = extract_attr(stanza, "id");
	out->lang = texts_lang(x, stanza);
	set_kind(x);
	address_read(x);
}

static void
read_payloads(struct extraction *x)
{
	const struct record *r = x->r;
	const struct node *n;
	unsigned in;
	size_t i;

	if (r->kind == RECORD_OTHER)
		return;
	in = r->kind == RECORD_MESSAGE ? IN_MESSAGE : IN_PRESENCE;
	for (n = x->stanza->children; n != NULL; n = n->next) {
		if (n->name == NULL)
			continue;
		for (i = 0; i < COUNT(extractors); i++) {
			const struct extractor *e = &extractors[i];

			if ((e->in & in) == 0 ||
			    (r->has_error && (e->in & IN_ERROR) == 0))
				continue;
			if ((e->name == NULL || strcmp(e->name, n->name) == 0)
			    && strcmp(e->ns, n->ns) == 0) {
				e->read(x, n);
				break;
			}
		}
	}
}

void
extract_stanza(struct arena *a, const struct node *stanza,
    const struct extract_context *context, struct record *out)
{
	struct extraction x;
	struct buf raw = { 0 };

	begin(&x, a, stanza, context, out);
	if (str_is(node_attr(stanza, "type"), "error"))
		fault_read(&x);
	read_payloads(&x);
	address_settle(&x);
	ids_settle(&x);
	sealed_settle(&x);
	room_settle(&x);
	if (out->kind == RECORD_MESSAGE)
		extract_content_hash(a, stanza, out->content_hash);
	node_bytes(stanza, &raw);
	out->raw_len = raw.len;
	out->raw = arena_strn(a, raw.data, raw.len);
	buf_clear(&raw);
}

void
extract_oversize(struct arena *a, const struct node *start_tag,
    const struct extract_context *context, const struct node_raw *raw,
    size_t full_len, const uint8_t *sha256, struct record *out)
{
	struct extraction x;

	begin(&x, a, start_tag, context, out);
	out->kind = RECORD_OTHER;
	out->raw = arena_strn(a, raw->data, raw->len);
	out->raw_len = raw->len;
	out->oversize_len = full_len;
	out->oversize_sha256 = arena_copy(a, sha256, 32);
}
