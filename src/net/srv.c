#include "net/srv.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"

static int
srv_compare(const void *a, const void *b)
{
	const struct srv *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	/* Those of weight 0 come first in the drawing, so that they have a
	 * small chance beside others. */
	return (x->weight > 0) - (y->weight > 0);
}

void
srv_order(struct srv *s, size_t count)
{
	size_t first, end, i;

	if (count < 2)
		return;
	qsort(s, count, sizeof *s, srv_compare);
	for (first = 0; first < count; first++) {
		unsigned sum = 0, drawn, running = 0;
		struct srv chosen;

		for (end = first; end < count &&
		    s[end].priority == s[first].priority; end++)
			sum += s[end].weight;
		drawn = random_below(sum + 1);
		for (i = first; i < end - 1; i++) {
			running += s[i].weight;
			if (running >= drawn)
				break;
		}
		chosen = s[i];
		memmove(s + first + 1, s + first, (i - first) * sizeof *s);
		s[first] = chosen;
	}
}
