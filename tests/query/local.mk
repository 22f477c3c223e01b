# tests/query: nothing here yet.
