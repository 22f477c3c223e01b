#include "query/when.h"

#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

enum { WHEN_MOST = 64 };	/* bytes of the longest time, and more */

/* A span on the clocks of a zone, in microseconds as if it were UTC. */
struct civil {
	int64_t first, past;
	bool has_zone;
	int64_t zone_us;
};

/* How far local clocks are ahead of UTC at a moment. */
static int64_t
offset_at(const struct query_context *context, int64_t at_us)
{
	time_t s = (time_t)(at_us >= 0 ? at_us / TIME_SECOND
	    : -((-at_us + TIME_SECOND - 1) / TIME_SECOND));
	struct tm tm;

	if (context->is_utc)
		return 0;
	tzset();
	return localtime_r(&s, &tm) == NULL ? 0
	    : (int64_t)tm.tm_gmtoff * TIME_SECOND;
}

/* The first moment in (low, high] with another offset than low has. */
static int64_t
jump_between(const struct query_context *context, int64_t low, int64_t high)
{
	int64_t before = offset_at(context, low);

	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (offset_at(context, middle) == before)
			low = middle;
		else
			high = middle;
	}
	return high;
}

/*
 * The moments at which local clocks show something: *count is 1, 2 (daylight
 * saving ended) or 0 (it began: *first is the jump).
 */
static int
moments_of(const struct query_context *context, int64_t civil,
    int64_t *first, int64_t *last)
{
	/* No zone is more than a day from UTC: the offset in force is that
	 * before or that behind. */
	int64_t a = civil - offset_at(context, civil - 25 * TIME_HOUR);
	int64_t b = civil - offset_at(context, civil + 25 * TIME_HOUR);
	bool is_a = a + offset_at(context, a) == civil;
	bool is_b = b + offset_at(context, b) == civil;

	if (!is_a && !is_b) {
		*first = *last = jump_between(context, a < b ? a : b,
		    a < b ? b : a);
		return 0;
	}
	*first = is_a && (!is_b || a < b) ? a : b;
	*last = is_b && (!is_a || b > a) ? b : a;
	return *first == *last ? 1 : 2;
}

static int64_t
first_moment(const struct query_context *context, int64_t civil)
{
	int64_t first, last;

	moments_of(context, civil, &first, &last);
	return first;
}

/* The moment after the last one that lies before `civil` on the clocks. */
static int64_t
past_moment(const struct query_context *context, int64_t civil)
{
	int64_t first, last;

	return moments_of(context, civil - 1, &first, &last) == 0 ? last
	    : last + 1;
}

static const char no_time[] =
    "that is no time: they are like 2026, 2026-11-22, 2026-11-22T10:15, "
    "10:15, today, monday, 3d, 2w, 6m or @1795342500";

/* 2026, 2026-11, 2026-11-22: the span, on the clocks. */
static const char *
read_date(const char **s, struct civil *c)
{
	struct time_fields f = { .month = 1, .day = 1 };

	if (!str_take_digits(s, 4, &f.year))
		return no_time;
	if (f.year < 1)
		return "there is no such year";
	if (!str_take(s, "-")) {
		c->first = time_join(&f);
		f.year++;
		c->past = time_join(&f);
		return NULL;
	}
	if (!str_take_digits(s, 2, &f.month))
		return no_time;
	if (f.month < 1 || f.month > 12)
		return "there is no such month";
	c->first = time_join(&f);
	c->past = c->first + time_month_days(f.year, f.month) * TIME_DAY;
	if (!str_take(s, "-"))
		return NULL;
	if (!str_take_digits(s, 2, &f.day))
		return no_time;
	if (f.day < 1 || f.day > time_month_days(f.year, f.month))
		return "there is no such day";
	c->first = time_join(&f);
	c->past = c->first + TIME_DAY;
	return NULL;
}

/* today, yesterday, monday (the latest, today included). */
static bool
read_day(const char **s, int64_t civil_now, struct civil *c)
{
	static const char *const days[] = {	/* 1970 began on a Thursday */
		"thursday", "friday", "saturday", "sunday", "monday",
		"tuesday", "wednesday",
	};
	int64_t today = time_day(civil_now);
	size_t i;

	if (str_take(s, "today")) {
		c->first = today * TIME_DAY;
	} else if (str_take(s, "yesterday")) {
		c->first = (today - 1) * TIME_DAY;
	} else {
		for (i = 0; i < COUNT(days); i++)
			if (str_take(s, days[i]))
				break;
		if (i == COUNT(days))
			return false;
		c->first = (today - (today - (int64_t)i + 7 * 700000) % 7) *
		    TIME_DAY;
	}
	c->past = c->first + TIME_DAY;
	return true;
}

