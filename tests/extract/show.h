/* A record as text, every fact on a line, what is absent left out. */
#ifndef TESTS_EXTRACT_SHOW_H
#define TESTS_EXTRACT_SHOW_H

#include "base/buf.h"
#include "model/record.h"

void show_record(struct buf *out, const struct record *r);

#endif
