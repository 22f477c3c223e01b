#include "store/docs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

struct doc {
	int64_t id, chat, sender;
	bool is_room;
	const struct record *r;
};

void
docs_add(struct put *p, const struct incoming *in, int64_t message)
{
	struct doc *d;

	if (p->doc_count == p->doc_room) {
		p->doc_room = p->doc_room > 0 ? p->doc_room * 2 : 256;
		p->docs = mem_resize(p->docs, p->doc_room, sizeof *p->docs);
	}
	d = &p->docs[p->doc_count++];
	d->id = message;
	d->chat = in->chat;
	d->sender = in->sender;
	d->is_room = in->r->type == MESSAGE_GROUPCHAT;
	d->r = in->r;
}

static int
by_id(const void *a, const void *b)
{
	int64_t x = ((const struct doc *)a)->id, y = ((const struct doc *)b)->id;

	return x < y ? -1 : x > y;
}

/* Exactly what the view ft_source gives: FTS5 takes documents out of the
 * index by what the view says they were. */
static void
join_texts(struct buf *out, const struct text *texts, size_t count)
{
	size_t i;

	buf_reset(out);
	for (i = 0; i < count; i++) {
		if (i > 0)
			buf_add(out, "\n\n", 2);
		buf_add(out, texts[i].text, texts[i].len);
	}
}

int
docs_write(struct put *p, struct err *err)
{
	struct buf body = { 0 }, subject = { 0 };
	int result = -1;
	char meta[64];
	size_t i;

	if (p->doc_count > 0)
		qsort(p->docs, p->doc_count, sizeof *p->docs, by_id);
	for (i = 0; i < p->doc_count; i++) {
		const struct doc *d = &p->docs[i];
		const struct record *r = d->r;
		struct db_stmt *st = db_stmt(p->db, "INSERT INTO ft "
		    "(rowid, body, subject, meta) VALUES (?1, ?2, ?3, ?4)",
		    err);

		if (st == NULL)
			goto out;
		db_int(st, 1, d->id);
		if (r->body_count == 1) {
			db_textn(st, 2, r->bodies[0].text, r->bodies[0].len);
		} else if (r->body_count > 1) {
			join_texts(&body, r->bodies, r->body_count);
			db_textn(st, 2, body.data, body.len);
		}
		if (r->subject_count > 0) {
			join_texts(&subject, r->subjects, r->subject_count);
			db_textn(st, 3, subject.data != NULL ? subject.data
			    : "", subject.len);
		}
		if (d->is_room)
			snprintf(meta, sizeof meta, "c%" PRId64 " f%" PRId64,
			    d->chat, d->sender);
		else
			snprintf(meta, sizeof meta, "c%" PRId64, d->chat);
		db_text(st, 4, meta);
		if (db_do(st, err) != 0)
			goto out;
	}
	result = 0;
out:
	buf_clear(&body);
	buf_clear(&subject);
	return result;
}
