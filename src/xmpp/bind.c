/* Resource binding (RFC 6120 7) and the session of RFC 3921 3. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "xml/write.h"
#include "xmpp/state.h"

static void
ask(struct stream *s, const char *name, const char *ns, const char *res)
{
	struct writer w;

	writer_init(&w, &s->out);
	writer_open(&w, "iq");
	writer_attr(&w, "type", "set");
	writer_attr(&w, "id", state_id(s));
	writer_open(&w, name);
	writer_attr(&w, "xmlns", ns);
	writer_leaf(&w, "resource", res);
	writer_close(&w);
	writer_close(&w);
}

void
bind_ask(struct stream *s)
{
	ask(s, "bind", NS_BIND, s->resource);
}

static void
on_bound(struct stream *s, const struct node *n)
{
	struct arena *a = arena_new();
	const char *text = node_child_text(node_child(n, NS_BIND, "bind"),
	    NS_BIND, "jid", a);
	struct jid jid = jid_parse(a, text);

	if (!jid.is_valid || jid.resource == NULL ||
	    strcmp(jid.bare, s->jid) != 0) {
		end_ours(s, FAIL_BIND, "other-account", text);
	} else {
		free(s->full);
		s->full = mem_str(jid.full);
		state_enter(s, s->features.needs_session ? STATE_SESSION
							 : STATE_ONLINE);
	}
	arena_free(a);
}

void
bind_answer(struct stream *s, const struct node *n)
{
	int answer = state_answer(s, n);

	if (answer == 0)
		return;
	if (answer > 0) {
		on_bound(s, n);
	} else if (s->resource != NULL &&
	    strcmp(end_iq_condition(n), "conflict") == 0) {
		/* RFC 6120 7.7.2.2: let the server choose. */
		free(s->resource);
		s->resource = NULL;
		state_enter(s, STATE_BIND);
	} else {
		end_iq_error(s, FAIL_BIND, n);
	}
}

void
bind_session_ask(struct stream *s)
{
	ask(s, "session", NS_SESSION, NULL);
}

void
bind_session_answer(struct stream *s, const struct node *n)
{
	int answer = state_answer(s, n);

	if (answer > 0)
		state_enter(s, STATE_ONLINE);
	else if (answer < 0)
		end_iq_error(s, FAIL_BIND, n);
}
