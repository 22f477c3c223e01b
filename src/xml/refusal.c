#include "xml/refusal.h"

#include <string.h>

#include "base/str.h"
#include "xml/ns.h"

static bool
has_words(const struct node *n)
{
	const struct node *c;

	for (c = n->children; c != NULL; c = c->next)
		if (c->name == NULL && strspn(c->text, " \t\r\n") < c->text_len)
			return true;
	return false;
}

void
refusal_read(const struct node *stanza, struct refusal *out)
{
	const struct node *error = node_child(stanza, NS_CLIENT, "error"), *n;
	const char *code;
	unsigned number;

	*out = (struct refusal){ .error = error };
	if (error == NULL)
		return;
	for (n = node_child(error, NS_STANZAS, NULL); n != NULL;
	     n = node_next(n, NS_STANZAS, NULL)) {
		if (strcmp(n->name, "text") != 0) {
			if (out->condition == NULL)
				out->condition = n->name;
		} else if (out->text == NULL && has_words(n)) {
			out->text = n;
		}
	}
	if (out->text == NULL && has_words(error))
		out->text = error;
	code = node_attr(error, "code");
	if (code != NULL && str_to_u32(code, &number) && number <= 999)
		out->code = (int)number;
}
