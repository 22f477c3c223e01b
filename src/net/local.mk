# src/net: nothing is built here yet.
