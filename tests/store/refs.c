/* What messages do to others, in whatever order they come. */
#include "tests/store/archive.h"

/* What a stanza does to another: who may, and in which order they come. */
struct action {
	enum ref_kind kind;
	const char *id, *from, *occupant;	/* from: in rooms a nick */
	const char *target;
};
static const struct {
	const char *name;
	bool is_room;
	struct action target, action;
	bool valid;
	int flag;		/* that the target gets */
} actions[] = {
	{ "a correction by the same person", false, { .id = "a",
	    .from = PEER_X }, { REF_REPLACE, "b", PEER_X, NULL, "a" }, true,
	    16 },
	{ "a correction from another of his resources", false, { .id = "a",
	    .from = PEER_X }, { REF_REPLACE, "b", PEER "/phone", NULL, "a" },
	    true, 16 },
	{ "a correction by somebody else", false, { .id = "a",
	    .from = PEER_X }, { REF_REPLACE, "b", ME_HERE, NULL, "a" }, false,
	    16 },
	{ "a retraction", false, { .id = "a", .from = PEER_X },
	    { REF_RETRACT, "b", PEER_X, NULL, "a" }, true, 32 },
	{ "a retraction by somebody else", false, { .id = "a",
	    .from = PEER_X }, { REF_RETRACT, "b", ME_HERE, NULL, "a" }, false,
	    32 },
	{ "a reaction", false, { .id = "a", .from = PEER_X },
	    { REF_REACT, "b", ME_HERE, NULL, "a" }, true, 512 },
	{ "a displayed marker", false, { .id = "a", .from = PEER_X },
	    { REF_DISPLAYED, "b", ME_HERE, NULL, "a" }, true, 2048 },
	{ "a room's correction, same occupant-id", true, { .id = "a",
	    .from = "Romeo", .occupant = "o1" },
	    { REF_REPLACE, "b", "Romeo", "o1", "a" }, true, 16 },
	{ "a room's correction, the nick has another holder", true,
	    { .id = "a", .from = "Romeo", .occupant = "o1" },
	    { REF_REPLACE, "b", "Romeo", "o2", "a" }, false, 16 },
	{ "a room's correction under another nick", true, { .id = "a",
	    .from = "Romeo" }, { REF_REPLACE, "b", "Mercutio", NULL, "a" },
	    false, 16 },
	{ "a room's correction without occupant-ids", true, { .id = "a",
	    .from = "Romeo" }, { REF_REPLACE, "b", "Romeo", NULL, "a" }, true,
	    16 },
	{ "moderation by the room", true, { .id = "a", .from = "Romeo" },
	    { REF_MODERATE, NULL, NULL, NULL, "r-a" }, true, 32 },
	{ "moderation by an occupant", true, { .id = "a", .from = "Romeo" },
	    { REF_MODERATE, NULL, "Mercutio", NULL, "r-a" }, false, 32 },
	{ "a room's reaction goes by the room's id", true, { .id = "a",
	    .from = "Romeo" }, { REF_REACT, "b", "Mercutio", NULL, "r-a" },
	    true, 512 },
};

static struct record
make_action(struct arena *a, const struct action *act, bool is_room,
    int64_t at_us)
{
	struct record r = make_message(a, at_us, act->id != NULL ? act->id
	    : "moderation");

	r.stanza_id = act->id;
	r.occupant_id = act->occupant;
	r.from = act->from;
	if (is_room) {
		r.type = MESSAGE_GROUPCHAT;
		r.chat_kind = CHAT_ROOM;
		r.chat = ROOM;
		r.from = act->from != NULL ? arena_printf(a, ROOM "/%s",
		    act->from) : ROOM;
		make_archive_id(a, &r, ROOM, arena_printf(a, "r-%s",
		    act->id != NULL ? act->id : "x"), true);
	}
	if (act->target != NULL)
		make_ref(a, &r, act->kind, act->target);
	return r;
}

static void
test_actions(void)
{
	struct arena *a = arena_new();
	struct err err = { 0 };
	uint64_t durable;
	size_t i;
	int order;

	for (i = 0; i < COUNT(actions); i++) {
		for (order = 0; order < 2; order++) {
			char name[32], sql[160];
			struct store *s;
			struct batch *b;
			struct record target = make_action(a,
			    &actions[i].target, actions[i].is_room, NOON);
			struct record action = make_action(a,
			    &actions[i].action, actions[i].is_room,
			    NOON + TIME_MINUTE);

			snprintf(name, sizeof name, "act%zu-%d.db", i, order);
			s = open_new(name);
			(void)db_run(store_db(s), "PRAGMA synchronous = OFF",
			    NULL);
			b = batch_new(s);
			(void)batch_add(b, order ? &action : &target);
			(void)batch_commit(b, NOON, &durable, &err);
			(void)batch_add(b, order ? &target : &action);
			if (batch_commit(b, NOON, &durable, &err) != 0)
				printf("# %s\n", err.text);
			snprintf(sql, sizeof sql, "SELECT flags & %d <> 0 "
			    "FROM message WHERE id = %lld", actions[i].flag,
			    (long long)NOON);
			ok(number(s, "SELECT valid FROM ref") ==
			    actions[i].valid && number(s, "SELECT target "
			    "FROM ref") == NOON && number(s, sql) ==
			    actions[i].valid, "%s is %s (%s)", actions[i].name,
			    actions[i].valid ? "valid" : "not valid",
			    order ? "before its target" : "after its target");
			ok(number(s, "SELECT count(*) FROM pending") == 0 ||
			    !actions[i].valid, "nothing waits for what came");
			batch_free(b);
			store_close(s);
		}
	}
	arena_free(a);
}

