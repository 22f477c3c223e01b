# src/store: nothing is built here yet.
