#include "daemon/reload.h"

#include <stdlib.h>
#include <string.h>

#include "app/paths.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon/verbs.h"

/* A configuration, for as long as an account was made from it. */
struct generation {
	struct list link;
	struct config *config;
	size_t users;
};

struct member {
	struct list link;
	struct account *account;
	struct generation *generation;
	bool is_leaving;
	/* What takes its place once it has gone; NULL: nothing. */
	const struct config_account *next;
	struct generation *next_generation;
};

struct reload {
	struct list generations, members;
	struct generation *current;
	char *archive, *socket, *archive_given;
	const char **only;
	size_t only_count;
	struct account_env env;
	void (*on_changed)(void *arg);
	void (*on_stopped)(void *arg);
	void *arg;
	bool is_started;
};

static struct generation *
generation_new(struct reload *r, struct config *config)
{
	struct generation *g = mem_alloc(sizeof *g);

	g->config = config;
	list_push(&r->generations, &g->link);
	return g;
}

static void
drop_unused(struct reload *r)
{
	struct list *link, *after;

	list_each(link, after, &r->generations) {
		struct generation *g = list_item(link, struct generation, link);

		if (g->users > 0 || g == r->current)
			continue;
		list_remove(link);
		config_free(g->config);
		free(g);
	}
}

static bool
is_wanted(const struct reload *r, const char *jid)
{
	size_t i;

	for (i = 0; i < r->only_count; i++)
		if (str_is(r->only[i], jid))
			return true;
	return r->only_count == 0;
}

static struct member *
member_find(struct reload *r, const char *jid)
{
	struct list *link, *after;

	list_each(link, after, &r->members) {
		struct member *m = list_item(link, struct member, link);

		if (str_is(account_config(m->account)->jid, jid))
			return m;
	}
	return NULL;
}

static struct member *
member_add(struct reload *r, const struct config_account *config,
    struct generation *g)
{
	struct member *m = mem_alloc(sizeof *m);

	m->account = account_new(&r->env, config);
	m->generation = g;
	g->users++;
	list_push(&r->members, &m->link);
	if (r->is_started)
		account_start(m->account);
	return m;
}

static void
on_account_changed(struct account *a, void *arg)
{
	struct reload *r = arg;

	(void)a;
	r->on_changed(r->arg);
}

static void
on_account_stopped(struct account *a, void *arg)
{
	struct reload *r = arg;
	struct member *m = member_find(r, account_config(a)->jid);
	const struct config_account *next = m->next;
	struct generation *next_generation = m->next_generation;

	list_remove(&m->link);
	m->generation->users--;
	account_free(a);
	free(m);
	if (next != NULL) {
		member_add(r, next, next_generation);
		next_generation->users--;	/* the promise is kept */
	}
	drop_unused(r);
	r->on_changed(r->arg);
	r->on_stopped(r->arg);
}

struct reload *
reload_new(struct config *config, const struct service_paths *paths,
    const struct account_env *env, void (*on_changed)(void *arg),
    void (*on_stopped)(void *arg), void *arg)
{
	struct reload *r = mem_alloc(sizeof *r);
	size_t i;

	list_init(&r->generations);
	list_init(&r->members);
	r->archive = mem_str(paths->archive);
	r->socket = mem_str(paths->socket);
	r->archive_given = mem_str(paths->archive_given);
	r->only = mem_array(paths->account_count, sizeof *r->only);
	r->only_count = paths->account_count;
	for (i = 0; i < r->only_count; i++)
		r->only[i] = mem_str(paths->accounts[i]);
	r->env = *env;
	r->env.changed = on_account_changed;
	r->env.stopped = on_account_stopped;
	r->env.arg = r;
	r->on_changed = on_changed;
	r->on_stopped = on_stopped;
	r->arg = arg;
	r->current = generation_new(r, config);
	for (i = 0; i < config->account_count; i++)
		if (is_wanted(r, config->accounts[i].jid))
			member_add(r, &config->accounts[i], r->current);
	return r;
}

