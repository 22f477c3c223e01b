/*
 * text - words and phrases into FTS5's language.
 *
 * The index splits a query's text as it split the messages'. Here a text is
 * only quoted, so that nothing a person types reaches FTS5 as syntax, and
 * it is seen whether there is anything in it to be found.
 */
#ifndef QUERY_TEXT_H
#define QUERY_TEXT_H

#include <stdbool.h>

#include "base/buf.h"

/* Whether there is anything to search for: not in punctuation alone. */
bool text_has_words(const char *text);

/*
 * Appends an FTS5 phrase restricted to `columns` ("body", "{body subject}").
 * The words must follow each other; with is_prefix the last one may go on,
 * as a run in a script without spaces always may: the index has its pairs
 * of characters and its last one, so any part of it begins a token.
 */
void text_match(struct buf *out, const char *columns, const char *text,
    bool is_prefix);

#endif
