/* net/conn: bytes, pauses and ends, against a server that does as it is told. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/net/client.h"
#include "tests/tap.h"

static void
pause_hook(struct client *k, enum conn_event event)
{
	if (event == CONN_DATA)
		conn_pause(k->conn, true);
}

static bool
is_alphabet(const struct client *k, long count)
{
	long i;

	for (i = 0; i < count && (size_t)i < k->got.len; i++)
		if (k->got.data[i] != 'a' + (count - i) % 26)
			break;
	return i == count && k->got.len == (size_t)count;
}

static void
bytes(enum conn_tls tls)
{
	enum { MANY = 3 * 1000 * 1000 };
	const char *how = tls == CONN_PLAIN ? "plain" : "TLS";
	struct server s = { .is_direct = tls == CONN_DIRECT };
	struct client k;
	struct buf long_line = { 0 };
	size_t before;
	int i;

	server_start(&s, NULL, 0, good, 0);
	dial(&k, &s, tls);
	LAB_WAIT(k.opened + k.failed > 0);
	say(&k, "trickle 500\n");
	LAB_WAIT(k.failed || k.got.len == 500);
	ok(is_alphabet(&k, 500), "%s: one byte at a time", how);
	buf_reset(&k.got);
	is_int(k.drained, 1, "the queue is drained once");

	say(&k, "bytes 3000000\n");
	LAB_WAIT(k.failed || k.got.len == MANY);
	ok(is_alphabet(&k, MANY), "%s: 3 MB arrive in order", how);
	ok(k.slice_most <= 2048, "in slices of at most 2 KB (%zu)",
	    k.slice_most);
	buf_reset(&k.got);

	/* More than the kernel holds, so it stays with the server. */
	k.hook = pause_hook;
	say(&k, "bytes 3000000\n");
	LAB_WAIT(k.failed || k.got.len > 0);
	before = k.got.len;
	for (i = 0; i < 3; i++)
		lab_turn();
	is_int((long long)k.got.len, (long long)before,
	    "nothing comes while paused");
	ok(server_peer(&s)->out.len > 1000000, "and the server is held up");
	k.hook = NULL;
	conn_pause(k.conn, false);
	LAB_WAIT(k.failed || k.got.len == MANY);
	ok(is_alphabet(&k, MANY), "%s: then all comes", how);
	buf_reset(&k.got);

	/* A slice at a time, paused in every callback. */
	k.hook = pause_hook;
	say(&k, "bytes 30000\n");
	LAB_WAIT((conn_pause(k.conn, false), k.failed || k.got.len == 30000));
	ok(is_alphabet(&k, 30000), "%s: paused after each slice", how);
	buf_reset(&k.got);
	k.hook = NULL;
	conn_pause(k.conn, false);

	buf_str(&long_line, "echo ");
	for (i = 0; i < 2000000; i++)
		buf_char(&long_line, (char)('A' + i % 26));
	buf_char(&long_line, '\n');
	conn_write(k.conn, long_line.data, long_line.len);
	is_int((long long)conn_queued(k.conn), (long long)long_line.len,
	    "what is written waits for the loop");
	LAB_WAIT(k.failed || k.got.len == long_line.len - 5);
	ok(k.got.len == long_line.len - 5 && memcmp(k.got.data,
	    long_line.data + 5, k.got.len) == 0, "%s: 2 MB there and back",
	    how);
	is_int((long long)conn_queued(k.conn), 0, "the queue is empty");
	buf_clear(&long_line);
	ok(!k.failed && !k.is_broken, "events came in order");
	hang_up(&k);
	server_stop(&s);
}

