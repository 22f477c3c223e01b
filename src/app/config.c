#include "app/config.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/judge.h"
#include "app/outline.h"
#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"

enum { FILE_MOST = 4 << 20 };

/*
 * libconfuse: it is given the text that app/outline.h wrote and says what the
 * values are: quotes and backslashes taken off, variables put in.
 */

static cfg_opt_t *
options_new(const struct outline_shape *shapes, bool is_block)
{
	cfg_opt_t *options, *o;
	const struct outline_shape *s;
	size_t count = 2;

	for (s = shapes; s->name != NULL; s++)
		count++;
	o = options = mem_array(count, sizeof *options);
	if (is_block)
		*o++ = (cfg_opt_t)CFG_STR(OUTLINE_TITLE, NULL, CFGF_NODEFAULT);
	for (s = shapes; s->name != NULL; s++)
		switch (s->kind) {
		case OUTLINE_ONE:
			*o++ = (cfg_opt_t)CFG_STR(s->name, NULL,
			    CFGF_NODEFAULT);
			break;
		case OUTLINE_LIST:
			*o++ = (cfg_opt_t)CFG_STR_LIST(s->name, NULL,
			    CFGF_NODEFAULT);
			break;
		case OUTLINE_BLOCK:
			*o++ = (cfg_opt_t)CFG_SEC(s->name,
			    options_new(s->inside, true),
			    CFGF_MULTI | CFGF_TITLE);
			break;
		}
	*o = (cfg_opt_t)CFG_END();
	return options;
}

static void
options_free(cfg_opt_t *options)
{
	cfg_opt_t *o;

	for (o = options; o->name != NULL; o++)
		if (o->subopts != NULL)
			options_free(o->subopts);
	free(options);
}

/* The library prints its complaints unless somebody takes them. */
static void
swallow(cfg_t *cfg, const char *format, va_list ap)
{
}

static cfg_t *
confuse(struct outline *o)
{
	cfg_opt_t *options = options_new(judge_shapes, false);
	cfg_t *cfg = cfg_init(options, CFGF_NONE);

	options_free(options);
	cfg_set_error_function(cfg, swallow);
	buf_room(&o->text, 0);
	if (cfg_parse_buf(cfg, o->text.data) != CFG_SUCCESS) {
		/* The two readings of the grammar differ: never by design. */
		outline_problem(o, 0, "the file cannot be understood");
		cfg_free(cfg);
		return NULL;
	}
	return cfg;
}

/* Passwords stand among the values. */
static void
confuse_wipe(cfg_t *cfg)
{
	cfg_opt_t *o;
	unsigned i;

	for (o = cfg->opts; o != NULL && o->name != NULL; o++)
		for (i = 0; i < cfg_opt_size(o); i++) {
			if (o->type == CFGT_SEC)
				confuse_wipe(cfg_opt_getnsec(o, i));
			else if (o->type == CFGT_STR &&
			    o->values[i]->string != NULL)
				mem_wipe(o->values[i]->string,
				    strlen(o->values[i]->string));
		}
}

/*
 * The walk.
 */

static void
take_key(struct judge *j, cfg_t *section, const struct outline_key *key)
{
	const char *name = key->shape->name;
	size_t count = cfg_size(section, name), i;
	char **values;

	if (key->is_bad || (count == 0 && key->shape->kind == OUTLINE_ONE))
		return;
	values = mem_array(count + 1, sizeof *values);
	for (i = 0; i < count; i++)
		values[i] = cfg_getnstr(section, name, (unsigned)i);
	j->key = name;
	key->shape->take(j, values, count);
	free(values);
}

static void
take_block(struct judge *j, cfg_t *section, size_t block)
{
	const struct outline_block *b = &j->o->blocks[block];
	char number[24];
	size_t i;

	j->block = block;
	if (b->shape != NULL && !judge_begin(j, b->shape, cfg_getstr(section,
	    OUTLINE_TITLE)))
		return;
	for (i = 0; i < j->o->key_count; i++)
		if (j->o->keys[i].block == block)
			take_key(j, section, &j->o->keys[i]);
	for (i = block + 1; i < j->o->block_count; i++)
		if (j->o->blocks[i].parent == block) {
			snprintf(number, sizeof number, "%zu", i);
			take_block(j, cfg_gettsec(section,
			    j->o->blocks[i].shape->name, number), i);
		}
	j->block = block;
	if (b->shape != NULL)
		judge_end(j, b->shape);
}

/* Only the file's own keys. */
static void
take_paths(struct judge *j, cfg_t *cfg)
{
	size_t i;

	for (i = 0; i < j->o->key_count; i++)
		if (j->o->keys[i].block == 0)
			take_key(j, cfg, &j->o->keys[i]);
}

static char *
directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *cwd, *dir;

	if (slash == path)
		return mem_str("/");
	if (*path == '/')
		return mem_strn(path, (size_t)(slash - path));
	cwd = getcwd(NULL, 0);
	if (slash == NULL)
		dir = mem_str(cwd != NULL ? cwd : ".");
	else
		dir = mem_printf("%s/%.*s", cwd != NULL ? cwd : ".",
		    (int)(slash - path), path);
	free(cwd);
	return dir;
}

