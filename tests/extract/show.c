#include "tests/extract/show.h"

#include <string.h>

#include "base/str.h"
#include "base/time.h"

static void
line(struct buf *out, const char *key, const char *value)
{
	if (value != NULL)
		buf_printf(out, "%s: %s\n", key, value);
}

static void
quoted(struct buf *out, const char *value)
{
	const char *s;

	buf_char(out, '"');
	for (s = value; *s != '\0'; s++) {
		if (*s == '\n')
			buf_str(out, "\\n");
		else if (*s == '"' || *s == '\\')
			buf_printf(out, "\\%c", *s);
		else
			buf_char(out, *s);
	}
	buf_char(out, '"');
}

static void
moment(struct buf *out, const char *key, int64_t us)
{
	char text[TIME_TEXT];

	if (us != 0)
		buf_printf(out, "%s: %s\n", key, time_format(text, us));
}

static void
texts(struct buf *out, const char *key, const struct text *t, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		buf_printf(out, "%s: [%s%s] ", key,
		    t[i].lang == NULL ? "-" : t[i].lang,
		    t[i].lang_is_own ? "!" : "");
		quoted(out, t[i].text);
		if (t[i].len != strlen(t[i].text))
			buf_str(out, " WRONG LENGTH");
		buf_char(out, '\n');
	}
}

static void
field(struct buf *out, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_printf(out, " %s=", key);
	quoted(out, value);
}

static void
refs(struct buf *out, const struct record *r)
{
	char text[TIME_TEXT];
	size_t i, j;

	for (i = 0; i < r->ref_count; i++) {
		const struct ref *f = &r->refs[i];

		buf_printf(out, "ref: %s", ref_kind_name(f->kind));
		field(out, "id", f->id);
		field(out, "to", f->to);
		field(out, "by", f->by);
		field(out, "reason", f->reason);
		if (f->kind == REF_REACT) {
			buf_str(out, " emojis=");
			for (j = 0; j < f->emoji_count; j++)
				buf_printf(out, "%s%s", j > 0 ? "," : "",
				    f->emojis[j]);
		}
		if (f->stamp_us != 0)
			field(out, "stamp", time_format(text, f->stamp_us));
		buf_char(out, '\n');
	}
	for (i = 0; i < r->fallback_count; i++) {
		const struct fallback *f = &r->fallbacks[i];

		buf_printf(out, "fallback: %s %ld..%ld",
		    f->is_subject ? "subject" : "body", f->start, f->end);
		field(out, "for", f->for_ns);
		buf_char(out, '\n');
	}
}

static void
facts(struct buf *out, const struct record *r)
{
	char text[TIME_TEXT];
	size_t i;

	for (i = 0; i < r->delay_count; i++) {
		buf_printf(out, "delay: %s", time_format(text,
		    r->delays[i].stamp_us));
		field(out, "from", r->delays[i].from);
		field(out, "reason", r->delays[i].reason);
		buf_char(out, '\n');
	}
	for (i = 0; i < r->link_count; i++) {
		const struct link *l = &r->links[i];

		buf_printf(out, "link: %s", l->url);
		field(out, "desc", l->desc);
		field(out, "media", l->media_type);
		field(out, "name", l->name);
		if (l->size >= 0)
			buf_printf(out, " size=%lld", (long long)l->size);
		buf_char(out, '\n');
	}
	if (r->invite != NULL) {
		buf_printf(out, "invite: %s%s", r->invite->is_direct ?
		    "direct" : "mediated", r->invite->is_decline ?
		    " declined" : "");
		field(out, "room", r->invite->room);
		field(out, "from", r->invite->from);
		field(out, "reason", r->invite->reason);
		field(out, "password", r->invite->password);
		field(out, "thread", r->invite->thread);
		buf_char(out, '\n');
	}
	if (r->has_error) {
		buf_str(out, "error:");
		field(out, "type", r->error.type);
		field(out, "condition", r->error.condition);
		field(out, "text", r->error.text);
		field(out, "lang", r->error.text_lang);
		field(out, "by", r->error.by);
		if (r->error.code != 0)
			buf_printf(out, " code=%d", r->error.code);
		buf_char(out, '\n');
	}
}

static void
presence(struct buf *out, const struct record *r)
{
	size_t i;

	if (r->show != SHOW_NONE)
		line(out, "show", presence_show_name(r->show));
	texts(out, "status", r->statuses, r->status_count);
	buf_printf(out, "priority: %d\n", r->priority);
	line(out, "caps-node", r->caps_node);
	line(out, "caps-ver", r->caps_ver);
	if (r->photo != NULL)
		buf_printf(out, "photo: \"%s\"\n", r->photo);
	moment(out, "idle", r->idle_us);
	if (r->room == NULL)
		return;
	buf_str(out, "room:");
	field(out, "nick", r->room->nick);
	field(out, "new-nick", r->room->new_nick);
	field(out, "jid", r->room->jid);
	field(out, "affiliation", r->room->affiliation);
	field(out, "role", r->room->role);
	field(out, "actor", r->room->actor);
	field(out, "reason", r->room->reason);
	for (i = 0; i < r->room->code_count; i++)
		buf_printf(out, " %d", r->room->codes[i]);
	buf_char(out, '\n');
}

void
show_record(struct buf *out, const struct record *r)
{
	static const char *const kinds[] = { [RECORD_MESSAGE] = "message",
		[RECORD_PRESENCE] = "presence", [RECORD_OTHER] = "other" };
	size_t i;

	buf_printf(out, "kind: %s", kinds[r->kind]);
	if (r->kind == RECORD_MESSAGE)
		buf_printf(out, " %s", message_type_name(r->type));
	else if (r->kind == RECORD_PRESENCE)
		buf_printf(out, " %s", presence_type_name(r->presence));
	buf_printf(out, "\nchat: %s %s %s\n", chat_kind_name(r->chat_kind),
	    direction_name(r->direction), r->chat);
	line(out, "from", r->from);
	line(out, "from-raw", r->from_raw);
	line(out, "to", r->to);
	line(out, "to-raw", r->to_raw);
	moment(out, "time", r->time_us);
	line(out, "id", r->stanza_id);
	line(out, "origin-id", r->origin_id);
	for (i = 0; i < r->archive_id_count; i++)
		buf_printf(out, "archive-id: %s %s%s\n", r->archive_ids[i].by,
		    r->archive_ids[i].id,
		    r->archive_ids[i].is_trusted ? " trusted" : "");
	line(out, "lang", r->lang);
	line(out, "nick", r->nick);
	line(out, "occupant-id", r->occupant_id);
	if (r->kind == RECORD_PRESENCE)
		presence(out, r);
	texts(out, "subject", r->subjects, r->subject_count);
	texts(out, "body", r->bodies, r->body_count);
	line(out, "thread", r->thread);
	line(out, "parent-thread", r->parent_thread);
	line(out, "event", r->event);
	refs(out, r);
	facts(out, r);
	if (r->encryption_ns != NULL) {
		buf_printf(out, "encryption: %s", r->encryption_ns);
		field(out, "name", r->encryption_name);
		buf_char(out, '\n');
	}
	if (r->chat_state != STATE_NONE)
		line(out, "chat-state", chat_state_name(r->chat_state));
	if (r->wants_receipt)
		line(out, "wants", "receipt");
	if (r->wants_marker)
		line(out, "wants", "marker");
	if (r->no_store)
		line(out, "hint", "no-store");
	if (r->no_copy)
		line(out, "hint", "no-copy");
}
