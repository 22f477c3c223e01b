/*
 * Which presences are changes, and what happened in rooms. A case is
 * presences in order; the last field says what became of each: "-" nothing,
 * "w" written, or written with that event.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/batch.h"
#include "store/db.h"
#include "tests/store/help.h"
#include "tests/store/make.h"
#include "tests/tap.h"

struct step {
	const char *from;	/* resource, or a room's nick */
	enum presence_type type;
	enum presence_show show;
	const char *status;
	int priority;
	int stream;
	const char *role, *affiliation, *new_nick;	/* in rooms */
	int codes[3];
	const char *second_status;
};

#define AV	PRESENCE_AVAILABLE
#define UN	PRESENCE_UNAVAILABLE

static const struct {
	const char *name;
	bool is_room;
	struct step steps[8];
	const char *want;
} cases[] = {
	{ "the first one is written, a repeated one is not", false, {
	    { "a", AV, SHOW_AWAY, "tea", 5, 1 },
	    { "a", AV, SHOW_AWAY, "tea", 5, 1 } }, "w -" },
	{ "each of show, status, priority and type is a change", false, {
	    { "a", AV, SHOW_AWAY, "tea", 5, 1 },
	    { "a", AV, SHOW_DND, "tea", 5, 1 },
	    { "a", AV, SHOW_DND, "work", 5, 1 },
	    { "a", AV, SHOW_DND, "work", 6, 1 },
	    { "a", AV, SHOW_DND, NULL, 6, 1 },
	    { "a", UN, SHOW_NONE, NULL, 0, 1 },
	    { "a", UN, SHOW_NONE, NULL, 0, 1 } }, "w w w w w w -" },
	{ "and so is a status in a second language", false, {
	    { "a", AV, SHOW_NONE, "tea", 0, 1 },
	    { "a", AV, SHOW_NONE, "tea", 0, 1, .second_status = "čaj" },
	    { "a", AV, SHOW_NONE, "tea", 0, 1, .second_status = "čaj" },
	    { "a", AV, SHOW_NONE, "tea", 0, 1 } }, "w w - w" },
	{ "an empty status is not an absent one", false, {
	    { "a", AV, SHOW_NONE, NULL, 0, 1 },
	    { "a", AV, SHOW_NONE, "", 0, 1 },
	    { "a", AV, SHOW_NONE, "", 0, 1 } }, "w w -" },
	{ "resources are counted apart", false, {
	    { "a", AV, SHOW_NONE, NULL, 0, 1 },
	    { "b", AV, SHOW_NONE, NULL, 0, 1 },
	    { "a", AV, SHOW_NONE, NULL, 0, 1 } }, "w w -" },
	{ "a new stream writes the first one again", false, {
	    { "a", AV, SHOW_NONE, NULL, 0, 1 },
	    { "a", AV, SHOW_NONE, NULL, 0, 2 },
	    { "a", AV, SHOW_NONE, NULL, 0, 2 } }, "w w -" },
	{ "a request is written once, whatever the stream", false, {
	    { "a", PRESENCE_SUBSCRIBE, SHOW_NONE, NULL, 0, 1 },
	    { "a", PRESENCE_SUBSCRIBE, SHOW_NONE, NULL, 0, 2 },
	    { "a", PRESENCE_SUBSCRIBE, SHOW_NONE, "please", 0, 2 },
	    { "a", PRESENCE_UNSUBSCRIBED, SHOW_NONE, NULL, 0, 2 },
	    { "a", PRESENCE_SUBSCRIBE, SHOW_NONE, "please", 0, 3 } },
	    "w - w w w" },
	{ "a request does not hide who is there", false, {
	    { "a", AV, SHOW_NONE, NULL, 0, 1 },
	    { "a", PRESENCE_SUBSCRIBE, SHOW_NONE, NULL, 0, 1 },
	    { "a", AV, SHOW_NONE, NULL, 0, 1 } }, "w w -" },
	{ "who is there before us did not join; who comes later did", true, {
	    { "Romeo", AV, .stream = 1, .role = "participant" },
	    { "Juliet", AV, .stream = 1, .role = "participant",
	      .codes = { 110 } },
	    { "Nurse", AV, .stream = 1, .role = "participant" },
	    { "Nurse", AV, .stream = 1, .role = "participant" },
	    { "Nurse", UN, .stream = 1, .role = "none" },
	    { "Nurse", AV, .stream = 1, .role = "participant" } },
	    "w join join - part join" },
	{ "kicks, bans and other ends", true, {
	    { "Juliet", AV, .stream = 1, .codes = { 110 } },
	    { "A", AV, .stream = 1 },
	    { "A", UN, .stream = 1, .codes = { 307 } },
	    { "B", AV, .stream = 1 },
	    { "B", UN, .stream = 1, .codes = { 301 } },
	    { "C", AV, .stream = 1 },
	    { "C", UN, .stream = 1, .codes = { 332 } } },
	    "join join kick join ban join shutdown" },
	{ "a new nick is no coming and going", true, {
	    { "Juliet", AV, .stream = 1, .codes = { 110 } },
	    { "A", AV, .stream = 1, .role = "participant" },
	    { "A", UN, .stream = 1, .new_nick = "B", .codes = { 303 } },
	    { "B", AV, .stream = 1, .role = "participant" },
	    { "B", UN, .stream = 1 } }, "join join nick w part" },
	{ "roles and affiliations", true, {
	    { "Juliet", AV, .stream = 1, .codes = { 110 } },
	    { "A", AV, .stream = 1, .role = "participant",
	      .affiliation = "none" },
	    { "A", AV, .stream = 1, .role = "moderator",
	      .affiliation = "none" },
	    { "A", AV, .stream = 1, .role = "moderator",
	      .affiliation = "admin" },
	    { "A", AV, SHOW_AWAY, .stream = 1, .role = "moderator",
	      .affiliation = "admin" } },
	    "join join role affiliation w" },
};

