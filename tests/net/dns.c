/* net/dns: what is asked, in which order it is tried, when to fall back. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "net/dns.h"
#include "tests/net/lab.h"
#include "tests/tap.h"

static const struct answer answers[] = {
	{ "_xmpps-client._tcp.both.test", "SRV", DATA, 10, 0, 5223,
	    "a.both.test" },
	{ "_xmpp-client._tcp.both.test", "SRV", DATA, 5, 0, 5222,
	    "b.both.test" },
	{ "_xmpp-client._tcp.both.test", "SRV", DATA, 20, 0, 5269,
	    "c.both.test" },
	{ "_xmpps-client._tcp.nodirect.test", "SRV", DATA, 0, 0, 1, "." },
	{ "_xmpp-client._tcp.nodirect.test", "SRV", DATA, 0, 0, 5222,
	    "x.nodirect.test" },
	{ "_xmpp-client._tcp.onlydirect.test", "SRV", DATA, 0, 0, 1, "." },
	{ "_xmpps-client._tcp.onlydirect.test", "SRV", DATA, 0, 0, 443,
	    "x.onlydirect.test" },
	{ "_xmpps-client._tcp.nothing.test", "SRV", DATA, 0, 0, 1, "." },
	{ "_xmpp-client._tcp.nothing.test", "SRV", DATA, 0, 0, 1, "." },
	{ "_xmpps-client._tcp.dotonly.test", "SRV", DATA, 0, 0, 1, "." },
	{ "_xmpps-client._tcp.nodata.test", "SRV", NODATA },
	{ "_xmpp-client._tcp.nodata.test", "SRV", NODATA },
	{ "_xmpps-client._tcp.servfail.test", "SRV", SERVFAIL },
	{ "_xmpps-client._tcp.refused.test", "SRV", REFUSED },
	{ "_xmpp-client._tcp.refused.test", "SRV", REFUSED },
	{ "_xmpps-client._tcp.half.test", "SRV", SERVFAIL },
	{ "_xmpp-client._tcp.half.test", "SRV", DATA, 1, 1, 5222, "h.half.test" },
	{ "_xmpp-client._tcp.alias.test", "SRV", ALIAS, 0, 0, 0,
	    "_xmpp-client._tcp.real.test" },
	{ "_xmpp-client._tcp.real.test", "SRV", DATA, 1, 1, 5222, "r.real.test" },
	{ "_xmpp-client._tcp.aliasless.test", "SRV", ALIAS, 0, 0, 0,
	    "nowhere.test" },
	{ "nowhere.test", "A", DATA, 0, 0, 0, "127.0.0.1" },
	{ "_xmpps-client._tcp.silent.test", "SRV", SILENCE },
	{ "_xmpp-client._tcp.silent.test", "SRV", SILENCE },
	{ "_xmpps-client._tcp.port0.test", "SRV", DATA, 0, 0, 0, "p.test" },

	{ "_xmpps-client._tcp.lots.test", "SRV", DATA, 1, 0, 1, "zero.test" },
	{ "_xmpp-client._tcp.lots.test", "SRV", DATA, 1, 10, 1, "ten.test" },
	{ "_xmpps-client._tcp.lots.test", "SRV", DATA, 1, 90, 1, "ninety.test" },

	{ "two.test", "A", DATA, 0, 0, 0, "127.0.0.1" },
	{ "two.test", "A", DATA, 0, 0, 0, "127.0.0.2" },
	{ "two.test", "A", DATA, 0, 0, 0, "127.0.0.3" },
	{ "two.test", "AAAA", DATA, 0, 0, 0, "::1" },
	{ "four.test", "A", DATA, 0, 0, 0, "127.0.0.4" },
	{ "lame.test", "A", DATA, 0, 0, 0, "127.0.0.5" },
	{ "lame.test", "AAAA", SILENCE },
	{ "broken.test", "A", DATA, 0, 0, 0, "127.0.0.6" },
	{ "broken.test", "AAAA", SERVFAIL },
	{ "cname.test", "A", ALIAS, 0, 0, 0, "four.test" },
	{ "cname.test", "AAAA", ALIAS, 0, 0, 0, "four.test" },
	{ "empty.test", "SRV", NODATA },
	{ "failing.test", "A", SERVFAIL },
	{ "failing.test", "AAAA", SERVFAIL },
	{ NULL },
};

enum { DIRECT = 1, STARTTLS = 2, ANY = 3 };

static const struct {
	const char *name, *domain;
	int want;
	const char *result;
} target_cases[] = {
	{ "both services are merged by priority", "both.test", ANY,
	    "b.both.test:5222 a.both.test:5223! c.both.test:5269" },
	{ "only STARTTLS is asked for", "both.test", STARTTLS,
	    "b.both.test:5222 c.both.test:5269" },
	{ "only direct TLS is asked for", "both.test", DIRECT,
	    "a.both.test:5223!" },
	{ "a trailing dot changes nothing", "both.test.", DIRECT,
	    "a.both.test:5223!" },
	{ "'.' on xmpps leaves xmpp", "nodirect.test", ANY,
	    "x.nodirect.test:5222" },
	{ "'.' on xmpp leaves xmpps", "onlydirect.test", ANY,
	    "x.onlydirect.test:443!" },
	{ "'.' on both is no service", "nothing.test", ANY,
	    "error: look up nothing.test: its SRV records offer no XMPP "
	    "service" },
	{ "'.' on xmpps and no xmpp: no fallback", "dotonly.test", ANY,
	    "error: look up dotonly.test: its SRV records offer no XMPP "
	    "service" },
	{ "a record for port 0 is an answer too", "port0.test", ANY,
	    "error: look up port0.test: its SRV records offer no XMPP "
	    "service" },
	{ "no such name falls back to 5222", "nosuch.test", ANY,
	    "nosuch.test:5222" },
	{ "a fallback for direct TLS is 5223", "nosuch.test", DIRECT,
	    "nosuch.test:5223!" },
	{ "no data falls back", "nodata.test", ANY, "nodata.test:5222" },
	{ "SERVFAIL does not fall back", "servfail.test", ANY,
	    "error: look up the SRV records of servfail.test: the name server "
	    "failed (SERVFAIL)" },
	{ "a refusal does not fall back", "refused.test", ANY,
	    "error: look up the SRV records of refused.test: the name server "
	    "refused to answer" },
	{ "one SERVFAIL leaves the other's records", "half.test", ANY,
	    "h.half.test:5222" },
	{ "an alias is followed", "alias.test", ANY, "r.real.test:5222" },
	{ "an alias to nothing falls back", "aliasless.test", ANY,
	    "aliasless.test:5222" },
	{ "no reply falls back", "silent.test", ANY, "silent.test:5222" },
};

static const struct {
	const char *name, *host, *result;
} address_cases[] = {
	{ "families are interleaved, IPv6 first", "two.test",
	    "::1 127.0.0.1 127.0.0.2 127.0.0.3" },
	{ "IPv4 alone", "four.test", "127.0.0.4" },
	{ "AAAA that is never answered holds nobody up", "lame.test",
	    "127.0.0.5" },
	{ "AAAA that fails leaves A", "broken.test", "127.0.0.6" },
	{ "an alias is followed", "cname.test", "127.0.0.4" },
	{ "an IPv4 address is one", "192.0.2.1", "192.0.2.1" },
	{ "an IPv6 address is one", "2001:db8::1", "2001:db8::1" },
	{ "a zone stays with its address", "fe80::1%lo", "fe80::1%lo" },
	{ "localhost asks nobody", "localhost", "::1 127.0.0.1" },
	{ "nor does what is below it", "a.localhost", "::1 127.0.0.1" },
	{ "no such domain", "nosuch.test",
	    "error: look up nosuch.test: no such domain" },
	{ "a domain without addresses", "empty.test",
	    "error: look up empty.test: it has no address" },
	{ "a failing name server", "failing.test",
	    "error: look up failing.test: the name server failed (SERVFAIL)" },
	{ "not a name at all", "a..b.test",
	    "error: look up a..b.test: not a domain name" },
};

struct result {
	struct buf text;
	int calls;
	struct dns *kill;	/* freed inside the callback */
};

