check_PROGRAMS += tests/format/format
TESTS += tests/format/format
tests_format_format_SOURCES = tests/format/format.c
tests_format_format_LDADD = $(FORMAT_LIBS)
EXTRA_DIST += \
	tests/format/golden/chats.json tests/format/golden/chats.text \
	tests/format/golden/details.json tests/format/golden/details.text \
	tests/format/golden/log-30.text \
	tests/format/golden/log-60.text tests/format/golden/log.json \
	tests/format/golden/log.text tests/format/golden/presence.json \
	tests/format/golden/presence-60.text \
	tests/format/golden/presence.text \
	tests/format/golden/search-60.text \
	tests/format/golden/search-color.text \
	tests/format/golden/search-local.text
