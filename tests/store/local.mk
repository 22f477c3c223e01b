noinst_HEADERS += tests/store/help.h

check_PROGRAMS += tests/store/fts tests/store/store
TESTS += tests/store/fts tests/store/store
tests_store_fts_SOURCES = tests/store/fts.c
tests_store_fts_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_store_fts_LDADD = $(STORE_LIBS)
tests_store_store_SOURCES = tests/store/store.c
tests_store_store_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_store_store_LDADD = $(STORE_LIBS)

# Not a test: how fast and how big (make tests/store/speed).
EXTRA_PROGRAMS += tests/store/speed
tests_store_speed_SOURCES = tests/store/speed.c
tests_store_speed_LDADD = $(STORE_LIBS)

check_PROGRAMS += tests/store/ident
TESTS += tests/store/ident
noinst_HEADERS += tests/store/make.h
tests_store_ident_SOURCES = tests/store/ident.c
tests_store_ident_LDADD = $(STORE_LIBS)

check_PROGRAMS += tests/store/read
TESTS += tests/store/read
tests_store_read_SOURCES = tests/store/read.c
tests_store_read_LDADD = $(STORE_LIBS)

noinst_HEADERS += tests/store/archive.h
check_PROGRAMS += tests/store/apart
TESTS += tests/store/apart
tests_store_apart_SOURCES = tests/store/apart.c
tests_store_apart_LDADD = $(STORE_LIBS)
check_PROGRAMS += tests/store/batch tests/store/promise tests/store/refs
TESTS += tests/store/batch tests/store/promise tests/store/refs
tests_store_batch_SOURCES = tests/store/batch.c
tests_store_batch_LDADD = $(STORE_LIBS)
tests_store_promise_SOURCES = tests/store/promise.c
tests_store_promise_LDADD = $(STORE_LIBS)
tests_store_refs_SOURCES = tests/store/refs.c
tests_store_refs_LDADD = $(STORE_LIBS)

check_PROGRAMS += tests/store/presence tests/store/gaps
TESTS += tests/store/presence tests/store/gaps
tests_store_presence_SOURCES = tests/store/presence.c
tests_store_presence_LDADD = $(STORE_LIBS)
tests_store_gaps_SOURCES = tests/store/gaps.c
tests_store_gaps_LDADD = $(STORE_LIBS)

check_PROGRAMS += tests/store/uuid
TESTS += tests/store/uuid
tests_store_uuid_SOURCES = tests/store/uuid.c
tests_store_uuid_LDADD = $(STORE_LIBS)
