TESTS += tests/lint/law.py
EXTRA_DIST += tests/lint/law.py src/README
