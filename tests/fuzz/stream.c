/*
 * Fuzzes xmpp/: whatever a server says, the stream ends once, with a
 * sentence, and nothing comes after.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/fuzz/fuzz.h"
#include "xmpp/stream.h"

const char *const fuzz_seeds[] = { "tests/fuzz/stream", NULL };

static const char *const ids[] = { "id1", "id2", "id3", "id4", NULL };
static const char *const digest[] = { "DIGEST-MD5", NULL };
static const char *const none[] = { NULL };

static const struct stream_options variants[] = {
	{ .jid = "juliet@example.com", .resource = "balcony", .id_seed = ids },
	{ .jid = "juliet@example.com", .id_seed = ids, .is_tls = true,
	  .stanza_most = 200 },
	{ .jid = "juliet@example.com", .id_seed = ids, .may_plain_tcp = true,
	  .mechanisms = digest },
	{ .jid = "juliet@example.com", .id_seed = ids, .is_tls = true,
	  .mechanisms = none, .may_legacy = true },
};

static const struct stream_tls tls = {
	.version = "TLSv1.2", .unique = (const unsigned char *)"finished",
	.unique_len = 8,
};

/* Does what is asked for; true when the stream is over. */
static bool
pull(struct stream *s, int64_t now_us, bool is_over)
{
	static const unsigned char key[32] = { 1 };
	struct stream_event ev;

	while (stream_next(s, &ev)) {
		if (is_over)
			abort();
		switch (ev.kind) {
		case STREAM_WANT_TLS:
			stream_tls(s, &tls, now_us);
			break;
		case STREAM_WANT_PASSWORD:
			stream_password(s, "secret", now_us);
			break;
		case STREAM_WANT_KEY:
			stream_key(s, key, strcmp(ev.key.hash, "SHA-1") == 0
			    ? 20 : 32, now_us);
			break;
		case STREAM_END:
			is_over = true;
			if (ev.fail.sentence[0] == '\0')
				abort();
			break;
		default:
			break;
		}
		arena_free(ev.arena);
		buf_reset(stream_output(s));
	}
	return is_over;
}

static void
converse(const struct stream_options *o, const char *data, size_t len,
    size_t step)
{
	struct stream *s = stream_new(o, 0);
	int64_t now_us = 0;
	bool is_over = false;
	size_t at, n;

	for (at = 0; at < len; at += n) {
		n = step < len - at ? step : len - at;
		stream_feed(s, data + at, n, ++now_us);
		is_over = pull(s, now_us, is_over);
	}
	stream_eof(s, true, ++now_us);
	if (!pull(s, now_us, is_over))
		abort();
	stream_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < COUNT(variants); i++) {
		converse(&variants[i], (const char *)data, len, 17);
		converse(&variants[i], (const char *)data, len, len + 1);
	}
	return 0;
}
