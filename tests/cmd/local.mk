check_PROGRAMS += tests/cmd/fill
tests_cmd_fill_SOURCES = tests/cmd/fill.c
tests_cmd_fill_LDADD = $(STORE_LIBS)
TESTS += tests/cmd/cmd.py tests/cmd/service.py
EXTRA_DIST += tests/cmd/cmd.py tests/cmd/program.py tests/cmd/service.py
