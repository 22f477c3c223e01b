noinst_LIBRARIES += libmodel.a
libmodel_a_CPPFLAGS = $(AM_CPPFLAGS) $(IDN_CFLAGS)
libmodel_a_SOURCES = \
	src/model/entry.c src/model/entry.h \
	src/model/jid.c src/model/jid.h \
	src/model/names.c src/model/names.h \
	src/model/record.h

MODEL_LIBS = libmodel.a $(IDN_LIBS) $(BASE_LIBS)
