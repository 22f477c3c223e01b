#include "xmpp/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "xml/write.h"
#include "xmpp/state.h"

/* Nobody who has not logged in needs more (RFC 6120 13.12 asks for 10000). */
enum { STANZA_MOST_BEFORE = 256 << 10 };

static void starttls_enter(struct stream *s);
static void tls_enter(struct stream *s);
static void password_enter(struct stream *s);
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
	[STATE_KEY]		= { "key", 0, auth_key_event, NULL },
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

void
state_event(struct stream *s, enum stream_event_kind kind)
{
	assert(s->queued < STREAM_QUEUE);
	s->queue[s->queued++] = (struct stream_event){ .kind = kind };
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

static void
forget_stream(struct stream *s)
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

	forget_stream(s);
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
online_enter(struct stream *s)
{
	state_event(s, STREAM_ONLINE);
}

static void
wipe_secrets(struct stream *s)
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
	wipe_secrets(s);
}

static void
ended_enter(struct stream *s)
{
	wipe_secrets(s);
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
	struct stream_event *out;

	if (kind != STREAM_SM)
		s->inbound++;
	state_event(s, kind);
	out = &s->queue[s->queued - 1];
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
	else if (s->state == STATE_ONLINE && str_starts(n->ns, NS_SM))
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
		end_ours(s, FAIL_ENGINE, "closed-by-us", "");
	else if (s->state == STATE_STARTTLS && !s->features.has_starttls)
		end_ours(s, FAIL_TLS, "starttls-missing", "");
	else
		end_theirs(s, FAIL_ENGINE, "closed", NULL);
}

static void
on_eof(struct stream *s)
{
	if (s->state == STATE_CLOSING)
		end_ours(s, FAIL_ENGINE, "closed-by-us", "");
	else if (!s->has_heard)
		end_theirs(s, FAIL_ENGINE, "no-xmpp", NULL);
	else if (s->state == STATE_STARTTLS && !s->features.has_starttls)
		end_theirs(s, FAIL_TLS, "starttls-missing", NULL);
	else
		end_theirs(s, FAIL_ENGINE, s->is_eof_clean ? "closed" : "cut",
		    NULL);
}

static void
on_parse_error(struct stream *s, const struct parse_event *ev)
{
	if (!s->has_heard)
		end_ours(s, FAIL_ENGINE, "no-xmpp", ev->text);
	else
		end_ours(s, FAIL_STREAM, ev->condition, ev->text);
}

static void
on_event(struct stream *s, struct parse_event *ev)
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

/* --- the face --- */

static char **
copy_list(const char *const *list)
{
	size_t count = 0, i;
	char **copy;

	if (list == NULL)
		return NULL;
	while (list[count] != NULL)
		count++;
	copy = mem_array(count + 1, sizeof *copy);
	for (i = 0; i < count; i++)
		copy[i] = mem_str(list[i]);
	return copy;
}

static void
free_list(char **list)
{
	char **p;

	for (p = list; p != NULL && *p != NULL; p++)
		free(*p);
	free(list);
}

struct stream *
stream_new(const struct stream_options *o, int64_t now_us)
{
	struct stream *s = mem_alloc(sizeof *s);
	const char *at = strchr(o->jid, '@');

	s->jid = mem_str(o->jid);
	s->local = mem_strn(o->jid, at == NULL ? 0 : (size_t)(at - o->jid));
	s->domain = mem_str(at == NULL ? o->jid : at + 1);
	s->resource = mem_str(o->resource);
	s->mechanisms = copy_list(o->mechanisms);
	s->id_seed = copy_list(o->id_seed);
	s->may_legacy = o->may_legacy;
	s->may_plain_tcp = o->may_plain_tcp;
	s->has_certificate = o->has_certificate;
	s->pin_scram = o->pin_scram;
	s->pin_plus = o->pin_plus;
	s->stanza_most = o->stanza_most;
	s->is_tls = o->is_tls;
	s->now_us = now_us;
	state_restart(s);
	return s;
}

static void
free_tls(struct stream *s)
{
	free((char *)(uintptr_t)s->tls.version);
	free((unsigned char *)(uintptr_t)s->tls.exporter);
	free((unsigned char *)(uintptr_t)s->tls.unique);
}

void
stream_free(struct stream *s)
{
	size_t i;

	if (s == NULL)
		return;
	wipe_secrets(s);
	forget_stream(s);
	for (i = 0; i < s->queued; i++)
		arena_free(s->queue[i].arena);
	free(s->jid);
	free(s->local);
	free(s->domain);
	free(s->resource);
	free(s->full);
	free_list(s->mechanisms);
	free_list(s->id_seed);
	free_tls(s);
	if (s->out.data != NULL)
		mem_wipe(s->out.data, s->out.len);
	buf_clear(&s->out);
	free(s);
}

