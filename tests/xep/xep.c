/*
 * Dialogues of the extensions with a server, from files (talk/NAME.talk).
 *
 *	new KEY=VALUE..	a new session: own=, ver= (roster version that is kept;
 *			the stream offers versions), versions (offered, none
 *			kept), contact=JID:SUBSCRIPTION (kept)
 *	> XML		the next thing that is sent. {x} takes any value up to
 *			a quote when x is new, and stands for it afterwards
 *	< XML		a stanza comes, and what becomes of it is pass ..
 *	= VERDICT	.. taken, or forged with a word of the reason behind it
 *	! EVENT		the next event, as show() writes it
 *	ping TAG	xep_ping, 10 seconds
 *	ask KEY=VALUE..	mam_ask: archive= after= start= end= max=; then
 *			"refused" if it must be refused
 *	tick SECONDS	time passes
 *	caps XML	what disco_caps() writes
 *	has account|server FEATURE yes|no
 *	contacts N	how many are known
 *
 * {program} is our own version.
 *
 * All that is sent and told must be expected: each step but > ! = begins with
 * nothing left over.
 */
#include "xep/xep.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "extract/forward.h"
#include "tests/extract/corpus.h"
#include "tests/tap.h"
#include "xep/disco.h"
#include "xml/parse.h"

struct talk {
	struct arena *a;
	struct xep_session *x;
	struct jid own;
	int64_t now_us;
	const char *name;
	int line;
	struct {
		const char *name, *value;
	} words[64];
	int word_count;
	enum xep_verdict verdict;
	const char *why;
	bool has_failed;
};

