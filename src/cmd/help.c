#include "cmd/help.h"

#include <string.h>

#include "query/fields.h"

static void
put_row(struct buf *out, const char *left, const char *right)
{
	size_t len = strlen(left);

	buf_printf(out, "  %s", left);
	if (len >= 26)
		buf_printf(out, "\n%*s", 28, "");
	else
		buf_printf(out, "%*s", (int)(26 - len), "");
	buf_printf(out, "%s\n", right);
}

/* "-n N", "-c, --config FILE", "    --utc". */
static void
put_options(struct buf *out, const struct option_row *row)
{
	for (; row != NULL && row->help != NULL; row++) {
		struct buf left = { 0 };

		if (row->letter != '\0')
			buf_printf(&left, "-%c%s", row->letter,
			    row->name != NULL ? ", " : "");
		else
			buf_str(&left, "    ");
		if (row->name != NULL)
			buf_printf(&left, "--%s", row->name);
		if (row->argument != NULL)
			buf_printf(&left, " %s", row->argument);
		put_row(out, left.data, row->help);
		buf_clear(&left);
	}
}

static void
put_commands(struct buf *out, const struct command *const *c)
{
	for (; *c != NULL; c++) {
		struct buf left = { 0 };

		buf_printf(&left, "%s%s%s", (*c)->name,
		    (*c)->arguments[0] != '\0' ? " " : "", (*c)->arguments);
		put_row(out, left.data, (*c)->summary);
		buf_clear(&left);
	}
}

void
help_all(struct buf *out)
{
	buf_str(out, "usage: backscroll COMMAND [OPTION]... [ARGUMENT]...\n\n"
	    "Reading the archive, and asking the service\n");
	put_commands(out, command_table);
	buf_str(out, "\nThe service and its accounts\n");
	put_commands(out, command_elsewhere);
	buf_str(out, "\nOptions of all commands\n");
	put_options(out, command_common);
	buf_str(out, "\n`backscroll help COMMAND` tells more about one.\n");
}

/* The query language's own table. */
static void
put_prefixes(struct buf *out)
{
	size_t count, i;
	const struct field *fields = fields_all(&count);

	buf_str(out, "\nPrefixes of a query\n");
	for (i = 0; i < count; i++) {
		struct buf left = { 0 };

		buf_printf(&left, "%s:", fields[i].name);
		if (fields[i].alias != NULL)
			buf_printf(&left, " %s:", fields[i].alias);
		put_row(out, left.data, fields[i].help);
		buf_clear(&left);
	}
}

void
help_command(struct buf *out, const struct command *c)
{
	size_t i;

	buf_printf(out, "usage: backscroll %s [OPTION]...%s%s\n\n", c->name,
	    c->arguments[0] != '\0' ? " " : "", c->arguments);
	buf_printf(out, "%c%s.\n", c->summary[0] >= 'a' &&
	    c->summary[0] <= 'z' ? c->summary[0] - ('a' - 'A')
	    : c->summary[0], c->summary + 1);
	if (c->more != NULL)
		buf_printf(out, "%s\n", c->more);
	if (c->options != NULL && c->options->help != NULL) {
		buf_str(out, "\nOptions\n");
		put_options(out, c->options);
	}
	if ((c->needs & (NEEDS_QUERY | NEEDS_ARCHIVE)) ==
	    (NEEDS_QUERY | NEEDS_ARCHIVE))
		put_prefixes(out);
	buf_str(out, "\nOptions of all commands\n");
	put_options(out, command_common);
	buf_str(out, "\nExamples\n");
	for (i = 0; i < 2; i++)
		buf_printf(out, "  %s\n", c->examples[i]);
}
