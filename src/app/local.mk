# src/app: nothing is built here yet.
