#include "app/notice.h"

#include "base/unicode.h"

void
notice_line(struct buf *out, const char *prefix, const char *format, va_list ap)
{
	struct buf text = { 0 };

	buf_vprintf(&text, format, ap);
	buf_str(out, prefix);
	unicode_visible(out, text.data, text.len);
	buf_char(out, '\n');
	buf_clear(&text);
}
