/*
 * fts - the full-text tokenizer `backscroll`, and how to ask it.
 *
 * What it makes of a text
 *
 *   words     Letters, digits and marks of scripts with spaces, folded by
 *             unicode_fold(): one token each. Everything else parts them
 *             (foo_bar-baz: foo bar baz). A longer word than FTS_WORD bytes
 *             is known by its beginning.
 *   dense     A run of n characters of a script without spaces (UNICODE_DENSE
 *   runs      after folding) gives n tokens: its n-1 pairs of neighbours, then
 *             the last character alone. So one token begins at each
 *             character. Latin beside Han is two runs.
 *   emoji     One token each; a flag is one. Joiners and variation selectors
 *             vanish, so a family is its members in order.
 *
 * What to put into MATCH
 *
 *   word, phrase   "text" in double quotes, `"` inside doubled; nothing else
 *                  needs care. All tokens must follow each other, so
 *                  "foo-bar" and "foo bar" are the same.
 *   prefix         "text"* : the last token is a prefix.
 *   dense          If the last character of the text that is neither
 *                  UNICODE_OTHER nor UNICODE_JOINER, once folded, is
 *                  UNICODE_DENSE, always write "text"* : that finds any part
 *                  of a run, down to one character. (A query's last run
 *                  gives only its pairs; a run of one gives its character,
 *                  which begins some token as a prefix. Runs before the last
 *                  give all tokens, so phrases over several runs match.)
 *   nothing        A text of separators only has no token and matches
 *                  nothing: leave it out of an AND.
 *   columns        {body subject} : "text" keeps people's words out of
 *                  `meta`; meta : "c12" is chat 12, meta : "f7" what address
 *                  7 said in rooms.
 *
 * highlight() marks whole tokens: one character of a dense run is marked
 * together with its right neighbour.
 */
#ifndef STORE_FTS_H
#define STORE_FTS_H

#include "base/err.h"

enum { FTS_WORD = 256 };

struct db;

/* Makes the tokenizer known to a connection. */
int fts_register(struct db *db, struct err *err);

#endif
