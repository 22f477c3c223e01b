# tests/bench: the corpus and what is measured against it.
check_PROGRAMS += tests/bench/corpus
TESTS += tests/bench/corpus
tests_bench_corpus_SOURCES = tests/bench/corpus_test.c \
	tests/bench/corpus.c tests/bench/corpus.h
tests_bench_corpus_CPPFLAGS = $(AM_CPPFLAGS) $(EXPAT_CFLAGS)
tests_bench_corpus_LDADD = $(BASE_LIBS) $(EXPAT_LIBS) -lm

bench_programs = \
	tests/bench/peer \
	tests/bench/reader \
	tests/bench/yardstick
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)

tests_bench_peer_SOURCES = tests/bench/peer.c \
	tests/bench/corpus.c tests/bench/corpus.h
tests_bench_peer_CPPFLAGS = $(AM_CPPFLAGS) $(EXPAT_CFLAGS) $(OPENSSL_CFLAGS)
tests_bench_peer_LDADD = $(BASE_LIBS) $(EXPAT_LIBS) $(OPENSSL_LIBS) -lm

tests_bench_reader_SOURCES = tests/bench/reader.c
tests_bench_reader_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS)
tests_bench_reader_LDADD = $(BASE_LIBS) $(OPENSSL_LIBS)

tests_bench_yardstick_SOURCES = tests/bench/yardstick.c \
	tests/bench/corpus.c tests/bench/corpus.h
tests_bench_yardstick_CPPFLAGS = $(AM_CPPFLAGS) $(EXPAT_CFLAGS) \
	$(SQLITE_CFLAGS) $(ZSTD_CFLAGS)
tests_bench_yardstick_LDADD = $(BASE_LIBS) $(EXPAT_LIBS) $(SQLITE_LIBS) \
	$(ZSTD_LIBS) -lm
