#include "xmpp/scram.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* The value of the attribute at *at, and *at behind its comma. */
static bool
next_attribute(const char **at, char *name, const char **value, size_t *len)
{
	const char *s = *at;

	if (s[0] == '\0' || s[1] != '=')
		return false;
	*name = s[0];
	*value = s + 2;
	*len = strcspn(*value, ",");
	s = *value + *len;
	*at = *s == ',' ? s + 1 : s;
	return true;
}

/* The nonce that we have sent: the client's first message is
 * gs2-header "n=user,r=nonce". */
static char *
own_nonce(const char *client)
{
	const char *r = strstr(client, ",r=");

	return r == NULL ? NULL : mem_strn(r + 3, strcspn(r + 3, ","));
}

static bool
is_nonce_good(const char *client, const char *nonce, size_t len)
{
	char *own = own_nonce(client);
	size_t own_len = own == NULL ? 0 : strlen(own);
	bool is_good = own_len > 0 && len > own_len &&
	    memcmp(nonce, own, own_len) == 0;

	free(own);
	return is_good;
}

static bool
read_iterations(struct scram_first *f, const char *value, size_t len)
{
	char *text = mem_strn(value, len);
	bool is_good = str_to_u32(text, &f->iterations) &&
	    f->iterations >= SCRAM_ITERATIONS_LEAST &&
	    f->iterations <= SCRAM_ITERATIONS_MOST;

	free(text);
	return is_good;
}

static const char *
read_attributes(struct scram_first *f, const char *client, const char *at,
    const char **condition)
{
	const char *value;
	size_t len;
	char name = 0;

	/* RFC 5802 5.1: an extension that must be known stands first. */
	if (!next_attribute(&at, &name, &value, &len) || name != 'r')
		return name == 'm' ? "an unknown mandatory extension"
				   : "no nonce";
	if (!is_nonce_good(client, value, len))
		return "the server's nonce does not go on from ours";
	if (!next_attribute(&at, &name, &value, &len) || name != 's' ||
	    !str_unbase64(&f->salt, value, len) || f->salt.len == 0)
		return "no salt";
	if (!next_attribute(&at, &name, &value, &len) || name != 'i')
		return "no iteration count";
	if (!read_iterations(f, value, len)) {
		*condition = "iterations";
		return "";
	}
	while (*at != '\0') {
		if (!next_attribute(&at, &name, &value, &len))
			return "a malformed extension";
		if (name == 'm')
			return "an unknown mandatory extension";
		if (name != 'h')
			continue;
		if (f->ssdp != NULL)
			return "two hashes of the mechanisms";
		f->ssdp = mem_strn(value, len);
	}
	return NULL;
}

bool
scram_read(struct scram_first *f, const char *client, size_t client_len,
    const char *server, size_t server_len, const char **condition,
    const char **text)
{
	char *c, *s;

	*f = (struct scram_first){ .iterations = 0 };
	*condition = "bad-challenge";
	*text = "a NUL";
	if (memchr(server, '\0', server_len) != NULL)
		return false;
	c = mem_strn(client, client_len);
	s = mem_strn(server, server_len);
	*text = read_attributes(f, c, s, condition);
	free(c);
	free(s);
	return *text == NULL;
}

void
scram_clear(struct scram_first *f)
{
	buf_clear(&f->salt);
	free(f->ssdp);
	*f = (struct scram_first){ .iterations = 0 };
}
