check_PROGRAMS += tests/xep/xep
TESTS += tests/xep/xep
tests_xep_xep_SOURCES = tests/xep/xep.c
tests_xep_xep_LDADD = libextract.a $(XEP_LIBS)

# Dialogues with a server, forgers among them.
EXTRA_DIST += tests/xep/talk
