#include "daemon/live.h"

#include <ev.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "daemon/account.h"
#include "daemon/catchup.h"
#include "daemon/mode.h"
#include "extract/extract.h"
#include "extract/forward.h"
#include "store/gaps.h"
#include "xep/disco.h"
#include "xep/xep.h"

/* How long a stream may be silent before we ask whether it is alive, and how
 * long the answer may take. */
#define SILENCE		(3 * TIME_MINUTE)
#define PONG		(30 * TIME_SECOND)

enum ping_tag { PING_KEEPALIVE, PING_OFFLINE };

struct live {
	struct live_env env;
	struct arena *arena;	/* as long as the stream */
	struct jid own;
	struct xep_session *xep;
	struct catchup *catchup;	/* NULL: the account has no archive */
	struct mode *mode;
	uint64_t stream;	/* session row */
	ev_timer timer;
	struct ingest_watcher watcher;
	int64_t heard_us, alive_us;	/* monotonic */
	bool has_pinged;
	bool has_mam, trusts_ids;
	int carbons;		/* -1: not known yet */
	/* Between our first presence and the answer to the ping behind it:
	 * what the server held for us comes now. */
	bool is_flood;
	bool is_caught_up;
};

static void
flush(struct live *l)
{
	struct buf *out = xep_output(l->xep);

	if (out->len == 0)
		return;
	session_send(l->env.session, out->data, out->len);
	buf_clear(out);
}

static struct batch *
batch(struct live *l)
{
	return ingest_batch(l->env.ingest);
}

static void
archive(struct live *l, struct record *r)
{
	r->stream = l->stream;
	r->drops_raw = !l->env.config->raw;
	ingest_add(l->env.ingest, r);
}

static bool
is_person(const char *bare, void *arg)
{
	struct live *l = arg;

	return roster_contact(l->xep, bare) != NULL;
}

static struct extract_context
context(struct live *l)
{
	return (struct extract_context){
		.own = &l->own,
		.route = ROUTE_LIVE,
		.trusts_own_ids = l->trusts_ids,
		.is_person = is_person,
		.arg = l,
		.received_us = clock_wall_us(),
		.stream_lang = stream_lang(session_stream(l->env.session)),
	};
}

static void
archive_forged(struct live *l, const struct node *stanza, struct arena *a,
    const struct extract_context *c, uint64_t query, enum forged forged,
    const char *why)
{
	struct record r = { 0 };

	extract_stanza(a, stanza, c, &r);
	r.query = query;
	r.forged = forged;
	r.forged_why = why;
	log_warn(l->env.config->jid, "kept apart as forged: %s", why);
	archive(l, &r);
}

/*
 * A message that the server held while nobody was there: its own stamp is
 * believed if it comes in the flood behind our first presence, is the only
 * one of that sender, and lies where we were not connected (src/README,
 * TIMES).
 */
static void
date_offline(struct live *l, const struct node *stanza, struct arena *a,
    struct extract_context *c)
{
	int64_t stamp;
	bool connected = true;

	if (!l->is_flood)
		return;
	stamp = extract_stamp(a, stanza, l->own.domain);
	if (stamp == 0 || gaps_was_connected(ingest_store(l->env.ingest),
	    l->env.config->jid, stamp, &connected, NULL) != 0 || connected)
		return;
	c->route = ROUTE_OFFLINE;
	c->archive_us = stamp;
}

/* A query by its id, which is random: FNV-1a of it tells it well enough from
 * the others of a stream that give the same message. */
static uint64_t
query_number(const char *id)
{
	uint32_t h = 2166136261u;

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * 16777619u;
	return h;
}

