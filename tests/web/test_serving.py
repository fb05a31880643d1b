"""The commands `serve` and `preview`, started as an operator starts them."""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx
import pytest

from survey.questionnaires.model import Questionnaire
from survey.store import Store
from survey.web.serving import keep_up, release_due
from tests.survey.kiosks import Device
from tests.web.conftest import SAMPLES
from tests.web.residents import Place
from tests.web.test_taking_part import to_check

BRINKDORP = str(SAMPLES / "brinkdorp")


def survey(*arguments: str, data: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "WIJKPEIL_DATA": str(data), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "survey", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def running(*arguments: str, data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A started server and its printed address."""
    process = survey(*arguments, data=data)
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://[\w.:\[\]]+", line)
    try:
        assert found is not None, line + process.stdout.read()
        _wait_until_it_answers(found[0])
        yield process, found[0]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _wait_until_it_answers(address: str) -> None:
    for _ in range(100):
        try:
            httpx.get(f"{address}/health")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not answer")


def refusal(*arguments: str, data: Path) -> str:
    process = survey(*arguments, data=data)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1, output
    assert "Traceback" not in output
    return output


def test_serve_prints_where_the_survey_is_and_stops_cleanly(tmp_path: Path) -> None:
    with running("serve", BRINKDORP, "--port", "0", "--simulated", data=tmp_path) as (process, address):
        page = httpx.get(f"{address}/", follow_redirects=True)
        assert page.status_code == 200
        assert "Demonstratie" in page.text
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    assert (tmp_path / "wijkpeil.sqlite").exists()
    assert not (tmp_path / "wijkpeil.sqlite-wal").exists()


def test_serve_stops_on_the_signal_of_a_container_engine_after_finishing(tmp_path: Path) -> None:
    with running("serve", BRINKDORP, "--port", "0", data=tmp_path) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) in {0, -signal.SIGTERM}
    assert not (tmp_path / "wijkpeil.sqlite-wal").exists()


def test_preview_prints_its_address_and_stores_nothing(tmp_path: Path) -> None:
    with running("preview", BRINKDORP, "--port", "0", data=tmp_path) as (_, address):
        assert httpx.get(f"{address}/", follow_redirects=True).status_code == 200
    assert list(tmp_path.iterdir()) == []


def test_preview_refuses_what_is_not_there(tmp_path: Path) -> None:
    output = refusal("preview", str(tmp_path / "nowhere"), "--port", "0", data=tmp_path)
    assert "nowhere is not the key or the folder of a questionnaire" in output


def test_a_port_in_use_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for command in (("serve", BRINKDORP), ("preview", BRINKDORP)):
            output = refusal(*command, "--port", port, data=tmp_path)
            assert f"Port {port}" in output
            assert "--port" in output


def test_serve_lists_every_problem_of_every_questionnaire_and_does_not_start(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(SAMPLES / "brinkdorp", broken)
    definition = broken / "questionnaire.toml"
    definition.write_text(
        definition.read_text()
        .replace('kind = "number"', 'kind = "numbr"')
        .replace("minimum = 1", "minimum = 'x'")
        + "\nnonsense = true\n"
    )
    output = refusal("serve", str(broken), str(tmp_path / "nowhere"), data=tmp_path / "data")
    assert "nonsense" in output
    assert "nowhere" in output
    assert "Put this right first" in output


def test_a_questionnaire_whose_key_is_an_address_of_the_program_is_refused(tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(SAMPLES / "brinkdorp", copied)
    definition = copied / "questionnaire.toml"
    definition.write_text(definition.read_text().replace("brinkdorp-peiling", "kiosk", 1))
    output = refusal("serve", str(copied), data=tmp_path / "data")
    assert f"{copied}: /kiosk is an address of the program itself. Give it another key." in output


def test_two_questionnaires_with_one_key_are_refused(tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(SAMPLES / "brinkdorp", copied)
    output = refusal("serve", BRINKDORP, str(copied), data=tmp_path / "data")
    assert f"{copied}: its key brinkdorp-peiling is also that of {BRINKDORP}" in output


@pytest.mark.parametrize(
    "url", ["postgresql://nobody:hidden@127.0.0.1:1/none", "sqlite:////no/such/folder/x.sqlite", "mysql://x"]
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(tmp_path: Path, url: str) -> None:
    output = refusal("serve", BRINKDORP, "--port", "0", "--database-url", url, data=tmp_path)
    assert "hidden" not in output
    assert output.startswith("Error:")


def test_a_secret_that_is_no_secret_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIJKPEIL_SECRET", "short")
    assert "WIJKPEIL_SECRET" in refusal("serve", BRINKDORP, "--port", "0", data=tmp_path)


async def test_simulated_answers_are_not_added_to_real_ones(
    store: Store, place: Place, database_url: str, tmp_path: Path
) -> None:
    resident = place.resident()
    await to_check(resident)
    await resident.send()
    options = ("--port", "0", "--database-url", database_url, "--simulated")
    assert "real responses" in refusal("serve", BRINKDORP, *options, data=tmp_path)


async def test_after_the_last_day_whatever_waits_is_released(
    store: Store, place: Place, brinkdorp: Questionnaire
) -> None:
    resident = place.resident()
    await to_check(resident)
    await resident.send()
    await release_due(store, [brinkdorp], date(2027, 3, 2))
    assert await store.responses(brinkdorp.key) == []
    await release_due(store, [brinkdorp], date(2027, 3, 3))
    assert len(await store.responses(brinkdorp.key)) == 1


async def test_after_the_last_day_what_waits_stays_while_a_kiosk_may_still_send_more(
    store: Store, place: Place, brinkdorp: Questionnaire
) -> None:
    """Or the responses that a tablet sends later would each be released alone."""
    device = Device(survey=brinkdorp.key, area="BD01")
    await store.issue_kiosks({device.hash: device.issued})
    resident = place.resident()
    await to_check(resident)
    await resident.send()
    await release_due(store, [brinkdorp], date(2027, 3, 3))
    assert await store.responses(brinkdorp.key) == []
    await store.revoke_kiosk(device.hash)
    await release_due(store, [brinkdorp], date(2027, 3, 3))
    assert len(await store.responses(brinkdorp.key)) == 1


async def test_drafts_left_for_long_go_also_when_nothing_can_be_released(
    store: Store, place: Place, brinkdorp: Questionnaire, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    resident = place.resident()
    await to_check(resident)
    await resident.send()
    long_ago = date(2020, 1, 1)
    other = await Store.open(
        database_url, secret=b"another secret of these tests...", release_batch=1, today=lambda: long_ago
    )
    await other.start_draft(b"a draft", brinkdorp.key, b"sealed")
    upkeep = asyncio.create_task(keep_up(other, [brinkdorp]))
    async with asyncio.timeout(5):
        while "another secret" not in caplog.text:  # noqa: ASYNC110 - the log tells nobody
            await asyncio.sleep(0.01)
    assert await other.draft(b"a draft") is None
    assert not upkeep.done()
    upkeep.cancel()
    await other.close()
