#include "query/text.h"

#include <string.h>

#include "base/str.h"
#include "base/unicode.h"

/* The class of the last character of the folded text that is part of a
 * token; OTHER if none is. */
static enum unicode_class
last_class(const char *text)
{
	struct buf folded = { 0 };
	enum unicode_class last = UNICODE_OTHER, here;
	size_t i, n;
	unsigned c;

	unicode_fold(&folded, text, strlen(text));
	for (i = 0; i < folded.len; i += n) {
		n = str_utf8_next(folded.data + i, folded.len - i, &c);
		here = unicode_class(c);
		if (here != UNICODE_OTHER && here != UNICODE_JOINER)
			last = here;
	}
	buf_clear(&folded);
	return last;
}

bool
text_has_words(const char *text)
{
	return last_class(text) != UNICODE_OTHER;
}

void
text_match(struct buf *out, const char *columns, const char *text,
    bool is_prefix)
{
	const char *s;

	buf_printf(out, "%s : \"", columns);
	for (s = text; *s != '\0'; s++) {
		if (*s == '"')
			buf_char(out, '"');
		buf_char(out, *s);
	}
	buf_char(out, '"');
	if (is_prefix || last_class(text) == UNICODE_DENSE)
		buf_str(out, " *");
}
