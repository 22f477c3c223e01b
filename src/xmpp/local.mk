# src/xmpp: nothing is built here yet.
