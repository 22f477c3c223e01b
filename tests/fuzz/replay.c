/* Plays a fuzz target's seeds where there is no libFuzzer. */
#include <dirent.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tests/fuzz/fuzz.h"
#include "tests/tap.h"

static void
play(const char *dir, const char *name)
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *f = fopen(path, "rb");
	struct buf in = { 0 };
	size_t n;

	if (ok(f != NULL, "%s can be read", name)) {
		while ((n = fread(buf_room(&in, 4096), 1, 4096, f)) > 0)
			buf_added(&in, n);
		fclose(f);
		LLVMFuzzerTestOneInput((const uint8_t *)in.data, in.len);
		ok(true, "%s does no harm", name);
	}
	buf_clear(&in);
	free(path);
}

static int
is_seed(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

int
main(void)
{
	const char *top = getenv("srcdir");
	const char *const *seeds;

	for (seeds = fuzz_seeds; *seeds != NULL; seeds++) {
		char *dir = mem_printf("%s/%s", top ? top : ".", *seeds);
		struct dirent **files = NULL;
		int count = scandir(dir, &files, is_seed, alphasort), i;

		ok(count > 0, "there are seeds in %s", *seeds);
		for (i = 0; i < count; i++) {
			play(dir, files[i]->d_name);
			free(files[i]);
		}
		free(files);
		free(dir);
	}
	return done();
}
