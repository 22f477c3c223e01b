/*
 * What is one message and what is two: the rules of src/README, sentence by
 * sentence.
 * Each case is copies in order of arrival; the last field says which message
 * each of them belongs to ("0 0 1": the first two are one).
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/batch.h"
#include "store/chain.h"
#include "store/db.h"
#include "store/gaps.h"
#include "tests/store/help.h"
#include "tests/store/make.h"
#include "tests/tap.h"

enum shape {
	IN,		/* from the peer */
	OUT,		/* to the peer */
	SELF,		/* to oneself */
	SELF_NO_TO,	/* the same, as Prosody's sent copy has it */
	GROUP,		/* in a room, from somebody */
	GROUP_OUT,	/* ours, back from the room */
	GROUP_SENT,	/* ours, on its way to the room */
	PM,		/* a private message in a room */
	PM_OTHER,	/* the same, to another resource of ours */
};

struct copy {
	enum shape shape;
	enum route route;
	int at_s;		/* arrival, seconds after noon */
	int stamp_s;		/* the archive's, where route has one */
	const char *id, *origin, *aid;
	const char *body;
	int stream;
	int query;
	enum { PLAIN, TOMB, UNTRUSTED, RESENT, OTHER_FROM, OTHER_TO, OTHER_TYPE,
	    TO_BARE, BY_OTHER, BY_ACCOUNT, BY_BOTH } mark;
};

