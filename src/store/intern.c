#include "store/intern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/unicode.h"
#include "model/jid.h"
#include "store/memo.h"

enum { ADDRESSES = 8192, CHATS = 4096, FEW = 512 };

struct intern {
	struct db *db;
	struct buf key;
	struct memo *addresses, *accounts, *chats, *caps, *bares;
};

struct intern *
intern_new(struct db *db)
{
	struct intern *n = mem_alloc(sizeof *n);

	n->db = db;
	n->addresses = memo_new(ADDRESSES, sizeof (int64_t));
	n->bares = memo_new(FEW, sizeof (int64_t));
	n->accounts = memo_new(FEW, sizeof (int64_t));
	n->chats = memo_new(CHATS, sizeof (int64_t));
	n->caps = memo_new(FEW, sizeof (int64_t));
	return n;
}

void
intern_free(struct intern *n)
{
	if (n == NULL)
		return;
	memo_free(n->addresses);
	memo_free(n->bares);
	memo_free(n->accounts);
	memo_free(n->chats);
	memo_free(n->caps);
	buf_clear(&n->key);
	free(n);
}

void
intern_forget(struct intern *n)
{
	memo_forget(n->addresses);
	memo_forget(n->bares);
	memo_forget(n->accounts);
	memo_forget(n->chats);
	memo_forget(n->caps);
}

int
intern_find(struct db *db, const char *jid, int64_t *id, struct err *err)
{
	struct db_stmt *st = db_stmt(db,
	    "SELECT id FROM address WHERE jid = ?1", err);
	int got;

	*id = 0;
	if (st == NULL)
		return -1;
	db_text(st, 1, jid);
	if ((got = db_step(st, err)) > 0) {
		*id = db_get_int(st, 0);
		db_reset(st);
	}
	return got < 0 ? -1 : 0;
}

static int
add_address(struct intern *n, const char *jid, int64_t *id, struct err *err)
{
	struct arena *a = arena_new();
	struct jid parts = jid_parse(a, jid);
	struct buf fold = { 0 };
	struct db_stmt *st;
	int64_t bare = 0;
	int result = -1;

	if (parts.is_valid && parts.resource != NULL &&
	    intern_address(n, parts.bare, &bare, err) != 0)
		goto out;
	unicode_fold(&fold, jid, strlen(jid));
	st = db_stmt(n->db, "INSERT INTO address "
	    "(id, jid, bare, domain, resource, fold) VALUES "
	    "((SELECT coalesce(max(id), 0) + 1 FROM address), ?1, "
	    "coalesce(?2, (SELECT coalesce(max(id), 0) + 1 FROM address)), "
	    "?3, ?4, ?5) RETURNING id", err);
	if (st == NULL)
		goto out;
	db_text(st, 1, jid);
	if (bare != 0)
		db_int(st, 2, bare);
	db_text(st, 3, parts.is_valid ? parts.domain : "");
	db_text(st, 4, parts.is_valid ? parts.resource : NULL);
	db_textn(st, 5, fold.data != NULL ? fold.data : "", fold.len);
	if (db_step(st, err) <= 0)
		goto out;
	*id = db_get_int(st, 0);
	result = db_do(st, err);
out:
	buf_clear(&fold);
	arena_free(a);
	return result;
}

int
intern_address(struct intern *n, const char *jid, int64_t *id, struct err *err)
{
	int64_t *known;
	size_t len;

	*id = 0;
	if (jid == NULL)
		return 0;
	len = strlen(jid);
	if ((known = memo_get(n->addresses, jid, len)) != NULL) {
		*id = *known;
		return 0;
	}
	if (intern_find(n->db, jid, id, err) != 0)
		return -1;
	if (*id == 0 && add_address(n, jid, id, err) != 0)
		return -1;
	*(int64_t *)memo_put(n->addresses, jid, len) = *id;
	return 0;
}

