/*
 * digest - SHA-1, SHA-256 and a keyed 64-bit hash, through OpenSSL.
 *
 * SHA-1 serves XEP-0078 and XEP-0115 only, which demand it. The algorithms
 * are fetched once per process. Never fails: a library without them aborts.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_SHA1 = 20, DIGEST_SHA256 = 32, DIGEST_KEY = 16 };

void digest_sha1(unsigned char out[DIGEST_SHA1], const void *p, size_t len);
void digest_sha256(unsigned char out[DIGEST_SHA256], const void *p, size_t len);

/* In pieces. One struct can be used again and again: start, add, end. */
struct digest;
struct digest *digest_new(void);	/* SHA-256 */
void digest_free(struct digest *d);
void digest_start(struct digest *d);
void digest_add(struct digest *d, const void *p, size_t len);
void digest_end(struct digest *d, unsigned char out[DIGEST_SHA256]);

/*
 * PBKDF2 with HMAC (RFC 8018), which SCRAM calls Hi(). `hash` is "SHA-1" or
 * "SHA-256"; out takes 20 or 32 bytes. Slow by design: never on a loop. False
 * for an unknown hash.
 */
bool digest_pbkdf2(unsigned char *out, const char *hash, const char *password,
    const unsigned char *salt, size_t salt_len, unsigned iterations);

/* SipHash-2-4: for tables whose keys strangers choose. */
uint64_t digest_hash64(const unsigned char key[DIGEST_KEY], const void *p,
    size_t len);

#endif
