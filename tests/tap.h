/*
 * tap - what a unit test program needs: cases with names, TAP on stdout.
 *
 *   int main(void) { ok(1 + 1 == 2, "one and one is two"); return done(); }
 *
 * Only for tests: everything is static.
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((unused, format(printf, 2, 3))) static bool
ok(bool passed, const char *format, ...)
{
	char name[512];
	va_list ap;
	char *p;

	va_start(ap, format);
	vsnprintf(name, sizeof name, format, ap);
	va_end(ap);
	for (p = name; *p != '\0'; p++)	/* "#" begins a TAP directive */
		if (*p == '\n' || *p == '\r' || *p == '#')
			*p = ' ';
	printf("%sok %d - %s\n", passed ? "" : "not ", ++tap_count, name);
	fflush(stdout);
	tap_failed += !passed;
	return passed;
}

__attribute__((unused)) static bool
is_str(const char *got, const char *want, const char *name)
{
	bool same = got == NULL || want == NULL ? got == want
						: strcmp(got, want) == 0;

	if (!ok(same, "%s", name))
		printf("# got  %s\n# want %s\n", got ? got : "(null)",
		    want ? want : "(null)");
	return same;
}

__attribute__((unused)) static bool
is_int(long long got, long long want, const char *name)
{
	if (!ok(got == want, "%s", name))
		printf("# got  %lld\n# want %lld\n", got, want);
	return got == want;
}

__attribute__((unused)) static int
done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed > 0;
}

#endif
