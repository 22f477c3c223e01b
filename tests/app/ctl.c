/* The control socket's lines, also those that nobody should send. */
#include <stdlib.h>

#include "app/ctl.h"
#include "base/mem.h"
#include "tests/tap.h"

static const struct {
	const char *name, *line;
	bool is_reply;
	int want;
} lines[] = {
	{ "a verb", "status\n", false, 1 },
	{ "a verb with arguments", "status wait=online watch=1\n", false, 1 },
	{ "half a line", "status wai", false, 0 },
	{ "nothing", "", false, 0 },
	{ "an empty request", "\n", false, -1 },
	{ "a verb in capitals", "STATUS\n", false, -1 },
	{ "a space too many", "status  watch=1\n", false, -1 },
	{ "a space at the end", "status \n", false, -1 },
	{ "an argument without value", "status watch\n", false, -1 },
	{ "an argument without name", "status =1\n", false, -1 },
	{ "an empty value is a value", "status wait=\n", false, 1 },
	{ "half a percent code", "status wait=%4\n", false, -1 },
	{ "a percent code that is none", "status wait=%zz\n", false, -1 },
	{ "an encoded NUL", "status wait=%00\n", false, -1 },
	{ "bytes that are not UTF-8", "status wait=%FF\n", false, -1 },
	{ "ok", "ok\n", true, 1 },
	{ "the end of a record", "\n", true, 1 },
	{ "a field", "account=a@b\n", true, 1 },
	{ "an error", "error 2 no%20such%20thing\n", true, 1 },
	{ "an error without code", "error no\n", true, -1 },
	{ "an error with code 0", "error 0 x\n", true, -1 },
	{ "an error with a long code", "error 22 x\n", true, -1 },
	{ "a line that is no field", "hello\n", true, -1 },
	{ "a request as reply", "status watch=1\n", true, -1 },
};

static void
test_lines(void)
{
	struct ctl_line line;
	size_t i;

	for (i = 0; i < COUNT(lines); i++) {
		struct buf in = { 0 };

		buf_str(&in, lines[i].line);
		is_int(lines[i].is_reply ? ctl_read_reply(&in, &line)
		    : ctl_read_request(&in, &line), lines[i].want,
		    lines[i].name);
		ctl_line_clear(&line);
		buf_clear(&in);
	}
}

static void
test_round(void)
{
	static const char value[] = "a b=c\n%\r\t\x01 \xe2\x9d\xa4 \"'";
	struct buf wire = { 0 };
	struct ctl_line line;

	ctl_request(&wire, "status");
	ctl_argument(&wire, "wait", value);
	ctl_argument(&wire, "watch", "1");
	ctl_end(&wire);
	is_int(ctl_read_request(&wire, &line), 1, "a request comes back");
	is_str(line.verb, "status", "with its verb");
	is_str(ctl_line_get(&line, "wait"), value, "any value survives");
	is_str(ctl_line_get(&line, "watch"), "1", "the second argument");
	ok(ctl_line_get(&line, "other") == NULL, "no other argument");
	ctl_line_clear(&line);
	is_int((long long)wire.len, 0, "and is eaten whole");

	ctl_field(&wire, "error", value);
	ctl_record_end(&wire);
	ctl_error(&wire, 3, value);
	ctl_ok(&wire);
	is_int(ctl_read_reply(&wire, &line), 1, "a field comes back");
	is_int(line.kind, CTL_FIELD, "as a field");
	is_str(line.pairs[0].value, value, "with its value");
	ctl_line_clear(&line);
	is_int(ctl_read_reply(&wire, &line), 1, "then an empty line");
	is_int(line.kind, CTL_RECORD_END, "ends the record");
	is_int(ctl_read_reply(&wire, &line), 1, "then an error");
	is_int(line.code, 3, "with its code");
	is_str(line.text, value, "and its sentence");
	ctl_line_clear(&line);
	is_int(ctl_read_reply(&wire, &line), 1, "then ok");
	is_int(line.kind, CTL_OK, "which is ok");
	is_int(ctl_read_reply(&wire, &line), 0, "then nothing");
	buf_clear(&wire);
}

static void
test_size(void)
{
	struct buf wire = { 0 };
	struct ctl_line line;
	int i;

	for (i = 0; i < CTL_LINE_MOST; i++)
		buf_char(&wire, 'a');
	is_int(ctl_read_request(&wire, &line), -1,
	    "a line that never ends is refused");
	buf_char(&wire, '\n');
	is_int(ctl_read_request(&wire, &line), -1, "and so when it ends");
	buf_reset(&wire);
	buf_str(&wire, "status");
	for (i = 0; i < 33; i++)
		buf_str(&wire, " a=b");
	buf_char(&wire, '\n');
	is_int(ctl_read_request(&wire, &line), -1, "too many arguments");
	buf_reset(&wire);
	buf_add(&wire, "sta\0tus\n", 8);
	is_int(ctl_read_request(&wire, &line), -1, "a NUL in a line");
	buf_clear(&wire);
}

static void
test_connect(void)
{
	char path[200];
	struct err err = { 0 };

	is_int(ctl_connect("/nonexistent/backscroll.sock", &err), -1,
	    "nobody to talk to");
	is_int(err.code, ERR_ABSENT, "is an absent service");
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	is_int(ctl_connect(path, &err), -1, "a path too long for a socket");
	is_int(err.code, ERR_INPUT, "is wrong input");
}

int
main(void)
{
	test_lines();
	test_round();
	test_size();
	test_connect();
	return done();
}
