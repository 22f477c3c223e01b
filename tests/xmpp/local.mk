check_PROGRAMS += tests/xmpp/talk
TESTS += tests/xmpp/talk
tests_xmpp_talk_CPPFLAGS = $(AM_CPPFLAGS) $(GSASL_CFLAGS) $(OPENSSL_CFLAGS)
tests_xmpp_talk_SOURCES = tests/xmpp/talk.c tests/xmpp/peer.c \
	tests/xmpp/peer.h
tests_xmpp_talk_LDADD = $(XMPP_LIBS)

# The dialogues, and what several of them begin with (.inc).
EXTRA_DIST += \
	tests/xmpp/talk/bind.inc \
	tests/xmpp/talk/header-tls.inc \
	tests/xmpp/talk/header.inc \
	tests/xmpp/talk/online.inc \
	tests/xmpp/talk/plain.inc \
	tests/xmpp/talk/seed-session-bad.txt \
	tests/xmpp/talk/seed-session.txt
