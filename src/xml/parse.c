/*
 * Expat stands still at the end of every element that is an event, and goes
 * on when the caller asks for the next one. So at most one event waits, and
 * what lies behind a <proceed/> has not been looked at when it is pulled.
 */
#include "xml/parse.h"

#include <assert.h>
#include <expat.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"
#include "xml/build.h"
#include "xml/ns.h"
#include "xml/skip.h"

enum {
	HEADER_MOST = 64 << 10,	/* the stream's start tag */
	TREE_MOST = 64 << 20,	/* <a/> is 4 bytes, and 150 as a node */
	HOLD_AT = 4 << 10,	/* see hold_back() */
	RESCAN_MOST = 64 << 20,
};

enum state { RUNNING, SUSPENDED, SKIPPING, ENDED };

struct parse {
	XML_Parser expat;
	enum state state;
	bool is_element;	/* parse_element(): the root is the stanza */
	bool is_priming;	/* the root's start tag, once more */
	bool is_broken;		/* a handler has stopped expat */
	bool is_over;		/* because of a limit: skip the stanza */
	bool is_eof;
	size_t stanza_most;

	/* Positions count the stream's bytes from 0. */
	struct buf in;		/* what may still be needed */
	uint64_t in_at;		/* where `in` begins */
	uint64_t fed;		/* what expat has been given */
	uint64_t searched;	/* what hold_back() has looked at */
	uint64_t base;		/* expat's byte 0; wraps */
	uint64_t seen;		/* end of the last token */
	uint64_t at;		/* end of the last tag; between stanzas, of
				 * the white space too */
	uint64_t rescanned;	/* bytes given again and again to one token */

	int depth;
	struct build build;

	/* The stream's root. */
	char *root_tag;
	size_t root_len;
	struct node_decl *around;
	char *lang;

	struct skip skip;
	struct digest *digest;
	struct buf kept;
	uint64_t skipped;

	bool has_event, has_close;
	struct parse_event event;
};

static uint64_t
arrived(const struct parse *p)
{
	return p->in_at + p->in.len;
}

static uint64_t
here(const struct parse *p)
{
	XML_Index index = XML_GetCurrentByteIndex(p->expat);

	return p->base + (uint64_t)(index < 0 ? 0 : index);
}

static uint64_t
behind(const struct parse *p)
{
	return here(p) + (uint64_t)XML_GetCurrentByteCount(p->expat);
}

/* The depth at which a stanza's own tags stand. */
static int
stanza_depth(const struct parse *p)
{
	return p->is_element ? 0 : 1;
}

static void
eat_until(struct parse *p, uint64_t at)
{
	assert(at >= p->in_at && at - p->in_at <= p->in.len);
	buf_eat(&p->in, (size_t)(at - p->in_at));
	p->in_at = at;
	/* An idle stream keeps nothing: there are thousands. */
	if (p->in.len == 0)
		buf_clear(&p->in);
}

static void
put_event(struct parse *p, enum parse_event_kind kind)
{
	assert(!p->has_event);
	p->has_event = true;
	p->event = (struct parse_event){ .kind = kind };
}

static void
put_stanza(struct parse *p, enum parse_event_kind kind)
{
	put_event(p, kind);
	p->event.arena = p->build.arena;
	p->event.node = p->build.top;
	p->event.raw = *p->build.raw;
	build_forget(&p->build);
	p->rescanned = 0;
}

static void
put_error(struct parse *p, const char *condition, const char *what,
    uint64_t at)
{
	p->state = ENDED;
	if (p->is_element)	/* the arena is the caller's */
		p->has_event = false;
	else if (p->has_event)	/* a handler's own verdict came first */
		return;
	else
		arena_free(p->build.arena);
	build_forget(&p->build);
	put_event(p, PARSE_ERROR);
	p->event.condition = condition;
	snprintf(p->event.text, sizeof p->event.text, "%s at byte %llu", what,
	    (unsigned long long)at);
}

/* From within a handler: the stream is over. */
static void
refuse(struct parse *p, const char *condition, const char *what)
{
	uint64_t at = here(p);

	if (p->is_broken)
		return;
	p->is_broken = true;
	XML_StopParser(p->expat, XML_FALSE);
	put_error(p, condition, what, at);
}