static void
ends(enum conn_tls tls)
{
	const char *how = tls == CONN_PLAIN ? "plain" : "TLS";
	struct server s = { .is_direct = tls == CONN_DIRECT };
	struct client k;
	char want[300];

	server_start(&s, NULL, 0, good, 0);
	dial(&k, &s, tls);
	LAB_WAIT(k.opened + k.failed > 0);
	say(&k, "echo last\nend\n");
	LAB_WAIT(k.ended + k.failed > 0);
	ok(k.ended == 1 && has(&k, "last\n") &&
	    conn_info(k.conn)->is_clean_end, "%s: a clean end, after the data",
	    how);
	say(&k, "echo more\n");
	LAB_WAIT(k.failed || k.drained == 2);
	is_int(k.drained, 2, "our side can still speak");
	conn_shutdown(k.conn);
	LAB_WAIT(server_peer(&s) == NULL);
	ok(k.ended == 1 && !k.failed, "and ends without more ado");
	hang_up(&k);

	dial(&k, &s, tls);
	LAB_WAIT(k.opened + k.failed > 0);
	say(&k, "cut\n");
	LAB_WAIT(k.ended + k.failed > 0);
	ok(k.ended == 1 && conn_info(k.conn)->is_clean_end ==
	    (tls == CONN_PLAIN), "%s: an end without close_notify is %s", how,
	    tls == CONN_PLAIN ? "all there is" : "not clean");
	/* The next write draws a reset, the one after that is EPIPE. */
	LAB_WAIT((say(&k, "echo x\n"), k.failed));
	snprintf(want, sizeof want, "connection to 127.0.0.1:%u: Broken pipe",
	    s.port);
	is_str(k.err.text, want, "writing to nobody fails, without a signal");
	hang_up(&k);

	dial(&k, &s, tls);
	LAB_WAIT(k.opened + k.failed > 0);
	say(&k, "reset\n");
	LAB_WAIT(k.ended + k.failed > 0);
	snprintf(want, sizeof want, "connection to 127.0.0.1:%u: Connection "
	    "reset by peer", s.port);
	is_str(k.err.text, want, "a reset is a failure");
	is_int(k.err.code, ERR_NETWORK, "of the network");
	say(&k, "nobody hears\n");
	is_int((long long)conn_queued(k.conn), 0, "then nothing is queued");
	hang_up(&k);

	dial(&k, &s, tls);
	LAB_WAIT(k.opened + k.failed > 0);
	say(&k, "echo bye\n");
	conn_shutdown(k.conn);
	LAB_WAIT(k.ended + k.failed > 0);
	ok(k.ended == 1 && has(&k, "bye") && conn_info(k.conn)->is_clean_end,
	    "%s: our end: what was queued goes, then theirs comes", how);
	ok(!k.is_broken, "events came in order");
	hang_up(&k);
	server_stop(&s);
}

/* The server has said why, and gone. We find out by writing. */
static void
last_words(enum conn_tls tls)
{
	const char *how = tls == CONN_PLAIN ? "plain" : "TLS";
	struct server s = { .is_direct = tls == CONN_DIRECT };
	struct client k;
	int i;

	server_start(&s, NULL, 0, good, 0);
	dial(&k, &s, tls);
	LAB_WAIT(k.opened + k.failed > 0);
	say(&k, "echo ready\n");
	LAB_WAIT(k.failed || has(&k, "ready"));
	conn_pause(k.conn, true);
	say(&k, "echo system-shutdown\nreset\n");
	LAB_WAIT(server_peer(&s) == NULL);
	for (i = 0; i < 3; i++) {
		say(&k, "echo is anybody there\n");
		lab_turn();
	}
	ok(!k.failed && !k.ended, "%s: a failed write is not the end", how);
	is_int((long long)conn_queued(k.conn), 0, "though nothing is queued");
	conn_pause(k.conn, false);
	LAB_WAIT(k.failed || k.ended);
	ok(has(&k, "system-shutdown"), "%s: the last words are heard", how);
	ok(k.failed && k.err.code == ERR_NETWORK &&
	    str_starts(k.err.text, "connection to 127.0.0.1:"),
	    "then it has failed: %s", k.err.text);
	hang_up(&k);
	server_stop(&s);
}

