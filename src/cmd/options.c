#include "cmd/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "cmd/say.h"

const struct option_row command_common[] = {
	OPTION('c', "config", "FILE", OPTION_TEXT, config,
	    "the configuration"),
	OPTION('f', "archive", "FILE", OPTION_TEXT, archive, "the archive"),
	OPTION('a', "account", "JID", OPTION_ACCOUNT, accounts,
	    "only this account (may be repeated)"),
	OPTION(0, "format", "FORMAT", OPTION_TEXT, format,
	    "text (default) or json"),
	OPTION(0, "format-version", "N", OPTION_TEXT, format_version,
	    "the version of json's keys that is wanted: 1"),
	OPTION(0, "color", "WHEN", OPTION_TEXT, color,
	    "auto (default), always or never"),
	OPTION(0, "no-pager", NULL, OPTION_FLAG, no_pager,
	    "write to the terminal itself"),
	OPTION(0, "utc", NULL, OPTION_FLAG, utc, "times in UTC"),
	OPTION('v', "verbose", NULL, OPTION_FLAG, verbose,
	    "more diagnostics"),
	OPTION('q', "quiet", NULL, OPTION_FLAG, quiet, "fewer diagnostics"),
	OPTION(0, "help", NULL, OPTION_FLAG, help, "this help"),
	OPTION(0, "version", NULL, OPTION_FLAG, version, "the version"),
	OPTION_END
};

struct parser {
	struct call *call;
	int argc, at;
	char **argv;
};

static const char *
verb(const struct parser *p)
{
	return p->call->command != NULL ? p->call->command->name : NULL;
}

/* A row of the command's own table, or of the common one. */
static const struct option_row *
find(const struct parser *p, char letter, const char *name, size_t len)
{
	const struct option_row *tables[] = { p->call->command != NULL
		? p->call->command->options : NULL, command_common };
	const struct option_row *row;
	size_t i;

	for (i = 0; i < COUNT(tables); i++)
		for (row = tables[i]; row != NULL && row->help != NULL; row++)
			if (name == NULL ? row->letter == letter
			    : row->name != NULL &&
			    strlen(row->name) == len &&
			    memcmp(row->name, name, len) == 0)
				return row;
	return NULL;
}

static int
take_number(struct parser *p, const struct option_row *row,
    const char *option, const char *value, long least)
{
	long *into = (long *)(void *)((char *)p->call + row->offset);
	long long n;

	if (!str_to_i64(value, &n) || n < least || n > 1000000000)
		return say_usage(verb(p), "%s: %s is not a number from %ld "
		    "on", option, value, least);
	*into = (long)n;
	return 0;
}

/* `option` is as it was typed, for messages. */
static int
take(struct parser *p, const struct option_row *row, const char *option,
    const char *value)
{
	struct call *c = p->call;
	void *into = (char *)c + row->offset;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)into = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)into = value;
		return 0;
	case OPTION_COUNT:
		return take_number(p, row, option, value, 1);
	case OPTION_SECONDS:
		return take_number(p, row, option, value, 0);
	case OPTION_ACCOUNT:
		c->accounts[c->account_count++] = value;
		return 0;
	case OPTION_ELSEWHERE:
		break;
	}
	return 0;
}

/* The value of an option that wants one: attached, or the next word. */
static int
value_of(struct parser *p, const char *option, const char *attached,
    const char **value)
{
	*value = attached;
	if (attached != NULL)
		return 0;
	if (p->at == p->argc)
		return say_usage(verb(p), "%s: a value is missing", option);
	*value = p->argv[p->at++];
	return 0;
}

static int
take_long(struct parser *p, const char *word)
{
	const char *name = word + 2, *value = NULL;
	size_t len = strcspn(name, "=");
	const char *attached = name[len] == '=' ? name + len + 1 : NULL;
	const struct option_row *row = find(p, 0, name, len);
	char *option;
	int status;

	if (row == NULL)
		return say_usage(verb(p), "--%.*s: unknown option", (int)len,
		    name);
	option = mem_printf("--%s", row->name);
	if (row->argument == NULL && attached != NULL)
		status = say_usage(verb(p), "%s: takes no value", option);
	else if (row->argument == NULL)
		status = take(p, row, option, NULL);
	else if ((status = value_of(p, option, attached, &value)) == 0)
		status = take(p, row, option, value);
	free(option);
	return status;
}

