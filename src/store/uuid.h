/*
 * uuid - ids that are UUIDs, as most servers and clients make them, are kept
 * as 16 bytes instead of 36. Only for store/.
 */
#ifndef STORE_UUID_H
#define STORE_UUID_H

#include <stdbool.h>

enum { UUID_TEXT = 37 };	/* room for the text, NUL included */

/* 8-4-4-4-12 lower-case hex digits and nothing else: what is packed must come
 * back as it was, so one with capitals is kept as a text. */
bool uuid_pack(const char *s, unsigned char out[16]);
char *uuid_unpack(const unsigned char bytes[16], char out[UUID_TEXT]);

#endif
