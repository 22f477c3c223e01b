#include "base/hostport.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "base/str.h"

enum { HOST_MOST = 255 };	/* bytes */

static bool
is_name(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] <= ' ' || s[i] == 0x7f ||
		    strchr("/@[]\"'", s[i]) != NULL)
			return false;
	return len > 0 && len <= HOST_MOST;
}

static bool
is_v6(const char *s, size_t len)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (len >= sizeof text)
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

enum hostport_fault
hostport_split(const char *text, struct hostport *out)
{
	bool is_bracketed = *text == '[';
	const char *end;

	*out = (struct hostport){ .host = is_bracketed ? text + 1 : text };
	out->host_len = strcspn(out->host, is_bracketed ? "]" : ":");
	end = out->host + out->host_len;
	if (is_bracketed) {
		if (*end != ']' || (end[1] != '\0' && end[1] != ':') ||
		    !is_v6(out->host, out->host_len))
			return HOSTPORT_V6;
		end++;
	} else if (*end == ':' && strchr(end + 1, ':') != NULL) {
		return HOSTPORT_V6;
	} else if (!is_name(out->host, out->host_len)) {
		return HOSTPORT_HOST;
	}
	if (*end == '\0')
		return HOSTPORT_GOOD;
	out->port_text = end + 1;
	return str_to_u32(out->port_text, &out->port) && out->port >= 1 &&
	    out->port <= 65535 ? HOSTPORT_GOOD : HOSTPORT_PORT;
}
