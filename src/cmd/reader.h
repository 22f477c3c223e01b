/*
 * reader - the archive as a command reads it: opened, with the accounts of -a
 * and the query made ready.
 */
#ifndef CMD_READER_H
#define CMD_READER_H

#include "base/arena.h"
#include "cmd/command.h"
#include "query/query.h"
#include "store/read.h"
#include "store/store.h"

struct reader {
	const struct call *call;
	struct store *store;
	struct arena *arena;		/* for as long as the command runs */
	struct arena *step;		/* for one entry */
	struct read_accounts accounts;	/* of -a, prepared */
	struct query_context context;
};

/* 0, or the exit status, the reason said. */
int reader_open(struct reader *r, const struct call *call);
void reader_close(struct reader *r);

/* The words of the call as one query. "" if there is none. */
const char *reader_query_text(struct reader *r);

/* Compiles `text` (said with a caret where it is wrong) for read_messages().
 * *nothing: it cannot match. 0, or the exit status. */
int reader_select(struct reader *r, const char *text,
    struct query_options *options, struct read_select *out, bool *nothing);

/* --since and --until into moments, 0 where not given. */
int reader_span(struct reader *r, int64_t *since_us, int64_t *until_us);

/* Whether what is shown should name the accounts: several hold something, or
 * this conversation if chat is not NULL. is_each: records that are not shown
 * by themselves count. */
bool reader_has_accounts(struct reader *r, const char *chat, bool is_each);

#endif
