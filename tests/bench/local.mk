# tests/bench: nothing here yet.
