/*
 * help - what several tests of store/ need: a directory of one's own.
 */
#ifndef TESTS_STORE_HELP_H
#define TESTS_STORE_HELP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char help_dir[64];

/* Made on the first call, with everything in it gone at exit. */
__attribute__((unused)) static void
help_remove(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf '%s'", help_dir);
	if (system(command) != 0)
		perror(help_dir);
}

/* A path in it; the result is good for the life of the test. */
__attribute__((unused)) static const char *
help_path(const char *name)
{
	static char paths[64][256];
	static int next;
	char *path = paths[next++ % 64];

	if (help_dir[0] == '\0') {
		strcpy(help_dir, "/tmp/backscroll-test.XXXXXX");
		if (mkdtemp(help_dir) == NULL) {
			perror(help_dir);
			exit(99);
		}
		atexit(help_remove);
	}
	snprintf(path, sizeof paths[0], "%s/%s", help_dir, name);
	return path;
}

#endif
