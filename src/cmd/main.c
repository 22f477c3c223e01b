/*
 * backscroll - what people type. The verbs that read the archive are here,
 * those that talk to a server are executed (elsewhere.c).
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cmd/command.h"
#include "cmd/elsewhere.h"
#include "cmd/help.h"
#include "cmd/list.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "cmd/reader.h"
#include "cmd/say.h"

const struct command *const command_table[] = {
	&command_search,
	&command_log,
	&command_show,
	&command_chats,
	&command_presence,
	&command_export,
	&command_status,
	&command_reload,
	NULL
};

const struct command *
command_find(const char *name)
{
	const struct command *const *tables[] = { command_table,
		command_elsewhere };
	const struct command *const *c;
	size_t i;

	for (i = 0; i < sizeof tables / sizeof tables[0]; i++)
		for (c = tables[i]; *c != NULL; c++)
			if (strcmp((*c)->name, name) == 0)
				return *c;
	return NULL;
}

/* Help and version, to standard output. */
static int
print(const struct call *call)
{
	struct output o;

	output_open(&o, call, false);
	if (call->version && !call->help)
		buf_str(&o.buf, "backscroll " PACKAGE_VERSION "\n");
	else if (call->command != NULL)
		help_command(&o.buf, call->command);
	else
		help_all(&o.buf);
	return output_close(&o, EXIT_DONE);
}

static int
usage(void)
{
	struct buf out = { 0 };

	help_all(&out);
	fputs(out.data, stderr);
	buf_clear(&out);
	return EXIT_USAGE;
}

/* What can be wrong with any command, before anything is opened. */
static int
check(const struct call *call)
{
	const struct command *c = call->command;
	int status;

	if (call->word_count < c->words_least)
		return say_usage(c->name, "%s: %s is missing", c->name,
		    c->arguments);
	if (call->word_count > c->words_most)
		return say_usage(c->name, "%s: %s: a word too many", c->name,
		    call->words[c->words_most]);
	if (call->color != NULL && strcmp(call->color, "auto") != 0 &&
	    strcmp(call->color, "always") != 0 &&
	    strcmp(call->color, "never") != 0)
		return say_usage(c->name, "--color: %s is not one of auto, "
		    "always, never", call->color);
	if (call->format_version != NULL &&
	    strcmp(call->format_version, "1") != 0)
		return say_usage(c->name, "--format-version: %s is not known "
		    "here; 1 is", call->format_version);
	list_format(call, &status);
	return status;
}

static int
run(const struct call *call)
{
	struct reader r;
	int status = check(call);

	if (status != 0)
		return status;
	if (!(call->command->needs & NEEDS_ARCHIVE))
		return call->command->run(call, NULL);
	status = reader_open(&r, call);
	if (status == 0)
		status = call->command->run(call, &r);
	reader_close(&r);
	return status;
}

int
main(int argc, char **argv)
{
	struct call call;
	int status;

	/* A reader that goes away is an EPIPE, and no reason to die. */
	signal(SIGPIPE, SIG_IGN);
	status = options_parse(&call, argc, argv);
	say_quietly(call.quiet);
	if (status == 0) {
		if (call.help || call.version)
			status = print(&call);
		else if (call.command == NULL)
			status = usage();
		else if (call.command->needs & IS_ELSEWHERE) {
			signal(SIGPIPE, SIG_DFL);
			status = elsewhere_exec(argv);
		} else
			status = run(&call);
	}
	options_clear(&call);
	return status;
}
