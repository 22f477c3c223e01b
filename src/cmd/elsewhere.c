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

/*
 * What they take, for help. Accounts' secrets and servers come from the
 * configuration, or from these.
 */

#define ELSEWHERE(letter, name, argument, help) \
	{ letter, name, argument, OPTION_ELSEWHERE, 0, help }
#define LOGIN \
	ELSEWHERE(0, "server", "HOST:PORT", "instead of DNS"), \
	ELSEWHERE(0, "tls", "HOW", "any (default), starttls or direct"), \
	ELSEWHERE(0, "ca-file", "FILE", "whom to trust"), \
	ELSEWHERE(0, "password-file", "FILE", "the password"), \
	ELSEWHERE(0, "password-command", "COMMAND", "what prints it")

static const struct option_row run_options[] = {
	OPTION_END
};
static const struct option_row sync_options[] = {
	ELSEWHERE(0, "since", "TIME", "read again from TIME on"),
	ELSEWHERE(0, "full", NULL, "read everything again"),
	ELSEWHERE(0, "timeout", "S", "not longer than S seconds"),
	OPTION_END
};
static const struct option_row check_options[] = {
	ELSEWHERE(0, "connect", NULL, "log in to each account too"),
	OPTION_END
};
static const struct option_row login_options[] = {
	LOGIN,
	OPTION_END
};
static const struct option_row register_options[] = {
	ELSEWHERE(0, "field", "NAME=VALUE", "what the server wants to know"),
	ELSEWHERE(0, "save", NULL, "add the account to the configuration"),
	LOGIN,
	OPTION_END
};
static const struct option_row unregister_options[] = {
	ELSEWHERE(0, "yes", NULL, "do not ask"),
	LOGIN,
	OPTION_END
};
static const struct option_row passwd_options[] = {
	ELSEWHERE(0, "generate", NULL, "make a new one"),
	ELSEWHERE(0, "no-save", NULL, "leave the account's file alone"),
	LOGIN,
	OPTION_END
};
static const struct option_row send_options[] = {
	ELSEWHERE(0, "from", "JID", "the account; with one: may be left out"),
	ELSEWHERE(0, "to", "JID", "who shall get it"),
	ELSEWHERE(0, "type", "TYPE", "chat (default), normal, groupchat, "
	    "headline"),
	ELSEWHERE(0, "subject", "[LANG:]TEXT", "may be repeated"),
	ELSEWHERE(0, "body", "[LANG:]TEXT", "may be repeated"),
	ELSEWHERE(0, "thread", "ID", "the thread"),
	ELSEWHERE(0, "parent", "ID", "the thread's parent"),
	ELSEWHERE(0, "lang", "LANG", "the stanza's language"),
	ELSEWHERE(0, "wait", NULL, "for the server's acknowledgement"),
	LOGIN,
	OPTION_END
};
static const struct option_row subscribe_options[] = {
	ELSEWHERE(0, "name", "NAME", "for the roster"),
	LOGIN,
	OPTION_END
};

#define VERB(verb, takes, what, rows, one, two, also) \
	&(const struct command){ .name = verb, .arguments = takes, \
	    .summary = what, .options = rows, .examples = { one, two }, \
	    .needs = IS_ELSEWHERE | (also) }

const struct command *const command_elsewhere[] = {
	VERB("run", "", "the archiver, in the foreground", run_options,
	    "backscroll run", "backscroll run -v -c ./backscroll.conf", 0),
	VERB("sync", "", "log in, catch up, exit: for cron", sync_options,
	    "backscroll sync --timeout 600",
	    "backscroll sync -a juliet@example.com --since 30d", 0),
	VERB("check", "", "say what is wrong with the configuration",
	    check_options, "backscroll check",
	    "backscroll check --connect -a juliet@example.com", 0),
	VERB("add", "JID", "set up an account: password, configuration",
	    login_options, "backscroll add juliet@example.com",
	    "backscroll add romeo@example.net --password-command "
	    "'pass show xmpp'", 0),
	VERB("register", "JID", "create an account on a server",
	    register_options, "backscroll register juliet@example.com --save",
	    "backscroll register romeo@example.net --field email=r@example.net",
	    0),
	VERB("unregister", "JID", "delete an account on its server",
	    unregister_options, "backscroll unregister juliet@example.com",
	    "backscroll unregister romeo@example.net --yes", 0),
	VERB("passwd", "JID", "change an account's password", passwd_options,
	    "backscroll passwd juliet@example.com",
	    "backscroll passwd romeo@example.net --generate", 0),
	VERB("send", "[TEXT]", "send one message", send_options,
	    "backscroll send --to romeo@example.net 'Good morrow'",
	    "uptime | backscroll send --from juliet@example.com --to "
	    "romeo@example.net", NEEDS_QUERY),
	VERB("subscribe", "JID", "ask for a contact's presence",
	    subscribe_options, "backscroll subscribe romeo@example.net",
	    "backscroll subscribe -a juliet@example.com --name Romeo "
	    "romeo@example.net", 0),
	VERB("unsubscribe", "JID", "give up a contact's presence",
	    login_options, "backscroll unsubscribe romeo@example.net",
	    "backscroll unsubscribe -a juliet@example.com romeo@example.net",
	    0),
	NULL
};
