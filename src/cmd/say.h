/*
 * say - what goes to standard error: `backscroll: WHAT: WHY`, then advice.
 */
#ifndef CMD_SAY_H
#define CMD_SAY_H

#include <stdbool.h>

#include "base/err.h"

/* One line; control characters made visible. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What to do about it; not with --quiet. */
void say_advice(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One of a list that belongs to what was said. */
void say_item(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_quietly(bool quiet);

/* Says the error, and gives the exit status for its code. */
int say_err(const struct err *err);
int say_status(const struct err *err);

/* Wrong usage: the sentence, and where help is. Returns 2. */
int say_usage(const char *verb, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
