/* The configuration: what a good file comes to, and every way to be wrong,
 * told with file and line. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config.h"
#include "app/paths.h"
#include "base/mem.h"
#include "base/time.h"
#include "tests/tap.h"

static char dir[] = "/tmp/backscroll-config-XXXXXX";

static const char *
put(const char *name, const char *text, mode_t mode)
{
	static char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 ||
	    chmod(path, mode) != 0)
		abort();
	return path;
}

/* The files that cases refer to. */
static void
put_files(void)
{
	put("secret", "hunter2\n", 0600);
	put("crlf", "hunter2\r\n", 0600);
	put("two-ends", "hunter2\n\n", 0600);
	put("open", "hunter2\n", 0644);
	put("empty", "\n", 0600);
	put("latin", "h\xfcnter\n", 0600);
	put("me.pem", "x", 0600);
}

#define P	"password-file='secret'\n"

/*
 * Wrong files and what is said, one problem a line, without the directory.
 */
static const struct {
	const char *name, *text, *problems;
} wrong[] = {
	{ "an unknown key", "\n\narchiv = \"x\"\n",
	    "f:3: unknown key archiv\n" },
	{ "comments do not move lines",
	    "# one\n// two\n/* three\n four */\narchiv = 'x' # five\n\nx=1\n",
	    "f:5: unknown key archiv\nf:7: unknown key x\n" },
	{ "an unknown key in an account",
	    "account \"a@b\" {\n" P "  sevrer = \"x\"\n}\n",
	    "f:3: unknown key sevrer in a block of kind account\n" },
	{ "an unknown key in a room", "account 'a@b' {\n" P
	    "room 'r@c' {\n\n topic = 'x'\n}\n}\n",
	    "f:5: unknown key topic in a block of kind room\n" },
	{ "an unknown block is left out as a whole",
	    "server \"x\" {\n archive = \"y\"\n}\narchive = \"\"\n",
	    "f:1: unknown key server\nf:4: archive: the path is empty\n" },
	{ "an unknown list", "words = { \"a\", \"b\" }\nb = 1\n",
	    "f:1: unknown key words\nf:2: unknown key b\n" },
	{ "a key given twice", "archive = 'a'\n\narchive = 'b'\n",
	    "f:3: archive is given twice (first in line 1)\n" },
	{ "a list given twice, the second time appending",
	    "account 'a@b' {\n" P "rooms = { 'r@c' }\nrooms += { 'q@c' }\n}",
	    "f:4: rooms is given twice (first in line 3)\n" },
	{ "an account given twice",
	    "account 'a@b' {\n" P "}\naccount 'a@b' {\n" P "}\n",
	    "f:4: the account a@b is given twice (first in line 1)\n" },
	{ "an account given twice in other letters",
	    "account 'a@b' {\n" P "}\naccount \"A@B\" {\n" P "}\n",
	    "f:4: the account a@b is given twice (first in line 1)\n" },
	{ "a room given twice", "account 'a@b' {\n" P
	    "rooms = { 'r@c',\n 'R@C/N' }\n room 'r@c' { }\n}\n",
	    "f:4: the room r@c is given twice (first in line 3)\n"
	    "f:5: the room r@c is given twice (first in line 3)\n" },
	{ "a quote that is missing at the end",
	    "archive = \"a\naccount \"a@b\" {\n" P "}\n",
	    "f:1: the quote \" is not closed on its line\n" },
	{ "a quote that is missing at the beginning",
	    "archive = a\"\ncontrol-socket = 'x'\n",
	    "f:1: the quote \" is not closed on its line\n" },
	{ "a quote not closed at the end of the file", "\narchive = 'a",
	    "f:2: the quote ' is not closed on its line\n" },
	{ "a block not closed at the end of the file",
	    "archive = 'x'\naccount 'a@b' {\n" P,
	    "f:2: the account block that begins here is not closed\n" },
	{ "a block not closed before the next",
	    "account 'a@b' {\n" P "\naccount 'c@d' {\n" P "}\n",
	    "f:1: the account block that begins here is not closed\n" },
	{ "a room not closed", "account 'a@b' {\n" P "room 'r@c' {\n}\n",
	    "f:1: the account block that begins here is not closed\n" },
	{ "two blocks not closed", "account 'a@b' {\n" P "room 'r@c' {\n",
	    "f:3: the room block that begins here is not closed\n"
	    "f:1: the account block that begins here is not closed\n" },
	{ "a list not closed",
	    "account 'a@b' {\n" P "rooms = { 'r@c'\nraw = true\n}\n",
	    "f:4: the list wants a comma before raw\n"
	    "f:3: the list that begins here is not closed\n" },
	{ "a brace too many", "archive = 'x'\n}\n",
	    "f:2: this brace closes nothing\n" },
	{ "a comment not closed", "archive = 'x'\n/* and so on\n\n",
	    "f:2: the comment is not closed\n" },
	{ "no equals sign", "archive 'x'\n", "f:1: archive wants = and a "
	    "value\n" },
	{ "no value", "archive =\n", "f:1: archive has no value\n" },
	{ "a list where one value stands", "archive = { 'a' }\n",
	    "f:1: archive takes one value, not a list\n" },
	{ "a value where a block stands", "account = 'a@b'\n",
	    "f:1: account wants a name and a block: account \"...\" "
	    "{ ... }\n" },
	{ "a block where a value stands", "archive 'x' {\n}\n",
	    "f:1: archive wants = and a value, not a block\n" },
	{ "a block without a name", "account {\n}\n",
	    "f:1: account wants a name before its block\n" },
	{ "a comma too many",
	    "account 'a@b' {\n" P "rooms = { 'r@c',, 'q@c' }\n}",
	    "f:3: the list has a comma too many\n" },
	{ "a comma missing",
	    "account 'a@b' {\n" P "rooms = { 'r@c'\n'q@c' }\n}",
	    "f:4: the list wants a comma before 'q@c'\n" },
	{ "a stray character", "archive = 'x' ;\n",
	    "f:1: unknown key ;\n" },
	{ "a character the lexer would skip", "archive = *\n",
	    "f:1: unexpected '*'\n" },
	{ "a NUL byte's neighbour: not UTF-8", "archive = 'x'\nb = '\xff'\n",
	    "f:2: this is not text in UTF-8\n" },
	{ "a variable that is not set", "archive = \"${NO_SUCH_VARIABLE}\"\n",
	    "f:1: the environment variable NO_SUCH_VARIABLE is not set\n" },
	{ "a variable without its brace", "archive = \"${HOME\"\n",
	    "f:1: a variable is written ${NAME}, and a dollar sign before a "
	    "brace \\${\nf:1: the quote \" is not closed on its line\n" },
	{ "a variable outside quotes", "archive = ${HOME}/x\n",
	    "f:1: a variable stands between double quotes\n" },
	{ "an escape that is no character", "archive = \"a\\400\"\n",
	    "f:1: \\400 is not a character\n" },
	{ "an escape that ends the text", "archive = \"a\\0b\"\n",
	    "f:1: \\0 is not a character\n" },

	{ "a bad address", "account '@b' {\n" P "}\n",
	    "f:1: account: @b is not an account's address: " },
	{ "an account without local part", "account 'b' {\n" P "}\n",
	    "f:1: account: b is not an account's address: it has no local "
	    "part\n" },
	{ "an account with a resource", "account 'a@b/c' {\n" P "}\n",
	    "f:1: account: a@b/c is not an account's address: it has a "
	    "resource (there is a key for that)\n" },
	{ "no password", "\naccount 'a@b' {\n}\n",
	    "f:2: account a@b: no password: give password-file, "
	    "password-command, password-credential or password\n" },
	{ "two passwords", "account 'a@b' {\n" P "password = 'x'\n}\n",
	    "f:3: password: password-file has given the password already: one "
	    "of them must go\n" },
	{ "a password file that is not there",
	    "account 'a@b' {\npassword-file = 'nowhere'\n}\n",
	    "f:2: password-file: DIR/nowhere: No such file or directory\n" },
	{ "a password file that others may read",
	    "account 'a@b' {\npassword-file = 'open'\n}\n",
	    "f:2: password-file: DIR/open: others may use it (mode 0644): "
	    "chmod o= it\n" },
	{ "an empty password file",
	    "account 'a@b' {\npassword-file = 'empty'\n}\n",
	    "f:2: password-file: DIR/empty: the password is empty\n" },
	{ "a password file that is not UTF-8",
	    "account 'a@b' {\npassword-file = 'latin'\n}\n",
	    "f:2: password-file: DIR/latin: this is not a password\n" },
	{ "a directory as password file",
	    "account 'a@b' {\npassword-file = '/'\n}\n",
	    "f:2: password-file: /: others may use it" },
	{ "a credential without systemd",
	    "account 'a@b' {\npassword-credential = 'x'\n}\n",
	    "f:2: password-credential: CREDENTIALS_DIRECTORY is not set: " },
	{ "a credential's name with a slash",
	    "account 'a@b' {\npassword-credential = '../x'\n}\n",
	    "f:2: password-credential: ../x is not a credential's name\n" },
	{ "an empty command", "account 'a@b' {\npassword-command = ' '\n}\n",
	    "f:2: password-command: the command is empty\n" },
	{ "a bad room", "account 'a@b' {\n" P "rooms = { 'r@c',\n'@x' }\n}",
	    "f:4: rooms: @x is not a room's address: " },
	{ "a bad room block", "account 'a@b' {\n" P "room '@x' { nick='y' }\n}",
	    "f:3: room: @x is not a room's address: " },
	{ "two nicks", "account 'a@b' {\n" P "room 'r@c/N' {\nnick='M'\n}\n}",
	    "f:4: nick: the room's address has a nick already\n" },
	{ "port 0", "account 'a@b' {\n" P "server = 'h:0'\n}\n",
	    "f:3: server: 0 is not a port (1 to 65535)\n" },
	{ "port 65536", "account 'a@b' {\n" P "server = 'h:65536'\n}\n",
	    "f:3: server: 65536 is not a port (1 to 65535)\n" },
	{ "a port of letters", "account 'a@b' {\n" P "server = 'h:xmpp'\n}\n",
	    "f:3: server: xmpp is not a port (1 to 65535)\n" },
	{ "an empty port", "account 'a@b' {\n" P "server = 'h:'\n}\n",
	    "f:3: server:  is not a port (1 to 65535)\n" },
	{ "IPv6 without brackets",
	    "account 'a@b' {\n" P "server = '::1:5222'\n}\n",
	    "f:3: server: ::1:5222: an IPv6 address is written "
	    "[2001:db8::1]:5222\n" },
	{ "a bracket not closed", "account 'a@b' {\n" P "server = '[::1'\n}\n",
	    "f:3: server: [::1: an IPv6 address is written "
	    "[2001:db8::1]:5222\n" },
	{ "a server with a path",
	    "account 'a@b' {\n" P "server = 'x/y:1'\n}\n",
	    "f:3: server: x/y:1 is not a host's name or address\n" },
	{ "an unknown word for tls", "account 'a@b' {\n" P "tls = 'yes'\n}\n",
	    "f:3: tls: \"yes\" is not any, starttls, direct or none\n" },
	{ "no TLS to a stranger", "account 'a@b' {\n" P
	    "tls = 'none'\nserver = '192.0.2.1'\n}\n",
	    "f:3: tls: none is for tests, with server = \"127.0.0.1\" or "
	    "\"[::1]\"\n" },
	{ "no TLS to a name", "account 'a@b' {\n" P
	    "tls = 'none'\nserver = 'localhost'\n}\n",
	    "f:3: tls: none is for tests, with server = \"127.0.0.1\" or "
	    "\"[::1]\"\n" },
	{ "an unknown mechanism", "account 'a@b' {\n" P
	    "mechanisms = { 'PLAIN',\n'CRAM-MD5' }\n}\n",
	    "f:4: mechanisms: CRAM-MD5 is not a SASL mechanism that is known "
	    "here\n" },
	{ "no boolean", "account 'a@b' {\n" P "raw = maybe\n}\n",
	    "f:3: raw: \"maybe\" is not true or false\n" },
	{ "an empty resource", "account 'a@b' {\n" P "resource = ''\n}\n",
	    "f:3: resource: \"\" cannot be a resource\n" },
	{ "a history of nothing", "account 'a@b' {\n" P "history = 0d\n}\n",
	    "f:3: history: \"0d\" is not none, all or a time such as 90d, "
	    "12w, 6m or 2y\n" },
	{ "a mode nobody knows", "account 'a@b' {\n" P "mode = 'spy'\n}\n",
	    "f:3: mode: \"spy\" is not auto, observe, mirror or sole\n" },
	{ "a priority out of range", "account 'a@b' {\n" P "priority=128\n}",
	    "f:3: priority: 128 is not a number from -128 to 127\n" },
	{ "a priority of letters", "account 'a@b' {\n" P "priority=high\n}",
	    "f:3: priority: high is not a number from -128 to 127\n" },
	{ "a certificate without key",
	    "account 'a@b' {\n\ncertificate = 'me.pem'\n}\n",
	    "f:3: certificate and key go together\n" },
	{ "a key that is not there", "account 'a@b' {\n"
	    "certificate = 'me.pem'\nkey='nokey'\n}\n",
	    "f:3: key: DIR/nokey: No such file or directory\n" },
	{ "an unreadable ca-file", "account 'a@b' {\n" P "ca-file = 'no.pem'\n}",
	    "f:3: ca-file: DIR/no.pem: No such file or directory\n" },
	{ "a user who is not there", "archive = '~nobody-such/x'\n",
	    "f:1: archive: ~nobody-such/x: there is no such user\n" },
	{ "all problems, not only the first",
	    "archiv = 'x'\naccount 'a@b' {\npriority = 1000\nraw = maybe\n"
	    "foo = 1\n}\naccount 'c' {\n}\ncontrol-socket = ''\n",
	    "f:1: unknown key archiv\n"
	    "f:5: unknown key foo in a block of kind account\n"
	    "f:9: control-socket: the path is empty\n"
	    "f:3: priority: 1000 is not a number from -128 to 127\n"
	    "f:4: raw: \"maybe\" is not true or false\n"
	    "f:2: account a@b: no password: give password-file, "
	    "password-command, password-credential or password\n"
	    "f:7: account: c is not an account's address: it has no local "
	    "part\n" },
};

