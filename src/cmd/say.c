#include "cmd/say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "app/notice.h"
#include "cmd/command.h"

static bool is_quiet;

static void
say_line(const char *prefix, const char *format, va_list ap)
{
	struct buf line = { 0 };

	notice_line(&line, prefix, format, ap);
	fputs(line.data, stderr);
	buf_clear(&line);
}

void
say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say_line("backscroll: ", format, ap);
	va_end(ap);
}

void
say_advice(const char *format, ...)
{
	va_list ap;

	if (is_quiet)
		return;
	va_start(ap, format);
	say_line("  ", format, ap);
	va_end(ap);
}

void
say_item(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say_line("  ", format, ap);
	va_end(ap);
}

void
say_quietly(bool quiet)
{
	is_quiet = quiet;
}

int
say_status(const struct err *err)
{
	return err->code == ERR_INPUT ? EXIT_USAGE : EXIT_UNABLE;
}

int
say_err(const struct err *err)
{
	say("%s", err->text);
	return say_status(err);
}

int
say_usage(const char *verb, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say_line("backscroll: ", format, ap);
	va_end(ap);
	if (verb != NULL)
		say_advice("`backscroll help %s` tells what it takes.", verb);
	else
		say_advice("`backscroll help` lists the commands.");
	return EXIT_USAGE;
}
