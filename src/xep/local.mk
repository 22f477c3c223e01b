noinst_LIBRARIES += libxep.a
libxep_a_SOURCES = \
	src/xep/carbons.c \
	src/xep/disco.c src/xep/disco.h \
	src/xep/mam.c src/xep/mam.h \
	src/xep/ping.c \
	src/xep/roster.c src/xep/roster.h \
	src/xep/xep.c src/xep/xep.h

XEP_LIBS = libxep.a $(XMPP_LIBS) $(XML_LIBS) $(MODEL_LIBS)
