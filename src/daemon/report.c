#include "daemon/report.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app/notice.h"
#include "base/log.h"

static bool is_journal, is_quiet;

static void
say(const char *prefix, const char *format, va_list ap)
{
	struct buf line = { 0 };

	notice_line(&line, prefix, format, ap);
	fputs(line.data, stderr);
	buf_clear(&line);
}

void
report(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say("backscroll: ", format, ap);
	va_end(ap);
}

void
report_advice(const char *format, ...)
{
	va_list ap;

	if (is_quiet)
		return;
	va_start(ap, format);
	say("  ", format, ap);
	va_end(ap);
}

static void
to_stderr(enum log_level level, const char *line)
{
	/* syslog's numbers: err, warning, info, debug. */
	static const char *const journal[] = { "<3>", "<4>", "<6>", "<7>" };
	char stamp[32];
	time_t now;
	struct tm tm;

	if (is_journal) {
		fprintf(stderr, "%s%s\n", journal[level], line);
		return;
	}
	now = time(NULL);
	localtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(stderr, "%s %s\n", stamp, line);
}

void
report_logs(int verbosity)
{
	is_journal = getenv("JOURNAL_STREAM") != NULL;
	is_quiet = verbosity < 0;
	log_to(to_stderr, verbosity < 0 ? LOG_ERROR :
	    verbosity == 0 ? LOG_INFO : LOG_DEBUG);
}
