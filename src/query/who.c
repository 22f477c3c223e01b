#include "query/who.h"

#include <string.h>

#include "base/str.h"
#include "base/unicode.h"
#include "model/jid.h"

/* How a value names somebody. */
enum form { FORM_PART, FORM_DOMAIN, FORM_BARE, FORM_FULL };

struct named {
	enum form form;
	struct jid jid;
	const char *fold;	/* PART, FULL: folded */
};

/* A nickname or a resource is never an address. */
static bool
is_plain(enum who_set set)
{
	return set == WHO_NICK || set == WHO_RESOURCE;
}

static const char *
fold(struct arena *a, const char *value)
{
	struct buf b = { 0 };
	const char *folded;

	unicode_fold(&b, value, strlen(value));
	folded = arena_strn(a, b.len ? b.data : "", b.len);
	buf_clear(&b);
	return folded;
}

static struct named
read_value(struct arena *a, enum who_set set, const char *value,
    bool is_part)
{
	struct named n = { FORM_PART };
	const char *at = strchr(value, '@'), *slash = strchr(value, '/');

	n.fold = fold(a, value);
	if (is_part || at == NULL || is_plain(set) ||
	    (slash != NULL && slash < at))
		return n;
	if (at == value) {
		n.form = FORM_DOMAIN;
		n.jid = jid_parse(a, value + 1);
	} else {
		n.jid = jid_parse(a, value);
		n.form = n.jid.resource != NULL && set != WHO_ACCOUNT &&
		    set != WHO_ROOM ? FORM_FULL : FORM_BARE;
	}
	return n;
}

const char *
who_is_wrong(enum who_set set, const char *value)
{
	if (str_is(value, "@") || str_is(value, "/"))
		return is_plain(set) ? NULL : "that is no address";
	return NULL;
}

/*
 * Appends a condition on the address row called `a` (whole rows: with any
 * resource) for values that are addresses. Resources are compared as they
 * are, and only if there is no such one, in any case.
 */
static void
address_condition(struct sql *s, struct buf *out, const struct named *n,
    const char *a, bool any_resource)
{
	int jid;

	switch (n->form) {
	case FORM_DOMAIN:
		buf_printf(out, "%s.domain = ", a);
		sql_text(s, out, n->jid.is_valid ? n->jid.domain : n->jid.full);
		break;
	case FORM_BARE:
		if (any_resource) {
			buf_printf(out, "%s.bare = (SELECT id FROM address "
			    "WHERE jid = ", a);
			sql_text(s, out, n->jid.bare);
			buf_char(out, ')');
		} else {
			buf_printf(out, "%s.jid = ", a);
			sql_text(s, out, n->jid.bare);
		}
		break;
	case FORM_FULL:
		buf_printf(out, "%s.id IN (SELECT id FROM address WHERE jid = ",
		    a);
		jid = sql_text(s, out, n->jid.full);
		buf_str(out, " UNION ALL SELECT id FROM address WHERE bare = "
		    "(SELECT id FROM address WHERE jid = ");
		sql_text(s, out, n->jid.bare);
		buf_str(out, ") AND fold = ");
		sql_text(s, out, n->fold);
		buf_str(out, " AND NOT EXISTS (SELECT 1 FROM address "
		    "WHERE jid = ");
		sql_again(out, jid);
		buf_str(out, "))");
		break;
	case FORM_PART:
		buf_printf(out, "instr(%s.fold, ", a);
		sql_text(s, out, n->fold);
		buf_str(out, ") > 0");
		break;
	}
}

static void
address_select(struct sql *s, struct buf *out, const struct named *n)
{
	buf_str(out, "SELECT a.id FROM address a WHERE ");
	address_condition(s, out, n, "a", true);
	if (n->form == FORM_PART) {
		buf_str(out, " OR a.bare IN (SELECT contact FROM roster "
		    "WHERE instr(name_fold, ");
		sql_text(s, out, n->fold);
		buf_str(out, ") > 0)");
	}
}

/* A part of a private message's address is one of the nickname: a room's
 * name means the room. */
static void
chat_select(struct sql *s, struct buf *out, const struct named *n)
{
	int part;

	buf_str(out, "SELECT c.id FROM chat c JOIN address p ON p.id = c.peer "
	    "WHERE ");
	if (n->form != FORM_PART) {
		address_condition(s, out, n, "p", false);
		return;
	}
	buf_str(out, "CASE c.kind WHEN 2 THEN "
	    "instr(substr(p.fold, instr(p.fold, '/') + 1), ");
	part = sql_text(s, out, n->fold);
	buf_str(out, ") > 0 ELSE instr(p.fold, ");
	sql_again(out, part);
	buf_str(out, ") > 0 END OR EXISTS (SELECT 1 FROM roster r "
	    "WHERE r.account = c.account AND r.contact = c.peer "
	    "AND instr(r.name_fold, ");
	sql_again(out, part);
	buf_str(out, ") > 0)");
}

static void
account_select(struct sql *s, struct buf *out, const struct named *n)
{
	buf_str(out, "SELECT c.id FROM chat c JOIN address a "
	    "ON a.id = c.account WHERE ");
	address_condition(s, out, n, "a", false);
}

static void
room_select(struct sql *s, struct buf *out, const struct named *n)
{
	buf_str(out, "SELECT c.id FROM chat c JOIN address p ON p.id = c.peer "
	    "JOIN address b ON b.id = p.bare WHERE c.kind <> 0 AND (");
	address_condition(s, out, n, "b", false);
	if (n->form == FORM_PART) {
		buf_str(out, " OR EXISTS (SELECT 1 FROM roster r "
		    "WHERE r.account = c.account AND r.contact = b.id "
		    "AND instr(r.name_fold, ");
		sql_text(s, out, n->fold);
		buf_str(out, ") > 0)");
	}
	buf_char(out, ')');
}

static void
nick_select(struct sql *s, struct buf *out, const struct named *n)
{
	buf_str(out, "SELECT a.id FROM address a WHERE a.resource IS NOT NULL "
	    "AND instr(substr(a.fold, instr(a.fold, '/') + 1), ");
	sql_text(s, out, n->fold);
	buf_str(out, ") > 0 AND (EXISTS (SELECT 1 FROM chat c "
	    "WHERE c.peer = a.bare AND c.kind = 1) OR EXISTS (SELECT 1 "
	    "FROM chat c WHERE c.peer = a.id AND c.kind = 2))");
}

static void
resource_select(struct sql *s, struct buf *out, const struct named *n)
{
	buf_str(out, "SELECT a.id FROM address a WHERE a.resource IS NOT NULL "
	    "AND substr(a.fold, instr(a.fold, '/') + 1) = ");
	sql_text(s, out, n->fold);
}

void
who_select(struct sql *s, struct buf *out, enum who_set set,
    const char *value, bool is_part)
{
	static void (*const selects[])(struct sql *, struct buf *,
	    const struct named *) = {
		[WHO_ADDRESS] = address_select,
		[WHO_CHAT] = chat_select,
		[WHO_ACCOUNT] = account_select,
		[WHO_ROOM] = room_select,
		[WHO_NICK] = nick_select,
		[WHO_RESOURCE] = resource_select,
	};
	struct named n = read_value(s->arena, set, value, is_part);

	selects[set](s, out, &n);
}
