/*
 * Nearly every address on the wire is lower-case ASCII already, so each part
 * is looked at before stringprep is: only what needs the tables pays for
 * them.
 *
 * Unassigned code points pass, as with a stringprep "query" (RFC 3454 7):
 * the tables stop at Unicode 3.2, and servers let newer emoji into resources
 * and room nicknames.
 */
#include "model/jid.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <idna.h>
#include <stringprep.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

enum { LABEL_MOST = 63, DOMAIN_MOST = 1023 };

/* What the table look-ups of a part cost is decided here. */
enum plain {
	PLAIN,		/* prepared as it stands */
	PLAIN_UPPER,	/* ASCII letters to be folded */
	PLAIN_REFUSED,	/* an ASCII character that may never stand here */
	PLAIN_NOT,	/* beyond ASCII: ask stringprep */
};

/* RFC 6122 A.5 (nodeprep): beyond controls and space. */
#define LOCAL_REFUSED "\"&'/:<>@"

static enum plain
plain_local(const char *s, size_t len)
{
	enum plain result = PLAIN;
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x80)
			return PLAIN_NOT;
		if (c <= ' ' || c == 0x7f || strchr(LOCAL_REFUSED, c) != NULL)
			return PLAIN_REFUSED;
		if (c >= 'A' && c <= 'Z')
			result = PLAIN_UPPER;
	}
	return result;
}

/* RFC 6122 B: resources keep their case and may hold spaces. */
static enum plain
plain_resource(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x80)
			return PLAIN_NOT;
		if (c < ' ' || c == 0x7f)
			return PLAIN_REFUSED;
	}
	return PLAIN;
}

/* STD 3 letters, digits and hyphens; the underscore too, which DNS and
 * servers accept in names that are no host's. */
static enum plain
plain_label(const char *s, size_t len)
{
	enum plain result = PLAIN;
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x80)
			return PLAIN_NOT;
		if (c >= 'A' && c <= 'Z')
			result = PLAIN_UPPER;
		else if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '_')
			return PLAIN_REFUSED;
	}
	if (len > 0 && (s[0] == '-' || s[len - 1] == '-'))
		return PLAIN_REFUSED;
	return result;
}

static char *
lower(struct arena *a, const char *s, size_t len)
{
	char *out = arena_strn(a, s, len);
	size_t i;

	for (i = 0; i < len; i++)
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] = (char)(out[i] - 'A' + 'a');
	return out;
}

/* One part through a stringprep profile; NULL if it does not prepare. */
static const char *
prepare(struct arena *a, const char *s, size_t len, const char *profile)
{
	char *in, *out = NULL;
	const char *result = NULL;

	if (!str_is_utf8(s, len, NULL))
		return NULL;
	in = mem_strn(s, len);
	if (stringprep_profile(in, &out, profile, 0) == STRINGPREP_OK)
		result = arena_str(a, out);
	free(out);
	free(in);
	return result;
}

/* Whether what stringprep made is still of a length that RFC 6122 allows. */
static bool
is_sized(const char *s)
{
	return s != NULL && *s != '\0' && strlen(s) <= JID_PART_MOST;
}

static const char *
prepare_local(struct arena *a, const char *s, size_t len)
{
	switch (plain_local(s, len)) {
	case PLAIN:
		return arena_strn(a, s, len);
	case PLAIN_UPPER:
		return lower(a, s, len);
	case PLAIN_REFUSED:
		return NULL;
	case PLAIN_NOT:
		break;
	}
	return prepare(a, s, len, "Nodeprep");
}

static const char *
prepare_resource(struct arena *a, const char *s, size_t len)
{
	switch (plain_resource(s, len)) {
	case PLAIN:
	case PLAIN_UPPER:
		return arena_strn(a, s, len);
	case PLAIN_REFUSED:
		return NULL;
	case PLAIN_NOT:
		break;
	}
	return prepare(a, s, len, "Resourceprep");
}

