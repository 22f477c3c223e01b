/*
 * outline - the configuration's text gone over before libconfuse sees it.
 *
 * libconfuse stops at the first mistake, counts a line with a comment more
 * than once, takes an unclosed block for the end of the file, skips over
 * characters it does not expect, lets an unset ${VARIABLE} be nothing, and
 * its scanner stays inside a string that was not closed, so that the next
 * reload would be read as one. So this reads the same tokens first. It knows
 * where everything stands and says what is wrong with the form; and it writes
 * down again, for libconfuse, only what it has understood.
 *
 * In that text a block's title is its number here, and its real title is the
 * key OUTLINE_TITLE in it: so two equal titles stay two blocks, and whoever
 * walks libconfuse's tree finds the line of everything.
 */
#ifndef APP_OUTLINE_H
#define APP_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define OUTLINE_TITLE	"block-title"

enum outline_kind { OUTLINE_ONE, OUTLINE_LIST, OUTLINE_BLOCK };

struct judge;

/* What may stand in a block: a table ended by a NULL name. `take` is for
 * whoever walks the result: what to do with the values (app/judge.h). */
struct outline_shape {
	const char *name;
	enum outline_kind kind;
	const struct outline_shape *inside;	/* OUTLINE_BLOCK */
	void (*take)(struct judge *j, char **values, size_t count);
};

struct outline_key {
	size_t block;
	const struct outline_shape *shape;
	int line;
	int *value_lines;
	size_t value_count;
	bool is_bad;		/* reported already, and not in the text */
};

struct outline_block {
	const struct outline_shape *shape;	/* NULL: the file itself */
	size_t parent;
	int line;
};

struct outline {
	struct outline_block *blocks;	/* [0] is the file */
	size_t block_count;
	struct outline_key *keys;
	size_t key_count;
	struct buf text;
	struct buf *problems;		/* "PATH:LINE: what" lines */
	const char *path;
	bool is_shallow;
	bool is_inside;			/* reading in a block now */
};

/* Appends to problems what it finds. `is_shallow`: what is wrong within a
 * block is nobody's concern, as long as it is seen where the block ends.
 * path is borrowed. */
void outline_read(struct outline *o, const char *path, const char *s,
    size_t len, const struct outline_shape *shapes, bool is_shallow,
    struct buf *problems);
void outline_clear(struct outline *o);		/* the text is wiped */

/* The line of a key in a block; of its value number i; the block's own. */
int outline_line(const struct outline *o, size_t block, const char *key);
int outline_value_line(const struct outline *o, size_t block, const char *key,
    size_t i);

/* Adds one problem. Line 0: the file as a whole. */
void outline_problem(struct outline *o, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
