#include "app/judge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/hostport.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "model/jid.h"

enum { SECRET_MOST = 64 << 10 };

/* The problem stands with value i of the key. */
__attribute__((format(printf, 3, 4))) static void
problem_at(struct judge *j, size_t i, const char *format, ...)
{
	char *text;
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, format);
	buf_vprintf(&b, format, ap);
	va_end(ap);
	text = buf_take(&b);
	outline_problem(j->o, outline_value_line(j->o, j->block, j->key, i),
	    "%s: %s", j->key, text);
	free(text);
}

#define problem(j, ...)	problem_at(j, 0, __VA_ARGS__)

/*
 * Paths.
 */

static char *
resolve(struct judge *j, const char *path)
{
	const char *home = NULL, *rest;
	struct passwd *pw = NULL;
	char *user;

	if (*path == '\0') {
		problem(j, "the path is empty");
		return NULL;
	}
	if (*path == '/')
		return mem_str(path);
	if (*path != '~')
		return mem_printf("%s%s%s", j->dir,
		    str_ends(j->dir, "/") ? "" : "/", path);
	rest = path + strcspn(path, "/");
	user = mem_strn(path + 1, (size_t)(rest - path) - 1);
	if (*user == '\0')
		home = getenv("HOME");
	if (home == NULL || *home == '\0') {
		pw = *user == '\0' ? getpwuid(getuid()) : getpwnam(user);
		home = pw != NULL ? pw->pw_dir : NULL;
	}
	free(user);
	if (home == NULL) {
		problem(j, "%s: there is no such user", path);
		return NULL;
	}
	return mem_printf("%s%s", home, rest);
}

static void
take_path(struct judge *j, char **into, const char *value)
{
	free(*into);
	*into = resolve(j, value);
}

/* A path to something that must be there to be read. */
static void
take_readable(struct judge *j, char **into, const char *value)
{
	take_path(j, into, value);
	if (*into != NULL && access(*into, R_OK) != 0)
		problem(j, "%s: %s", *into, strerror(errno));
}

static void
take_archive(struct judge *j, char **values, size_t count)
{
	take_path(j, &j->config->archive, values[0]);
}

static void
take_socket(struct judge *j, char **values, size_t count)
{
	struct sockaddr_un address;

	take_path(j, &j->config->control_socket, values[0]);
	if (j->config->control_socket != NULL &&
	    strlen(j->config->control_socket) >= sizeof address.sun_path)
		problem(j, "%s: a socket's path may have %zu bytes",
		    j->config->control_socket, sizeof address.sun_path - 1);
}

/*
 * Secrets.
 */

/* One line end at the end is not part of a password. */
static void
strip_line_end(char *s)
{
	size_t len = strlen(s);

	if (len > 0 && s[len - 1] == '\n')
		s[--len] = '\0';
	if (len > 0 && s[len - 1] == '\r')
		s[--len] = '\0';
}

static char *
read_secret(struct judge *j, const char *path)
{
	char *secret = mem_alloc(SECRET_MOST + 1);
	size_t len = 0;
	ssize_t n;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0) {
		problem(j, "%s: %s", path, strerror(errno));
		goto fail;
	}
	if ((st.st_mode & 007) != 0) {
		problem(j, "%s: others may use it (mode %04o): chmod o= it",
		    path, st.st_mode & 07777u);
		goto fail;
	}
	while (len <= SECRET_MOST &&
	    (n = read(fd, secret + len, SECRET_MOST + 1 - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			problem(j, "%s: %s", path, strerror(errno));
			goto fail;
		}
		len += (size_t)n;
	}
	if (len > SECRET_MOST || memchr(secret, '\0', len) != NULL ||
	    !str_is_utf8(secret, len, NULL)) {
		problem(j, "%s: this is not a password", path);
		goto fail;
	}
	secret[len] = '\0';
	strip_line_end(secret);
	if (*secret == '\0') {
		problem(j, "%s: the password is empty", path);
		goto fail;
	}
	close(fd);
	return secret;

fail:
	if (fd >= 0)
		close(fd);
	mem_wipe(secret, SECRET_MOST + 1);
	free(secret);
	return NULL;
}

static bool
is_first_source(struct judge *j)
{
	if (j->source != NULL && strcmp(j->source, j->key) != 0) {
		problem(j, "%s has given the password already: one of them "
		    "must go", j->source);
		return false;
	}
	j->source = j->key;
	if (j->room == NULL)
		j->has_source = true;
	return true;
}

static char **
password(struct judge *j)
{
	return j->room != NULL ? &j->room->password : &j->account->password;
}

