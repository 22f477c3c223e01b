# src/extract: nothing is built here yet.
