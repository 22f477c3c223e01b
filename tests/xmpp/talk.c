/*
 * Dialogues with a stream, from tests/xmpp/talk/NAME.txt: no socket, no clock.
 *
 * Each is played with the server's bytes whole, then with every chunk of them
 * cut at each offset, then byte by byte: always the same must come of it.
 * What comes out of an .inc is cut where it stands by itself (plain.txt).
 * A line is a command and its words; lines that begin with white space go on
 * where the line before ended (a line feed between).
 *
 *   # ...                     a comment; the first one is the case's name
 *   option NAME [VALUE]...    before anything else
 *   do NAME                   plays NAME.inc here
 *   S: BYTES                  the server sends; \n and \xHH are understood
 *   S-header, S-features XML  a usual header; features around XML
 *   C: PATTERN                all that we sent since; * stands for anything
 *   E: EVENT                  the next event (see show())
 *   tls [exporter] [unique]   TLS is up, with these channel bindings
 *   password TEXT, key        what was asked for
 *   scram challenge|proof|success|final [WHAT]     see scram.h
 *   digest challenge|proof|success [WHAT]
 *   send XML, close [CONDITION], wait SECONDS, eof [cut]
 *   whole                     the cuts would change what comes of it
 *
 * Everything sent and every event must be named, or the case fails.
 */
#include <dirent.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "tests/tap.h"
#include "tests/xmpp/peer.h"
#include "xml/write.h"
#include "xmpp/stream.h"

enum { EVENTS_MOST = 64, OPTIONS_MOST = 16, WHOLE = -1, SINGLE = -2 };

struct play {
	struct stream_options options;
	const char *mechanisms[OPTIONS_MOST + 1];
	char *words[OPTIONS_MOST * 4];	/* what options point to */
	size_t word_count;
	struct stream *stream;
	int64_t now_us;
	struct peer peer;
	char *events[EVENTS_MOST];
	size_t event_count, event_at;
	struct buf out;			/* sent, not yet looked at */
	int cut;
	size_t longest;			/* chunk of the server's */
	int included;			/* depth of .inc files */
	bool is_whole_only, is_over;
	char *password;
	char name[200];
	const char *dir;
	char why[2000];			/* "" as long as all is well */
};

static const char *const waits[] = {
	[FAIL_RETRY] = "retry", [FAIL_CONFLICT] = "conflict",
	[FAIL_MEND] = "mend", [FAIL_PASSWORD] = "password",
	[FAIL_GONE] = "gone", [FAIL_REDIRECT] = "redirect",
	[FAIL_NEXT] = "next",
};
static const char *const wheres[] = {
	[FAIL_STREAM] = "stream", [FAIL_SASL] = "sasl", [FAIL_TLS] = "tls",
	[FAIL_BIND] = "bind", [FAIL_LEGACY] = "legacy",
	[FAIL_ENGINE] = "engine",
};

__attribute__((format(printf, 2, 3))) static void
wrong(struct play *p, const char *format, ...)
{
	va_list ap;

	if (p->why[0] != '\0')
		return;
	va_start(ap, format);
	vsnprintf(p->why, sizeof p->why, format, ap);
	va_end(ap);
}

static void
show_fail(struct buf *b, const struct fail *f)
{
	buf_printf(b, "end %s %s %s", wheres[f->where], f->condition,
	    waits[f->wait]);
	if (f->is_ours)
		buf_str(b, " ours");
	if (f->application[0] != '\0')
		buf_printf(b, " app=%s", f->application);
	if (f->host[0] != '\0')
		buf_printf(b, " host=%s", f->host);
	if (f->lang[0] != '\0')
		buf_printf(b, " lang=%s", f->lang);
	if (f->text[0] != '\0' && !f->is_ours)
		buf_printf(b, " text=%s", f->text);
}

