/*
 * copy - a record of one's own, in an arena. Only for store/.
 */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "base/arena.h"
#include "model/record.h"

struct record *copy_record(struct arena *a, const struct record *r);

#endif
