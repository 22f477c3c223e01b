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
#include "format/fold.h"
#include "format/line.h"
#include "format/state.h"

enum {
	NAME_COLUMNS = 20,	/* texts begin behind names of this width, */
	ACCOUNT_COLUMNS = 20,	/* or so much more where accounts are named, */
	TEXT_COLUMNS = 24,	/* if they have as much room there at least; */
	NARROW_INDENT = 6,	/* else they begin on the next line, so far in */
	NAME_LEAST = 8,		/* no name is shortened to less */
	PRESENCE_COLUMNS = 34,
	CHAT_COLUMNS = 26,	/* of what stands before a conversation */
	LINE_INDENT = 4
};

/* Adds what was written as if there were no edge. */
static void
fold_into(struct format *f, struct buf *lines, size_t indent, struct buf *out)
{
	fold_lines(&f->o, out, lines->data, lines->len, indent);
	buf_clear(lines);
}

static void
put_day(struct format *f, int64_t us, struct buf *out)
{
	int day = line_day(&f->o, us);
	struct buf line = { 0 };

	if (day == f->day)
		return;
	f->day = day;
	line_on(&f->o, &line, LINE_DIM);
	buf_str(&line, "\xe2\x94\x80\xe2\x94\x80 ");
	line_day_name(&f->o, &line, us);
	buf_str(&line, " \xe2\x94\x80\xe2\x94\x80");
	line_off(&f->o, &line, LINE_DIM);
	buf_char(&line, '\n');
	fold_into(f, &line, 3, out);
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

/* Names that stand side by side before a text. */
struct names {
	struct name {
		int color;
		const char *before, *text, *after;
	} list[3];
	size_t count;
};

static void
names_add(struct names *n, int color, const char *before, const char *text,
    const char *after)
{
	n->list[n->count++] = (struct name){ color, before, text, after };
}

/* All of them in so many columns (0: no edge): those that are longer than an
 * equal share are shortened to share what the others leave. */
static void
put_names(struct format *f, const struct names *n, size_t columns,
    struct buf *out)
{
	size_t widths[COUNT(n->list)], i, all = 0, left = columns, longer = 0;

	for (i = 0; i < n->count; i++) {
		struct buf name = { 0 };

		buf_str(&name, n->list[i].before);
		line_word(&name, n->list[i].text);
		buf_str(&name, n->list[i].after);
		widths[i] = line_columns(&name, 0);
		all += widths[i];
		buf_clear(&name);
	}
	for (i = 0; i < n->count; i++)
		if (widths[i] > columns / n->count)
			longer++;
		else
			left -= widths[i];
	for (i = 0; i < n->count; i++) {
		const struct name *name = &n->list[i];
		size_t beside = strlen(name->before) + strlen(name->after);

		line_on(&f->o, out, name->color);
		buf_str(out, name->before);
		if (all <= columns || columns == 0 ||
		    widths[i] <= columns / n->count)
			line_word(out, name->text);
		else
			fold_word(out, name->text, left / longer >
			    beside + NAME_LEAST ? left / longer - beside
			    : NAME_LEAST);
		buf_str(out, name->after);
		line_off(&f->o, out, name->color);
	}
}

static void
put_speaker(struct format *f, const struct entry_message *m, size_t columns,
    struct buf *out)
{
	char *who = speaker(m);
	struct names n = { 0 };

	names_add(&n, m->direction == DIRECTION_OUT ? LINE_BOLD
	    : line_speaker(who), "", who, "");
	/* In the list of a search: to whom, or where. */
	if (f->o.has_chat && (m->chat_kind != CHAT_DIRECT ||
	    m->direction == DIRECTION_OUT))
		names_add(&n, LINE_DIM, m->chat_kind == CHAT_ROOM ? " @ "
		    : " > ", m->chat_name != NULL ? m->chat_name : m->chat,
		    "");
	if (f->o.has_account && m->account != NULL)
		names_add(&n, LINE_DIM, " [", m->account, "]");
	put_names(f, &n, columns, out);
	free(who);
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
	size_t indent;
	bool is_used;		/* something stands on the line */
};

static void
begin_part(struct place *p, struct buf *out)
{
	if (p->is_used)
		put_new_line(out, p->indent);
	p->is_used = true;
}

/* Pads from behind the names to where texts begin. Names that are too long
 * for that have a line of their own on a terminal; a program that reads
 * lines wants the text beside them. */
static void
begin_place(struct format *f, struct place *p, struct buf *out)
{
	size_t columns = line_columns(out, 0);

	p->is_used = fold_width(&f->o) > 0 && (columns >= p->indent ||
	    p->indent == NARROW_INDENT);
	if (!p->is_used)
		line_pad(out, columns, p->indent);
}

/* Where texts begin: in a column of their own if there is room. */
static size_t
indent_behind(const struct format *f, size_t columns)
{
	size_t width = fold_width(&f->o);

	if (width > 0 && f->o.has_account)
		columns += ACCOUNT_COLUMNS;
	return width == 0 || width >= columns + TEXT_COLUMNS ? columns
	    : NARROW_INDENT;
}

/* The room for names behind what begins their line: on a line of their own
 * if that is nearly as long as the terminal is wide. */
static size_t
names_room(const struct format *f, size_t begin)
{
	size_t width = fold_width(&f->o);

	if (width == 0)
		return 0;
	return width >= begin + 2 * NAME_LEAST ? width - begin
	    : width >= begin + NAME_LEAST ? NAME_LEAST : width / 2;
}

static void
put_texts(struct format *f, struct place *p, const char *what,
    const struct text *texts, size_t count, struct buf *out)
{
	size_t i;

	for (i = 0; i < count; i++) {
		begin_part(p, out);
		if (what != NULL)
			put_mark(f, out, LINE_BOLD, "%s: ", what);
		if (count > 1 && texts[i].lang != NULL)
			put_mark(f, out, LINE_DIM, "[%s] ", texts[i].lang);
		if (texts[i].len == 0 && count == 1)
			put_mark(f, out, LINE_DIM, "(empty)");
		line_text(out, texts[i].text, texts[i].len, p->indent);
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

/* "10:11 " */
static void
put_clock(struct format *f, int64_t us, struct buf *out)
{
	line_on(&f->o, out, LINE_DIM);
	line_clock(&f->o, out, us);
	line_off(&f->o, out, LINE_DIM);
	buf_char(out, ' ');
}

static void
put_message(struct format *f, const struct entry_message *m,
    struct place *place, struct buf *out)
{
	const struct entry_version *last = m->version_count > 0 &&
	    !f->o.is_each ? &m->versions[m->version_count - 1] : NULL;
	char id[ENTRY_ID];
	size_t begin;

	if (f->o.has_ids) {
		line_on(&f->o, out, LINE_DIM);
		buf_printf(out, "%s ", entry_id_format(id, m->id));
		line_off(&f->o, out, LINE_DIM);
	}
	put_clock(f, m->time_us, out);
	begin = line_columns(out, 0);
	place->indent = indent_behind(f, begin + NAME_COLUMNS);
	put_speaker(f, m, names_room(f, begin), out);
	begin_place(f, place, out);

	if (m->forged != NULL) {
		begin_part(place, out);
		put_mark(f, out, LINE_BAD, "forged: %s", m->forged);
	}
	put_texts(f, place, "Subject", last != NULL && last->subject_count > 0
	    ? last->subjects : m->subjects, last != NULL &&
	    last->subject_count > 0 ? last->subject_count : m->subject_count,
	    out);
	if (m->encryption_ns != NULL) {
		begin_part(place, out);
		put_mark(f, out, LINE_MARK, "encrypted (%s)",
		    m->encryption_name != NULL ? m->encryption_name
		    : m->encryption_ns);
	}
	put_texts(f, place, NULL, last != NULL ? last->bodies : m->bodies,
	    last != NULL ? last->body_count : m->body_count, out);
	put_events(f, place, m, out);
	put_refs(f, place, m, out);
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
	put_reactions(f, place, m, out);
	buf_char(out, '\n');
}

static void
text_message(struct format *f, const struct entry_message *m, struct buf *out)
{
	struct place place = { 0 };
	struct buf lines = { 0 };

	put_day(f, m->time_us, out);
	put_message(f, m, &place, &lines);
	fold_into(f, &lines, place.indent, out);
	if (f->o.has_raw && m->raw != NULL) {
		buf_printf(&lines, "%*s", LINE_INDENT, "");
		line_text(&lines, m->raw, m->raw_len, LINE_INDENT);
		buf_char(&lines, '\n');
		fold_into(f, &lines, LINE_INDENT, out);
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
put_statuses(struct format *f, const struct entry_presence *p, size_t indent,
    struct buf *out)
{
	size_t i;

	for (i = 0; i < p->status_count; i++) {
		if (i > 0)
			put_new_line(out, indent);
		else
			buf_str(out, ": ");
		if (p->status_count > 1 && p->statuses[i].lang != NULL)
			put_mark(f, out, LINE_DIM, "[%s] ",
			    p->statuses[i].lang);
		line_text(out, p->statuses[i].text, p->statuses[i].len,
		    indent);
	}
}

static void
put_presence(struct format *f, const struct entry_presence *p,
    struct place *place, struct buf *out)
{
	const char *from = p->from != NULL ? p->from : "?";
	const char *slash = strchr(from, '/');
	struct names n = { 0 };
	int color = line_speaker(from);

	place->indent = indent_behind(f, PRESENCE_COLUMNS);
	put_clock(f, p->time_us, out);
	if (p->from_name != NULL && p->room == NULL) {
		names_add(&n, color, "", p->from_name, "");
		if (slash != NULL)
			names_add(&n, color, "/", slash + 1, "");
	} else {
		names_add(&n, color, "", from, "");
	}
	if (f->o.has_account && p->account != NULL)
		names_add(&n, LINE_DIM, " [", p->account, "]");
	put_names(f, &n, names_room(f, line_columns(out, 0)), out);
	begin_place(f, place, out);
	begin_part(place, out);
	if (p->event != NULL && p->room != NULL)
		put_mark(f, out, LINE_MARK, "%s, ", p->event);
	buf_str(out, presence_word(p));
	if (p->priority < 0)
		buf_printf(out, " (priority %d)", p->priority);
	if (p->room != NULL)
		put_room(f, p->room, out);
	put_statuses(f, p, place->indent, out);
	if (p->has_error)
		put_mark(f, out, LINE_BAD, ": %s", p->error.condition != NULL
		    ? p->error.condition : "undefined-condition");
	buf_char(out, '\n');
}

static void
text_presence(struct format *f, const struct entry_presence *p,
    struct buf *out)
{
	struct place place = { 0 };
	struct buf lines = { 0 };

	put_day(f, p->time_us, out);
	put_presence(f, p, &place, &lines);
	fold_into(f, &lines, place.indent, out);
}

/*
 * Conversations.
 */

static void
text_chat(struct format *f, const struct entry_chat *c, struct buf *out)
{
	struct buf when = { 0 }, line = { 0 };
	size_t indent = fold_width(&f->o) >= 2 * CHAT_COLUMNS ? CHAT_COLUMNS
							      : LINE_INDENT;
	int color = line_speaker(c->chat);

	line_moment(&f->o, &when, c->last_us);
	line_on(&f->o, &line, LINE_DIM);
	buf_add(&line, when.data, sizeof "2026-11-22 10:11" - 1);
	buf_clear(&when);
	line_off(&f->o, &line, LINE_DIM);
	buf_printf(&line, " %7lld  ", (long long)c->messages);
	line_on(&f->o, &line, color);
	line_word(&line, c->name != NULL ? c->name : c->chat);
	line_off(&f->o, &line, color);
	/* Whole, since it is what is typed to have the conversation. */
	if (c->name != NULL)
		put_mark(f, &line, LINE_DIM, " <%s>", c->chat);
	if (c->kind != CHAT_DIRECT)
		put_mark(f, &line, LINE_DIM, " (%s)", chat_kind_name(c->kind));
	if (f->o.has_account && c->account != NULL)
		put_mark(f, &line, LINE_DIM, " [%s]", c->account);
	buf_char(&line, '\n');
	fold_into(f, &line, indent, out);
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
