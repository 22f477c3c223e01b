check_PROGRAMS += tests/daemon/parts
TESTS += tests/daemon/parts
tests_daemon_parts_SOURCES = tests/daemon/parts.c
tests_daemon_parts_CFLAGS = $(AM_CFLAGS) -pthread
tests_daemon_parts_LDADD = libdaemon.a $(MODEL_LIBS) $(EV_LIBS) -lpthread