static int
read_file(const char *path, struct buf *text, struct stat *st,
    struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0) {
		err_errno(err, "%s", path);
		if (errno == ENOENT || errno == ENOTDIR)
			err->code = ERR_ABSENT;
		return -1;
	}
	if (fstat(fd, st) != 0)
		goto fail;
	while ((n = read(fd, buf_room(text, 8192), 8192)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto fail;
		buf_added(text, (size_t)n);
		if (text->len > FILE_MOST) {
			close(fd);
			return err_set(err, ERR_INPUT, "%s: this is too long "
			    "for a configuration", path);
		}
	}
	close(fd);
	return 0;

fail:
	err_errno(err, "%s", path);
	close(fd);
	return -1;
}

/* The sentence of the first problem. */
static void
first_problem(const struct buf *problems, size_t start, struct err *err)
{
	const char *s = problems->data + start;

	err_set(err, ERR_INPUT, "%.*s", (int)strcspn(s, "\n"), s);
}

struct config *
config_load(const char *path, enum config_depth depth, struct buf *problems,
    struct err *err)
{
	struct config *c = mem_alloc(sizeof *c);
	struct arena *arena = arena_new();
	struct outline o = { 0 };
	struct judge j = { .o = &o, .arena = arena, .config = c };
	struct buf text = { 0 }, own = { 0 };
	struct err local;
	struct stat st;
	char *dir = directory(path);
	cfg_t *cfg = NULL;
	size_t start;

	if (problems == NULL)
		problems = &own;
	if (err == NULL)
		err = &local;
	start = problems->len;
	c->path = mem_str(path);
	j.dir = dir;
	if (read_file(path, &text, &st, err) != 0) {
		buf_printf(problems, "%s\n", err->text);
		goto fail;
	}
	outline_read(&o, path, text.data != NULL ? text.data : "", text.len,
	    judge_shapes, depth == CONFIG_PATHS, problems);
	cfg = confuse(&o);
	if (cfg != NULL && depth == CONFIG_PATHS)
		take_paths(&j, cfg);
	else if (cfg != NULL)
		take_block(&j, cfg, 0);
	if (j.has_password && (st.st_mode & 007) != 0)
		outline_problem(&o, j.password_line, "password: the file "
		    "holds a password, and others may use it (mode %04o): "
		    "chmod o= it", st.st_mode & 07777u);
	if (problems->len > start) {
		first_problem(problems, start, err);
		goto fail;
	}
	goto done;

fail:
	config_free(c);
	c = NULL;
done:
	if (cfg != NULL) {
		confuse_wipe(cfg);
		cfg_free(cfg);
	}
	outline_clear(&o);
	if (text.data != NULL)
		mem_wipe(text.data, text.len);
	buf_clear(&text);
	buf_clear(&own);
	arena_free(arena);
	free(dir);
	return c;
}

static void
account_clear(struct config_account *a)
{
	size_t i;

	free(a->jid);
	mem_wipe_str(a->password);
	free(a->password);
	free(a->password_command);
	free(a->server_host);
	free(a->ca_file);
	for (i = 0; a->mechanisms != NULL && a->mechanisms[i] != NULL; i++)
		free(a->mechanisms[i]);
	free(a->mechanisms);
	free(a->resource);
	free(a->certificate);
	free(a->key);
	for (i = 0; i < a->room_count; i++) {
		free(a->rooms[i].jid);
		free(a->rooms[i].nick);
		mem_wipe_str(a->rooms[i].password);
		free(a->rooms[i].password);
	}
	free(a->rooms);
}

void
config_free(struct config *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->account_count; i++)
		account_clear(&c->accounts[i]);
	free(c->accounts);
	free(c->path);
	free(c->archive);
	free(c->control_socket);
	free(c);
}

const struct config_account *
config_account(const struct config *c, const char *jid)
{
	size_t i;

	for (i = 0; i < c->account_count; i++)
		if (strcmp(c->accounts[i].jid, jid) == 0)
			return &c->accounts[i];
	return NULL;
}

static bool
is_same_list(char *const *a, char *const *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	for (; *a != NULL && *b != NULL; a++, b++)
		if (strcmp(*a, *b) != 0)
			return false;
	return *a == *b;
}

static bool
is_same_rooms(const struct config_account *a, const struct config_account *b)
{
	size_t i;

	if (a->room_count != b->room_count)
		return false;
	for (i = 0; i < a->room_count; i++)
		if (!str_is(a->rooms[i].jid, b->rooms[i].jid) ||
		    !str_is(a->rooms[i].nick, b->rooms[i].nick) ||
		    !str_is(a->rooms[i].password, b->rooms[i].password))
			return false;
	return true;
}

bool
config_account_is_same(const struct config_account *a,
    const struct config_account *b)
{
	return str_is(a->jid, b->jid) && str_is(a->password, b->password) &&
	    str_is(a->password_command, b->password_command) &&
	    str_is(a->server_host, b->server_host) &&
	    a->server_port == b->server_port && a->tls == b->tls &&
	    str_is(a->ca_file, b->ca_file) &&
	    is_same_list(a->mechanisms, b->mechanisms) &&
	    a->legacy_auth == b->legacy_auth &&
	    str_is(a->resource, b->resource) &&
	    a->history_us == b->history_us && a->mode == b->mode &&
	    a->has_priority == b->has_priority &&
	    a->priority == b->priority &&
	    str_is(a->certificate, b->certificate) &&
	    str_is(a->key, b->key) && a->raw == b->raw && is_same_rooms(a, b);
}
