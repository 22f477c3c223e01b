/*
 * parse - the stream's XML, incrementally, through expat.
 *
 * Bytes in, events out, pulled. One parser serves one stream; at a restart
 * (STARTTLS, SASL) free it and make a new one: nothing of the old stream may
 * survive (RFC 6120 4.3.3): what somebody put in before TLS would count as
 * said within it.
 *
 * Restricted XML (RFC 6120 11.1): a DTD, a processing instruction, a comment
 * or an entity beyond the five stops the stream. So does a root that is not a
 * stream. A stanza longer than `stanza_most`, nested beyond 64 levels (the
 * root is one) or with more than 128 attributes and declarations on one
 * element is not built: it arrives as PARSE_OVERSIZE with the first bytes
 * kept, and the stream goes on behind it. Otherwise one such message in a
 * server's spool would end every stream to come. A message that comes in a
 * carbon (XEP-0280) or an archive result (XEP-0313) has as much room as it
 * had by itself: there the limits are wider by what the wrapper takes, 3
 * levels and 16 KB.
 *
 * Ownership  A node and its raw bytes live in the event's arena, which the
 *            event's owner frees with arena_free(). Nothing else is handed
 *            out.
 * Errors     PARSE_ERROR is the last event; every later feed is ignored.
 * Blocking   Never. Nothing is parsed before it is pulled: parse_feed() only
 *            keeps, and at most one event waits. Pull all events between
 *            feeds and it stays small (expat gets slices of 2 KB, because it
 *            never gives memory back).
 */
#ifndef XML_PARSE_H
#define XML_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "xml/node.h"

enum { PARSE_DEPTH_MOST = 64, PARSE_ATTRS_MOST = 128,
	PARSE_STANZA_MOST = 10 << 20, PARSE_OVERSIZE_KEPT = 64 << 10,
	PARSE_SLICE = 2048 };

enum parse_event_kind {
	PARSE_NONE,		/* feed more */
	PARSE_OPEN,		/* the stream's start tag: node, without children */
	PARSE_STANZA,		/* a whole child of the root: node */
	PARSE_OVERSIZE,		/* one beyond the limits: raw, node is its start
				 * tag (if that was too long itself, without
				 * attributes) and, as only child, the start
				 * tag of its first child element, if that
				 * lies within `raw`: whose archive's result
				 * it was can still be told */
	PARSE_CLOSE,		/* </stream:stream> */
	PARSE_ERROR,		/* condition and text */
};

struct parse_event {
	enum parse_event_kind kind;
	struct arena *arena;		/* yours; NULL for NONE, CLOSE, ERROR */
	const struct node *node;
	struct node_raw raw;		/* what was kept */
	size_t full_len;		/* OVERSIZE: the stanza's whole length */
	unsigned char sha256[32];	/* OVERSIZE: of the whole stanza */
	const char *condition;		/* ERROR: RFC 6120 4.9.3 name to send */
	char text[160];			/* ERROR: for people */
};

struct parse *parse_new(size_t stanza_most);	/* 0: PARSE_STANZA_MOST */
void parse_free(struct parse *p);		/* NULL is fine */

void parse_feed(struct parse *p, const char *data, size_t len);
/* Nothing more will come: what was fed is still to be pulled, an unfinished
 * stanza is not counted, and there is no event for it. */
void parse_eof(struct parse *p);

/* The next event; false when there is none. */
bool parse_next(struct parse *p, struct parse_event *ev);

/* What has been fed and lies behind the event pulled last: at a restart it
 * must be nothing. Not yet looked at; valid until the next call. */
size_t parse_rest(const struct parse *p, const char **data);

/* One whole element from bytes that stand alone (a stored raw stanza). NULL
 * with *text set when it is not well-formed or breaks a limit; the text is
 * static or in the arena. */
const struct node *parse_element(struct arena *a, const char *data, size_t len,
    const char **text);

#endif