int
intern_bare(struct intern *n, int64_t address, int64_t *bare, struct err *err)
{
	int64_t *known = memo_get(n->bares, &address, sizeof address);
	struct db_stmt *st;
	int got;

	if (known != NULL) {
		*bare = *known;
		return 0;
	}
	st = db_stmt(n->db, "SELECT bare FROM address WHERE id = ?1", err);
	if (st == NULL)
		return -1;
	db_int(st, 1, address);
	if ((got = db_step(st, err)) < 0)
		return -1;
	*bare = got > 0 ? db_get_int(st, 0) : address;
	db_reset(st);
	*(int64_t *)memo_put(n->bares, &address, sizeof address) = *bare;
	return 0;
}

int
intern_account(struct intern *n, const char *jid, int64_t *id, struct err *err)
{
	size_t len = strlen(jid);
	int64_t *known = memo_get(n->accounts, jid, len);
	struct db_stmt *st;

	if (known != NULL) {
		*id = *known;
		return 0;
	}
	if (intern_address(n, jid, id, err) != 0 || (st = db_stmt(n->db,
	    "INSERT OR IGNORE INTO account (id) VALUES (?1)", err)) == NULL)
		return -1;
	db_int(st, 1, *id);
	if (db_do(st, err) != 0)
		return -1;
	*(int64_t *)memo_put(n->accounts, jid, len) = *id;
	return 0;
}

/* The number of a row that is found by two values, made if need be. */
static int
find_or_add(struct intern *n, struct memo *memo, struct db_stmt *find,
    struct db_stmt *add, int64_t *id, struct err *err)
{
	int got;

	if ((got = db_step(find, err)) < 0)
		return -1;
	if (got == 0) {
		if (db_step(add, err) <= 0)
			return -1;
		*id = db_get_int(add, 0);
		if (db_do(add, err) != 0)
			return -1;
	} else {
		*id = db_get_int(find, 0);
		db_reset(find);
	}
	*(int64_t *)memo_put(memo, n->key.data, n->key.len) = *id;
	return 0;
}

int
intern_chat(struct intern *n, int64_t account, const char *peer,
    enum chat_kind kind, int64_t *id, struct err *err)
{
	struct db_stmt *find, *add;
	int64_t *known, address;

	buf_reset(&n->key);
	buf_add(&n->key, &account, sizeof account);
	buf_str(&n->key, peer);
	known = memo_get(n->chats, n->key.data, n->key.len);
	if (known != NULL) {
		*id = *known;
		return 0;
	}
	if (intern_address(n, peer, &address, err) != 0)
		return -1;
	find = db_stmt(n->db, "SELECT id FROM chat "
	    "WHERE account = ?1 AND peer = ?2", err);
	add = db_stmt(n->db, "INSERT INTO chat (account, peer, kind) "
	    "VALUES (?1, ?2, ?3) RETURNING id", err);
	if (find == NULL || add == NULL)
		return -1;
	db_int(find, 1, account);
	db_int(find, 2, address);
	db_int(add, 1, account);
	db_int(add, 2, address);
	db_int(add, 3, kind);
	return find_or_add(n, n->chats, find, add, id, err);
}

int
intern_caps(struct intern *n, const char *node, const char *ver, int64_t *id,
    struct err *err)
{
	struct db_stmt *find, *add;
	int64_t *known;

	*id = 0;
	if (node == NULL || ver == NULL)
		return 0;
	buf_reset(&n->key);
	buf_add(&n->key, node, strlen(node) + 1);
	buf_str(&n->key, ver);
	known = memo_get(n->caps, n->key.data, n->key.len);
	if (known != NULL) {
		*id = *known;
		return 0;
	}
	find = db_stmt(n->db, "SELECT id FROM caps "
	    "WHERE node = ?1 AND ver = ?2", err);
	add = db_stmt(n->db, "INSERT INTO caps (node, ver) VALUES (?1, ?2) "
	    "RETURNING id", err);
	if (find == NULL || add == NULL)
		return -1;
	db_text(find, 1, node);
	db_text(find, 2, ver);
	db_text(add, 1, node);
	db_text(add, 2, ver);
	return find_or_add(n, n->caps, find, add, id, err);
}
