#include "cmd/setting.h"

#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "app/paths.h"
#include "base/buf.h"
#include "base/err.h"
#include "cmd/say.h"
#include "model/jid.h"

/* Every problem on a line of its own. */
static void
say_problems(const struct buf *problems)
{
	const char *s = problems->data;

	while (*s != '\0') {
		size_t len = strcspn(s, "\n");

		say("%.*s", (int)len, s);
		s += len + (s[len] == '\n');
	}
}

int
setting_paths(const struct call *call, char **archive, char **socket)
{
	struct buf problems = { 0 };
	struct err err = { 0 };
	struct config *c = NULL;
	const char *env = getenv("BACKSCROLL_ARCHIVE");
	bool is_explicit = false;
	char *path;
	int status = 0;

	*archive = NULL;
	if (socket != NULL)
		*socket = NULL;
	path = paths_config(call->config, &is_explicit);
	if (call->archive == NULL &&
	    (socket != NULL || env == NULL || *env == '\0')) {
		c = config_load(path, CONFIG_PATHS, &problems, &err);
		/* Nobody needs a configuration, unless it was named. */
		if (c == NULL && (err.code != ERR_ABSENT || is_explicit)) {
			say_problems(&problems);
			status = err.code == ERR_ABSENT ? EXIT_USAGE
							: say_status(&err);
		}
	}
	if (status == 0) {
		*archive = paths_archive(call->archive, c);
		if (socket != NULL)
			*socket = paths_socket(call->archive, c, *archive);
	}
	config_free(c);
	buf_clear(&problems);
	free(path);
	return status;
}

int
setting_accounts(const struct call *call, struct arena *a,
    const char *const **jids)
{
	const char **out, *why;
	struct jid jid;
	size_t i;

	*jids = out = arena_array(a, call->account_count + 1, sizeof *out);
	for (i = 0; i < call->account_count; i++) {
		if (!jid_check(a, call->accounts[i], &jid, &why))
			return say_usage(call->command->name,
			    "%s: not an account: %s", call->accounts[i], why);
		out[i] = jid.bare;
	}
	return 0;
}
