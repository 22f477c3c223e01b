#include "xmpp/iq.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/str.h"
#include "model/jid.h"
#include "xml/ns.h"
#include "xml/write.h"

struct request {
	struct list link;
	char id[RANDOM_ID];
	char *to;		/* prepared; NULL: the own account */
	int64_t deadline_us;
	bool is_due;
	iq_callback callback;
	void *arg;
};

struct iq_table {
	struct list open;	/* few: a list is as good as a tree */
	char *own_full, *own_bare;
};

struct iq_table *
iq_new(const char *own_full)
{
	struct iq_table *t = mem_alloc(sizeof *t);

	list_init(&t->open);
	t->own_full = mem_str(own_full);
	t->own_bare = mem_strn(own_full, strcspn(own_full, "/"));
	return t;
}

static void
forget(struct request *r)
{
	list_remove(&r->link);
	free(r->to);
	free(r);
}

void
iq_free(struct iq_table *t)
{
	if (t == NULL)
		return;
	while (!list_is_empty(&t->open))
		forget(list_item(t->open.next, struct request, link));
	free(t->own_full);
	free(t->own_bare);
	free(t);
}

/* Addresses are compared prepared: what we asked for may come back so. */
static char *
prepared(const char *text)
{
	struct arena *a = arena_new();
	char *out = mem_str(jid_parse(a, text).full);

	arena_free(a);
	return out;
}

static bool
is_own(const struct iq_table *t, const char *jid)
{
	return strcmp(jid, t->own_bare) == 0 || strcmp(jid, t->own_full) == 0;
}

void
iq_request(struct iq_table *t, struct buf *out, const char *type,
    const char *to, const char *payload, int64_t deadline_us, iq_callback cb,
    void *arg)
{
	struct request *r = mem_alloc(sizeof *r);
	struct writer w;

	random_id(r->id);
	if (to != NULL) {
		r->to = prepared(to);
		if (is_own(t, r->to)) {
			free(r->to);
			r->to = NULL;
		}
	}
	r->deadline_us = deadline_us;
	r->callback = cb;
	r->arg = arg;
	list_push(&t->open, &r->link);

	writer_init(&w, out);
	writer_open(&w, "iq");
	writer_attr(&w, "type", type);
	writer_attr(&w, "id", r->id);
	writer_attr(&w, "to", to);
	writer_text(&w, "");
	buf_str(out, payload);
	writer_close(&w);
}

static bool
is_from(const struct iq_table *t, const struct request *r, const char *from)
{
	char *jid;
	bool is_right;

	if (from == NULL)	/* RFC 6120 8.1.2.1: the own account */
		return r->to == NULL;
	jid = prepared(from);
	is_right = r->to == NULL ? is_own(t, jid) : strcmp(jid, r->to) == 0;
	free(jid);
	return is_right;
}

static void
answer(struct request *r, const struct node *stanza)
{
	iq_callback callback = r->callback;
	void *arg = r->arg;

	/* First forgotten: the callback may ask again, or end everything. */
	forget(r);
	if (callback != NULL)
		callback(stanza, arg);
}

bool
iq_answer(struct iq_table *t, const struct node *stanza)
{
	const char *type, *id, *from;
	struct list *link, *after;

	if (!node_is(stanza, NS_CLIENT, "iq"))
		return false;
	type = node_attr(stanza, "type");
	id = node_attr(stanza, "id");
	from = node_attr(stanza, "from");
	if (id == NULL || (!str_is(type, "result") && !str_is(type, "error")))
		return false;
	list_each(link, after, &t->open) {
		struct request *r = list_item(link, struct request, link);

		if (strcmp(r->id, id) != 0)
			continue;
		if (!is_from(t, r, from))
			return false;
		answer(r, stanza);
		return true;
	}
	return false;
}

/*
 * Callbacks may ask again and cancel others: what is due is marked first, and
 * no place in the list is kept over a callback.
 */
static void
end_due(struct iq_table *t, int64_t now_us)
{
	struct list *link, *after;
	bool is_any;

	list_each(link, after, &t->open) {
		struct request *r = list_item(link, struct request, link);

		r->is_due = r->deadline_us <= now_us;
	}
	do {
		is_any = false;
		list_each(link, after, &t->open) {
			struct request *r = list_item(link, struct request,
			    link);

			if (!r->is_due)
				continue;
			is_any = true;
			answer(r, NULL);
			break;
		}
	} while (is_any);
}

void
iq_tick(struct iq_table *t, int64_t now_us)
{
	end_due(t, now_us);
}

void
iq_end(struct iq_table *t)
{
	end_due(t, INT64_MAX);
}

int64_t
iq_deadline(const struct iq_table *t)
{
	const struct list *link;
	int64_t first = INT64_MAX;

	for (link = t->open.next; link != &t->open; link = link->next) {
		const struct request *r = (const struct request *)
		    (const void *)((const char *)link -
		    offsetof(struct request, link));

		if (r->deadline_us < first)
			first = r->deadline_us;
	}
	return first;
}

void
iq_cancel(struct iq_table *t, void *arg)
{
	struct list *link, *after;

	list_each(link, after, &t->open) {
		struct request *r = list_item(link, struct request, link);

		if (r->arg == arg)
			forget(r);
	}
}

static void
open_answer(struct writer *w, struct buf *out, const struct node *request,
    const char *type)
{
	writer_init(w, out);
	writer_open(w, "iq");
	writer_attr(w, "type", type);
	writer_attr(w, "id", node_attr(request, "id"));
	writer_attr(w, "to", node_attr(request, "from"));
}

void
iq_result(struct buf *out, const struct node *request, const char *payload)
{
	struct writer w;

	open_answer(&w, out, request, "result");
	if (payload != NULL) {
		writer_text(&w, "");
		buf_str(out, payload);
	}
	writer_close(&w);
}

void
iq_error(struct buf *out, const struct node *request, const char *type,
    const char *condition)
{
	struct writer w;

	open_answer(&w, out, request, "error");
	writer_open(&w, "error");
	writer_attr(&w, "type", type);
	writer_open(&w, condition);
	writer_attr(&w, "xmlns", NS_STANZAS);
	writer_close(&w);
	writer_close(&w);
	writer_close(&w);
}
