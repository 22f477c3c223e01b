/*
 * paths - which configuration, archive and control socket are meant.
 *
 * The order is that of the command line's contract. Strings are yours.
 */
#ifndef APP_PATHS_H
#define APP_PATHS_H

#include "app/config.h"
#include "base/err.h"

/* -c, $BACKSCROLL_CONFIG, $XDG_CONFIG_HOME, ~/.config, /etc. The first that
 * exists of the last three; where none does, the first. `given` may be NULL.
 * *is_explicit, if not NULL: the person named it (it must exist). */
char *paths_config(const char *given, bool *is_explicit);

/* -f, $BACKSCROLL_ARCHIVE, the configuration's, $XDG_DATA_HOME. c may be
 * NULL. */
char *paths_archive(const char *given, const struct config *c);

/* `given` is -f (its FILE.sock wins), else control-socket, else the archive's
 * path with ".sock". */
char *paths_socket(const char *given, const struct config *c,
    const char *archive);

#endif
