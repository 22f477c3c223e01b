#include "xmpp/mechanism.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"

/* Strongest first. */
static const struct row {
	const char *name;
	bool is_scram, is_plus;
	bool wants_password;
	bool sends_first;
	bool needs_proof;
	bool needs_privacy;	/* the password goes as it is */
	bool by_request;	/* only if it is named in `allowed` */
} order[] = {
	{ .name = "EXTERNAL", .sends_first = true },
	{ .name = "SCRAM-SHA-256-PLUS", .is_scram = true, .is_plus = true,
	  .wants_password = true, .sends_first = true, .needs_proof = true },
	{ .name = "SCRAM-SHA-1-PLUS", .is_scram = true, .is_plus = true,
	  .wants_password = true, .sends_first = true, .needs_proof = true },
	{ .name = "SCRAM-SHA-256", .is_scram = true,
	  .wants_password = true, .sends_first = true, .needs_proof = true },
	{ .name = "SCRAM-SHA-1", .is_scram = true,
	  .wants_password = true, .sends_first = true, .needs_proof = true },
	{ .name = "PLAIN", .wants_password = true, .sends_first = true,
	  .needs_privacy = true },
	{ .name = "DIGEST-MD5", .wants_password = true, .needs_proof = true,
	  .by_request = true },
};

static bool
is_in(const char *const *list, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

static bool
is_allowed(const struct row *row, const struct mechanism_terms *terms)
{
	const char *const *name = terms->allowed;

	if (name == NULL) {
		if (row->by_request)
			return false;
	} else {
		while (*name != NULL && strcmp(*name, row->name) != 0)
			name++;
		if (*name == NULL)
			return false;
	}
	if (row->needs_privacy && !terms->is_encrypted && !terms->may_plain_tcp)
		return false;
	return strcmp(row->name, "EXTERNAL") != 0 || terms->has_certificate;
}

/* What has worked before makes weaker things suspect (XEP-0474's rule for a
 * client that remembers); naming mechanisms overrides it. */
static bool
is_pinned_out(const struct row *row, const struct mechanism_terms *terms)
{
	if (terms->allowed != NULL || !row->wants_password)
		return false;
	if (terms->pin_plus)
		return !row->is_plus;
	return terms->pin_scram && !row->is_scram;
}

/*
 * XEP-0440: of those listed, tls-exporter before tls-unique. Servers without
 * a list know only tls-unique, which TLS 1.3 has not.
 */
static enum binding
choose_binding(const struct mechanism_offer *offer,
    const struct mechanism_terms *terms)
{
	if (!offer->has_bindings)
		return terms->has_unique ? BINDING_UNIQUE : BINDING_NONE;
	if (terms->has_exporter &&
	    is_in(offer->bindings, offer->binding_count, "tls-exporter"))
		return BINDING_EXPORTER;
	if (terms->has_unique &&
	    is_in(offer->bindings, offer->binding_count, "tls-unique"))
		return BINDING_UNIQUE;
	return BINDING_NONE;
}

bool
mechanism_choose(struct mechanism_choice *c,
    const struct mechanism_offer *offer, const struct mechanism_terms *terms,
    const char **condition)
{
	enum binding binding = choose_binding(offer, terms);
	bool is_unbound = false;	/* a list, and nothing in it for us */
	size_t i;

	*condition = "no-mechanism";
	for (i = 0; i < COUNT(order); i++) {
		const struct row *row = &order[i];

		if (!is_in(offer->names, offer->count, row->name) ||
		    !is_allowed(row, terms))
			continue;
		if (row->is_plus && binding == BINDING_NONE) {
			is_unbound = is_unbound || offer->has_bindings;
			continue;
		}
		/*
		 * Somebody who cuts the list of bindings gets us off the
		 * bound channel. Only SCRAM can tell whether it was cut.
		 */
		if (is_pinned_out(row, terms) ||
		    (is_unbound && !row->is_scram)) {
			*condition = "downgrade";
			continue;
		}
		*c = (struct mechanism_choice){
			.name = row->name,
			.binding = row->is_plus ? binding : BINDING_NONE,
			.is_scram = row->is_scram,
			.wants_password = row->wants_password,
			.sends_first = row->sends_first,
			.needs_proof = row->needs_proof,
			.needs_ssdp = is_unbound,
		};
		return true;
	}
	return false;
}

bool
mechanism_may_legacy(const struct mechanism_offer *offer,
    const struct mechanism_terms *terms)
{
	size_t i;

	if (terms->allowed == NULL && (terms->pin_scram || terms->pin_plus))
		return false;
	for (i = 0; i < COUNT(order); i++)
		if (is_in(offer->names, offer->count, order[i].name) &&
		    is_allowed(&order[i], terms))
			return false;
	return true;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
add_sorted(struct buf *out, const char *const *names, size_t count)
{
	const char **sorted = mem_array(count, sizeof *sorted);
	size_t i;

	for (i = 0; i < count; i++)
		sorted[i] = names[i];
	if (count > 1)
		qsort(sorted, count, sizeof *sorted, compare);
	for (i = 0; i < count; i++) {
		if (i > 0)
			buf_char(out, '\x1e');
		buf_str(out, sorted[i]);
	}
	free(sorted);
}

void
mechanism_ssdp(struct buf *out, const struct mechanism_offer *offer,
    const char *hash)
{
	unsigned char sum[DIGEST_SHA256];
	struct buf b = { 0 };

	add_sorted(&b, offer->names, offer->count);
	if (offer->has_bindings) {
		buf_char(&b, '\x1f');
		add_sorted(&b, offer->bindings, offer->binding_count);
	}
	buf_room(&b, 0);
	if (strcmp(hash, "SHA-1") == 0) {
		digest_sha1(sum, b.data, b.len);
		str_base64(out, sum, DIGEST_SHA1);
	} else {
		digest_sha256(sum, b.data, b.len);
		str_base64(out, sum, DIGEST_SHA256);
	}
	buf_clear(&b);
}
