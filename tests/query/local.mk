check_PROGRAMS += tests/query/archive tests/query/query
TESTS += tests/query/archive tests/query/query
tests_query_query_SOURCES = tests/query/query.c
tests_query_query_LDADD = $(QUERY_LIBS)

# What query/ compiles is worth what an archive makes of it.
tests_query_archive_SOURCES = tests/query/archive.c
tests_query_archive_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_query_archive_LDADD = libquery.a $(STORE_LIBS)

EXTRA_DIST += tests/query/archive.sql tests/query/archive.txt \
	tests/query/parse.txt tests/query/when.txt