static const struct {
	const char *name;
	struct copy copies[7];
	const char *want;
} cases[] = {
	/* Rule 1. */
	{ "an equal trusted archive id is one message", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_MAM, 60, 0, "a", NULL, "m1", "hi" } }, "0 0" },
	{ "also when the live copy comes second", {
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_LIVE, 6, 0, "a", NULL, "m1", "hi" } }, "0 0" },
	{ "also days later", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_MAM, 864000, 0, "a", NULL, "m1", "hi" } }, "0 0" },
	{ "also over midnight", {
	    { IN, ROUTE_LIVE, 43201, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_MAM, 43500, 43199, "a", NULL, "m1", "hi" } }, "0 0" },
	{ "three routes are one message", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_CARBON, 1, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_MAM, 60, 0, "a", NULL, "m1", "hi" } }, "0 0 0" },
	{ "an id that nobody vouches for is no archive id", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, "m1", "hi", 0, 0, UNTRUSTED },
	    { IN, ROUTE_MAM, 60, 0, "b", NULL, "m1", "hi" } }, "0 1" },
	{ "an id of another archive is another id", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, "m1", "hi", 0, 0, BY_OTHER },
	    { IN, ROUTE_MAM, 60, 0, "b", NULL, "m1", "hi" } }, "0 1" },
	{ "a page read again adds nothing", {
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_MAM, 600, 0, "a", NULL, "m1", "hi" } }, "0 -" },
	{ "one query, one id, two contents: two messages", {
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi", 1, 1 },
	    { IN, ROUTE_MAM, 5, 0, "b", NULL, "m1", "ho", 1, 1 } }, "0 1" },
	{ "also when one of them came live before", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, "m1", "hi", 1 },
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi", 1, 1 },
	    { IN, ROUTE_MAM, 5, 0, "b", NULL, "m1", "ho", 1, 1 } }, "0 0 1" },
	{ "also when both did", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, "m1", "hi", 1 },
	    { IN, ROUTE_LIVE, 0, 0, "b", NULL, "m1", "ho", 1 },
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi", 1, 1 },
	    { IN, ROUTE_MAM, 5, 0, "b", NULL, "m1", "ho", 1, 1 } },
	    "0 1 0 1" },
	{ "and read again each is itself", {
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi", 1, 1 },
	    { IN, ROUTE_MAM, 5, 0, "b", NULL, "m1", "ho", 1, 1 },
	    { IN, ROUTE_MAM, 600, 0, "a", NULL, "m1", "hi", 1, 2 },
	    { IN, ROUTE_MAM, 600, 0, "b", NULL, "m1", "ho", 1, 2 },
	    { IN, ROUTE_MAM, 900, 0, "a", NULL, "m1", "hi", 7, 1 },
	    { IN, ROUTE_MAM, 900, 0, "b", NULL, "m1", "ho", 7, 1 } },
	    "0 1 - - - -" },
	{ "and a new version is one of the same sender's id", {
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi", 1, 1 },
	    { IN, ROUTE_MAM, 5, 0, "b", NULL, "m1", "ho", 1, 1 },
	    { IN, ROUTE_MAM, 600, 0, "b", NULL, "m1", "ho!", 1, 2 } },
	    "0 1 1" },
	{ "two queries, one id, other content: a new version", {
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi", 1, 1 },
	    { IN, ROUTE_MAM, 600, 0, "a", NULL, "m1", "ho", 1, 2 } }, "0 0" },
	{ "also when the numbers of two streams' queries are equal", {
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi", 1, 1 },
	    { IN, ROUTE_MAM, 600, 0, "a", NULL, "m1", "ho", 7, 1 } }, "0 0" },
	{ "a new version read again adds nothing", {
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi", 1, 1 },
	    { IN, ROUTE_MAM, 600, 0, "a", NULL, "m1", "ho", 1, 2 },
	    { IN, ROUTE_MAM, 900, 0, "a", NULL, "m1", "ho", 1, 3 },
	    { IN, ROUTE_MAM, 900, 0, "a", NULL, "m1", "ho", 7, 1 } },
	    "0 0 - -" },
	{ "and a third one is a version again", {
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi", 1, 1 },
	    { IN, ROUTE_MAM, 600, 0, "a", NULL, "m1", "ho", 1, 2 },
	    { IN, ROUTE_MAM, 900, 0, "a", NULL, "m1", "ha", 1, 3 },
	    { IN, ROUTE_MAM, 950, 0, "a", NULL, "m1", "ha", 1, 4 } },
	    "0 0 0 -" },
	{ "a tombstone is a new version", {
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_MAM, 600, 0, "a", NULL, "m1", "", 0, 0, TOMB } }, "0 0" },
	{ "a tombstone read again adds nothing", {
	    { IN, ROUTE_MAM, 5, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_MAM, 600, 0, "a", NULL, "m1", "", 0, 0, TOMB },
	    { IN, ROUTE_MAM, 900, 0, "a", NULL, "m1", "", 0, 0, TOMB } },
	    "0 0 -" },
	{ "a copy whose content a server changed is still a copy", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_MAM, 60, 0, "a", NULL, "m1", "hi!", 1, 1 } }, "0 0" },
	{ "and read again in one stream it adds nothing", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, "m1", "hi", 1 },
	    { IN, ROUTE_MAM, 60, 0, "a", NULL, "m1", "hi!", 1, 1 },
	    { IN, ROUTE_MAM, 660, 0, "a", NULL, "m1", "hi!", 1, 2 } },
	    "0 0 -" },
	{ "the room's id counts in rooms", {
	    { GROUP, ROUTE_LIVE, 0, 0, "a", NULL, "r1", "hi" },
	    { GROUP, ROUTE_MAM, 60, 0, "a", NULL, "r1", "hi" },
	    { GROUP, ROUTE_HISTORY, 90, 0, "a", NULL, "r1", "hi" } },
	    "0 0 0" },
	{ "a room's words in the own archive are read again and add nothing", {
	    { GROUP, ROUTE_LIVE, 0, 0, "a", NULL, "r1", "hi", 1 },
	    { GROUP, ROUTE_MAM, 60, 0, "a", NULL, "m1", "hi", 1, 1,
	      BY_ACCOUNT },
	    { GROUP, ROUTE_MAM, 660, 0, "a", NULL, "m1", "hi", 1, 2,
	      BY_ACCOUNT },
	    { GROUP, ROUTE_MAM, 960, 0, "a", NULL, "m1", "hi", 7, 1,
	      BY_ACCOUNT } }, "0 0 - -" },
	{ "also when they came from there first", {
	    { GROUP, ROUTE_MAM, 60, 0, "a", NULL, "m1", "hi", 1, 1,
	      BY_ACCOUNT },
	    { GROUP, ROUTE_MAM, 660, 0, "a", NULL, "m1", "hi", 1, 2,
	      BY_ACCOUNT } }, "0 -" },
	{ "also when the room's id stands in them", {
	    { GROUP, ROUTE_LIVE, 0, 0, "a", NULL, "1", "hi", 1 },
	    { GROUP, ROUTE_MAM, 60, 0, "a", NULL, "1", "hi", 1, 1, BY_BOTH },
	    { GROUP, ROUTE_MAM, 660, 0, "a", NULL, "1", "hi", 1, 2,
	      BY_BOTH } }, "0 0 -" },
	{ "and the room's own archive says nothing new of them then", {
	    { GROUP, ROUTE_MAM, 60, 0, "a", NULL, "1", "hi", 1, 1, BY_BOTH },
	    { GROUP, ROUTE_MAM, 70, 0, "a", NULL, "1", "hi", 1, 2 },
	    { GROUP, ROUTE_MAM, 660, 0, "a", NULL, "1", "hi", 1, 3, BY_BOTH },
	    { GROUP, ROUTE_MAM, 670, 0, "a", NULL, "1", "hi", 1, 4 } },
	    "0 - - -" },
	{ "a version that the own archive holds of them, too", {
	    { GROUP, ROUTE_LIVE, 0, 0, "a", NULL, "1", "hi", 1 },
	    { GROUP, ROUTE_MAM, 60, 0, "a", NULL, "1", "ho", 1, 1, BY_BOTH },
	    { GROUP, ROUTE_MAM, 660, 0, "a", NULL, "1", "ho", 1, 2,
	      BY_BOTH } }, "0 0 -" },
	{ "two of them with different ids there are two", {
	    { GROUP, ROUTE_MAM, 60, 0, "1", NULL, "m1", "ok", 1, 1,
	      BY_ACCOUNT },
	    { GROUP, ROUTE_MAM, 60, 0, "1", NULL, "m2", "ok", 1, 2,
	      BY_ACCOUNT } }, "0 1" },
	{ "a room's history that comes with each join adds nothing", {
	    { GROUP, ROUTE_HISTORY, 0, 0, "a", NULL, "r1", "hi" },
	    { GROUP, ROUTE_HISTORY, 90, 0, "a", NULL, "r1", "hi" } }, "0 -" },

	{ "nor does one without archive ids", {
	    { GROUP, ROUTE_LIVE, 0, 0, "a", NULL, NULL, "hi", 1 },
	    { GROUP, ROUTE_HISTORY, 90, 1, "a", NULL, NULL, "hi", 2 },
	    { GROUP, ROUTE_HISTORY, 900, 1, "a", NULL, NULL, "hi", 3 },
	    { GROUP, ROUTE_HISTORY, 900, 2, "a", NULL, NULL, "hi", 3 } },
	    "0 0 - 1" },
	{ "nor one without any ids", {
	    { GROUP, ROUTE_HISTORY, 90, 1, NULL, NULL, NULL, "hi", 2 },
	    { GROUP, ROUTE_HISTORY, 900, 1, NULL, NULL, NULL, "hi", 3 } },
	    "0 -" },
	{ "but in one join two are two", {
	    { GROUP, ROUTE_HISTORY, 90, 1, "a", NULL, NULL, "hi", 2 },
	    { GROUP, ROUTE_HISTORY, 90, 1, "a", NULL, NULL, "hi", 2 } },
	    "0 1" },

	/* Rule 2. */
	{ "without archive ids: id, content and routes decide", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, NULL, "hi" },
	    { IN, ROUTE_MAM, 60, 0, "a", NULL, "m1", "hi" } }, "0 0" },
	{ "origin-id before id", {
	    { IN, ROUTE_LIVE, 0, 0, "x", "o", NULL, "hi" },
	    { IN, ROUTE_MAM, 60, 0, "y", "o", "m1", "hi" } }, "0 0" },
	{ "another content is another message", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, NULL, "hi" },
	    { IN, ROUTE_MAM, 60, 0, "a", NULL, "m1", "ho" } }, "0 1" },
	{ "another sender is another message", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, NULL, "hi" },
	    { IN, ROUTE_MAM, 60, 0, "a", NULL, "m1", "hi", 0, 0, OTHER_FROM } },
	    "0 1" },
	{ "another type is another message", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, NULL, "hi" },
	    { IN, ROUTE_MAM, 60, 0, "a", NULL, "m1", "hi", 0, 0, OTHER_TYPE } },
	    "0 1" },
	{ "another direction is another message", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, NULL, "hi" },
	    { OUT, ROUTE_MAM, 60, 0, "a", NULL, "m1", "hi" } }, "0 1" },
	{ "to the bare JID and to one of its resources is one address", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, NULL, "hi" },
	    { IN, ROUTE_MAM, 60, 0, "a", NULL, "m1", "hi", 0, 0, TO_BARE } },
	    "0 0" },
	{ "two of the peer's resources are two addresses", {
	    { OUT, ROUTE_CARBON, 0, 0, "a", NULL, NULL, "hi" },
	    { OUT, ROUTE_MAM, 60, 0, "a", NULL, "m1", "hi", 0, 0, OTHER_TO } },
	    "0 1" },
	{ "on one route the same id and content are two messages", {
	    { IN, ROUTE_LIVE, 0, 0, "1", NULL, NULL, "ok" },
	    { IN, ROUTE_LIVE, 1, 0, "1", NULL, NULL, "ok" } }, "0 1" },
	{ "a bot that says ok with id 1 says many messages", {
	    { IN, ROUTE_LIVE, 0, 0, "1", NULL, NULL, "ok" },
	    { IN, ROUTE_LIVE, 60, 0, "1", NULL, NULL, "ok" },
	    { IN, ROUTE_LIVE, 120, 0, "1", NULL, NULL, "ok" },
	    { IN, ROUTE_MAM, 600, 0, "1", NULL, "m1", "ok" },
	    { IN, ROUTE_MAM, 600, 60, "1", NULL, "m2", "ok" },
	    { IN, ROUTE_MAM, 600, 120, "1", NULL, "m3", "ok" } },
	    "0 1 2 0 1 2" },
	{ "its words of the morning are not those of the evening", {
	    { IN, ROUTE_LIVE, 0, 0, "1", NULL, NULL, "ok" },
	    { IN, ROUTE_LIVE, 36000, 0, "1", NULL, NULL, "ok" },
	    { IN, ROUTE_MAM, 36100, 36000, "1", NULL, "m2", "ok" },
	    { IN, ROUTE_MAM, 36200, 0, "1", NULL, "m1", "ok" } }, "0 1 1 0" },
	{ "never if both carry different trusted ids", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_MAM, 60, 0, "a", NULL, "m2", "hi" } }, "0 1" },
	{ "a stamp five minutes before the arrival is near", {
	    { IN, ROUTE_LIVE, 299, 0, "a", NULL, NULL, "hi" },
	    { IN, ROUTE_MAM, 600, 0, "a", NULL, "m1", "hi" } }, "0 0" },
	{ "more than that is not", {
	    { IN, ROUTE_LIVE, 302, 0, "a", NULL, NULL, "hi" },
	    { IN, ROUTE_MAM, 600, 0, "a", NULL, "m1", "hi" } }, "0 1" },
	{ "a stamp ten seconds after the arrival is near", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, NULL, "hi" },
	    { IN, ROUTE_MAM, 600, 9, "a", NULL, "m1", "hi" } }, "0 0" },
	{ "more than that is not either", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, NULL, "hi" },
	    { IN, ROUTE_MAM, 600, 12, "a", NULL, "m1", "hi" } }, "0 1" },
	{ "the window holds when the archive's copy comes first", {
	    { IN, ROUTE_MAM, 600, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_LIVE, 601, 0, "a", NULL, NULL, "hi" } }, "0 1" },
	{ "what was sent again is near by its server's stamp", {
	    { IN, ROUTE_LIVE, 3600, 0, "a", NULL, NULL, "hi", 0, 0, RESENT },
	    { IN, ROUTE_MAM, 3700, 0, "a", NULL, "m1", "hi" } }, "0 0" },
	{ "what waited offline is near by its stamp", {
	    { IN, ROUTE_OFFLINE, 36000, 0, "a", NULL, NULL, "hi", 0, 0, RESENT },
	    { IN, ROUTE_MAM, 36100, 0, "a", NULL, "m1", "hi" } }, "0 0" },
	{ "what waited offline without a stamp may have come at any time", {
	    { IN, ROUTE_OFFLINE, 36000, 0, "a", NULL, NULL, "hi" },
	    { IN, ROUTE_MAM, 36100, 0, "a", NULL, "m1", "hi" } }, "0 0" },
	{ "offline words are not the live ones of another hour", {
	    { IN, ROUTE_LIVE, 0, 0, "1", NULL, NULL, "ok" },
	    { IN, ROUTE_OFFLINE, 36000, 7200, "1", NULL, NULL, "ok", 0, 0,
	      RESENT } }, "0 1" },

	/* Rule 3. */
	{ "no id at all: content and two seconds, on two routes", {
	    { IN, ROUTE_LIVE, 0, 0, NULL, NULL, NULL, "hi" },
	    { IN, ROUTE_OFFLINE, 36000, 1, NULL, NULL, NULL, "hi", 0, 0,
	      RESENT } }, "0 0" },
	{ "three seconds are too many", {
	    { IN, ROUTE_LIVE, 0, 0, NULL, NULL, NULL, "hi" },
	    { IN, ROUTE_OFFLINE, 36000, 3, NULL, NULL, NULL, "hi", 0, 0,
	      RESENT } }, "0 1" },
	{ "identical messages on one route are always two", {
	    { IN, ROUTE_LIVE, 0, 0, NULL, NULL, NULL, "hi" },
	    { IN, ROUTE_LIVE, 0, 0, NULL, NULL, NULL, "hi" } }, "0 1" },
	{ "one that has an id is not one that has none", {
	    { IN, ROUTE_LIVE, 0, 0, "a", NULL, NULL, "hi" },
	    { IN, ROUTE_MAM, 10, 0, NULL, NULL, "m1", "hi" } }, "0 1" },
	{ "no id, other content", {
	    { IN, ROUTE_LIVE, 0, 0, NULL, NULL, NULL, "hi" },
	    { IN, ROUTE_MAM, 10, 0, NULL, NULL, "m1", "ho" } }, "0 1" },

	/* Several archive ids for one message. */
	{ "a note to oneself has two ids and is one", {
	    { SELF, ROUTE_MAM, 10, 0, "a", NULL, "m1", "hi" },
	    { SELF, ROUTE_MAM, 10, 1, "a", NULL, "m2", "hi" } }, "0 0" },
	{ "also where the sent copy has no to", {
	    { SELF, ROUTE_CARBON, 0, 0, "a", NULL, "m1", "hi" },
	    { SELF_NO_TO, ROUTE_CARBON, 0, 0, "a", NULL, "m2", "hi" } },
	    "0 0" },
	{ "but not three seconds apart", {
	    { SELF, ROUTE_MAM, 10, 0, "a", NULL, "m1", "hi" },
	    { SELF, ROUTE_MAM, 10, 3, "a", NULL, "m2", "hi" } }, "0 1" },
	{ "nor without an id", {
	    { SELF, ROUTE_MAM, 10, 0, NULL, NULL, "m1", "hi" },
	    { SELF, ROUTE_MAM, 10, 0, NULL, NULL, "m2", "hi" } }, "0 1" },
	{ "a private message to two of our resources in a room is one", {
	    { PM, ROUTE_MAM, 10, 0, "a", NULL, "m1", "hi" },
	    { PM_OTHER, ROUTE_MAM, 10, 1, "a", NULL, "m2", "hi" } }, "0 0" },
	{ "in a direct chat the same are two", {
	    { IN, ROUTE_MAM, 10, 0, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_MAM, 10, 1, "a", NULL, "m2", "hi" } }, "0 1" },
	{ "but one if a stream died then", {
	    { IN, ROUTE_MAM, 50000, 40000, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_MAM, 50000, 40001, "a", NULL, "m2", "hi" } }, "0 0" },

	{ "not what came twice in one stream that lives", {
	    { IN, ROUTE_CARBON, 40010, 0, "1", NULL, "m1", "ok", 7 },
	    { IN, ROUTE_CARBON, 40010, 0, "1", NULL, "m2", "ok", 7 } }, "0 1" },
	{ "nor what came after one that was closed in good order", {
	    { IN, ROUTE_MAM, 70000, 60000, "a", NULL, "m1", "hi" },
	    { IN, ROUTE_MAM, 70000, 60001, "a", NULL, "m2", "hi" } }, "0 1" },

	/* Own sends. */
	{ "what we sent is linked with its archive copy", {
	    { OUT, ROUTE_SENT, 0, 0, "a", "a", NULL, "hi" },
	    { OUT, ROUTE_MAM, 60, 0, "a", "a", "m1", "hi" } }, "0 0" },
	{ "what we sent is linked with the room's reflection", {
	    { GROUP_SENT, ROUTE_SENT, 0, 0, "a", "a", NULL, "hi" },
	    { GROUP_OUT, ROUTE_LIVE, 1, 0, "a", "a", "r1", "hi" },
	    { GROUP_OUT, ROUTE_MAM, 60, 1, "a", "a", "r1", "hi" } },
	    "0 0 0" },
	{ "somebody else who uses our id in a room stays himself", {
	    { GROUP_SENT, ROUTE_SENT, 0, 0, "a", "a", NULL, "hi" },
	    { GROUP, ROUTE_LIVE, 1, 0, "a", "a", "r1", "hi" } }, "0 1" },
};