/* 10:15, 10:15:30, 10:15:30.5 within the day that begins at `day`. */
static const char *
read_clock(const char **s, int64_t day, struct civil *c)
{
	int hour, minute, second = 0;
	int64_t unit = TIME_MINUTE, fraction = 0;

	if (!str_take_digits(s, 2, &hour) || !str_take(s, ":") ||
	    !str_take_digits(s, 2, &minute))
		return no_time;
	if (str_take(s, ":")) {
		if (!str_take_digits(s, 2, &second))
			return no_time;
		unit = TIME_SECOND;
		if (str_take(s, ".")) {
			if (**s < '0' || **s > '9')
				return no_time;
			for (; **s >= '0' && **s <= '9'; (*s)++) {
				unit = unit > 1 ? unit / 10 : 0;
				fraction += (**s - '0') * unit;
			}
			unit = unit > 0 ? unit : 1;
		}
	}
	if (hour > 23 || minute > 59 || second > 59)
		return "there is no such time of day";
	c->first = day + hour * TIME_HOUR + minute * TIME_MINUTE +
	    second * TIME_SECOND + fraction;
	c->past = c->first + unit;
	return NULL;
}

/* Z, +02:00; nothing: the context's. */
static const char *
read_zone(const char **s, struct civil *c)
{
	int sign, hour, minute;

	if (str_take(s, "z")) {
		c->has_zone = true;
		return NULL;
	}
	if (**s != '+' && **s != '-')
		return NULL;
	sign = *(*s)++ == '-' ? -1 : 1;
	if (!str_take_digits(s, 2, &hour) || !str_take(s, ":") ||
	    !str_take_digits(s, 2, &minute))
		return no_time;
	if (hour > 23 || minute > 59)
		return "there is no such zone";
	c->has_zone = true;
	c->zone_us = sign * (hour * TIME_HOUR + minute * TIME_MINUTE);
	return NULL;
}

/* A date, a day or a time of day, to the end of the text. */
static const char *
read_civil(const char *s, int64_t civil_now, struct civil *c)
{
	const char *why;

	if (strlen(s) > 2 && s[2] == ':') {
		why = read_clock(&s, time_day(civil_now) * TIME_DAY, c);
	} else {
		why = NULL;
		if (!read_day(&s, civil_now, c))
			why = read_date(&s, c);
		if (why == NULL && c->past - c->first == TIME_DAY &&
		    (*s == 't' || *s == ' ')) {
			s++;
			why = read_clock(&s, c->first, c);
			if (why == NULL)
				why = read_zone(&s, c);
		}
	}
	return why == NULL && *s != '\0' ? no_time : why;
}

/* So many months before, on the same day or the last one of a shorter
 * month. */
static int64_t
months_before(int64_t civil, long long months)
{
	struct time_fields f;
	long long month;

	time_split(civil, &f);
	month = f.year * 12LL + (f.month - 1) - months;
	if (month < 1970 * 12)
		return 0;
	f.year = (int)(month / 12);
	f.month = (int)(month % 12) + 1;
	if (f.day > time_month_days(f.year, f.month))
		f.day = time_month_days(f.year, f.month);
	return time_join(&f);
}

/* 3d, 2w, 6m, 1y, 12h, 90min: an instant. */
static bool
read_ago(const char *s, const struct query_context *context, int64_t *at_us)
{
	static const struct {
		const char *unit;
		int64_t us;
		int months;
	} units[] = {
		{ "min", TIME_MINUTE, 0 }, { "h", TIME_HOUR, 0 },
		{ "d", TIME_DAY, 0 }, { "w", 7 * TIME_DAY, 0 },
		{ "m", 0, 1 }, { "y", 0, 12 },
	};
	int64_t count = 0, now = context->now_us;
	const char *begin = s;
	size_t i;

	for (; *s >= '0' && *s <= '9'; s++)
		if (count < 1000000000)
			count = count * 10 + (*s - '0');
	if (s == begin)
		return false;
	for (i = 0; i < COUNT(units); i++)
		if (strcmp(units[i].unit, s) == 0)
			break;
	if (i == COUNT(units))
		return false;
	if (units[i].months > 0)
		*at_us = first_moment(context, months_before(now +
		    offset_at(context, now), count * units[i].months));
	else
		*at_us = now / units[i].us < count ? 0
		    : now - count * units[i].us;
	return true;
}

