# src/xml: nothing is built here yet.
