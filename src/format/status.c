#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/time.h"
#include "base/unicode.h"
#include "format/fold.h"
#include "format/json.h"
#include "format/status.h"

enum value { VALUE_TEXT, VALUE_TIME, VALUE_NUMBER, VALUE_BOOL, VALUE_LIST,
	VALUE_PROGRESS };

/* The contract: every key always, in this order. */
static const struct {
	const char *key;
	enum value value;
} keys[] = {
	{ "account", VALUE_TEXT }, { "state", VALUE_TEXT },
	{ "since", VALUE_TIME }, { "error", VALUE_TEXT },
	{ "server", VALUE_TEXT }, { "tls", VALUE_TEXT },
	{ "sasl", VALUE_TEXT }, { "resumable", VALUE_BOOL },
	{ "carbons", VALUE_BOOL }, { "mam", VALUE_TEXT },
	{ "catch_up", VALUE_PROGRESS }, { "messages", VALUE_NUMBER },
	{ "presences", VALUE_NUMBER }, { "rooms", VALUE_LIST },
};

static const char *
get(const struct status_facts *f, const char *name)
{
	return f->get(f->arg, name);
}

static bool
is_true(const char *value)
{
	return str_is(value, "1") || str_is(value, "true");
}

static void
put_number(struct buf *out, const char *value)
{
	long long n;

	if (value != NULL && str_to_i64(value, &n))
		buf_printf(out, "%lld", n);
	else
		buf_str(out, "null");
}

static void
put_time(struct buf *out, const char *value)
{
	char text[TIME_TEXT];
	long long us;

	if (value != NULL && str_to_i64(value, &us))
		json_string(out, time_format(text, us));
	else
		buf_str(out, "null");
}

static void
put_list(struct buf *out, const char *value)
{
	const char *s = value;

	if (value == NULL) {
		buf_str(out, "null");
		return;
	}
	buf_char(out, '[');
	while (*s != '\0') {
		size_t len = strcspn(s, "\n");
		struct buf item = { 0 };

		if (s != value)
			buf_char(out, ',');
		buf_add(&item, s, len);
		json_string(out, item.data);
		buf_clear(&item);
		s += len + (s[len] == '\n');
	}
	buf_char(out, ']');
}

void
status_json(const struct status_facts *f, struct buf *out)
{
	const char *value;
	size_t i;

	buf_str(out, "{\"kind\":\"account\"");
	for (i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		buf_printf(out, ",\"%s\":", keys[i].key);
		value = get(f, keys[i].key);
		switch (keys[i].value) {
		case VALUE_TEXT:
			json_string(out, value);
			break;
		case VALUE_TIME:
			put_time(out, value);
			break;
		case VALUE_NUMBER:
			put_number(out, value);
			break;
		case VALUE_BOOL:
			buf_str(out, value == NULL ? "null" : is_true(value)
			    ? "true" : "false");
			break;
		case VALUE_LIST:
			put_list(out, value);
			break;
		case VALUE_PROGRESS:
			if (get(f, "catch_up_done") == NULL) {
				buf_str(out, "null");
				break;
			}
			buf_str(out, "{\"done\":");
			put_number(out, get(f, "catch_up_done"));
			buf_str(out, ",\"total\":");
			put_number(out, get(f, "catch_up_total"));
			buf_char(out, '}');
			break;
		}
	}
	if (f->has_missing) {
		buf_str(out, ",\"missing\":");
		put_list(out, get(f, "missing"));
	}
	buf_str(out, "}\n");
}

/*
 * Text.
 */

static void
put_safe(struct buf *out, const char *s)
{
	unicode_visible(out, s, strlen(s));
}

static void
put_since(struct buf *out, const char *value, bool is_utc)
{
	long long us;
	time_t seconds;
	struct tm tm;
	char text[32];

	if (value == NULL || !str_to_i64(value, &us))
		return;
	seconds = (time_t)(us / TIME_SECOND);
	if (is_utc || localtime_r(&seconds, &tm) == NULL)
		gmtime_r(&seconds, &tm);
	strftime(text, sizeof text, is_utc ? "%Y-%m-%d %H:%M:%SZ"
	    : "%Y-%m-%d %H:%M:%S", &tm);
	buf_printf(out, " since %s", text);
}

/* "a, b" out of what is known; true if anything is. */
static bool
put_some(struct buf *out, const struct status_facts *f,
    const char *const *names)
{
	bool any = false;

	for (; *names != NULL; names++) {
		const char *value = get(f, *names);

		if (value == NULL)
			continue;
		buf_str(out, any ? ", " : "  ");
		put_safe(out, value);
		any = true;
	}
	if (any)
		buf_char(out, '\n');
	return any;
}

static void
put_rooms(struct buf *out, const char *rooms)
{
	if (rooms == NULL || *rooms == '\0')
		return;
	buf_str(out, "  rooms: ");
	for (; *rooms != '\0'; rooms++)
		if (*rooms == '\n')
			buf_str(out, ", ");
		else
			buf_char(out, *rooms);
	buf_char(out, '\n');
}

static void
put_text(const struct status_facts *f, const struct format_options *o,
    struct buf *out)
{
	static const char *const link[] = { "server", "tls", "sasl", NULL };
	const char *account = get(f, "account");
	const char *state = get(f, "state");
	const char *error = get(f, "error");
	const char *done = get(f, "catch_up_done");
	const char *total = get(f, "catch_up_total");
	const char *messages = get(f, "messages");
	const char *presences = get(f, "presences");
	bool is_good = str_is(state, "online");

	if (o->is_color)
		buf_str(out, "\033[1m");
	put_safe(out, account != NULL ? account : "?");
	if (o->is_color)
		buf_str(out, is_good ? "\033[m \033[32m" : "\033[m \033[33m");
	else
		buf_char(out, ' ');
	put_safe(out, state != NULL ? state : "?");
	if (o->is_color)
		buf_str(out, "\033[m");
	put_since(out, get(f, "since"), o->is_utc);
	buf_char(out, '\n');
	if (error != NULL) {
		buf_str(out, "  ");
		put_safe(out, error);
		buf_char(out, '\n');
	}
	put_some(out, f, link);
	if (get(f, "resumable") != NULL ||
	    get(f, "carbons") != NULL)
		buf_printf(out, "  %s, %s, %s\n",
		    is_true(get(f, "resumable")) ? "resumable"
		    : "not resumable", is_true(get(f, "carbons"))
		    ? "carbons" : "no carbons",
		    get(f, "mam") != NULL ? "message archive"
		    : "no message archive");
	if (done != NULL && str_is(state, "catching-up")) {
		buf_str(out, "  catching up: ");
		put_safe(out, done);
		if (total != NULL) {
			buf_str(out, " of ");
			put_safe(out, total);
		}
		buf_char(out, '\n');
	}
	if (messages != NULL && presences != NULL) {
		buf_str(out, "  ");
		put_safe(out, messages);
		buf_str(out, " messages, ");
		put_safe(out, presences);
		buf_str(out, " presences\n");
	}
	put_rooms(out, get(f, "rooms"));
}

void
status_text(const struct status_facts *f, const struct format_options *o,
    struct buf *out)
{
	struct buf lines = { 0 };

	put_text(f, o, &lines);
	fold_lines(o, out, lines.data, lines.len, 4);
	buf_clear(&lines);
}
