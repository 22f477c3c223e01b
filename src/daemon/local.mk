# src/daemon: nothing is built here yet.