static void
make_copy(struct arena *a, const struct copy *c, struct record *r)
{
	int64_t stamp = NOON + c->stamp_s * TIME_SECOND;
	const char *by = ME;

	*r = make_message(a, NOON + c->at_s * TIME_SECOND, c->body);
	r->route = c->route;
	r->stanza_id = c->id;
	r->origin_id = c->origin;
	r->stream = (uint64_t)c->stream;
	r->query = (uint64_t)c->query;
	switch (c->shape) {
	case IN:
		break;
	case OUT:
		r->direction = DIRECTION_OUT;
		r->from = ME_HERE;
		r->to = PEER_X;
		break;
	case SELF:
	case SELF_NO_TO:
		r->direction = DIRECTION_OUT;
		r->from = ME_HERE;
		r->to = c->shape == SELF ? ME : NULL;
		r->chat = ME;
		break;
	case GROUP:
	case GROUP_OUT:
	case GROUP_SENT:
		by = ROOM;
		r->type = MESSAGE_GROUPCHAT;
		r->chat_kind = CHAT_ROOM;
		r->chat = ROOM;
		r->from = ROOM "/Romeo";
		if (c->shape == GROUP)
			break;
		r->direction = DIRECTION_OUT;
		r->from = c->shape == GROUP_OUT ? ROOM "/Juliet" : ME_HERE;
		r->to = c->shape == GROUP_OUT ? ME_HERE : ROOM;
		break;
	case PM:
	case PM_OTHER:
		r->chat_kind = CHAT_PRIVATE;
		r->chat = r->from = ROOM "/Romeo";
		if (c->shape == PM_OTHER)
			r->to = "juliet@example.com/other";
		break;
	}
	if (c->aid != NULL)
		make_archive_id(a, r, c->mark == BY_OTHER ? "x.example"
		    : c->mark == BY_ACCOUNT ? ME : by, c->aid,
		    c->mark != UNTRUSTED);
	if (c->mark == BY_BOTH)
		make_archive_id(a, r, ME, "m1", true);
	if (c->route == ROUTE_MAM || c->route == ROUTE_HISTORY)
		r->time_us = r->archive_us = stamp;
	switch (c->mark) {
	case TOMB:
		make_ref(a, r, REF_TOMBSTONE, NULL)->stamp_us = NOON;
		break;
	case RESENT: {
		struct delay *d = arena_alloc(a, sizeof *d);

		d->from = "example.com";
		d->stamp_us = stamp;
		r->delays = d;
		r->delay_count = 1;
		break;
	}
	case OTHER_FROM:
		r->from = "romeo@example.net/elsewhere";
		break;
	case OTHER_TO:
		r->to = "romeo@example.net/elsewhere";
		break;
	case OTHER_TYPE:
		r->type = MESSAGE_NORMAL;
		break;
	case TO_BARE:
		r->to = ME;
		break;
	default:
		break;
	}
}

