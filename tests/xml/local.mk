# tests/xml: nothing here yet.
