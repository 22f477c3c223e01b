/*
 * What people and programs are shown, against tests/format/golden/. After a
 * change that is meant, UPDATE_GOLDEN=1 writes the files again: read the
 * difference before it is committed.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/unicode.h"
#include "format/format.h"
#include "tests/tap.h"

#define T(s)		{ NULL, s, sizeof (s) - 1, false }
#define TL(lang, s)	{ lang, s, sizeof (s) - 1, true }

/* 2026-11-22T10:11:12.123Z and on. */
#define T0	INT64_C(1795342272123456)
#define MINUTE	INT64_C(60000000)

#define ME	"juliet@example.com"
#define ROMEO	"romeo@example.net"
#define ROOM	"orchard@conference.example.com"

#define BODY(...) \
	.bodies = (const struct text[]){ __VA_ARGS__ }, .body_count = \
	sizeof (const struct text[]){ __VA_ARGS__ } / sizeof (struct text)
#define SUBJECT(...) \
	.subjects = (const struct text[]){ __VA_ARGS__ }, .subject_count = \
	sizeof (const struct text[]){ __VA_ARGS__ } / sizeof (struct text)
#define IN	.account = ME, .chat = ROMEO, .type = MESSAGE_CHAT, \
	.from = ROMEO "/orchard", .to = ME "/balcony"
#define OUT	.account = ME, .chat = ROMEO, .type = MESSAGE_CHAT, \
	.direction = DIRECTION_OUT, .from = ME "/balcony", .to = ROMEO
#define INROOM	.account = ME, .chat = ROOM, .chat_kind = CHAT_ROOM, \
	.type = MESSAGE_GROUPCHAT, .to = ME
#define AT(minutes) \
	.id = T0 + (minutes) * MINUTE, .time_us = T0 + (minutes) * MINUTE, \
	.received_us = T0 + (minutes) * MINUTE

#define EMOJIS(...) \
	.emojis = (const char *const[]){ __VA_ARGS__ }, .emoji_count = \
	sizeof (const char *const[]){ __VA_ARGS__ } / sizeof (char *)

