#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "extract/inside.h"

/* Both kinds write the attribute; some old senders mix up the formats. */
static bool
stamp_of(const struct node *n, int64_t *us)
{
	const char *stamp = node_attr(n, "stamp");

	return stamp != NULL &&
	    (time_parse(stamp, us) || time_parse_legacy(stamp, us));
}

/* All are kept as claims: what they say moves nothing (src/README, TIMES).
 * One that cannot be read as a time stays in the raw stanza. */
void
delay_read(struct extraction *x, const struct node *n)
{
	struct record *r = x->r;
	struct delay d = { 0 }, *grown;

	if (r->delay_count >= EXTRACT_MOST || !stamp_of(n, &d.stamp_us))
		return;
	d.from = extract_attr(n, "from");
	d.reason = node_text(n, x->a, NULL);
	if (*d.reason == '\0')
		d.reason = NULL;
	grown = extract_grow(x->a, r->delays, r->delay_count, sizeof *grown);
	grown[r->delay_count++] = d;
	r->delays = grown;
}

int64_t
extract_stamp(struct arena *a, const struct node *stanza, const char *by)
{
	const struct node *n;
	int64_t us = 0, found = 0;
	int count = 0;

	for (n = node_child(stanza, NS_DELAY, "delay"); n != NULL;
	     n = node_next(n, NS_DELAY, "delay")) {
		const char *from = extract_attr(n, "from");

		if (from == NULL || strcmp(jid_parse(a, from).full, by) != 0)
			continue;
		count++;
		if (stamp_of(n, &us))
			found = us;
	}
	return count == 1 && found > TIME_LEAST && found <= TIME_MOST ?
	    found : 0;
}