void
reload_free(struct reload *r)
{
	struct list *link, *after;
	size_t i;

	if (r == NULL)
		return;
	list_each(link, after, &r->members) {
		struct member *m = list_item(link, struct member, link);

		account_free(m->account);
		free(m);
	}
	list_each(link, after, &r->generations) {
		struct generation *g = list_item(link, struct generation, link);

		config_free(g->config);
		free(g);
	}
	for (i = 0; i < r->only_count; i++)
		free((char *)r->only[i]);
	free(r->only);
	free(r->archive);
	free(r->socket);
	free(r->archive_given);
	free(r);
}

void
reload_start(struct reload *r)
{
	struct list *link, *after;

	r->is_started = true;
	list_each(link, after, &r->members)
		account_start(list_item(link, struct member, link)->account);
}

/* A member that has to go, perhaps to come back otherwise configured. */
static void
leave(struct member *m, const struct config_account *next,
    struct generation *next_generation)
{
	if (m->next_generation != NULL)
		m->next_generation->users--;
	m->next = next;
	m->next_generation = next_generation;
	if (next_generation != NULL)
		next_generation->users++;
	if (m->is_leaving)
		return;
	m->is_leaving = true;
	account_stop(m->account);
}

void
reload_stop(struct reload *r)
{
	struct list *link, *after;

	list_each(link, after, &r->members)
		leave(list_item(link, struct member, link), NULL, NULL);
}

bool
reload_is_empty(const struct reload *r)
{
	return list_is_empty(&r->members);
}

struct account *
reload_account(struct reload *r, size_t i)
{
	struct list *link, *after;

	list_each(link, after, &r->members)
		if (i-- == 0)
			return list_item(link, struct member, link)->account;
	return NULL;
}

/* What a running service cannot change. */
static bool
is_possible(struct reload *r, const struct config *c, struct buf *problems)
{
	char *archive = paths_archive(r->archive_given, c);
	char *socket = paths_socket(r->archive_given, c, archive);
	bool same_archive = str_is(archive, r->archive);
	bool same_socket = str_is(socket, r->socket);

	if (!same_archive)
		buf_printf(problems, "%s: archive: a running service cannot "
		    "change it: restart it\n", c->path);
	if (!same_socket)
		buf_printf(problems, "%s: control-socket: a running service "
		    "cannot change it: restart it\n", c->path);
	free(archive);
	free(socket);
	return same_archive && same_socket;
}

int
reload_again(struct reload *r, struct buf *problems)
{
	struct config *c;
	struct generation *g;
	struct list *link, *after;
	struct err err;
	size_t i;

	c = config_load(r->current->config->path, CONFIG_WHOLE, problems,
	    &err);
	if (c == NULL) {
		if (problems->len == 0)
			buf_printf(problems, "%s\n", err.text);
		return -1;
	}
	if (c->account_count == 0)
		buf_printf(problems, "%s: no account in it\n", c->path);
	if (c->account_count == 0 || !verbs_files(c, problems) ||
	    !is_possible(r, c, problems)) {
		config_free(c);
		return -1;
	}
	g = r->current = generation_new(r, c);
	g->users++;		/* nothing of it may go while we use it */
	list_each(link, after, &r->members) {
		struct member *m = list_item(link, struct member, link);
		const struct config_account *old = account_config(m->account);
		const struct config_account *new = config_account(c, old->jid);

		if (new == NULL)
			leave(m, NULL, NULL);
		else if (m->is_leaving || !config_account_is_same(old, new) ||
		    account_has_failed(m->account))
			leave(m, new, g);
	}
	for (i = 0; i < c->account_count; i++)
		if (is_wanted(r, c->accounts[i].jid) &&
		    member_find(r, c->accounts[i].jid) == NULL)
			member_add(r, &c->accounts[i], g);
	g->users--;
	drop_unused(r);
	log_info(NULL, "the configuration was read again");
	r->on_changed(r->arg);
	return 0;
}
