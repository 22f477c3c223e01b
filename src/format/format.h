/*
 * format - how entries are written: a table of {name, begin, message, ...}.
 *
 * Formats append to a buffer; the command writes it. A format knows the
 * model and nothing of the archive, files or terminals beyond the options.
 */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/entry.h"

struct format_options {
	bool is_color, is_utc;
	bool has_ids;		/* print archive ids (text) */
	bool has_raw;		/* xml (json) */
	bool is_each;		/* records, not shown messages (--all, export) */
	bool has_account;	/* several accounts: name them (text) */
	bool has_chat;		/* messages of several chats: name them (text) */
	int columns;		/* of the terminal; 0: do not wrap */
	int64_t now_us;
};

struct format;		/* the state of one output: last day, last speaker */

struct format_kind {
	const char *name, *summary;
	struct format *(*begin)(const struct format_options *o);
	void (*end)(struct format *f, struct buf *out);	/* frees f */
	void (*message)(struct format *f, const struct entry_message *m,
	    struct buf *out);
	void (*details)(struct format *f, const struct entry_message *m,
	    struct buf *out);		/* `show`: everything */
	void (*presence)(struct format *f, const struct entry_presence *p,
	    struct buf *out);
	void (*chat)(struct format *f, const struct entry_chat *c,
	    struct buf *out);
};

extern const struct format_kind *const format_table[];	/* NULL-ended */
const struct format_kind *format_find(const char *name);

#endif
