"""The demo runs the real commands from the first question to the reports, and leaves no process behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey.demo import demo

BRINKDORP = Path(__file__).parent / "samples" / "brinkdorp"
START = [sys.executable, "-m", "survey", "demo", str(BRINKDORP), "--plan", str(BRINKDORP / "plan.toml")]


def answers(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False


def test_the_whole_line_ends_with_reports_and_a_table_and_the_survey_open_until_it_is_stopped(
    tmp_path: Path,
) -> None:
    data = tmp_path / "run"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = ["--respondents", "120", "--data", str(data), "--port", str(port)]
        process = subprocess.Popen(
            [*START, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        printed = ""
        for line in process.stdout or ():
            printed += line
            if "The survey is open" in line:
                break
    opened = re.search(r"open at http://127\.0\.0\.1:(\d+)", printed)
    assert opened is not None, printed
    assert f"Port {port} is in use" in printed
    assert "intervals cover the truth" in printed
    assert list((data / "reports").rglob("*.pdf"))
    assert answers(int(opened[1]))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert not answers(int(opened[1]))


def test_a_run_that_is_stopped_halfway_leaves_no_process_behind(tmp_path: Path) -> None:
    data = tmp_path / "run"
    process = subprocess.Popen(
        [*START, "--respondents", "400", "--data", str(data)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "100"},
        start_new_session=True,
    )
    while process.poll() is None and not any((data / "logs").glob("*visit*")):
        time.sleep(0.2)
    process.terminate()
    process.wait(timeout=60)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    result = CliRunner().invoke(
        demo, [str(BRINKDORP), "--plan", str(BRINKDORP / "plan.toml"), "--data", str(tmp_path)]
    )
    assert result.exit_code == 1
    assert "is not empty" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_survey_without_a_plan_asks_for_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(demo, [str(BRINKDORP), "--data", str(tmp_path / "run")])
    assert result.exit_code == 1
    assert "--plan" in result.output
    assert not (tmp_path / "run").exists()
