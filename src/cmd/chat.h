/*
 * chat - which conversation is meant by what a person types.
 *
 * It is the `chat` of one, or an unambiguous part of it or of its roster
 * name, folded. An exact one wins, and a room over the private messages in
 * it. What several accounts hold is one conversation.
 */
#ifndef CMD_CHAT_H
#define CMD_CHAT_H

#include "cmd/reader.h"

/* *chat lives in r->arena. 0, or the exit status (1: none; 2: several, which
 * are listed), the reason said. */
int chat_find(struct reader *r, const char *typed, const char **chat);

#endif
