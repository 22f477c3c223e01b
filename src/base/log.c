#include "base/log.h"

#include <stdarg.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/unicode.h"

static log_sink log_out;
static enum log_level log_most;

void
log_to(log_sink sink, enum log_level most)
{
	log_out = sink;
	log_most = most;
}

void
log_at(enum log_level level, const char *who, const char *format, ...)
{
	struct buf line = { 0 }, safe = { 0 };
	va_list ap;

	if (log_out == NULL || level > log_most)
		return;
	if (who != NULL)
		buf_printf(&line, "%s: ", who);
	va_start(ap, format);
	buf_vprintf(&line, format, ap);
	va_end(ap);
	unicode_visible(&safe, line.data, line.len);
	log_out(level, safe.data);
	buf_clear(&line);
	buf_clear(&safe);
}
