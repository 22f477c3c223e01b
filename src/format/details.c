#include "format/details.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "format/fold.h"
#include "format/line.h"
#include "format/state.h"

enum {
	LABEL_COLUMNS = 14,
	/* On a narrow terminal values go on nearer to the edge; labels never
	 * begin there. */
	WIDE = 40, NARROW_INDENT = 4
};

static size_t
indent_of(const struct format *f)
{
	size_t width = fold_width(&f->o);

	return width == 0 || width >= WIDE ? LABEL_COLUMNS : NARROW_INDENT;
}

static void
put_label(struct format *f, struct buf *out, const char *label)
{
	line_on(&f->o, out, LINE_DIM);
	buf_str(out, label);
	line_off(&f->o, out, LINE_DIM);
	line_pad(out, strlen(label), LABEL_COLUMNS);
}

__attribute__((format(printf, 4, 5))) static void
put_fact(struct format *f, struct buf *out, const char *label,
    const char *format, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, format);
	buf_vprintf(&text, format, ap);
	va_end(ap);
	put_label(f, out, label);
	line_word(out, text.data);
	buf_char(out, '\n');
	buf_clear(&text);
}

static void
put_if(struct format *f, struct buf *out, const char *label,
    const char *value)
{
	if (value != NULL)
		put_fact(f, out, label, "%s", value);
}

/* A label, words, and a moment. */
static void
put_when(struct format *f, struct buf *out, const char *label,
    const char *words, int64_t us)
{
	put_label(f, out, label);
	if (words != NULL)
		line_word(out, words);
	if (us != 0) {
		if (words != NULL)
			buf_str(out, ", ");
		line_moment(&f->o, out, us);
	}
	buf_char(out, '\n');
}

static void
put_texts(struct format *f, struct buf *out, const char *label,
    const struct text *texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		put_label(f, out, label);
		if (texts[i].lang != NULL) {
			line_on(&f->o, out, LINE_DIM);
			buf_char(out, '[');
			line_word(out, texts[i].lang);
			buf_str(out, "] ");
			line_off(&f->o, out, LINE_DIM);
		}
		line_text(out, texts[i].text, texts[i].len, indent_of(f));
		buf_char(out, '\n');
	}
}

static void
put_addresses(struct format *f, const struct entry_message *m,
    struct buf *out)
{
	if (m->chat_name != NULL)
		put_fact(f, out, "chat", "%s (%s), %s", m->chat, m->chat_name,
		    chat_kind_name(m->chat_kind));
	else
		put_fact(f, out, "chat", "%s, %s", m->chat,
		    chat_kind_name(m->chat_kind));
	put_fact(f, out, "type", "%s, %s", message_type_name(m->type),
	    direction_name(m->direction));
	if (m->from_name != NULL && m->from != NULL)
		put_fact(f, out, "from", "%s (%s)", m->from, m->from_name);
	else
		put_if(f, out, "from", m->from);
	put_if(f, out, "to", m->to);
	put_if(f, out, "nick", m->nick);
	put_if(f, out, "occupant", m->occupant_id);
}

static void
put_sources(struct format *f, const struct entry_message *m, struct buf *out)
{
	struct buf text = { 0 };
	unsigned route;

	buf_str(&text, route_name(m->source));
	for (route = ROUTE_LIVE; route <= ROUTE_IMPORT; route++)
		if (m->sources & 1u << route && route != m->source)
			buf_printf(&text, ", %s",
			    route_name((enum route)route));
	put_fact(f, out, "source", "%s", text.data);
	buf_clear(&text);
}

static void
put_ids(struct format *f, const struct entry_message *m, struct buf *out)
{
	size_t i;

	put_if(f, out, "stanza id", m->stanza_id);
	put_if(f, out, "origin id", m->origin_id);
	for (i = 0; i < m->archive_id_count; i++)
		put_fact(f, out, "archive id", "%s by %s%s",
		    m->archive_ids[i].id, m->archive_ids[i].by,
		    m->archive_ids[i].is_trusted ? "" : " (a claim)");
	put_if(f, out, "language", m->lang);
	put_if(f, out, "thread", m->thread);
	put_if(f, out, "parent thread", m->parent_thread);
	for (i = 0; i < m->delay_count; i++)
		put_when(f, out, "delay", m->delays[i].from != NULL
		    ? m->delays[i].from : "nobody", m->delays[i].stamp_us);
}

