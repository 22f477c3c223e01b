/*
 * output - where answers go: standard output, a pager before a terminal, or
 * a file that appears only when it is whole.
 *
 * A reader that goes away is no failure: output_flush() then is -1 with
 * is_gone set, and the command ends quietly.
 */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/command.h"
#include "format/format.h"

struct output {
	struct buf buf;		/* add here */
	int fd;
	pid_t pager;		/* 0: none */
	bool is_terminal;	/* what is written is seen by a person */
	int columns;		/* of the terminal; 0: none */
	bool is_gone;		/* nobody reads any more, or it failed */
	bool is_failed;		/* said */
	char *path, *aside;	/* -o: the file, and what is written first */
};

/* May start the pager. 0 or -1, the reason said. */
int output_open(struct output *o, const struct call *call, bool may_page);
/* -o FILE */
int output_open_file(struct output *o, const char *path);

/* Writes once there is much; output_flush() writes at once. -1: stop. */
int output_more(struct output *o);
int output_flush(struct output *o);

/* Writes the rest, renames the file, waits for the pager. `status` is the
 * command's own; returns the exit status. With any other than 0 (a mistyped
 * query may match nothing) the old file stays. */
int output_close(struct output *o, int status);

/* Of the terminal that a descriptor is; 0: none. */
int output_columns(int fd);

/* What --color, --utc and the terminal come to. */
struct format_options output_options(const struct output *o,
    const struct call *call);

#endif
