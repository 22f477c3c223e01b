#include <stdlib.h>

#include "cmd/say.h"
#include "cmd/service.h"
#include "cmd/setting.h"

/* What `check` would say: a problem a line, which may be several in a
 * field. */
static void
say_problems(const char *problems)
{
	while (*problems != '\0') {
		int len = 0;

		while (problems[len] != '\0' && problems[len] != '\n')
			len++;
		if (len > 0)
			say("%.*s", len, problems);
		problems += len + (problems[len] == '\n');
	}
}

static int
ask(const struct call *call, const char *path)
{
	struct service service;
	struct service_reply reply;
	struct err err = { 0 };
	const char *problems;
	size_t i;
	int status;

	if (service_open(&service, path, &err) != 0)
		return err.code == ERR_ABSENT ? service_say_absent(path)
					      : say_err(&err);
	if (service_ask(&service, "reload", NULL, NULL, &err) != 0 ||
	    service_reply(&service, 0, &reply, &err) <= 0) {
		service_close(&service);
		say_err(&err);
		return EXIT_UNABLE;
	}
	status = reply.code;
	for (i = 0; i < reply.count; i++) {
		problems = service_get(&reply.records[i], "problem");
		if (problems != NULL)
			say_problems(problems);
	}
	if (status != 0)
		say("reload: %s", reply.text);
	service_reply_clear(&reply);
	service_close(&service);
	return status;
}

static int
reload_run(const struct call *call, struct reader *r)
{
	char *archive, *path;
	int status;

	status = setting_paths(call, &archive, &path);
	if (status == 0)
		status = ask(call, path);
	free(archive);
	free(path);
	return status;
}

const struct command command_reload = {
	.name = "reload",
	.arguments = "",
	.summary = "let the running service read its configuration again",
	.more = "Accounts that did not change stay connected. A wrong "
	    "configuration changes nothing.",
	.needs = NEEDS_SOCKET,
	.examples = {
		"backscroll check && backscroll reload",
		"backscroll reload -c /etc/backscroll/backscroll.conf",
	},
	.run = reload_run,
};
