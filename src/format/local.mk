# src/format: nothing is built here yet.
