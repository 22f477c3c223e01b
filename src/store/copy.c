#include "store/copy.h"

#include <string.h>

static const struct text *
copy_texts(struct arena *a, const struct text *from, size_t count)
{
	struct text *to = arena_copy(a, from, count * sizeof *from);
	size_t i;

	for (i = 0; i < count; i++) {
		to[i].lang = arena_str(a, from[i].lang);
		to[i].text = arena_strn(a, from[i].text, from[i].len);
	}
	return to;
}

static void
copy_refs(struct arena *a, struct record *to)
{
	struct ref *refs = arena_copy(a, to->refs,
	    to->ref_count * sizeof *refs);
	size_t i, j;

	for (i = 0; i < to->ref_count; i++) {
		struct ref *f = &refs[i];
		const char **emojis = arena_array(a, f->emoji_count,
		    sizeof *emojis);

		f->id = arena_str(a, f->id);
		f->to = arena_str(a, f->to);
		f->by = arena_str(a, f->by);
		f->reason = arena_str(a, f->reason);
		for (j = 0; j < f->emoji_count; j++)
			emojis[j] = arena_str(a, f->emojis[j]);
		f->emojis = emojis;
	}
	to->refs = refs;
}

static void
copy_lists(struct arena *a, struct record *to)
{
	struct archive_id *ids;
	struct delay *delays;
	struct fallback *fallbacks;
	struct link *links;
	size_t i;

	if (to->archive_id_count > 0) {
		ids = arena_copy(a, to->archive_ids,
		    to->archive_id_count * sizeof *ids);
		for (i = 0; i < to->archive_id_count; i++) {
			ids[i].by = arena_str(a, ids[i].by);
			ids[i].id = arena_str(a, ids[i].id);
		}
		to->archive_ids = ids;
	}
	if (to->delay_count > 0) {
		delays = arena_copy(a, to->delays,
		    to->delay_count * sizeof *delays);
		for (i = 0; i < to->delay_count; i++) {
			delays[i].from = arena_str(a, delays[i].from);
			delays[i].reason = arena_str(a, delays[i].reason);
		}
		to->delays = delays;
	}
	if (to->fallback_count > 0) {
		fallbacks = arena_copy(a, to->fallbacks,
		    to->fallback_count * sizeof *fallbacks);
		for (i = 0; i < to->fallback_count; i++)
			fallbacks[i].for_ns = arena_str(a,
			    fallbacks[i].for_ns);
		to->fallbacks = fallbacks;
	}
	if (to->link_count > 0) {
		links = arena_copy(a, to->links,
		    to->link_count * sizeof *links);
		for (i = 0; i < to->link_count; i++) {
			links[i].url = arena_str(a, links[i].url);
			links[i].desc = arena_str(a, links[i].desc);
			links[i].media_type = arena_str(a,
			    links[i].media_type);
			links[i].name = arena_str(a, links[i].name);
		}
		to->links = links;
	}
	if (to->ref_count > 0)
		copy_refs(a, to);
}

static void
copy_room(struct arena *a, struct record *to)
{
	struct room_item *room = arena_copy(a, to->room, sizeof *room);

	room->nick = arena_str(a, room->nick);
	room->new_nick = arena_str(a, room->new_nick);
	room->jid = arena_str(a, room->jid);
	room->affiliation = arena_str(a, room->affiliation);
	room->role = arena_str(a, room->role);
	room->actor = arena_str(a, room->actor);
	room->reason = arena_str(a, room->reason);
	if (room->code_count > 0)
		room->codes = arena_copy(a, room->codes,
		    room->code_count * sizeof *room->codes);
	to->room = room;
}

static void
copy_invite(struct arena *a, struct record *to)
{
	struct invite *v = arena_copy(a, to->invite, sizeof *v);

	v->room = arena_str(a, v->room);
	v->from = arena_str(a, v->from);
	v->reason = arena_str(a, v->reason);
	v->password = arena_str(a, v->password);
	v->thread = arena_str(a, v->thread);
	to->invite = v;
}

struct record *
copy_record(struct arena *a, const struct record *r)
{
	struct record *to = arena_copy(a, r, sizeof *r);

	to->account = arena_str(a, r->account);
	to->forged_why = arena_str(a, r->forged_why);
	to->from = arena_str(a, r->from);
	to->to = arena_str(a, r->to);
	to->from_raw = arena_str(a, r->from_raw);
	to->to_raw = arena_str(a, r->to_raw);
	to->chat = arena_str(a, r->chat);
	to->stanza_id = arena_str(a, r->stanza_id);
	to->origin_id = arena_str(a, r->origin_id);
	to->raw = r->raw != NULL ? arena_strn(a, r->raw, r->raw_len) : NULL;
	if (r->oversize_sha256 != NULL)
		to->oversize_sha256 = arena_copy(a, r->oversize_sha256, 32);
	to->lang = arena_str(a, r->lang);
	to->error.type = arena_str(a, r->error.type);
	to->error.condition = arena_str(a, r->error.condition);
	to->error.text = arena_str(a, r->error.text);
	to->error.text_lang = arena_str(a, r->error.text_lang);
	to->error.by = arena_str(a, r->error.by);
	if (r->body_count > 0)
		to->bodies = copy_texts(a, r->bodies, r->body_count);
	if (r->subject_count > 0)
		to->subjects = copy_texts(a, r->subjects, r->subject_count);
	if (r->status_count > 0)
		to->statuses = copy_texts(a, r->statuses, r->status_count);
	to->thread = arena_str(a, r->thread);
	to->parent_thread = arena_str(a, r->parent_thread);
	to->encryption_ns = arena_str(a, r->encryption_ns);
	to->encryption_name = arena_str(a, r->encryption_name);
	to->event = arena_str(a, r->event);
	to->nick = arena_str(a, r->nick);
	to->occupant_id = arena_str(a, r->occupant_id);
	to->caps_node = arena_str(a, r->caps_node);
	to->caps_ver = arena_str(a, r->caps_ver);
	to->photo = arena_str(a, r->photo);
	copy_lists(a, to);
	if (r->room != NULL)
		copy_room(a, to);
	if (r->invite != NULL)
		copy_invite(a, to);
	return to;
}
