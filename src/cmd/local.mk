# src/cmd: nothing is built here yet.
