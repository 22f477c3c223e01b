/* How a stream ends: theirs is read, ours is written. */
#include <stdlib.h>
#include <string.h>

#include "base/hostport.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/names.h"
#include "xml/refusal.h"
#include "xml/write.h"
#include "xmpp/state.h"

/* Our last words; a condition makes it a stream error (RFC 6120 4.9). */
void
end_write(struct stream *s, const char *condition)
{
	struct writer w;

	if (condition != NULL) {
		writer_init(&w, &s->out);
		writer_open(&w, "stream:error");
		writer_open(&w, condition);
		writer_attr(&w, "xmlns", NS_STREAM_ERRORS);
		writer_close(&w);
		writer_close(&w);
	}
	buf_str(&s->out, "</stream:stream>");
}

static void
finish(struct stream *s, const struct fail *f, const char *condition)
{
	/* Before a handshake no more plain text may go out, and after our
	 * </stream:stream> nothing at all. */
	if (s->state != STATE_TLS && s->state != STATE_CLOSING)
		end_write(s, condition);
	state_enter(s, STATE_ENDED);
	state_event(s, STREAM_END);
	s->fail = mem_copy(f, sizeof *f);
}

void
end_ours(struct stream *s, enum fail_where where, const char *condition,
    const char *text)
{
	struct fail f = { .is_ours = true };

	if (s->state == STATE_ENDED)
		return;
	fail_set(&f, where, condition, text, NULL, NULL);
	finish(s, &f, where == FAIL_STREAM ? condition : NULL);
}

void
end_closing(struct stream *s, bool is_answered)
{
	struct fail f = { .is_ours = true };

	if (s->closing[0] != '\0')
		fail_set(&f, FAIL_STREAM, s->closing, NULL, NULL, NULL);
	else
		fail_set(&f, FAIL_ENGINE, "closed-by-us",
		    is_answered ? NULL : "no answer", NULL, NULL);
	f.is_clean = is_answered && s->closing[0] == '\0';
	finish(s, &f, NULL);
}

void
end_theirs(struct stream *s, enum fail_where where, const char *condition,
    const struct node *text)
{
	struct fail f = { .is_ours = false };
	struct arena *a = arena_new();

	fail_set(&f, where, condition,
	    text == NULL ? NULL : node_text(text, a, NULL),
	    text == NULL ? NULL : node_lang(text), NULL);
	finish(s, &f, NULL);
	arena_free(a);
}

/* Whether it is what see-other-host may hold (RFC 6120 4.9.3.19). */
static bool
is_host(const char *host)
{
	struct hostport at;

	return strlen(host) < sizeof ((struct fail *)NULL)->host &&
	    hostport_split(host, &at) == HOSTPORT_GOOD;
}

void
end_stream_error(struct stream *s, const struct node *error)
{
	const struct node *c, *text = NULL;
	const char *condition = NULL, *application = NULL, *host = "";
	struct fail f = { .is_ours = false };
	struct arena *a = arena_new();

	for (c = node_child(error, NULL, NULL); c != NULL;
	     c = node_next(c, NULL, NULL)) {
		if (!node_is(c, NS_STREAM_ERRORS, NULL)) {
			if (application == NULL)
				application = c->name;
		} else if (strcmp(c->name, "text") == 0) {
			if (text == NULL)
				text = c;
		} else if (condition == NULL) {
			condition = c->name;
			host = node_text(c, a, NULL);
		}
	}
	if (s->state == STATE_STARTTLS && !s->features.has_starttls &&
	    str_is(condition, "unsupported-stanza-type")) {
		arena_free(a);
		end_ours(s, FAIL_TLS, "starttls-missing", "");
		return;
	}
	fail_set(&f, FAIL_STREAM,
	    condition == NULL ? "undefined-condition" : condition,
	    /* RFC 3920's ancestors put the words into the error itself. */
	    text != NULL ? node_text(text, a, NULL)
			 : condition == NULL ? node_text(error, a, NULL) : NULL,
	    text == NULL ? NULL : node_lang(text), application);
	/* Behind a login these two are how servers tell that the account was
	 * removed: Prosody "Account deleted", ejabberd "User removed". */
	if (s->is_authenticated && (str_is(f.condition, "not-authorized") ||
	    (str_is(f.condition, "conflict") &&
	    str_is(f.text, "User removed"))))
		f.wait = FAIL_GONE;
	if (f.wait == FAIL_REDIRECT) {
		/* Who is not yet known to be the server sends nobody away. */
		if (s->is_tls && is_host(host))
			memcpy(f.host, host, strlen(host) + 1);
		else
			f.wait = FAIL_RETRY;
	}
	finish(s, &f, NULL);
	arena_free(a);
}

const char *
end_iq_condition(const struct node *iq)
{
	const char *condition;
	struct refusal r;

	refusal_read(iq, &r);
	condition = r.condition != NULL ? r.condition
	    : error_condition_of_code(r.code);
	return condition == NULL ? "undefined-condition" : condition;
}

void
end_iq_error(struct stream *s, enum fail_where where, const struct node *iq)
{
	struct refusal r;

	refusal_read(iq, &r);
	end_theirs(s, where, end_iq_condition(iq), r.text);
}

void
end_unexpected(struct stream *s, const struct node *n)
{
	char *text = mem_printf("<%.60s/> while in state %s", n->name,
	    state_name(s));

	end_ours(s, FAIL_ENGINE, "unexpected", text);
	free(text);
}
