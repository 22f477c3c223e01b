/*
 * ctl - the control socket's line protocol, both ends' framing.
 *
 *   request   VERB [NAME=VALUE]...			one line
 *   reply     zero or more records, each "NAME=VALUE" lines and an empty
 *             line; then one line "ok" or "error CODE SENTENCE"
 *
 * Values are percent-encoded (RFC 3986 unreserved characters and / @ : are
 * left), UTF-8, so no value can break a line. A line is at most 64 KiB, a
 * request at most one line. `status watch=1` keeps the connection and sends a
 * reply at every change.
 *
 * CODE is the exit status that the command line shall end with: 2 wrong
 * input, 3 could not be done, 1 not there.
 */
#ifndef APP_CTL_H
#define APP_CTL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum { CTL_LINE_MOST = 64 << 10 };

/* Writing. */
void ctl_request(struct buf *out, const char *verb);	/* opens the line */
void ctl_argument(struct buf *out, const char *name, const char *value);
void ctl_end(struct buf *out);				/* ends the line */
void ctl_field(struct buf *out, const char *name, const char *value);
void ctl_record_end(struct buf *out);
void ctl_ok(struct buf *out);
void ctl_error(struct buf *out, int code, const char *sentence);

/* Reading. */
enum ctl_kind { CTL_FIELD, CTL_RECORD_END, CTL_OK, CTL_ERROR, CTL_REQUEST };
struct ctl_pair { char *name, *value; };
struct ctl_line {
	enum ctl_kind kind;
	char *verb;		/* REQUEST */
	struct ctl_pair pairs[32];	/* REQUEST: arguments; FIELD: the one */
	size_t pair_count;
	int code;		/* ERROR */
	char *text;		/* ERROR */
};

/* Takes one line off the front of `in`. 1: a line; 0: not yet whole; -1: not
 * a line of this protocol, or too long. Strings are freed by ctl_line_clear. */
int ctl_read_reply(struct buf *in, struct ctl_line *line);
int ctl_read_request(struct buf *in, struct ctl_line *line);
void ctl_line_clear(struct ctl_line *line);
const char *ctl_line_get(const struct ctl_line *line, const char *name);

/* The client's end, blocking: connects (ERR_ABSENT: no service). */
int ctl_connect(const char *path, struct err *err);

#endif
