"""A researcher's preview: follows the files, reaches every page, keeps nothing."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from survey.questionnaires.folder import find_folder
from survey.web.preview import Preview
from tests.web.conftest import SAMPLES
from tests.web.residents import Resident
from tests.web.test_taking_part import ANSWERS, to_check

HOME = "/brinkdorp-peiling/nl"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLES / "brinkdorp", tmp_path / "brinkdorp"))


@pytest.fixture
async def researcher(folder: Path) -> AsyncIterator[Resident]:
    transport = httpx.ASGITransport(Preview(folder))
    async with httpx.AsyncClient(transport=transport, base_url="http://preview.test") as client:
        yield Resident(client)


async def test_a_researcher_walks_through_the_questionnaire_as_a_resident_would(researcher: Resident) -> None:
    await to_check(researcher)
    assert (await researcher.send()).step == "done"


async def test_every_page_can_be_jumped_to_and_says_that_it_is_a_preview(researcher: Resident) -> None:
    page = await researcher.open(f"{HOME}/start")
    bar = next(form for form in page.html.iter("form") if form.get("action") == f"{HOME}/preview")
    steps = [
        option.get("value", "")
        for select in bar.iter("select")
        if select.get("name") == "step"
        for option in select.iter("option")
    ]
    assert len(steps) > 15
    for step in steps:
        page = await researcher.open(f"{HOME}/preview?area=BD01&step={step}")
        assert (page.status, page.path) == (200, f"{HOME}/{step}")
        assert any(form.get("action") == f"{HOME}/preview" for form in page.html.iter("form"))


async def test_texts_are_those_of_the_area_that_was_chosen(researcher: Resident) -> None:
    page = await researcher.open(f"{HOME}/preview?area=BD03&step=page/house_a")
    assert "boerderij De Es" in page.words
    page = await researcher.open(f"{HOME}/preview?area=&step=page/house_a")
    assert "het dorpshuis" in page.words


async def test_after_a_jump_the_next_question_follows(researcher: Resident) -> None:
    await researcher.open(f"{HOME}/preview?area=BD01&step=page/visits")
    assert (await researcher.answer("99")).step == "house_a"


async def test_a_changed_text_shows_at_the_next_request_and_the_answers_stay(
    researcher: Resident, folder: Path
) -> None:
    await to_check(researcher)
    definition = folder / "questionnaire.toml"
    definition.write_text(definition.read_text().replace("Welk cijfer geeft u", "Welk punt geeft u"))
    page = await researcher.open(f"{HOME}/page/grade")
    assert "Welk punt geeft u" in page.words
    assert page.chosen() == ["7"]


async def test_a_broken_file_lists_what_is_wrong_and_after_repair_the_visit_goes_on(
    researcher: Resident, folder: Path
) -> None:
    await to_check(researcher)
    definition = folder / "questionnaire.toml"
    good = definition.read_text()
    definition.write_text(
        good.replace('kind = "number"', 'kind = "numbr"').replace('kind = "open"', "kind = 1")
    )
    page = await researcher.open(f"{HOME}/page/grade")
    assert len(list(page.html.iter("li"))) >= 2
    assert page.reply.headers["refresh"] == "2"
    assert "Traceback" not in page.text
    drawn_with = [link.get("href", "") for link in page.html.iter("link")]
    replies = [await researcher.client.get(address) for address in drawn_with]
    assert [reply.headers["content-type"].partition(";")[0] for reply in replies] == [
        "image/svg+xml", "text/css", "text/css"
    ]  # fmt: skip
    definition.write_text(good)
    assert (await researcher.open(f"{HOME}/page/grade")).chosen() == ANSWERS["grade"]


async def test_after_the_key_changed_an_old_address_leads_to_the_survey(
    researcher: Resident, folder: Path
) -> None:
    await researcher.open(f"{HOME}/start")
    definition = folder / "questionnaire.toml"
    definition.write_text(definition.read_text().replace('key = "brinkdorp-peiling"', 'key = "dorp"'))
    page = await researcher.open(f"{HOME}/page/grade")
    assert (page.status, page.path) == (200, "/dorp/nl/start")
    assert (await researcher.open("/elsewhere/nl/start")).status == 404


async def test_the_questionnaire_of_leiden_can_be_previewed_in_every_language() -> None:
    preview = Preview(find_folder("leiden-eindevaluatie"))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(preview), base_url="http://preview.test"
    ) as client:
        researcher = Resident(client)
        for tag in ("nl", "en"):
            page = await researcher.open(f"/leiden-eindevaluatie/{tag}/preview?area=WK054606&step=page/q7")
            assert (page.status, page.html.get("lang")) == (200, tag)
