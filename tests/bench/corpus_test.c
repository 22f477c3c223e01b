/* The corpus is what the table of `make bench` says it is. */
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "tests/bench/corpus.h"
#include "tests/tap.h"

enum { MESSAGES = 20000 };

static void
generate(uint64_t seed, struct buf *out, size_t *bodies)
{
	struct corpus *c = corpus_new(seed, 0);
	struct corpus_message m;
	int i;

	*bodies = 0;
	corpus_address(c, "a0000@bench.example", "a0000@bench.example/bench",
	    seed);
	for (i = 0; i < MESSAGES; i++) {
		corpus_next(c, &m);
		if (i == MESSAGES - 1)
			corpus_end(c, &m);
		*bodies += m.body_len;
		corpus_stanza(&m, out);
	}
	corpus_free(c);
}

static bool
is_well_formed(const struct buf *stanzas)
{
	XML_Parser p = XML_ParserCreateNS(NULL, '|');
	bool good;

	good = XML_Parse(p, "<stream>", 8, 0) == XML_STATUS_OK &&
	    XML_Parse(p, stanzas->data, (int)stanzas->len, 0) ==
	    XML_STATUS_OK && XML_Parse(p, "</stream>", 9, 1) == XML_STATUS_OK;
	XML_ParserFree(p);
	return good;
}

int
main(void)
{
	struct buf first = { 0 }, again = { 0 }, other = { 0 };
	size_t bodies;
	double mean;

	generate(2, &other, &bodies);
	generate(1, &again, &bodies);
	generate(1, &first, &bodies);
	ok(first.len == again.len &&
	    memcmp(first.data, again.data, first.len) == 0,
	    "one seed gives the same stanzas twice");
	ok(first.len != other.len, "another seed gives others");
	ok(str_is_utf8(first.data, first.len, NULL), "all of it is UTF-8");
	ok(is_well_formed(&first), "all of it is well-formed");
	mean = (double)first.len / MESSAGES;
	ok(mean > 497 && mean < 517, "a stanza has about 507 bytes: %.1f",
	    mean);
	mean = (double)bodies / MESSAGES;
	ok(mean > 72 && mean < 78, "a body has about 75 bytes: %.1f", mean);
	ok(strstr(strstr(first.data, CORPUS_END) + 1, CORPUS_END) == NULL,
	    "the last word stands only in the last message");
	buf_clear(&first);
	buf_clear(&again);
	buf_clear(&other);
	return done();
}