static void
take_password(struct judge *j, char **values, size_t count)
{
	if (!j->has_password) {
		j->has_password = true;
		j->password_line = outline_line(j->o, j->block, j->key);
	}
	if (!is_first_source(j))
		return;
	if (values[0][0] == '\0')
		problem(j, "the password is empty");
	*password(j) = mem_str(values[0]);
}

static void
take_password_file(struct judge *j, char **values, size_t count)
{
	char *path;

	if (!is_first_source(j))
		return;
	path = resolve(j, values[0]);
	if (path != NULL)
		*password(j) = read_secret(j, path);
	free(path);
}

/* systemd.exec(5), LoadCredential=. */
static void
take_password_credential(struct judge *j, char **values, size_t count)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY"), *name = values[0];
	char *path;

	if (!is_first_source(j))
		return;
	if (*name == '\0' || strchr(name, '/') != NULL || str_is(name, ".") ||
	    str_is(name, "..")) {
		problem(j, "%s is not a credential's name", name);
		return;
	}
	if (dir == NULL || *dir == '\0') {
		problem(j, "CREDENTIALS_DIRECTORY is not set: systemd gives "
		    "credentials to services with LoadCredential=%s:...", name);
		return;
	}
	path = mem_printf("%s/%s", dir, name);
	*password(j) = read_secret(j, path);
	free(path);
}

static void
take_password_command(struct judge *j, char **values, size_t count)
{
	if (!is_first_source(j))
		return;
	if (values[0][strspn(values[0], " \t")] == '\0')
		problem(j, "the command is empty");
	j->account->password_command = mem_str(values[0]);
}

/*
 * Rooms.
 */

static struct config_room *
add_room(struct judge *j, const struct jid *jid, int line)
{
	struct config_account *a = j->account;
	size_t i;

	for (i = 0; i < a->room_count; i++)
		if (strcmp(a->rooms[i].jid, jid->bare) == 0) {
			outline_problem(j->o, line, "the room %s is given "
			    "twice (first in line %d)", jid->bare,
			    a->rooms[i].line);
			return NULL;
		}
	a->rooms = mem_resize(a->rooms, a->room_count + 1, sizeof *a->rooms);
	a->rooms[a->room_count] = (struct config_room){
		.jid = mem_str(jid->bare), .nick = mem_str(jid->resource),
		.line = line,
	};
	return &a->rooms[a->room_count++];
}

static void
take_rooms(struct judge *j, char **values, size_t count)
{
	struct jid jid;
	const char *why;
	size_t i;

	for (i = 0; i < count; i++)
		if (!jid_check(j->arena, values[i], &jid, &why))
			problem_at(j, i, "%s is not a room's address: %s",
			    values[i], why);
		else
			add_room(j, &jid, outline_value_line(j->o, j->block,
			    j->key, i));
}

static void
take_nick(struct judge *j, char **values, size_t count)
{
	struct jid jid;
	const char *why;
	char *text;

	if (j->room->nick != NULL) {
		problem(j, "the room's address has a nick already");
		return;
	}
	text = mem_printf("%s/%s", j->room->jid, values[0]);
	if (jid_check(j->arena, text, &jid, &why) && jid.resource != NULL)
		j->room->nick = mem_str(jid.resource);
	else
		problem(j, "\"%s\" cannot be a nick", values[0]);
	free(text);
}

/*
 * Where and how to log in.
 */

static void
take_server(struct judge *j, char **values, size_t count)
{
	struct config_account *a = j->account;
	struct hostport at;

	switch (hostport_split(values[0], &at)) {
	case HOSTPORT_GOOD:
		break;
	case HOSTPORT_V6:
		problem(j, "%s: an IPv6 address is written [2001:db8::1]:5222",
		    values[0]);
		return;
	case HOSTPORT_HOST:
		problem(j, "%s is not a host's name or address", values[0]);
		return;
	case HOSTPORT_PORT:
		problem(j, "%s is not a port (1 to 65535)", at.port_text);
		return;
	}
	a->server_host = mem_strn(at.host, at.host_len);
	a->server_port = at.port;
}

static bool
is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (host == NULL)
		return false;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 &&
	    IN6_IS_ADDR_LOOPBACK(&v6);
}

/* One of some words; their place is the number. */
static int
take_word(struct judge *j, const char *value, const char *const *words)
{
	struct buf all = { 0 };
	int i;

	for (i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], value) == 0) {
			buf_clear(&all);
			return i;
		}
		buf_printf(&all, "%s%s", i == 0 ? "" : words[i + 1] == NULL
		    ? " or " : ", ", words[i]);
	}
	problem(j, "\"%s\" is not %s", value, all.data);
	buf_clear(&all);
	return 0;
}

