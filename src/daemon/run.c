/* run - the archiver, in the foreground. */
#include <stdlib.h>

#include "app/paths.h"
#include "base/log.h"
#include "daemon/report.h"
#include "daemon/service.h"
#include "daemon/verbs.h"

static int
run(const struct options *o)
{
	struct config *c;
	struct service *s;
	struct service_paths paths = { 0 };
	char *archive = NULL, *socket = NULL, **accounts = NULL;
	size_t count = 0;
	struct err err;
	int status;

	c = verbs_config(o, &status);
	if (c == NULL)
		return status;
	accounts = verbs_accounts(o, c, &count);
	if (accounts == NULL) {
		config_free(c);
		return 2;
	}
	archive = paths_archive(o->archive, c);
	socket = paths_socket(o->archive, c, archive);
	paths.archive = archive;
	paths.socket = socket;
	paths.archive_given = o->archive;
	paths.accounts = (const char *const *)accounts;
	paths.account_count = count;
	s = service_new(c, &paths, &err);
	if (s == NULL) {
		report("%s", err.text);
		config_free(c);
		status = err.code == ERR_INPUT ? 2 : 3;
	} else {
		log_info(NULL, "archive %s, control socket %s", archive,
		    socket);
		status = service_run(s);
		service_free(s);
	}
	free(archive);
	free(socket);
	verbs_accounts_free(accounts, count);
	return status;
}

const struct verb verb_run = { "run", "run [OPTION]...", run };
