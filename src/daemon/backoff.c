#include "daemon/backoff.h"

#include "base/mem.h"
#include "base/time.h"

#define CEILING		(15 * TIME_MINUTE)

/* First wait, and whether jitter may shorten it. */
static const struct cause {
	int64_t first_us;
	bool is_least;		/* never before first_us */
} causes[] = {
	[FAIL_RETRY]	= { 2 * TIME_SECOND, false },
	[FAIL_CONFLICT]	= { TIME_MINUTE, true },
	[FAIL_MEND]	= { 30 * TIME_SECOND, false },
	[FAIL_REDIRECT]	= { 30 * TIME_SECOND, false },	/* in a circle */
	[FAIL_NEXT]	= { 2 * TIME_SECOND, false },
};

/* A password that has worked: servers refuse good ones while their own
 * directory is down. */
static const int64_t password_us[] = {
	15 * TIME_MINUTE, TIME_HOUR, 6 * TIME_HOUR,
};

int64_t
backoff_next(struct backoff *b, enum fail_wait cause, bool has_worked,
    unsigned chance)
{
	int64_t wait;
	unsigned i;

	if (cause == FAIL_GONE || (cause == FAIL_PASSWORD && !has_worked))
		return INT64_MAX;
	if (b->cause != cause)
		b->tries = 0;
	b->cause = cause;
	i = b->tries++;
	if (cause == FAIL_PASSWORD)
		return password_us[i < COUNT(password_us) ? i
		    : COUNT(password_us) - 1];
	wait = causes[cause].first_us;
	for (; i > 0 && wait < CEILING; i--)
		wait *= 2;
	if (wait > CEILING)
		wait = CEILING;
	/* Half of it by chance, so that a thousand accounts do not come back
	 * in the same second. */
	if (causes[cause].is_least)
		return wait + wait / 4 * chance / 1000;
	return wait / 2 + wait / 2 * chance / 1000;
}

void
backoff_healthy(struct backoff *b, int64_t online_us)
{
	/* Two clients that throw each other out are both online in between:
	 * a conflict is forgiven only after the longest wait. */
	int64_t least = b->cause == FAIL_CONFLICT ? CEILING : TIME_MINUTE;

	if (online_us >= least)
		b->tries = 0;
}
