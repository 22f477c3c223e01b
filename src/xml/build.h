/*
 * build - the tree of one stanza while it comes in.
 *
 * What parse.c does with expat's callbacks, without expat: names are cut,
 * text is gathered into one node between two tags, positions are made
 * relative to the stanza. Embedded by value; build_init() first.
 *
 * Ownership  The arena is made with the first thing put in, and passes to
 *            whoever takes it and calls build_forget().
 */
#ifndef XML_BUILD_H
#define XML_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "xml/node.h"

enum { BUILD_SEPARATOR = 0xff };	/* "uri SEP local SEP prefix" */

/* What a wrapper may take: <message><result><forwarded>, and its bytes. */
enum { BUILD_WRAPPER_DEPTH = 3, BUILD_WRAPPER_LEN = 16 << 10 };

struct build {
	struct arena *arena;
	struct node_raw *raw;
	struct node *top, *open;
	struct node *first;	/* top's first child element, */
	uint64_t first_end;	/* and the end of its start tag */
	uint64_t top_at;	/* the stanza's first byte in the stream */
	uint64_t tag_end;	/* the last tag's end */
	/* A carbon or an archive result: what it may take; else 0. */
	int wrapper_depth;
	size_t wrapper_len;
	struct node_decl *decls, **decls_end;	/* of the element to come */
	size_t decl_count;
	struct buf text;
};

void build_init(struct build *b);
void build_forget(struct build *b);	/* the arena is somebody else's now */
void build_clear(struct build *b);	/* and the arena with it */

/* A stanza begins at `at`, within these declarations and this language. */
void build_begin(struct build *b, const struct node_decl *around,
    const char *lang, uint64_t at);

void build_declare(struct build *b, const char *prefix, const char *uri);
/* Attributes in pairs, NULL-ended; those beyond `most` are dropped. Returns
 * how many attributes and declarations there were. */
size_t build_open(struct build *b, const char *name, const char **attrs,
    size_t most, uint64_t start, uint64_t end);
void build_text(struct build *b, const char *s, size_t len);
/* `start` is where the end tag begins. */
void build_close(struct build *b, uint64_t start, uint64_t end);

/* Of the stanza only start tags are wanted: its own, and that of its first
 * child element if that ended within the first `most` bytes. */
void build_prune(struct build *b, size_t most);

/* Only a name is known, from the first bytes of an endless start tag. */
void build_name(struct build *b, const char *tag, size_t len);

/* The stanza's bytes, copied. */
void build_raw(struct build *b, const char *data, size_t len);

/* A copy of a list of declarations in one block, to be freed. */
struct node_decl *build_decls(const struct node_decl *from);

#endif
