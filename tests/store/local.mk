noinst_HEADERS += tests/store/help.h

check_PROGRAMS += tests/store/fts tests/store/store
TESTS += tests/store/fts tests/store/store
tests_store_fts_SOURCES = tests/store/fts.c
tests_store_fts_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_store_fts_LDADD = $(STORE_LIBS)
tests_store_store_SOURCES = tests/store/store.c
tests_store_store_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_store_store_LDADD = $(STORE_LIBS)
