/*
 * verbs - the talking verbs, one file each ending in its entry.
 */
#ifndef DAEMON_VERBS_H
#define DAEMON_VERBS_H

#include "app/config.h"
#include "daemon/options.h"

struct verb {
	const char *name;
	const char *usage;
	int (*run)(const struct options *o);	/* the exit status */
};

extern const struct verb verb_run, verb_check;

/* Reads the configuration that is meant; NULL with the reasons told, and
 * *status the exit status to end with. */
struct config *verbs_config(const struct options *o, int *status);

/* Whether the certificates and keys that it names can be used; what is wrong
 * is appended, a line each. Reads files. */
bool verbs_files(const struct config *c, struct buf *problems);

/* The accounts of -a, prepared; each must be configured. NULL with the reason
 * told. *count may be 0: all. free() the array and its strings. */
char **verbs_accounts(const struct options *o, const struct config *c,
    size_t *count);
void verbs_accounts_free(char **accounts, size_t count);

#endif
