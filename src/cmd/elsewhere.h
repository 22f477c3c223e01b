/*
 * elsewhere - the verbs that talk: backscrolld has them.
 */
#ifndef CMD_ELSEWHERE_H
#define CMD_ELSEWHERE_H

/* Executes backscrolld with the words as they were typed. Returns only if it
 * cannot: the exit status, the reason said. */
int elsewhere_exec(char **argv);

#endif
