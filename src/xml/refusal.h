/*
 * refusal - what a stanza's <error/> says (RFC 6120 8.3), also in the words of
 * before (XEP-0086).
 */
#ifndef XML_REFUSAL_H
#define XML_REFUSAL_H

#include "xml/node.h"

struct refusal {
	const struct node *error;	/* NULL: the stanza has none */
	const char *condition;	/* the first that is named, or NULL */
	int code;		/* 0: none; what it means is model/names.h's */
	/* The element with the words: <text/>, or, where that is missing or
	 * empty, the error itself, as before RFC 3920. NULL: no words. */
	const struct node *text;
};

/* A NULL stanza has no error. */
void refusal_read(const struct node *stanza, struct refusal *out);

#endif
