"""The whole set of reports, main report and a profile per area, from a fixed simulated export."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
from msgspec import Struct

from tests.analysis.simulated import write_simulated_export

PLAN = Path(__file__).parents[2] / "analysis/plans/leiden-eindevaluatie.toml"
LETTERS = 700
"""To every area."""

RESPONDENTS = 2000
LOOK_SECONDS = 0.05


class Reports(Struct, frozen=True, kw_only=True):
    """`peak` in MiB: the resident memory of the command and its workers together, at its highest."""

    number: int
    seconds: float
    peak: float


def measure(folder: Path) -> Reports:
    """Run `python -m analysis report` as a process of its own, from start to end."""
    export, out = folder / "export", folder / "reports"
    write_simulated_export(export, invited=LETTERS, respondents=RESPONDENTS)
    command = [sys.executable, "-m", "analysis", "report", str(export), str(PLAN), str(out)]
    peak = 0
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(LOOK_SECONDS)
        seconds = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"{command} ended with code {process.returncode}")
    return Reports(number=len(list(out.iterdir())), seconds=seconds, peak=peak / 2**20)


def resident(pid: int) -> int:
    """Bytes in memory of a process and all that it started; what they share is counted twice."""
    total = 0
    try:
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            total += process.memory_info().rss
    except psutil.NoSuchProcess:
        pass  # it ended while it was looked at
    return total
