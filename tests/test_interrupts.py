"""Ctrl+C in the second that a command takes to load."""

import signal
import subprocess
import sys

import pytest


@pytest.mark.parametrize("program", ["survey", "analysis"])
def test_a_command_that_is_still_being_loaded_ends_with_a_line(program: str) -> None:
    command = [sys.executable, "-X", "importtime", "-m", program, "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        loaded = (line.rpartition("|")[2].strip() for line in process.stderr)
        assert "click.core" in loaded, "the rest follows"
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert process.wait() == 130
        assert said.endswith("\nAborted!\n")
        assert "Traceback" not in said
        assert process.stdout.read() == ""


@pytest.mark.parametrize("program", ["survey", "analysis"])
def test_where_it_is_ignored_it_stays_so(program: str) -> None:
    """As under nohup, or behind & in a script."""
    command = [sys.executable, "-X", "importtime", "-m", program, "--help"]
    script = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command]
    with subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any("click.core" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate()
    assert process.returncode == 0
    assert "Usage:" in said