/* @EPOCH: a second, or less with a fraction. */
static bool
read_epoch(const char *s, int64_t *first, int64_t *past)
{
	int64_t unit = TIME_SECOND;

	if (*s < '0' || *s > '9')
		return false;
	for (*first = 0; *s >= '0' && *s <= '9'; s++)
		if (*first <= TIME_MOST / 10)
			*first = *first * 10 + (*s - '0');
	if (*first > TIME_MOST / TIME_SECOND)
		*first = TIME_MOST / TIME_SECOND;
	*first *= TIME_SECOND;
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9' && unit > 1; s++) {
			unit /= 10;
			*first += (*s - '0') * unit;
		}
	*past = *first + unit;
	return *s == '\0';
}

/* Reads one time; *is_ago for instants that depend on now. */
static int
read_when(const char *text, size_t len, const struct query_context *context,
    int64_t *first_us, int64_t *past_us, bool *is_ago, struct err *err)
{
	struct civil c = { 0 };
	char s[WHEN_MOST];
	const char *why;
	size_t i;

	*is_ago = false;
	if (len >= sizeof s)
		return err_set(err, ERR_INPUT, "%s", no_time);
	for (i = 0; i < len; i++)
		s[i] = text[i] >= 'A' && text[i] <= 'Z'
		    ? (char)(text[i] + ('a' - 'A')) : text[i];
	s[len] = '\0';

	if (strcmp(s, "now") == 0) {
		*first_us = *past_us = context->now_us;
		*is_ago = true;
		return 0;
	}
	if (s[0] == '@')
		return read_epoch(s + 1, first_us, past_us) ? 0
		    : err_set(err, ERR_INPUT, "%s", no_time);
	if (read_ago(s, context, first_us)) {
		*past_us = *first_us;
		*is_ago = true;
		return 0;
	}
	why = read_civil(s, context->now_us +
	    offset_at(context, context->now_us), &c);
	if (why != NULL)
		return err_set(err, ERR_INPUT, "%s", why);
	if (c.has_zone) {
		*first_us = c.first - c.zone_us;
		*past_us = c.past - c.zone_us;
	} else {
		*first_us = first_moment(context, c.first);
		*past_us = past_moment(context, c.past);
	}
	return 0;
}

int
query_when(const char *text, const struct query_context *context,
    int64_t *first_us, int64_t *past_us, struct err *err)
{
	bool is_ago;

	return read_when(text, strlen(text), context, first_us, past_us,
	    &is_ago, err);
}

int
when_span(const char *text, const struct query_context *context,
    int64_t *first_us, int64_t *past_us, struct err *err)
{
	const char *dots = strstr(text, "..");
	int64_t unused, last = INT64_MAX;
	bool is_ago;

	*first_us = INT64_MIN;
	*past_us = INT64_MAX;
	if (dots == NULL) {
		if (read_when(text, strlen(text), context, first_us, past_us,
		    &is_ago, err) != 0)
			return -1;
		if (is_ago)
			*past_us = context->now_us + 1;
		return 0;
	}
	if (dots == text && dots[2] == '\0')
		return err_set(err, ERR_INPUT, "one end must be given");
	if (dots != text && read_when(text, (size_t)(dots - text), context,
	    first_us, &unused, &is_ago, err) != 0)
		return -1;
	if (dots[2] != '\0' && read_when(dots + 2, strlen(dots + 2), context,
	    &last, past_us, &is_ago, err) != 0)
		return -1;
	/* Two times that daylight saving skipped are the same moment, with
	 * nothing between. */
	if (last < *first_us && *past_us <= *first_us)
		return err_set(err, ERR_INPUT, "it ends before it begins");
	return 0;
}