/* From within a handler: this stanza is not built. */
static void
pass_over(struct parse *p)
{
	p->is_broken = p->is_over = true;
	XML_StopParser(p->expat, XML_FALSE);
}

/* --- expat's callbacks --- */

static void
on_declaration(void *arg, const XML_Char *prefix, const XML_Char *uri)
{
	struct parse *p = arg;

	if (!p->is_broken && !p->is_priming)
		build_declare(&p->build, prefix, uri);
}

static void
begin_element(struct parse *p, const XML_Char *name, const XML_Char **attrs)
{
	size_t count;

	if (p->depth == stanza_depth(p))
		build_begin(&p->build, p->around, p->lang, here(p));
	count = build_open(&p->build, name, attrs, PARSE_ATTRS_MOST, here(p),
	    p->seen);
	if (count > PARSE_ATTRS_MOST ||
	    p->depth >= PARSE_DEPTH_MOST + p->build.wrapper_depth ||
	    arena_used(p->build.arena) > TREE_MOST)
		pass_over(p);
}

/* The bytes from the stanza's first to `end`. */
static void
keep_raw(struct parse *p, uint64_t end)
{
	build_raw(&p->build, p->in.data + (p->build.top_at - p->in_at),
	    (size_t)(end - p->build.top_at));
}

static void
begin_root(struct parse *p, const XML_Char *name, const XML_Char **attrs)
{
	const struct node *root;

	build_begin(&p->build, NULL, NULL, here(p));
	if (build_open(&p->build, name, attrs, PARSE_ATTRS_MOST, here(p),
	    p->seen) > PARSE_ATTRS_MOST) {
		refuse(p, "policy-violation",
		    "the stream's start tag has too many attributes");
		return;
	}
	root = p->build.top;
	if (strcmp(root->ns, NS_STREAM) != 0) {
		refuse(p, "invalid-namespace", "the root is not a stream");
		return;
	}
	if (strcmp(root->name, "stream") != 0) {
		refuse(p, "bad-format", "the root is not a stream");
		return;
	}
	keep_raw(p, p->seen);
	p->root_len = p->build.raw->len;
	p->root_tag = mem_copy(p->build.raw->data, p->root_len);
	p->around = build_decls(root->decls);
	p->lang = mem_str(node_attr_ns(root, NS_XML, "lang"));
	put_stanza(p, PARSE_OPEN);
	XML_StopParser(p->expat, XML_TRUE);
}

static void
on_start(void *arg, const XML_Char *name, const XML_Char **attrs)
{
	struct parse *p = arg;

	if (p->is_broken)
		return;
	if (p->is_priming) {
		p->depth = 1;
		return;
	}
	p->seen = p->at = behind(p);
	if (p->depth < stanza_depth(p))
		begin_root(p, name, attrs);
	else
		begin_element(p, name, attrs);
	p->depth++;
}

static void
on_end(void *arg, const XML_Char *name)
{
	struct parse *p = arg;

	if (p->is_broken || p->is_priming)
		return;
	p->seen = p->at = behind(p);
	p->depth--;
	if (p->depth < stanza_depth(p)) {
		p->has_close = true;
		XML_StopParser(p->expat, XML_TRUE);
		return;
	}
	build_close(&p->build, here(p), p->seen);
	if (p->depth > stanza_depth(p))
		return;
	if (p->seen - p->build.top_at > p->stanza_most + p->build.wrapper_len) {
		pass_over(p);
		return;
	}
	keep_raw(p, p->seen);
	put_stanza(p, PARSE_STANZA);
	if (!p->is_element)
		XML_StopParser(p->expat, XML_TRUE);
}

static void
on_text(void *arg, const XML_Char *s, int len)
{
	struct parse *p = arg;
	int i;

	if (p->is_broken)
		return;
	p->seen = behind(p);
	if (p->build.open != NULL) {
		build_text(&p->build, s, (size_t)len);
		return;
	}
	/* White space between stanzas is a keepalive (RFC 6120 4.6.1). */
	for (i = 0; i < len; i++)
		if (strchr(" \t\r\n", s[i]) == NULL) {
			refuse(p, "bad-format", "text between stanzas");
			return;
		}
	p->at = p->seen;
}

