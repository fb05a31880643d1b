"""The time and memory of everything of one report, and of only its main document on one core.

A process of its own for each, so that the peak of its memory is that of the report only.
"""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil
from msgspec import Struct, convert, to_builtins

from analysis.__main__ import gathered, made_of
from analysis.reporting import report
from analysis.reporting.files import printing
from tests.analysis.simulated import write_simulated_export

PLAN = Path(__file__).parents[2] / "analysis/plans/leiden-eindevaluatie.toml"
LETTERS = 3_000
"""To every area."""

RESPONDENTS = 10_000
SIZES = (1, 100)
"""How many times these respondents answer, in a city that is as many times larger."""

LOOK_SECONDS = 0.05
REPEATED = ("responses.csv", "export.json", "fieldwork.json", "population.csv")


class Reports(Struct, frozen=True, kw_only=True):
    """`seconds` of every part; `peak` in MiB: the memory of the process and its workers together."""

    respondents: int
    files: int
    pages: int
    charts: int
    tables: int
    seconds: dict[str, float]
    peak: float = 0.0


def measure(folder: Path) -> Iterator[tuple[str, Reports]]:
    """The main report on one core, then all outputs for every size, each in a process of its own."""
    export = folder / "export-1"
    write_simulated_export(export, invited=LETTERS, respondents=RESPONDENTS)
    yield "the main report, on one core", _watched("main", export, folder / "main")
    for times in SIZES:
        here = folder / f"export-{times}"
        if times > 1:
            repeat(export, here, times)
        yield "everything", _watched("everything", here, folder / f"reports-{times}")


def _watched(part: str, export: Path, out: Path) -> Reports:
    # A module that is started by its name is loaded again by every process that writes PDFs, with the engine;
    # `python -m analysis`, as what a package does, is not.
    start = "from tests.bench.reports import main; main()"
    command = [sys.executable, "-c", start, part, str(export), str(out)]
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        while process.poll() is None:
            peak = max(peak, held(process.pid))
            time.sleep(LOOK_SECONDS)
        said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{command} ended with code {process.returncode}")
    return convert(json.loads(said) | {"peak": peak / 2**20}, Reports)


def held(pid: int) -> int:
    """Bytes in memory of a process and all that it started; what several share is counted once."""
    total = 0
    try:
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            total += process.memory_full_info().pss
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        pass  # it ended while it was looked at
    return total


def repeat(export: Path, out: Path, times: int) -> None:
    """The same answers so many times over, in a population that is as many times larger."""
    for path in export.rglob("*"):
        there = out / path.relative_to(export)
        if path.is_file():
            there.parent.mkdir(parents=True, exist_ok=True)
            if path.name == "population.csv":
                _multiply_population(path, there, times)
            elif path.name not in REPEATED:
                there.write_bytes(path.read_bytes())
    about = json.loads((export / "export.json").read_text())
    (out / "export.json").write_text(json.dumps(about | {"responses": about["responses"] * times}))
    fieldwork = json.loads((export / "fieldwork.json").read_text())
    (out / "fieldwork.json").write_text(json.dumps(_multiplied(fieldwork, times)))
    responses = _read(export / "responses.csv")
    numbered = (
        [f"{row['response']}-{time}", *list(row.values())[1:]] for time in range(times) for row in responses
    )
    _write(out / "responses.csv", responses[0], numbered)


def _multiply_population(path: Path, there: Path, times: int) -> None:
    rows = _read(path)
    multiplied = (
        [str(int(value) * times) if name == "count" else value for name, value in row.items()] for row in rows
    )
    _write(there, rows[0], multiplied)


def _multiplied(counts: dict[str, Any], times: int) -> dict[str, Any]:
    return {
        name: _multiplied(value, times) if isinstance(value, dict) else value * times
        for name, value in counts.items()
    }


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, names: Iterable[str], rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)


def everything(export: Path, out: Path) -> Reports:
    """All files of a report: reading and reckoning, then figures, charts and pages, then PDFs."""
    start = time.perf_counter()
    found = gathered(export, PLAN)
    reckoned = time.perf_counter()
    printed, of, respondents = made_of(found), found.made_from, found.outcomes.dataset.size
    del found  # as in the command, nobody holds the answers while the PDFs are made
    work, files = [*report.jobs(printed)], report.data_files(printed, of.week)
    drawn = time.perf_counter()
    pages = sum(pages for _, pages in printing.write(work, files, out, of))
    end = time.perf_counter()
    return Reports(
        respondents=respondents,
        files=len(work) + len(files),
        pages=pages,
        charts=sum(job.html.count("<svg") for job in work),
        tables=sum(job.html.count("<table") for job in work),
        seconds=_parts(start, reckoned, drawn, end),
    )


def main_report(export: Path, out: Path) -> Reports:
    """The main report alone, on one core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    start = time.perf_counter()
    found = gathered(export, PLAN)
    reckoned = time.perf_counter()
    job = next(report.jobs(made_of(found)))
    drawn = time.perf_counter()
    out.mkdir()
    pages = printing.write_alone(job, out, found.made_from)
    end = time.perf_counter()
    return Reports(
        respondents=found.outcomes.dataset.size,
        files=1,
        pages=pages,
        charts=job.html.count("<svg"),
        tables=job.html.count("<table"),
        seconds=_parts(start, reckoned, drawn, end),
    )


def _parts(start: float, reckoned: float, drawn: float, end: float) -> dict[str, float]:
    return {
        "reading and reckoning": reckoned - start,
        "figures, charts and pages": drawn - reckoned,
        "PDFs": end - drawn,
    }


PARTS = {"everything": everything, "main": main_report}


def main() -> None:
    part, export, out = sys.argv[1:]
    sys.stdout.write(json.dumps(to_builtins(PARTS[part](Path(export), Path(out)))))


if __name__ == "__main__":
    main()