static const struct entry_message messages[] = {
	{ IN, AT(0), BODY(T("Good morrow!")), .stanza_id = "ABC1" },
	{ OUT, AT(1), BODY(T("two\nlines\r\n\n[10:12] Romeo  not a line")),
	    .sources = 1 << ROUTE_LIVE | 1 << ROUTE_MAM,
	    .receipts = (const struct entry_receipt[]){
	    { ROMEO "/orchard", REF_RECEIVED, T0 + MINUTE } },
	    .receipt_count = 1 },
	{ IN, AT(2), .from_name = "Romeo Montague", .chat_name = "Romeo",
	    .lang = "en", BODY(TL("en", "Hello"), TL("cs", "Ahoj světe")),
	    SUBJECT(TL("en", "Greeting")), .thread = "t1",
	    .parent_thread = "t0" },
	/* Hostile texts. */
	{ .account = ME, .chat = ROMEO, .type = MESSAGE_CHAT, AT(3),
	    .from = "evil\x1b[31m@example.net/x",
	    BODY(T("\x1b]0;title\x07 \x7f \xc2\x9b" "31m \xe2\x80\xae" "abc\xe2"
	    "\x80\xa8" "x\ty \"q\" \\")) },
	{ IN, AT(4), .from_name = "R\xc3\xb6meo\n10:12 me            forged",
	    BODY(T("bytes \xff\xfe and \xc3 alone")) },
	{ IN, AT(5), .from_name = "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
	    BODY(T("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d world\n(2)")) },
	{ IN, AT(6), .from_name = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
	    BODY(T("\xe5\x85\xa8\xe8\xa7\x92\xe3\x81\xae\xe6\x96\x87\xe5\xad"
	    "\x97")) },
	{ IN, AT(7), .from_name = "e\xcc\x81mile\xf0\x9f\x98\x80",
	    BODY(T("combining and emoji are aligned")) },
	{ IN, AT(8), .from_name = "A name that is longer than its place",
	    BODY(T("is not cut")) },
	{ IN, AT(9), BODY(T("A long text is folded at the width of the "
	    "terminal, between words, and goes on under itself; averyverylong"
	    "wordthatfitsnowhereiscutwhereitmustbecutandgoesonbelow")) },
	{ IN, AT(10), BODY(T("\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad"
	    "\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2"
	    "\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6"
	    "\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad"
	    "\x97\xe6\xbc\xa2\xe5\xad\x97")) },
	/* What others did to it. */
	{ IN, AT(11), BODY(T("I am hear")), .versions =
	    (const struct entry_version[]){ { T0 + 12 * MINUTE,
	    T0 + 12 * MINUTE, BODY(T("I am here")) } }, .version_count = 1,
	    .replaced_by = T0 + 12 * MINUTE, .replaced_us = T0 + 12 * MINUTE },
	{ IN, AT(13), BODY(T("taken back")), .is_retracted = true,
	    .retracted_us = T0 + 14 * MINUTE, .retracted_by = ROMEO,
	    .retracted_reason = "shy" },
	{ OUT, AT(15), BODY(T("loved")), .reactions =
	    (const struct entry_reaction[]){
	    { ROMEO, EMOJIS("\xe2\x9d\xa4", "\xf0\x9f\x91\x8d"),
	    .time_us = T0 + MINUTE },
	    { ME, EMOJIS("\xf0\x9f\x98\x80"), .time_us = T0 + MINUTE } },
	    .reaction_count = 2, .receipts = (const struct entry_receipt[]){
	    { ROMEO, REF_RECEIVED, T0 + MINUTE },
	    { ROMEO, REF_DISPLAYED, T0 + 2 * MINUTE } }, .receipt_count = 2 },
	/* Rooms. */
	{ INROOM, AT(16), .from = ROOM "/Nurse", .nick = "Nurse",
	    .occupant_id = "o1", BODY(T("Madam!")), .archive_ids =
	    (const struct archive_id[]){ { ROOM, "r1", true } },
	    .archive_id_count = 1 },
	{ INROOM, AT(17), .from = ROOM "/Juliet", .nick = "Juliet",
	    .direction = DIRECTION_OUT, BODY(T("Anon, good nurse!")) },
	{ INROOM, AT(18), .from = ROOM "/Nurse", .nick = "Nurse",
	    .event = "subject", SUBJECT(T("The balcony")) },
	/* What messages do. */
	{ IN, AT(20), BODY(T("I am here")), .refs = (const struct entry_ref[]){
	    { .kind = REF_REPLACE, .id = "ABC1", .target = T0,
	    .is_valid = true } }, .ref_count = 1 },
	{ IN, AT(21), .refs = (const struct entry_ref[]){ { .kind = REF_REACT,
	    .id = "ABC1", EMOJIS("\xe2\x9d\xa4"),
	    .is_valid = true } }, .ref_count = 1 },
	{ IN, AT(22), .refs = (const struct entry_ref[]){ { .kind = REF_RETRACT,
	    .id = "ABC1", .target = T0, .reason = "shy" } }, .ref_count = 1 },
	{ IN, AT(23), .refs = (const struct entry_ref[]){ {
	    .kind = REF_MODERATE, .id = "r1", .target = T0, .is_valid = true,
	    .by = ROOM "/Nurse" } }, .ref_count = 1 },
	{ IN, AT(24), .refs = (const struct entry_ref[]){ {
	    .kind = REF_DISPLAYED, .id = "ABC1" } }, .ref_count = 1 },
	{ IN, AT(25), .refs = (const struct entry_ref[]){ {
	    .kind = REF_REPLY, .id = "ABC1", .to = ROMEO, .target = T0,
	    .is_valid = true } }, .ref_count = 1, BODY(T("Indeed.")) },
	{ IN, AT(26), .chat_state = STATE_COMPOSING },
	{ IN, AT(27), .invite = &(const struct invite){ .room = ROOM,
	    .from = ROMEO, .reason = "come" } },
	{ IN, AT(28), .encryption_ns = "eu.siacs.conversations.axolotl",
	    .encryption_name = "OMEMO" },
	{ .account = ME, .chat = ROMEO, .from = ROMEO, AT(29),
	    .type = MESSAGE_ERROR, .has_error = true, .error =
	    { "cancel", "service-unavailable", "not here", "en",
	    "example.net", 503 } },
	{ IN, AT(30), BODY(T("https://example.net/a.jpg")), .links =
	    (const struct link[]){ { "https://example.net/a.jpg", NULL,
	    "image/jpeg", "a.jpg", 4096 }, { "https://example.net/b", "B", NULL,
	    NULL, -1 } }, .link_count = 2 },
	{ IN, AT(31), .forged = "carbon from a stranger", BODY(T("trust me")),
	    .is_context = true },
	/* The next day, an empty body, everything else absent. */
	{ .account = ME, .chat = ROMEO, AT(60 * 24), BODY(T("")),
	    .from = ROMEO, .type = MESSAGE_NORMAL,
	    .delays = (const struct delay[]){ { T0, "example.net", NULL } },
	    .delay_count = 1, .raw = "<message>\n<body/></message>",
	    .raw_len = 28, .source = ROUTE_MAM,
	    .copies = (const struct entry_copy[]){ { .route = ROUTE_CARBON,
	    .received_us = T0 + MINUTE, .stamp_us = T0, .archive_by = ME,
	    .archive_id = "a1", .how = "archive id" } }, .copy_count = 1 },
};

