/*
 * service - the running service, asked over its control socket (app/ctl.h).
 *
 * Blocking, with deadlines by base/clock.h's clock_mono_us(); a deadline of 0
 * is none.
 */
#ifndef CMD_SERVICE_H
#define CMD_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include "app/ctl.h"
#include "base/buf.h"
#include "base/err.h"
#include "cmd/command.h"

struct service {
	int fd;
	struct buf in;
};

struct service_record {
	struct ctl_line *fields;	/* each with its one pair */
	size_t count;
};

struct service_reply {
	struct service_record *records;
	size_t count;
	int code;			/* 0: ok */
	char *text;			/* of an error */
};

/* 0, or -1: ERR_ABSENT if nobody listens. */
int service_open(struct service *s, const char *path, struct err *err);
void service_close(struct service *s);

/* Sends a request with one argument, or none if name is NULL. */
int service_ask(struct service *s, const char *verb, const char *name,
    const char *value, struct err *err);

/* 1: a whole reply; 0: the time is up; -1: it went away or talks nonsense. */
int service_reply(struct service *s, int64_t deadline_us,
    struct service_reply *reply, struct err *err);
void service_reply_clear(struct service_reply *reply);
const char *service_get(const struct service_record *r, const char *name);

/* Nobody listens: says so, and what to do. The exit status. */
int service_say_absent(const char *path);

#endif