static void
take_tls(struct judge *j, char **values, size_t count)
{
	static const char *const words[] = { [CONFIG_TLS_ANY] = "any",
		[CONFIG_TLS_STARTTLS] = "starttls",
		[CONFIG_TLS_DIRECT] = "direct", [CONFIG_TLS_NONE] = "none",
		NULL };

	j->account->tls = (enum config_tls)take_word(j, values[0], words);
}

static void
take_mode(struct judge *j, char **values, size_t count)
{
	static const char *const words[] = { [CONFIG_MODE_AUTO] = "auto",
		[CONFIG_MODE_OBSERVE] = "observe",
		[CONFIG_MODE_MIRROR] = "mirror", [CONFIG_MODE_SOLE] = "sole",
		NULL };

	j->account->mode = (enum config_mode)take_word(j, values[0], words);
}

static void
take_mechanisms(struct judge *j, char **values, size_t count)
{
	static const char *const known[] = { "EXTERNAL", "SCRAM-SHA-256-PLUS",
		"SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN",
		"DIGEST-MD5" };
	char **list = mem_array(count + 1, sizeof *list);
	size_t i, k;

	for (i = 0; i < count; i++) {
		for (k = 0; k < COUNT(known); k++)
			if (str_ascii_casecmp(values[i], known[k]) == 0)
				break;
		if (k == COUNT(known))
			problem_at(j, i, "%s is not a SASL mechanism that is "
			    "known here", values[i]);
		list[i] = mem_str(k < COUNT(known) ? known[k] : values[i]);
	}
	j->account->mechanisms = list;
}

static bool
take_bool(struct judge *j, const char *value, bool otherwise)
{
	/* libconfuse's words. */
	if (strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0 ||
	    strcasecmp(value, "on") == 0)
		return true;
	if (strcasecmp(value, "false") == 0 || strcasecmp(value, "no") == 0 ||
	    strcasecmp(value, "off") == 0)
		return false;
	problem(j, "\"%s\" is not true or false", value);
	return otherwise;
}

static void
take_legacy_auth(struct judge *j, char **values, size_t count)
{
	j->account->legacy_auth = take_bool(j, values[0], false);
}

static void
take_raw(struct judge *j, char **values, size_t count)
{
	j->account->raw = take_bool(j, values[0], true);
}

static void
take_resource(struct judge *j, char **values, size_t count)
{
	struct jid jid;
	const char *why;
	char *text = mem_printf("%s/%s", j->account->jid, values[0]);

	if (jid_check(j->arena, text, &jid, &why) && jid.resource != NULL)
		j->account->resource = mem_str(jid.resource);
	else
		problem(j, "\"%s\" cannot be a resource", values[0]);
	free(text);
}

static void
take_history(struct judge *j, char **values, size_t count)
{
	static const struct { char unit; int days; } units[] = {
		{ 'd', 1 }, { 'w', 7 }, { 'm', 30 }, { 'y', 365 },
	};
	const char *value = values[0];
	size_t len = strlen(value), i;
	unsigned number;
	char *digits;

	if (strcmp(value, "all") == 0) {
		j->account->history_us = CONFIG_HISTORY_ALL;
		return;
	}
	if (strcmp(value, "none") == 0) {
		j->account->history_us = CONFIG_HISTORY_NONE;
		return;
	}
	for (i = 0; i < COUNT(units) && len > 1; i++)
		if (value[len - 1] == units[i].unit) {
			digits = mem_strn(value, len - 1);
			if (str_to_u32(digits, &number) && number > 0 &&
			    number <= 100000) {
				j->account->history_us = TIME_DAY *
				    units[i].days * (int64_t)number;
				free(digits);
				return;
			}
			free(digits);
		}
	problem(j, "\"%s\" is not none, all or a time such as 90d, 12w, 6m "
	    "or 2y", value);
}

static void
take_priority(struct judge *j, char **values, size_t count)
{
	long long n;

	/* RFC 6121 4.7.2.3 */
	if (!str_to_i64(values[0], &n) || n < -128 || n > 127) {
		problem(j, "%s is not a number from -128 to 127", values[0]);
		return;
	}
	j->account->has_priority = true;
	j->account->priority = (int)n;
}

static void
take_ca_file(struct judge *j, char **values, size_t count)
{
	take_readable(j, &j->account->ca_file, values[0]);
}

static void
take_certificate(struct judge *j, char **values, size_t count)
{
	take_readable(j, &j->account->certificate, values[0]);
}

static void
take_key(struct judge *j, char **values, size_t count)
{
	take_readable(j, &j->account->key, values[0]);
}

