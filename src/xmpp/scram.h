/*
 * scram - the server's first message (RFC 5802 7), read with our own eyes.
 *
 * The library would take any number of iterations, and do them at once on
 * the loop; so the message is checked before the library sees it.
 */
#ifndef XMPP_SCRAM_H
#define XMPP_SCRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { SCRAM_ITERATIONS_LEAST = 4096, SCRAM_ITERATIONS_MOST = 500000 };

struct scram_first {
	struct buf salt;	/* decoded; scram_clear() frees */
	unsigned iterations;
	char *ssdp;		/* XEP-0474's h=, base64; NULL: none */
};

/* `client` and `server` are the decoded first messages. False: *condition
 * (see fail.c) and *text say why. */
bool scram_read(struct scram_first *f, const char *client, size_t client_len,
    const char *server, size_t server_len, const char **condition,
    const char **text);
void scram_clear(struct scram_first *f);

#endif