/* --- what RFC 6120 11.1 forbids --- */

static void
on_doctype(void *arg, const XML_Char *name, const XML_Char *sysid,
    const XML_Char *pubid, int has_internal_subset)
{
	refuse(arg, "restricted-xml", "a document type declaration");
}

static void
on_instruction(void *arg, const XML_Char *target, const XML_Char *data)
{
	refuse(arg, "restricted-xml", "a processing instruction");
}

static void
on_comment(void *arg, const XML_Char *data)
{
	refuse(arg, "restricted-xml", "a comment");
}

/* RFC 6120 11.6: UTF-8 only. The version may be any 1.x (11.4). */
static void
on_declaration_xml(void *arg, const XML_Char *version,
    const XML_Char *encoding, int standalone)
{
	if (encoding != NULL && str_ascii_casecmp(encoding, "UTF-8") != 0)
		refuse(arg, "unsupported-encoding", "an encoding not UTF-8");
}

static void
expat_start(struct parse *p)
{
	p->expat = XML_ParserCreateNS("UTF-8", (XML_Char)BUILD_SEPARATOR);
	if (p->expat == NULL)
		abort();
	/* A start tag in two pieces would otherwise wait for a third. */
#ifdef HAVE_XML_SETREPARSEDEFERRALENABLED
	XML_SetReparseDeferralEnabled(p->expat, XML_FALSE);
#endif
	XML_SetReturnNSTriplet(p->expat, 1);
	XML_SetUserData(p->expat, p);
	XML_SetElementHandler(p->expat, on_start, on_end);
	XML_SetCharacterDataHandler(p->expat, on_text);
	XML_SetStartNamespaceDeclHandler(p->expat, on_declaration);
	XML_SetStartDoctypeDeclHandler(p->expat, on_doctype);
	XML_SetProcessingInstructionHandler(p->expat, on_instruction);
	XML_SetCommentHandler(p->expat, on_comment);
	XML_SetXmlDeclHandler(p->expat, on_declaration_xml);
	p->is_broken = p->is_over = false;
	p->depth = 0;
	p->base = 0;
}

/* --- a stanza beyond the limits --- */

static uint64_t
stanza_start(const struct parse *p)
{
	return p->build.top != NULL ? p->build.top_at : p->at;
}

static void
skip_begin(struct parse *p)
{
	p->state = SKIPPING;
	p->fed = stanza_start(p);
	eat_until(p, p->fed);
	if (p->build.top == NULL) {	/* not even the start tag is over */
		build_begin(&p->build, p->around, p->lang, p->fed);
		build_name(&p->build, p->in.data, p->in.len);
	}
	build_prune(&p->build, p->stanza_most < PARSE_OVERSIZE_KEPT ?
	    p->stanza_most : PARSE_OVERSIZE_KEPT);
	XML_ParserFree(p->expat);
	p->expat = NULL;
	skip_start(&p->skip);
	p->skipped = 0;
	p->digest = digest_new();
	digest_start(p->digest);
}

/* Behind it a new parser goes on, told of the stream's start tag again. */
static void
skip_end(struct parse *p)
{
	struct node *n = p->build.top;

	build_raw(&p->build, p->kept.data, p->kept.len);
	if (n->end > p->kept.len)
		n->end = p->kept.len;
	put_stanza(p, PARSE_OVERSIZE);
	p->event.full_len = (size_t)p->skipped;
	digest_end(p->digest, p->event.sha256);
	digest_free(p->digest);
	p->digest = NULL;
	buf_clear(&p->kept);

	expat_start(p);
	p->is_priming = true;
	if (XML_Parse(p->expat, p->root_tag, (int)p->root_len, XML_FALSE) !=
	    XML_STATUS_OK)
		abort();
	p->is_priming = false;
	p->base = p->fed - p->root_len;
	p->at = p->seen = p->fed;
	p->state = RUNNING;
}