static void
archive_message(struct live *l, const struct node *stanza, struct arena *a)
{
	struct extract_context c = context(l);
	struct record r = { 0 };
	struct forward f;
	uint64_t query = 0;
	const char *from;
	struct jid sender;

	forward_open(a, stanza, &l->own, mam_is_open, l->xep, &f);
	/* A forgery that lies in an archive is still one of the page's results:
	 * otherwise it would stop every catch-up. */
	if (f.is_awaited) {
		mam_result(l->xep, f.archive, f.query_id, f.archive_id,
		    f.stamp_us);
		c.route = ROUTE_MAM;
		c.archive_by = f.archive;
		c.archive_id = f.archive_id;
		query = query_number(f.query_id);
	}
	switch (f.kind) {
	case FORWARD_FORGED:
		archive_forged(l, stanza, a, &c, query, f.forged, f.why);
		return;
	case FORWARD_NONE:
		date_offline(l, stanza, a, &c);
		extract_stanza(a, stanza, &c, &r);
		archive(l, &r);
		return;
	case FORWARD_RECEIVED:
	case FORWARD_SENT:
		c.route = ROUTE_CARBON;
		c.is_outgoing = f.kind == FORWARD_SENT;
		break;
	case FORWARD_RESULT:
		from = node_attr(f.inner, "from");
		sender = jid_parse(a, from);
		c.is_outgoing = from == NULL ||
		    jid_is_same_bare(&sender, &l->own);
		break;
	}
	c.stream_lang = NULL;
	c.archive_us = f.stamp_us;
	extract_stanza(a, f.inner, &c, &r);
	r.query = query;
	archive(l, &r);
}

static void
archive_presence(struct live *l, const struct node *stanza, struct arena *a)
{
	struct extract_context c = context(l);
	struct record r = { 0 };

	extract_stanza(a, stanza, &c, &r);
	archive(l, &r);
	mode_seen(l->mode, &r);
}

static void
store_roster(struct live *l, const struct xep_event *ev)
{
	struct gaps_contact *contacts;
	size_t i;

	if (ev->why != NULL)
		log_warn(l->env.config->jid, "roster: %s", ev->why);
	if (ev->why != NULL || ev->is_unchanged)
		return;
	contacts = mem_array(ev->count, sizeof *contacts);
	for (i = 0; i < ev->count; i++)
		contacts[i] = (struct gaps_contact){
			.jid = ev->contacts[i].jid,
			.name = ev->contacts[i].name,
			.subscription = ev->contacts[i].subscription,
			.ask = ev->contacts[i].ask,
			.groups = ev->contacts[i].groups,
		};
	gaps_roster_put(batch(l), l->env.config->jid, ev->is_whole, contacts,
	    ev->count, ev->version);
	ingest_touch(l->env.ingest);
	free(contacts);
}

/* All that had to be known first is known: show ourselves, and read what was
 * missed. */
static void
appear(struct live *l)
{
	int64_t now = clock_mono_us();
	struct gaps_session row = { 0 };

	mode_begin(l->mode, l->carbons == 1,
	    disco_software(l->xep));
	row.mode = mode_name(l->mode);
	row.has_carbons = l->carbons == 1;
	gaps_session_update(batch(l), l->stream, &row);
	ingest_touch(l->env.ingest);
	l->is_flood = true;
	xep_ping(l->xep, PING_OFFLINE, PONG, now);
	if (l->has_mam) {
		l->catchup = catchup_new(&(struct catchup_env){
			.ingest = l->env.ingest,
			.xep = l->xep,
			.account = l->env.config->jid,
			.history_us = l->env.config->history_us,
		});
		catchup_start(l->catchup, now);
	}
}

static void
on_pong(struct live *l, const struct xep_event *ev)
{
	if (ev->tag == PING_OFFLINE)
		l->is_flood = false;
	if (ev->tag == PING_KEEPALIVE)
		l->has_pinged = false;
	if (!ev->is_on)
		session_close(l->env.session, "connection-timeout");
}

static void
handle(struct live *l, const struct xep_event *ev)
{
	switch (ev->kind) {
	case XEP_ROSTER:
		store_roster(l, ev);
		break;
	case XEP_DISCO:
		l->has_mam = disco_has(l->xep, DISCO_ACCOUNT,
		    "urn:xmpp:mam:2");
		l->trusts_ids = disco_has(l->xep, DISCO_ACCOUNT,
		    "urn:xmpp:sid:0");
		if (!l->has_mam)
			log_warn(l->env.config->jid, "the server keeps no "
			    "archive for it: what comes while we are away is "
			    "lost");
		break;
	case XEP_CARBONS:
		l->carbons = ev->is_on;
		if (!ev->is_on)
			log_warn(l->env.config->jid, "no carbons: %s",
			    ev->why != NULL ? ev->why : "not offered");
		appear(l);
		break;
	case XEP_MAM:
		if (l->catchup != NULL)
			catchup_page(l->catchup, &ev->page, clock_mono_us());
		break;
	case XEP_PONG:
		on_pong(l, ev);
		break;
	}
}

