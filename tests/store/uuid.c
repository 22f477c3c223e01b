/* Which ids are kept as 16 bytes, and that they come back as they were. */
#include <string.h>

#include "base/mem.h"
#include "store/uuid.h"
#include "tests/tap.h"

static const struct {
	const char *name, *id;
	bool is;
} cases[] = {
	{ "a UUID", "0123abcd-89ef-4567-89ab-cdef01234567", true },
	{ "one of zeros", "00000000-0000-0000-0000-000000000000", true },
	{ "one of fs", "ffffffff-ffff-ffff-ffff-ffffffffffff", true },
	{ "one with a capital", "0123abcD-89ef-4567-89ab-cdef01234567", false },
	{ "one without dashes", "0123abcd89ef456789abcdef01234567", false },
	{ "a dash elsewhere", "0123abc-d89ef-4567-89ab-cdef01234567", false },
	{ "one digit less", "0123abcd-89ef-4567-89ab-cdef0123456", false },
	{ "one digit more", "0123abcd-89ef-4567-89ab-cdef012345678", false },
	{ "no digit", "0123abcd-89ef-4567-89ab-cdef0123456g", false },
	{ "a blank behind", "0123abcd-89ef-4567-89ab-cdef01234567 ", false },
	{ "half of one", "0123abcd-89ef-", false },
	{ "nothing", "", false },
};

int
main(void)
{
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		unsigned char bytes[16];
		char text[UUID_TEXT];
		bool is = uuid_pack(cases[i].id, bytes);

		ok(is == cases[i].is, "%s is %s", cases[i].name, cases[i].is
		    ? "packed" : "kept as a text");
		if (is)
			is_str(uuid_unpack(bytes, text), cases[i].id,
			    "and comes back as it was");
	}
	return done();
}