/* "DIR/f:3: ..." as "f:3: ...", and the directory elsewhere as DIR. */
static char *
without_dir(const char *s)
{
	struct buf out = { 0 };
	size_t len = strlen(dir);
	bool line_start = true;

	while (*s != '\0') {
		if (strncmp(s, dir, len) == 0) {
			s += len;
			if (line_start && *s == '/')
				s++;
			else
				buf_str(&out, "DIR");
			line_start = false;
			continue;
		}
		line_start = *s == '\n';
		buf_char(&out, *s++);
	}
	buf_room(&out, 0);
	return buf_take(&out);
}

static void
test_wrong(void)
{
	size_t i;

	for (i = 0; i < COUNT(wrong); i++) {
		struct buf problems = { 0 };
		struct err err = { 0 };
		const char *want = wrong[i].problems, *path;
		size_t len = strlen(want);
		struct config *c;
		char *got;

		path = put("f", wrong[i].text, 0600);
		c = config_load(path, CONFIG_WHOLE, &problems, &err);
		ok(c == NULL && err.code == ERR_INPUT, "refused: %s",
		    wrong[i].name);
		buf_room(&problems, 0);
		got = without_dir(problems.data);
		if (len > 0 && want[len - 1] != '\n') {
			/* The rest is another's sentence: one line of it. */
			if (strncmp(got, want, len) == 0 &&
			    strchr(got, '\n') == got + strlen(got) - 1)
				got[len] = '\0';
		}
		is_str(got, want, wrong[i].name);
		ok(strncmp(problems.data, err.text, strlen(err.text)) == 0,
		    "the error is the first problem: %s", wrong[i].name);
		free(got);
		buf_clear(&problems);
		config_free(c);
	}
}

