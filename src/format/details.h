/*
 * details - one message whole, as text: what `show` prints.
 */
#ifndef FORMAT_DETAILS_H
#define FORMAT_DETAILS_H

#include "format/format.h"

void details_message(struct format *f, const struct entry_message *m,
    struct buf *out);

#endif
