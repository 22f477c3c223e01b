#include "app/paths.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

/* An empty variable is as good as none (XDG Base Directory 0.8). */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

static const char *
home(void)
{
	const char *dir = variable("HOME");
	const struct passwd *pw;

	if (dir != NULL)
		return dir;
	pw = getpwuid(getuid());
	return pw != NULL && pw->pw_dir[0] != '\0' ? pw->pw_dir : "/";
}

/* $VARIABLE/rest, where the variable counts only if absolute (XDG again). */
static char *
xdg(const char *name, const char *fallback, const char *rest)
{
	const char *dir = variable(name);

	if (dir != NULL && *dir == '/')
		return mem_printf("%s/%s", dir, rest);
	return mem_printf("%s/%s/%s", home(), fallback, rest);
}

char *
paths_config(const char *given, bool *is_explicit)
{
	static const char etc[] = "/etc/backscroll/backscroll.conf";
	char *own;

	if (given == NULL)
		given = variable("BACKSCROLL_CONFIG");
	if (is_explicit != NULL)
		*is_explicit = given != NULL;
	if (given != NULL)
		return mem_str(given);
	own = xdg("XDG_CONFIG_HOME", ".config", "backscroll/backscroll.conf");
	if (access(own, F_OK) == 0 || access(etc, F_OK) != 0)
		return own;
	free(own);
	return mem_str(etc);
}

char *
paths_archive(const char *given, const struct config *c)
{
	if (given == NULL)
		given = variable("BACKSCROLL_ARCHIVE");
	if (given == NULL && c != NULL)
		given = c->archive;
	if (given != NULL)
		return mem_str(given);
	return xdg("XDG_DATA_HOME", ".local/share", "backscroll/archive.db");
}

char *
paths_socket(const char *given, const struct config *c, const char *archive)
{
	if (given != NULL)
		return mem_printf("%s.sock", given);
	if (c != NULL && c->control_socket != NULL)
		return mem_str(c->control_socket);
	return mem_printf("%s.sock", archive);
}
