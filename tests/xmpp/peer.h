/*
 * peer - the server's side of SCRAM and DIGEST-MD5, right and wrong.
 *
 * peer_turn(mechanism, what, said, say): `said` is all that the client sent;
 * what it should have sent is checked, and what a server says next goes into
 * `say`. Returns NULL or what was wrong.
 *
 *   scram  challenge [i=N] [nonce=same|other] [m=x] [h=good|bad] [salt=none]
 *          proof [PASSWORD]      the response proves PASSWORD ("secret")
 *          success [wrong|missing]     final: as a challenge, then success
 *   digest challenge, proof, success [wrong|missing]
 */
#ifndef TESTS_XMPP_PEER_H
#define TESTS_XMPP_PEER_H

#include <stddef.h>

#include "base/buf.h"
#include "xmpp/stream.h"

struct peer {
	char *offer;			/* the features, for XEP-0474 */
	char *mechanism;
	char *gs2, *client_bare;	/* the client's first message */
	char *server_first;
	char *nonce;
	char *final_bare, *proof;	/* the client's final message */
	char hash[8];
	unsigned char salt[64];
	size_t salt_len;
	unsigned iterations;
	void *gsasl, *session;		/* DIGEST-MD5's server */
};

void peer_clear(struct peer *p);
void peer_offer(struct peer *p, const char *features);
void peer_key(struct peer *p, const struct stream_key_request *request);
/* The salted password for what peer_key() was given; its length. */
size_t peer_derive(const struct peer *p, const char *password,
    unsigned char key[32]);
const char *peer_turn(struct peer *p, const char *mechanism,
    const char *what, const char *said, struct buf *say);

#endif