static void
put_actions(struct format *f, const struct entry_message *m, struct buf *out)
{
	char id[ENTRY_ID];
	size_t i, k;

	for (i = 0; i < m->ref_count; i++) {
		const struct entry_ref *r = &m->refs[i];
		struct buf text = { 0 };

		for (k = 0; k < r->emoji_count; k++)
			buf_printf(&text, "%s ", r->emojis[k]);
		if (r->id != NULL)
			buf_printf(&text, "%s ", r->id);
		if (r->target != 0)
			buf_printf(&text, "(%s) ",
			    entry_id_format(id, r->target));
		else if (r->id != NULL)
			buf_str(&text, "(not here) ");
		if (r->to != NULL)
			buf_printf(&text, "to %s ", r->to);
		if (r->by != NULL)
			buf_printf(&text, "by %s ", r->by);
		if (r->reason != NULL)
			buf_printf(&text, "\"%s\" ", r->reason);
		if (r->target != 0 && !r->is_valid)
			buf_str(&text, "had no right to ");
		if (text.len > 0)
			buf_cut(&text, text.len - 1);
		put_fact(f, out, ref_kind_name(r->kind), "%s",
		    text.len > 0 ? text.data : "yes");
		buf_clear(&text);
	}
	if (m->invite != NULL)
		put_fact(f, out, m->invite->is_decline ? "declined"
		    : "invitation", "%s%s%s",
		    m->invite->room != NULL ? m->invite->room : m->chat,
		    m->invite->reason != NULL ? ": " : "",
		    m->invite->reason != NULL ? m->invite->reason : "");
	if (m->chat_state != STATE_NONE)
		put_fact(f, out, "chat state", "%s",
		    chat_state_name(m->chat_state));
	put_if(f, out, "event", m->event);
	if (m->encryption_ns != NULL)
		put_fact(f, out, "encryption", "%s%s%s",
		    m->encryption_name != NULL ? m->encryption_name : "",
		    m->encryption_name != NULL ? ", " : "",
		    m->encryption_ns);
	if (m->has_error)
		put_fact(f, out, "error", "%s%s%s",
		    m->error.condition != NULL ? m->error.condition : "?",
		    m->error.text != NULL ? ": " : "",
		    m->error.text != NULL ? m->error.text : "");
	for (i = 0; i < m->link_count; i++)
		put_fact(f, out, "link", "%s%s%s", m->links[i].url,
		    m->links[i].desc != NULL ? " " : "",
		    m->links[i].desc != NULL ? m->links[i].desc : "");
}

/* What became of it. */
static void
put_fate(struct format *f, const struct entry_message *m, struct buf *out)
{
	char id[ENTRY_ID];
	size_t i, k;

	for (i = 0; i < m->version_count; i++) {
		const struct entry_version *v = &m->versions[i];

		put_when(f, out, "version", entry_id_format(id, v->id),
		    v->time_us);
		put_texts(f, out, "  subject", v->subjects, v->subject_count);
		put_texts(f, out, "  body", v->bodies, v->body_count);
	}
	if (m->replaced_by != 0 && m->version_count == 0)
		put_when(f, out, "replaced by",
		    entry_id_format(id, m->replaced_by), m->replaced_us);
	if (m->is_retracted) {
		struct buf text = { 0 };

		buf_printf(&text, "by %s%s%s", m->retracted_by != NULL
		    ? m->retracted_by : "its sender",
		    m->retracted_reason != NULL ? ": " : "",
		    m->retracted_reason != NULL ? m->retracted_reason : "");
		put_when(f, out, "retracted", text.data, m->retracted_us);
		buf_clear(&text);
	}
	for (i = 0; i < m->reaction_count; i++) {
		const struct entry_reaction *r = &m->reactions[i];
		struct buf text = { 0 };

		for (k = 0; k < r->emoji_count; k++)
			buf_printf(&text, "%s ", r->emojis[k]);
		buf_printf(&text, "%s", r->from != NULL ? r->from : "?");
		put_when(f, out, "reaction", text.data, r->time_us);
		buf_clear(&text);
	}
	for (i = 0; i < m->receipt_count; i++) {
		const struct entry_receipt *r = &m->receipts[i];
		struct buf text = { 0 };

		buf_printf(&text, "%s by %s", ref_kind_name(r->kind),
		    r->from != NULL ? r->from : "?");
		put_when(f, out, "receipt", text.data, r->time_us);
		buf_clear(&text);
	}
}

static void
put_copies(struct format *f, const struct entry_message *m, struct buf *out)
{
	size_t i;

	for (i = 0; i < m->copy_count; i++) {
		const struct entry_copy *c = &m->copies[i];
		struct buf text = { 0 };

		buf_str(&text, route_name(c->route));
		if (c->how != NULL)
			buf_printf(&text, ", %s", c->how);
		if (c->archive_id != NULL)
			buf_printf(&text, ", %s by %s", c->archive_id,
			    c->archive_by != NULL ? c->archive_by : "?");
		put_when(f, out, "copy", text.data, c->received_us);
		if (c->stamp_us != 0)
			put_when(f, out, "  stamp", NULL, c->stamp_us);
		if (f->o.has_raw && c->raw != NULL) {
			put_label(f, out, "  xml");
			line_text(out, c->raw, c->raw_len, indent_of(f));
			buf_char(out, '\n');
		}
		buf_clear(&text);
	}
}

static void
put_all(struct format *f, const struct entry_message *m, struct buf *out)
{
	char id[ENTRY_ID];

	put_fact(f, out, "id", "%s", entry_id_format(id, m->id));
	put_if(f, out, "forged", m->forged);
	put_if(f, out, "account", m->account);
	put_addresses(f, m, out);
	put_when(f, out, "time", NULL, m->time_us);
	put_when(f, out, "received", NULL, m->received_us);
	put_sources(f, m, out);
	put_ids(f, m, out);
	put_texts(f, out, "subject", m->subjects, m->subject_count);
	put_texts(f, out, "body", m->bodies, m->body_count);
	put_actions(f, m, out);
	put_fate(f, m, out);
	put_copies(f, m, out);
	if (f->o.has_raw && m->raw != NULL) {
		put_label(f, out, "xml");
		line_text(out, m->raw, m->raw_len, indent_of(f));
		buf_char(out, '\n');
	}
}

void
details_message(struct format *f, const struct entry_message *m,
    struct buf *out)
{
	struct buf lines = { 0 };

	put_all(f, m, &lines);
	fold_lines(&f->o, out, lines.data, lines.len, indent_of(f));
	buf_clear(&lines);
}
