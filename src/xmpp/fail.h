/*
 * fail - every way a stream can end, and what to do about it.
 *
 * One table: RFC 6120 4.9.3 stream errors (and RFC 3920's names), SASL
 * failures 6.5, bind and session errors, and the engine's own reasons. `wait`
 * is the class the caller's back-off acts on; the times are its business.
 */
#ifndef XMPP_FAIL_H
#define XMPP_FAIL_H

#include <stdbool.h>
#include <stddef.h>

enum fail_wait {
	FAIL_RETRY,		/* back off with jitter, up to 15 minutes */
	FAIL_CONFLICT,		/* not before a minute, then doubling */
	FAIL_MEND,		/* a keeper must mend something (certificate,
				 * missing TLS, no usable mechanism): as RETRY,
				 * slowly */
	FAIL_PASSWORD,		/* refused: failed; or waiting, if it has
				 * worked before */
	FAIL_GONE,		/* the account is gone or disabled: failed */
	FAIL_REDIRECT,		/* see-other-host: `host` says where */
	FAIL_NEXT,		/* nobody here speaks XMPP: next candidate */
};

enum fail_where { FAIL_STREAM, FAIL_SASL, FAIL_TLS, FAIL_BIND, FAIL_LEGACY,
	FAIL_ENGINE };

struct fail {
	enum fail_where where;
	enum fail_wait wait;
	bool is_ours;		/* we ended it, not the server */
	bool is_clean;		/* without an error, and the server closed its
				 * side too: nothing is under way any more */
	char condition[64];	/* the field's name */
	char application[96];	/* application-specific condition, or "" */
	char text[256];		/* the other side's words, or "" */
	char lang[36];		/* of those words, or "" */
	char host[300];		/* REDIRECT: name, 192.0.2.1 or [2001:db8::1], then
				 * perhaps :port */
	char sentence[480];	/* all of it for people, one line */
};

struct fail_row {
	enum fail_where where;
	const char *condition;
	enum fail_wait wait;
	const char *meaning;	/* for people: what it means, what we do */
};
extern const struct fail_row fail_table[];
extern const size_t fail_count;

/* Fills f from the table, but for is_ours, which must be set before, and
 * host. Unknown conditions retry; an old name becomes the new one. text, lang
 * and application may be NULL; they are not in f. The server's condition is
 * an XML name and may be any letters; what is dangerous on a terminal is made
 * visible in the sentence only. */
void fail_set(struct fail *f, enum fail_where where, const char *condition,
    const char *text, const char *lang, const char *application);

#endif
