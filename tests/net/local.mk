# tests/net/lab is the other side, tests/net/client is ours.
tests_net_cppflags = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(EV_CFLAGS)
tests_net_lab = tests/net/lab.c tests/net/lab.h
tests_net_client = $(tests_net_lab) tests/net/client.c tests/net/client.h

check_PROGRAMS += tests/net/ident
TESTS += tests/net/ident
tests_net_ident_SOURCES = tests/net/ident.c
tests_net_ident_LDADD = $(NET_LIBS)

check_PROGRAMS += tests/net/dns
TESTS += tests/net/dns
tests_net_dns_CPPFLAGS = $(tests_net_cppflags)
tests_net_dns_SOURCES = tests/net/dns.c $(tests_net_lab)
tests_net_dns_LDADD = $(NET_LIBS)

check_PROGRAMS += tests/net/dial
TESTS += tests/net/dial
tests_net_dial_CPPFLAGS = $(tests_net_cppflags)
tests_net_dial_SOURCES = tests/net/dial.c $(tests_net_client)
tests_net_dial_LDADD = $(NET_LIBS)

check_PROGRAMS += tests/net/tls
TESTS += tests/net/tls
tests_net_tls_CPPFLAGS = $(tests_net_cppflags)
tests_net_tls_SOURCES = tests/net/tls.c $(tests_net_client)
tests_net_tls_LDADD = $(NET_LIBS)

check_PROGRAMS += tests/net/conn
TESTS += tests/net/conn
tests_net_conn_CPPFLAGS = $(tests_net_cppflags)
tests_net_conn_SOURCES = tests/net/conn.c $(tests_net_client)
tests_net_conn_LDADD = $(NET_LIBS)

# Not a part of check: see its top.
EXTRA_PROGRAMS += tests/net/idle
tests_net_idle_CPPFLAGS = $(tests_net_cppflags)
tests_net_idle_SOURCES = tests/net/idle.c $(tests_net_client)
tests_net_idle_LDADD = $(NET_LIBS)
