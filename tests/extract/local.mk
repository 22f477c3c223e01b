check_PROGRAMS += tests/extract/extract
TESTS += tests/extract/extract
tests_extract_extract_SOURCES = \
	tests/extract/corpus.h \
	tests/extract/extract.c \
	tests/extract/show.c tests/extract/show.h
tests_extract_extract_LDADD = $(EXTRACT_LIBS)

# The corpora: stanzas and wrappers with their records, pairs of stanzas.
EXTRA_DIST += tests/extract/stanzas tests/extract/wrappers tests/extract/pairs
