# tests/store: nothing here yet.