void
stream_feed(struct stream *s, const char *data, size_t len, int64_t now_us)
{
	s->now_us = now_us;
	if (s->state == STATE_ENDED || s->is_eof || len == 0)
		return;
	if (s->state == STATE_TLS)
		end_ours(s, FAIL_TLS, "bytes-behind-proceed", "");
	else
		parse_feed(s->parse, data, len);
}

void
stream_eof(struct stream *s, bool is_clean, int64_t now_us)
{
	s->now_us = now_us;
	if (s->is_eof)
		return;
	s->is_eof = true;
	s->is_eof_clean = is_clean;
	parse_eof(s->parse);
}

void
stream_tick(struct stream *s, int64_t now_us)
{
	s->now_us = now_us;
	if (now_us < s->deadline_us)
		return;
	if (s->state == STATE_CLOSING)
		end_ours(s, FAIL_ENGINE, "closed-by-us", "no answer");
	else if (!s->has_heard)
		end_ours(s, FAIL_ENGINE, "no-xmpp", "no answer");
	else if (s->state == STATE_STARTTLS && !s->features.has_starttls)
		end_ours(s, FAIL_TLS, "starttls-missing", "");
	else
		end_ours(s, FAIL_ENGINE, "timeout", state_name(s));
}

void
stream_tls(struct stream *s, const struct stream_tls *tls, int64_t now_us)
{
	s->now_us = now_us;
	free_tls(s);
	s->tls = (struct stream_tls){
		.version = mem_str(tls->version),
		.exporter = mem_copy(tls->exporter, tls->exporter_len),
		.unique = mem_copy(tls->unique, tls->unique_len),
		.exporter_len = tls->exporter_len,
		.unique_len = tls->unique_len,
	};
	s->is_tls = true;
	if (s->state == STATE_TLS)
		state_restart(s);
}

void
stream_password(struct stream *s, const char *password, int64_t now_us)
{
	s->now_us = now_us;
	if (s->state == STATE_PASSWORD) {
		sasl_password(s->sasl, password);
		state_enter(s, STATE_AUTH);
	} else if (s->state == STATE_LEGACY_PASSWORD) {
		s->password = mem_str(password);
		state_enter(s, STATE_LEGACY_LOGIN);
	}
}

void
stream_key(struct stream *s, const unsigned char *key, size_t len,
    int64_t now_us)
{
	s->now_us = now_us;
	if (s->state == STATE_KEY)
		auth_key(s, key, len);
}

void
stream_close(struct stream *s, const char *condition, int64_t now_us)
{
	s->now_us = now_us;
	if (s->state == STATE_CLOSING || s->state == STATE_ENDED)
		return;
	if (s->state == STATE_TLS) {	/* nothing may be said any more */
		end_ours(s, FAIL_ENGINE, "closed-by-us", "");
		return;
	}
	end_write(s, condition);
	state_enter(s, STATE_CLOSING);
}

bool
stream_next(struct stream *s, struct stream_event *ev)
{
	struct parse_event parsed;

	while (s->queued == 0 && s->state != STATE_ENDED) {
		if (parse_next(s->parse, &parsed))
			on_event(s, &parsed);
		else if (s->is_eof)
			on_eof(s);
		else
			break;
	}
	if (s->queued == 0)
		return false;
	*ev = s->queue[0];
	s->queued--;
	memmove(s->queue, s->queue + 1, s->queued * sizeof s->queue[0]);
	return true;
}

struct buf *
stream_output(struct stream *s)
{
	return &s->out;
}

int64_t
stream_deadline(const struct stream *s)
{
	return s->deadline_us;
}

void
stream_send(struct stream *s, const char *xml, size_t len)
{
	if (s->state == STATE_ONLINE)
		buf_add(&s->out, xml, len);
}

const char *
stream_jid(const struct stream *s)
{
	return s->full;
}

const char *
stream_lang(const struct stream *s)
{
	return s->lang;
}

const char *
stream_id(const struct stream *s)
{
	return s->id;
}

const char *
stream_mechanism(const struct stream *s)
{
	return s->mechanism;
}

bool
stream_is_bound_channel(const struct stream *s)
{
	return s->is_bound_channel;
}

const struct node *
stream_feature(const struct stream *s, const char *ns, const char *name)
{
	return node_child(s->features.node, ns, name);
}
