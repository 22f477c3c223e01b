/*
 * setting - which archive and control socket are meant, by options,
 * environment and configuration.
 */
#ifndef CMD_SETTING_H
#define CMD_SETTING_H

#include "cmd/command.h"

/* Both are yours; socket may be NULL. A configuration that nothing is taken
 * from is not read. 0, or the exit status, the reason said. */
int setting_paths(const struct call *call, char **archive, char **socket);

#endif
