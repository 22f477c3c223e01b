/* The table of states and what is done in the plainest of them. */
#include "xmpp/state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "xml/write.h"

/* Nobody who has not logged in needs more (RFC 6120 13.12 asks for 10000). */
enum { STANZA_MOST_BEFORE = 256 << 10 };

static void starttls_enter(struct stream *s);
static void tls_enter(struct stream *s);
static void password_enter(struct stream *s);
static void key_enter(struct stream *s);
static void online_enter(struct stream *s);
static void closing_enter(struct stream *s);
static void ended_enter(struct stream *s);
static void on_features(struct stream *s, const struct node *n);
static void on_starttls(struct stream *s, const struct node *n);

static const struct row {
	const char *name;
	int patience_s;		/* 0: for ever */
	void (*enter)(struct stream *);
	/* NULL: nothing but a stream error may come. */
	void (*element)(struct stream *, const struct node *);
	bool has_stanzas;	/* they are the caller's */
} states[] = {
	[STATE_HEADER]		= { "header", 20, NULL, NULL },
	[STATE_FEATURES]	= { "features", 20, NULL, on_features },
	[STATE_STARTTLS]	= { "starttls", 20, starttls_enter,
				    on_starttls },
	[STATE_TLS]		= { "tls", 0, tls_enter, NULL },
	[STATE_PASSWORD]	= { "password", 0, password_enter, NULL },
	[STATE_AUTH]		= { "auth", 30, auth_enter, auth_element },
	[STATE_KEY]		= { "key", 0, key_enter, NULL },
	[STATE_PROOF]		= { "proof", 30, NULL, auth_element },
	[STATE_LEGACY_ASK]	= { "legacy fields", 30, legacy_ask,
				    legacy_fields },
	[STATE_LEGACY_PASSWORD] = { "legacy password", 0, password_enter,
				    NULL },
	[STATE_LEGACY_LOGIN]	= { "legacy login", 30, legacy_login,
				    legacy_answer },
	[STATE_BIND]		= { "bind", 30, bind_ask, bind_answer },
	[STATE_SESSION]		= { "session", 30, bind_session_ask,
				    bind_session_answer, true },
	[STATE_ONLINE]		= { "online", 0, online_enter, NULL, true },
	[STATE_CLOSING]		= { "closing", 5, closing_enter, NULL, true },
	[STATE_ENDED]		= { "ended", 0, ended_enter, NULL },
};

const char *
state_name(const struct stream *s)
{
	return states[s->state].name;
}

void
state_enter(struct stream *s, enum state state)
{
	const struct row *row = &states[state];

	s->state = state;
	s->deadline_us = row->patience_s == 0 ? INT64_MAX
	    : s->now_us + row->patience_s * TIME_SECOND;
	if (row->enter != NULL)
		row->enter(s);
}

struct stream_item *
state_event(struct stream *s, enum stream_event_kind kind)
{
	struct stream_item *item = &s->queue[s->queued];

	assert(s->queued < STREAM_QUEUE);
	s->queued++;
	*item = (struct stream_item){ .kind = kind };
	return item;
}

void
state_wipe_output(struct stream *s)
{
	struct buf *out = &s->out;

	if (out->data == NULL || out->len > 0)
		return;
	mem_wipe(out->data - out->eaten, out->eaten + out->room);
	buf_clear(out);
}

const char *
state_id(struct stream *s)
{
	const char *seed = s->id_seed == NULL ? NULL
					      : s->id_seed[s->ids_used];

	if (seed == NULL)
		return random_id(s->request_id);
	s->ids_used++;
	assert(strlen(seed) < sizeof s->request_id);
	return memcpy(s->request_id, seed, strlen(seed) + 1);
}

int
state_answer(const struct stream *s, const struct node *n)
{
	const char *type = node_attr(n, "type");

	if (!node_is(n, NS_CLIENT, "iq") ||
	    !str_is(node_attr(n, "id"), s->request_id))
		return 0;
	return str_is(type, "result") ? 1 : str_is(type, "error") ? -1 : 0;
}

void
state_forget_stream(struct stream *s)
{
	parse_free(s->parse);
	s->parse = NULL;
	free(s->id);
	free(s->lang);
	s->id = s->lang = NULL;
	s->is_old = s->is_from_wrong = false;
	arena_free(s->features_arena);
	s->features_arena = NULL;
	s->features = (struct features){ .node = NULL };
}

