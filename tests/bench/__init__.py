"""Measuring, never asserting: `nox -s bench` runs `python -m tests.bench` and prints a table."""
