/*
 * list - messages from the archive to the output: what search, log and export
 * have in common.
 */
#ifndef CMD_LIST_H
#define CMD_LIST_H

#include "cmd/output.h"
#include "cmd/reader.h"

/* --format; NULL and *status 2, the reason said, for an unknown one. Once
 * main.c has asked, nobody else needs to look at *status. */
const struct format_kind *list_format(const struct call *call, int *status);

/* Writes at most `limit` (0: all) messages with ids from least_id on. The
 * exit status: 0 something matched, 1 nothing, 3 with the reason said. A
 * reader that went away is no error. */
int list_messages(struct reader *r, const struct read_select *select,
    int64_t least_id, long limit, const struct format_kind *kind,
    const struct format_options *options, struct output *o);

#endif
