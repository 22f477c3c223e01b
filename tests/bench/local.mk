# tests/bench: `make bench` prints one table (tests/bench/run.py says what is
# measured); `make bench BENCH_FLAGS=--quick` shows that it works.
check_PROGRAMS += tests/bench/corpus
TESTS += tests/bench/corpus
tests_bench_corpus_SOURCES = tests/bench/corpus_test.c \
	tests/bench/corpus.c tests/bench/corpus.h
tests_bench_corpus_CPPFLAGS = $(AM_CPPFLAGS) $(EXPAT_CFLAGS)
tests_bench_corpus_LDADD = $(BASE_LIBS) $(EXPAT_LIBS) -lm

bench_programs = \
	tests/bench/peer \
	tests/bench/reader \
	tests/bench/yardstick \
	tests/bench/fill \
	tests/bench/search
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)
dist_noinst_SCRIPTS += tests/bench/run.py

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

tests_bench_fill_SOURCES = tests/bench/fill.c \
	tests/bench/corpus.c tests/bench/corpus.h
tests_bench_fill_LDADD = $(STORE_LIBS) -lm

tests_bench_search_SOURCES = tests/bench/search.c \
	tests/bench/corpus.c tests/bench/corpus.h
tests_bench_search_LDADD = $(QUERY_LIBS) $(STORE_LIBS) -lm

# Figures of a build that was made to find bugs would say nothing.
bench-flags:
	@case ' $(CC) $(BS_CFLAGS) $(CFLAGS) ' in \
	*-fsanitize*|*--coverage*) \
		echo 'bench: this build has sanitizers or coverage; run it in' \
		    'a plain one (mkdir b; cd b; ../configure; make bench)' >&2; \
		exit 2;; \
	*' -O2 '*|*' -O3 '*) ;; \
	*) \
		echo 'bench: this build is not optimised; configure one with' \
		    "CFLAGS='-O2 -g'" >&2; \
		exit 2;; \
	esac

bench: bench-flags
	@$(MAKE) $(AM_MAKEFLAGS) src/cmd/backscroll src/daemon/backscrolld \
	    $(bench_programs)
	@srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' \
	    PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON3) '$(srcdir)/tests/bench/run.py' $(BENCH_FLAGS)

.PHONY: bench bench-flags