#define LONG	"come to the ball at once for there is nothing that I would " \
	"rather see than you in that dress and everybody else away " \
	"10:15 me                  I never said so"
#define NAME	"A very long resource that its owner thinks is funny, 10:15 me"

#define HEARTS	"\xe2\x9d\xa4\xef\xb8\x8f\xe2\x9d\xa4\xef\xb8\x8f" \
	"\xe2\x9d\xa4\xef\xb8\x8f\xe2\x9d\xa4\xef\xb8\x8f"
#define HINDI	"\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8\xe0\xa5\x8d" \
	"\xe0\xa4\xa6\xe0\xa5\x80 "

/* Texts from elsewhere in every place of a message, all too long for any
 * terminal: looked at by width alone. */
static const struct entry_message wide[] = {
	{ INROOM, AT(40), .from = ROOM "/" NAME, .nick = NAME,
	    .invite = &(const struct invite){ .room = ROOM, .from = ROMEO,
	    .reason = LONG } },
	{ IN, AT(41), .has_error = true, .error = { "cancel", "gone",
	    LONG, "en", "example.net", 0 } },
	{ IN, AT(42), .links = (const struct link[]){ {
	    "https://example.net/" "averyverylongpathwithoutaspaceinit"
	    "averyverylongpathwithoutaspaceinit", LONG, NULL, NULL, -1 } },
	    .link_count = 1 },
	{ IN, AT(43), .from_name = NAME, BODY(T("x")), .reactions =
	    (const struct entry_reaction[]){ { ROMEO, EMOJIS(LONG), .time_us =
	    T0 }, { ROMEO "/" NAME, EMOJIS("\xe2\x9d\xa4", LONG),
	    .time_us = T0 } }, .reaction_count = 2 },
	{ OUT, AT(44), .chat_name = NAME, BODY(T("y")), .is_retracted = true,
	    .retracted_us = T0, .retracted_by = ROMEO "/" NAME,
	    .retracted_reason = LONG },
	{ IN, AT(45), .encryption_ns = "urn:x", .encryption_name = LONG,
	    .event = LONG },
	{ IN, AT(46), .refs = (const struct entry_ref[]){ { .kind =
	    REF_RETRACT, .id = LONG, .reason = LONG }, { .kind = REF_REACT,
	    .id = NAME, EMOJIS(LONG) } }, .ref_count = 2 },
	{ IN, AT(47), .forged = LONG, .stanza_id = NAME, .thread = LONG,
	    SUBJECT(TL("en", LONG), TL(NAME, LONG)), BODY(T("\xd7\xa9\xd7"
	    "\x9c\xd7\x95\xd7\x9d " LONG "\n" LONG), TL("cs", "")),
	    .raw = "<message><body>" LONG "</body></message>",
	    .raw_len = sizeof "<message><body>" LONG "</body></message>" - 1 },
	{ IN, AT(50), BODY(T(HEARTS HEARTS HEARTS HEARTS HEARTS HEARTS)) },
	{ IN, AT(51), BODY(T(HINDI HINDI HINDI HINDI HINDI HINDI)) },
	{ IN, AT(48), BODY(T("                                              "
	    "                                                    spaces")) },
	{ IN, AT(49), BODY(T("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9"
	    "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbb\xe6\xbc\xa2\xe5\xad\x97"
	    "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81" "bcdefghijklmnopqrstuvwxyz"
	    )) },
};

