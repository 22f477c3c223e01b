/*
 * config - the configuration file, through libconfuse.
 *
 * Unknown keys, an account or key given twice, an unclosed block, wrong types
 * and unreadable secrets are errors with file and line; config_load() collects
 * all it can find, not only the first. `~` and relative paths (to the file's
 * directory) are resolved. Double quotes take ${VARIABLE}; single quotes are
 * literal.
 *
 * Reading commands need only `archive` and `control-socket` and ask for
 * CONFIG_PATHS: then no secret is read and no mode checked.
 *
 * Ownership  config_free() drops everything, passwords wiped.
 * Blocking   Reads files. Never runs a password-command: that is the
 *            daemon's, off the loop.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum config_depth { CONFIG_PATHS, CONFIG_WHOLE };
enum config_tls { CONFIG_TLS_ANY, CONFIG_TLS_STARTTLS, CONFIG_TLS_DIRECT,
	CONFIG_TLS_NONE };
enum config_mode { CONFIG_MODE_AUTO, CONFIG_MODE_OBSERVE, CONFIG_MODE_MIRROR,
	CONFIG_MODE_SOLE };

/* `history`: how far back the first catch-up goes. */
#define CONFIG_HISTORY_ALL	INT64_C(-1)
#define CONFIG_HISTORY_NONE	INT64_C(0)

struct config_room {
	char *jid;		/* bare, prepared */
	char *nick;		/* NULL: the bookmark's, else the local part */
	char *password;		/* NULL: none */
	int line;
};

struct config_account {
	char *jid;		/* bare, prepared */
	int line;
	/* At most one of these three is set. */
	char *password;		/* from password, password-file or -credential */
	char *password_command;
	char *server_host;	/* NULL: DNS */
	unsigned server_port;	/* 0: the default of the scheme */
	enum config_tls tls;
	char *ca_file;
	char **mechanisms;	/* NULL: strongest offered; else NULL-ended,
				 * perhaps empty */
	bool legacy_auth;
	char *resource;		/* NULL: chosen once per archive */
	int64_t history_us;	/* a length, or one of the two above */
	enum config_mode mode;
	bool has_priority;
	int priority;
	char *certificate, *key;
	bool raw;
	struct config_room *rooms;
	size_t room_count;
};

struct config {
	char *path;
	char *archive;		/* resolved; NULL: not given */
	char *control_socket;	/* resolved; NULL: not given */
	struct config_account *accounts;
	size_t account_count;
};

/* NULL and one "FILE:LINE: what" a line in *problems when anything is wrong;
 * *err then is ERR_INPUT (or ERR_ABSENT if there is no file) with the first. */
struct config *config_load(const char *path, enum config_depth depth,
    struct buf *problems, struct err *err);
void config_free(struct config *c);	/* NULL is fine */

const struct config_account *config_account(const struct config *c,
    const char *jid);
/* Whether a reload may leave a connected account alone. */
bool config_account_is_same(const struct config_account *a,
    const struct config_account *b);

#endif
