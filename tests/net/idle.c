/*
 * What an idle TLS connection costs in memory: many of them to a server in
 * another process, each after 30 KB in records of 600 bytes. Not a part of
 * `make check`: a sanitizer's memory is not ours.
 *
 *   make tests/net/idle && tests/net/idle [CONNECTIONS]
 */
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/net/client.h"
#include "tests/tap.h"

enum { MOST = 41 * 1024, TRAFFIC = 30000, RECORD = 600 };

static long
resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long size, pages;

	LAB_CHECK(f != NULL && fscanf(f, "%ld %ld", &size, &pages) == 2);
	fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

/* The chain of a usual server: leaf, intermediate, and the CA that we have.
 * Serves until the other end of end_fd is closed. */
static void
serve(int port_fd, int end_fd)
{
	struct spec spec = { "Intermediate CA", NULL, ca, true };
	X509 *between = lab_certificate(&spec), *leaf;
	struct server s = { .is_direct = true, .alpn = "xmpp-client" };

	spec = (struct spec){ "leaf", "DNS:example.com", between };
	leaf = lab_certificate(&spec);
	server_start(&s, NULL, 0, leaf, 0);
	LAB_CHECK(SSL_CTX_add1_chain_cert(s.ctx, between) == 1);
	LAB_CHECK(write(port_fd, &s.port, sizeof s.port) == sizeof s.port);
	for (;;) {
		struct pollfd end = { end_fd, POLLIN, 0 };
		char byte;

		lab_turn();
		if (poll(&end, 1, 0) > 0 && read(end_fd, &byte, 1) <= 0)
			_exit(0);
	}
}

int
main(int argc, char **argv)
{
	unsigned count = 1000, i, failed = 0;
	struct rlimit files;
	struct server s = { .ip = "127.0.0.1" };
	int ports[2], ends[2];
	struct client *k;
	long before, each;
	pid_t child;

	if (argc > 1 && !str_to_u32(argv[1], &count))
		return 2;
	client_start();
	LAB_CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
	files.rlim_cur = files.rlim_max;
	LAB_CHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
	LAB_CHECK(pipe(ports) == 0 && pipe(ends) == 0);
	child = fork();
	LAB_CHECK(child >= 0);
	if (child == 0) {
		close(ends[1]);
		ev_loop_fork(loop);
		serve(ports[1], ends[0]);
	}
	close(ends[0]);
	LAB_CHECK(read(ports[0], &s.port, sizeof s.port) == sizeof s.port);
	k = mem_array(count + 1, sizeof *k);
	before = 0;
	for (i = 0; i <= count; i++) {
		int n;

		/* The first warms up what all share. */
		if (i == 1)
			before = resident();
		dial(&k[i], &s, CONN_DIRECT);
		LAB_WAIT(k[i].opened + k[i].failed > 0);
		for (n = 0; n < TRAFFIC && !k[i].failed; n += RECORD) {
			say(&k[i], "bytes 600\n");
			LAB_WAIT(k[i].failed || k[i].got.len >= RECORD);
			buf_clear(&k[i].got);
		}
		failed += k[i].failed > 0;
	}
	each = (resident() - before) / (long)(count > 0 ? count : 1);
	is_int(failed, 0, "all connections stand");
	ok(each <= MOST, "%.1f KB for each of %u idle connections (%zu of it "
	    "the test's)", (double)each / 1024, count, sizeof *k);
	close(ends[1]);
	waitpid(child, NULL, 0);
	for (i = 0; i <= count; i++)
		hang_up(&k[i]);
	free(k);
	client_stop();
	return done();
}
