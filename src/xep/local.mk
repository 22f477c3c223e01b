# src/xep: nothing is built here yet.
