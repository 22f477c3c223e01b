/* The face of a stream: what comes in, and what is pulled out. */
#include "xmpp/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "xmpp/state.h"

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
	s->must_say_jid = o->must_say_jid;
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
	state_wipe_secrets(s);
	state_forget_stream(s);
	for (i = 0; i < s->queued; i++)
		arena_free(s->queue[i].arena);
	free(s->jid);
	free(s->local);
	free(s->domain);
	free(s->resource);
	free(s->full);
	free(s->fail);
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
	state_overdue(s);
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
	str_copy(s->closing, sizeof s->closing,
	    condition != NULL ? condition : "");
	state_enter(s, STATE_CLOSING);
}

static void
take(const struct stream *s, struct stream_event *ev,
    const struct stream_item *item)
{
	ev->kind = item->kind;
	ev->arena = item->arena;
	ev->node = item->node;
	ev->raw = item->raw;
	ev->full_len = item->full_len;
	memcpy(ev->sha256, item->sha256, sizeof ev->sha256);
	ev->inbound = item->inbound;
	ev->key = (struct stream_key_request){ .hash = NULL };
	if (item->kind == STREAM_WANT_KEY && s->sasl != NULL)
		ev->key = *sasl_key_request(s->sasl);
	if (item->kind == STREAM_END)
		ev->fail = *s->fail;
}

bool
stream_next(struct stream *s, struct stream_event *ev)
{
	struct parse_event parsed;

	while (s->queued == 0 && s->state != STATE_ENDED) {
		if (parse_next(s->parse, &parsed))
			state_parsed(s, &parsed);
		else if (s->is_eof)
			state_eof(s);
		else
			break;
	}
	if (s->queued == 0)
		return false;
	take(s, ev, &s->queue[0]);
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
