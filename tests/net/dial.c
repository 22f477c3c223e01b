/* net/dial, through net/conn: what fails, what is tried next, and how long it
 * takes. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/net/client.h"
#include "tests/tap.h"

static void
failures(void)
{
	struct server s = { .is_mute = true };
	struct conn_options o = { .domain = "example.com",
		.ca_file = ca_file };
	struct client k;
	char want[300];
	unsigned port;

	server_start(&s, NULL, 0, good, 0);
	port = s.port;
	server_stop(&s);
	dial(&k, &s, CONN_STARTTLS);
	LAB_WAIT(k.opened + k.failed > 0);
	snprintf(want, sizeof want, "connect to 127.0.0.1:%u: Connection "
	    "refused", port);
	is_str(k.err.text, want, "a closed port");
	is_int(k.err.code, ERR_NETWORK, "is the network's failure");
	hang_up(&k);

	o.host = "localhost";
	o.port = port;
	dial_with(&k, dns, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	snprintf(want, sizeof want, "connect to localhost:%u (127.0.0.1): "
	    "Connection refused", port);
	is_str(k.err.text, want, "a name is told with its address");
	hang_up(&k);

	o.host = NULL;
	o.domain = "nosuch.test";
	dial_with(&k, dns, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	is_str(k.err.text, "look up nosuch.test: no such domain",
	    "an unknown domain");
	hang_up(&k);

	o.host = "192.0.2.1";
	o.tls = CONN_PLAIN;
	dial_with(&k, dns, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	snprintf(want, sizeof want, "connect to 192.0.2.1:%u: without TLS only "
	    "loopback addresses are allowed", port);
	is_str(k.err.text, want, "no plain text beyond this computer");
	is_int(k.err.code, ERR_INPUT, "is a mistake of who asks for it");
	hang_up(&k);

	server_start(&s, NULL, 0, good, 0);
	o = options(&s, CONN_DIRECT);
	o.connect_timeout_s = 1;
	dial_with(&k, dns, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	snprintf(want, sizeof want, "TLS with 127.0.0.1:%u: no answer within "
	    "1 s", s.port);
	is_str(k.err.text, want, "a server that never shakes hands");
	hang_up(&k);
	o.tls = CONN_STARTTLS;
	dial_with(&k, dns, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	conn_starttls(k.conn);
	LAB_WAIT(k.failed);
	is_str(k.err.text, want, "nor after STARTTLS");
	hang_up(&k);
	dial_with(&k, dns, &o);
	conn_shutdown(k.conn);
	LAB_WAIT(k.failed);
	is_str(k.err.text, "connection to a server of example.com: given up "
	    "before it was open", "given up before it was open");
	hang_up(&k);
	server_stop(&s);
}

static void
silence(void)
{
	static const struct answer answers[] = {
		{ "_xmpp-client._tcp.slow.test", "SRV", SILENCE }, { NULL },
	};
	struct black_hole hole;
	struct name_server n;
	struct dns *d = dns_new(loop, NULL);
	struct conn_options o = { .domain = "example.com",
		.host = "127.0.0.1", .ca_file = ca_file,
		.connect_timeout_s = 1 };
	struct client k;
	char want[300];

	black_hole_open(&hole, "127.0.0.1", 0);
	o.port = hole.port;
	dial_with(&k, dns, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	snprintf(want, sizeof want, "connect to 127.0.0.1:%u: no answer within "
	    "1 s", hole.port);
	is_str(k.err.text, want, "a host that does not answer");
	hang_up(&k);
	black_hole_close(&hole);

	name_server_start(&n, answers);
	LAB_CHECK(d != NULL && dns_servers(d, n.address, NULL) == 0);
	o = (struct conn_options){ .domain = "slow.test", .ca_file = ca_file,
		.tls = CONN_STARTTLS, .connect_timeout_s = 1 };
	dial_with(&k, d, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	is_str(k.err.text, "look up slow.test: no reply within 1 s",
	    "a name server that does not answer");
	hang_up(&k);
	dns_free(d);
	name_server_stop(&n);
}

static void
retry_hook(struct client *k, enum conn_event event)
{
	/* As a session does, once the stream proves to be none. */
	if ((event == CONN_DATA && !has(k, "hello")) || event == CONN_EOF ||
	    event == CONN_FAILED) {
		k->failed = k->ended = 0;
		buf_reset(&k->got);
		if (!conn_retry(k->conn))
			k->failed = 1;
	} else if (event == CONN_OPEN) {
		say(k, "echo hello\n");
	}
}

