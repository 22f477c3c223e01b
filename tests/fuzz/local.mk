# tests/fuzz: nothing here yet.
