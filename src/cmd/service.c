#include "cmd/service.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/say.h"

enum { FIELDS_MOST = 1 << 20 };	/* of a reply: a service never says more */

int
service_open(struct service *s, const char *path, struct err *err)
{
	*s = (struct service){ .fd = ctl_connect(path, err) };
	return s->fd < 0 ? -1 : 0;
}

void
service_close(struct service *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	buf_clear(&s->in);
}

int
service_ask(struct service *s, const char *verb, const char *name,
    const char *value, struct err *err)
{
	struct buf out = { 0 };
	ssize_t n;

	ctl_request(&out, verb);
	if (name != NULL)
		ctl_argument(&out, name, value);
	ctl_end(&out);
	while (out.len > 0) {
		n = send(s->fd, out.data, out.len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			buf_clear(&out);
			return err_errno(err, "the service");
		}
		buf_eat(&out, (size_t)n);
	}
	buf_clear(&out);
	return 0;
}

/* More bytes. 1; 0: the time is up; -1. */
static int
service_read(struct service *s, int64_t deadline_us, struct err *err)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	int64_t left_ms = -1;
	ssize_t n;
	int got;

	for (;;) {
		if (deadline_us != 0) {
			left_ms = (deadline_us - clock_mono_us() + 999) / 1000;
			if (left_ms < 0)
				left_ms = 0;
			if (left_ms > INT_MAX)
				left_ms = INT_MAX;
		}
		got = poll(&p, 1, (int)left_ms);
		if (got == 0)
			return 0;
		if (got > 0)
			break;
		if (errno != EINTR)
			return err_errno(err, "the service");
	}
	n = read(s->fd, buf_room(&s->in, 4096), 4096);
	if (n < 0)
		return err_errno(err, "the service");
	if (n == 0)
		return err_set(err, ERR_ABSENT, "the service went away");
	buf_added(&s->in, (size_t)n);
	return 1;
}

static struct service_record *
last_record(struct service_reply *r, bool is_open)
{
	if (!is_open) {
		r->records = mem_resize(r->records, r->count + 1,
		    sizeof *r->records);
		r->records[r->count++] = (struct service_record){ 0 };
	}
	return &r->records[r->count - 1];
}

int
service_reply(struct service *s, int64_t deadline_us,
    struct service_reply *reply, struct err *err)
{
	struct ctl_line line;
	struct service_record *record;
	bool is_open = false;
	size_t fields = 0;
	int got;

	*reply = (struct service_reply){ 0 };
	for (;;) {
		got = ctl_read_reply(&s->in, &line);
		if (got == 0) {
			got = service_read(s, deadline_us, err);
			if (got <= 0)
				break;
			continue;
		}
		if (got < 0 || ++fields > FIELDS_MOST) {
			ctl_line_clear(&line);
			got = err_set(err, ERR_PROTOCOL, "the service does "
			    "not speak our language");
			break;
		}
		if (line.kind == CTL_FIELD) {
			record = last_record(reply, is_open);
			record->fields = mem_resize(record->fields,
			    record->count + 1, sizeof *record->fields);
			record->fields[record->count++] = line;
			is_open = true;
			continue;	/* the line is the record's now */
		}
		if (line.kind == CTL_RECORD_END) {
			is_open = false;
		} else {
			if (line.kind == CTL_ERROR) {
				reply->code = line.code;
				reply->text = mem_str(line.text);
			}
			ctl_line_clear(&line);
			return 1;
		}
		ctl_line_clear(&line);
	}
	service_reply_clear(reply);
	return got;
}

void
service_reply_clear(struct service_reply *r)
{
	size_t i, k;

	for (i = 0; i < r->count; i++) {
		for (k = 0; k < r->records[i].count; k++)
			ctl_line_clear(&r->records[i].fields[k]);
		free(r->records[i].fields);
	}
	free(r->records);
	free(r->text);
	*r = (struct service_reply){ 0 };
}

const char *
service_get(const struct service_record *r, const char *name)
{
	const char *value;
	size_t i;

	for (i = 0; i < r->count; i++)
		if ((value = ctl_line_get(&r->fields[i], name)) != NULL)
			return value;
	return NULL;
}

int
service_say_absent(const char *path)
{
	say("%s: no service is running", path);
	say_advice("`backscroll run` starts it.");
	return EXIT_UNABLE;
}