static bool
is_caught_up(const struct live *l)
{
	if (l->carbons == -1)
		return false;
	return l->catchup == NULL || catchup_is_done(l->catchup);
}

static void
set_timer(struct live *l)
{
	int64_t now = clock_mono_us(), at = xep_deadline(l->xep), other;

	other = l->alive_us + TIME_MINUTE;
	if (other < at)
		at = other;
	other = l->heard_us + SILENCE;
	if (!l->has_pinged && other < at)
		at = other;
	if (l->catchup != NULL && catchup_deadline(l->catchup) < at)
		at = catchup_deadline(l->catchup);
	ev_timer_stop(l->env.loop, &l->timer);
	ev_timer_set(&l->timer, at > now ? (double)(at - now) / 1e6 : 0, 0);
	ev_timer_start(l->env.loop, &l->timer);
}

/* Takes all that the extensions have to say. */
static void
pump(struct live *l)
{
	struct xep_event ev;
	bool was = l->is_caught_up, is_progress = false;

	flush(l);
	while (xep_next(l->xep, &ev)) {
		is_progress = is_progress || ev.kind != XEP_PONG;
		handle(l, &ev);
		flush(l);
	}
	l->is_caught_up = is_caught_up(l);
	set_timer(l);
	if (l->is_caught_up != was || is_progress)
		l->env.changed(l, l->is_caught_up, l->env.arg);
}

/* Caught up is what is on the disk. */
static void
on_committed(uint64_t durable, void *arg)
{
	struct live *l = arg;

	if (l->is_caught_up || l->catchup == NULL)
		return;
	catchup_committed(l->catchup, durable);
	if (!is_caught_up(l))
		return;
	l->is_caught_up = true;
	l->env.changed(l, true, l->env.arg);
}

static void
on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
	struct live *l = w->data;
	int64_t now = clock_mono_us();

	(void)loop, (void)events;
	xep_tick(l->xep, now);
	if (now >= l->alive_us + TIME_MINUTE) {
		l->alive_us = now;
		gaps_session_alive(batch(l), l->stream, clock_wall_us());
		ingest_touch(l->env.ingest);
	}
	if (!l->has_pinged && now >= l->heard_us + SILENCE) {
		l->has_pinged = true;
		xep_ping(l->xep, PING_KEEPALIVE, PONG, now);
	}
	if (l->catchup != NULL)
		catchup_tick(l->catchup, now);
	pump(l);
}

/*
 * A stanza beyond the limits: what was kept of it. If it is a result that an
 * open archive query gave, it counts for its page all the same: else one such
 * message in an archive would stop every catch-up at it.
 */
static void
archive_oversize(struct live *l, const struct stream_event *ev)
{
	struct extract_context c = context(l);
	struct record r = { 0 };
	const struct node *result = node_child(ev->node, "urn:xmpp:mam:2",
	    "result");
	const char *from = node_attr(ev->node, "from");
	const char *archive_jid = from == NULL ? l->own.bare
					       : jid_parse(ev->arena, from).full;
	struct archive_id given = { .by = archive_jid, .is_trusted = true };
	const char *query = NULL;

	if (result != NULL) {
		query = node_attr(result, "queryid");
		given.id = node_attr(result, "id");
	}
	if (given.id == NULL || !mam_is_open(archive_jid, query, l->xep))
		query = NULL;
	if (query != NULL) {
		mam_result(l->xep, archive_jid, query, given.id, 0);
		c.route = ROUTE_MAM;
	}
	extract_oversize(ev->arena, ev->node, &c, &ev->raw, ev->full_len,
	    ev->sha256, &r);
	if (query != NULL) {	/* it comes again whenever the page does */
		r.archive_ids = &given;
		r.archive_id_count = 1;
		r.query = query_number(query);
	}
	log_warn(l->env.config->jid, "a stanza of %zu bytes is beyond the "
	    "limits and kept in part", ev->full_len);
	archive(l, &r);
}

