#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
err_set(struct err *err, enum err_code code, const char *format, ...)
{
	va_list ap;

	if (err == NULL)
		return -1;
	err->code = code;
	err->sys_errno = 0;
	va_start(ap, format);
	vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	return -1;
}

int
err_errno(struct err *err, const char *format, ...)
{
	int saved = errno;
	size_t len;
	va_list ap;

	if (err == NULL)
		return -1;
	err->code = saved == ENOSPC || saved == EDQUOT || saved == EROFS
	    ? ERR_FULL : ERR_SYSTEM;
	err->sys_errno = saved;
	va_start(ap, format);
	vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s",
	    strerror(saved));
	return -1;
}

int
err_prefix(struct err *err, const char *format, ...)
{
	char old[sizeof err->text];
	size_t len;
	va_list ap;

	if (err == NULL)
		return -1;
	memcpy(old, err->text, sizeof old);
	va_start(ap, format);
	vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	len = strlen(err->text);
	if (len + 2 < sizeof err->text)
		snprintf(err->text + len, sizeof err->text - len, ": %.*s",
		    (int)(sizeof err->text - len - 3), old);
	return -1;
}

void
err_clear(struct err *err)
{
	if (err != NULL)
		*err = (struct err){ 0 };
}
