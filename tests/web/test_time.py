"""Nobody is short of time: a page may stay open, and what runs out in days is said before it does."""

from datetime import date, timedelta

import pytest

from survey.questionnaires.model import Questionnaire
from survey.store import Store
from survey.web.standing import DRAFT_DAYS
from tests.web.conftest import SECRET, TODAY
from tests.web.residents import Page, Place, Resident
from tests.web.test_taking_part import BRINKDORP, to_check

LAST_DAY = date(2027, 3, 1)
LAST = "Vandaag is de laatste dag. U bent begonnen, dus u mag het morgen nog afmaken."
OVER = "De vragenlijst is gesloten. U was al begonnen: u mag het vandaag nog afmaken."


async def at_the_grade(resident: Resident) -> Page:
    await resident.begin(BRINKDORP)
    await resident.answer("2")
    await resident.send(("no_code", "1"))
    return await resident.follow({"place_postcode": ["0101"], "place": ["BD0101"]}, until="grade")


@pytest.mark.parametrize("opening", [True, False])
async def test_a_page_that_was_open_for_weeks_is_kept_by_a_server_that_was_started_anew(
    place: Place, resident: Resident, store: Store, brinkdorp: Questionnaire, *, opening: bool
) -> None:
    await resident.begin(BRINKDORP)
    if not opening:
        await at_the_grade(resident)
    step = resident.page.step
    weeks = timedelta(days=DRAFT_DAYS - 1)
    await store.expire_drafts(date.today() + weeks - timedelta(days=DRAFT_DAYS))
    later = Place(store=store, questionnaires=(brinkdorp,), secret=SECRET, today=place.today + weeks)
    async with later:
        returning = later.resident()
        returning.client.cookies.update(resident.client.cookies)
        page = await returning.send(("answer", "3"), page=resident.page)
        assert page.status == 200
        assert page.step != step
        assert (await returning.open(f"/{BRINKDORP}/nl/page/{step}")).chosen()[:1] == ["3"]


async def test_no_cookie_has_an_end(resident: Resident) -> None:
    await at_the_grade(resident)
    await resident.send(("answer", "7"), ("display", "large"))
    assert len(list(resident.client.cookies.jar)) == 2
    assert all(cookie.expires is None for cookie in resident.client.cookies.jar)


async def test_stopping_for_later_makes_the_time_that_answers_are_kept_begin_again(
    resident: Resident, brinkdorp: Questionnaire, database_url: str
) -> None:
    await at_the_grade(resident)
    later = date.today() + timedelta(days=DRAFT_DAYS - 1)
    store = await Store.open(database_url, secret=SECRET, release_batch=5, today=lambda: later)
    async with Place(store=store, questionnaires=(brinkdorp,), secret=SECRET, today=TODAY) as place:
        returning = place.resident()
        returning.client.cookies.update(resident.client.cookies)
        await returning.open(f"/{BRINKDORP}/nl/stop")
        page = await returning.send(("choice", "later"))
    assert "Doe dat binnen 30 dagen." in page.words
    assert await store.expire_drafts(later) == 0
    await store.close()


async def test_on_the_last_day_who_has_begun_reads_so_and_may_finish_a_day_later(
    place: Place, resident: Resident
) -> None:
    await to_check(resident)
    assert "laatste dag" not in resident.page.words
    place.today = LAST_DAY
    assert LAST in (await resident.open(resident.page.path)).words
    place.today = LAST_DAY + timedelta(days=1)
    assert OVER in (await resident.open(f"/{BRINKDORP}/nl/page/grade")).words
    await resident.answer("8")
    await resident.open(f"/{BRINKDORP}/nl/check")
    assert (await resident.send()).step == "done"
    assert OVER not in resident.page.words


@pytest.mark.parametrize("path", ["start", "practice", "consent"])
async def test_nobody_begins_after_the_last_day(place: Place, resident: Resident, path: str) -> None:
    place.today = LAST_DAY + timedelta(days=1)
    await resident.open(f"/{BRINKDORP}/nl/withdraw")
    assert resident.client.cookies
    page = await resident.open(f"/{BRINKDORP}/nl/{path}")
    assert page.status == 410
    assert OVER not in page.words