static const struct outline_shape in_room[] = {
	{ "nick", OUTLINE_ONE, NULL, take_nick },
	{ "password", OUTLINE_ONE, NULL, take_password },
	{ "password-file", OUTLINE_ONE, NULL, take_password_file },
	{ NULL }
};

static const struct outline_shape in_account[] = {
	{ "password", OUTLINE_ONE, NULL, take_password },
	{ "password-file", OUTLINE_ONE, NULL, take_password_file },
	{ "password-command", OUTLINE_ONE, NULL, take_password_command },
	{ "password-credential", OUTLINE_ONE, NULL, take_password_credential },
	{ "rooms", OUTLINE_LIST, NULL, take_rooms },
	{ "room", OUTLINE_BLOCK, in_room, NULL },
	{ "server", OUTLINE_ONE, NULL, take_server },
	{ "tls", OUTLINE_ONE, NULL, take_tls },
	{ "ca-file", OUTLINE_ONE, NULL, take_ca_file },
	{ "mechanisms", OUTLINE_LIST, NULL, take_mechanisms },
	{ "legacy-auth", OUTLINE_ONE, NULL, take_legacy_auth },
	{ "resource", OUTLINE_ONE, NULL, take_resource },
	{ "history", OUTLINE_ONE, NULL, take_history },
	{ "mode", OUTLINE_ONE, NULL, take_mode },
	{ "priority", OUTLINE_ONE, NULL, take_priority },
	{ "certificate", OUTLINE_ONE, NULL, take_certificate },
	{ "key", OUTLINE_ONE, NULL, take_key },
	{ "raw", OUTLINE_ONE, NULL, take_raw },
	{ NULL }
};

const struct outline_shape judge_shapes[] = {
	{ "archive", OUTLINE_ONE, NULL, take_archive },
	{ "account", OUTLINE_BLOCK, in_account, NULL },
	{ "control-socket", OUTLINE_ONE, NULL, take_socket },
	{ NULL }
};

/*
 * Blocks.
 */

static bool
begin_account(struct judge *j, const char *title, int line)
{
	struct config *c = j->config;
	struct config_account *a;
	const struct config_account *other;
	struct jid jid;
	const char *why = NULL;

	if (!jid_check(j->arena, title, &jid, &why) || jid.local == NULL ||
	    jid.resource != NULL) {
		if (why == NULL)
			why = jid.local == NULL ? "it has no local part"
			    : "it has a resource (there is a key for that)";
		outline_problem(j->o, line, "account: %s is not an account's "
		    "address: %s", title, why);
		return false;
	}
	other = config_account(c, jid.bare);
	if (other != NULL) {
		outline_problem(j->o, line, "the account %s is given twice "
		    "(first in line %d)", jid.bare, other->line);
		return false;
	}
	c->accounts = mem_resize(c->accounts, c->account_count + 1,
	    sizeof *c->accounts);
	a = &c->accounts[c->account_count++];
	*a = (struct config_account){ .jid = mem_str(jid.bare), .line = line,
		.history_us = CONFIG_HISTORY_ALL, .raw = true };
	j->account = a;
	j->source = NULL;
	j->has_source = false;
	return true;
}

static bool
begin_room(struct judge *j, const char *title, int line)
{
	struct jid jid;
	const char *why;

	if (!jid_check(j->arena, title, &jid, &why)) {
		outline_problem(j->o, line, "room: %s is not a room's "
		    "address: %s", title, why);
		return false;
	}
	j->room = add_room(j, &jid, line);
	j->source = NULL;
	return j->room != NULL;
}

bool
judge_begin(struct judge *j, const struct outline_shape *shape,
    const char *title)
{
	int line = j->o->blocks[j->block].line;

	return shape->inside == in_account ? begin_account(j, title, line)
					   : begin_room(j, title, line);
}

void
judge_end(struct judge *j, const struct outline_shape *shape)
{
	struct config_account *a = j->account;

	if (shape->inside == in_room) {
		j->room = NULL;
		return;
	}
	if (a->tls == CONFIG_TLS_NONE && !is_loopback(a->server_host))
		outline_problem(j->o, outline_line(j->o, j->block, "tls"),
		    "tls: none is for tests, with server = \"127.0.0.1\" or "
		    "\"[::1]\"");
	if ((a->certificate == NULL) != (a->key == NULL))
		outline_problem(j->o, outline_line(j->o, j->block,
		    a->key == NULL ? "certificate" : "key"), "certificate and "
		    "key go together");
	if (!j->has_source && a->certificate == NULL)
		outline_problem(j->o, a->line, "account %s: no password: give "
		    "password-file, password-command, password-credential or "
		    "password", a->jid);
	j->account = NULL;
}
