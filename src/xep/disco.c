#include "xep/disco.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"
#include "xep/xep.h"
#include "xml/ns.h"
#include "xml/write.h"

#define NS_INFO	   "http://jabber.org/protocol/disco#info"
#define NS_ITEMS   "http://jabber.org/protocol/disco#items"
#define NS_VERSION "jabber:iq:version"

/* What we are: one identity, written in answers and in the hash. */
#define CATEGORY "client"
#define TYPE	 "bot"
#define NAME	 "Backscroll"
#define NODE	 "urn:backscroll:client"

/* A server has dozens; what a mad one lists beyond this is not looked at. */
enum { FEATURES_MOST = 1000 };

enum question { ASK_ACCOUNT, ASK_SERVER, ASK_VERSION, QUESTIONS };

struct disco;

/* Each question needs an address of its own for its answer to come back to. */
struct asked {
	struct disco *disco;
	enum question question;
};

struct disco {
	struct xep_session *x;
	struct arena *arena;		/* of what was learnt */
	struct asked asked[QUESTIONS];
	int open;			/* questions without an answer */
	const char **features[2];	/* by enum disco_whom */
	size_t counts[2];
	const char *software;
	const char *why;		/* the account did not answer */
	char ver[32];			/* XEP-0115: base64 of SHA-1 */
};

/* Our own features: whatever the rows offer, and the personal nodes we want
 * to be told of (XEP-0163 4.3.1): no event comes without. */
static const char *const features[] = {
	NS_INFO, NS_ITEMS, NS_CAPS, NS_VERSION,
	"http://jabber.org/protocol/mood+notify",
	"http://jabber.org/protocol/nick+notify",
	"http://jabber.org/protocol/tune+notify",
	"storage:bookmarks+notify",
	"urn:xmpp:avatar:metadata+notify",
	"urn:xmpp:bookmarks:1+notify",
	"urn:xmpp:mds:displayed:0+notify",
	NULL,
};

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All rows' features, sorted by their bytes. */
static const char **
own_features(struct arena *a, size_t *count)
{
	const char **all;
	size_t n = 0, i, j;

	for (i = 0; xep_table[i] != NULL; i++)
		for (j = 0; xep_table[i]->features != NULL &&
		     xep_table[i]->features[j] != NULL; j++)
			n++;
	all = arena_array(a, n, sizeof *all);
	n = 0;
	for (i = 0; xep_table[i] != NULL; i++)
		for (j = 0; xep_table[i]->features != NULL &&
		     xep_table[i]->features[j] != NULL; j++)
			all[n++] = xep_table[i]->features[j];
	qsort(all, n, sizeof *all, compare);
	*count = n;
	return all;
}

/* XEP-0115 5.1. */
static void
compute_ver(struct disco *d)
{
	struct arena *a = arena_new();
	struct buf s = { 0 }, out = { 0 };
	unsigned char sum[DIGEST_SHA1];
	size_t count, i;
	const char **all = own_features(a, &count);

	buf_str(&s, CATEGORY "/" TYPE "//" NAME "<");
	for (i = 0; i < count; i++)
		buf_printf(&s, "%s<", all[i]);
	digest_sha1(sum, s.data, s.len);
	str_base64(&out, sum, sizeof sum);
	memcpy(d->ver, out.data, out.len + 1);
	buf_clear(&s);
	buf_clear(&out);
	arena_free(a);
}

/* Reads what <query/> advertises. */
static void
read_features(struct disco *d, enum disco_whom whom, const struct node *query)
{
	const struct node *n;
	size_t count = 0;

	for (n = node_child(query, NS_INFO, "feature"); n != NULL;
	     n = node_next(n, NS_INFO, "feature"))
		count++;
	if (count > FEATURES_MOST)
		count = FEATURES_MOST;
	d->features[whom] = arena_array(d->arena, count,
	    sizeof *d->features[whom]);
	for (n = node_child(query, NS_INFO, "feature");
	     n != NULL && d->counts[whom] < count;
	     n = node_next(n, NS_INFO, "feature")) {
		const char *var = node_attr(n, "var");

		if (var != NULL)
			d->features[whom][d->counts[whom]++] =
			    arena_str(d->arena, var);
	}
}

static void
on_answer(const struct node *answer, void *arg)
{
	struct asked *asked = arg;
	struct disco *d = asked->disco;
	bool is_result = answer != NULL &&
	    str_is(node_attr(answer, "type"), "result");
	const struct node *version;
	struct xep_event *ev;

	switch (asked->question) {
	case ASK_ACCOUNT:
		if (is_result)
			read_features(d, DISCO_ACCOUNT,
			    node_child(answer, NS_INFO, "query"));
		else
			d->why = arena_printf(d->arena, "the account does not "
			    "say what it can do: %s",
			    xep_refusal(d->arena, answer, NULL));
		break;
	case ASK_SERVER:
		if (is_result)
			read_features(d, DISCO_SERVER,
			    node_child(answer, NS_INFO, "query"));
		break;
	case ASK_VERSION:
		version = is_result ?
		    node_child(answer, NS_VERSION, "query") : NULL;
		d->software = node_child_text(version, NS_VERSION, "name",
		    d->arena);
		break;
	case QUESTIONS:
		break;
	}
	if (--d->open > 0)
		return;
	ev = xep_tell(d->x, XEP_DISCO);
	ev->is_on = d->why == NULL;
	ev->why = arena_str(ev->arena, d->why);
	xep_heard(d->x, XEP_DISCO);
}

