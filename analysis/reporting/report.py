"""From an export and a plan to PDFs: the main report, and a profile of two pages for every area.

Everything is made in a folder of its own and takes the place of an earlier report when it is complete.
"""

import base64
import multiprocessing
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct

from analysis.reporting import charts, pdf, wording
from analysis.reporting.background import Background
from analysis.reporting.chapters import main_report
from analysis.reporting.documents import MainReport, Profile
from analysis.reporting.outcomes import Outcomes
from analysis.reporting.profiles import file_name, profiles

ASSETS = Path(__file__).resolve().parents[2] / "templates" / "report"
MAIN = "hoofdrapport.pdf"
WORKERS = 2


class Job(Struct, frozen=True, kw_only=True):
    """One PDF to write: its page in HTML, and the name of the file."""

    name: str
    html: str


def jobs(outcomes: Outcomes, background: Background) -> Iterator[Job]:
    """The pages of all reports, the main report first: it takes longest."""
    colours = charts.palette((ASSETS / "report.css").read_text(encoding="utf-8"))
    environment = _environment()
    yield Job(name=MAIN, html=_page(environment, "main.html", main_report(outcomes, background, colours)))
    for profile in profiles(outcomes, background, colours):
        yield Job(name=file_name(profile), html=_page(environment, "profile.html", profile))


def write(work: list[Job], out: Path, week: str) -> Iterator[tuple[str, int]]:
    """Write the PDFs into the folder `out`, yielding each name and number of pages when it is done.

    The date inside the files is the first day of the export's `week`, so that the same export and plan
    give the same bytes. An earlier report stays until all files are there. Raises OSError, PangoMissing.
    """
    pdf.refuse_without_pango()
    out.parent.mkdir(parents=True, exist_ok=True)
    seconds = int(datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=UTC).timestamp())
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as made:
        folder = Path(made) / "report"
        folder.mkdir()
        # Fresh processes: a fork would copy this one's data, and its threads' locks.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(WORKERS, mp_context=context) as pool:
            waiting = {
                pool.submit(pdf.write, job.html, ASSETS, folder / job.name, seconds=seconds): job.name
                for job in work
            }
            try:
                for done in as_completed(waiting):
                    yield waiting[done], done.result()
            finally:
                pool.shutdown(cancel_futures=True)
        _replace(folder, out, Path(made) / "earlier")


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


def strangers(out: Path) -> list[str]:
    """What is in the folder `out` that an earlier report did not put there."""
    if not out.is_dir():
        return [out.name] if out.exists() else []
    return sorted(
        path.name
        for path in out.iterdir()
        if not (path.name == MAIN or (path.name.startswith("wijkprofiel-") and path.suffix == ".pdf"))
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_url"] = _data_url
    environment.filters["capital"] = wording.capital
    return environment


def _page(environment: Environment, template: str, report: MainReport | Profile) -> str:
    return environment.get_template(template).render(report=report)


def _data_url(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(str(svg).encode()).decode()}"