/* RFC 6120 4.3.3: after a restart nothing of the old stream is known. */
void
state_restart(struct stream *s)
{
	struct writer w;

	state_forget_stream(s);
	s->parse = parse_new(s->is_authenticated ? s->stanza_most
						 : STANZA_MOST_BEFORE);
	buf_str(&s->out, "<?xml version='1.0'?>");
	writer_init(&w, &s->out);
	writer_open(&w, "stream:stream");
	writer_attr(&w, "to", s->domain);
	/* 4.7.1: who we are is nobody's business without encryption. */
	writer_attr(&w, "from", s->is_tls ? s->jid : NULL);
	writer_attr(&w, "version", "1.0");
	writer_attr(&w, "xml:lang", "en");
	writer_attr(&w, "xmlns", NS_CLIENT);
	writer_attr(&w, "xmlns:stream", NS_STREAM);
	writer_text(&w, "");
	state_enter(s, STATE_HEADER);
}

/* --- states --- */

static void
starttls_enter(struct stream *s)
{
	buf_str(&s->out, "<starttls xmlns='" NS_TLS "'/>");
}

static void
tls_enter(struct stream *s)
{
	state_event(s, STREAM_WANT_TLS);
}

static void
password_enter(struct stream *s)
{
	state_event(s, STREAM_WANT_PASSWORD);
}

static void
key_enter(struct stream *s)
{
	state_event(s, STREAM_WANT_KEY);
}

static void
online_enter(struct stream *s)
{
	state_event(s, STREAM_ONLINE);
}

void
state_wipe_secrets(struct stream *s)
{
	sasl_free(s->sasl);
	s->sasl = NULL;
	if (s->password != NULL)
		mem_wipe_str(s->password);
	free(s->password);
	s->password = NULL;
}

static void
closing_enter(struct stream *s)
{
	state_wipe_secrets(s);
}

static void
ended_enter(struct stream *s)
{
	state_wipe_secrets(s);
}

/* What follows the header and, from version 1.0 on, the features. */
static void
go_on(struct stream *s)
{
	if (!s->is_tls && !s->may_plain_tcp)
		/* Asked for even if it is not offered: whoever stripped the
		 * offer may not have thought of the answer. */
		state_enter(s, STATE_STARTTLS);
	else if (!s->is_authenticated)
		auth_begin(s);
	else if (!s->features.has_bind)
		end_ours(s, FAIL_BIND, "no-bind", "");
	else
		state_enter(s, STATE_BIND);
}

static bool
is_own_domain(const struct stream *s, const char *from)
{
	struct arena *a = arena_new();
	bool is_same = str_is(jid_parse(a, from).full,
	    jid_parse(a, s->domain).full);

	arena_free(a);
	return is_same;
}

static const char *
default_namespace(const struct node *root)
{
	const struct node_decl *d;

	for (d = root->decls; d != NULL; d = d->next)
		if (d->prefix[0] == '\0')
			return d->uri;
	return NULL;
}

static void
on_header(struct stream *s, const struct node *root)
{
	const char *version = node_attr(root, "version");
	const char *from = node_attr(root, "from");
	const char *ns = default_namespace(root);

	s->has_heard = true;
	s->id = mem_str(node_attr(root, "id"));
	s->lang = mem_str(node_lang(root));
	/* 4.7.5: no version is 0.9. A major version of 1 or more has
	 * features. */
	s->is_old = version == NULL || version[0] < '1' || version[0] > '9';
	/* A server that knows another name still may say host-unknown, which
	 * is worth more than our own complaint. */
	s->is_from_wrong = from != NULL && !is_own_domain(s, from);
	if (ns != NULL && strcmp(ns, NS_CLIENT) != 0) {
		end_ours(s, FAIL_STREAM, "invalid-namespace", ns);
		return;
	}
	if (!s->is_old)
		state_enter(s, STATE_FEATURES);
	else if (s->is_from_wrong)
		end_ours(s, FAIL_STREAM, "invalid-from", from);
	else if (s->is_authenticated)
		end_ours(s, FAIL_STREAM, "unsupported-version", "");
	else
		go_on(s);
}

static void
on_features(struct stream *s, const struct node *n)
{
	if (!node_is(n, NS_STREAM, "features"))
		end_unexpected(s, n);
	else if (s->is_from_wrong)
		end_ours(s, FAIL_STREAM, "invalid-from", "");
	else
		go_on(s);
}

static void
on_starttls(struct stream *s, const struct node *n)
{
	const char *rest;

	if (!node_is(n, NS_TLS, "proceed"))
		end_ours(s, FAIL_TLS, s->features.has_starttls ?
		    "starttls-refused" : "starttls-missing", "");
	else if (parse_rest(s->parse, &rest) > 0)
		end_ours(s, FAIL_TLS, "bytes-behind-proceed", "");
	else
		state_enter(s, STATE_TLS);
}

