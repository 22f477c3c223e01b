# tests/xmpp: nothing here yet.
