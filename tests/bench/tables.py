"""Printing the tables of docs/benchmarks.md, a line at a time."""

import sys


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
