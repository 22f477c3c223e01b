/*
 * known - what the archive knows of a message that a copy may be one of.
 * Only for ident.c.
 */
#ifndef STORE_KNOWN_H
#define STORE_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/time.h"
#include "store/inside.h"

/* Rule 2: an archive's stamp lies this close to the arrival. */
#define KNOWN_BEFORE	(5 * TIME_MINUTE)
#define KNOWN_AFTER	(10 * TIME_SECOND)
/* Rule 3 and the three cases: server times this close. */
#define KNOWN_CLOSE	(2 * TIME_SECOND)

/* A candidate, as compared with the incoming copy. */
struct known {
	int64_t id;		/* 0: there is no such message */
	bool is_own;		/* of the same account */
	bool same_aid;		/* one of its copies has in->aid */
	bool other_aid;		/* one has another that the same archive gave */
	bool same_given, other_given;	/* likewise in->given by in->giver */
	bool same_key, has_key;	/* the sender's id */
	bool same_content;	/* hash, and all else that rule 2 wants equal */
	bool same_hash;		/* some copy says just this */
	bool same_stream;	/* its copy by the same route came in one */
	bool same_delivery;	/* likewise, and no route brings one message
				 * with two contents within one delivery */
	bool is_given;		/* the archive gave just this before */
	bool is_again;		/* its page was sent before */
	unsigned routes;
	int64_t flags;
	struct moment moments[MOMENTS];
	size_t moment_count;
	bool is_loose;
};

int known_load(struct put *p, const struct incoming *in, int64_t id,
    struct known *k, struct err *err);

/* Whether one of the copy's moments and one of the candidate's fit. */
bool known_is_near(const struct incoming *in, const struct known *k);
bool known_is_close(const struct incoming *in, const struct known *k);

/* Whether both have trusted ids of one archive, and they differ. */
bool known_is_other(const struct known *k);

/* Routes that bring what is stored, as often as one asks. */
bool known_is_stored(enum route route);

void known_moment(struct moment *m, size_t *count, int64_t at_us,
    bool is_stamp);

#endif