static bool
skip_on(struct parse *p)
{
	enum skip_result result;
	size_t used, keep;

	if (p->in.len == 0)
		return false;
	result = skip_feed(&p->skip, p->in.data, p->in.len, &used);
	if (result == SKIP_RESTRICTED) {
		put_error(p, "restricted-xml",
		    "a comment, processing instruction or declaration",
		    p->fed);
		return true;
	}
	keep = PARSE_OVERSIZE_KEPT - p->kept.len;
	buf_add(&p->kept, p->in.data, used < keep ? used : keep);
	digest_add(p->digest, p->in.data, used);
	p->skipped += used;
	p->fed += used;
	eat_until(p, p->fed);
	if (result == SKIP_DONE)
		skip_end(p);
	return true;
}

/* --- giving expat its bytes --- */

static const char *
condition_of(enum XML_Error error)
{
	switch (error) {
	case XML_ERROR_UNDEFINED_ENTITY:	/* beyond the five */
		return "restricted-xml";
	case XML_ERROR_UNKNOWN_ENCODING:
	case XML_ERROR_INCORRECT_ENCODING:
		return "unsupported-encoding";
	default:
		return "not-well-formed";
	}
}

static void
after_expat(struct parse *p, enum XML_Status status)
{
	enum XML_Error error = XML_GetErrorCode(p->expat);

	if (status == XML_STATUS_ERROR) {
		if (error == XML_ERROR_NO_MEMORY)
			abort();
		if (p->is_over)
			skip_begin(p);
		else
			put_error(p, condition_of(error),
			    XML_ErrorString(error), here(p));
		return;
	}
	if (status == XML_STATUS_SUSPENDED)
		p->state = SUSPENDED;
	if (p->has_close)
		p->state = ENDED;
	/* What lies behind the last tag is all that can be wanted again. */
	if (p->build.top == NULL)
		eat_until(p, p->at);
}

/*
 * Expat reads an unfinished tag from its beginning each time it gets more:
 * a long attribute in small slices would take quadratic time. No tag ends
 * without a `>`, so a long one waits for that byte. A tag full of them in
 * quotes is given up once it has cost enough.
 */
static size_t
hold_back(struct parse *p, size_t len)
{
	const char *from, *found;
	uint64_t pending = p->fed - p->seen;

	if (pending < HOLD_AT)
		return len < PARSE_SLICE ? len : PARSE_SLICE;
	if (p->searched < p->fed)
		p->searched = p->fed;
	from = p->in.data + (p->searched - p->in_at);
	found = memchr(from, '>', (size_t)(arrived(p) - p->searched));
	if (found == NULL) {
		p->searched = arrived(p);
		return 0;
	}
	p->rescanned += pending;
	return (size_t)(found + 1 - p->in.data) - (size_t)(p->fed - p->in_at);
}

/* Whether what is pending at the level of stanzas is a stanza at all. */
static bool
is_stanza_pending(const struct parse *p)
{
	const char *start = p->in.data + (p->at - p->in_at);

	return p->build.top != NULL ||
	    (p->fed - p->at >= 2 && start[0] == '<' && start[1] != '/');
}

/* Whether what is unfinished has grown too long; with nothing to feed, the
 * bytes held back count as well. */
static bool
is_beyond(const struct parse *p, size_t feeding)
{
	uint64_t end = feeding == 0 ? arrived(p) : p->fed;

	if (p->depth < stanza_depth(p))
		return end > HEADER_MOST;
	if (!is_stanza_pending(p))
		return end - p->at > HEADER_MOST;
	return end - stanza_start(p) > p->stanza_most + p->build.wrapper_len ||
	    p->rescanned > RESCAN_MOST;
}

static void
give_up(struct parse *p)
{
	if (p->depth < stanza_depth(p))
		put_error(p, "policy-violation",
		    "the stream's start tag is too long", p->fed);
	else if (!is_stanza_pending(p))
		put_error(p, "not-well-formed", "no end of a token", p->fed);
	else
		skip_begin(p);
}

/* Expat goes over to UTF-16 when the first two bytes look like it, whatever
 * it was told. */