static void
test_good(void)
{
	struct err err = { 0 };
	struct buf problems = { 0 };
	const struct config_account *a;
	struct config *c, *d;
	const char *path;
	char want[512];

	setenv("WHERE", "chat", 1);
	setenv("HOME", "/home/juliet", 1);
	path = put("good", "# all keys\r\n"
	    "archive = \"~/${WHERE}/${NOT_THERE:-arch}ive.db\"\n"
	    "control-socket = run/x.sock // relative\n"
	    "account \"Juliet@Example.com\" {\n"
	    "  password = 'a\\b\\\\${WHERE}\"c' /* literal */\n"
	    "  rooms = { \"orchard@conference.example.com/Juliet\",\n"
	    "    'second@conference.example.com' }\n"
	    "  room \"garden@conference.example.com\" {\n"
	    "    nick = \"Ju\\\"liet\"\n    password-file = \"crlf\"\n  }\n"
	    "  server = \"[::1]:5223\"\n  tls = none\n  ca-file = 'me.pem'\n"
	    "  mechanisms = { \"scram-sha-256\", PLAIN }\n"
	    "  legacy-auth = yes\n  resource = archive\n  history = 90d\n"
	    "  mode = mirror\n  priority = -5\n  raw = off\n"
	    "  certificate = ./me.pem\n  key = me.pem\n"
	    "}\n"
	    "account 'romeo@example.net' { password-file = secret\n"
	    "mechanisms = {} server = 'xmpp.example.net' history = none }\n"
	    "account 'nurse@example.net' { password-file = two-ends }\n"
	    "account 'tybalt@example.net' {\n"
	    "  password-command = \"pass show \\\n xmpp\"\n}\n", 0640);
	c = config_load(path, CONFIG_WHOLE, &problems, &err);
	if (!ok(c != NULL, "a good file is read")) {
		printf("# %s\n", problems.data);
		return;
	}
	is_str(c->archive, "/home/juliet/chat/archive.db",
	    "home, a variable and a variable's default");
	snprintf(want, sizeof want, "%s/run/x.sock", dir);
	is_str(c->control_socket, want,
	    "a relative path begins where the file is");
	is_int((long long)c->account_count, 4, "four accounts");

	a = config_account(c, "juliet@example.com");
	if (!ok(a != NULL, "the account's address is prepared"))
		return;
	is_int(a->line, 4, "the account knows its line");
	is_str(a->password, "a\\b\\\\${WHERE}\"c", "single quotes are literal");
	is_int((long long)a->room_count, 3, "rooms and room together");
	is_str(a->rooms[0].nick, "Juliet", "a room's nick from its address");
	ok(a->rooms[1].nick == NULL, "a room without nick");
	is_str(a->rooms[2].nick, "Ju\"liet", "a nick with a quote");
	is_str(a->rooms[2].password, "hunter2", "CR LF is one line end");
	is_str(a->server_host, "::1", "brackets go");
	is_int(a->server_port, 5223, "port");
	is_int(a->tls, CONFIG_TLS_NONE, "tls");
	is_str(a->mechanisms[0], "SCRAM-SHA-256", "mechanisms in capitals");
	is_str(a->mechanisms[1], "PLAIN", "second mechanism");
	ok(a->mechanisms[2] == NULL, "no third mechanism");
	ok(a->legacy_auth, "legacy-auth");
	is_str(a->resource, "archive", "resource");
	is_int(a->history_us, 90 * TIME_DAY, "history in days");
	is_int(a->mode, CONFIG_MODE_MIRROR, "mode");
	ok(a->has_priority && a->priority == -5, "priority");
	ok(!a->raw, "raw");

	a = &c->accounts[1];
	is_str(a->password, "hunter2", "one line end is not the password's");
	ok(a->mechanisms != NULL && a->mechanisms[0] == NULL,
	    "an empty list is not an absent one");
	is_str(a->server_host, "xmpp.example.net", "a server without port");
	is_int(a->server_port, 0, "no port is 0");
	is_int(a->history_us, CONFIG_HISTORY_NONE, "no history");
	ok(a->raw && !a->legacy_auth && a->tls == CONFIG_TLS_ANY &&
	    a->mode == CONFIG_MODE_AUTO && !a->has_priority, "defaults");
	is_str(c->accounts[2].password, "hunter2\n", "only one line end");
	is_int(c->accounts[2].history_us, CONFIG_HISTORY_ALL,
	    "all history by default");
	ok(c->accounts[2].mechanisms == NULL, "no list");
	is_str(c->accounts[3].password_command, "pass show  xmpp",
	    "a backslash continues a line");
	ok(c->accounts[3].password == NULL, "a command is not run");

	d = config_load(path, CONFIG_WHOLE, &problems, &err);
	ok(d != NULL && config_account_is_same(&c->accounts[0],
	    &d->accounts[0]), "the same file gives the same account");
	ok(!config_account_is_same(&c->accounts[0], &c->accounts[1]),
	    "other accounts are not the same");
	if (d != NULL) {
		free(d->accounts[0].rooms[2].password);
		d->accounts[0].rooms[2].password = mem_str("other");
		ok(!config_account_is_same(&c->accounts[0], &d->accounts[0]),
		    "a changed room's password is a change");
	}
	config_free(d);
	config_free(c);
	buf_clear(&problems);
}

