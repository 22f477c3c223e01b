/*
 * err - what went wrong: a code to act on, a sentence to read.
 *
 * The caller owns the struct and passes its address; whoever can name the
 * file, JID or column writes the sentence. Nothing is allocated, so setting
 * an error cannot fail. A NULL err is allowed everywhere: the sentence is
 * then dropped.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

enum err_code {
	ERR_NONE,
	ERR_INPUT,	/* what the person gave is wrong: exit status 2 */
	ERR_ABSENT,	/* it is not there */
	ERR_BUSY,	/* somebody else holds it: try again */
	ERR_FULL,	/* the archive cannot be written now: try again */
	ERR_ARCHIVE,	/* not an archive, a newer one, or a damaged one */
	ERR_SYSTEM,	/* the system refused: sys_errno says why */
	ERR_NETWORK,	/* name look-up, connection, time-out */
	ERR_TLS,	/* handshake or certificate */
	ERR_PROTOCOL,	/* the other side broke the protocol */
	ERR_AUTH,	/* the other side refused who we are */
	ERR_REMOTE,	/* the other side said no, in the protocol's words */
};

struct err {
	enum err_code code;
	int sys_errno;
	char text[480];		/* one line, no final full stop */
};

/* Sets code and sentence; always returns -1, for `return err_set(...)`. */
int err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with ": " and the text of errno behind it; code ERR_SYSTEM, or
 * ERR_FULL for ENOSPC, EDQUOT and EROFS. */
int err_errno(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "PREFIX: " in front of the sentence; returns -1. */
int err_prefix(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void err_clear(struct err *err);

#endif
