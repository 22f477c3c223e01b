#include "daemon/ingest.h"

#include <ev.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

struct ingest {
	struct ev_loop *loop;
	struct store *store;
	struct batch *batch;
	ev_timer clock;		/* BATCH_MS, or INGEST_RETRY_S while stuck */
	struct list watchers;
	bool is_stuck;
	struct err why;
};

static void
tell_stuck(struct ingest *g)
{
	struct list *link, *after;

	list_each(link, after, &g->watchers) {
		struct ingest_watcher *w =
		    list_item(link, struct ingest_watcher, link);

		if (w->stuck != NULL)
			w->stuck(g->is_stuck, &g->why, w->arg);
	}
}

static void
wait_again(struct ingest *g, double seconds)
{
	ev_timer_stop(g->loop, &g->clock);
	ev_timer_set(&g->clock, seconds, 0);
	ev_timer_start(g->loop, &g->clock);
}

int
ingest_flush(struct ingest *g, struct err *err)
{
	struct list *link, *after;
	uint64_t durable;
	struct err why = { 0 };

	ev_timer_stop(g->loop, &g->clock);
	if (batch_count(g->batch) == 0)
		return 0;
	if (batch_commit(g->batch, clock_wall_us(), &durable, &why) != 0) {
		bool is_news = !g->is_stuck || g->why.code != why.code;

		g->is_stuck = true;
		g->why = why;
		if (err != NULL)
			*err = why;
		wait_again(g, INGEST_RETRY_S);
		if (is_news) {
			log_error(NULL, "the archive cannot be written: %s",
			    why.text);
			tell_stuck(g);
		}
		return -1;
	}
	if (g->is_stuck) {
		g->is_stuck = false;
		err_clear(&g->why);
		log_info(NULL, "the archive can be written again");
		tell_stuck(g);
	}
	if (batch_dropped(g->batch, why.text, sizeof why.text))
		log_error(NULL, "something could not be archived and is "
		    "lost: %s", why.text);
	list_each(link, after, &g->watchers) {
		struct ingest_watcher *w =
		    list_item(link, struct ingest_watcher, link);

		if (w->committed != NULL)
			w->committed(durable, w->arg);
	}
	return 0;
}

static void
on_clock(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop, (void)events;
	ingest_flush(timer->data, NULL);
}

struct ingest *
ingest_new(struct ev_loop *loop, struct store *store)
{
	struct ingest *g = mem_alloc(sizeof *g);

	g->loop = loop;
	g->store = store;
	g->batch = batch_new(store);
	list_init(&g->watchers);
	ev_timer_init(&g->clock, on_clock, 0, 0);
	g->clock.data = g;
	return g;
}

void
ingest_free(struct ingest *g)
{
	if (g == NULL)
		return;
	ev_timer_stop(g->loop, &g->clock);
	batch_free(g->batch);
	free(g);
}

void
ingest_watch(struct ingest *g, struct ingest_watcher *w)
{
	list_push(&g->watchers, &w->link);
}

void
ingest_unwatch(struct ingest_watcher *w)
{
	if (w->link.next != NULL)
		list_remove(&w->link);
}

struct batch *
ingest_batch(struct ingest *g)
{
	return g->batch;
}

struct store *
ingest_store(struct ingest *g)
{
	return g->store;
}

void
ingest_touch(struct ingest *g)
{
	if (g->is_stuck)
		return;		/* its own clock runs */
	if (batch_count(g->batch) >= BATCH_ROWS ||
	    batch_bytes(g->batch) >= INGEST_BYTES)
		ingest_flush(g, NULL);
	else if (!ev_is_active(&g->clock))
		wait_again(g, BATCH_MS / 1000.0);
}

uint64_t
ingest_add(struct ingest *g, const struct record *r)
{
	uint64_t ticket = batch_add(g->batch, r);

	ingest_touch(g);
	return ticket;
}

bool
ingest_is_stuck(const struct ingest *g)
{
	return g->is_stuck;
}

const struct err *
ingest_why(const struct ingest *g)
{
	return &g->why;
}

const struct err *
ingest_broken(const struct ingest *g)
{
	return g->why.code == ERR_ARCHIVE ? &g->why : NULL;
}
