#include "xep/mam.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/str.h"
#include "base/time.h"
#include "xep/disco.h"
#include "xep/xep.h"
#include "xml/ns.h"
#include "xml/write.h"

#define NS_RSM	"http://jabber.org/protocol/rsm"
#define NS_DATA "jabber:x:data"

/* A server may read a cold archive from disk for a page. */
#define PATIENCE_US (120 * INT64_C(1000000))

/* Queries that lapsed and may still bring results. */
enum { LAPSED_MOST = 8 };

/*
 * One query in flight, and what has come of its page. One that was given up
 * has lapsed: its page is lost and the archive may be asked again, but what
 * still comes of it is no forgery. A service that stopped reading for a full
 * disk finds minutes of it in the socket.
 */
struct query {
	struct list link;
	bool has_lapsed;
	struct mam *mam;
	char id[RANDOM_ID];
	char *archive, *after;
	char *first, *last;
	int64_t first_us, last_us;
	size_t count;
};

struct mam {
	struct xep_session *x;
	struct list open;
};

static void *
mam_start(struct xep_session *x, const struct xep_options *o)
{
	struct mam *m = mem_alloc(sizeof *m);

	m->x = x;
	list_init(&m->open);
	return m;
}

static void
forget(struct query *q)
{
	list_remove(&q->link);
	free(q->archive);
	free(q->after);
	free(q->first);
	free(q->last);
	free(q);
}

static void
mam_stop(void *state)
{
	struct mam *m = state;

	while (!list_is_empty(&m->open))
		forget(list_item(m->open.next, struct query, link));
	free(m);
}

/* The query of an archive with that id; without one, that in flight. */
static struct query *
find(const struct mam *m, const char *archive, const char *id)
{
	struct list *link, *after;

	list_each(link, after, &m->open) {
		struct query *q = list_item(link, struct query, link);

		if (strcmp(q->archive, archive) == 0 &&
		    (id == NULL ? !q->has_lapsed : strcmp(q->id, id) == 0))
			return q;
	}
	return NULL;
}

/* Gives up a query, and forgets the oldest of too many. */
static void
lapse(struct query *q)
{
	struct list *link, *after, *oldest = NULL;
	int count = 0;

	q->has_lapsed = true;
	list_each(link, after, &q->mam->open) {
		if (!list_item(link, struct query, link)->has_lapsed)
			continue;
		count++;
		if (oldest == NULL)
			oldest = link;
	}
	if (count > LAPSED_MOST)
		forget(list_item(oldest, struct query, link));
}

static void
write_field(struct writer *w, const char *var, const char *type,
    const char *value)
{
	writer_open(w, "field");
	writer_attr(w, "var", var);
	writer_attr(w, "type", type);
	writer_leaf(w, "value", value);
	writer_close(w);
}

static void
write_moment(struct writer *w, const char *var, int64_t us)
{
	char text[TIME_TEXT];

	if (us != 0)
		write_field(w, var, NULL, time_format(text, us));
}

static void
write_query(struct buf *out, const struct query *q, const struct mam_ask *ask,
    bool with_rooms)
{
	char max[16];
	struct writer w;

	writer_init(&w, out);
	writer_open(&w, "query");
	writer_attr(&w, "xmlns", NS_MAM);
	writer_attr(&w, "queryid", q->id);
	if (ask->start_us != 0 || ask->end_us != 0 || with_rooms) {
		writer_open(&w, "x");
		writer_attr(&w, "xmlns", NS_DATA);
		writer_attr(&w, "type", "submit");
		write_field(&w, "FORM_TYPE", "hidden", NS_MAM);
		write_moment(&w, "start", ask->start_us);
		write_moment(&w, "end", ask->end_us);
		if (with_rooms)
			write_field(&w, "include-groupchat", NULL, "true");
		writer_close(&w);
	}
	writer_open(&w, "set");		/* XEP-0059 */
	writer_attr(&w, "xmlns", NS_RSM);
	snprintf(max, sizeof max, "%d", ask->max > 0 ? ask->max : MAM_MAX);
	writer_leaf(&w, "max", max);
	writer_leaf(&w, "after", ask->after);
	writer_close(&w);
	writer_close(&w);
}

static bool
is_yes(const char *value)
{
	return str_is(value, "true") || str_is(value, "1");
}

static bool
is_no(const char *value)
{
	return str_is(value, "false") || str_is(value, "0");
}

/*
 * Whether a page holds together; NULL, or why not. Servers answer with a
 * truncated page when their own database fails, and some pass over an `after`
 * they do not know: neither may move a position or count as the end.
 */
