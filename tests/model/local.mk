# tests/model: nothing here yet.