static const char *
bad_beginning(const char *start, size_t len)
{
	unsigned char first = (unsigned char)start[0];

	if (first == 0 || first >= 0xfe)
		return "unsupported-encoding";
	if (len < 2 || start[1] != '\0')
		return NULL;
	return strchr("< \t\r\n", first) != NULL ? "unsupported-encoding"
						  : "not-well-formed";
}

static bool
feed_on(struct parse *p)
{
	size_t len = (size_t)(arrived(p) - p->fed);
	const char *from, *condition;

	if (len == 0)
		return false;
	from = p->in.data + (p->fed - p->in_at);
	condition = p->fed < 2 ? bad_beginning(p->in.data, p->in.len) : NULL;
	if (condition != NULL) {
		put_error(p, condition, "no UTF-8", p->fed);
		return true;
	}
	len = hold_back(p, len);
	if (is_beyond(p, len)) {
		give_up(p);
		return true;
	}
	if (len == 0)
		return false;
	if (len > INT32_MAX)
		len = INT32_MAX;
	p->fed += len;
	after_expat(p, XML_Parse(p->expat, from, (int)len, XML_FALSE));
	return true;
}

/* --- the face --- */

struct parse *
parse_new(size_t stanza_most)
{
	struct parse *p = mem_alloc(sizeof *p);

	p->stanza_most = stanza_most > 0 ? stanza_most : PARSE_STANZA_MOST;
	build_init(&p->build);
	expat_start(p);
	return p;
}

void
parse_free(struct parse *p)
{
	if (p == NULL)
		return;
	if (p->expat != NULL)
		XML_ParserFree(p->expat);
	if (p->has_event)
		arena_free(p->event.arena);
	build_clear(&p->build);
	free(p->around);
	free(p->lang);
	digest_free(p->digest);
	buf_clear(&p->in);
	buf_clear(&p->kept);
	free(p->root_tag);
	free(p);
}

void
parse_feed(struct parse *p, const char *data, size_t len)
{
	if (p->state != ENDED && !p->is_eof)
		buf_add(&p->in, data, len);
}

void
parse_eof(struct parse *p)
{
	p->is_eof = true;
}

bool
parse_next(struct parse *p, struct parse_event *ev)
{
	for (;;) {
		if (p->has_event) {
			*ev = p->event;
			p->has_event = false;
			return true;
		}
		if (p->has_close) {
			p->has_close = false;
			*ev = (struct parse_event){ .kind = PARSE_CLOSE };
			return true;
		}
		switch (p->state) {
		case ENDED:
			*ev = (struct parse_event){ .kind = PARSE_NONE };
			return false;
		case SUSPENDED:
			p->state = RUNNING;
			after_expat(p, XML_ResumeParser(p->expat));
			break;
		case SKIPPING:
		case RUNNING:
			if (p->state == SKIPPING ? skip_on(p) : feed_on(p))
				break;
			*ev = (struct parse_event){ .kind = PARSE_NONE };
			return false;
		}
	}
}

size_t
parse_rest(const struct parse *p, const char **data)
{
	uint64_t at = stanza_start(p);

	*data = p->in.len == 0 ? "" : p->in.data + (at - p->in_at);
	return (size_t)(arrived(p) - at);
}

const struct node *
parse_element(struct arena *a, const char *data, size_t len, const char **text)
{
	struct parse *p = parse_new(INT32_MAX);	/* expat's own limit */
	const struct node *n = NULL;

	p->is_element = true;
	p->build.arena = a;
	buf_add(&p->in, data, len);
	if (len > INT32_MAX)
		*text = "too long";
	else if (len > 0 && bad_beginning(data, len) != NULL)
		*text = "an encoding not UTF-8";
	else if (XML_Parse(p->expat, data, (int)len, XML_TRUE) ==
	    XML_STATUS_OK)
		n = p->event.node;
	else if (p->is_over)
		*text = "too deep, too many attributes, or too large";
	else if (p->has_event && p->event.kind == PARSE_ERROR)
		*text = arena_str(a, p->event.text);
	else
		*text = XML_ErrorString(XML_GetErrorCode(p->expat));
	p->build.arena = NULL;	/* both are the caller's */
	p->event.arena = NULL;
	parse_free(p);
	return n;
}
