# Fuzz targets; without libFuzzer their seeds are replayed (tests/fuzz/fuzz.h).
check_PROGRAMS += tests/fuzz/xml tests/fuzz/stream
noinst_HEADERS += tests/fuzz/fuzz.h
if FUZZING
FUZZ_MAIN =
FUZZ_LINK = -fsanitize=fuzzer
else
FUZZ_MAIN = tests/fuzz/replay.c
FUZZ_LINK =
TESTS += tests/fuzz/xml tests/fuzz/stream
endif
tests_fuzz_xml_SOURCES = tests/fuzz/xml.c $(FUZZ_MAIN)
tests_fuzz_xml_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_xml_LDADD = $(XML_LIBS)
tests_fuzz_stream_SOURCES = tests/fuzz/stream.c $(FUZZ_MAIN)
tests_fuzz_stream_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_stream_LDADD = $(XMPP_LIBS)

EXTRA_DIST += tests/fuzz/replay.c \
	tests/fuzz/stream/bind-conflict \
	tests/fuzz/stream/digest-md5 \
	tests/fuzz/stream/failure \
	tests/fuzz/stream/legacy \
	tests/fuzz/stream/legacy-error \
	tests/fuzz/stream/online \
	tests/fuzz/stream/oversize \
	tests/fuzz/stream/scram \
	tests/fuzz/stream/starttls \
	tests/fuzz/stream/stream-error
