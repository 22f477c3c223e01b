noinst_LIBRARIES += libxml.a
libxml_a_CPPFLAGS = $(AM_CPPFLAGS) $(EXPAT_CFLAGS)
libxml_a_SOURCES = \
	src/xml/build.c src/xml/build.h \
	src/xml/node.c src/xml/node.h \
	src/xml/ns.h \
	src/xml/parse.c src/xml/parse.h \
	src/xml/refusal.c src/xml/refusal.h \
	src/xml/skip.c src/xml/skip.h \
	src/xml/write.c src/xml/write.h

XML_LIBS = libxml.a $(EXPAT_LIBS) $(BASE_LIBS)