static char *
show(struct play *p, const struct stream_event *ev)
{
	struct buf b = { 0 };

	switch (ev->kind) {
	case STREAM_WANT_TLS:
		buf_str(&b, "want-tls");
		break;
	case STREAM_WANT_PASSWORD:
		buf_str(&b, "want-password");
		break;
	case STREAM_WANT_KEY:
		buf_printf(&b, "want-key %s %u", ev->key.hash,
		    ev->key.iterations);
		peer_key(&p->peer, &ev->key);
		break;
	case STREAM_AUTHENTICATED:
		buf_printf(&b, "authenticated %s%s",
		    stream_mechanism(p->stream),
		    stream_is_bound_channel(p->stream) ? " bound" : "");
		break;
	case STREAM_ONLINE:
		buf_printf(&b, "online %s", stream_jid(p->stream));
		break;
	case STREAM_STANZA:
	case STREAM_SM:
		if (ev->kind == STREAM_SM)
			buf_str(&b, "sm ");
		else
			buf_printf(&b, "stanza %d ", (int)ev->inbound);
		write_node(&b, ev->node);
		if (node_lang(ev->node) != NULL)
			buf_printf(&b, " %s", node_lang(ev->node));
		break;
	case STREAM_OVERSIZE:
		buf_printf(&b, "oversize %d %zu", (int)ev->inbound,
		    ev->full_len);
		break;
	case STREAM_END:
		show_fail(&b, &ev->fail);
		p->is_over = true;
		if (ev->fail.sentence[0] == '\0' ||
		    strchr(ev->fail.sentence, '\n') != NULL)
			wrong(p, "a sentence is missing or has lines");
		break;
	}
	arena_free(ev->arena);
	return buf_take(&b);
}

static void
pull(struct play *p)
{
	struct stream_event ev;
	struct buf *out;

	while (stream_next(p->stream, &ev)) {
		if (p->is_over)
			wrong(p, "an event after the end");
		if (p->event_count == EVENTS_MOST) {
			wrong(p, "too many events");
			arena_free(ev.arena);
			continue;
		}
		p->events[p->event_count++] = show(p, &ev);
	}
	out = stream_output(p->stream);
	if (out->len > 0)
		buf_add(&p->out, out->data, out->len);
	buf_eat(out, out->len);
}

static void
start(struct play *p)
{
	if (p->stream != NULL)
		return;
	p->stream = stream_new(&p->options, p->now_us);
	pull(p);
}

static void
feed(struct play *p, const char *data, size_t len)
{
	size_t i, cut = len;

	start(p);
	if (p->included == 0 && len > p->longest)
		p->longest = len;
	if (p->cut == SINGLE) {
		for (i = 0; i < len; i++) {
			stream_feed(p->stream, data + i, 1, p->now_us);
			pull(p);
		}
		return;
	}
	if (p->included == 0 && p->cut >= 0 && (size_t)p->cut < len)
		cut = (size_t)p->cut;
	stream_feed(p->stream, data, cut, p->now_us);
	pull(p);
	stream_feed(p->stream, data + cut, len - cut, p->now_us);
	pull(p);
}

static void
feed_text(struct play *p, const char *text)
{
	struct buf b = { 0 };
	unsigned c;

	for (; *text != '\0'; text++) {
		if (text[0] == '\\' && text[1] == 'n') {
			buf_char(&b, '\n');
			text++;
		} else if (text[0] == '\\' && text[1] == 'x' &&
		    sscanf(text + 2, "%2x", &c) == 1) {
			buf_char(&b, (char)c);
			text += 3;
		} else {
			buf_char(&b, *text);
		}
	}
	feed(p, b.data == NULL ? "" : b.data, b.len);
	buf_clear(&b);
}

