#include "xmpp/fail.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/unicode.h"
#include "model/names.h"

const struct fail_row fail_table[] = {
	/* RFC 6120 4.9.3 */
	{ FAIL_STREAM, "bad-format", FAIL_RETRY,
	  "one side could not make sense of the other's XML" },
	{ FAIL_STREAM, "bad-namespace-prefix", FAIL_RETRY,
	  "a namespace prefix was not accepted" },
	{ FAIL_STREAM, "conflict", FAIL_CONFLICT,
	  "another client took this resource, or the account was removed" },
	{ FAIL_STREAM, "connection-timeout", FAIL_RETRY,
	  "one side heard nothing of the other for too long" },
	{ FAIL_STREAM, "host-gone", FAIL_MEND,
	  "the server no longer serves this domain" },
	{ FAIL_STREAM, "host-unknown", FAIL_MEND,
	  "the server does not serve this domain" },
	{ FAIL_STREAM, "improper-addressing", FAIL_RETRY,
	  "an address was missing or not accepted" },
	{ FAIL_STREAM, "internal-server-error", FAIL_RETRY,
	  "the server is in trouble" },
	{ FAIL_STREAM, "invalid-from", FAIL_RETRY,
	  "a stream or stanza came from somebody else than it should" },
	{ FAIL_STREAM, "invalid-namespace", FAIL_RETRY,
	  "the other side does not speak this protocol" },
	{ FAIL_STREAM, "invalid-xml", FAIL_RETRY,
	  "the XML did not pass the server's validation" },
	{ FAIL_STREAM, "not-authorized", FAIL_RETRY,
	  "the server takes this session for one without a login" },
	{ FAIL_STREAM, "not-well-formed", FAIL_RETRY,
	  "the XML was broken" },
	{ FAIL_STREAM, "policy-violation", FAIL_RETRY,
	  "something is more than the other side allows" },
	{ FAIL_STREAM, "remote-connection-failed", FAIL_RETRY,
	  "the server cannot reach a server that it needs" },
	{ FAIL_STREAM, "reset", FAIL_RETRY,
	  "the server wants the login to be done again" },
	{ FAIL_STREAM, "resource-constraint", FAIL_RETRY,
	  "the server is overloaded" },
	{ FAIL_STREAM, "restricted-xml", FAIL_RETRY,
	  "there was a comment, an instruction, a document type or an entity" },
	{ FAIL_STREAM, "see-other-host", FAIL_REDIRECT,
	  "the server sends us elsewhere" },
	{ FAIL_STREAM, "system-shutdown", FAIL_RETRY,
	  "the server is being shut down" },
	{ FAIL_STREAM, "undefined-condition", FAIL_RETRY,
	  "something that has no name of its own" },
	{ FAIL_STREAM, "unsupported-encoding", FAIL_RETRY,
	  "the XML is not in UTF-8" },
	{ FAIL_STREAM, "unsupported-feature", FAIL_RETRY,
	  "a feature that one side demands is missing on the other" },
	{ FAIL_STREAM, "unsupported-stanza-type", FAIL_RETRY,
	  "an element was not understood" },
	{ FAIL_STREAM, "unsupported-version", FAIL_MEND,
	  "the server speaks a version of the protocol that is too old" },

	/* RFC 6120 6.5 */
	{ FAIL_SASL, "aborted", FAIL_RETRY,
	  "the login was broken off" },
	{ FAIL_SASL, "account-disabled", FAIL_GONE,
	  "the account is disabled" },
	{ FAIL_SASL, "credentials-expired", FAIL_PASSWORD,
	  "the password has expired" },
	{ FAIL_SASL, "encryption-required", FAIL_MEND,
	  "the server wants TLS for this login" },
	{ FAIL_SASL, "incorrect-encoding", FAIL_RETRY,
	  "the server could not decode the login" },
	{ FAIL_SASL, "invalid-authzid", FAIL_PASSWORD,
	  "the login is not one for this account" },
	{ FAIL_SASL, "invalid-mechanism", FAIL_MEND,
	  "the server refuses a mechanism that it offered" },
	{ FAIL_SASL, "malformed-request", FAIL_RETRY,
	  "the server could not make sense of the login" },
	{ FAIL_SASL, "mechanism-too-weak", FAIL_MEND,
	  "the server wants a stronger mechanism for this account" },
	{ FAIL_SASL, "not-authorized", FAIL_PASSWORD,
	  "wrong password, or no such account" },
	{ FAIL_SASL, "temporary-auth-failure", FAIL_RETRY,
	  "the server cannot check passwords now" },
	{ FAIL_SASL, "bad-protocol", FAIL_RETRY,	/* RFC 3920's drafts */
	  "the server could not make sense of the login" },

	/* What we find out ourselves while logging in. */
	{ FAIL_SASL, "no-mechanism", FAIL_MEND,
	  "the server offers no login mechanism that may be used" },
	{ FAIL_SASL, "downgrade", FAIL_MEND,
	  "the server offers only weaker logins than one that has worked "
	  "before; that looks like an attack" },
	{ FAIL_SASL, "mechanisms-altered", FAIL_MEND,
	  "the list of mechanisms was altered on its way (XEP-0474); that "
	  "looks like an attack" },
	{ FAIL_SASL, "unproven-server", FAIL_MEND,
	  "the server did not prove that it knows the password" },
	{ FAIL_SASL, "iterations", FAIL_MEND,
	  "the server asks for fewer than 4096 or more than 500000 rounds of "
	  "hashing" },
	{ FAIL_SASL, "bad-challenge", FAIL_MEND,
	  "the server broke the rules of the login mechanism" },
	{ FAIL_SASL, "unusable-password", FAIL_PASSWORD,
	  "the mechanism cannot carry this user name or password" },

	{ FAIL_TLS, "starttls-missing", FAIL_MEND,
	  "the server offers no encryption; nothing was sent" },
	{ FAIL_TLS, "starttls-refused", FAIL_MEND,
	  "the server refused to begin encryption" },
	{ FAIL_TLS, "bytes-behind-proceed", FAIL_MEND,
	  "something was put in before encryption began; that looks like an "
	  "attack" },

	/* RFC 6120 7, RFC 3921 3 */
	{ FAIL_BIND, "bad-request", FAIL_RETRY,
	  "the server refused the resource" },
	{ FAIL_BIND, "conflict", FAIL_CONFLICT,
	  "the resource is in use" },
	{ FAIL_BIND, "forbidden", FAIL_PASSWORD,
	  "the account may not begin a session" },
	{ FAIL_BIND, "internal-server-error", FAIL_RETRY,
	  "the server could not begin a session" },
	{ FAIL_BIND, "not-allowed", FAIL_CONFLICT,
	  "the account may not have one more session" },
	{ FAIL_BIND, "resource-constraint", FAIL_CONFLICT,
	  "the account has as many sessions as it may" },
	{ FAIL_BIND, "no-bind", FAIL_RETRY,
	  "the server offers no resource binding after the login" },
	{ FAIL_BIND, "other-account", FAIL_MEND,
	  "the server logged us in as somebody else" },

	/* XEP-0078 4 */
	{ FAIL_LEGACY, "not-authorized", FAIL_PASSWORD,
	  "wrong password, or no such account" },
	{ FAIL_LEGACY, "conflict", FAIL_CONFLICT,
	  "the resource is in use" },
	{ FAIL_LEGACY, "not-acceptable", FAIL_MEND,
	  "the server misses something in the login, or wants encryption" },
	{ FAIL_LEGACY, "bad-request", FAIL_MEND,
	  "the server misses something in the login" },
	{ FAIL_LEGACY, "forbidden", FAIL_PASSWORD,
	  "the account may not log in" },
	{ FAIL_LEGACY, "service-unavailable", FAIL_MEND,
	  "the server has no login of the old kind" },
	{ FAIL_LEGACY, "feature-not-implemented", FAIL_MEND,
	  "the server has no login of the old kind" },
	{ FAIL_LEGACY, "no-login", FAIL_MEND,
	  "the server asked again for what it had been given" },
	{ FAIL_LEGACY, "no-mechanism", FAIL_MEND,
	  "the server offers no login of the old kind that may be used" },

	{ FAIL_ENGINE, "closed", FAIL_RETRY,
	  "the server ended the stream" },
	{ FAIL_ENGINE, "closed-by-us", FAIL_RETRY,
	  "we ended the stream" },
	{ FAIL_ENGINE, "cut", FAIL_RETRY,
	  "the connection broke" },
	{ FAIL_ENGINE, "timeout", FAIL_RETRY,
	  "the server does not answer" },
	{ FAIL_ENGINE, "no-xmpp", FAIL_NEXT,
	  "nobody speaks XMPP there" },
	{ FAIL_ENGINE, "unexpected", FAIL_RETRY,
	  "the server said something that has no place there" },
};
const size_t fail_count = COUNT(fail_table);

