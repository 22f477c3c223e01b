noinst_LIBRARIES += libnet.a
libnet_a_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(CARES_CFLAGS) $(EV_CFLAGS)
libnet_a_SOURCES = \
	src/net/conn.c src/net/conn.h \
	src/net/dial.c src/net/dial.h \
	src/net/dns.c src/net/dns.h \
	src/net/host.c src/net/host.h \
	src/net/ident.c src/net/ident.h \
	src/net/srv.c src/net/srv.h \
	src/net/tls.c src/net/tls.h

# What a program needs to link that uses net/.
NET_LIBS = libnet.a $(CARES_LIBS) $(EV_LIBS) $(OPENSSL_LIBS) $(BASE_LIBS)
