# tests/format: nothing here yet.