static const char *
find_fault(const struct query *q, const struct mam_page *p, const char *first,
    const char *last, struct arena *a)
{
	if (q->count == 0) {
		if (first != NULL || last != NULL)
			return "the archive names results that did not come";
		return p->is_complete ? NULL :
		    "the archive says there is more and sends nothing";
	}
	if (first == NULL || last == NULL)
		return "the archive does not say where its page begins and "
		       "ends";
	if (strcmp(first, q->first) != 0 || strcmp(last, q->last) != 0)
		return arena_printf(a, "the page came as %s to %s and is said "
		    "to be %s to %s", q->first, q->last, first, last);
	if (str_is(last, q->after))
		return arena_printf(a, "the archive gives no more than what it "
		    "was asked to go on behind (%s)", last);
	return NULL;
}

static void
read_fin(const struct query *q, const struct node *fin, struct mam_page *p,
    struct arena *a)
{
	const struct node *set = node_child(fin, NS_RSM, "set");
	const char *first = node_child_text(set, NS_RSM, "first", a);
	const char *last = node_child_text(set, NS_RSM, "last", a);
	const char *count = node_child_text(set, NS_RSM, "count", a);
	long long total;

	p->is_complete = is_yes(node_attr(fin, "complete"));
	p->is_stable = !is_no(node_attr(fin, "stable"));
	if (count != NULL && str_to_i64(count, &total) && total >= 0)
		p->total = total;
	p->why = find_fault(q, p, first, last, a);
	p->is_valid = p->why == NULL;
}

static void
on_answer(const struct node *answer, void *arg)
{
	struct query *q = arg;
	struct xep_event *ev = xep_tell(q->mam->x, XEP_MAM);
	const struct node *fin = node_child(answer, NS_MAM, "fin");
	struct mam_page *p = &ev->page;
	struct arena *a = ev->arena;

	*p = (struct mam_page){ .total = -1 };
	p->archive = arena_str(a, q->archive);
	p->query_id = arena_str(a, q->id);
	p->count = q->count;
	p->first = arena_str(a, q->first);
	p->last = arena_str(a, q->last);
	p->first_us = q->first_us;
	p->last_us = q->last_us;
	if (answer == NULL || !str_is(node_attr(answer, "type"), "result")) {
		p->why = arena_printf(a, "the archive did not give a page: %s",
		    xep_refusal(a, answer, &p->condition));
	} else if (fin == NULL) {
		p->why = "the archive's answer does not say how the page ended";
	} else {
		read_fin(q, fin, p, a);
	}
	/* Once it is over, results of this query are forgeries. */
	if (answer == NULL)
		lapse(q);
	else
		forget(q);
}

bool
mam_ask(struct xep_session *x, const struct mam_ask *ask, int64_t now_us)
{
	struct mam *m = xep_state(x, &mam_row);
	const char *own = xep_own(x)->bare;
	const char *archive = ask->archive == NULL ? own : ask->archive;
	bool is_own = strcmp(archive, own) == 0;
	struct buf payload = { 0 };
	struct query *q;

	if (find(m, archive, NULL) != NULL)
		return false;
	xep_tick(x, now_us);
	q = mem_alloc(sizeof *q);
	q->mam = m;
	q->archive = mem_str(archive);
	q->after = mem_str(ask->after);
	random_id(q->id);
	list_push(&m->open, &q->link);
	/* XEP-0313 4.1.6: rooms' messages in the own archive, if it has
	 * them. */
	write_query(&payload, q, ask, is_own &&
	    disco_has(x, DISCO_ACCOUNT, NS_MAM "#groupchat-field"));
	xep_request(x, "set", is_own ? NULL : archive, payload.data,
	    PATIENCE_US, on_answer, q);
	buf_clear(&payload);
	return true;
}

bool
mam_is_open(const char *archive, const char *query_id, void *x)
{
	return archive != NULL && query_id != NULL &&
	    find(xep_state(x, &mam_row), archive, query_id) != NULL;
}

void
mam_result(struct xep_session *x, const char *archive, const char *query_id,
    const char *id, int64_t stamp_us)
{
	struct query *q = find(xep_state(x, &mam_row), archive, query_id);

	if (q == NULL)
		return;
	if (q->count++ == 0) {
		q->first = mem_str(id);
		q->first_us = stamp_us;
	}
	free(q->last);
	q->last = mem_str(id);
	q->last_us = stamp_us;
}

const struct xep mam_row = {
	.name = "mam",
	.start = mam_start,
	.stop = mam_stop,
};