/* `*` matches any run. */
static bool
is_match(const char *pattern, const char *s)
{
	const char *star = NULL, *back = NULL;

	while (*s != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			back = s;
		} else if (*pattern == *s) {
			pattern++;
			s++;
		} else if (star != NULL) {
			pattern = star + 1;
			s = ++back;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

/* What was sent since; the caller has looked at it. */
static char *
sent(struct play *p)
{
	start(p);
	return buf_take(&p->out);
}

static void
option(struct play *p, const char *name, char *value)
{
	struct stream_options *o = &p->options;
	char *word, *copy = mem_str(value == NULL ? "" : value), *rest = copy;
	size_t count = 0;
	unsigned n;

	p->words[p->word_count++] = copy;
	if (str_is(name, "jid"))
		o->jid = copy;
	else if (str_is(name, "resource"))
		o->resource = copy;
	else if (str_is(name, "mechanisms")) {
		while ((word = strsep(&rest, " ")) != NULL)
			if (*word != '\0')
				p->mechanisms[count++] = word;
		p->mechanisms[count] = NULL;
		o->mechanisms = p->mechanisms;
	} else if (str_is(name, "legacy"))
		o->may_legacy = true;
	else if (str_is(name, "plain-tcp"))
		o->may_plain_tcp = true;
	else if (str_is(name, "direct-tls"))
		o->is_tls = true;
	else if (str_is(name, "certificate"))
		o->has_certificate = true;
	else if (str_is(name, "must-say-jid"))
		o->must_say_jid = true;
	else if (str_is(name, "pin-scram"))
		o->pin_scram = true;
	else if (str_is(name, "pin-plus"))
		o->pin_plus = true;
	else if (str_is(name, "stanza-most") && str_to_u32(copy, &n))
		o->stanza_most = n;
	else
		wrong(p, "unknown option %s", name);
}

static void
on_sent(struct play *p, const char *want)
{
	char *got = sent(p);

	if (!is_match(want, got))
		wrong(p, "sent %s\n#   not %s", got, want);
	free(got);
}

static void
on_event(struct play *p, const char *want)
{
	const char *got;

	start(p);
	if (p->event_at == p->event_count) {
		wrong(p, "no event, not %s", want);
		return;
	}
	got = p->events[p->event_at++];
	if (!is_match(want, got))
		wrong(p, "event %s\n#   not  %s", got, want);
}

/* A dialogue is not advanced past what nobody expected. */
static void
all_seen(struct play *p)
{
	if (p->event_at < p->event_count)
		wrong(p, "unexpected event %s", p->events[p->event_at]);
	if (p->out.len > 0 && p->stream != NULL)
		wrong(p, "sent and not named: %s", p->out.data);
}

static const unsigned char exporter[] = "exported key of 32 bytes length.";
static const unsigned char unique[] = "twelve bytes";

static void
on_tls(struct play *p, const char *what)
{
	struct stream_tls tls = { .version = "TLSv1.3" };

	if (strstr(what, "exporter") != NULL) {
		tls.exporter = exporter;
		tls.exporter_len = 32;
	}
	if (strstr(what, "unique") != NULL) {
		tls.unique = unique;
		tls.unique_len = 12;
	}
	start(p);
	stream_tls(p->stream, &tls, p->now_us);
	pull(p);
}

/* The server's side of a mechanism: it looks at what was sent, or speaks. */
static void
on_peer(struct play *p, const char *mechanism, const char *what)
{
	struct buf say = { 0 };
	char *said = sent(p);
	const char *why = peer_turn(&p->peer, mechanism, what, said, &say);

	if (why != NULL)
		wrong(p, "%s %s: %s (sent: %s)", mechanism, what, why, said);
	else if (say.len > 0)
		feed(p, say.data, say.len);
	buf_clear(&say);
	free(said);
}

static void play_file(struct play *p, const char *name);

static void
command(struct play *p, const char *word, char *rest)
{
	char *name;

	if (p->why[0] != '\0')
		return;
	if (str_is(word, "C:")) {
		on_sent(p, rest);
		return;
	}
	if (str_is(word, "E:")) {
		on_event(p, rest);
		return;
	}
	if (str_is(word, "scram") || str_is(word, "digest")) {
		on_peer(p, word, rest);
		return;
	}
	if (str_is(word, "do")) {
		name = mem_printf("%s/%s.inc", p->dir, rest);
		p->included++;
		play_file(p, name);
		p->included--;
		free(name);
		return;
	}
	if (str_is(word, "option")) {
		name = strsep(&rest, " ");
		option(p, name, rest);
		return;
	}
	if (str_is(word, "whole")) {
		p->is_whole_only = true;
		return;
	}
	if (str_is(word, "tls")) {
		on_tls(p, rest);
		return;
	}
	start(p);
	all_seen(p);
	if (str_is(word, "S:")) {
		feed_text(p, rest);
	} else if (str_is(word, "S-header")) {
		feed_text(p, "<?xml version='1.0'?><stream:stream "
		    "from='example.com' id='someid' xml:lang='en' "
		    "xmlns='jabber:client' version='1.0' "
		    "xmlns:stream='http://etherx.jabber.org/streams'>");
	} else if (str_is(word, "S-features")) {
		name = mem_printf("<stream:features>%s</stream:features>",
		    rest);
		peer_offer(&p->peer, rest);
		feed_text(p, name);
		free(name);
	} else if (str_is(word, "password")) {
		free(p->password);
		p->password = mem_str(rest);
		stream_password(p->stream, rest, p->now_us);
	} else if (str_is(word, "key")) {
		unsigned char key[32];
		size_t len = peer_derive(&p->peer, p->password, key);

		stream_key(p->stream, key, len, p->now_us);
	} else if (str_is(word, "send")) {
		stream_send(p->stream, rest, strlen(rest));
	} else if (str_is(word, "close")) {
		stream_close(p->stream, *rest != '\0' ? rest : NULL,
		    p->now_us);
	} else if (str_is(word, "wait")) {
		p->now_us += atoi(rest) * TIME_SECOND;
		stream_tick(p->stream, p->now_us);
	} else if (str_is(word, "eof")) {
		stream_eof(p->stream, !str_is(rest, "cut"), p->now_us);
	} else {
		wrong(p, "unknown command %s", word);
	}
	pull(p);
}

static void
play_line(struct play *p, struct buf *line)
{
	char *rest, *word;

	buf_room(line, 0)[0] = '\0';
	rest = line->data;
	if (rest[0] == '#' && p->name[0] == '\0')
		snprintf(p->name, sizeof p->name, "%s", rest + 2);
	if (rest[0] != '\0' && rest[0] != '#') {
		word = strsep(&rest, " ");
		command(p, word, rest == NULL ? word + strlen(word) : rest);
	}
	buf_reset(line);
}

static void
play_file(struct play *p, const char *path)
{
	FILE *f = fopen(path, "r");
	struct buf line = { 0 };
	char *text = NULL;
	size_t room = 0;
	ssize_t len;

	if (f == NULL) {
		wrong(p, "cannot open %s", path);
		return;
	}
	while ((len = getline(&text, &room, f)) >= 0) {
		if (len > 0 && text[len - 1] == '\n')
			len--;
		if (len == 0 || (text[0] != ' ' && text[0] != '\t'))
			play_line(p, &line);
		else if (line.len > 0)
			buf_char(&line, '\n');
		buf_add(&line, text, (size_t)len);
	}
	play_line(p, &line);
	free(text);
	fclose(f);
	buf_clear(&line);
}

/* Plays a case; returns the longest chunk, or 0 if it may not be cut. */
static size_t
play(const char *dir, const char *file, int cut, char *name, char *why)
{
	static const char *const no_ids[] = { "id1", "id2", "id3", "id4", NULL };
	struct play p = { .cut = cut, .dir = dir };
	char *path = mem_printf("%s/%s", dir, file);
	size_t i, longest;

	p.options.jid = "juliet@example.com";
	p.options.resource = "balcony";
	p.options.id_seed = no_ids;
	p.now_us = 1000 * TIME_SECOND;
	play_file(&p, path);
	if (p.why[0] == '\0')
		all_seen(&p);
	snprintf(name, 256, "%s: %s", file, p.name);
	snprintf(why, sizeof p.why, "%s", p.why);
	longest = p.is_whole_only ? 0 : p.longest;
	for (i = 0; i < p.event_count; i++)
		free(p.events[i]);
	for (i = 0; i < p.word_count; i++)
		free(p.words[i]);
	stream_free(p.stream);
	peer_clear(&p.peer);
	buf_clear(&p.out);
	free(p.password);
	free(path);
	return longest;
}

static int
is_talk(const struct dirent *e)
{
	return str_ends(e->d_name, ".txt");
}

int
main(int argc, char **argv)
{
	const char *top = getenv("srcdir");
	char *dir = mem_printf("%s/tests/xmpp/talk", top ? top : ".");
	struct dirent **files = NULL;
	int count = scandir(dir, &files, is_talk, alphasort), i, cut;
	char name[256], why[2000];
	size_t longest;

	ok(count >= 40, "the dialogues are there");
	for (i = 0; i < count; i++) {
		if (argc > 1 && strcmp(argv[1], files[i]->d_name) != 0)
			continue;
		longest = play(dir, files[i]->d_name, WHOLE, name, why);
		if (!ok(why[0] == '\0', "%s", name)) {
			printf("# %s\n", why);
			continue;
		}
		for (cut = SINGLE; longest > 0 && cut < (int)longest &&
		     why[0] == '\0'; cut++)
			if (cut != WHOLE)
				play(dir, files[i]->d_name, cut, name, why);
		if (longest > 0 && !ok(why[0] == '\0', "%s (cut anywhere)",
		    name))
			printf("# cut at %d: %s\n", cut - 1, why);
	}
	for (i = 0; i < count; i++)
		free(files[i]);
	free(files);
	free(dir);
	return done();
}