static void
result_err(struct result *r, const struct err *err)
{
	r->calls++;
	if (err != NULL)
		buf_printf(&r->text, "error: %s", err->text);
	buf_str(&r->text, "");
	dns_free(r->kill);
}

static void
on_targets(const struct dns_target *t, size_t count, const struct err *err,
    void *arg)
{
	struct result *r = arg;
	size_t i;

	for (i = 0; i < count; i++)
		buf_printf(&r->text, "%s%s:%u%s", i > 0 ? " " : "", t[i].host,
		    t[i].port, t[i].is_direct ? "!" : "");
	result_err(r, err);
}

static void
on_addresses(const char *const *a, size_t count, const struct err *err,
    void *arg)
{
	struct result *r = arg;
	struct dns *kill = r->kill;
	size_t i;

	r->kill = NULL;
	dns_free(kill);		/* what we were given must live on */
	for (i = 0; i < count; i++)
		buf_printf(&r->text, "%s%s", i > 0 ? " " : "", a[i]);
	result_err(r, err);
}

static struct dns *
resolver(const struct name_server *n)
{
	struct err err = { 0 };
	struct dns *d = dns_new(loop, &err);

	LAB_CHECK(d != NULL);
	LAB_CHECK(dns_servers(d, n->address, &err) == 0);
	return d;
}

