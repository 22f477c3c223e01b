/*
 * JSON Lines: one object a line, keys and their order as the contract has
 * them. An absent fact is an absent key. The bytes are always UTF-8, and what
 * may not reach a terminal, or breaks a line for somebody, is escaped.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "base/unicode.h"
#include "format/format.h"
#include "format/json.h"
#include "format/state.h"

/*
 * Values.
 */

static void
put_string_len(struct buf *out, const char *s, size_t len)
{
	static const char *const names[] = { ['\b'] = "\\b", ['\t'] = "\\t",
		['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r" };
	unsigned c;
	size_t n;

	buf_room(out, len + 2);
	buf_char(out, '"');
	for (; len > 0; s += n, len -= n) {
		n = str_utf8_next(s, len, &c);
		if (c == '"' || c == '\\') {
			buf_char(out, '\\');
			buf_char(out, (char)c);
		} else if (c < COUNT(names) && names[c] != NULL) {
			buf_str(out, names[c]);
		} else if (unicode_is_dangerous(c)) {
			buf_printf(out, "\\u%04x", c);
		} else if (c == 0xfffd) {
			buf_utf8(out, c);
		} else {
			buf_add(out, s, n);
		}
	}
	buf_char(out, '"');
}

static void
put_string(struct buf *out, const char *s)
{
	put_string_len(out, s, strlen(s));
}

void
json_string(struct buf *out, const char *s)
{
	if (s != NULL)
		put_string(out, s);
	else
		buf_str(out, "null");
}

/* The comma before a key or an item, unless it is the first. */
static void
separate(struct buf *out)
{
	char last = out->len > 0 ? out->data[out->len - 1] : '{';

	if (last != '{' && last != '[' && last != '\n')
		buf_char(out, ',');
}

static void
put_key(struct buf *out, const char *key)
{
	separate(out);
	put_string(out, key);
	buf_char(out, ':');
}

static void
put_text(struct buf *out, const char *key, const char *value)
{
	if (value == NULL)
		return;
	put_key(out, key);
	put_string(out, value);
}

/* A moment that is always known; 0 is 1970. */
static void
put_moment(struct buf *out, const char *key, int64_t us)
{
	char text[TIME_TEXT];

	put_text(out, key, time_format(text, us));
}

static void
put_time(struct buf *out, const char *key, int64_t us)
{
	if (us != 0)
		put_moment(out, key, us);
}

static void
put_id(struct buf *out, const char *key, int64_t id)
{
	char text[ENTRY_ID];

	if (id != 0)
		put_text(out, key, entry_id_format(text, id));
}

static void
put_number(struct buf *out, const char *key, int64_t n)
{
	put_key(out, key);
	buf_printf(out, "%lld", (long long)n);
}

static void
put_true(struct buf *out, const char *key)
{
	put_key(out, key);
	buf_str(out, "true");
}

/* Brackets under a key, or as an item where key is NULL. */
static void
open_with(struct buf *out, const char *key, char bracket)
{
	if (key != NULL)
		put_key(out, key);
	else
		separate(out);
	buf_char(out, bracket);
}

static void
put_texts(struct buf *out, const char *key, const struct text *texts,
    size_t count)
{
	size_t i;

	if (count == 0)
		return;
	open_with(out, key, '[');
	for (i = 0; i < count; i++) {
		open_with(out, NULL, '{');
		put_text(out, "lang", texts[i].lang);
		put_key(out, "text");
		put_string_len(out, texts[i].text, texts[i].len);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

static void
put_emojis(struct buf *out, const char *const *emojis, size_t count)
{
	size_t i;

	open_with(out, "emojis", '[');
	for (i = 0; i < count; i++) {
		separate(out);
		put_string(out, emojis[i]);
	}
	buf_char(out, ']');
}

static void
put_delay(struct buf *out, const struct delay *d)
{
	open_with(out, "delay", '{');
	put_time(out, "stamp", d->stamp_us);
	put_text(out, "from", d->from);
	put_text(out, "reason", d->reason);
	buf_char(out, '}');
}

static void
put_error(struct buf *out, const struct stanza_error *e)
{
	open_with(out, "error", '{');
	put_text(out, "type", e->type);
	put_text(out, "condition", e->condition);
	put_text(out, "text", e->text);
	put_text(out, "by", e->by);
	buf_char(out, '}');
}

/*
 * Messages.
 */

static void
put_sources(struct buf *out, const struct entry_message *m)
{
	unsigned sources = m->sources | 1u << m->source, route;

	open_with(out, "sources", '[');
	for (route = ROUTE_LIVE; route <= ROUTE_IMPORT; route++)
		if (sources & 1u << route) {
			separate(out);
			put_string(out, route_name((enum route)route));
		}
	buf_char(out, ']');
}

static void
put_archive_ids(struct buf *out, const struct entry_message *m)
{
	size_t i, trusted = 0;

	/* What nobody vouches for is the sender's word: it is in the raw
	 * stanza. */
	for (i = 0; i < m->archive_id_count; i++)
		trusted += m->archive_ids[i].is_trusted;
	if (trusted == 0)
		return;
	open_with(out, "archive_ids", '[');
	for (i = 0; i < m->archive_id_count; i++) {
		if (!m->archive_ids[i].is_trusted)
			continue;
		open_with(out, NULL, '{');
		put_text(out, "by", m->archive_ids[i].by);
		put_text(out, "id", m->archive_ids[i].id);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

static void
put_versions(struct buf *out, const struct entry_message *m)
{
	size_t i;

	if (m->version_count == 0)
		return;
	open_with(out, "versions", '[');
	for (i = 0; i < m->version_count; i++) {
		const struct entry_version *v = &m->versions[i];

		open_with(out, NULL, '{');
		put_id(out, "id", v->id);
		put_time(out, "time", v->time_us);
		put_texts(out, "bodies", v->bodies, v->body_count);
		put_texts(out, "subjects", v->subjects, v->subject_count);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

static void
put_fate(struct buf *out, const struct entry_message *m)
{
	if (m->replaced_by != 0) {
		open_with(out, "replaced_by", '{');
		put_id(out, "id", m->replaced_by);
		put_time(out, "time", m->replaced_us);
		buf_char(out, '}');
	}
	if (m->is_retracted) {
		open_with(out, "retracted", '{');
		put_time(out, "time", m->retracted_us);
		put_text(out, "by", m->retracted_by);
		put_text(out, "reason", m->retracted_reason);
		buf_char(out, '}');
	}
}

static const struct entry_ref *
find_ref(const struct entry_message *m, enum ref_kind first,
    enum ref_kind last)
{
	size_t i;

	for (i = 0; i < m->ref_count; i++)
		if (m->refs[i].kind >= first && m->refs[i].kind <= last)
			return &m->refs[i];
	return NULL;
}

/* What every reference says: the other's id as sent, and as known here. */
static void
open_ref(struct buf *out, const char *key, const struct entry_ref *r)
{
	open_with(out, key, '{');
	if (r->kind >= REF_RECEIVED && r->kind <= REF_ACKNOWLEDGED)
		put_text(out, "kind", ref_kind_name(r->kind));
	put_text(out, "stanza_id", r->id);
	put_id(out, "id", r->target);
}

static void
put_reply(struct buf *out, const struct entry_message *m)
{
	const struct entry_ref *r = find_ref(m, REF_REPLY, REF_REPLY);

	if (r == NULL)
		return;
	open_ref(out, "reply_to", r);
	put_text(out, "to", r->to);
	buf_char(out, '}');
}

static void
put_reactions(struct buf *out, const struct entry_message *m)
{
	size_t i;

	if (m->reaction_count == 0)
		return;
	open_with(out, "reactions", '[');
	for (i = 0; i < m->reaction_count; i++) {
		const struct entry_reaction *r = &m->reactions[i];

		open_with(out, NULL, '{');
		put_text(out, "from", r->from);
		put_emojis(out, r->emojis, r->emoji_count);
		put_time(out, "time", r->time_us);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

static void
put_receipts(struct buf *out, const struct entry_message *m)
{
	size_t i;

	if (m->receipt_count == 0)
		return;
	open_with(out, "receipts", '[');
	for (i = 0; i < m->receipt_count; i++) {
		const struct entry_receipt *r = &m->receipts[i];

		open_with(out, NULL, '{');
		put_text(out, "from", r->from);
		put_text(out, "kind", ref_kind_name(r->kind));
		put_time(out, "time", r->time_us);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

static void
put_links(struct buf *out, const struct entry_message *m)
{
	size_t i;

	if (m->link_count == 0)
		return;
	open_with(out, "links", '[');
	for (i = 0; i < m->link_count; i++) {
		const struct link *l = &m->links[i];

		open_with(out, NULL, '{');
		put_text(out, "url", l->url);
		put_text(out, "desc", l->desc);
		put_text(out, "name", l->name);
		put_text(out, "media_type", l->media_type);
		if (l->size > 0)
			put_number(out, "size", l->size);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

static void
put_actions(struct buf *out, const struct entry_message *m)
{
	const struct entry_ref *r;

	if ((r = find_ref(m, REF_REPLACE, REF_REPLACE)) != NULL) {
		open_ref(out, "replaces", r);
		buf_char(out, '}');
	}
	if ((r = find_ref(m, REF_MODERATE, REF_MODERATE)) != NULL ||
	    (r = find_ref(m, REF_RETRACT, REF_RETRACT)) != NULL) {
		open_ref(out, "retracts", r);
		put_text(out, "moderated_by", r->by);
		put_text(out, "reason", r->reason);
		buf_char(out, '}');
	}
	if ((r = find_ref(m, REF_REACT, REF_REACT)) != NULL) {
		open_ref(out, "reacts", r);
		put_emojis(out, r->emojis, r->emoji_count);
		buf_char(out, '}');
	}
	if ((r = find_ref(m, REF_RECEIVED, REF_ACKNOWLEDGED)) != NULL) {
		open_ref(out, "marks", r);
		buf_char(out, '}');
	}
	if (m->chat_state != STATE_NONE)
		put_text(out, "chat_state", chat_state_name(m->chat_state));
	if (m->invite != NULL) {
		open_with(out, "invite", '{');
		put_text(out, "room", m->invite->room);
		put_text(out, "from", m->invite->from);
		put_text(out, "reason", m->invite->reason);
		if (m->invite->is_decline)
			put_true(out, "declined");
		buf_char(out, '}');
	}
	put_text(out, "event", m->event);
}

/* What `show` knows beyond it: where each copy came from. */
static void
put_copies(struct buf *out, const struct entry_message *m)
{
	size_t i;

	if (m->copy_count == 0)
		return;
	open_with(out, "copies", '[');
	for (i = 0; i < m->copy_count; i++) {
		const struct entry_copy *c = &m->copies[i];

		open_with(out, NULL, '{');
		put_text(out, "source", route_name(c->route));
		put_time(out, "received", c->received_us);
		put_time(out, "stamp", c->stamp_us);
		if (c->archive_id != NULL) {
			open_with(out, "archive_id", '{');
			put_text(out, "by", c->archive_by);
			put_text(out, "id", c->archive_id);
			buf_char(out, '}');
		}
		put_text(out, "how", c->how);
		if (c->raw != NULL) {
			put_key(out, "xml");
			put_string_len(out, c->raw, c->raw_len);
		}
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

static void
put_message(struct format *f, const struct entry_message *m, struct buf *out)
{
	open_with(out, NULL, '{');
	put_text(out, "kind", "message");
	put_id(out, "id", m->id);
	put_text(out, "account", m->account);
	put_text(out, "chat", m->chat);
	put_text(out, "type", message_type_name(m->type));
	put_text(out, "direction", direction_name(m->direction));
	put_text(out, "from", m->from);
	put_text(out, "to", m->to);
	put_text(out, "nick", m->nick);
	put_text(out, "occupant_id", m->occupant_id);
	put_moment(out, "time", m->time_us);
	put_moment(out, "received", m->received_us);
	put_text(out, "source", route_name(m->source));
	put_sources(out, m);
	put_text(out, "stanza_id", m->stanza_id);
	put_text(out, "origin_id", m->origin_id);
	put_archive_ids(out, m);
	put_text(out, "lang", m->lang);
	put_texts(out, "bodies", m->bodies, m->body_count);
	put_texts(out, "subjects", m->subjects, m->subject_count);
	put_text(out, "thread", m->thread);
	put_text(out, "parent_thread", m->parent_thread);
	if (m->delay_count > 0)
		put_delay(out, &m->delays[0]);
	put_versions(out, m);
	put_fate(out, m);
	put_reply(out, m);
	put_reactions(out, m);
	put_receipts(out, m);
	put_links(out, m);
	if (m->encryption_ns != NULL) {
		open_with(out, "encryption", '{');
		put_text(out, "namespace", m->encryption_ns);
		put_text(out, "name", m->encryption_name);
		buf_char(out, '}');
	}
	if (m->has_error)
		put_error(out, &m->error);
	put_actions(out, m);
	put_text(out, "forged", m->forged);
	if (m->is_context)
		put_true(out, "context");
	if (f->o.has_raw && m->raw != NULL) {
		put_key(out, "xml");
		put_string_len(out, m->raw, m->raw_len);
	}
}

static void
json_message(struct format *f, const struct entry_message *m, struct buf *out)
{
	put_message(f, m, out);
	buf_str(out, "}\n");
}

static void
json_details(struct format *f, const struct entry_message *m, struct buf *out)
{
	put_message(f, m, out);
	put_copies(out, m);
	buf_str(out, "}\n");
}

/*
 * The others.
 */

static void
put_room(struct buf *out, const struct room_item *r)
{
	size_t i;

	open_with(out, "room", '{');
	put_text(out, "nick", r->nick);
	put_text(out, "new_nick", r->new_nick);
	put_text(out, "jid", r->jid);
	put_text(out, "affiliation", r->affiliation);
	put_text(out, "role", r->role);
	if (r->code_count > 0) {
		open_with(out, "codes", '[');
		for (i = 0; i < r->code_count; i++) {
			separate(out);
			buf_printf(out, "%d", r->codes[i]);
		}
		buf_char(out, ']');
	}
	put_text(out, "reason", r->reason);
	put_text(out, "by", r->actor);
	buf_char(out, '}');
}

static void
json_presence(struct format *f, const struct entry_presence *p,
    struct buf *out)
{
	open_with(out, NULL, '{');
	put_text(out, "kind", "presence");
	put_id(out, "id", p->id);
	put_text(out, "account", p->account);
	put_moment(out, "time", p->time_us);
	put_text(out, "from", p->from);
	put_text(out, "to", p->to);
	put_text(out, "type", presence_type_name(p->type));
	if (p->show != SHOW_NONE)
		put_text(out, "show", presence_show_name(p->show));
	put_texts(out, "statuses", p->statuses, p->status_count);
	/* RFC 6121 4.7.2.3: none is 0. */
	if (p->priority != 0)
		put_number(out, "priority", p->priority);
	if (p->room != NULL)
		put_room(out, p->room);
	put_text(out, "event", p->event);
	if (p->delay.stamp_us != 0)
		put_delay(out, &p->delay);
	put_time(out, "idle_since", p->idle_us);
	if (p->has_error)
		put_error(out, &p->error);
	buf_str(out, "}\n");
}

static void
json_chat(struct format *f, const struct entry_chat *c, struct buf *out)
{
	open_with(out, NULL, '{');
	put_text(out, "kind", "chat");
	put_text(out, "account", c->account);
	put_text(out, "chat", c->chat);
	put_text(out, "chat_kind", chat_kind_name(c->kind));
	put_text(out, "name", c->name);
	put_number(out, "messages", c->messages);
	put_time(out, "first", c->first_us);
	put_time(out, "last", c->last_us);
	buf_str(out, "}\n");
}

static void
json_end(struct format *f, struct buf *out)
{
	state_free(f);
}

const struct format_kind format_json = {
	.name = "json",
	.summary = "JSON Lines: one object a line, nothing left out",
	.begin = state_new,
	.end = json_end,
	.message = json_message,
	.details = json_details,
	.presence = json_presence,
	.chat = json_chat,
};