static const struct entry_presence wide_presences[] = {
	{ .id = T0, .account = ME, .time_us = T0, .from = ROMEO "/" NAME,
	    .from_name = NAME, .statuses = (const struct text[]){
	    TL("en", LONG), TL("cs", LONG) }, .status_count = 2 },
	{ .id = T0, .account = ME, .time_us = T0, .from = ROOM "/" NAME,
	    .event = "kick", .room = &(const struct room_item){ .nick = NAME,
	    .new_nick = NAME, .affiliation = "member", .role = "none",
	    .reason = LONG, .actor = NAME } },
};

static const struct entry_chat wide_chats[] = {
	{ ME, ROOM "/" NAME, LONG, CHAT_PRIVATE, 1, T0, T0 },
};

static const struct entry_presence presences[] = {
	{ .id = T0, .account = ME, .time_us = T0, .from = ROMEO "/orchard",
	    .to = ME, .show = SHOW_AWAY, .priority = 5, .statuses =
	    (const struct text[]){ TL("en", "gone"), TL("cs", "pry\xc4\x8d") },
	    .status_count = 2, .idle_us = T0 - MINUTE },
	{ .id = T0 + 1, .account = ME, .time_us = T0, .from_name = "Romeo",
	    .from = ROMEO "/\x1b[2J", .type = PRESENCE_UNAVAILABLE,
	    .statuses = (const struct text[]){ T("line\nbreak") },
	    .status_count = 1 },
	{ .id = T0 + 2, .account = ME, .time_us = T0 + MINUTE,
	    .from = ROOM "/Nurse", .event = "join", .room =
	    &(const struct room_item){ .nick = "Nurse", .affiliation = "member",
	    .role = "participant", .codes = (const int[]){ 110, 201 },
	    .code_count = 2, .jid = "nurse@example.net/x", .reason = "r",
	    .actor = "Juliet" } },
	{ .id = T0 + 3, .account = ME, .time_us = T0 + MINUTE, .from = ROMEO,
	    .type = PRESENCE_SUBSCRIBE, .delay = { T0, "example.net", NULL } },
	{ .id = T0 + 4, .account = ME, .time_us = T0 + MINUTE, .from = ROMEO,
	    .type = PRESENCE_ERROR, .has_error = true, .error =
	    { .condition = "remote-server-not-found", .type = "cancel" } },
};

static const struct entry_chat chats[] = {
	{ ME, ROMEO, "Romeo", CHAT_DIRECT, 12345, T0, T0 + MINUTE },
	{ ME, ROOM, NULL, CHAT_ROOM, 7, T0, T0 },
	{ ME, ROOM "/Nurse", NULL, CHAT_PRIVATE, 1, T0, T0 },
	{ ME, "evil\xe2\x80\xae@example.net", "\x1b[31m", CHAT_DIRECT, 1, T0,
	    T0 },
};