static int64_t
number(struct store *s, const char *sql, int64_t a)
{
	struct db_stmt *st = db_prepare(store_db(s), sql, NULL);
	int64_t out = -1;

	if (st == NULL)
		return -2;
	db_int(st, 1, a);
	if (db_step(st, NULL) > 0)
		out = db_get_int(st, 0);
	db_free(st);
	return out;
}

/* For the third case: a stream that died at 40000 s after noon, and one that
 * was closed in good order at 60000. */
static void
add_sessions(struct batch *b)
{
	struct gaps_session s = {
		.account = ME, .jid = ME_HERE, .opened_us = NOON - TIME_DAY,
	};
	uint64_t died = gaps_session_open(b, &s);
	uint64_t closed = gaps_session_open(b, &s);

	gaps_session_close(b, died, NOON + 40001 * TIME_SECOND, "gone");
	gaps_session_close(b, closed, NOON + 60001 * TIME_SECOND, NULL);
}

static void
run_case(size_t n, bool is_one_commit)
{
	char name[64], got[64] = "", word[8];
	int64_t messages[COUNT(cases[0].copies)], seen = 0, arrival = 0;
	int64_t seals, broken = 0;
	size_t i, j, known = 0;
	struct arena *a = arena_new();
	struct err err = { 0 };
	struct store *s;
	struct batch *b;
	uint64_t durable;

	snprintf(name, sizeof name, "ident%zu-%d.db", n, is_one_commit);
	s = store_open(help_path(name), STORE_WRITE, 0, &err);
	if (s == NULL) {
		ok(false, "an archive opens: %s", err.text);
		return;
	}
	(void)db_run(store_db(s), "PRAGMA synchronous = OFF", NULL);
	b = batch_new(s);
	add_sessions(b);
	for (i = 0; i < COUNT(cases[n].copies) &&
	    cases[n].copies[i].body != NULL; i++) {
		struct record r;

		make_copy(a, &cases[n].copies[i], &r);
		(void)batch_add(b, &r);
		if (is_one_commit)
			continue;
		if (batch_commit(b, NOON, &durable, &err) != 0)
			ok(false, "%s: %s", cases[n].name, err.text);
		/* What this copy became: a message, a copy, or nothing. */
		arrival = number(s, "SELECT max(arrival) + ?1 FROM seal", 0);
		if (arrival == seen) {
			strcat(got, i > 0 ? " -" : "-");
			continue;
		}
		seen = arrival;
		messages[known] = number(s, "SELECT id FROM message "
		    "WHERE arrival = ?1 UNION ALL SELECT message FROM copy "
		    "WHERE arrival = ?1", arrival);
		for (j = 0; j < known && messages[j] != messages[known]; j++)
			;
		known += j == known;
		snprintf(word, sizeof word, "%s%zu", i > 0 ? " " : "", j);
		strcat(got, word);
	}
	if (!is_one_commit) {
		is_str(got, cases[n].want, cases[n].name);
	} else {
		int64_t want = 0;
		const char *p;

		if (batch_commit(b, NOON, &durable, &err) != 0)
			ok(false, "%s: %s", cases[n].name, err.text);
		for (p = cases[n].want; *p != '\0'; p++)
			if (*p >= '0' + want && *p <= '9')
				want = *p - '0' + 1;
		ok(number(s, "SELECT count(*) + ?1 FROM message", 0) == want,
		    "%s (in one commit)", cases[n].name);
	}
	if (chain_check(store_db(s), &seals, &broken, &err) != 0 || broken != 0)
		ok(false, "%s: the chain holds %s", cases[n].name, err.text);
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
