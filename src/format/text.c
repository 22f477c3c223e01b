/*
 * Text: made to be read. A line for each message, under its day:
 *
 *	-- Sunday 22 November 2026 --
 *	10:11 Romeo               Good morrow!
 *	10:12 me                  Good morrow, and a long text that is
 *	                          folded under itself. (edited)
 *	                          ❤ Romeo
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/unicode.h"
#include "format/details.h"
#include "format/line.h"
#include "format/state.h"

enum { NAME_COLUMNS = 20 };	/* texts begin behind names of this width */

static void
put_day(struct format *f, int64_t us, struct buf *out)
{
	int day = line_day(&f->o, us);

	if (day == f->day)
		return;
	f->day = day;
	line_on(&f->o, out, LINE_DIM);
	buf_str(out, "\xe2\x94\x80\xe2\x94\x80 ");
	line_day_name(&f->o, out, us);
	buf_str(out, " \xe2\x94\x80\xe2\x94\x80");
	line_off(&f->o, out, LINE_DIM);
	buf_char(out, '\n');
}

/*
 * Who speaks: the nick in a room, "me" for what went out, else the roster's
 * name or the bare address.
 */
static char *
speaker(const struct entry_message *m)
{
	const char *slash;

	if (m->chat_kind != CHAT_DIRECT) {
		if (m->nick != NULL)
			return mem_str(m->nick);
		slash = m->from != NULL ? strchr(m->from, '/') : NULL;
		if (slash != NULL && m->direction == DIRECTION_IN)
			return mem_str(slash + 1);
	}
	if (m->direction == DIRECTION_OUT)
		return mem_str("me");
	if (m->from_name != NULL)
		return mem_str(m->from_name);
	if (m->from == NULL)
		return mem_str(m->account != NULL ? m->account : "?");
	return mem_strn(m->from, strcspn(m->from, "/"));
}

static void
put_speaker(struct format *f, const struct entry_message *m, struct buf *out)
{
	char *who = speaker(m);
	int color = m->direction == DIRECTION_OUT ? LINE_BOLD
						  : line_speaker(who);

	line_on(&f->o, out, color);
	line_word(out, who);
	line_off(&f->o, out, color);
	free(who);
	/* In the list of a search: to whom, or where. */
	if (f->o.has_chat && (m->chat_kind != CHAT_DIRECT ||
	    m->direction == DIRECTION_OUT)) {
		line_on(&f->o, out, LINE_DIM);
		buf_str(out, m->chat_kind == CHAT_ROOM ? " @ " : " > ");
		line_word(out, m->chat_name != NULL ? m->chat_name
						    : m->chat);
		line_off(&f->o, out, LINE_DIM);
	}
	if (f->o.has_account && m->account != NULL) {
		line_on(&f->o, out, LINE_DIM);
		buf_str(out, " [");
		line_word(out, m->account);
		buf_char(out, ']');
		line_off(&f->o, out, LINE_DIM);
	}
}

/* What we say about a message, behind it or on a line of its own. */
__attribute__((format(printf, 4, 5))) static void
put_mark(struct format *f, struct buf *out, int color, const char *format, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, format);
	buf_vprintf(&text, format, ap);
	va_end(ap);
	line_on(&f->o, out, color);
	line_word(out, text.data);
	line_off(&f->o, out, color);
	buf_clear(&text);
}

static void
put_new_line(struct buf *out, size_t indent)
{
	buf_char(out, '\n');
	for (; indent > 0; indent--)
		buf_char(out, ' ');
}

/* Where the writing goes on: the texts of one message follow each other on
 * lines of their own. */
struct place {
	size_t column;		/* of the first line: where it begins */
	size_t indent;
	bool is_used;
};

static size_t
begin_part(struct place *p, struct buf *out)
{
	size_t column = p->is_used ? p->indent : p->column;

	if (p->is_used)
		put_new_line(out, p->indent);
	p->is_used = true;
	return column;
}

static void
put_texts(struct format *f, struct place *p, const char *what,
    const struct text *texts, size_t count, struct buf *out)
{
	size_t i, start, column;

	for (i = 0; i < count; i++) {
		column = begin_part(p, out);
		start = out->len;
		if (what != NULL)
			put_mark(f, out, LINE_BOLD, "%s: ", what);
		if (count > 1 && texts[i].lang != NULL)
			put_mark(f, out, LINE_DIM, "[%s] ", texts[i].lang);
		if (texts[i].len == 0 && count == 1)
			put_mark(f, out, LINE_DIM, "(empty)");
		line_text(&f->o, out, texts[i].text, texts[i].len,
		    column + line_columns(out, start), p->indent);
	}
}

