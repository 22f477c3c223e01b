noinst_LIBRARIES += libformat.a
libformat_a_CPPFLAGS = $(AM_CPPFLAGS)
libformat_a_SOURCES = \
	src/format/details.c src/format/details.h \
	src/format/fold.c src/format/fold.h \
	src/format/format.c src/format/format.h \
	src/format/json.c src/format/json.h \
	src/format/line.c src/format/line.h \
	src/format/state.h \
	src/format/status.c src/format/status.h \
	src/format/text.c

# What a program needs to link that uses format/.
FORMAT_LIBS = libformat.a $(MODEL_LIBS)