static void *
disco_start(struct xep_session *x, const struct xep_options *o)
{
	static const char info[] = "<query xmlns='" NS_INFO "'/>";
	static const char version[] = "<query xmlns='" NS_VERSION "'/>";
	const struct jid *own = xep_own(x);
	struct disco *d = mem_alloc(sizeof *d);
	int i;

	d->x = x;
	d->arena = arena_new();
	d->open = QUESTIONS;
	for (i = 0; i < QUESTIONS; i++) {
		d->asked[i].disco = d;
		d->asked[i].question = (enum question)i;
	}
	compute_ver(d);
	xep_request(x, "get", own->bare, info, XEP_PATIENCE_US, on_answer,
	    &d->asked[ASK_ACCOUNT]);
	xep_request(x, "get", own->domain, info, XEP_PATIENCE_US, on_answer,
	    &d->asked[ASK_SERVER]);
	xep_request(x, "get", own->domain, version, XEP_PATIENCE_US,
	    on_answer, &d->asked[ASK_VERSION]);
	return d;
}

/* A question about a node of ours that does not exist is answered so. */
static bool
is_our_node(const struct disco *d, const char *node)
{
	size_t len = strlen(NODE "#");

	return node == NULL || (str_starts(node, NODE "#") &&
	    strcmp(node + len, d->ver) == 0);
}

static void
answer_info(struct disco *d, const struct node *stanza,
    const struct node *query, struct arena *a)
{
	const char *node = node_attr(query, "node");
	struct buf out = { 0 };
	struct writer w;
	size_t count, i;
	const char **all;

	if (!is_our_node(d, node)) {
		iq_error(xep_output(d->x), stanza, "cancel", "item-not-found");
		return;
	}
	all = own_features(a, &count);
	writer_init(&w, &out);
	writer_open(&w, "query");
	writer_attr(&w, "xmlns", NS_INFO);
	writer_attr(&w, "node", node);
	writer_open(&w, "identity");
	writer_attr(&w, "category", CATEGORY);
	writer_attr(&w, "type", TYPE);
	writer_attr(&w, "name", NAME);
	writer_close(&w);
	for (i = 0; i < count; i++) {
		writer_open(&w, "feature");
		writer_attr(&w, "var", all[i]);
		writer_close(&w);
	}
	writer_close(&w);
	iq_result(xep_output(d->x), stanza, out.data);
	buf_clear(&out);
}

/* XEP-0092; the operating system is nobody's business. */
static void
answer_version(struct disco *d, const struct node *stanza)
{
	struct buf out = { 0 };
	struct writer w;

	writer_init(&w, &out);
	writer_open(&w, "query");
	writer_attr(&w, "xmlns", NS_VERSION);
	writer_leaf(&w, "name", NAME);
	writer_leaf(&w, "version", PACKAGE_VERSION);
	writer_close(&w);
	iq_result(xep_output(d->x), stanza, out.data);
	buf_clear(&out);
}

static enum xep_verdict
disco_element(void *state, const struct node *stanza, struct arena *a,
    const char **why)
{
	struct disco *d = state;
	const struct node *query;

	if (!node_is(stanza, NS_CLIENT, "iq") ||
	    !str_is(node_attr(stanza, "type"), "get") ||
	    (query = node_child(stanza, NULL, "query")) == NULL ||
	    !xep_may_ask(d->x, node_attr(stanza, "from")))
		return XEP_PASS;
	if (strcmp(query->ns, NS_INFO) == 0)
		answer_info(d, stanza, query, a);
	else if (strcmp(query->ns, NS_VERSION) == 0)
		answer_version(d, stanza);
	else if (strcmp(query->ns, NS_ITEMS) == 0)
		iq_result(xep_output(d->x), stanza,
		    "<query xmlns='" NS_ITEMS "'/>");
	else
		return XEP_PASS;
	return XEP_TAKEN;
}

static void
disco_stop(void *state)
{
	struct disco *d = state;

	arena_free(d->arena);
	free(d);
}

bool
disco_has(struct xep_session *x, enum disco_whom whom, const char *feature)
{
	const struct disco *d = xep_state(x, &disco_row);
	size_t i;

	if (d->open > 0)
		return false;
	for (i = 0; i < d->counts[whom]; i++)
		if (strcmp(d->features[whom][i], feature) == 0)
			return true;
	return false;
}

const char *
disco_software(struct xep_session *x)
{
	const struct disco *d = xep_state(x, &disco_row);

	return d->software;
}

void
disco_caps(struct xep_session *x, struct buf *out)
{
	const struct disco *d = xep_state(x, &disco_row);
	struct writer w;

	writer_init(&w, out);
	writer_open(&w, "c");
	writer_attr(&w, "xmlns", NS_CAPS);
	writer_attr(&w, "hash", "sha-1");
	writer_attr(&w, "node", NODE);
	writer_attr(&w, "ver", d->ver);
	writer_close(&w);
}

const struct xep disco_row = {
	.name = "disco",
	.features = features,
	.start = disco_start,
	.on_element = disco_element,
	.stop = disco_stop,
};
