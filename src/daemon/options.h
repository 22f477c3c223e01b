/*
 * options - the command line of the talking verbs.
 *
 * `backscroll` executes backscrolld with the person's own words, so the rules
 * are the common ones: options before or after the verb, `--` ends them.
 * Strings point into argv.
 */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct options {
	const char *verb;
	const char *config, *archive;
	const char **accounts;		/* as typed; account_count of them */
	size_t account_count;
	bool is_json, is_connect;
	int verbosity;			/* -1 quiet, 0, 1 verbose, 2 ... */
	bool wants_help, wants_version;
};

/* 0, or the exit status to end with (2), the reason already told. */
int options_parse(struct options *o, int argc, char **argv);
void options_clear(struct options *o);

#endif
