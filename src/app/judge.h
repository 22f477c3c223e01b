/*
 * judge - whether the values of a configuration make sense, and what they
 * come to. app/config.c reads the file and calls this for each key; the table
 * of keys is judge_shapes, and there is no other.
 */
#ifndef APP_JUDGE_H
#define APP_JUDGE_H

#include <stddef.h>

#include "app/config.h"
#include "app/outline.h"
#include "base/arena.h"

struct judge {
	struct outline *o;
	struct arena *arena;
	const char *dir;	/* of the file: where relative paths begin */
	struct config *config;
	struct config_account *account;	/* being read; NULL: none */
	struct config_room *room;	/* likewise */
	size_t block;		/* in which the key stands */
	const char *key;
	const char *source;	/* the key that gave this block's password */
	bool has_source;	/* the account's block has one */
	bool has_password;	/* some `password` stands in the file itself */
	int password_line;	/* where the first does */
};

extern const struct outline_shape judge_shapes[];

/* A block begins, with its title, and ends. begin is false if the block
 * cannot be read: it is then left out, its problem told. */
bool judge_begin(struct judge *j, const struct outline_shape *shape,
    const char *title);
void judge_end(struct judge *j, const struct outline_shape *shape);

#endif
