#include <string.h>

#include "extract/inside.h"
#include "xml/refusal.h"

/* Without the blanks around them. */
static const char *
words(struct extraction *x, const struct node *n)
{
	const char *text = node_text(n, x->a, NULL);
	size_t len;

	text += strspn(text, " \t\r\n");
	for (len = strlen(text); len > 0; len--)
		if (strchr(" \t\r\n", text[len - 1]) == NULL)
			break;
	return arena_strn(x->a, text, len);
}

/* RFC 6120 8.3, and XEP-0086 for those who send a number alone. */
void
fault_read(struct extraction *x)
{
	struct stanza_error *e = &x->r->error;
	struct refusal r;

	x->r->has_error = true;
	refusal_read(x->stanza, &r);
	if (r.error == NULL)
		return;
	e->type = extract_attr(r.error, "type");
	e->by = extract_jid(x, r.error, "by");
	e->code = r.code;
	e->condition = r.condition;
	if (r.text == r.error) {
		e->text = words(x, r.text);
	} else if (r.text != NULL) {
		e->text = node_text(r.text, x->a, NULL);
		e->text_lang = texts_lang(x, r.text);
	}
	if (e->condition == NULL)
		e->condition = error_condition_of_code(e->code);
	if (e->type == NULL)
		e->type = error_type_of_code(e->code);
}
