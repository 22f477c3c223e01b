check_PROGRAMS += tests/extract/extract tests/extract/hash \
	tests/extract/mutate
TESTS += tests/extract/copies.py tests/extract/extract tests/extract/mutate
tests_extract_extract_SOURCES = \
	tests/extract/corpus.h \
	tests/extract/extract.c \
	tests/extract/show.c tests/extract/show.h
tests_extract_extract_LDADD = $(EXTRACT_LIBS)
tests_extract_hash_SOURCES = tests/extract/hash.c
tests_extract_hash_LDADD = $(EXTRACT_LIBS)
tests_extract_mutate_SOURCES = \
	tests/extract/corpus.h \
	tests/extract/mutate.c \
	tests/extract/show.c tests/extract/show.h
tests_extract_mutate_LDADD = $(EXTRACT_LIBS)

# The corpora: stanzas and wrappers with their records, pairs of stanzas.
EXTRA_DIST += tests/extract/copies.py tests/extract/stanzas \
	tests/extract/wrappers tests/extract/pairs