static void
make_step(struct arena *a, const struct step *s, bool is_room, size_t n,
    struct record *r)
{
	struct text *statuses = arena_array(a, 2, sizeof *statuses);
	struct room_item *room;
	int *codes = arena_array(a, 3, sizeof *codes);

	*r = make_message(a, NOON + (int64_t)n * TIME_SECOND, NULL);
	r->kind = RECORD_PRESENCE;
	r->from = arena_printf(a, "%s/%s", is_room ? ROOM : PEER, s->from);
	r->presence = s->type;
	r->show = s->show;
	r->priority = s->priority;
	r->stream = (uint64_t)s->stream;
	if (s->status != NULL) {
		statuses[0].text = s->status;
		statuses[0].len = strlen(s->status);
		statuses[0].lang = "en";
		r->statuses = statuses;
		r->status_count = 1;
	}
	if (s->second_status != NULL) {
		statuses[1].text = s->second_status;
		statuses[1].len = strlen(s->second_status);
		statuses[1].lang = "cs";
		r->status_count = 2;
	}
	if (!is_room)
		return;
	room = arena_alloc(a, sizeof *room);
	room->nick = s->from;
	room->role = s->role;
	room->affiliation = s->affiliation;
	room->new_nick = s->new_nick;
	for (; room->code_count < 3 && s->codes[room->code_count] != 0;
	    room->code_count++)
		codes[room->code_count] = s->codes[room->code_count];
	room->codes = codes;
	r->room = room;
}

/* With a restart between all of them, too: what is not in memory is read. */
static void
run_case(size_t n, bool restarts)
{
	char name[64], got[128] = "";
	struct arena *a = arena_new();
	struct err err = { 0 };
	struct store *s;
	struct batch *b;
	uint64_t durable;
	int64_t rows = 0, now;
	size_t i;

	snprintf(name, sizeof name, "presence%zu-%d.db", n, restarts);
	s = store_open(help_path(name), STORE_WRITE, 0, &err);
	if (s == NULL) {
		ok(false, "an archive opens: %s", err.text);
		return;
	}
	(void)db_run(store_db(s), "PRAGMA synchronous = OFF", NULL);
	b = batch_new(s);
	for (i = 0; cases[n].steps[i].from != NULL; i++) {
		struct record r;
		struct db_stmt *st;

		make_step(a, &cases[n].steps[i], cases[n].is_room, i, &r);
		(void)batch_add(b, &r);
		if (batch_commit(b, NOON, &durable, &err) != 0)
			ok(false, "%s: %s", cases[n].name, err.text);
		if (i > 0)
			strcat(got, " ");
		st = db_prepare(store_db(s), "SELECT count(*), event, "
		    "max(id) FROM presence", NULL);
		(void)db_step(st, NULL);
		now = db_get_int(st, 0);
		strcat(got, now == rows ? "-" : db_is_null(st, 1) ? "w"
		    : db_get_text(st, 1));
		rows = now;
		db_free(st);
		if (restarts) {
			batch_free(b);
			b = batch_new(s);
		}
	}
	/* That a nick is new is known only as long as we run. */
	if (!restarts || strstr(cases[n].want, "nick") == NULL)
		is_str(got, cases[n].want, cases[n].name);
	batch_free(b);
	store_close(s);
	arena_free(a);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		run_case(i, false);
		run_case(i, true);
	}
	return done();
}
