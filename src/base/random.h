/*
 * random - unpredictable bytes from the system. Never fails; may block only
 * before the system has gathered its first entropy.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum { RANDOM_ID = 23 };	/* room for random_id(), NUL included */

void random_bytes(void *out, size_t len);
uint32_t random_below(uint32_t limit);	/* uniform; limit > 0 */

/* 22 characters of [A-Za-z0-9]: over 128 bits, fit for a stanza id that
 * nobody can guess (CVE-2015-8688's cure). Returns out. */
char *random_id(char out[RANDOM_ID]);

#endif
