#include <string.h>

#include "base/str.h"
#include "extract/inside.h"

/* XMPP before 1.0 wrote the words into the error itself. */
static const char *
old_text(struct extraction *x, const struct node *error)
{
	const char *text = node_text(error, x->a, NULL);
	size_t len;

	text += strspn(text, " \t\r\n");
	for (len = strlen(text); len > 0; len--)
		if (strchr(" \t\r\n", text[len - 1]) == NULL)
			break;
	return len == 0 ? NULL : arena_strn(x->a, text, len);
}

/* RFC 6120 8.3, and XEP-0086 for those who send a number alone. */
void
fault_read(struct extraction *x)
{
	const struct node *error = node_child(x->stanza, NS_CLIENT, "error");
	struct stanza_error *e = &x->r->error;
	const struct node *n;
	const char *code;
	unsigned number;

	x->r->has_error = true;
	if (error == NULL)
		return;
	e->type = extract_attr(error, "type");
	e->by = extract_jid(x, error, "by");
	code = node_attr(error, "code");
	if (code != NULL && str_to_u32(code, &number) && number <= 999)
		e->code = (int)number;
	for (n = error->children; n != NULL; n = n->next) {
		if (n->name == NULL || strcmp(n->ns, NS_STANZAS) != 0)
			continue;
		if (strcmp(n->name, "text") != 0) {
			if (e->condition == NULL)
				e->condition = n->name;
		} else if (e->text == NULL) {
			e->text = node_text(n, x->a, NULL);
			e->text_lang = texts_lang(x, n);
		}
	}
	if (e->text == NULL || *e->text == '\0')
		e->text = old_text(x, error);
	if (e->text == NULL)
		e->text_lang = NULL;
	if (e->condition == NULL)
		e->condition = error_condition_of_code(e->code);
	if (e->type == NULL)
		e->type = error_type_of_code(e->code);
}