/* The words for what a message does where it has no text to say it. */
static void
put_refs(struct format *f, struct place *p, const struct entry_message *m,
    struct buf *out)
{
	char id[ENTRY_ID];
	size_t i, k;

	for (i = 0; i < m->ref_count; i++) {
		const struct entry_ref *r = &m->refs[i];
		struct buf emojis = { 0 };
		const char *what = r->id != NULL ? r->id : "?";

		if (r->kind == REF_REPLY || r->kind == REF_TOMBSTONE)
			continue;
		if (r->target != 0)
			what = entry_id_format(id, r->target);
		begin_part(p, out);
		switch (r->kind) {
		case REF_REPLACE:
			put_mark(f, out, LINE_MARK, "corrects %s", what);
			break;
		case REF_RETRACT:
		case REF_MODERATE:
			put_mark(f, out, LINE_MARK, "retracts %s%s%s", what,
			    r->reason != NULL ? ": " : "",
			    r->reason != NULL ? r->reason : "");
			break;
		case REF_REACT:
			for (k = 0; k < r->emoji_count; k++)
				buf_printf(&emojis, "%s ", r->emojis[k]);
			put_mark(f, out, LINE_MARK, emojis.len > 0
			    ? "%sto %s" : "%staken back from %s",
			    emojis.len > 0 ? emojis.data : "reactions ",
			    what);
			buf_clear(&emojis);
			break;
		default:
			put_mark(f, out, LINE_MARK, "%s: %s",
			    ref_kind_name(r->kind), what);
		}
		if (r->target != 0 && !r->is_valid)
			put_mark(f, out, LINE_BAD, " (had no right to)");
	}
}

static void
put_events(struct format *f, struct place *p, const struct entry_message *m,
    struct buf *out)
{
	size_t i;

	if (m->invite != NULL) {
		begin_part(p, out);
		put_mark(f, out, LINE_MARK, "%s %s%s%s",
		    m->invite->is_decline ? "declines to come to"
		    : "invites to", m->invite->room != NULL
		    ? m->invite->room : m->chat,
		    m->invite->reason != NULL ? ": " : "",
		    m->invite->reason != NULL ? m->invite->reason : "");
	}
	if (m->has_error) {
		begin_part(p, out);
		put_mark(f, out, LINE_BAD, "could not be delivered: %s%s%s%s",
		    m->error.condition != NULL ? m->error.condition
		    : "undefined-condition", m->error.text != NULL ? " (" : "",
		    m->error.text != NULL ? m->error.text : "",
		    m->error.text != NULL ? ")" : "");
	}
	for (i = 0; i < m->link_count; i++) {
		/* Clients repeat the link as the body. */
		if (m->body_count == 1 &&
		    str_is(m->bodies[0].text, m->links[i].url))
			continue;
		begin_part(p, out);
		put_mark(f, out, LINE_MARK, "%s%s%s", m->links[i].url,
		    m->links[i].desc != NULL ? " " : "",
		    m->links[i].desc != NULL ? m->links[i].desc : "");
	}
	if (m->chat_state != STATE_NONE && m->body_count == 0) {
		begin_part(p, out);
		put_mark(f, out, LINE_MARK, "is %s",
		    chat_state_name(m->chat_state));
	}
	if (m->event != NULL && m->subject_count == 0) {
		begin_part(p, out);
		put_mark(f, out, LINE_MARK, "%s", m->event);
	}
}

/* Short: the best that a receipt says of what we sent. */
static void
put_receipts(struct format *f, const struct entry_message *m, struct buf *out)
{
	bool is_seen = false;
	size_t i;

	if (m->receipt_count == 0 || m->direction != DIRECTION_OUT)
		return;
	for (i = 0; i < m->receipt_count; i++)
		is_seen = is_seen || m->receipts[i].kind != REF_RECEIVED;
	put_mark(f, out, LINE_DIM, is_seen ? " \xe2\x9c\x93\xe2\x9c\x93"
					   : " \xe2\x9c\x93");
}

