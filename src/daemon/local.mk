noinst_LIBRARIES += libdaemon.a
libdaemon_a_SOURCES = \
	src/daemon/account.c src/daemon/account.h \
	src/daemon/backoff.c src/daemon/backoff.h \
	src/daemon/catchup.c src/daemon/catchup.h \
	src/daemon/check.c \
	src/daemon/control.c src/daemon/control.h \
	src/daemon/ingest.c src/daemon/ingest.h \
	src/daemon/live.c src/daemon/live.h \
	src/daemon/notify.c src/daemon/notify.h \
	src/daemon/options.c src/daemon/options.h \
	src/daemon/mode.c src/daemon/mode.h \
	src/daemon/reload.c src/daemon/reload.h \
	src/daemon/report.c src/daemon/report.h \
	src/daemon/run.c \
	src/daemon/secret.c src/daemon/secret.h \
	src/daemon/service.c src/daemon/service.h \
	src/daemon/session.c src/daemon/session.h \
	src/daemon/verbs.c src/daemon/verbs.h \
	src/daemon/worker.c src/daemon/worker.h
libdaemon_a_CPPFLAGS = $(AM_CPPFLAGS) $(EV_CFLAGS)

sbin_PROGRAMS += src/daemon/backscrolld
src_daemon_backscrolld_SOURCES = src/daemon/main.c
src_daemon_backscrolld_CFLAGS = $(AM_CFLAGS) -pthread
src_daemon_backscrolld_LDADD = libdaemon.a $(APP_LIBS) $(FORMAT_LIBS) \
	$(XEP_LIBS) $(NET_LIBS) $(XMPP_LIBS) $(EXTRACT_LIBS) $(STORE_LIBS) \
	$(XML_LIBS) $(MODEL_LIBS) $(EV_LIBS) -lpthread
