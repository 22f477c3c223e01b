check_PROGRAMS += tests/crash/kill
TESTS += tests/crash/kill
tests_crash_kill_SOURCES = tests/crash/kill.c
tests_crash_kill_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_crash_kill_LDADD = $(STORE_LIBS)