static const char *
prepare_label(struct arena *a, const char *s, size_t len)
{
	const char *label = NULL;
	char *ascii = NULL;
	bool fits;

	switch (plain_label(s, len)) {
	case PLAIN:
		return len <= LABEL_MOST ? arena_strn(a, s, len) : NULL;
	case PLAIN_UPPER:
		return len <= LABEL_MOST ? lower(a, s, len) : NULL;
	case PLAIN_REFUSED:
		return NULL;
	case PLAIN_NOT:
		label = prepare(a, s, len, "Nameprep");
		break;
	}
	if (label == NULL || *label == '\0')
		return NULL;
	/* Nameprep can leave ASCII (full width letters) or, by NFKC, ASCII
	 * that no host name has. */
	if (plain_label(label, strlen(label)) != PLAIN_NOT)
		return plain_label(label, strlen(label)) == PLAIN &&
		    strlen(label) <= LABEL_MOST ? label : NULL;
	/* RFC 6122 2.2: every label must survive ToASCII. */
	fits = idna_to_ascii_8z(label, &ascii, IDNA_ALLOW_UNASSIGNED |
	    IDNA_USE_STD3_ASCII_RULES) == IDNA_SUCCESS;
	free(ascii);
	return fits ? label : NULL;
}

/* [..] around an IPv6 address, whose letters are folded: RFC 6122 2.2. */
static const char *
prepare_ipv6(struct arena *a, const char *s, size_t len)
{
	unsigned char address[16];
	const char *inside;

	if (len < 4 || s[len - 1] != ']')
		return NULL;
	inside = arena_strn(a, s + 1, len - 2);
	if (inet_pton(AF_INET6, inside, address) != 1)
		return NULL;
	return lower(a, s, len);
}

/* The length of an IDNA2003 label separator at s (RFC 3490 3.1), or 0. */
static size_t
dot_at(const char *s, size_t len)
{
	if (len > 0 && *s == '.')
		return 1;
	if (len >= 3 && (memcmp(s, "\xe3\x80\x82", 3) == 0 ||	/* U+3002 */
	    memcmp(s, "\xef\xbc\x8e", 3) == 0 ||		/* U+FF0E */
	    memcmp(s, "\xef\xbd\xa1", 3) == 0))			/* U+FF61 */
		return 3;
	return 0;
}

/* Label by label: nameprep's rule on mixed directions is about labels. */
static const char *
prepare_domain(struct arena *a, const char *s, size_t len)
{
	struct buf out = { 0 };
	const char *result = NULL;
	size_t at = 0;

	if (len > 0 && *s == '[')
		return prepare_ipv6(a, s, len);
	if (len > 4 * DOMAIN_MOST)
		return NULL;
	while (at < len) {
		size_t start = at, dot = 0;
		const char *label;

		while (at < len && (dot = dot_at(s + at, len - at)) == 0)
			at++;
		label = prepare_label(a, s + start, at - start);
		if (label == NULL || *label == '\0')
			goto out;
		if (out.len > 0)
			buf_char(&out, '.');
		buf_str(&out, label);
		at += dot;	/* RFC 6122 2.2: a final dot is dropped */
	}
	if (out.len > 0)
		result = arena_strn(a, out.data, out.len);
out:
	buf_clear(&out);
	return result;
}

static struct jid
invalid(struct arena *a, const char *text)
{
	struct jid jid = { 0 };

	jid.full = jid.bare = arena_str(a, text == NULL ? "" : text);
	jid.domain = "";
	return jid;
}

