"""Start a server as a process of its own, wait until it answers, and end it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def running(command: list[str], port: int, log: Path, **environment: str) -> Iterator[str]:
    """Run `python -m COMMAND` until the block ends; yield its address."""
    address = f"http://127.0.0.1:{port}"
    with (
        log.open("ab") as output,
        subprocess.Popen(
            [sys.executable, "-m", *command],
            stdout=output,
            stderr=output,
            env={**os.environ, **environment},
        ) as process,
    ):
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(f"{address}/start"):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command} did not start: {log.read_text()[-2000:]}")
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def uvicorn(app: str, port: int) -> list[str]:
    return ["uvicorn", app, "--port", str(port), "--no-access-log", "--log-level", "warning"]


def gunicorn(app: str, port: int, workers: int) -> list[str]:
    bind = f"127.0.0.1:{port}"
    return ["gunicorn", app, "--bind", bind, "--workers", str(workers), "--log-level", "warning"]