/* RFC 3920's names for what RFC 6120 calls otherwise. */
static const struct { const char *old, *now; } aliases[] = {
	{ "xml-not-well-formed", "not-well-formed" },
	{ "invalid-id", "invalid-xml" },
};

static const char *const subjects[] = {
	[FAIL_STREAM] = "stream error", [FAIL_SASL] = "login failed",
	[FAIL_TLS] = "no encryption", [FAIL_BIND] = "no session",
	[FAIL_LEGACY] = "login failed", [FAIL_ENGINE] = "disconnected",
};

/* As much as fits, never half a character. */
static void
copy(char *to, size_t room, const char *from)
{
	size_t len = from == NULL ? 0 : strlen(from);

	if (len >= room) {
		len = room - 1;
		while (len > 0 && ((unsigned char)from[len] & 0xc0) == 0x80)
			len--;
	}
	if (len > 0)
		memcpy(to, from, len);
	to[len] = '\0';
}

static const struct fail_row *
find(enum fail_where where, const char *condition)
{
	size_t i;

	for (i = 0; i < fail_count; i++)
		if (fail_table[i].where == where &&
		    strcmp(fail_table[i].condition, condition) == 0)
			return &fail_table[i];
	return NULL;
}

static void
write_sentence(struct fail *f, const struct fail_row *row)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s: %s", subjects[f->where], f->condition);
	if (f->application[0] != '\0') {
		buf_str(&b, " (");
		unicode_visible(&b, f->application, strlen(f->application));
		buf_char(&b, ')');
	}
	if (f->text[0] != '\0') {	/* a stranger's words: quoted */
		buf_str(&b, f->is_ours ? " (" : ", \"");
		unicode_visible(&b, f->text, strlen(f->text));
		buf_str(&b, f->is_ours ? ")" : "\"");
	}
	if (row != NULL) {
		buf_str(&b, ": ");
		buf_str(&b, row->meaning);
	}
	copy(f->sentence, sizeof f->sentence, b.data);
	buf_clear(&b);
}

void
fail_set(struct fail *f, enum fail_where where, const char *condition,
    const char *text, const char *lang, const char *application)
{
	bool is_ours = f->is_ours;
	const struct fail_row *row;
	size_t i;

	*f = (struct fail){ .where = where, .is_ours = is_ours };
	for (i = 0; i < COUNT(aliases); i++)
		if (where == FAIL_STREAM &&
		    strcmp(condition, aliases[i].old) == 0)
			condition = aliases[i].now;
	copy(f->condition, sizeof f->condition, condition);
	copy(f->text, sizeof f->text, text);
	copy(f->lang, sizeof f->lang, lang);
	copy(f->application, sizeof f->application, application);
	row = find(where, f->condition);
	f->wait = row == NULL ? FAIL_RETRY : row->wait;
	write_sentence(f, row);
}
