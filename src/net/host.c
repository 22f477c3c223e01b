#include "net/host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"

bool
host_is_localhost(const char *host)
{
	static const char suffix[] = ".localhost";
	size_t len = strlen(host), tail = sizeof suffix - 1;

	return str_ascii_casecmp(host, suffix + 1) == 0 || (len > tail &&
	    str_ascii_casecmp(host + len - tail, suffix) == 0);
}

int
host_family(const char *host)
{
	unsigned char bytes[sizeof (struct in6_addr)];
	char bare[INET6_ADDRSTRLEN];
	size_t len = strcspn(host, "%");

	if (inet_pton(AF_INET, host, bytes) == 1)
		return AF_INET;
	if (len >= sizeof bare)
		return AF_UNSPEC;
	memcpy(bare, host, len);
	bare[len] = '\0';
	return inet_pton(AF_INET6, bare, bytes) == 1 ? AF_INET6 : AF_UNSPEC;
}
