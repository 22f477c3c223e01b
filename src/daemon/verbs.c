#include "daemon/verbs.h"

#include <stdlib.h>
#include <string.h>

#include "app/paths.h"
#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon/report.h"
#include "model/jid.h"
#include "net/tls.h"

bool
verbs_files(const struct config *c, struct buf *problems)
{
	const struct config_account *a;
	struct tls_context *tls;
	size_t before = problems->len;
	struct err err;

	for (a = c->accounts; a < c->accounts + c->account_count; a++) {
		/* A thousand accounts mostly name the same files, or none. */
		if ((a->ca_file == NULL && a->certificate == NULL) ||
		    (a > c->accounts && str_is(a->ca_file, a[-1].ca_file) &&
		    str_is(a->certificate, a[-1].certificate) &&
		    str_is(a->key, a[-1].key)))
			continue;
		tls = tls_context_new(a->ca_file, a->certificate, a->key,
		    &err);
		if (tls == NULL)
			buf_printf(problems, "%s:%d: account %s: %s\n",
			    c->path, a->line, a->jid, err.text);
		tls_context_free(tls);
	}
	return problems->len == before;
}

struct config *
verbs_config(const struct options *o, int *status)
{
	char *path = paths_config(o->config, NULL);
	struct buf problems = { 0 };
	struct err err = { 0 };
	struct config *c = config_load(path, CONFIG_WHOLE, &problems, &err);
	char *rest, *line;

	*status = 2;
	if (c != NULL && !verbs_files(c, &problems)) {
		config_free(c);
		c = NULL;
	}
	rest = problems.data;
	if (c == NULL) {
		if (problems.len == 0)
			report("%s", err.text);
		while ((line = strsep(&rest, "\n")) != NULL)
			if (*line != '\0')
				report("%s", line);
		if (err.code == ERR_ABSENT)
			report_advice("write one, or name it with --config; "
			    "README shows an example");
	} else if (c->account_count == 0) {
		report("%s: no account in it", path);
		report_advice("add a block: account \"you@example.com\" "
		    "{ password-command = \"...\" }");
		config_free(c);
		c = NULL;
	}
	buf_clear(&problems);
	free(path);
	return c;
}

char **
verbs_accounts(const struct options *o, const struct config *c, size_t *count)
{
	char **out = mem_array(o->account_count + 1, sizeof *out);
	struct arena *a = arena_new();
	size_t i;

	*count = 0;
	for (i = 0; i < o->account_count; i++) {
		struct jid jid;
		const char *why;

		if (!jid_check(a, o->accounts[i], &jid, &why)) {
			report("--account %s: %s", o->accounts[i], why);
			goto fail;
		}
		if (config_account(c, jid.bare) == NULL) {
			report("--account %s: not in %s", o->accounts[i],
			    c->path);
			goto fail;
		}
		out[(*count)++] = mem_str(jid.bare);
	}
	arena_free(a);
	return out;

fail:
	arena_free(a);
	verbs_accounts_free(out, *count);
	return NULL;
}

void
verbs_accounts_free(char **accounts, size_t count)
{
	size_t i;

	if (accounts == NULL)
		return;
	for (i = 0; i < count; i++)
		free(accounts[i]);
	free(accounts);
}
