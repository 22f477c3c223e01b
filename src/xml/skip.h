/*
 * skip - finds the end of an element that nobody wants to build.
 *
 * A stanza beyond the limits must neither end the stream nor cost memory: a
 * server would send it again at each login. So it is passed over by counting
 * tags, in constant space, whatever its depth and the length of its tags.
 * That it is well-formed besides is not looked at.
 */
#ifndef XML_SKIP_H
#define XML_SKIP_H

#include <stddef.h>
#include <stdint.h>

enum skip_result {
	SKIP_MORE,		/* all bytes taken, the element goes on */
	SKIP_DONE,		/* *used bytes belong to the element */
	SKIP_RESTRICTED,	/* a comment, a PI or a declaration inside */
};

struct skip {
	int state;
	char quote;
	char last;		/* the byte before, inside a start tag */
	unsigned matched;	/* bytes of "[CDATA[" or "]]>" seen */
	uint64_t depth;
};

/* The next byte fed is the element's `<`. */
void skip_start(struct skip *s);

enum skip_result skip_feed(struct skip *s, const char *data, size_t len,
    size_t *used);

#endif
