#include "store/inside.h"

#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/uuid.h"

struct tally {
	struct tally *next;
	int64_t chat, month, shown, total;
};

struct batch_counts *
inside_count(struct put *p, const char *account)
{
	size_t i;

	for (i = 0; i < p->count_count; i++)
		if (strcmp(p->counts[i].account, account) == 0)
			return &p->counts[i];
	if (p->count_count == p->count_room) {
		p->count_room = p->count_room > 0 ? p->count_room * 2 : 8;
		p->counts = mem_resize(p->counts, p->count_room,
		    sizeof *p->counts);
	}
	memset(&p->counts[p->count_count], 0, sizeof *p->counts);
	p->counts[p->count_count].account = arena_str(p->arena, account);
	return &p->counts[p->count_count++];
}

void
inside_bind_id(struct db_stmt *st, int at, const char *id,
    unsigned char room[16])
{
	if (id != NULL && uuid_pack(id, room))
		db_blob(st, at, room, 16);
	else
		db_text(st, at, id);
}

bool
inside_is_id(struct db_stmt *st, int column, const char *id)
{
	unsigned char bytes[16];
	size_t len = db_get_len(st, column);

	switch (db_type(st, column)) {
	case DB_BLOB:
		return len == 16 && uuid_pack(id, bytes) &&
		    memcmp(db_get_blob(st, column), bytes, 16) == 0;
	case DB_TEXT:
		return strcmp(db_get_text(st, column), id) == 0;
	default:
		return false;
	}
}

void
inside_chain_id(struct chain *c, const char *id)
{
	unsigned char bytes[16];

	if (id != NULL && uuid_pack(id, bytes))
		chain_blob(c, bytes, 16);
	else
		chain_text(c, id, id != NULL ? strlen(id) : 0);
}

void
inside_str(struct chain *c, const char *s)
{
	chain_text(c, s, s != NULL ? strlen(s) : 0);
}

void
inside_opt(struct chain *c, int64_t value)
{
	if (value != 0)
		chain_int(c, value);
	else
		chain_text(c, NULL, 0);
}

static int64_t
month_of(int64_t at_us)
{
	struct time_fields f;

	time_split(at_us, &f);
	return (f.year - 1970) * 12 + f.month - 1;
}

void
inside_tally(struct put *p, int64_t chat, int64_t time_us, int shown, int total)
{
	int64_t key[2] = { chat, month_of(time_us) };
	struct tally **known = memo_get(p->tally, key, sizeof key), *t;

	if (known == NULL) {
		t = arena_alloc(p->arena, sizeof *t);
		t->chat = key[0];
		t->month = key[1];
		t->next = p->tally_first;
		p->tally_first = t;
		known = memo_put(p->tally, key, sizeof key);
		*known = t;
	}
	(*known)->shown += shown;
	(*known)->total += total;
}

int
inside_tally_write(struct put *p, struct err *err)
{
	struct tally *t;

	for (t = p->tally_first; t != NULL; t = t->next) {
		struct db_stmt *st = db_stmt(p->db, "INSERT INTO tally "
		    "(chat, month, shown, total) VALUES (?1, ?2, ?3, ?4) "
		    "ON CONFLICT (chat, month) DO UPDATE SET "
		    "shown = shown + ?3, total = total + ?4", err);

		if (st == NULL)
			return -1;
		db_int(st, 1, t->chat);
		db_int(st, 2, t->month);
		db_int(st, 3, t->shown);
		db_int(st, 4, t->total);
		if (db_do(st, err) != 0)
			return -1;
	}
	return 0;
}
