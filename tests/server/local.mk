# tests/server: nothing here yet.
