#include "model/entry.h"

#include <stdio.h>

char *
entry_id_format(char out[ENTRY_ID], int64_t id)
{
	snprintf(out, ENTRY_ID, "%016llx", (unsigned long long)id);
	return out;
}

bool
entry_id_parse(const char *s, int64_t *id)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < ENTRY_ID - 1; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9')
			n = n << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	if (s[i] != '\0' || n > INT64_MAX)
		return false;
	*id = (int64_t)n;
	return true;
}
