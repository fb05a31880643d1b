"""The command `demo`: the whole line on simulated residents, by running the real commands as processes."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from types import FrameType
from typing import BinaryIO, NoReturn

import click
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from survey.questionnaires.folder import DEFINITIONS, find_folder, read_folder
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.parsing import parse

ROOT = Path(__file__).parents[1]
PLANS = ROOT / "analysis" / "plans"
HOST = "127.0.0.1"
OPEN_SHARE = 0.1
RESPONSE_RATE = 0.25
"""About the share of letters that get an answer in surveys of Dutch municipalities."""
SECONDS_TO_START = 60
SECONDS_TO_END = 15
SHOWN_LINES = 15
INVITE, SIMULATE, REPORT = 5.0, 60.0, 10.0
"""About how much longer these steps take than one of the others."""

_COUNTED = re.compile(r"^(\d+) of (\d+)$")


class DemoError(click.ClickException):
    """A step that did not succeed: which one, what it said last, and where the rest stands."""


class Plan(Struct, frozen=True, kw_only=True):
    """What is run: on which questionnaire, in which folder, how many residents, which seed, at which port."""

    questionnaire: Questionnaire
    definition: Path
    analysis_plan: Path
    folder: Path
    respondents: int
    seed: int
    port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def letters(self) -> int:
        """How many codes each area gets."""
        areas = len(self.questionnaire.municipality.areas)
        return round(self.respondents * (1 - OPEN_SHARE) / RESPONSE_RATE / areas) + 1

    def codes(self, area: str) -> Path:
        return self.folder / "codes" / f"{area}.csv"


@click.command()
@click.argument("survey", required=False)
@click.option(
    "--plan", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The evaluator's plan."
)
@click.option("--respondents", type=click.IntRange(min=1), default=1200, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A new or empty folder; by default demo/run-1 or the next.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--no-serve", is_flag=True, help="Stop at the end instead of keeping the survey open.")
def demo(
    survey: str | None,
    *,
    plan: Path | None,
    respondents: int,
    seed: int,
    data: Path | None,
    port: int,
    no_serve: bool,
) -> None:
    """Run the whole line on simulated residents: answer, export, weigh, report, compare with the truth.

    SURVEY is the key or folder of a questionnaire with a simulation.toml, by default the first one
    that comes with the program. The survey stays open at the end, until Ctrl-C.
    """
    folder = (find_folder(survey) if survey else _first_definition()).resolve()
    questionnaire = parse(read_folder(folder))
    what = Plan(
        questionnaire=questionnaire,
        definition=folder,
        analysis_plan=(plan or _plan_of(questionnaire.key)).resolve(),
        folder=_new_folder(data),
        respondents=respondents,
        seed=seed,
        port=_free_port(port),
    )
    signal.signal(signal.SIGTERM, _leave)
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:
        server = conduct(what, stack)
        if not no_serve:
            click.echo(f"\nThe survey is open at {what.url} (Ctrl-C closes it).")
            server.wait()


def conduct(what: Plan, stack: contextlib.ExitStack) -> subprocess.Popen[bytes]:
    """Run every step; the server that `stack` will end is returned. Raises DemoError at the first failure."""
    folder, survey, plan = what.folder, str(what.definition), str(what.analysis_plan)
    areas = [area.code for area in what.questionnaire.municipality.areas]
    codes = [f"--codes={what.codes(area)}" for area in areas]
    what.codes("").parent.mkdir(parents=True)
    export, reports, truth = (str(folder / name) for name in ("export", "reports", "truth.csv.gz"))
    simulation = ["--respondents", str(what.respondents), "--open-share", str(OPEN_SHARE)]
    simulation += ["--seed", str(what.seed), "--truth", truth, *codes]
    issue = ("survey", "invite", survey, "--round", "1")
    invitations = [
        (*issue, "--area", area, "--count", str(what.letters), "--out", str(what.codes(area)))
        for area in areas
    ]
    with Steps(folder, total=4 + INVITE + SIMULATE + REPORT) as steps:
        steps.run(f"{what.letters} codes for each of {len(areas)} areas", *invitations, weight=INVITE)
        server = stack.enter_context(steps.serving(what))
        visits = ("survey", "simulate", survey, "--url", what.url, *simulation)
        steps.run(f"{what.respondents} residents visit the survey", visits, weight=SIMULATE)
        steps.run("answers released", ("survey", "release", survey, "--all"))
        steps.run("answers exported", ("survey", "export", survey, export))
        steps.run("reports", ("analysis", "report", export, plan, reports), weight=REPORT)
        table = steps.run("estimates compared with the truth", ("analysis", "compare", export, plan, truth))
    click.echo(f"\n{table}\nReports: {reports}\nExport:  {export}")
    return server


class Steps:
    """Runs commands one after another, each with a log of its own, and shows how far it is."""

    def __init__(self, folder: Path, total: float) -> None:
        self._logs = folder / "logs"
        self._environment = {**os.environ, "WIJKPEIL_DATA": str(folder / "data"), "WIJKPEIL_SIMULATED": "1"}
        self._console = Console(stderr=True)
        columns = (
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
        )
        self._progress = Progress(*columns, console=self._console, disable=not self._console.is_terminal)
        self._bar = self._progress.add_task("", total=total)
        self._reached = 0.0

    def __enter__(self) -> "Steps":
        self._logs.mkdir(parents=True)
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def run(self, label: str, *commands: Sequence[str], weight: float = 1) -> str:
        """Run commands to their end and return what the last one printed. Raises DemoError when one fails."""
        with self._step(label, weight) as log, log.open("w+b") as output:
            return [self._one(label, command, weight, output) for command in commands][-1]

    def _one(self, label: str, command: Sequence[str], weight: float, log: BinaryIO) -> str:
        before = log.tell()
        process = self._start(*command, stdout=log, stderr=subprocess.PIPE)
        with ended(process):
            said = [self._heard(label, line, weight) for line in process.stderr or ()]
            process.wait()
        log.seek(before)
        printed = log.read().decode(errors="replace")
        log.writelines(said)
        log.flush()
        if process.returncode != 0:
            last = b"".join(said).decode(errors="replace").splitlines()[-SHOWN_LINES:]
            failed = f"{label}: `{command[1]}` failed; {log.name} holds all it said."
            raise DemoError("\n".join([failed, *last]))
        return printed

    @contextlib.contextmanager
    def serving(self, what: Plan) -> Iterator[subprocess.Popen[bytes]]:
        """The survey served until the end of the context. Raises DemoError when it does not start."""
        arguments = [str(what.definition), "--host", HOST, "--port", str(what.port)]
        with contextlib.ExitStack() as stack:
            with self._step("survey served", 1) as log:
                output = stack.enter_context(log.open("wb"))
                process = self._start("survey", "serve", *arguments, stdout=output, stderr=output)
                stack.enter_context(ended(process))
                if not answers_in_time(process, what.port):
                    raise DemoError(
                        f"The survey does not start. {log} says:\n{log.read_text(encoding='utf-8')}"
                    )
            yield process

    def _start(self, *command: str, stdout: BinaryIO, stderr: BinaryIO | int) -> subprocess.Popen[bytes]:
        """Start one of the program's own commands."""
        line = [sys.executable, "-m", *command]
        return subprocess.Popen(line, env=self._environment, stdout=stdout, stderr=stderr)

    @contextlib.contextmanager
    def _step(self, label: str, weight: float) -> Iterator[Path]:
        """One line of the display; gives the file for the log."""
        started = time.monotonic()
        self._progress.update(self._bar, description=label)
        yield self._logs / f"{label.replace(' ', '-')}.txt"
        self._reached += weight
        self._progress.update(self._bar, completed=self._reached)
        self._console.print(f"{time.monotonic() - started:6.1f} s  {label}", highlight=False)

    def _heard(self, label: str, line: bytes, weight: float) -> bytes:
        """Show how far a command says it is."""
        counted = _COUNTED.match(line.decode(errors="replace").strip())
        if counted is not None:
            part = int(counted[1]) / int(counted[2])
            description = f"{label}: {counted[1]} of {counted[2]}"
            self._progress.update(self._bar, completed=self._reached + weight * part, description=description)
        return line


