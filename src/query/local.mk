noinst_LIBRARIES += libquery.a
libquery_a_CPPFLAGS = $(AM_CPPFLAGS)
libquery_a_SOURCES = \
	src/query/compile.c \
	src/query/fields.c src/query/fields.h \
	src/query/forged.c src/query/forged.h \
	src/query/lex.c src/query/lex.h \
	src/query/match.c src/query/match.h \
	src/query/parse.c \
	src/query/query.h \
	src/query/sql.c src/query/sql.h \
	src/query/text.c src/query/text.h \
	src/query/tree.h \
	src/query/when.c src/query/when.h \
	src/query/who.c src/query/who.h

QUERY_LIBS = libquery.a $(MODEL_LIBS)
