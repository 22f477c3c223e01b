#include "cmd/elsewhere.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/command.h"
#include "cmd/say.h"

/* The directory of this program, or NULL. */
static char *
own_directory(const char *argv0)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
	char *real, *slash;

	if (len > 0)
		path[len] = '\0';
	real = realpath(len > 0 ? path : argv0, NULL);
	if (real == NULL)
		return NULL;
	slash = strrchr(real, '/');
	slash[slash == real ? 1 : 0] = '\0';
	return real;
}

int
elsewhere_exec(char **argv)
{
	/* Beside us; in the tree it is built in; in a moved prefix. */
	static const char *const places[] = { "backscrolld",
		"../daemon/backscrolld", "../sbin/backscrolld" };
	char *dir = own_directory(argv[0]), *path;
	size_t i;

	for (i = 0; dir != NULL && i < COUNT(places); i++) {
		path = mem_printf("%s/%s", dir, places[i]);
		if (access(path, X_OK) == 0)
			execv(path, argv);
		free(path);
	}
	free(dir);
	execv(SBINDIR "/backscrolld", argv);
	say("%s: %s", SBINDIR "/backscrolld", strerror(errno));
	say_advice("The service is a program of its own, installed beside "
	    "this one.");
	return EXIT_UNABLE;
}

/* What they take, for help; backscrolld reads it. */
static const struct option_row run_options[] = {
	OPTION_END
};
static const struct option_row check_options[] = {
	{ 0, "connect", NULL, OPTION_ELSEWHERE, 0,
	    "log in to each account too" },
	OPTION_END
};

#define VERB(verb, what, rows, one, two) \
	&(const struct command){ .name = verb, .arguments = "", \
	    .summary = what, .options = rows, .examples = { one, two }, \
	    .needs = IS_ELSEWHERE }

const struct command *const command_elsewhere[] = {
	VERB("run", "the archiver, in the foreground", run_options,
	    "backscroll run", "backscroll run -v -c ./backscroll.conf"),
	VERB("check", "say what is wrong with the configuration",
	    check_options, "backscroll check",
	    "backscroll check --connect -a juliet@example.com"),
	NULL
};
