/*
 * fill - ten years of chats into an archive, through the store alone.
 *
 * usage: fill ARCHIVE COUNT
 *
 * Ends on 2026-01-01, in order of time, two fifths of the messages our own.
 * Says "fill wall_s=S".
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/time.h"
#include "store/batch.h"
#include "store/store.h"
#include "tests/bench/corpus.h"

#define ACCOUNT "a0000@bench.example"
static const struct time_fields end = { .year = 2026, .month = 1, .day = 1 };
static const int64_t span_us = 3652 * TIME_DAY;

/* What extract/ would make of the stanza. The record borrows everything. */
static void
add(struct batch *b, const struct corpus_message *m, int64_t time_us,
    struct buf *raw)
{
	struct text body = { m->lang_tag, m->body, m->body_len, false };
	struct archive_id aid = { m->is_room ? m->chat : m->account,
		m->archive_id, true };
	unsigned char sum[DIGEST_SHA256];
	struct record r = {
		.account = m->account, .kind = RECORD_MESSAGE,
		.route = m->is_out ? ROUTE_CARBON : ROUTE_LIVE,
		.received_us = time_us + 1234, .time_us = time_us,
		.archive_us = m->is_out ? time_us : 0,
		.from = m->from, .to = m->to, .chat = m->chat,
		.chat_kind = m->is_room ? CHAT_ROOM : CHAT_DIRECT,
		.direction = m->is_out ? DIRECTION_OUT : DIRECTION_IN,
		.stanza_id = m->id, .origin_id = m->id,
		.archive_ids = &aid, .archive_id_count = 1,
		.lang = m->lang_tag,
		.type = m->is_room ? MESSAGE_GROUPCHAT : MESSAGE_CHAT,
		.bodies = &body, .body_count = 1,
		.thread = m->thread[0] != '\0' ? m->thread : NULL,
		.chat_state = m->is_active ? STATE_ACTIVE : STATE_NONE,
		.wants_receipt = m->wants_receipt,
		.wants_marker = m->wants_receipt,
		.nick = m->nick,
	};

	buf_reset(raw);
	corpus_stanza(m, raw);
	r.raw = raw->data;
	r.raw_len = raw->len;
	digest_sha256(sum, raw->data, raw->len);
	memcpy(r.content_hash, sum, sizeof r.content_hash);
	batch_add(b, &r);
}

int
main(int argc, char **argv)
{
	struct corpus *c;
	struct corpus_message m;
	struct buf raw = { 0 };
	struct store *store;
	struct batch *b;
	struct err err;
	int64_t start_us, first_us, step_us;
	uint64_t durable;
	long i, count;

	if (argc != 3 || (count = strtol(argv[2], NULL, 10)) <= 0) {
		fprintf(stderr, "usage: fill ARCHIVE COUNT\n");
		return 2;
	}
	start_us = clock_mono_us();
	c = corpus_new(1, 40);
	corpus_address(c, ACCOUNT, ACCOUNT "/bench", 1);
	if ((store = store_open(argv[1], STORE_WRITE, 1000, &err)) == NULL)
		errx(1, "%s", err.text);
	b = batch_new(store);
	step_us = span_us / count;
	first_us = time_join(&end) - span_us;
	for (i = 0; i < count; i++) {
		corpus_next(c, &m);
		/* The ends of the ids are as good as drawn. */
		add(b, &m, first_us + i * step_us +
		    (m.id[0] * 256 + m.id[1]) % step_us, &raw);
		if ((batch_count(b) == BATCH_ROWS || i == count - 1) &&
		    batch_commit(b, clock_wall_us(), &durable, &err) != 0)
			errx(1, "%s", err.text);
	}
	batch_free(b);
	store_close(store);
	buf_clear(&raw);
	corpus_free(c);
	printf("fill wall_s=%.3f\n",
	    (double)(clock_mono_us() - start_us) / 1e6);
	return 0;
}
