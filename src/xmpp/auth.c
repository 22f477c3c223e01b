/* Logging in by SASL: RFC 6120 6. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "xml/write.h"
#include "xmpp/state.h"

static struct mechanism_terms
terms_of(const struct stream *s)
{
	return (struct mechanism_terms){
		.allowed = (const char *const *)s->mechanisms,
		.is_encrypted = s->is_tls,
		.may_plain_tcp = s->may_plain_tcp,
		.has_certificate = s->has_certificate,
		.pin_scram = s->pin_scram,
		.pin_plus = s->pin_plus,
		.has_exporter = s->tls.exporter_len > 0,
		.has_unique = s->tls.unique_len > 0,
	};
}

static void
no_mechanism(struct stream *s, const char *condition)
{
	const struct mechanism_offer *offer = &s->features.offer;
	struct buf b = { 0 };
	size_t i;

	buf_str(&b, "offered: ");
	for (i = 0; i < offer->count; i++)
		buf_printf(&b, "%s%s", i > 0 ? ", " : "", offer->names[i]);
	if (offer->count == 0)
		buf_str(&b, "none");
	end_ours(s, FAIL_SASL, condition, b.data);
	buf_clear(&b);
}

void
auth_begin(struct stream *s)
{
	struct mechanism_terms terms = terms_of(s);
	const struct mechanism_offer *offer = &s->features.offer;
	struct mechanism_choice choice;
	const char *condition;

	if (!mechanism_choose(&choice, offer, &terms, &condition)) {
		if (s->may_legacy && mechanism_may_legacy(offer, &terms))
			state_enter(s, STATE_LEGACY_ASK);
		else
			no_mechanism(s, condition);
		return;
	}
	s->mechanism = choice.name;
	s->is_bound_channel = choice.binding != BINDING_NONE;
	s->sasl = sasl_new(&choice, offer, s->local, s->domain, &s->tls);
	if (!choice.wants_password && s->must_say_jid)
		sasl_identity(s->sasl, s->jid);
	state_enter(s, choice.wants_password ? STATE_PASSWORD : STATE_AUTH);
}

/* The library, or what the server said to it, was not good. */
static void
broken(struct stream *s)
{
	end_ours(s, FAIL_SASL, sasl_condition(s->sasl), sasl_text(s->sasl));
}

static void
abort_login(struct stream *s)
{
	buf_str(&s->out, "<abort xmlns='" NS_SASL "'/>");	/* 6.4.4 */
	broken(s);
}

static void
write_step(struct stream *s, const char *name, const char *mechanism,
    struct buf *base64)
{
	struct writer w;

	writer_init(&w, &s->out);
	writer_open(&w, name);
	writer_attr(&w, "xmlns", NS_SASL);
	writer_attr(&w, "mechanism", mechanism);
	if (base64->len > 0)
		writer_text(&w, base64->data);
	writer_close(&w);
	if (base64->data != NULL)
		mem_wipe(base64->data, base64->len);
	buf_clear(base64);
}

void
auth_enter(struct stream *s)
{
	struct buf base64 = { 0 };

	if (sasl_start(s->sasl, &base64) == SASL_BAD) {
		buf_clear(&base64);
		broken(s);
		return;
	}
	write_step(s, "auth", s->mechanism, &base64);
}

void
auth_key(struct stream *s, const unsigned char *key, size_t len)
{
	struct buf base64 = { 0 };

	if (sasl_key(s->sasl, key, len, &base64) == SASL_BAD) {
		buf_clear(&base64);
		abort_login(s);
		return;
	}
	write_step(s, "response", NULL, &base64);
	state_enter(s, STATE_PROOF);
}

static void
on_challenge(struct stream *s, const struct node *n, struct arena *a)
{
	struct buf base64 = { 0 };

	switch (sasl_challenge(s->sasl, node_text(n, a, NULL), &base64)) {
	case SASL_WANT_KEY:
		state_enter(s, STATE_KEY);
		return;
	case SASL_SEND:
	case SASL_DONE:
		write_step(s, "response", NULL, &base64);
		state_enter(s, STATE_PROOF);
		return;
	case SASL_BAD:
		buf_clear(&base64);
		abort_login(s);
		return;
	}
}

static bool
is_space(const char *s, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", *s) != NULL && *s != '\0') {
		s++;
		len--;
	}
	return len == 0;
}

static void
on_success(struct stream *s, const struct node *n, struct arena *a)
{
	const char *rest;
	size_t len;

	if (sasl_success(s->sasl, node_text(n, a, NULL)) != SASL_DONE) {
		broken(s);
		return;
	}
	len = parse_rest(s->parse, &rest);
	if (!is_space(rest, len)) {
		end_ours(s, FAIL_ENGINE, "unexpected",
		    "bytes between success and the new stream");
		return;
	}
	sasl_free(s->sasl);
	s->sasl = NULL;
	s->is_authenticated = true;
	state_wipe_output(s);
	state_event(s, STREAM_AUTHENTICATED);
	state_restart(s);
}

static void
on_failure(struct stream *s, const struct node *n)
{
	const struct node *c;
	const char *condition = "not-authorized";	/* an empty one: 3920 */

	for (c = node_child(n, NS_SASL, NULL); c != NULL;
	     c = node_next(c, NS_SASL, NULL))
		if (strcmp(c->name, "text") != 0) {
			condition = c->name;
			break;
		}
	end_theirs(s, FAIL_SASL, condition, node_child(n, NS_SASL, "text"));
}

void
auth_element(struct stream *s, const struct node *n)
{
	struct arena *a = arena_new();

	if (node_is(n, NS_SASL, "challenge"))
		on_challenge(s, n, a);
	else if (node_is(n, NS_SASL, "success"))
		on_success(s, n, a);
	else if (node_is(n, NS_SASL, "failure"))
		on_failure(s, n);
	else
		end_unexpected(s, n);
	arena_free(a);
}
