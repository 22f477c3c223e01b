#include "daemon/catchup.h"

#include <stdlib.h>

#include "app/config.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/gaps.h"
#include "xep/mam.h"

enum { FIRST_RETRY_S = 15 };

enum catchup_state {
	IDLE,		/* between passes: `at_us` is when the next begins */
	ASKED,		/* a page is under way */
	HELD,		/* the archive cannot be written: `after` waits */
};

struct catchup {
	struct catchup_env env;
	enum catchup_state state;
	int64_t at_us;
	int64_t start_us;	/* of this pass: server time; 0: the beginning */
	char *after;		/* of this pass: the last page's last id */
	int64_t stamp_us;	/* the newest that can be believed; 0: none */
	bool is_done;
	uint64_t end_ticket;	/* is_done once it is durable; 0: no end yet */
	int64_t done, total;
	unsigned failures;	/* in a row */
	char *why;		/* of the last; NULL: none */
};

struct catchup *
catchup_new(const struct catchup_env *env)
{
	struct catchup *c = mem_alloc(sizeof *c);

	c->env = *env;
	c->env.account = mem_str(env->account);
	c->at_us = INT64_MAX;
	c->total = -1;
	return c;
}

void
catchup_free(struct catchup *c)
{
	if (c == NULL)
		return;
	free(c->after);
	free(c->why);
	free((char *)c->env.account);
	free(c);
}

/* Where a first pass begins. What `history` leaves out is left out for good,
 * so a pass that begins now must be remembered at once. */
static int64_t
first_start(struct catchup *c)
{
	int64_t now = clock_wall_us();

	if (c->env.history_us == CONFIG_HISTORY_ALL)
		return 0;
	if (c->env.history_us == CONFIG_HISTORY_NONE) {
		gaps_position_move(ingest_batch(c->env.ingest), c->env.account,
		    c->env.account, "", now, now);
		ingest_touch(c->env.ingest);
		return now;
	}
	return now - c->env.history_us;
}

static void
later(struct catchup *c, int64_t now_us)
{
	int64_t wait = FIRST_RETRY_S * TIME_SECOND;
	unsigned i;

	for (i = 0; i < c->failures && wait < CATCHUP_POLL; i++)
		wait *= 2;
	c->failures++;
	c->state = IDLE;
	c->at_us = now_us + (wait < CATCHUP_POLL ? wait : CATCHUP_POLL);
}

static void
ask(struct catchup *c, int64_t now_us)
{
	struct mam_ask what = { .after = c->after, .start_us = c->start_us };

	if (ingest_is_stuck(c->env.ingest)) {
		c->state = HELD;
		return;
	}
	c->state = ASKED;
	if (!mam_ask(c->env.xep, &what, now_us))
		later(c, now_us);
}

void
catchup_start(struct catchup *c, int64_t now_us)
{
	struct arena *a = arena_new();
	struct gaps_position at = { 0 };
	struct err err;

	c->at_us = INT64_MAX;
	free(c->after);
	c->after = NULL;
	if (gaps_position_get(ingest_store(c->env.ingest), a, c->env.account,
	    c->env.account, &at, &err) != 0) {
		log_warn(c->env.account, "catch-up: %s", err.text);
		later(c, now_us);
		arena_free(a);
		return;
	}
	if (at.stamp_us > c->stamp_us)
		c->stamp_us = at.stamp_us;
	if (at.id == NULL)
		c->start_us = first_start(c);
	else
		c->start_us = at.stamp_us > CATCHUP_OVERLAP
		    ? at.stamp_us - CATCHUP_OVERLAP : 0;
	arena_free(a);
	if (!c->is_done) {
		c->done = 0;
		c->total = -1;
	}
	ask(c, now_us);
}

/* A stamp that is missing, or lies in the future, would put the beginning of
 * every later pass behind what is still to come. */
static int64_t
believe(const struct catchup *c, const struct mam_page *page)
{
	int64_t most = clock_wall_us() + 5 * TIME_MINUTE;

	if (page->last_us > 0 && page->last_us <= most)
		return page->last_us;
	if (page->first_us > c->stamp_us && page->first_us <= most)
		return page->first_us;
	return c->stamp_us;
}

void
catchup_page(struct catchup *c, const struct mam_page *page, int64_t now_us)
{
	if (!page->is_valid) {
		/* What came is kept; the position stays where it was. */
		log_warn(c->env.account, "catch-up: %s", page->why);
		free(c->why);
		c->why = mem_printf("catch-up: %s", page->why);
		later(c, now_us);
		return;
	}
	free(c->why);
	c->why = NULL;
	if (!c->is_done) {
		c->done += (int64_t)page->count;
		if (c->after == NULL)
			c->total = page->total;
		if (c->total >= 0 && c->total < c->done)
			c->total = c->done;
	}
	if (page->last != NULL && page->is_stable &&
	    (c->stamp_us = believe(c, page)) > 0) {
		gaps_position_move(ingest_batch(c->env.ingest), c->env.account,
		    page->archive, page->last, c->stamp_us, clock_wall_us());
		ingest_touch(c->env.ingest);
	}
	if (page->is_complete) {
		c->failures = 0;
		if (c->end_ticket == 0)
			c->end_ticket = ingest_add(c->env.ingest, NULL);
		c->state = IDLE;
		c->at_us = now_us + CATCHUP_POLL;
		return;
	}
	free(c->after);
	c->after = mem_str(page->last);
	ask(c, now_us);
}

void
catchup_tick(struct catchup *c, int64_t now_us)
{
	if (c->state == HELD)
		ask(c, now_us);
	else if (c->state == IDLE && now_us >= c->at_us)
		catchup_start(c, now_us);
}

int64_t
catchup_deadline(const struct catchup *c)
{
	return c->state == IDLE ? c->at_us : INT64_MAX;
}

void
catchup_committed(struct catchup *c, uint64_t durable)
{
	if (c->end_ticket != 0 && durable >= c->end_ticket)
		c->is_done = true;
}

bool
catchup_is_done(const struct catchup *c)
{
	return c->is_done;
}

const char *
catchup_why(const struct catchup *c)
{
	return c->why;
}

void
catchup_progress(const struct catchup *c, int64_t *done, int64_t *total)
{
	*done = c->done;
	*total = c->total;
}