static char *
slurp(const char *path)
{
	struct buf b = { 0 };
	FILE *f = fopen(path, "r");
	size_t n;

	while (f != NULL && (n = fread(buf_room(&b, 4096), 1, 4096, f)) > 0)
		buf_added(&b, n);
	if (f != NULL)
		fclose(f);
	buf_room(&b, 0);
	return buf_take(&b);
}

/* The first line that differs. */
static void
compare(const char *name, const struct buf *out)
{
	char path[512];
	char *want, *p;
	const char *got = out->data;
	int line = 1;

	snprintf(path, sizeof path, "%s/tests/format/golden/%s",
	    getenv("srcdir"), name);
	if (getenv("UPDATE_GOLDEN") != NULL) {
		FILE *f = fopen(path, "w");

		if (f == NULL || fwrite(out->data, 1, out->len, f) != out->len ||
		    fclose(f) != 0)
			abort();
	}
	want = slurp(path);
	if (!ok(*want != '\0' && strcmp(got, want) == 0, "%s is as in its "
	    "golden file", name)) {
		for (p = want; *p != '\0' && *p == *got; p++, got++)
			line += *p == '\n';
		printf("# line %d from the difference on\n# got  %.60s\n"
		    "# want %.60s\n", line, got, p);
	}
	free(want);
}

/* No byte of a stranger that moves a cursor, a colour or a line. */
static void
check_safe(const char *name, const struct buf *out, bool may_color)
{
	const char *s = out->data;
	size_t len = out->len, n;
	unsigned c;
	bool safe = true, isolates = false;

	for (; len > 0; s += n, len -= n) {
		n = str_utf8_next(s, len, &c);
		if (n == 1 && (unsigned char)*s >= 0x80)
			safe = false;
		if (c == 0x2068 || c == 0x2069)
			isolates = true;
		else if (c != '\n' && !(may_color && c == 033) &&
		    unicode_is_dangerous(c))
			safe = false;
	}
	ok(safe, "%s has no dangerous character and is UTF-8%s", name,
	    isolates ? " (isolates are ours)" : "");
}

static void
run(const char *name, const char *kind, struct format_options o)
{
	const struct format_kind *k = format_find(kind);
	struct format *f = k->begin(&o);
	struct buf out = { 0 };
	size_t i;

	if (strstr(name, "presence") != NULL) {
		for (i = 0; i < COUNT(presences); i++)
			k->presence(f, &presences[i], &out);
	} else if (strstr(name, "chats") != NULL) {
		for (i = 0; i < COUNT(chats); i++)
			k->chat(f, &chats[i], &out);
	} else {
		for (i = 0; i < COUNT(messages); i++) {
			if (strstr(name, "details") == NULL)
				k->message(f, &messages[i], &out);
			else
				k->details(f, &messages[i], &out);
			if (strcmp(name, "details.text") == 0)
				buf_char(&out, '\n');
		}
	}
	k->end(f, &out);
	compare(name, &out);
	check_safe(name, &out, o.is_color);
	buf_clear(&out);
}

/* Columns of the widest line; *begun: lines that begin in column 0. */
static size_t
widest(const struct buf *out, int *begun)
{
	const char *s = out->data, *end;
	size_t most = 0, columns;

	/* U+FE0F makes what goes before as wide as an emoji. */
	for (*begun = 0; *s != '\0'; s = end + 1) {
		struct buf plain = { 0 };
		bool escape = false;
		const char *p;

		end = strchr(s, '\n');
		if (end == NULL)
			end = s + strlen(s) - 1;
		*begun += *s != ' ' && *s != '\n';
		for (p = s; p < end; p++) {
			escape = escape || *p == '\033';
			if (!escape)
				buf_char(&plain, *p);
			escape = escape && *p != 'm';
		}
		columns = plain.len > 0 ? unicode_columns(plain.data,
		    plain.len) : 0;
		for (p = s; end - p > 2; p++)
			columns += memcmp(p, "\xef\xb8\x8f", 3) == 0;
		most = columns > most ? columns : most;
		buf_clear(&plain);
	}
	return most;
}

