# tests/xep: nothing here yet.
