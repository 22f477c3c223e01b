/*
 * rows - a message, or one more copy of one, in its tables. Only for store/.
 */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <stdint.h>

#include "base/err.h"
#include "store/inside.h"

int rows_message(struct put *p, const struct incoming *in, struct err *err);
int rows_copy(struct put *p, const struct incoming *in, int64_t message,
    enum put_how how, struct err *err);

#endif