static void
put_reactions(struct format *f, struct place *p,
    const struct entry_message *m, struct buf *out)
{
	size_t i, k;
	bool is_first = true;

	for (i = 0; i < m->reaction_count; i++) {
		const struct entry_reaction *r = &m->reactions[i];
		const char *from = r->from != NULL ? r->from : "?";
		const char *slash = strchr(from, '/');
		char *who;

		if (r->emoji_count == 0)
			continue;
		if (is_first)
			begin_part(p, out);
		else
			buf_str(out, "  ");
		is_first = false;
		for (k = 0; k < r->emoji_count; k++)
			put_mark(f, out, LINE_PLAIN, "%s ", r->emojis[k]);
		if (m->chat_kind != CHAT_DIRECT && slash != NULL)
			who = mem_str(slash + 1);
		else
			who = mem_strn(from, strcspn(from, "/"));
		if (m->chat_kind == CHAT_DIRECT && str_is(who, m->account))
			put_mark(f, out, LINE_DIM, "me");
		else if (m->chat_kind == CHAT_DIRECT &&
		    m->chat_name != NULL && str_is(who, m->chat))
			put_mark(f, out, LINE_DIM, "%s", m->chat_name);
		else
			put_mark(f, out, LINE_DIM, "%s", who);
		free(who);
	}
}

static void
text_message(struct format *f, const struct entry_message *m, struct buf *out)
{
	const struct entry_version *last = m->version_count > 0
	    ? &m->versions[m->version_count - 1] : NULL;
	struct place place = { 0 };
	char id[ENTRY_ID];
	size_t start, begin;

	put_day(f, m->time_us, out);
	start = out->len;
	if (f->o.has_ids) {
		line_on(&f->o, out, LINE_DIM);
		buf_printf(out, "%s ", entry_id_format(id, m->id));
		line_off(&f->o, out, LINE_DIM);
	}
	line_on(&f->o, out, LINE_DIM);
	line_clock(&f->o, out, m->time_us);
	line_off(&f->o, out, LINE_DIM);
	buf_char(out, ' ');
	begin = line_columns(out, start);
	place.indent = begin + NAME_COLUMNS;
	put_speaker(f, m, out);
	line_pad(out, line_columns(out, start), place.indent);
	place.column = line_columns(out, start);

	if (m->forged != NULL) {
		begin_part(&place, out);
		put_mark(f, out, LINE_BAD, "forged: %s", m->forged);
	}
	put_texts(f, &place, "Subject", last != NULL && last->subject_count > 0
	    ? last->subjects : m->subjects, last != NULL &&
	    last->subject_count > 0 ? last->subject_count : m->subject_count,
	    out);
	if (m->encryption_ns != NULL) {
		begin_part(&place, out);
		put_mark(f, out, LINE_MARK, "encrypted (%s)",
		    m->encryption_name != NULL ? m->encryption_name
		    : m->encryption_ns);
	}
	put_texts(f, &place, NULL, last != NULL ? last->bodies : m->bodies,
	    last != NULL ? last->body_count : m->body_count, out);
	put_events(f, &place, m, out);
	put_refs(f, &place, m, out);
	if (last != NULL)
		put_mark(f, out, LINE_DIM, " (edited)");
	else if (f->o.is_each && m->replaced_by != 0)
		put_mark(f, out, LINE_DIM, " (edited later)");
	if (m->is_retracted) {
		put_mark(f, out, LINE_BAD, " (retracted%s%s%s%s)",
		    m->retracted_by != NULL ? " by " : "",
		    m->retracted_by != NULL ? m->retracted_by : "",
		    m->retracted_reason != NULL ? ": " : "",
		    m->retracted_reason != NULL ? m->retracted_reason : "");
	}
	put_receipts(f, m, out);
	put_reactions(f, &place, m, out);
	buf_char(out, '\n');
	if (f->o.has_raw && m->raw != NULL) {
		buf_str(out, "    ");
		line_text(&f->o, out, m->raw, m->raw_len, 4, 4);
		buf_char(out, '\n');
	}
}

/*
 * Presences.
 */

static const char *
presence_word(const struct entry_presence *p)
{
	static const char *const types[] = {
		[PRESENCE_UNAVAILABLE] = "offline",
		[PRESENCE_SUBSCRIBE] = "asks for a subscription",
		[PRESENCE_SUBSCRIBED] = "grants a subscription",
		[PRESENCE_UNSUBSCRIBE] = "gives up a subscription",
		[PRESENCE_UNSUBSCRIBED] = "takes back a subscription",
		[PRESENCE_ERROR] = "error", [PRESENCE_PROBE] = "probe",
	};
	static const char *const shows[] = { [SHOW_NONE] = "online",
		[SHOW_CHAT] = "free for chat", [SHOW_AWAY] = "away",
		[SHOW_XA] = "away for long", [SHOW_DND] = "do not disturb" };

	if (p->type != PRESENCE_AVAILABLE)
		return (size_t)p->type < COUNT(types) ? types[p->type] : "?";
	return (size_t)p->show < COUNT(shows) ? shows[p->show] : "?";
}