static void
test_modes(void)
{
	const char *path, *text = "\n\naccount 'a@b' {\n\npassword = 'x'\n}\n";
	struct err err = { 0 };
	struct buf problems = { 0 };
	struct config *c;
	char want[512];

	path = put("mode", text, 0644);
	c = config_load(path, CONFIG_WHOLE, &problems, &err);
	snprintf(want, sizeof want, "%s:5: password: the file holds a "
	    "password, and others may use it (mode 0644): chmod o= it", path);
	ok(c == NULL, "a file with a password that others may read");
	is_str(err.text, want, "is told with the password's line");
	buf_clear(&problems);
	c = config_load(path, CONFIG_PATHS, &problems, &err);
	ok(c != NULL && c->account_count == 0,
	    "whoever needs only paths may read it");
	config_free(c);

	path = put("mode", "account 'a@b' {\n" P "}\n", 0644);
	c = config_load(path, CONFIG_WHOLE, &problems, &err);
	ok(c != NULL, "a file without password may be public");
	config_free(c);
	buf_clear(&problems);
}

static void
test_paths_depth(void)
{
	struct err err = { 0 };
	struct buf problems = { 0 };
	struct config *c;
	char want[300];

	c = config_load(put("p", "account 'a@b' {\nfoo = \"${NOT_SET_HERE}\"\n"
	    "password-file = 'nowhere'\n}\narchive = '/a'\n", 0600),
	    CONFIG_PATHS, &problems, &err);
	ok(c != NULL, "paths alone do not mind what is wrong in an account");
	is_str(c != NULL ? c->archive : NULL, "/a", "and find the archive");
	config_free(c);
	c = config_load(put("p", "account 'a@b' {\nfoo = 1\narchive = '/a'\n",
	    0600), CONFIG_PATHS, &problems, &err);
	ok(c == NULL, "but a block that hides it is told");
	c = config_load(put("p", "account 'a@b' {\n}\narchive = \"/a\n", 0600),
	    CONFIG_PATHS, &problems, &err);
	ok(c == NULL, "and so is a wrong path");
	buf_clear(&problems);

	snprintf(want, sizeof want, "%s/none", dir);
	c = config_load(want, CONFIG_WHOLE, &problems, &err);
	ok(c == NULL && err.code == ERR_ABSENT, "a file that is not there");
	strcat(want, ": No such file or directory");
	is_str(err.text, want, "is named");
	buf_clear(&problems);
	c = config_load(put("p", "", 0600), CONFIG_WHOLE, &problems, &err);
	ok(c != NULL && c->account_count == 0 && c->archive == NULL,
	    "an empty file is a configuration");
	config_free(c);
	buf_clear(&problems);
}