static void
fail(struct talk *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void
fail(struct talk *t, const char *format, ...)
{
	va_list ap;

	if (t->has_failed)
		return;		/* what follows would only be its echo */
	t->has_failed = true;
	printf("# %s, line %d: ", t->name, t->line);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
}

static const char *
word(struct talk *t, const char *name, size_t len)
{
	int i;

	for (i = 0; i < t->word_count; i++)
		if (strlen(t->words[i].name) == len &&
		    memcmp(t->words[i].name, name, len) == 0)
			return t->words[i].value;
	return NULL;
}

/* Every {x} replaced by its value. */
static const char *
filled(struct talk *t, const char *s)
{
	struct buf out = { 0 };
	const char *result;

	for (; *s != '\0'; s++) {
		size_t len = strcspn(s, "}");
		const char *value = *s != '{' ? NULL :
		    word(t, s + 1, len - 1);

		if (value == NULL) {
			buf_char(&out, *s);
			continue;
		}
		buf_str(&out, value);
		s += len;
	}
	result = arena_strn(t->a, out.data, out.len);
	buf_clear(&out);
	return result;
}

/* How much of `got` the pattern takes, learning new words; 0: it does not
 * match. */
static size_t
match(struct talk *t, const char *pattern, const char *got)
{
	const char *start = got;

	while (*pattern != '\0') {
		size_t len = strcspn(pattern, "}");
		const char *value;

		if (*pattern != '{') {
			if (*pattern++ != *got++)
				return 0;
			continue;
		}
		value = word(t, pattern + 1, len - 1);
		if (value == NULL) {
			size_t take = strcspn(got, "'");

			if (t->word_count == COUNT(t->words) || take == 0)
				return 0;
			t->words[t->word_count].name = arena_strn(t->a,
			    pattern + 1, len - 1);
			value = arena_strn(t->a, got, take);
			t->words[t->word_count++].value = value;
		}
		if (!str_starts(got, value))
			return 0;
		got += strlen(value);
		pattern += len + 1;
	}
	return (size_t)(got - start);
}

static void
show_page(struct buf *out, const struct mam_page *p)
{
	char text[TIME_TEXT];

	buf_printf(out, " %s", p->archive);
	if (p->is_valid)
		buf_str(out, " valid");
	if (p->is_complete)
		buf_str(out, " complete");
	if (p->is_valid && !p->is_stable)
		buf_str(out, " unstable");
	buf_printf(out, " %zu", p->count);
	if (p->first != NULL)
		buf_printf(out, " %s..%s", p->first, p->last);
	if (p->last_us != 0)
		buf_printf(out, " until %s", time_format(text, p->last_us));
	if (p->total >= 0)
		buf_printf(out, " of %lld", p->total);
	if (p->why != NULL)
		buf_printf(out, ": %s", p->why);
}

static const char *
show(struct talk *t, const struct xep_event *ev)
{
	static const char *const names[] = { [XEP_DISCO] = "disco",
		[XEP_CARBONS] = "carbons", [XEP_ROSTER] = "roster",
		[XEP_MAM] = "mam", [XEP_PONG] = "pong" };
	struct buf out = { 0 };
	const char *result;
	size_t i;

	buf_str(&out, names[ev->kind]);
	if (ev->kind == XEP_MAM) {
		show_page(&out, &ev->page);
	} else if (ev->kind == XEP_ROSTER) {
		buf_str(&out, ev->is_whole ? " whole" : "");
		buf_str(&out, ev->is_unchanged ? " unchanged" : "");
		if (ev->version != NULL)
			buf_printf(&out, " version %s", ev->version);
		for (i = 0; i < ev->count; i++) {
			const struct roster_contact *c = &ev->contacts[i];

			buf_printf(&out, " [%s %s", c->jid, c->subscription);
			if (c->name != NULL)
				buf_printf(&out, " \"%s\"", c->name);
			if (c->ask != NULL)
				buf_printf(&out, " ask=%s", c->ask);
			if (c->groups != NULL) {
				char *g = arena_str(t->a, c->groups), *nl;

				while ((nl = strchr(g, '\n')) != NULL)
					*nl = '|';
				buf_printf(&out, " in %s", g);
			}
			buf_char(&out, ']');
		}
	} else if (ev->kind == XEP_PONG) {
		buf_printf(&out, " %d%s", ev->tag, ev->is_on ? " alive" : "");
	} else {
		buf_str(&out, ev->is_on ? " on" : "");
	}
	if (ev->why != NULL)
		buf_printf(&out, ": %s", ev->why);
	result = arena_strn(t->a, out.data, out.len);
	buf_clear(&out);
	return result;
}

static void
expect_nothing(struct talk *t)
{
	struct xep_event ev;

	if (t->x == NULL)
		return;
	if (xep_output(t->x)->len > 0)
		fail(t, "unexpected: > %s", xep_output(t->x)->data);
	if (xep_next(t->x, &ev))
		fail(t, "unexpected: ! %s", show(t, &ev));
}

/* The value of KEY= in a line of words; "" for KEY alone, NULL for none. */
static const char *
option(struct talk *t, const char *line, const char *key)
{
	size_t len = strlen(key);

	while (*line != '\0') {
		size_t end = strcspn(line, " ");

		if (strncmp(line, key, len) == 0 && line[len] == '=')
			return arena_strn(t->a, line + len + 1,
			    end - len - 1);
		if (end == len && strncmp(line, key, len) == 0)
			return "";
		line += end + (line[end] == ' ');
	}
	return NULL;
}

static void
step_new(struct talk *t, const char *rest)
{
	const char *own = option(t, rest, "own");
	const char *contact = option(t, rest, "contact");
	struct roster_contact kept = { 0 };
	struct xep_options o = { .own = own != NULL ? own :
		"juliet@example.com/balcony" };
	char *colon;

	o.roster_version = option(t, rest, "ver");
	o.has_roster_versions = o.roster_version != NULL ||
	    option(t, rest, "versions") != NULL;
	if (contact != NULL) {
		kept.jid = arena_str(t->a, contact);
		colon = strchr(kept.jid, ':');
		*colon = '\0';
		kept.subscription = colon + 1;
		o.contacts = &kept;
		o.contact_count = 1;
	}
	xep_free(t->x);
	t->own = jid_parse(t->a, o.own);
	t->x = xep_new(&o, t->now_us);
}

/* What the service does with a message before anybody else looks at it. */
static void
unwrap(struct talk *t, const struct node *stanza)
{
	struct forward f;

	forward_open(t->a, stanza, &t->own, mam_is_open, t->x, &f);
	if (f.is_awaited)
		mam_result(t->x, f.archive, f.query_id, f.archive_id,
		    f.stamp_us);
	if (f.kind == FORWARD_FORGED) {
		t->verdict = XEP_FORGED;
		t->why = f.why;
	}
}

static void
step_in(struct talk *t, const char *rest)
{
	const char *xml = filled(t, rest), *why = NULL;
	const struct node *stanza;
	size_t tag = strcspn(xml, " >/");

	xml = arena_printf(t->a, "%.*s xmlns='jabber:client'%s", (int)tag,
	    xml, xml + tag);
	stanza = parse_element(t->a, xml, strlen(xml), &why);
	if (stanza == NULL) {
		fail(t, "not XML: %s", why);
		return;
	}
	t->verdict = xep_element(t->x, stanza, t->a, t->now_us, &t->why);
	if (t->verdict == XEP_PASS && node_is(stanza, NULL, "message"))
		unwrap(t, stanza);
}

static void
step_verdict(struct talk *t, const char *rest)
{
	static const char *const names[] = { [XEP_PASS] = "pass",
		[XEP_TAKEN] = "taken", [XEP_FORGED] = "forged" };
	const char *name = names[t->verdict];

	if (!str_starts(rest, name))
		fail(t, "verdict: %s", name);
	else if (t->verdict == XEP_FORGED && (t->why == NULL ||
	    strstr(t->why, rest + strlen("forged ")) == NULL))
		fail(t, "why: %s", t->why == NULL ? "(null)" : t->why);
	else if (t->verdict != XEP_FORGED && t->why != NULL)
		fail(t, "a reason for no forgery: %s", t->why);
}

static void
step_out(struct talk *t, const char *rest)
{
	struct buf *out = xep_output(t->x);
	size_t len = out->len == 0 ? 0 : match(t, rest, out->data);

	if (len == 0)
		fail(t, "sent: %s", out->len == 0 ? "nothing" : out->data);
	buf_eat(out, len);
}

static void
step_event(struct talk *t, const char *rest)
{
	struct xep_event ev;

	if (!xep_next(t->x, &ev))
		fail(t, "no event");
	else if (strcmp(show(t, &ev), rest) != 0)
		fail(t, "event: %s", show(t, &ev));
}

static int64_t
moment(const char *text)
{
	int64_t us = 0;

	return text != NULL && time_parse(text, &us) ? us : 0;
}

static void
step_ask(struct talk *t, const char *rest)
{
	const char *max = option(t, rest, "max");
	struct mam_ask ask = {
		.archive = option(t, rest, "archive"),
		.after = option(t, rest, "after"),
		.start_us = moment(option(t, rest, "start")),
		.end_us = moment(option(t, rest, "end")),
		.max = max == NULL ? 0 : atoi(max),
	};
	bool may = option(t, rest, "refused") == NULL;

	if (mam_ask(t->x, &ask, t->now_us) != may)
		fail(t, "the query was %s", may ? "refused" : "accepted");
}

static void
step_ping(struct talk *t, const char *rest)
{
	xep_ping(t->x, atoi(rest), 10 * TIME_SECOND, t->now_us);
}

static void
step_tick(struct talk *t, const char *rest)
{
	t->now_us += atoi(rest) * TIME_SECOND;
	if (xep_deadline(t->x) <= t->now_us)
		xep_tick(t->x, t->now_us);
}

static void
step_caps(struct talk *t, const char *rest)
{
	struct buf out = { 0 };

	disco_caps(t->x, &out);
	if (match(t, rest, out.data) != out.len)
		fail(t, "caps: %s", out.data);
	buf_clear(&out);
}

static void
step_has(struct talk *t, const char *rest)
{
	char whom[16], feature[128], answer[8];

	if (sscanf(rest, "%15s %127s %7s", whom, feature, answer) != 3)
		fail(t, "has WHOM FEATURE yes|no");
	else if (disco_has(t->x, str_is(whom, "account") ? DISCO_ACCOUNT :
	    DISCO_SERVER, feature) != str_is(answer, "yes"))
		fail(t, "it is the other way round");
}

static void
step_contacts(struct talk *t, const char *rest)
{
	size_t count;

	roster_contacts(t->x, &count);
	if (count != (size_t)atoi(rest))
		fail(t, "there are %zu", count);
}

static const struct step {
	const char *word;
	bool begins;		/* nothing may be left over before it */
	void (*run)(struct talk *t, const char *rest);
} steps[] = {
	{ "new", true, step_new }, { "<", true, step_in },
	{ "=", false, step_verdict }, { ">", false, step_out },
	{ "!", false, step_event }, { "ping", true, step_ping },
	{ "ask", true, step_ask }, { "tick", true, step_tick },
	{ "caps", true, step_caps }, { "has", false, step_has },
	{ "contacts", false, step_contacts },
};

static void
run_line(struct talk *t, const char *line)
{
	size_t len = strcspn(line, " "), i;
	const char *rest = line + len + (line[len] == ' ');

	for (i = 0; i < COUNT(steps); i++)
		if (strlen(steps[i].word) == len &&
		    memcmp(steps[i].word, line, len) == 0)
			break;
	if (i == COUNT(steps)) {
		fail(t, "no such step: %s", line);
		return;
	}
	if (steps[i].begins)
		expect_nothing(t);
	if (!t->has_failed)
		steps[i].run(t, rest);
}

static void
run_talk(const char *dir, const char *file)
{
	struct talk t = { .a = arena_new(), .name = file, .now_us = 1000 };
	char *text = corpus_read(t.a, arena_printf(t.a, "%s/%s", dir, file));
	char *line = text, *end;
	struct buf whole = { 0 };

	t.words[t.word_count].name = "program";
	t.words[t.word_count++].value = PACKAGE_VERSION;
	for (; line != NULL && *line != '\0' && !t.has_failed; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		t.line++;
		if (*line == '#' || *line == '\0')
			continue;
		/* A line that begins with a tab goes on with the last. */
		buf_reset(&whole);
		buf_str(&whole, line);
		while (end != NULL && *end == '\t') {
			line = end;
			end = strchr(line, '\n');
			if (end != NULL)
				*end++ = '\0';
			buf_str(&whole, line + strspn(line, "\t"));
			t.line++;
		}
		run_line(&t, whole.data);
	}
	expect_nothing(&t);
	ok(!t.has_failed && t.line > 1, "%s", file);
	xep_free(t.x);
	buf_clear(&whole);
	arena_free(t.a);
}

static int
is_talk(const struct dirent *entry)
{
	return str_ends(entry->d_name, ".talk");
}

int
main(void)
{
	const char *top = getenv("srcdir");
	struct dirent **entries;
	char dir[900];
	int count, i;

	snprintf(dir, sizeof dir, "%s/tests/xep/talk", top ? top : ".");
	count = scandir(dir, &entries, is_talk, alphasort);
	ok(count >= 15, "there are dialogues");
	for (i = 0; i < count; i++) {
		run_talk(dir, entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return done();
}
