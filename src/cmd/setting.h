/*
 * setting - which archive, control socket and accounts are meant, by options,
 * environment and configuration.
 */
#ifndef CMD_SETTING_H
#define CMD_SETTING_H

#include "base/arena.h"
#include "cmd/command.h"

/* Both are yours; socket may be NULL. A configuration that nothing is taken
 * from is not read. 0, or the exit status, the reason said. */
int setting_paths(const struct call *call, char **archive, char **socket);

/* The accounts of -a as bare JIDs, call->account_count of them, in the arena.
 * 0, or the exit status, the reason said. */
int setting_accounts(const struct call *call, struct arena *a,
    const char *const **jids);

#endif
