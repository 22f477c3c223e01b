# tests/app: nothing here yet.