/* A scanner that stayed in a string would read the next file wrong. */
static void
test_again(void)
{
	struct err err = { 0 };
	struct config *c;
	int i;

	for (i = 0; i < 3; i++) {
		c = config_load(put("again", "archive = \"/a\n", 0600),
		    CONFIG_WHOLE, NULL, &err);
		ok(c == NULL, "a wrong file");
		c = config_load(put("again", "archive = \"/a\"\n", 0600),
		    CONFIG_WHOLE, NULL, &err);
		is_str(c != NULL ? c->archive : NULL, "/a",
		    "does not spoil a good one after it");
		config_free(c);
	}
}

static void
test_credential(void)
{
	struct err err = { 0 };
	struct config *c;

	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	c = config_load(put("cred", "account 'a@b' {\n"
	    "password-credential = 'secret'\n}\n", 0600), CONFIG_WHOLE, NULL,
	    &err);
	is_str(c != NULL ? c->accounts[0].password : NULL, "hunter2",
	    "a systemd credential");
	config_free(c);
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void
test_paths(void)
{
	struct config c = { .archive = (char *)(uintptr_t)"/conf/a.db",
		.control_socket = (char *)(uintptr_t)"/conf/sock" };
	struct { const char *what; char *got; const char *want; } *t, all[] = {
		{ "-f comes first", paths_archive("x.db", &c), "x.db" },
		{ "then the configuration", paths_archive(NULL, &c),
		    "/conf/a.db" },
		{ "-f brings its own socket", paths_socket("x.db", &c, "x.db"),
		    "x.db.sock" },
		{ "the socket of the configuration",
		    paths_socket(NULL, &c, "/conf/a.db"), "/conf/sock" },
		{ "the socket beside the archive",
		    paths_socket(NULL, NULL, "/y.db"), "/y.db.sock" },
		{ NULL }
	};
	bool is_explicit = false;
	char *s, want[256];

	for (t = all; t->what != NULL; t++) {
		is_str(t->got, t->want, t->what);
		free(t->got);
	}
	setenv("HOME", dir, 1);
	unsetenv("BACKSCROLL_CONFIG");
	unsetenv("BACKSCROLL_ARCHIVE");
	unsetenv("XDG_CONFIG_HOME");
	setenv("XDG_DATA_HOME", "relative", 1);
	s = paths_archive(NULL, NULL);
	snprintf(want, sizeof want, "%s/.local/share/backscroll/archive.db",
	    dir);
	is_str(s, want, "a relative XDG_DATA_HOME does not count");
	free(s);
	setenv("BACKSCROLL_ARCHIVE", "/env.db", 1);
	s = paths_archive(NULL, &c);
	is_str(s, "/env.db", "the environment before the configuration");
	free(s);
	s = paths_config(NULL, &is_explicit);
	snprintf(want, sizeof want, "%s/.config/backscroll/backscroll.conf",
	    dir);
	if (access("/etc/backscroll/backscroll.conf", F_OK) != 0)
		is_str(s, want, "the home's configuration");
	ok(!is_explicit, "nobody named it");
	free(s);
	setenv("BACKSCROLL_CONFIG", "/env.conf", 1);
	s = paths_config(NULL, &is_explicit);
	is_str(s, "/env.conf", "the environment's configuration");
	ok(is_explicit, "somebody named it");
	free(s);
	s = paths_config("mine", &is_explicit);
	is_str(s, "mine", "-c before the environment");
	free(s);
}

int
main(void)
{
	char command[64];

	umask(022);
	if (mkdtemp(dir) == NULL)
		return 1;
	put_files();
	test_wrong();
	test_good();
	test_modes();
	test_paths_depth();
	test_again();
	test_credential();
	test_paths();
	snprintf(command, sizeof command, "rm -rf %s", dir);
	if (system(command) != 0)
		return 1;
	return done();
}
