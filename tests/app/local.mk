check_PROGRAMS += tests/app/config tests/app/ctl
TESTS += tests/app/config tests/app/ctl
tests_app_config_SOURCES = tests/app/config.c
tests_app_config_LDADD = $(APP_LIBS)
tests_app_ctl_SOURCES = tests/app/ctl.c
tests_app_ctl_LDADD = $(APP_LIBS)
