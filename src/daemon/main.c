/*
 * backscrolld - the talking half of backscroll(1), which executes it in its
 * own place; see src/README.
 */
#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"
#include "daemon/options.h"
#include "daemon/report.h"
#include "daemon/verbs.h"

static const struct verb *const verbs[] = { &verb_run, &verb_check };

static void
usage(FILE *out)
{
	size_t i;

	for (i = 0; i < COUNT(verbs); i++)
		fprintf(out, "%s backscroll %s\n", i == 0 ? "usage:" : "      ",
		    verbs[i]->usage);
}

int
main(int argc, char **argv)
{
	struct options o;
	int status = options_parse(&o, argc, argv);
	size_t i;

	if (status != 0)
		goto out;
	if (o.wants_version) {
		printf("backscroll %s\n", PACKAGE_VERSION);
		goto out;
	}
	if (o.wants_help) {
		usage(stdout);
		goto out;
	}
	status = 2;
	if (o.verb == NULL) {
		usage(stderr);
		goto out;
	}
	for (i = 0; i < COUNT(verbs); i++)
		if (str_is(verbs[i]->name, o.verb)) {
			report_logs(o.verbosity);
			status = verbs[i]->run(&o);
			goto out;
		}
	report("%s: no such command", o.verb);
out:
	options_clear(&o);
	return status;
}
