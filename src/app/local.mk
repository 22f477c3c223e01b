noinst_LIBRARIES += libapp.a
libapp_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS)
libapp_a_SOURCES = \
	src/app/config.c src/app/config.h \
	src/app/ctl.c src/app/ctl.h \
	src/app/judge.c src/app/judge.h \
	src/app/notice.c src/app/notice.h \
	src/app/outline.c src/app/outline.h \
	src/app/paths.c src/app/paths.h

# What a program needs to link that uses app/.
APP_LIBS = libapp.a $(CONFUSE_LIBS) $(MODEL_LIBS)
