/*
 * status - how one account of the service is shown. The records' fields are
 * named as the keys of the JSON; one that is absent is not known.
 */
#ifndef CMD_STATUS_H
#define CMD_STATUS_H

#include "base/buf.h"
#include "cmd/service.h"
#include "format/format.h"

void status_json(const struct service_record *r, struct buf *out);
void status_text(const struct service_record *r,
    const struct format_options *o, struct buf *out);

#endif
