/*
 * Fuzzes xml/: whatever the bytes and however they are cut, the same events
 * come of them, and each stanza's own bytes stand alone with its meaning.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "xml/node.h"
#include "xml/parse.h"
#include "xml/write.h"

const char *const fuzz_seeds[] = { "tests/xml/hostile", NULL };

static void
stands_alone(const struct node *n)
{
	struct arena *a = arena_new();
	struct buf bytes = { 0 }, one = { 0 }, two = { 0 };
	const struct node *again;
	const char *why;

	node_bytes(n, &bytes);
	again = parse_element(a, bytes.data, bytes.len, &why);
	if (again == NULL)
		abort();
	write_node(&one, n);
	write_node(&two, again);
	if (one.len != two.len || memcmp(one.data, two.data, one.len) != 0)
		abort();
	buf_clear(&bytes);
	buf_clear(&one);
	buf_clear(&two);
	arena_free(a);
}

static void
pull(struct parse *p, struct buf *out)
{
	struct parse_event ev;
	const char *rest;

	while (parse_next(p, &ev)) {
		buf_printf(out, "%d %zu %s ", (int)ev.kind, ev.full_len,
		    ev.kind == PARSE_ERROR ? ev.condition : "");
		if (ev.node != NULL)
			write_node(out, ev.node);
		if (ev.kind == PARSE_STANZA)
			stands_alone(ev.node);
		arena_free(ev.arena);
		if (ev.kind == PARSE_STANZA)
			parse_rest(p, &rest);
	}
}

static void
parse_cut(struct buf *out, const char *data, size_t len, size_t step,
    size_t most)
{
	struct parse *p = parse_new(most);
	size_t at, n;

	for (at = 0; at < len; at += n) {
		n = step < len - at ? step : len - at;
		parse_feed(p, data + at, n);
		pull(p, out);
	}
	parse_eof(p);
	pull(p, out);
	parse_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *in = (const char *)data;
	struct buf whole = { 0 }, cut = { 0 };

	if (len == 0)
		return 0;
	parse_cut(&whole, in, len, len, 0);
	parse_cut(&cut, in, len, 1, 0);
	if (whole.len != cut.len ||
	    (whole.len > 0 && memcmp(whole.data, cut.data, whole.len) != 0))
		abort();
	/* A stanza that is both broken and too long may be either. */
	parse_cut(&cut, in, len, 1, 20);
	parse_cut(&cut, in, len, 7, 200);
	buf_clear(&whole);
	buf_clear(&cut);
	return 0;
}
