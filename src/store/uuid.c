#include "store/uuid.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

bool
uuid_pack(const char *s, unsigned char out[16])
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	size_t i, n = 0;

	for (i = 0; i < UUID_TEXT - 1; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s[i] != '-')
				return false;
			continue;
		}
		if (s[i] == '\0' || (digit = strchr(digits, s[i])) == NULL)
			return false;
		if (n % 2 == 0)
			out[n / 2] = (unsigned char)((digit - digits) << 4);
		else
			out[n / 2] |= (unsigned char)(digit - digits);
		n++;
	}
	return s[i] == '\0';
}

char *
uuid_unpack(const unsigned char bytes[16], char out[UUID_TEXT])
{
	char hex[33];

	str_hex(hex, bytes, 16);
	snprintf(out, UUID_TEXT, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
	    hex + 12, hex + 16, hex + 20);
	return out;
}
