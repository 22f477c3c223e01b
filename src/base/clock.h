/*
 * clock - the two clocks. Protocol code (xmpp, xep, extract, model, query)
 * never includes this: it is given the time.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_wall_us(void);	/* the date; jumps when somebody sets it */
int64_t clock_mono_us(void);	/* never goes back; for waiting */

#endif
