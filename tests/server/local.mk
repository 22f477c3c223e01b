# The lab is a library for every test in Python (tests/lab/__init__.py).
LAB = \
	tests/lab/__init__.py \
	tests/lab/certs.py \
	tests/lab/child.py \
	tests/lab/client.py \
	tests/lab/ejabberd.py \
	tests/lab/mam.py \
	tests/lab/pair.py \
	tests/lab/peer.py \
	tests/lab/prosody.py \
	tests/lab/scram.py \
	tests/lab/server.py \
	tests/lab/service.py \
	tests/lab/site.py \
	tests/lab/stanza.py \
	tests/lab/tap.py \
	tests/lab/wait.py \
	tests/lab/wire.py

SERVER_TESTS = \
	tests/server/carbons_mam.py \
	tests/server/control.py \
	tests/server/disk.py \
	tests/server/login.py \
	tests/server/main.py \
	tests/server/peer_forged.py \
	tests/server/peer_link.py \
	tests/server/peer_login.py \
	tests/server/peer_mam.py \
	tests/server/peer_mam_again.py \
	tests/server/peer_mam_end.py \
	tests/server/peer_stream.py \
	tests/server/reload.py \
	tests/server/selftest.py

TESTS += $(SERVER_TESTS)
EXTRA_DIST += $(LAB) $(SERVER_TESTS)
