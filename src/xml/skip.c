#include "xml/skip.h"

#include <stdbool.h>
#include <string.h>

enum { IN_TEXT, AFTER_LT, IN_START, IN_QUOTES, IN_END, AFTER_BANG, IN_CDATA };

void
skip_start(struct skip *s)
{
	*s = (struct skip){ .state = IN_TEXT };
}

static void
after_lt(struct skip *s, char c)
{
	s->state = c == '/' ? IN_END : c == '!' ? AFTER_BANG : IN_START;
	s->last = c;
	s->matched = 0;
}

/* Returns true when the element has ended. */
static bool
in_start(struct skip *s, char c)
{
	if (c == '\'' || c == '"') {
		s->quote = c;
		s->state = IN_QUOTES;
	} else if (c == '>') {
		s->state = IN_TEXT;
		if (s->last != '/')
			s->depth++;
		return s->depth == 0;
	}
	s->last = c;
	return false;
}

static bool
in_end(struct skip *s, char c)
{
	if (c != '>')
		return false;
	s->state = IN_TEXT;
	if (s->depth > 0)
		s->depth--;
	return s->depth == 0;
}

static void
in_cdata(struct skip *s, char c)
{
	if (c == ']') {
		if (s->matched < 2)
			s->matched++;
	} else if (c == '>' && s->matched == 2)
		s->state = IN_TEXT;
	else
		s->matched = 0;
}

enum skip_result
skip_feed(struct skip *s, const char *data, size_t len, size_t *used)
{
	static const char cdata[] = "[CDATA[";
	const char *p = data, *end = data + len, *found;
	bool is_done = false;

	while (p < end && !is_done) {
		char c = *p;

		switch (s->state) {
		case IN_TEXT:
			found = memchr(p, '<', (size_t)(end - p));
			if (found == NULL) {
				p = end;
				continue;
			}
			p = found;
			s->state = AFTER_LT;
			break;
		case AFTER_LT:
			if (c == '?')
				return SKIP_RESTRICTED;
			after_lt(s, c);
			break;
		case IN_START:
			is_done = in_start(s, c);
			break;
		case IN_QUOTES:
			found = memchr(p, s->quote, (size_t)(end - p));
			if (found == NULL) {
				p = end;
				continue;
			}
			p = found;
			s->state = IN_START;
			s->last = s->quote;
			break;
		case IN_END:
			is_done = in_end(s, c);
			break;
		case AFTER_BANG:
			if (c != cdata[s->matched])
				return SKIP_RESTRICTED;
			if (cdata[++s->matched] == '\0') {
				s->state = IN_CDATA;
				s->matched = 0;
			}
			break;
		case IN_CDATA:
			in_cdata(s, c);
			break;
		}
		p++;
	}
	*used = (size_t)(p - data);
	return is_done ? SKIP_DONE : SKIP_MORE;
}
