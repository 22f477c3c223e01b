# src/query: nothing is built here yet.