/* Loopback tests have no TLS, whatever a server says. */
static void
no_tls(void)
{
	struct server s = { 0 };
	struct client k;

	server_start(&s, NULL, 0, good, 0);
	dial(&k, &s, CONN_PLAIN);
	k.hook = upgrade_hook;
	LAB_WAIT(k.failed || k.secured);
	ok(k.failed && k.err.code == ERR_PROTOCOL, "no TLS where it is "
	    "switched off: %s", k.err.text);
	hang_up(&k);
	server_stop(&s);
}

static void
rekey(void)
{
	struct server s = { .is_direct = true };
	struct client k;
	int i;

	server_start(&s, NULL, 0, good, TLS1_3_VERSION);
	dial(&k, &s, CONN_DIRECT);
	LAB_WAIT(k.opened + k.failed > 0);
	for (i = 0; i < 3; i++) {
		buf_reset(&k.got);
		say(&k, "rekey\nbytes 50000\n");
		LAB_WAIT(k.failed || k.got.len == 50000);
	}
	ok(is_alphabet(&k, 50000), "new keys in between: %s", k.err.text);
	hang_up(&k);
	server_stop(&s);
}

static void
free_hook(struct client *k, enum conn_event event)
{
	conn_free(k->conn);
	k->conn = NULL;
}

static void
free_on_data(struct client *k, enum conn_event event)
{
	if (event == CONN_DATA)
		free_hook(k, event);
}

/* Every callback may be the last; the sanitizer looks on. */
static void
frees(void)
{
	struct server s = { .is_direct = true }, p = { 0 };
	struct client k;
	struct conn_options o;

	server_start(&s, NULL, 0, good, 0);
	server_start(&p, NULL, 0, good, 0);
	dial(&k, &s, CONN_DIRECT);
	hang_up(&k);
	dial(&k, &s, CONN_DIRECT);
	lab_turn();
	hang_up(&k);
	ok(true, "freed before it is open");
	dial(&k, &s, CONN_DIRECT);
	k.hook = free_hook;
	LAB_WAIT(k.conn == NULL);
	is_int(k.opened, 1, "freed as it opens");
	dial(&k, &s, CONN_DIRECT);
	LAB_WAIT(k.opened + k.failed > 0);
	k.hook = free_on_data;
	say(&k, "bytes 100000\n");
	LAB_WAIT(k.conn == NULL);
	ok(k.conn == NULL, "freed with data pending");
	hang_up(&k);
	dial(&k, &s, CONN_DIRECT);
	LAB_WAIT(k.opened + k.failed > 0);
	k.hook = free_hook;
	say(&k, "echo x\n");
	LAB_WAIT(k.conn == NULL);
	is_int(k.drained, 1, "freed as it drains");
	dial(&k, &p, CONN_PLAIN);
	LAB_WAIT(k.opened + k.failed > 0);
	say(&k, "end\n");
	LAB_WAIT(k.drained > 0);
	k.hook = free_hook;
	LAB_WAIT(k.conn == NULL);
	is_int(k.ended, 1, "freed as it ends");
	o = options(&s, CONN_DIRECT);
	o.domain = "other.test";
	dial_with(&k, dns, &o);
	k.hook = free_hook;
	LAB_WAIT(k.conn == NULL);
	is_int(k.failed, 1, "freed as it fails");
	hang_up(&k);
	conn_free(NULL);
	server_stop(&s);
	server_stop(&p);
}

int
main(void)
{
	client_start();
	bytes(CONN_PLAIN);
	bytes(CONN_DIRECT);
	ends(CONN_PLAIN);
	ends(CONN_DIRECT);
	last_words(CONN_PLAIN);
	last_words(CONN_DIRECT);
	rekey();
	no_tls();
	frees();
	client_stop();
	return done();
}