static size_t
answered(const struct result *r, size_t count)
{
	size_t i, sum = 0;

	for (i = 0; i < count; i++)
		sum += r[i].calls > 0;
	return sum;
}

static void
tables(struct name_server *n)
{
	struct dns *d = resolver(n);
	struct result r[COUNT(target_cases) + COUNT(address_cases)];
	size_t i, done = 0, all = COUNT(r);

	/* All at once: they must not disturb each other. */
	memset(r, 0, sizeof r);
	for (i = 0; i < COUNT(target_cases); i++)
		dns_targets(d, target_cases[i].domain,
		    target_cases[i].want & DIRECT,
		    target_cases[i].want & STARTTLS, on_targets, &r[i]);
	for (i = 0; i < COUNT(address_cases); i++)
		dns_addresses(d, address_cases[i].host, on_addresses,
		    &r[COUNT(target_cases) + i]);
	for (i = 0; i < all; i++)
		done += (size_t)r[i].calls;
	is_int((long long)done, 0, "nobody is called back while asking");
	LAB_WAIT(answered(r, all) == all);
	for (i = 0; i < COUNT(target_cases); i++)
		is_str(r[i].text.data, target_cases[i].result,
		    target_cases[i].name);
	for (i = 0; i < COUNT(address_cases); i++)
		is_str(r[COUNT(target_cases) + i].text.data,
		    address_cases[i].result, address_cases[i].name);
	for (done = i = 0; i < all; i++) {
		done += (size_t)r[i].calls;
		buf_clear(&r[i].text);
	}
	is_int((long long)done, (long long)all,
	    "each question is answered once");
	dns_free(d);
}

/* RFC 2782: of weights 0, 10 and 90 the first is tried first in 1/101, the
 * second in 10/101 and the last in 90/101 of cases. The bounds are wider
 * than six standard deviations. */
