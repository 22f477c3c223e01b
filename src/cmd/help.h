/*
 * help - usage and help, out of the table of commands.
 */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include "base/buf.h"
#include "cmd/command.h"

void help_all(struct buf *out);
void help_command(struct buf *out, const struct command *c);

#endif
