/*
 * make - records for tests of the store, without a parser.
 */
#ifndef TESTS_STORE_MAKE_H
#define TESTS_STORE_MAKE_H

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/time.h"
#include "model/record.h"

#define ME	"juliet@example.com"
#define ME_HERE	"juliet@example.com/balcony"
#define PEER	"romeo@example.net"
#define PEER_X	"romeo@example.net/orchard"
#define ROOM	"garden@rooms.example.com"

/* 2024-01-15T12:00:00Z */
#define NOON	INT64_C(1705320000000000)

/* A chat message from the peer; the test changes what it is about. */
__attribute__((unused)) static struct record
make_message(struct arena *a, int64_t at_us, const char *body)
{
	struct record r = {
		.account = ME,
		.kind = RECORD_MESSAGE,
		.route = ROUTE_LIVE,
		.received_us = at_us,
		.time_us = at_us,
		.stream = 0,
		.from = PEER_X,
		.to = ME_HERE,
		.chat = PEER,
		.chat_kind = CHAT_DIRECT,
		.type = MESSAGE_CHAT,
		.lang = "en",
	};
	unsigned char hash[DIGEST_SHA256];

	if (body != NULL) {
		struct text *t = arena_alloc(a, sizeof *t);

		t->lang = "en";
		t->text = arena_str(a, body);
		t->len = strlen(body);
		r.bodies = t;
		r.body_count = 1;
		digest_sha256(hash, body, strlen(body));
		memcpy(r.content_hash, hash, sizeof r.content_hash);
	}
	r.raw = arena_printf(a, "<message xmlns='jabber:client'><body>%s"
	    "</body></message>", body != NULL ? body : "");
	r.raw_len = strlen(r.raw);
	return r;
}

__attribute__((unused)) static void
make_archive_id(struct arena *a, struct record *r, const char *by,
    const char *id, bool is_trusted)
{
	struct archive_id *ids = arena_array(a, r->archive_id_count + 1,
	    sizeof *ids);

	if (r->archive_id_count > 0)
		memcpy(ids, r->archive_ids, r->archive_id_count * sizeof *ids);
	ids[r->archive_id_count].by = by;
	ids[r->archive_id_count].id = id;
	ids[r->archive_id_count].is_trusted = is_trusted;
	r->archive_ids = ids;
	r->archive_id_count++;
}

__attribute__((unused)) static struct ref *
make_ref(struct arena *a, struct record *r, enum ref_kind kind, const char *id)
{
	struct ref *refs = arena_array(a, r->ref_count + 1, sizeof *refs);

	if (r->ref_count > 0)
		memcpy(refs, r->refs, r->ref_count * sizeof *refs);
	refs[r->ref_count].kind = kind;
	refs[r->ref_count].id = id;
	r->refs = refs;
	return &refs[r->ref_count++];
}

#endif