static void
put_room(struct format *f, const struct room_item *r, struct buf *out)
{
	if (r->new_nick != NULL)
		put_mark(f, out, LINE_PLAIN, " now %s", r->new_nick);
	if (r->affiliation != NULL || r->role != NULL)
		put_mark(f, out, LINE_DIM, " (%s%s%s)",
		    r->affiliation != NULL ? r->affiliation : "",
		    r->affiliation != NULL && r->role != NULL ? ", " : "",
		    r->role != NULL ? r->role : "");
	if (r->actor != NULL)
		put_mark(f, out, LINE_DIM, " by %s", r->actor);
	if (r->reason != NULL)
		put_mark(f, out, LINE_PLAIN, ": %s", r->reason);
}

static void
text_presence(struct format *f, const struct entry_presence *p,
    struct buf *out)
{
	const char *from = p->from != NULL ? p->from : "?";
	const char *slash = strchr(from, '/');
	size_t start, i;
	int color = line_speaker(from);

	put_day(f, p->time_us, out);
	start = out->len;
	line_on(&f->o, out, LINE_DIM);
	line_clock(&f->o, out, p->time_us);
	line_off(&f->o, out, LINE_DIM);
	buf_char(out, ' ');
	line_on(&f->o, out, color);
	if (p->from_name != NULL && p->room == NULL) {
		line_word(out, p->from_name);
		if (slash != NULL)
			line_word(out, slash);
	} else {
		line_word(out, from);
	}
	line_off(&f->o, out, color);
	if (f->o.has_account && p->account != NULL)
		put_mark(f, out, LINE_DIM, " [%s]", p->account);
	line_pad(out, line_columns(out, start), 34);
	if (p->event != NULL && p->room != NULL)
		put_mark(f, out, LINE_MARK, "%s, ", p->event);
	buf_str(out, presence_word(p));
	if (p->priority < 0)
		buf_printf(out, " (priority %d)", p->priority);
	if (p->room != NULL)
		put_room(f, p->room, out);
	for (i = 0; i < p->status_count; i++) {
		size_t column = line_columns(out, start);

		if (i > 0) {
			put_new_line(out, 34);
			column = 34;
		} else {
			buf_str(out, ": ");
			column += 2;
		}
		if (p->status_count > 1 && p->statuses[i].lang != NULL)
			put_mark(f, out, LINE_DIM, "[%s] ",
			    p->statuses[i].lang);
		line_text(&f->o, out, p->statuses[i].text, p->statuses[i].len,
		    column, 34);
	}
	if (p->has_error)
		put_mark(f, out, LINE_BAD, ": %s", p->error.condition != NULL
		    ? p->error.condition : "undefined-condition");
	buf_char(out, '\n');
}

/*
 * Conversations.
 */

static void
text_chat(struct format *f, const struct entry_chat *c, struct buf *out)
{
	struct buf when = { 0 };
	int color = line_speaker(c->chat);

	line_moment(&f->o, &when, c->last_us);
	line_on(&f->o, out, LINE_DIM);
	buf_add(out, when.data, sizeof "2026-11-22 10:11" - 1);
	buf_clear(&when);
	line_off(&f->o, out, LINE_DIM);
	buf_printf(out, " %7lld  ", (long long)c->messages);
	line_on(&f->o, out, color);
	line_word(out, c->name != NULL ? c->name : c->chat);
	line_off(&f->o, out, color);
	if (c->name != NULL) {
		line_on(&f->o, out, LINE_DIM);
		buf_str(out, " <");
		line_word(out, c->chat);
		buf_char(out, '>');
		line_off(&f->o, out, LINE_DIM);
	}
	if (c->kind != CHAT_DIRECT)
		put_mark(f, out, LINE_DIM, " (%s)", chat_kind_name(c->kind));
	if (f->o.has_account && c->account != NULL)
		put_mark(f, out, LINE_DIM, " [%s]", c->account);
	buf_char(out, '\n');
}

static void
text_end(struct format *f, struct buf *out)
{
	state_free(f);
}

const struct format_kind format_text = {
	.name = "text",
	.summary = "to be read",
	.begin = state_new,
	.end = text_end,
	.message = text_message,
	.details = details_message,
	.presence = text_presence,
	.chat = text_chat,
};
