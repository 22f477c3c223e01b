noinst_LIBRARIES += libbase.a
libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(UTF8PROC_CFLAGS)
libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/digest.c src/base/digest.h \
	src/base/err.c src/base/err.h \
	src/base/hostport.c src/base/hostport.h \
	src/base/list.h \
	src/base/log.c src/base/log.h \
	src/base/mem.c src/base/mem.h \
	src/base/random.c src/base/random.h \
	src/base/str.c src/base/str.h \
	src/base/time.c src/base/time.h \
	src/base/unicode.c src/base/unicode.h

# What a program needs to link that uses base/.
BASE_LIBS = libbase.a $(OPENSSL_LIBS) $(UTF8PROC_LIBS)
