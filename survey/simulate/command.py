"""The command `simulate`: read the files of a city, draw it, let residents visit, show how far it is."""

import asyncio
import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import click
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.municipality import FOLDER
from survey.questionnaires.parsing import parse
from survey.simulate.city import City, draw_city
from survey.simulate.fieldwork import residents, run_visits
from survey.simulate.model import FILE, Simulation, SimulationError, parse_population, parse_simulation
from survey.simulate.taking_part import draw_participants
from survey.simulate.truth import write_truth
from survey.simulate.visiting import Resident

POPULATION = "population.csv"
SHOWN_PROBLEMS = 5


@click.command()
@click.argument("survey")
@click.option("--url", required=True, help="Where the survey is served, such as http://127.0.0.1:8000.")
@click.option(
    "--codes",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with codes that `invite` wrote; repeat it for more.",
)
@click.option("--respondents", type=click.IntRange(min=1), required=True, help="How many residents visit.")
@click.option(
    "--open-share",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="The share of them that comes without a code.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option(
    "--truth",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write what everybody in the city would answer (CSV, gzipped).",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 1000),
    default=32,
    show_default=True,
    help="How many residents visit at the same time.",
)
def simulate(
    survey: str,
    *,
    url: str,
    codes: tuple[Path, ...],
    respondents: int,
    open_share: float,
    seed: int,
    truth: Path | None,
    concurrency: int,
) -> None:
    """Let residents of a synthetic city fill in SURVEY (a key or a folder) through its pages.

    The city is drawn from the municipality's population.csv and the definition's simulation.toml; the
    same seed gives the same city and the same residents. docs/simulation.md tells more.
    """
    questionnaire, simulation, city = read_city(find_folder(survey), seed)
    participants = draw_participants(city.persons, simulation, read_codes(codes), respondents, open_share)
    if truth is not None:
        write_truth(city, questionnaire, truth)
    visit(url, questionnaire, [*residents(city, simulation, questionnaire, participants)], concurrency)


def read_city(folder: Path, seed: int) -> tuple[Questionnaire, Simulation, City]:
    """The questionnaire in a folder, its simulation and the city of a seed. Raises SimulationError."""
    files = read_folder(folder)
    questionnaire = parse(files)
    written = folder / FILE
    if not written.is_file():
        raise SimulationError(
            f"{written} is not there. Write one; docs/simulation.md tells what stands in it."
        )
    if FOLDER + POPULATION not in files:
        raise SimulationError(f"The municipality {questionnaire.municipality.key} has no {POPULATION}.")
    simulation = parse_simulation(written.read_bytes(), questionnaire)
    population = parse_population(files[FOLDER + POPULATION])
    return questionnaire, simulation, draw_city(questionnaire, population, simulation, seed)


def read_codes(paths: Iterable[Path]) -> Mapping[str, list[str]]:
    """The codes per area in files that `python -m survey invite` wrote. Raises SimulationError."""
    codes: dict[str, list[str]] = {}
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not {"code", "area"} <= set(rows.fieldnames or ()):
                raise SimulationError(f"{path} has no columns code and area. Give files that `invite` wrote.")
            for row in rows:
                codes.setdefault(row["area"], []).append(row["code"])
    return codes


def visit(url: str, questionnaire: Questionnaire, visitors: Sequence[Resident], concurrency: int) -> None:
    """Let the residents visit and print what became of it. Raises SimulationError when a visit failed."""
    address = f"{url.rstrip('/')}/{questionnaire.key}"
    try:
        with (
            counted(len(visitors)) as after_each,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            fieldwork = runner.run(run_visits(address, questionnaire, visitors, concurrency, after_each))
    except* (aiohttp.ClientError, TimeoutError) as errors:
        first = errors.exceptions[0]
        raise SimulationError(
            f"{address} does not answer ({first}). Start it with: python -m survey serve"
        ) from first
    click.echo(", ".join(f"{outcome} {count}" for outcome, count in sorted(fieldwork.outcomes.items())))
    if fieldwork.problems:
        shown = "\n".join(f"  {problem}" for problem in sorted(set(fieldwork.problems))[:SHOWN_PROBLEMS])
        raise SimulationError(f"{len(fieldwork.problems)} visits met a page they could not use:\n{shown}")


@contextmanager
def counted(total: int) -> Iterator[Callable[[], None]]:
    """Shows how far it is: a bar on a terminal, and lines such as `120 of 1000` in a file or pipe."""
    console = Console(stderr=True)
    columns = (TextColumn("residents"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("residents", total=total)
        done = 0

        def after_each() -> None:
            nonlocal done
            done += 1
            progress.advance(task)
            if not console.is_terminal and (done == total or done % max(1, total // 100) == 0):
                click.echo(f"{done} of {total}", err=True)

        yield after_each
