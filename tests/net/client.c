#include "tests/net/client.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

X509 *ca, *other_ca, *good;
char *ca_file;
struct dns *dns;
static struct name_server names;

static void
on_event(struct conn *c, enum conn_event event, const char *data, size_t len,
    const struct err *err, void *arg)
{
	struct client *k = arg;

	k->is_broken |= k->failed > 0 || c != k->conn;
	switch (event) {
	case CONN_OPEN:
		k->opened++;
		break;
	case CONN_TLS:
		k->secured++;
		break;
	case CONN_DATA:
		k->is_broken |= len == 0 || k->ended > 0;
		buf_add(&k->got, data, len);
		if (len > k->slice_most)
			k->slice_most = len;
		break;
	case CONN_DRAINED:
		k->drained++;
		k->is_broken |= conn_queued(c) > 0;
		break;
	case CONN_EOF:
		k->ended++;
		break;
	case CONN_FAILED:
		k->failed++;
		k->err = *err;
		break;
	}
	if (k->hook != NULL)
		k->hook(k, event);
}

void
dial_with(struct client *k, struct dns *d, const struct conn_options *o)
{
	*k = (struct client){ 0 };
	k->conn = conn_new(loop, d, o, on_event, k);
}

struct conn_options
options(const struct server *s, enum conn_tls tls)
{
	return (struct conn_options){
		.domain = "example.com", .host = s->ip, .port = s->port,
		.tls = tls, .ca_file = ca_file,
	};
}

void
dial(struct client *k, const struct server *s, enum conn_tls tls)
{
	struct conn_options o = options(s, tls);

	dial_with(k, dns, &o);
}

void
hang_up(struct client *k)
{
	conn_free(k->conn);
	k->conn = NULL;
	buf_clear(&k->got);
}

void
say(struct client *k, const char *text)
{
	conn_write(k->conn, text, strlen(text));
}

bool
has(const struct client *k, const char *text)
{
	return k->got.data != NULL && strstr(k->got.data, text) != NULL;
}

/* Asks for an upgrade as a session would. */
void
upgrade_hook(struct client *k, enum conn_event event)
{
	if (event == CONN_OPEN && !conn_info(k->conn)->is_tls)
		say(k, "starttls\n");
	if (event == CONN_DATA && k->secured == 0 && has(k, "proceed\n")) {
		buf_reset(&k->got);
		conn_starttls(k->conn);
		say(k, "echo first\n");		/* must go encrypted */
	}
}

void
client_start(void)
{
	static const struct answer nothing[] = { { NULL } };
	struct spec spec = { "Lab CA", NULL, NULL, true };

	signal(SIGPIPE, SIG_DFL);	/* conn must not raise it */
	loop = ev_loop_new(EVFLAG_AUTO);
	LAB_CHECK(loop != NULL);
	ca = lab_certificate(&spec);
	spec.cn = "Other CA";
	other_ca = lab_certificate(&spec);
	spec = (struct spec){ "good", "DNS:example.com", ca };
	good = lab_certificate(&spec);
	ca_file = lab_pem("ca.pem", ca, false);
	name_server_start(&names, nothing);
	dns = dns_new(loop, NULL);
	LAB_CHECK(dns != NULL && dns_servers(dns, names.address, NULL) == 0);
}

void
client_stop(void)
{
	dns_free(dns);
	name_server_stop(&names);
	free(ca_file);
	X509_free(ca);
	X509_free(other_ca);
	X509_free(good);
	lab_clean();
	ev_loop_destroy(loop);
}
