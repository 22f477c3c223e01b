# tests/net: nothing here yet.
