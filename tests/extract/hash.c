/*
 * The content hash of each stanza on standard input, one on a line, as hex:
 * for tests that have their stanzas from real servers (copies.py).
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "extract/extract.h"
#include "xml/parse.h"

static char line[1 << 20];

int
main(void)
{
	while (fgets(line, sizeof line, stdin) != NULL) {
		struct arena *a = arena_new();
		const char *why = NULL;
		const struct node *stanza = parse_element(a, line,
		    strcspn(line, "\n"), &why);
		uint8_t hash[16];
		char hex[2 * sizeof hash + 1];

		if (stanza == NULL) {
			puts(why);
		} else {
			extract_content_hash(a, stanza, hash);
			str_hex(hex, hash, sizeof hash);
			puts(hex);
		}
		arena_free(a);
	}
	return 0;
}
