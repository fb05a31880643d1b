"""Residents of a synthetic town fill in the survey through its real pages, as an operator serves it."""

import asyncio
import base64
import csv
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

from survey import invitations
from survey.demo import answers_in_time, ended
from survey.questionnaires import routing
from survey.simulate.command import simulate
from survey.simulate.model import AREA
from survey.store import LedgerEntry, Store, StoredResponse
from tests.simulate.places import BRINKDORP, LEIDEN, drawn

SECRET = b"a secret of the tests, 32 bytes!"


@contextmanager
def served(folder: Path, data: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "survey", "serve", str(folder), "--port", str(port), "--simulated"]
    settings = {"WIJKPEIL_DATA": str(data), "WIJKPEIL_SECRET": base64.b64encode(SECRET).decode()}
    process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    with ended(process):
        assert answers_in_time(process, port)
        yield f"http://127.0.0.1:{port}"


async def open_store(data: Path) -> Store:
    return await Store.open(f"sqlite:///{data / 'wijkpeil.sqlite'}", secret=SECRET)


async def issue(survey: str, codes: dict[str, str], data: Path) -> None:
    """Put codes (with their areas) in the ledger and in a file."""
    store = await open_store(data)
    entries = {
        invitations.code_hash(code, SECRET): LedgerEntry(area=area, round="1") for code, area in codes.items()
    }
    await store.issue(survey, entries)
    await store.close()
    with (data / "codes.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("code", "area"), *codes.items()])


async def responses(survey: str, data: Path) -> list[StoredResponse]:
    store = await open_store(data)
    await store.release(survey, everything=True)
    found = await store.responses(survey)
    await store.close()
    return found


def visit(folder: Path, url: str, *options: str) -> Result:
    return CliRunner().invoke(simulate, [str(folder), "--url", url, "--seed", "1", *options])


def outcomes(result: Result) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"(\w+) (\d+)(?:,|$)", result.stdout.strip())}


def test_what_the_service_keeps_is_what_the_residents_would_answer(tmp_path: Path) -> None:
    questionnaire, _, city = drawn(BRINKDORP, 1)
    random = Random(1)
    areas = [area.code for area in questionnaire.municipality.areas]
    codes = {invitations.make(random): areas[number % len(areas)] for number in range(90)}
    with served(BRINKDORP, tmp_path) as url:
        asyncio.run(issue(questionnaire.key, codes, tmp_path))
        file = str(tmp_path / "codes.csv")
        result = visit(BRINKDORP, url, "--respondents", "60", "--open-share", "0.3", "--codes", file)
    assert result.exit_code == 0, result.output
    counted = outcomes(result)
    assert sum(counted.values()) == 60
    kept = [stored.response for stored in asyncio.run(responses(questionnaire.key, tmp_path))]
    assert len(kept) == counted["submitted"]
    assert {response.channel for response in kept} == {"invited", "open"}
    steps = {step.variable: step for step in routing.steps(questionnaire) if step.kind != "postcode"}
    everybody = [
        {variable: city.answer(step, person) for variable, step in steps.items()}
        for person in range(city.persons.size)
    ]
    home = city.persons.traits[AREA]
    for response in kept:
        given = {name: answer for name, answer in response.answers.items() if answer != -5}
        assert any(
            all(person[name] == answer for name, answer in given.items() if name != "visits")
            and response.sampled_area in {None, home.names[home.places[number]]}
            for number, person in enumerate(everybody)
        )


def test_residents_of_leiden_reach_the_end_of_the_long_questionnaire(tmp_path: Path) -> None:
    with served(LEIDEN, tmp_path) as url:
        result = visit(
            LEIDEN, url, "--respondents", "4", "--open-share", "1", "--truth", str(tmp_path / "t.gz")
        )
    assert result.exit_code == 0, result.output
    assert (tmp_path / "t.gz").stat().st_size > 1_000_000
    assert sum(outcomes(result).values()) == 4


def test_a_service_that_is_not_there_is_named_with_what_to_do() -> None:
    result = visit(BRINKDORP, "http://127.0.0.1:9", "--respondents", "1", "--open-share", "1")
    assert result.exit_code == 1
    assert "http://127.0.0.1:9/brinkdorp-peiling does not answer" in result.output
    assert "python -m survey serve" in result.output


def test_visits_that_meet_a_page_they_cannot_use_fail_the_command(tmp_path: Path) -> None:
    with served(LEIDEN, tmp_path) as url:
        result = visit(BRINKDORP, url, "--respondents", "3", "--open-share", "1")
    assert result.exit_code == 1
    assert "3 visits met a page they could not use" in result.output
    assert "status 404" in result.output


@pytest.mark.parametrize("option", ["--respondents=0", "--open-share=2", "--concurrency=0"])
def test_options_out_of_range_are_refused(option: str) -> None:
    result = visit(BRINKDORP, "http://127.0.0.1:9", "--respondents", "1", option)
    assert result.exit_code == 2
