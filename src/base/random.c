#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void
random_bytes(void *out, size_t len)
{
	char *p = out;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			abort();
		p += n;
		len -= (size_t)n;
	}
}

uint32_t
random_below(uint32_t limit)
{
	uint32_t least = (0u - limit) % limit, r;

	do
		random_bytes(&r, sizeof r);
	while (r < least);
	return r % limit;
}

char *
random_id(char out[RANDOM_ID])
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char bytes[64];
	size_t used = sizeof bytes;
	int i = 0;

	/* 248 is the largest multiple of 62 in a byte: no bias. */
	while (i < RANDOM_ID - 1) {
		if (used == sizeof bytes) {
			random_bytes(bytes, sizeof bytes);
			used = 0;
		}
		if (bytes[used] < 248)
			out[i++] = set[bytes[used] % 62];
		used++;
	}
	out[i] = '\0';
	return out;
}