/* Corrections of corrections, in every order. */
static void
test_chain_of_versions(void)
{
	static const char *const orders[] = {
		"012", "021", "102", "120", "201", "210",
	};
	struct arena *a = arena_new();
	struct err err = { 0 };
	uint64_t durable;
	size_t i, j;

	for (i = 0; i < COUNT(orders); i++) {
		char name[32];
		struct store *s;
		struct batch *b;
		struct record r[3];

		snprintf(name, sizeof name, "chain%zu.db", i);
		s = open_new(name);
		(void)db_run(store_db(s), "PRAGMA synchronous = OFF", NULL);
		b = batch_new(s);
		for (j = 0; j < 3; j++) {
			r[j] = make_message(a, NOON + (int64_t)j,
			    arena_printf(a, "text %zu", j));
			r[j].stanza_id = arena_printf(a, "v%zu", j);
			if (j > 0)
				make_ref(a, &r[j], REF_REPLACE,
				    arena_printf(a, "v%zu", j - 1));
		}
		for (j = 0; j < 3; j++) {
			(void)batch_add(b, &r[orders[i][j] - '0']);
			(void)batch_commit(b, NOON, &durable, &err);
		}
		ok(number(s, "SELECT count(*) FROM message WHERE root = "
		    "1705320000000000") == 2 && number(s, "SELECT count(*) "
		    "FROM ref WHERE target = 1705320000000000 AND valid = 1") ==
		    2 && number(s, "SELECT sum(shown) FROM tally") == 1 &&
		    number(s, "SELECT count(*) FROM message "
		    "WHERE flags & 131072") == 1,
		    "two corrections of one message in order %s: it is shown "
		    "once", orders[i]);
		batch_free(b);
		store_close(s);
	}
	arena_free(a);
}

/* Old targets, and a budget that does not reach them at once. */
static void
test_budget(void)
{
	struct store *s = open_new("budget.db");
	struct batch *b = batch_new(s);
	struct arena *a = arena_new();
	struct err err = { 0 };
	uint64_t durable;
	int i, commits = 0;
	struct record r = make_message(a, NOON, "old");

	(void)db_run(store_db(s), "PRAGMA synchronous = OFF", NULL);
	r.stanza_id = "old";
	(void)batch_add(b, &r);
	for (i = 1; i <= 3000; i++) {
		r = make_message(a, NOON + i * TIME_DAY, "day");
		r.stanza_id = arena_printf(a, "d%d", i);
		(void)batch_add(b, &r);
	}
	(void)batch_commit(b, NOON, &durable, &err);
	for (i = 0; i < 10; i++) {
		r = make_message(a, NOON + 3001 * TIME_DAY + i, NULL);
		r.stanza_id = arena_printf(a, "r%d", i);
		make_ref(a, &r, REF_DISPLAYED, i == 9 ? "old" : "never");
		(void)batch_add(b, &r);
	}
	ok(batch_commit(b, NOON, &durable, &err) == 0, "references to long ago "
	    "%s", err.text);
	ok(number(s, "SELECT count(*) FROM pending WHERE next IS NOT NULL") > 0,
	    "a commit does not search for all of them to the end");
	while (number(s, "SELECT count(*) FROM pending WHERE next IS NOT NULL")
	    > 0 && commits++ < 50) {
		r = make_message(a, NOON + 3002 * TIME_DAY + commits, "more");
		(void)batch_add(b, &r);
		(void)batch_commit(b, NOON, &durable, &err);
	}
	ok(commits > 0 && commits < 50, "the next ones go on (%d)", commits);
	is_int(number(s, "SELECT flags & 2048 <> 0 FROM message WHERE id = "
	    "1705320000000000"), 1, "and the old one is found");
	is_int(number(s, "SELECT count(DISTINCT message) FROM pending"), 9,
	    "what is nowhere goes on waiting");
	arena_free(a);
	batch_free(b);
	store_close(s);
}

/* A crowd that waits for one id without any right, and then one who has it. */
static void
test_crowd(void)
{
	static const struct action target = { .id = "a", .from = "Romeo" };
	static const struct action right = { REF_REPLACE, "b", "Romeo", NULL,
	    "a" };
	struct store *s = open_new("crowd.db");
	struct batch *b = batch_new(s);
	struct arena *a = arena_new();
	struct err err = { 0 };
	uint64_t durable;
	struct record r;
	int i;

	(void)db_run(store_db(s), "PRAGMA synchronous = OFF", NULL);
	for (i = 0; i < 600; i++) {
		struct action wrong = { REF_REPLACE, arena_printf(a, "w%d", i),
		    "Mercutio", NULL, "a" };

		r = make_action(a, &wrong, i % 2 == 0, NOON + i);
		(void)batch_add(b, &r);
	}
	r = make_action(a, &right, true, NOON + TIME_MINUTE);
	(void)batch_add(b, &r);
	r = make_action(a, &target, true, NOON + TIME_HOUR);
	(void)batch_add(b, &r);
	ok(batch_commit(b, NOON, &durable, &err) == 0, "a crowd waits %s",
	    err.text);
	is_int(number(s, "SELECT count(*) FROM ref WHERE valid = 1 AND "
	    "target = (SELECT id FROM message WHERE sid = 'a')"), 1,
	    "who has the right is found behind all others");
	is_int(number(s, "SELECT flags & 16 <> 0 FROM message "
	    "WHERE sid = 'a'"), 1, "and corrects it");
	is_int(number(s, "SELECT count(*) FROM ref WHERE valid = 0 AND "
	    "target IS NOT NULL"), 300, "all others of the room are linked "
	    "without effect");
	arena_free(a);
	batch_free(b);
	store_close(s);
}

int
main(void)
{
	test_actions();
	test_chain_of_versions();
	test_budget();
	test_crowd();
	return done();
}
