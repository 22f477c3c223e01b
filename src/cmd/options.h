/*
 * options - the words of the command line, by the rules of the contract.
 *
 * Options come before or after the verb, long ones as `--name VALUE` or
 * `--name=VALUE`. In commands that take a query a short option stands by
 * itself (only -n -A -B -C take attached digits) and any other word that
 * begins with one dash belongs to the query; elsewhere short options may be
 * joined (`-qv`, `-fFILE`). Nor is a word an option beside a query that has
 * two dashes and then no name (`-- said she`). All after `--` are words.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include "cmd/command.h"

/* 0, or the exit status to end with, the reason said. The words of a command
 * that is elsewhere are only looked at for --help. */
int options_parse(struct call *call, int argc, char **argv);
void options_clear(struct call *call);

#endif
