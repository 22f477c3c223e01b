#include "format/format.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/state.h"

const struct format_kind *const format_table[] = {
	&format_text,
	&format_json,
	NULL
};

const struct format_kind *
format_find(const char *name)
{
	size_t i;

	for (i = 0; format_table[i] != NULL; i++)
		if (strcmp(format_table[i]->name, name) == 0)
			return format_table[i];
	return NULL;
}

struct format *
state_new(const struct format_options *o)
{
	struct format *f = mem_alloc(sizeof *f);

	f->o = *o;
	return f;
}

void
state_free(struct format *f)
{
	free(f);
}