@contextlib.contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """A process that does not outlive the context."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers_in_time(process: subprocess.Popen[bytes], port: int) -> bool:
    for _ in range(10 * SECONDS_TO_START):
        if process.poll() is not None:
            return False
        with (
            contextlib.suppress(OSError),
            contextlib.closing(HTTPConnection(HOST, port, timeout=1)) as service,
        ):
            service.request("GET", "/health")
            return service.getresponse().status == HTTPStatus.OK
        time.sleep(0.1)
    return False


def _first_definition() -> Path:
    """The first definition of the program that can be simulated."""
    found = sorted(folder for folder in DEFINITIONS.iterdir() if (folder / "simulation.toml").is_file())
    if not found:
        raise DemoError(
            f"No definition in {DEFINITIONS} has a simulation.toml. Name the folder of one that has."
        )
    return found[0]


def _plan_of(survey: str) -> Path:
    """The plan that comes with the program."""
    plan = PLANS / f"{survey}.toml"
    if not plan.is_file():
        raise DemoError(f"There is no plan {plan}. Name the evaluator's plan with --plan.")
    return plan


def _new_folder(given: Path | None) -> Path:
    """The folder that was asked for, which must be new or empty, or the first new one below demo/."""
    if given is None:
        number = next(number for number in count(1) if not Path(f"demo/run-{number}").exists())
        given = Path(f"demo/run-{number}")
    if given.is_dir() and any(given.iterdir()):
        raise DemoError(f"{given} is not empty. Name a new folder with --data, or leave --data out.")
    try:
        given.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoError(
            f"{given} cannot be made: {error.strerror}. Name another folder with --data."
        ) from error
    return given.resolve()


def _free_port(wanted: int) -> int:
    """The wanted port, or a free one when another program has it."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.create_server((HOST, port)) as probe:
            found = int(probe.getsockname()[1])
            if found != wanted:
                click.echo(f"Port {wanted} is in use; the survey opens at port {found}.", err=True)
            return found
    raise DemoError(f"No free port on {HOST}.")


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