bool
jid_check(struct arena *a, const char *text, struct jid *out,
    const char **why)
{
	struct jid jid = { .is_valid = true };
	const char *slash, *at, *domain;
	size_t bare_len;

	*out = invalid(a, text);
	if (text == NULL || *text == '\0') {
		*why = "the address is empty";
		return false;
	}
	/* RFC 6122 2.1: the first slash begins the resource, and only in
	 * front of it does an @ end the local part. */
	slash = strchr(text, '/');
	bare_len = slash == NULL ? strlen(text) : (size_t)(slash - text);
	at = memchr(text, '@', bare_len);
	domain = at == NULL ? text : at + 1;

	if (at == text) {
		*why = "the local part in front of @ is empty";
		return false;
	}
	if (at != NULL) {
		jid.local = prepare_local(a, text, (size_t)(at - text));
		if (jid.local == NULL) {
			*why = "the local part in front of @ has a character "
			    "that is not allowed there";
			return false;
		}
		if (!is_sized(jid.local)) {
			*why = *jid.local == '\0' ?
			    "the local part in front of @ is empty" :
			    "the local part in front of @ is longer than 1023 "
			    "bytes";
			return false;
		}
	}
	if (domain == text + bare_len) {
		*why = "the domain is empty";
		return false;
	}
	jid.domain = prepare_domain(a, domain,
	    (size_t)(text + bare_len - domain));
	if (!is_sized(jid.domain)) {
		*why = "the domain is not a host name or IP address";
		return false;
	}
	if (slash != NULL) {
		if (slash[1] == '\0') {
			*why = "the resource behind / is empty";
			return false;
		}
		jid.resource = prepare_resource(a, slash + 1,
		    strlen(slash + 1));
		if (jid.resource == NULL) {
			*why = "the resource behind / has a character that is "
			    "not allowed there";
			return false;
		}
		if (!is_sized(jid.resource)) {
			*why = *jid.resource == '\0' ?
			    "the resource behind / is empty" :
			    "the resource behind / is longer than 1023 bytes";
			return false;
		}
	}
	jid.bare = jid.local == NULL ? jid.domain :
	    arena_printf(a, "%s@%s", jid.local, jid.domain);
	jid.full = jid.resource == NULL ? jid.bare :
	    arena_printf(a, "%s/%s", jid.bare, jid.resource);
	*out = jid;
	*why = NULL;
	return true;
}

struct jid
jid_parse(struct arena *a, const char *text)
{
	struct jid jid;
	const char *why;

	jid_check(a, text, &jid, &why);
	return jid;
}

/* An address that did not prepare may happen to read like one that did: it
 * is still nobody but itself. */
bool
jid_is_same(const struct jid *a, const struct jid *b)
{
	return a->is_valid == b->is_valid && strcmp(a->full, b->full) == 0;
}

bool
jid_is_same_bare(const struct jid *a, const struct jid *b)
{
	return a->is_valid == b->is_valid && strcmp(a->bare, b->bare) == 0;
}

const char *
jid_domain_ascii(struct arena *a, const char *domain, bool *is_ip)
{
	unsigned char address[16];
	size_t len = strlen(domain);
	const char *bare = domain, *prepared, *result = NULL;
	char *ascii = NULL;

	*is_ip = false;
	if (len > 2 && domain[0] == '[' && domain[len - 1] == ']')
		bare = arena_strn(a, domain + 1, len - 2);
	if (inet_pton(AF_INET6, bare, address) == 1 ||
	    (bare == domain && inet_pton(AF_INET, bare, address) == 1)) {
		*is_ip = true;
		return arena_str(a, bare);
	}
	prepared = prepare_domain(a, domain, len);
	if (prepared == NULL)
		return NULL;
	if (idna_to_ascii_8z(prepared, &ascii, IDNA_ALLOW_UNASSIGNED) ==
	    IDNA_SUCCESS && strlen(ascii) <= 253)	/* RFC 1035 2.3.4 */
		result = arena_str(a, ascii);
	free(ascii);
	return result;
}

/* XEP-0106 4.2. A backslash escapes only as one of these ten; any other
 * stands for itself. */
const char *
jid_unescape(struct arena *a, const char *local)
{
	static const struct {
		const char *code;
		char c;
	} escapes[] = {
		{ "20", ' ' }, { "22", '"' }, { "26", '&' }, { "27", '\'' },
		{ "2f", '/' }, { "3a", ':' }, { "3c", '<' }, { "3e", '>' },
		{ "40", '@' }, { "5c", '\\' },
	};
	char *out = arena_str(a, local), *to = out;
	const char *s;
	size_t i;

	for (s = local; *s != '\0'; s++) {
		char c = *s;

		for (i = 0; c == '\\' && i < COUNT(escapes); i++) {
			if (strncmp(s + 1, escapes[i].code, 2) == 0) {
				c = escapes[i].c;
				s += 2;
				break;
			}
		}
		*to++ = c;
	}
	*to = '\0';
	return out;
}

/* Unassigned code points pass: a password that is being presented is a query
 * (RFC 4013 2.5, RFC 5802 5.1). */
char *
jid_saslprep(const char *text)
{
	char *out = NULL, *copy = NULL;

	if (!str_is_utf8(text, strlen(text), NULL))
		return NULL;
	if (stringprep_profile(text, &out, "SASLprep", 0) == STRINGPREP_OK)
		copy = mem_str(out);
	mem_wipe_str(out);
	free(out);
	return copy;
}
