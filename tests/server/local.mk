# The lab is a library for every test in Python (tests/lab/__init__.py).
EXTRA_DIST += tests/lab/__init__.py tests/lab/tap.py
