#include "cmd/chat.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/unicode.h"
#include "cmd/say.h"
#include "model/jid.h"

/* Listed, they fit a screen. */
enum { CANDIDATES_MOST = 20 };

static const char *
fold(struct arena *a, const char *s)
{
	struct buf b = { 0 };
	const char *folded;

	unicode_fold(&b, s, strlen(s));
	folded = arena_strn(a, b.data != NULL ? b.data : "", b.len);
	buf_clear(&b);
	return folded;
}

static bool
is_part(struct arena *a, const struct entry_chat *c, const char *part)
{
	return strstr(fold(a, c->chat), part) != NULL ||
	    (c->name != NULL && strstr(fold(a, c->name), part) != NULL);
}

static bool
is_named(struct arena *a, const struct entry_chat *c, const char *part)
{
	return strcmp(fold(a, c->chat), part) == 0 ||
	    (c->name != NULL && strcmp(fold(a, c->name), part) == 0);
}

/* Whether `c` is a private conversation in a room that is among them. */
static bool
is_in_listed_room(const struct entry_chat *c,
    const struct entry_chat *const *found, size_t count)
{
	size_t i, len;

	if (c->kind != CHAT_PRIVATE)
		return false;
	for (i = 0; i < count; i++) {
		len = strlen(found[i]->chat);
		if (found[i]->kind == CHAT_ROOM &&
		    strncmp(c->chat, found[i]->chat, len) == 0 &&
		    c->chat[len] == '/')
			return true;
	}
	return false;
}

/* Adds it, unless another account's copy of it is there; of those, one with a
 * name says more. */
static size_t
add(const struct entry_chat **found, size_t count, const struct entry_chat *c)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(found[i]->chat, c->chat) == 0) {
			if (found[i]->name == NULL)
				found[i] = c;
			return count;
		}
	found[count] = c;
	return count + 1;
}

static void
say_candidates(const char *typed, const struct entry_chat **found,
    size_t count)
{
	size_t i;

	say("%s: could be %zu conversations", typed, count);
	for (i = 0; i < count && i < CANDIDATES_MOST; i++)
		if (found[i]->name != NULL)
			say_item("%s (%s)", found[i]->chat, found[i]->name);
		else
			say_item("%s", found[i]->chat);
	if (count > CANDIDATES_MOST)
		say_item("and %zu more", count - CANDIDATES_MOST);
}

int
chat_find(struct reader *r, const char *typed, const char **chat)
{
	bool (*const ways[])(struct arena *, const struct entry_chat *,
	    const char *) = { is_named, is_part };
	const struct entry_chat **found;
	struct jid jid = jid_parse(r->arena, typed);
	const char *part = fold(r->arena, typed);
	struct entry_chat *chats;
	struct err err = { 0 };
	size_t count, n, kept, i, way;

	if (read_chats(r->store, r->arena, &r->accounts, &chats, &count,
	    &err) != 0)
		return say_err(&err);
	found = arena_array(r->arena, count + 1, sizeof *found);
	for (i = 0; i < count; i++)
		if (strcmp(chats[i].chat, typed) == 0 ||
		    (jid.is_valid && strcmp(chats[i].chat, jid.full) == 0)) {
			*chat = chats[i].chat;
			return 0;
		}
	for (way = 0; way < 2 && *part != '\0'; way++) {
		for (n = i = 0; i < count; i++)
			if (ways[way](r->arena, &chats[i], part))
				n = add(found, n, &chats[i]);
		for (kept = i = 0; i < n; i++)
			if (!is_in_listed_room(found[i], found, n))
				found[kept++] = found[i];
		if (kept == 1) {
			*chat = found[0]->chat;
			return 0;
		}
		if (kept > 1) {
			say_candidates(typed, found, kept);
			return EXIT_USAGE;
		}
	}
	say("%s: there is no such conversation", typed);
	say_advice("`backscroll chats` lists them.");
	return EXIT_NOTHING;
}