static bool
is_stanza(const struct node *n)
{
	return node_is(n, NS_CLIENT, NULL) &&
	    (strcmp(n->name, "message") == 0 ||
	     strcmp(n->name, "presence") == 0 || strcmp(n->name, "iq") == 0);
}

/* Passes an element on; its arena goes with it. */
static void
give(struct stream *s, enum stream_event_kind kind, struct parse_event *ev)
{
	struct stream_item *out = state_event(s, kind);

	if (kind != STREAM_SM)
		s->inbound++;
	out->arena = ev->arena;
	out->node = ev->node;
	out->raw = ev->raw;
	out->full_len = ev->full_len;
	memcpy(out->sha256, ev->sha256, sizeof out->sha256);
	out->inbound = s->inbound;
	ev->arena = NULL;
}

static void
keep_features(struct stream *s, struct parse_event *ev)
{
	arena_free(s->features_arena);
	s->features_arena = ev->arena;
	features_read(&s->features, ev->node, ev->arena);
	ev->arena = NULL;
}

static void
on_element(struct stream *s, struct parse_event *ev)
{
	const struct row *row = &states[s->state];
	const struct node *n = ev->node;

	if (node_is(n, NS_STREAM, "error")) {
		end_stream_error(s, n);
		return;
	}
	/* Later ones would pull the first from under stream_feature(). */
	if (s->state == STATE_FEATURES && node_is(n, NS_STREAM, "features"))
		keep_features(s, ev);
	if (row->has_stanzas && is_stanza(n) &&
	    !(s->state == STATE_SESSION && state_answer(s, n) != 0))
		give(s, STREAM_STANZA, ev);
	else if (row->element != NULL)
		row->element(s, n);
	else if (row->has_stanzas && str_starts(n->ns, NS_SM))
		give(s, STREAM_SM, ev);
	else if (!row->has_stanzas)
		end_unexpected(s, n);
	/* Online, what nobody knows is passed over and not counted. */
}

static void
on_oversize(struct stream *s, struct parse_event *ev)
{
	if (!states[s->state].has_stanzas)
		end_ours(s, FAIL_STREAM, "policy-violation",
		    "an element beyond the limits before the login");
	else if (is_stanza(ev->node))
		give(s, STREAM_OVERSIZE, ev);
}

static void
on_close(struct stream *s)
{
	if (s->state == STATE_CLOSING)
		end_closing(s, true);
	else if (s->state == STATE_STARTTLS && !s->features.has_starttls)
		end_ours(s, FAIL_TLS, "starttls-missing", "");
	else
		end_theirs(s, FAIL_ENGINE, "closed", NULL);
}

void
state_eof(struct stream *s)
{
	if (s->state == STATE_CLOSING)
		end_closing(s, false);
	else if (!s->has_heard)
		end_theirs(s, FAIL_ENGINE, "no-xmpp", NULL);
	else if (s->state == STATE_STARTTLS && !s->features.has_starttls)
		end_theirs(s, FAIL_TLS, "starttls-missing", NULL);
	else
		end_theirs(s, FAIL_ENGINE, s->is_eof_clean ? "closed" : "cut",
		    NULL);
}

void
state_overdue(struct stream *s)
{
	if (s->state == STATE_CLOSING)
		end_closing(s, false);
	else if (!s->has_heard)
		end_ours(s, FAIL_ENGINE, "no-xmpp", "no answer");
	else if (s->state == STATE_STARTTLS && !s->features.has_starttls)
		end_ours(s, FAIL_TLS, "starttls-missing", "");
	else
		end_ours(s, FAIL_ENGINE, "timeout", state_name(s));
}

static void
on_parse_error(struct stream *s, const struct parse_event *ev)
{
	/* Who begins with a document type wants something of us; who cannot
	 * be read at all speaks something else. */
	if (!s->has_heard && strcmp(ev->condition, "restricted-xml") != 0)
		end_ours(s, FAIL_ENGINE, "no-xmpp", ev->text);
	else
		end_ours(s, FAIL_STREAM, ev->condition, ev->text);
}

void
state_parsed(struct stream *s, struct parse_event *ev)
{
	switch (ev->kind) {
	case PARSE_NONE:
		break;
	case PARSE_OPEN:
		on_header(s, ev->node);
		break;
	case PARSE_STANZA:
		on_element(s, ev);
		break;
	case PARSE_OVERSIZE:
		on_oversize(s, ev);
		break;
	case PARSE_CLOSE:
		on_close(s);
		break;
	case PARSE_ERROR:
		on_parse_error(s, ev);
		break;
	}
	arena_free(ev->arena);
}
