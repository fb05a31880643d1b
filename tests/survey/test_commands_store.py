"""The commands of fieldwork on both databases: what they do, and what they say when they cannot."""

import asyncio
import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from survey.__main__ import main
from survey.invitations import code_hash, normalise
from survey.participation import Response
from survey.questionnaires.folder import read_folder
from survey.questionnaires.parsing import parse
from survey.settings import read_settings
from survey.store import LedgerCount, Store, tables
from survey.store.databases import connect
from tests.survey.disk import no_file_larger_than

BRINKDORP = str(Path(__file__).parents[1] / "samples" / "brinkdorp")
FILES = read_folder(Path(BRINKDORP))
KEY, VERSION = "brinkdorp-peiling", parse(FILES).version


class Office:
    """An operator's machine: settings, and the commands."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.environment = {"WIJKPEIL_DATA": str(folder / "data"), "WIJKPEIL_DATABASE_URL": url}
        self.settings = read_settings(self.environment)

    def run(self, *arguments: str) -> Result:
        result = CliRunner().invoke(main, [*arguments], env=self.environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def invite(self, name: str = "codes.csv", **changes: str) -> Result:
        options = {"area": "BD01", "round": "1", "count": "5", **changes}
        named = [f"--{option}={text}" for option, text in options.items()]
        return self.run("invite", BRINKDORP, *named, "--out", str(self.folder / name))

    def codes(self, name: str = "codes.csv") -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def hash(self, row: dict[str, str]) -> bytes:
        return code_hash(normalise(row["code"]), self.settings.secret)

    def do(self, work: Callable[[Store], Coroutine[Any, Any, Any]]) -> Any:
        async def run() -> Any:
            settings = self.settings
            store = await Store.open(settings.database_url, secret=settings.secret, release_batch=25)
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(run())

    def collect(self, number: int) -> None:
        """The survey is opened and so many people answer through the open link."""

        async def take_part(store: Store) -> None:
            await store.register(KEY, VERSION, FILES, simulated=True)
            for person in range(number):
                draft = person.to_bytes(16)
                await store.start_draft(draft, KEY, b"sealed")
                assert await store.submit(draft, response(person), None, replacing=b"sealed")

        self.do(take_part)


def response(person: int) -> Response:
    return Response(
        survey=KEY,
        version=VERSION,
        language="nl",
        channel="open",
        sampled_area=None,
        week="2026-W48",
        purposes=frozenset({"taking_part"}),
        answers={"age": 2, "place": "BD01", "grade": 7, "visits": (99,)},
        receipt_hash=person.to_bytes(32),
    )


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Office:
    return Office(tmp_path, database_url)


def said(result: Result) -> str:
    """The one message of a refusal."""
    assert result.exit_code in {1, 2}
    assert result.stderr.count("Error: ") == 1
    assert "Traceback" not in result.output
    return result.stderr


# invite


def test_codes_for_a_survey_that_asks_no_place_are_for_the_whole_municipality(office: Office) -> None:
    options = ("--round", "1", "--count", "3", "--out", str(office.folder / "codes.csv"))
    assert "WK054603 is not an area" in said(
        office.run("invite", "leiden-partners", "--area", "WK054603", *options)
    )
    assert office.run("invite", "leiden-partners", "--area", "GM0546", *options).exit_code == 0
    assert {row["area"] for row in office.codes()} == {"GM0546"}


def test_codes_stand_in_a_private_file_and_their_hashes_in_the_ledger(office: Office) -> None:
    assert office.invite(count="30", language="en").exit_code == 0
    rows = office.codes()
    assert [{**row, "code": ""} for row in rows] == [
        {"code": "", "area": "BD01", "round": "1", "language": "en"}
    ] * 30
    assert (office.folder / "codes.csv").stat().st_mode & 0o777 == 0o600
    entries = [office.do(lambda store, row=row: store.redeem(office.hash(row), KEY)) for row in rows[:3]]
    assert {(entry.area, entry.state) for entry in entries} == {("BD01", "opened")}
    counts = office.do(lambda store: store.ledger_counts(KEY))
    assert LedgerCount(area="BD01", round="1", state="issued", count=27) in counts


def test_the_ledger_does_not_stand_in_the_order_of_the_file(office: Office) -> None:
    office.invite(count="200")
    database = connect(office.settings.database_url)

    async def stored() -> list[bytes]:
        found = await database.read(
            lambda connection: list(connection.execute(tables.ledger.select()).mappings())
        )
        await database.close()
        return [row["code_hash"] for row in found]

    order = asyncio.run(stored())
    in_file = [office.hash(row) for row in office.codes()]
    assert sorted(order) == sorted(in_file)
    assert order == sorted(in_file)


def test_a_file_with_codes_is_never_overwritten(office: Office) -> None:
    office.invite()
    before = office.codes()
    assert "exists" in said(office.invite())
    assert office.codes() == before
    assert sum(count.count for count in office.do(lambda store: store.ledger_counts(KEY))) == 5


def test_an_unknown_area_language_or_survey_is_refused_with_what_there_is(office: Office) -> None:
    assert "BD03  Buitengebied" in said(office.invite(area="WK99"))
    assert "nl, en" in said(office.invite(language="fr"))
    missing = ["--area=A", "--round=1", "--count=1", f"--out={office.folder / 'codes.csv'}"]
    assert "nergens" in said(office.run("invite", "nergens", *missing))
    assert not (office.folder / "codes.csv").exists()


@pytest.mark.parametrize("name", ["", "  "])
def test_a_round_needs_a_name(office: Office, name: str) -> None:
    assert "for instance --round 1" in said(office.invite(round=name))
    assert not (office.folder / "codes.csv").exists()


def test_a_folder_that_does_not_exist_is_not_made(office: Office) -> None:
    assert "in a folder that exists" in said(office.invite("elsewhere/codes.csv"))
    assert office.do(lambda store: store.ledger_counts(KEY)) == []


def test_interrupted_after_the_file_was_written_the_ledger_gets_the_same_codes(office: Office) -> None:
    out, count = office.folder / "codes.csv", 100_000
    arguments = ["invite", BRINKDORP, "--area=BD01", "--round=1", f"--count={count}", f"--out={out}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "survey", *arguments],
        env={**os.environ, **office.environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    written = len("code,area,round,language\r\n") + count * len("AAAA-AAAA-AAAA-AAAA,BD01,1,\r\n")
    while not out.exists() or out.stat().st_size < written:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (0, "")
    assert sum(entry.count for entry in office.do(lambda store: store.ledger_counts(KEY))) == count


def test_a_disk_without_room_issues_no_code(office: Office) -> None:
    office.do(lambda store: store.ledger_counts(KEY))
    with no_file_larger_than(1_000_000):  # enough for the database
        assert "cannot be written" in said(office.invite("codes.csv", count="100000"))
    assert not (office.folder / "codes.csv").exists()
    assert office.do(lambda store: store.ledger_counts(KEY)) == []


# release and export


def test_too_few_wait_until_the_end_and_export_says_so(office: Office) -> None:
    office.collect(4)
    assert "4 wait until there are 25" in office.run("release", KEY).output
    out = office.folder / "export"
    shown = office.run("export", BRINKDORP, str(out)).output
    assert "0 responses" in shown
    assert "4 more wait to be mixed and are not in it. At the end of the fieldwork: " in shown
    assert office.run("release", BRINKDORP, "--all").output == "4 responses released.\n"
    assert "4 responses" in office.run("export", KEY, str(out), "--replace").output
    about = json.loads((out / "export.json").read_text())
    assert (about["survey"], about["responses"], about["simulated"]) == (KEY, 4, True)
    assert about["languages"] == {"nl": "source", "en": "draft"}
    assert out.stat().st_mode & 0o777 == 0o700


def test_an_unknown_survey_is_one_message(office: Office) -> None:
    for command in (["release", "nergens"], ["export", "nergens", str(office.folder / "export")]):
        assert "There is no survey nergens in this database" in said(office.run(*command))
    assert not (office.folder / "export").exists()


def test_an_earlier_export_is_one_message(office: Office) -> None:
    office.collect(0)
    out = str(office.folder / "export")
    assert office.run("export", KEY, out).exit_code == 0
    assert "--replace" in said(office.run("export", KEY, out))


def test_better_population_figures_come_into_the_export_without_another_version(office: Office) -> None:
    office.collect(1)
    better = FILES | {"municipality/population.csv": FILES["municipality/population.csv"] + b"\n"}
    office.do(lambda store: store.register(KEY, VERSION, better, simulated=True))
    out = office.folder / "export"
    office.run("export", KEY, str(out))
    written = (out / "municipalities" / "brinkdorp" / "population.csv").read_bytes()
    assert written == better["municipality/population.csv"]


# A database that is not there


@pytest.mark.parametrize(
    "url", ["postgresql://nobody:geheim@127.0.0.1:1/none", "sqlite:////nowhere/at/all/survey.sqlite"]
)
def test_a_database_that_cannot_be_reached_is_one_message_without_the_password(
    tmp_path: Path, url: str
) -> None:
    office = Office(tmp_path, url)
    attempts = [
        office.invite(),
        office.run("release", KEY),
        office.run("export", KEY, str(tmp_path / "export")),
    ]
    assert all("geheim" not in said(attempt) for attempt in attempts)
    assert not (tmp_path / "codes.csv").exists()
