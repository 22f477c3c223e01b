# tests/crash: nothing here yet.
