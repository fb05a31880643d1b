"""Residents of a synthetic town fill in the survey through its real pages, served as an operator serves it."""

import csv
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey.demo import answers_in_time, ended
from survey.participation import respond
from survey.questionnaires import routing
from survey.simulate.command import simulate
from survey.store import Store
from tests.simulate.places import BRINKDORP, LEIDEN, drawn

SECRET = b"a secret of the tests, 32 bytes!"


@contextmanager
def served(folder: Path, data: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "survey", "serve", str(folder), "--port", str(port), "--simulated"]
    process = subprocess.Popen(command, env={**os.environ, "WIJKPEIL_DATA": str(data)})
    with ended(process):
        assert answers_in_time(process, port)
        yield f"http://127.0.0.1:{port}"
