check_PROGRAMS += tests/model/jid tests/model/names
TESTS += tests/model/jid tests/model/names
tests_model_jid_SOURCES = tests/model/jid.c
tests_model_jid_LDADD = $(MODEL_LIBS)
tests_model_names_SOURCES = tests/model/names.c
tests_model_names_LDADD = $(MODEL_LIBS)