/* One word of short options where they may be joined. */
static int
take_short(struct parser *p, const char *word)
{
	const struct option_row *row;
	const char *value, *s;
	char option[3] = "-";
	int status;

	for (s = word + 1; *s != '\0'; s++) {
		option[1] = *s;
		row = find(p, *s, NULL, 0);
		if (row == NULL)
			return say_usage(verb(p), "%.2s: unknown option",
			    word[2] == '\0' ? word : option);
		if (row->argument == NULL) {
			status = take(p, row, option, NULL);
			if (status != 0)
				return status;
			continue;
		}
		status = value_of(p, option, s[1] != '\0' ? s + 1 : NULL,
		    &value);
		return status != 0 ? status : take(p, row, option, value);
	}
	return 0;
}

static bool
is_digits(const char *s)
{
	return *s != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* Beside a query: an option by itself, or -n5, which is one in any command
 * even if this one does not know it. False: the query's. */
static bool
is_lone_short(const struct parser *p, const char *word)
{
	if (strchr("nABC", word[1]) != NULL)
		return word[2] == '\0' || is_digits(word + 2);
	return word[2] == '\0' && find(p, word[1], NULL, 0) != NULL;
}

static int
take_verb(struct parser *p, const char *word)
{
	/* `help VERB` is VERB --help. */
	if (strcmp(word, "help") == 0 && !p->call->help) {
		p->call->help = true;
		return 0;
	}
	p->call->command = command_find(word);
	if (p->call->command == NULL)
		return say_usage(NULL, "%s: no such command", word);
	return 0;
}

/* A command of backscrolld reads its own words; we only look for --help,
 * where it is not the value of an option. */
static void
look_for_help(struct parser *p)
{
	while (p->at < p->argc) {
		const char *word = p->argv[p->at++];
		const struct option_row *row = NULL;

		if (strcmp(word, "--") == 0)
			return;
		if (strcmp(word, "--help") == 0)
			p->call->help = true;
		if (strcmp(word, "--version") == 0)
			p->call->version = true;
		if (strncmp(word, "--", 2) == 0 && strchr(word, '=') == NULL)
			row = find(p, 0, word + 2, strlen(word + 2));
		else if (word[0] == '-' && word[1] != '\0' && word[2] == '\0')
			row = find(p, word[1], NULL, 0);
		if (row != NULL && row->argument != NULL)
			p->at++;
	}
}

/* Whether a word begins as an option may; what was pasted as one word
 * (`-- said she`) is none beside a query. */
static bool
is_long(const struct parser *p, const char *word)
{
	const struct command *c = p->call->command;
	size_t len;

	if (strncmp(word, "--", 2) != 0)
		return false;
	len = strspn(word + 2, "abcdefghijklmnopqrstuvwxyz-");
	return c == NULL || !(c->needs & NEEDS_QUERY) || (word[2] != '-' &&
	    len > 0 && (word[2 + len] == '=' || word[2 + len] == '\0'));
}

static int
take_word(struct parser *p, const char *word)
{
	struct call *c = p->call;

	if (is_long(p, word))
		return take_long(p, word);
	if (word[0] == '-' && word[1] != '\0' && (c->command == NULL ||
	    !(c->command->needs & NEEDS_QUERY) || is_lone_short(p, word)))
		return take_short(p, word);
	if (c->command == NULL)
		return take_verb(p, word);
	c->words[c->word_count++] = word;
	return 0;
}

int
options_parse(struct call *call, int argc, char **argv)
{
	struct parser p = { .call = call, .argc = argc, .at = 1,
		.argv = argv };
	int status = 0;

	*call = (struct call){ .timeout_s = -1 };
	call->accounts = mem_array((size_t)argc + 1, sizeof *call->accounts);
	call->words = mem_array((size_t)argc + 1, sizeof *call->words);
	while (p.at < argc && status == 0) {
		const char *word = argv[p.at++];

		if (call->command != NULL &&
		    call->command->needs & IS_ELSEWHERE) {
			p.at--;
			look_for_help(&p);
			break;
		}
		if (strcmp(word, "--") == 0) {
			while (p.at < argc && status == 0) {
				word = argv[p.at++];
				if (call->command == NULL)
					status = take_verb(&p, word);
				else
					call->words[call->word_count++] = word;
			}
			break;
		}
		status = take_word(&p, word);
	}
	return status;
}

void
options_clear(struct call *call)
{
	free(call->accounts);
	free(call->words);
}
