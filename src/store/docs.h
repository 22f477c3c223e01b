/*
 * docs - the full-text documents of a batch's messages. Only for store/.
 *
 * They are collected and written in order of their rowids at the end: FTS5
 * flushes its buffer whenever a rowid goes down.
 */
#ifndef STORE_DOCS_H
#define STORE_DOCS_H

#include <stdint.h>

#include "base/err.h"
#include "store/inside.h"

void docs_add(struct put *p, const struct incoming *in, int64_t message);
int docs_write(struct put *p, struct err *err);

#endif