void
live_stanza(struct live *l, const struct stream_event *ev)
{
	struct extract_context c;
	const char *why;

	l->heard_us = clock_mono_us();
	if (ev->kind == STREAM_SM)
		return;
	if (ev->kind == STREAM_OVERSIZE) {
		archive_oversize(l, ev);
		pump(l);
		return;
	}
	switch (xep_element(l->xep, ev->node, ev->arena, l->heard_us, &why)) {
	case XEP_TAKEN:
		break;
	case XEP_FORGED:
		c = context(l);
		archive_forged(l, ev->node, ev->arena, &c, 0, FORGED_SENDER,
		    why);
		break;
	case XEP_PASS:
		if (node_is(ev->node, "jabber:client", "message"))
			archive_message(l, ev->node, ev->arena);
		else if (node_is(ev->node, "jabber:client", "presence"))
			archive_presence(l, ev->node, ev->arena);
		break;
	}
	pump(l);
}

/* The roster of last time: names, and who may ask us. */
static void
start_xep(struct live *l, const char *jid)
{
	struct store *store = ingest_store(l->env.ingest);
	struct arena *a = arena_new();
	struct gaps_account known = { 0 };
	struct gaps_contact *kept = NULL;
	struct roster_contact *contacts;
	struct xep_options o = { .own = jid };
	size_t count = 0, i;

	o.has_roster_versions = stream_feature(session_stream(l->env.session),
	    "urn:xmpp:features:rosterver", "ver") != NULL;
	if (gaps_account_get(store, a, l->env.config->jid, &known, NULL) == 0 &&
	    gaps_roster_get(store, a, l->env.config->jid, &kept, &count,
	    NULL) == 0) {
		o.roster_version = known.roster_version;
		contacts = arena_array(a, count, sizeof *contacts);
		for (i = 0; i < count; i++)
			contacts[i] = (struct roster_contact){
				.jid = kept[i].jid, .name = kept[i].name,
				.subscription = kept[i].subscription,
				.ask = kept[i].ask, .groups = kept[i].groups,
			};
		o.contacts = contacts;
		o.contact_count = count;
	}
	l->xep = xep_new(&o, clock_mono_us());
	arena_free(a);
}

struct live *
live_new(const struct live_env *env)
{
	struct live *l = mem_alloc(sizeof *l);
	const struct stream *stream = session_stream(env->session);
	struct gaps_session row = {
		.account = env->config->jid,
		.jid = stream_jid(stream),
		.lang = stream_lang(stream),
		.opened_us = clock_wall_us(),
	};

	l->env = *env;
	l->arena = arena_new();
	l->own = jid_parse(l->arena, stream_jid(stream));
	l->carbons = -1;
	l->heard_us = l->alive_us = clock_mono_us();
	l->stream = gaps_session_open(batch(l), &row);
	ingest_touch(env->ingest);
	start_xep(l, stream_jid(stream));
	l->mode = mode_new(env->session, env->config, l->xep);
	ev_timer_init(&l->timer, on_timer, 0, 0);
	l->timer.data = l;
	l->watcher.committed = on_committed;
	l->watcher.arg = l;
	ingest_watch(env->ingest, &l->watcher);
	flush(l);
	set_timer(l);
	return l;
}

void
live_free(struct live *l, const char *reason)
{
	if (l == NULL)
		return;
	ev_timer_stop(l->env.loop, &l->timer);
	ingest_unwatch(&l->watcher);
	gaps_session_close(batch(l), l->stream, clock_wall_us(), reason);
	ingest_touch(l->env.ingest);
	catchup_free(l->catchup);
	mode_free(l->mode);
	xep_free(l->xep);
	arena_free(l->arena);
	free(l);
}

void
live_resume(struct live *l)
{
	if (l->catchup != NULL)
		catchup_tick(l->catchup, clock_mono_us());
	pump(l);
}

void
live_unavailable(struct live *l)
{
	mode_end(l->mode);
}

bool
live_is_caught_up(const struct live *l)
{
	return l->is_caught_up;
}

void
live_status(const struct live *l, struct account_status *out)
{
	out->resumable = 0;
	out->carbons = l->carbons;
	out->rooms = "";
	out->mam = l->has_mam ? "urn:xmpp:mam:2" : NULL;
	if (l->catchup == NULL)
		return;
	catchup_progress(l->catchup, &out->catch_up_done,
	    &out->catch_up_total);
	/* Once caught up, a poll that failed is no error of the account. */
	if (out->error == NULL && !l->is_caught_up)
		out->error = catchup_why(l->catchup);
}
