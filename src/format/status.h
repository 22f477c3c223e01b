/*
 * status - how one account's state is written: by `status`, and by `check
 * --connect`, which adds what is missing for a complete archive.
 *
 * The facts come as text, by the names that the JSON has (catch_up as
 * catch_up_done and catch_up_total, moments as microseconds, truths as 1 or
 * 0, lists one item a line); NULL is not known.
 */
#ifndef FORMAT_STATUS_H
#define FORMAT_STATUS_H

#include "base/buf.h"
#include "format/format.h"

struct status_facts {
	const char *(*get)(const void *arg, const char *name);
	const void *arg;
	bool has_missing;	/* the key "missing" is written */
};

void status_json(const struct status_facts *f, struct buf *out);
void status_text(const struct status_facts *f, const struct format_options *o,
    struct buf *out);

#endif
