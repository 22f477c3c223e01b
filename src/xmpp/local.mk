noinst_LIBRARIES += libxmpp.a
libxmpp_a_CPPFLAGS = $(AM_CPPFLAGS) $(GSASL_CFLAGS)
libxmpp_a_SOURCES = \
	src/xmpp/auth.c \
	src/xmpp/bind.c \
	src/xmpp/end.c \
	src/xmpp/fail.c src/xmpp/fail.h \
	src/xmpp/features.c src/xmpp/features.h \
	src/xmpp/iq.c src/xmpp/iq.h \
	src/xmpp/legacy.c \
	src/xmpp/mechanism.c src/xmpp/mechanism.h \
	src/xmpp/sasl.c src/xmpp/sasl.h \
	src/xmpp/scram.c src/xmpp/scram.h \
	src/xmpp/sm.c src/xmpp/sm.h \
	src/xmpp/state.c src/xmpp/state.h \
	src/xmpp/stream.c src/xmpp/stream.h

XMPP_LIBS = libxmpp.a $(GSASL_LIBS) libmodel.a libxml.a $(EXPAT_LIBS) \
	$(IDN_LIBS) $(BASE_LIBS)