static void
weights(struct name_server *n)
{
	enum { ROUNDS = 600 };
	struct dns *d = resolver(n);
	int ninety = 0, ten = 0, wrong = 0, i;

	for (i = 0; i < ROUNDS; i++) {
		struct result r = { { 0 } };

		dns_targets(d, "lots.test", true, true, on_targets, &r);
		LAB_WAIT(r.calls > 0);
		if (r.text.data == NULL) {
			wrong++;
			continue;
		}
		ninety += str_starts(r.text.data, "ninety.test:1! ");
		ten += str_starts(r.text.data, "ten.test:1 ");
		wrong += strstr(r.text.data, "zero.test:1!") == NULL ||
		    strstr(r.text.data, "ten.test:1") == NULL ||
		    strstr(r.text.data, "ninety.test:1!") == NULL;
		buf_clear(&r.text);
	}
	is_int(wrong, 0, "each drawing has every target");
	ok(ninety > 470 && ninety < 595, "weight 90 of 100 is first in nine "
	    "tenths (%d of %d)", ninety, ROUNDS);
	ok(ten > 10 && ten < 120, "weight 10 of 100 is first in one tenth "
	    "(%d of %d)", ten, ROUNDS);
	dns_free(d);
}

static void
lives(struct name_server *n)
{
	struct dns *d = resolver(n);
	struct result r = { { 0 } }, s = { { 0 } };
	struct dns_query *q;
	struct err err = { 0 };
	int asked = n->asked;

	dns_targets(d, "sub.localhost", true, true, on_targets, &r);
	LAB_WAIT(r.calls > 0);
	is_str(r.text.data, "sub.localhost:5222",
	    "localhost has no SRV records");
	is_int(n->asked, asked, "and nobody is asked for them");
	buf_clear(&r.text);

	r.calls = 0;
	q = dns_targets(d, "both.test", true, true, on_targets, &r);
	dns_addresses(d, "four.test", on_addresses, &s);
	dns_cancel(q);
	LAB_WAIT(s.calls > 0);
	is_int(r.calls, 0, "who has cancelled hears nothing");
	is_str(s.text.data, "127.0.0.4", "the others do");
	buf_clear(&s.text);
	dns_cancel(NULL);

	dns_targets(d, "silent.test", true, true, on_targets, &r);
	dns_addresses(d, "lame.test", on_addresses, &r);
	lab_turn();
	dns_free(d);
	is_int(r.calls, 0, "a resolver may go with questions open");

	r.kill = resolver(n);
	dns_addresses(r.kill, "two.test", on_addresses, &r);
	dns_targets(r.kill, "both.test", true, true, on_targets, &r);
	LAB_WAIT(r.calls > 0);
	is_str(r.text.data, "::1 127.0.0.1 127.0.0.2 127.0.0.3",
	    "it may go in a callback");
	buf_clear(&r.text);

	d = dns_new(loop, &err);
	LAB_CHECK(d != NULL);
	ok(dns_servers(d, "no address", &err) == -1 && err.code == ERR_INPUT,
	    "name servers must be addresses: %s", err.text);
	dns_free(d);
	dns_free(NULL);
}

/* Nobody listens there: that is no reply, and a quick one. */
static void
nobody(void)
{
	struct name_server n;
	struct result r = { { 0 } }, s = { { 0 } };
	struct dns *d;

	name_server_start(&n, answers);
	d = resolver(&n);
	name_server_stop(&n);
	dns_targets(d, "both.test", true, true, on_targets, &r);
	dns_addresses(d, "four.test", on_addresses, &s);
	LAB_WAIT(r.calls > 0 && s.calls > 0);
	is_str(r.text.data, "both.test:5222",
	    "without a name server we fall back");
	is_str(s.text.data, "error: look up four.test: no name server can be "
	    "reached", "and say so in the end");
	buf_clear(&r.text);
	buf_clear(&s.text);
	dns_free(d);
}

int
main(void)
{
	struct name_server n;

	loop = ev_loop_new(EVFLAG_AUTO);
	LAB_CHECK(loop != NULL);
	name_server_start(&n, answers);
	tables(&n);
	weights(&n);
	lives(&n);
	nobody();
	name_server_stop(&n);
	lab_clean();
	ev_loop_destroy(loop);
	return done();
}
