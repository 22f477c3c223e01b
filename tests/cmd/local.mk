# tests/cmd: nothing here yet.
