/*
 * command - the commands: each file of this directory that is named after a
 * verb ends in its entry; main.c lists them, and help comes out of them.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses: done; nothing found; wrongly asked; it could not be done. */
enum { EXIT_DONE = 0, EXIT_NOTHING = 1, EXIT_USAGE = 2, EXIT_UNABLE = 3 };

/* What was typed. Strings point into argv. */
struct call {
	const struct command *command;
	/* Common to all. */
	const char *config, *archive;
	const char **accounts;
	size_t account_count;
	const char *format, *format_version, *color;
	bool no_pager, utc, verbose, quiet, help, version;
	/* The commands' own. */
	long limit;			/* -n; 0: none */
	bool oldest_first, count, literal, all, raw, ids, presence, watch;
	const char *since, *until, *output, *wait;
	long timeout_s;			/* -1: none */
	/* The rest. */
	const char **words;
	size_t word_count;
};

enum { WORDS_ANY = 1 << 30 };

enum option_kind {
	OPTION_FLAG,		/* bool */
	OPTION_TEXT,		/* const char * */
	OPTION_COUNT,		/* long, from 1 */
	OPTION_SECONDS,		/* long, from 0 */
	OPTION_ACCOUNT,		/* joins call.accounts */
	OPTION_ELSEWHERE,	/* backscrolld's: only for help */
};

struct option_row {
	char letter;			/* 0: none */
	const char *name;		/* NULL: only the letter */
	const char *argument;		/* NULL: takes none */
	enum option_kind kind;
	size_t offset;			/* in struct call */
	const char *help;
};

#define OPTION(letter, name, argument, kind, field, help) \
	{ letter, name, argument, kind, offsetof(struct call, field), help }
#define OPTION_END	{ 0, NULL, NULL, OPTION_FLAG, 0, NULL }

enum command_needs {
	NEEDS_ARCHIVE = 1,	/* opened before run() */
	NEEDS_SOCKET = 2,	/* the running service */
	NEEDS_QUERY = 4,	/* words are a query or a text: see options.h */
	IS_ELSEWHERE = 8,	/* backscrolld is executed */
};

struct reader;			/* cmd/reader.h */

struct command {
	const char *name, *arguments, *summary;
	const char *more;		/* a paragraph, or NULL */
	unsigned needs;
	size_t words_least, words_most;	/* how many; most 0: none */
	const struct option_row *options;
	const char *examples[2];
	/* The exit status. `r` is NULL without NEEDS_ARCHIVE. */
	int (*run)(const struct call *call, struct reader *r);
};

extern const struct command *const command_table[];	/* NULL-ended */
extern const struct option_row command_common[];
const struct command *command_find(const char *name);

extern const struct command command_search, command_log, command_show,
    command_chats, command_export, command_presence, command_status,
    command_reload;
extern const struct command *const command_elsewhere[];	/* elsewhere.c */

#endif
