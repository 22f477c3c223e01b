tests_net_cppflags = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(EV_CFLAGS)
tests_net_lab = tests/net/lab.c tests/net/lab.h

check_PROGRAMS += tests/net/dns
TESTS += tests/net/dns
tests_net_dns_CPPFLAGS = $(tests_net_cppflags)
tests_net_dns_SOURCES = tests/net/dns.c $(tests_net_lab)
tests_net_dns_LDADD = $(NET_LIBS)

check_PROGRAMS += tests/net/ident
TESTS += tests/net/ident
tests_net_ident_SOURCES = tests/net/ident.c
tests_net_ident_LDADD = $(NET_LIBS)
