# tests/extract: nothing here yet.
