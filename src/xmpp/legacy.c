/* XEP-0078: the login before SASL, for servers that have nothing else. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"
#include "xml/write.h"
#include "xmpp/state.h"

/* A resource is part of this login; the server chooses none (XEP-0078 3). */
static const char *
resource(const struct stream *s)
{
	return s->resource != NULL ? s->resource : "backscroll";
}

void
legacy_ask(struct stream *s)
{
	struct writer w;

	writer_init(&w, &s->out);
	writer_open(&w, "iq");
	writer_attr(&w, "type", "get");
	writer_attr(&w, "to", s->domain);
	writer_attr(&w, "id", state_id(s));
	writer_open(&w, "query");
	writer_attr(&w, "xmlns", NS_LEGACY);
	writer_leaf(&w, "username", s->local);	/* jabberd2 wants it */
	writer_close(&w);
	writer_close(&w);
}

void
legacy_fields(struct stream *s, const struct node *n)
{
	const struct node *query;
	int answer = state_answer(s, n);

	if (answer == 0)
		return;
	if (answer < 0) {
		end_iq_error(s, FAIL_LEGACY, n);
		return;
	}
	query = node_child(n, NS_LEGACY, "query");
	/* The digest needs the current stream's id, as it reads unescaped. */
	if (node_child(query, NS_LEGACY, "digest") != NULL && s->id != NULL)
		s->is_legacy_digest = true;
	else if (node_child(query, NS_LEGACY, "password") == NULL ||
	    (!s->is_tls && !s->may_plain_tcp)) {
		end_ours(s, FAIL_LEGACY, "no-mechanism", "");
		return;
	}
	s->mechanism = s->is_legacy_digest ? "XEP-0078 digest"
					   : "XEP-0078 plain";
	state_enter(s, STATE_LEGACY_PASSWORD);
}

static void
write_digest(struct writer *w, const struct stream *s)
{
	unsigned char sum[DIGEST_SHA1];
	char hex[2 * DIGEST_SHA1 + 1];
	char *joined = mem_printf("%s%s", s->id, s->password);

	digest_sha1(sum, joined, strlen(joined));
	str_hex(hex, sum, sizeof sum);
	writer_leaf(w, "digest", hex);
	mem_wipe_str(joined);
	free(joined);
}

void
legacy_login(struct stream *s)
{
	struct writer w;

	writer_init(&w, &s->out);
	writer_open(&w, "iq");
	writer_attr(&w, "type", "set");
	writer_attr(&w, "id", state_id(s));
	writer_open(&w, "query");
	writer_attr(&w, "xmlns", NS_LEGACY);
	writer_leaf(&w, "username", s->local);
	if (s->is_legacy_digest)
		write_digest(&w, s);
	else
		writer_leaf(&w, "password", s->password);
	writer_leaf(&w, "resource", resource(s));
	writer_close(&w);
	writer_close(&w);
	mem_wipe_str(s->password);
	free(s->password);
	s->password = NULL;
}

void
legacy_answer(struct stream *s, const struct node *n)
{
	const struct node *query;
	int answer = state_answer(s, n);

	if (answer == 0)
		return;
	if (answer < 0) {
		end_iq_error(s, FAIL_LEGACY, n);
		return;
	}
	/* Prosody answers a digest with the fields once more: no login. */
	query = node_child(n, NS_LEGACY, "query");
	if (node_child(query, NULL, NULL) != NULL) {
		end_ours(s, FAIL_LEGACY, "no-login", "");
		return;
	}
	free(s->full);
	s->full = mem_printf("%s/%s", s->jid, resource(s));
	s->is_authenticated = true;
	state_wipe_output(s);
	state_event(s, STREAM_AUTHENTICATED);
	state_enter(s, STATE_ONLINE);
}
