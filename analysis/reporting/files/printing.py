"""The files of a report on disk: PDFs by processes side by side, and the folder that they stand in.

Everything is made in a folder of its own and takes the place of an earlier report when it is complete.
The processes read this module and what it needs, nothing of the engine: that would take a hundred megabytes
in each.
"""

import gc
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from analysis.reporting.files import pdf
from analysis.reporting.files.manifest import NAME, Manifest
from analysis.reporting.files.pdf import Attached

ASSETS = Path(__file__).resolve().parents[3] / "templates" / "report"


class Job(Struct, frozen=True, kw_only=True):
    """One PDF to write: its page in HTML, the name of the file, and what the manifest inside is called."""

    name: str
    html: str
    attached: str


def write(
    work: Sequence[Job], files: Mapping[str, bytes], out: Path, made_from: Manifest
) -> Iterator[tuple[str, int]]:
    """Write the files and PDFs into the folder `out`, yielding each PDF and its pages when it is done.

    The same export and plan give the same bytes. An earlier report stays until all files are there.
    Raises OSError, PangoMissing.
    """
    pdf.refuse_without_pango()
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as made:
        folder = Path(made) / "report"
        folder.mkdir()
        for name, data in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
        yield from _written(work, folder, made_from)
        _replace(folder, out, Path(made) / "earlier")


def _written(work: Sequence[Job], folder: Path, made_from: Manifest) -> Iterator[tuple[str, int]]:
    # Fresh processes: a fork would copy this one's data, and its threads' locks.
    context = multiprocessing.get_context("spawn")
    longest_first = sorted(work, key=lambda job: -len(job.html))
    with ProcessPoolExecutor(min(_cores(), len(work)), mp_context=context) as pool:
        waiting = {pool.submit(write_alone, job, folder, made_from): job.name for job in longest_first}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def write_alone(job: Job, folder: Path, made_from: Manifest) -> int:
    """Write one PDF in a process that does nothing else.

    All that a page is laid out in lives until the end: to look for what may go takes a sixth of the time.
    """
    gc.disable()
    try:
        return write_pdf(job, folder, made_from)
    finally:
        gc.enable()
        gc.collect()


def write_pdf(job: Job, folder: Path, made_from: Manifest) -> int:
    """Write one PDF, which says what it was made from; returns the number of its pages.

    The date inside is the first day of the export's week. Raises OSError, PangoMissing.
    """
    manifest = Attached(
        name=NAME,
        description=job.attached,
        data=replace(made_from, file=job.name).encode(),
    )
    seconds = seconds_of(made_from.week)
    return pdf.write(job.html, ASSETS, folder / job.name, seconds=seconds, attached=[manifest])


def seconds_of(week: str) -> int:
    """Since 1970, of the first day of an ISO week."""
    return int(datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=UTC).timestamp())


def _replace(new: Path, out: Path, aside: Path) -> None:
    """Put the complete folder in the place of an earlier report; only reports are replaced."""
    if out.exists():
        out.rename(aside)
    try:
        new.rename(out)
    except OSError:
        if aside.exists():
            aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)
