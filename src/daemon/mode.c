#include "daemon/mode.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/jid.h"
#include "xep/disco.h"
#include "xml/write.h"

struct resource {
	char *full;
	int priority;
};

struct mode {
	struct session *session;
	const struct config_account *config;
	struct xep_session *xep;
	enum config_mode which;	/* never AUTO once begun */
	bool is_begun, has_warned;
	int sent;		/* the priority we said last */
	struct resource *others;	/* own available ones */
	size_t count;
};

static const char *const modes[] = {
	[CONFIG_MODE_AUTO] = "auto", [CONFIG_MODE_OBSERVE] = "observe",
	[CONFIG_MODE_MIRROR] = "mirror", [CONFIG_MODE_SOLE] = "sole",
};

/* Servers that were measured to give a copy to every resource of the highest
 * priority; RFC 6121 8.5.2.1.1 lets others pick one. */
static const char *const mirrors[] = { "Prosody", "ejabberd", "jabberd2" };

struct mode *
mode_new(struct session *session, const struct config_account *config,
    struct xep_session *xep)
{
	struct mode *p = mem_alloc(sizeof *p);

	p->session = session;
	p->config = config;
	p->xep = xep;
	return p;
}

void
mode_free(struct mode *p)
{
	if (p == NULL)
		return;
	while (p->count > 0)
		free(p->others[--p->count].full);
	free(p->others);
	free(p);
}

static int
priority(const struct mode *p)
{
	int highest = -1;
	size_t i;

	if (p->config->has_priority)
		return p->config->priority;
	switch (p->which) {
	case CONFIG_MODE_SOLE:
		return 0;
	case CONFIG_MODE_MIRROR:
		for (i = 0; i < p->count; i++)
			if (p->others[i].priority > highest)
				highest = p->others[i].priority;
		return highest;
	default:
		return -1;
	}
}

static void
show(struct mode *p)
{
	struct buf out = { 0 };
	struct writer w;
	char number[16];

	p->sent = priority(p);
	snprintf(number, sizeof number, "%d", p->sent);
	buf_str(&out, "<presence>");
	writer_init(&w, &out);
	writer_leaf(&w, "show", "xa");
	writer_leaf(&w, "priority", number);
	disco_caps(p->xep, &out);
	buf_str(&out, "</presence>");
	session_send(p->session, out.data, out.len);
	buf_clear(&out);
}

void
mode_begin(struct mode *p, bool has_carbons, const char *software)
{
	static const char active[] = "<active xmlns='urn:xmpp:csi:0'/>";
	size_t i;

	p->which = p->config->mode;
	if (p->which == CONFIG_MODE_AUTO) {
		p->which = CONFIG_MODE_OBSERVE;
		for (i = 0; !has_carbons && software != NULL &&
		    i < COUNT(mirrors); i++)
			if (strcasecmp(software, mirrors[i]) == 0)
				p->which = CONFIG_MODE_MIRROR;
	}
	p->is_begun = true;
	show(p);
	/* XEP-0352: nothing may be held back from us. */
	if (stream_feature(session_stream(p->session), "urn:xmpp:csi:0",
	    "csi") != NULL)
		session_send(p->session, active, sizeof active - 1);
}

static void
forget(struct mode *p, const char *full)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		if (str_is(p->others[i].full, full)) {
			free(p->others[i].full);
			p->others[i] = p->others[--p->count];
			return;
		}
}

void
mode_seen(struct mode *p, const struct record *r)
{
	struct arena *a = arena_new();
	struct jid from = jid_parse(a, r->from);
	bool is_own = from.resource != NULL &&
	    str_is(from.bare, p->config->jid);
	bool is_us = str_is(from.full,
	    stream_jid(session_stream(p->session)));

	if (is_own && is_us && r->presence == PRESENCE_AVAILABLE &&
	    p->is_begun && r->priority != p->sent && !p->has_warned) {
		p->has_warned = true;
		log_warn(p->config->jid, "the server made our priority %d out "
		    "of %d: it may give us what was meant for other clients",
		    r->priority, p->sent);
	} else if (is_own && !is_us && (r->presence == PRESENCE_AVAILABLE ||
	    r->presence == PRESENCE_UNAVAILABLE)) {
		forget(p, from.full);
		if (r->presence == PRESENCE_AVAILABLE) {
			p->others = mem_resize(p->others, p->count + 1,
			    sizeof *p->others);
			p->others[p->count++] = (struct resource){
				mem_str(from.full), r->priority };
		}
		if (p->is_begun && priority(p) != p->sent)
			show(p);
	}
	arena_free(a);
}

void
mode_end(struct mode *p)
{
	static const char bye[] = "<presence type='unavailable'/>";

	if (p->is_begun)
		session_send(p->session, bye, sizeof bye - 1);
	p->is_begun = false;
}

const char *
mode_name(const struct mode *p)
{
	return modes[p->which];
}