/* At a width: that no line is wider, and that only what begins something
 * begins in column 0. */
static void
check_width(const char *name, struct format_options o, int columns)
{
	const struct format_kind *k = format_find("text");
	struct format *f;
	struct buf out = { 0 };
	size_t i, most, count = 0;
	int begun;

	o.columns = columns;
	f = k->begin(&o);
	if (strcmp(name, "presence") == 0) {
		for (i = 0; i < COUNT(wide_presences); i++, count++)
			k->presence(f, &wide_presences[i], &out);
		count++;	/* the day */
	} else if (strcmp(name, "chats") == 0) {
		for (i = 0; i < COUNT(wide_chats); i++, count++)
			k->chat(f, &wide_chats[i], &out);
	} else if (strcmp(name, "show") == 0) {
		for (i = 0; i < COUNT(wide); i++)
			k->details(f, &wide[i], &out);
	} else {
		for (i = 0; i < COUNT(wide); i++, count++)
			k->message(f, &wide[i], &out);
		count++;
	}
	k->end(f, &out);
	most = widest(&out, &begun);
	if (!ok(most <= (size_t)columns, "%s at %d columns: no line is wider",
	    name, columns))
		printf("# %zu\n", most);
	if (count > 0 && !ok((int)count == begun, "%s at %d columns: only "
	    "what begins something begins in column 0", name, columns))
		printf("# %d of %zu\n", begun, count);
	check_safe(name, &out, o.is_color);
	if (getenv("SHOW_WIDE") != NULL)
		fputs(out.data, stderr);
	buf_clear(&out);
}

static void
check_widths(void)
{
	static const int widths[] = { 20, 21, 30, 33, 40, 52, 60, 66, 67, 80,
		100, 132 };
	struct format_options o = { .is_utc = true, .has_raw = true };
	size_t i;

	for (i = 0; i < COUNT(widths); i++) {
		o.is_color = i % 2;
		o.has_ids = o.has_chat = o.has_account = false;
		check_width("log", o, widths[i]);
		check_width("show", o, widths[i]);
		check_width("presence", o, widths[i]);
		check_width("chats", o, widths[i]);
		o.has_ids = o.has_chat = true;
		check_width("search", o, widths[i]);
		o.has_account = true;
		check_width("search", o, widths[i]);
		check_width("presence", o, widths[i]);
		check_width("chats", o, widths[i]);
	}
}

int
main(void)
{
	struct format_options utc = { .is_utc = true };
	struct format_options o = utc;

	if (getenv("srcdir") == NULL)
		return 77;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	run("log.text", "text", utc);
	o.columns = 60;
	run("log-60.text", "text", o);
	o.columns = 30;
	run("log-30.text", "text", o);
	o.columns = 60;
	o.has_ids = o.has_chat = o.is_each = true;
	run("search-60.text", "text", o);
	o.is_utc = false;
	o.columns = 0;
	run("search-local.text", "text", o);
	o.is_color = o.has_account = true;
	run("search-color.text", "text", o);
	run("log.json", "json", utc);
	o = utc;
	o.has_raw = true;
	run("details.text", "text", o);
	run("details.json", "json", o);
	run("presence.text", "text", utc);
	o = utc;
	o.columns = 60;
	run("presence-60.text", "text", o);
	run("presence.json", "json", utc);
	run("chats.text", "text", utc);
	run("chats.json", "json", utc);
	check_widths();
	ok(format_find("xml") == NULL, "there is no format of any name");
	return done();
}
