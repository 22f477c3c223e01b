/*
 * time - moments and how the protocol writes them. No clock: base/clock.h.
 *
 * A moment is an int64_t of microseconds since 1970-01-01T00:00:00Z, named
 * `_us`. Everything here is UTC; local time is the business of query/when
 * and format.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define TIME_SECOND	INT64_C(1000000)
#define TIME_MINUTE	(60 * TIME_SECOND)
#define TIME_HOUR	(60 * TIME_MINUTE)
#define TIME_DAY	(24 * TIME_HOUR)

/* The first and last moments that an archive id can stand for: 1970, and
 * the last microsecond of 9999. */
#define TIME_LEAST	INT64_C(0)
#define TIME_MOST	INT64_C(253402300799999999)

enum { TIME_TEXT = 28 };	/* room for time_format(), NUL included */

/* XEP-0082 DateTime (RFC 3339; seconds required, zone required, a leap
 * second is the last microsecond of its minute). Years 0001..9999. */
bool time_parse(const char *s, int64_t *us);

/* XEP-0091's CCYYMMDDThh:mm:ss, always UTC. */
bool time_parse_legacy(const char *s, int64_t *us);

/* "2026-11-22T10:11:12.123Z": milliseconds, rounded down. Clamped to
 * TIME_LEAST..TIME_MOST. Returns out. */
char *time_format(char out[TIME_TEXT], int64_t us);

/* The days since 1970 of a moment, rounded down (negative before). */
int64_t time_day(int64_t us);

/* Proleptic Gregorian calendar, UTC. month and day count from 1. */
struct time_fields {
	int year, month, day, hour, minute, second, us;
};
void time_split(int64_t us, struct time_fields *f);
int64_t time_join(const struct time_fields *f);	/* fields must be in range */
int time_month_days(int year, int month);

#endif