/* happy: dead and slow candidates, and where the next one is. */
static void
candidates(void)
{
	struct answer answers[] = {
		{ "_xmpps-client._tcp.srv.test", "SRV", DATA, 1, 0, 0,
		    "bad.srv.test" },
		{ "_xmpp-client._tcp.srv.test", "SRV", DATA, 2, 0, 0,
		    "gone.srv.test" },
		{ "_xmpps-client._tcp.srv.test", "SRV", DATA, 3, 0, 0,
		    "good.srv.test" },
		{ "bad.srv.test", "A", DATA, 0, 0, 0, "127.0.0.1" },
		{ "good.srv.test", "A", DATA, 0, 0, 0, "127.0.0.1" },
		{ "_xmpps-client._tcp.eyes.test", "SRV", DATA, 1, 0, 0,
		    "h.eyes.test" },
		{ "h.eyes.test", "A", DATA, 0, 0, 0, "127.0.0.2" },
		{ "h.eyes.test", "A", DATA, 0, 0, 0, "127.0.0.3" },
		{ "_xmpps-client._tcp.far.test", "SRV", DATA, 1, 0, 0,
		    "far.far.test" },
		{ "_xmpps-client._tcp.far.test", "SRV", DATA, 2, 0, 0,
		    "near.far.test" },
		{ "far.far.test", "A", DATA, 0, 0, 0, "127.0.0.2" },
		{ "near.far.test", "A", DATA, 0, 0, 0, "127.0.0.1" },
		{ NULL },
	};
	struct spec spec = { "wrong", "DNS:wrong.test", ca };
	struct spec both = { "both", "DNS:srv.test,DNS:eyes.test,DNS:far.test",
		ca };
	X509 *wrong = lab_certificate(&spec), *right = lab_certificate(&both);
	struct server bad = { .is_direct = true }, fine = { .is_direct = true },
	    near = { .is_direct = true };
	struct black_hole hole;
	struct name_server n;
	struct dns *d = dns_new(loop, NULL);
	struct conn_options o = { .domain = "srv.test", .ca_file = ca_file };
	struct client k;
	char want[300];
	double began, took;

	server_start(&bad, NULL, 0, wrong, 0);
	server_start(&fine, NULL, 0, right, 0);
	black_hole_open(&hole, "127.0.0.2", 0);
	server_start(&near, "127.0.0.3", hole.port, right, 0);
	answers[0].port = bad.port;
	answers[1].port = bad.port;
	answers[2].port = fine.port;
	answers[5].port = hole.port;
	answers[8].port = hole.port;
	answers[9].port = fine.port;
	name_server_start(&n, answers);
	LAB_CHECK(d != NULL && dns_servers(d, n.address, NULL) == 0);

	dial_with(&k, d, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	snprintf(want, sizeof want, "good.srv.test:%u", fine.port);
	ok(k.opened == 1 && str_is(conn_info(k.conn)->server, want),
	    "past a bad certificate and a missing host: %s %s",
	    conn_info(k.conn)->server, k.err.text);
	is_int(bad.accepted, 1, "the first was tried");
	ok(!conn_retry(k.conn), "that was the last");
	hang_up(&k);
	ev_io_stop(loop, &fine.io);
	close(fine.io.fd);
	dial_with(&k, d, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	is_str(k.err.text, "certificate of srv.test is for wrong.test, not "
	    "srv.test", "of all that failed, what came furthest is told");
	hang_up(&k);
	SSL_CTX_free(fine.ctx);
	server_start(&fine, NULL, 0, right, 0);
	answers[9].port = fine.port;

	o.domain = "eyes.test";
	began = lab_now();
	dial_with(&k, d, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	took = lab_now() - began;
	ok(k.opened == 1 && str_starts(conn_info(k.conn)->address,
	    "127.0.0.3:"), "a dead address holds up for a moment only: %s %s",
	    conn_info(k.conn)->address, k.err.text);
	ok(took > 0.2 && took < 5, "a quarter of a second (%.3f s)", took);
	is_int(near.accepted, 1, "by one connection");
	ok(conn_retry(k.conn), "who lost the race has its turn on a retry");
	hang_up(&k);

	o.domain = "far.test";
	began = lab_now();
	dial_with(&k, d, &o);
	LAB_WAIT(k.opened + k.failed > 0);
	took = lab_now() - began;
	snprintf(want, sizeof want, "near.far.test:%u", fine.port);
	ok(k.opened == 1 && str_is(conn_info(k.conn)->server, want),
	    "a dead target is passed over: %s %s", conn_info(k.conn)->server,
	    k.err.text);
	ok(took > 1.5 && took < 15, "after two seconds (%.3f s)", took);
	hang_up(&k);

	server_stop(&bad);
	server_stop(&fine);
	server_stop(&near);
	black_hole_close(&hole);
	dns_free(d);
	name_server_stop(&n);
	X509_free(wrong);
	X509_free(right);
}

/* What takes long, all at once: a first target that never shakes hands, and
 * one with more dead addresses than are tried together. */
static void
long_waits(void)
{
	enum { HOLES = 17, FIRST = 10 };
	struct answer answers[HOLES + 6] = {
		{ "_xmpps-client._tcp.mute.test", "SRV", DATA, 1, 0, 0,
		    "localhost" },
		{ "_xmpps-client._tcp.mute.test", "SRV", DATA, 2, 0, 0,
		    "localhost" },
		{ "_xmpps-client._tcp.many.test", "SRV", DATA, 1, 0, 0,
		    "many.many.test" },
	};
	struct spec spec = { "x", "DNS:mute.test,DNS:many.test", ca };
	X509 *x = lab_certificate(&spec);
	struct server mute = { .is_mute = true }, fine = { .is_direct = true },
	    last = { .is_direct = true };
	struct black_hole holes[HOLES];
	char addresses[HOLES + 1][16];
	struct name_server n;
	struct dns *d = dns_new(loop, NULL);
	struct conn_options o = { .ca_file = ca_file, .tls = CONN_DIRECT };
	struct client k, m;
	char want[300];
	unsigned port = 0, i;

	server_start(&mute, NULL, 0, x, 0);
	server_start(&fine, NULL, 0, x, 0);
	answers[0].port = mute.port;
	answers[1].port = fine.port;
	for (i = 0; i <= HOLES; i++) {
		snprintf(addresses[i], sizeof addresses[i], "127.0.0.%u",
		    FIRST + i);
		answers[3 + i] = (struct answer){ "many.many.test", "A", DATA,
			0, 0, 0, addresses[i] };
		if (i < HOLES)
			black_hole_open(&holes[i], addresses[i], port);
		else
			server_start(&last, addresses[i], port, x, 0);
		port = holes[0].port;
	}
	answers[2].port = port;
	name_server_start(&n, answers);
	LAB_CHECK(d != NULL && dns_servers(d, n.address, NULL) == 0);

	o.domain = "mute.test";
	dial_with(&k, d, &o);
	o.domain = "many.test";
	dial_with(&m, d, &o);
	LAB_WAIT(k.opened + k.failed > 0 && m.opened + m.failed > 0);
	snprintf(want, sizeof want, "localhost:%u", fine.port);
	ok(k.opened == 1 && str_is(conn_info(k.conn)->server, want),
	    "past a target that never shakes hands: %s", k.err.text);
	is_int(mute.accepted, 1, "which was tried");
	ok(m.opened == 1 && str_starts(conn_info(m.conn)->address,
	    "127.0.0.27:"), "past 17 dead addresses: %s", m.err.text);
	hang_up(&k);
	hang_up(&m);
	for (i = 0; i < HOLES; i++)
		black_hole_close(&holes[i]);
	server_stop(&mute);
	server_stop(&fine);
	server_stop(&last);
	dns_free(d);
	name_server_stop(&n);
	X509_free(x);
}

/* A given server that may be spoken to in either way. */
static void
either_way(void)
{
	static const struct answer answers[] = {
		{ "closed.test", "A", DATA, 0, 0, 0, "127.0.0.1" }, { NULL },
	};
	struct server s = { .is_direct = true }, p = { 0 }, v6 = { 0 };
	struct name_server n;
	struct dns *d = dns_new(loop, NULL);
	struct conn_options o;
	struct client k;
	int fd;

	server_start(&s, NULL, 0, good, 0);
	server_start(&p, NULL, 0, good, 0);
	dial(&k, &s, CONN_ANY);
	k.hook = retry_hook;
	LAB_WAIT(k.failed || has(&k, "hello"));
	ok(has(&k, "hello") && conn_info(k.conn)->is_direct &&
	    k.opened == 2, "plain is tried, then direct TLS: %s", k.err.text);
	ok(!conn_retry(k.conn), "and that is all");
	hang_up(&k);
	dial(&k, &p, CONN_ANY);
	k.hook = upgrade_hook;
	LAB_WAIT(k.failed || has(&k, "first"));
	ok(has(&k, "first") && !conn_info(k.conn)->is_direct && k.opened == 1,
	    "STARTTLS comes first");
	hang_up(&k);
	server_stop(&s);
	dial(&k, &s, CONN_ANY);
	LAB_WAIT(k.failed);
	ok(strstr(k.err.text, "refused") != NULL && !conn_retry(k.conn),
	    "a closed port is not knocked at twice");
	hang_up(&k);
	name_server_start(&n, answers);
	LAB_CHECK(d != NULL && dns_servers(d, n.address, NULL) == 0);
	o = options(&s, CONN_ANY);
	o.host = "closed.test";
	dial_with(&k, d, &o);
	LAB_WAIT(k.failed);
	is_int(n.asked, 2, "nor looked up twice");	/* A and AAAA */
	hang_up(&k);
	dns_free(d);
	name_server_stop(&n);
	server_stop(&p);

	fd = socket(AF_INET6, SOCK_STREAM, 0);
	if (fd < 0) {
		ok(true, "IPv6 # SKIP not here");
		return;
	}
	close(fd);
	server_start(&v6, "::1", 0, good, 0);
	o = options(&v6, CONN_STARTTLS);
	o.host = "[::1]";
	dial_with(&k, dns, &o);
	k.hook = upgrade_hook;
	LAB_WAIT(k.failed || has(&k, "first"));
	ok(has(&k, "first") && str_starts(conn_info(k.conn)->address, "[::1]:"),
	    "by IPv6: %s %s", conn_info(k.conn)->address, k.err.text);
	hang_up(&k);
	o.host = "localhost";
	dial_with(&k, dns, &o);
	k.hook = upgrade_hook;
	LAB_WAIT(k.failed || has(&k, "first"));
	ok(has(&k, "first"), "localhost, which is ::1 first: %s", k.err.text);
	hang_up(&k);
	server_stop(&v6);
}

int
main(void)
{
	client_start();
	failures();
	silence();
	candidates();
	long_waits();
	either_way();
	client_stop();
	return done();
}
