/*
 * state - what one output remembers, and the table's rows.
 */
#ifndef FORMAT_STATE_H
#define FORMAT_STATE_H

#include <stdint.h>

#include "format/format.h"

struct format {
	struct format_options o;
	int day;		/* the last one shown: YYYYMMDD; 0: none */
};

struct format *state_new(const struct format_options *o);
void state_free(struct format *f);

extern const struct format_kind format_text, format_json;

#endif
