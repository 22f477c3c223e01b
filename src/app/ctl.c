#include "app/ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

/*
 * Writing.
 */

static void
encode(struct buf *out, const char *s)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-._~/@:";
	size_t n;

	for (;;) {
		n = strspn(s, plain);
		buf_add(out, s, n);
		s += n;
		if (*s == '\0')
			return;
		buf_printf(out, "%%%02X", (unsigned char)*s++);
	}
}

void
ctl_request(struct buf *out, const char *verb)
{
	buf_str(out, verb);
}

void
ctl_argument(struct buf *out, const char *name, const char *value)
{
	buf_char(out, ' ');
	buf_str(out, name);
	buf_char(out, '=');
	encode(out, value);
}

void
ctl_end(struct buf *out)
{
	buf_char(out, '\n');
}

void
ctl_field(struct buf *out, const char *name, const char *value)
{
	buf_str(out, name);
	buf_char(out, '=');
	encode(out, value);
	buf_char(out, '\n');
}

void
ctl_record_end(struct buf *out)
{
	buf_char(out, '\n');
}

void
ctl_ok(struct buf *out)
{
	buf_str(out, "ok\n");
}

void
ctl_error(struct buf *out, int code, const char *sentence)
{
	buf_printf(out, "error %d ", code);
	encode(out, sentence);
	buf_char(out, '\n');
}

/*
 * Reading.
 */

static bool
is_name(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || s[i] == '_' ||
		    s[i] == '-' || (s[i] >= '0' && s[i] <= '9')))
			return false;
	return len > 0;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* NULL unless it is well-formed, without NUL and UTF-8. */
static char *
decode(const char *s, size_t len)
{
	char *out = mem_alloc(len + 1);
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		int high, low;

		if (s[i] != '%') {
			out[n++] = s[i];
			continue;
		}
		if (len - i < 3 || (high = hex(s[i + 1])) < 0 ||
		    (low = hex(s[i + 2])) < 0 || (high == 0 && low == 0))
			goto bad;
		out[n++] = (char)(high << 4 | low);
		i += 2;
	}
	if (str_is_utf8(out, n, NULL))
		return out;
bad:
	free(out);
	return NULL;
}

/* One NAME=VALUE. */
static bool
add_pair(struct ctl_line *line, const char *s, size_t len)
{
	const char *equals = memchr(s, '=', len);
	struct ctl_pair *pair;
	char *value;

	if (equals == NULL || !is_name(s, (size_t)(equals - s)) ||
	    line->pair_count == COUNT(line->pairs))
		return false;
	value = decode(equals + 1, len - (size_t)(equals - s) - 1);
	if (value == NULL)
		return false;
	pair = &line->pairs[line->pair_count++];
	pair->name = mem_strn(s, (size_t)(equals - s));
	pair->value = value;
	return true;
}

static bool
parse_request(struct ctl_line *line, const char *s, size_t len)
{
	const char *end = s + len, *word = s, *space;

	line->kind = CTL_REQUEST;
	space = memchr(word, ' ', len);
	if (space == NULL)
		space = end;
	if (!is_name(word, (size_t)(space - word)))
		return false;
	line->verb = mem_strn(word, (size_t)(space - word));
	while (space < end) {
		word = space + 1;
		space = memchr(word, ' ', (size_t)(end - word));
		if (space == NULL)
			space = end;
		if (!add_pair(line, word, (size_t)(space - word)))
			return false;
	}
	return true;
}

static bool
parse_error(struct ctl_line *line, const char *s, size_t len)
{
	/* error CODE SENTENCE: the exit status is one digit. */
	if (len < 3 || s[0] < '1' || s[0] > '4' || s[1] != ' ')
		return false;
	line->kind = CTL_ERROR;
	line->code = s[0] - '0';
	line->text = decode(s + 2, len - 2);
	return line->text != NULL;
}

static bool
parse_reply(struct ctl_line *line, const char *s, size_t len)
{
	if (len == 0) {
		line->kind = CTL_RECORD_END;
		return true;
	}
	if (len == 2 && memcmp(s, "ok", 2) == 0) {
		line->kind = CTL_OK;
		return true;
	}
	if (len > 6 && memcmp(s, "error ", 6) == 0)
		return parse_error(line, s + 6, len - 6);
	line->kind = CTL_FIELD;
	return add_pair(line, s, len);
}

static int
read_line(struct buf *in, struct ctl_line *line,
    bool (*parse)(struct ctl_line *, const char *, size_t))
{
	const char *end;
	size_t len;

	*line = (struct ctl_line){ 0 };
	end = in->len > 0 ? memchr(in->data, '\n', in->len) : NULL;
	if (end == NULL)
		return in->len < CTL_LINE_MOST ? 0 : -1;
	len = (size_t)(end - in->data);
	if (len >= CTL_LINE_MOST || memchr(in->data, '\0', len) != NULL ||
	    !parse(line, in->data, len)) {
		ctl_line_clear(line);
		return -1;
	}
	buf_eat(in, len + 1);
	return 1;
}

int
ctl_read_reply(struct buf *in, struct ctl_line *line)
{
	return read_line(in, line, parse_reply);
}

int
ctl_read_request(struct buf *in, struct ctl_line *line)
{
	return read_line(in, line, parse_request);
}

void
ctl_line_clear(struct ctl_line *line)
{
	size_t i;

	free(line->verb);
	free(line->text);
	for (i = 0; i < line->pair_count; i++) {
		free(line->pairs[i].name);
		free(line->pairs[i].value);
	}
	*line = (struct ctl_line){ 0 };
}

const char *
ctl_line_get(const struct ctl_line *line, const char *name)
{
	size_t i;

	for (i = 0; i < line->pair_count; i++)
		if (strcmp(line->pairs[i].name, name) == 0)
			return line->pairs[i].value;
	return NULL;
}

int
ctl_connect(const char *path, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof address.sun_path)
		return err_set(err, ERR_INPUT, "%s: a socket's path may have "
		    "%zu bytes", path, sizeof address.sun_path - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	/* A socket that nobody listens on is what a killed service leaves. */
	if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
		err_set(err, ERR_ABSENT, "%s: no service is running", path);
	else
		err_errno(err, "%s", path);
	close(fd);
	return -1;
}
