check_PROGRAMS += tests/query/query
TESTS += tests/query/query
tests_query_query_SOURCES = tests/query/query.c
tests_query_query_LDADD = $(QUERY_LIBS)

EXTRA_DIST += tests/query/parse.txt tests/query/when.txt
