# tests/daemon: nothing here yet.
