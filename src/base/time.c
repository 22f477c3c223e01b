#include "base/time.h"

#include <stddef.h>
#include <stdio.h>

#include "base/str.h"

int64_t
time_day(int64_t us)
{
	return us >= 0 ? us / TIME_DAY : -((-us + TIME_DAY - 1) / TIME_DAY);
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
time_month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970 of a civil date: eras of 400 years that begin in March,
 * so that the leap day is an era's last. */
static int64_t
days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 +
	    day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

int64_t
time_join(const struct time_fields *f)
{
	return days_from_civil(f->year, f->month, f->day) * TIME_DAY +
	    f->hour * TIME_HOUR + f->minute * TIME_MINUTE +
	    f->second * TIME_SECOND + f->us;
}

void
time_split(int64_t us, struct time_fields *f)
{
	int64_t day = time_day(us), rest = us - day * TIME_DAY;
	int64_t z = day + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	f->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	f->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	f->year = (int)(yoe + era * 400 + (f->month <= 2));
	f->hour = (int)(rest / TIME_HOUR);
	f->minute = (int)(rest / TIME_MINUTE % 60);
	f->second = (int)(rest / TIME_SECOND % 60);
	f->us = (int)(rest % TIME_SECOND);
}

static bool
clock_time(const char **s, struct time_fields *f)
{
	return str_take_digits(s, 2, &f->hour) && str_take(s, ":") &&
	    str_take_digits(s, 2, &f->minute) && str_take(s, ":") &&
	    str_take_digits(s, 2, &f->second);
}

/* Ranges; a leap second becomes the end of its minute. */
static bool
settle(struct time_fields *f)
{
	if (f->year < 1 || f->month < 1 || f->month > 12 || f->day < 1 ||
	    f->day > time_month_days(f->year, f->month) || f->hour > 23 ||
	    f->minute > 59 || f->second > 60)
		return false;
	if (f->second == 60) {
		f->second = 59;
		f->us = 999999;
	}
	return true;
}

bool
time_parse(const char *s, int64_t *us)
{
	struct time_fields f = { 0 };
	int64_t zone = 0;

	if (!str_take_digits(&s, 4, &f.year) || !str_take(&s, "-") ||
	    !str_take_digits(&s, 2, &f.month) || !str_take(&s, "-") ||
	    !str_take_digits(&s, 2, &f.day))
		return false;
	if (*s != 'T' && *s != 't')
		return false;
	s++;
	if (!clock_time(&s, &f))
		return false;
	if (*s == '.') {
		int scale = 100000;

		s++;
		if (*s < '0' || *s > '9')
			return false;
		for (; *s >= '0' && *s <= '9'; s++, scale /= 10)
			f.us += (*s - '0') * scale;
	}
	if (*s == 'Z' || *s == 'z') {
		s++;
	} else if (*s == '+' || *s == '-') {
		int sign = *s++ == '-' ? -1 : 1, hour, minute;

		if (!str_take_digits(&s, 2, &hour) || !str_take(&s, ":") ||
		    !str_take_digits(&s, 2, &minute) || hour > 23 ||
		    minute > 59)
			return false;
		zone = sign * (hour * TIME_HOUR + minute * TIME_MINUTE);
	} else {
		return false;
	}
	if (*s != '\0' || !settle(&f))
		return false;
	*us = time_join(&f) - zone;
	return true;
}

bool
time_parse_legacy(const char *s, int64_t *us)
{
	struct time_fields f = { 0 };

	if (!str_take_digits(&s, 4, &f.year) ||
	    !str_take_digits(&s, 2, &f.month) ||
	    !str_take_digits(&s, 2, &f.day) || !str_take(&s, "T") ||
	    !clock_time(&s, &f) || *s != '\0' || !settle(&f))
		return false;
	*us = time_join(&f);
	return true;
}

char *
time_format(char out[TIME_TEXT], int64_t us)
{
	struct time_fields f;

	if (us < TIME_LEAST)
		us = TIME_LEAST;
	if (us > TIME_MOST)
		us = TIME_MOST;
	time_split(us, &f);
	snprintf(out, TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	    (unsigned)f.year % 10000, (unsigned)f.month % 100,
	    (unsigned)f.day % 100, (unsigned)f.hour % 100,
	    (unsigned)f.minute % 100, (unsigned)f.second % 100,
	    (unsigned)(f.us / 1000) % 1000);
	return out;
}
