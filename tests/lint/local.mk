# tests/lint: nothing here yet.
