"""Under 16, with the consent of a parent: the pages, and the code that shows that it was one."""

from collections.abc import AsyncIterator
from random import Random

import pytest

from survey import invitations
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.parsing import parse
from survey.store import Store
from tests.questionnaires.test_forms import with_parents
from tests.web.conftest import SECRET, TODAY
from tests.web.residents import Place, Resident
from tests.web.test_taking_part import answers_kept

YOUTH = "leiden-jongeren"
AGED_12, AGED_16 = "2", "3"


@pytest.fixture(scope="module")
def youth() -> Questionnaire:
    return parse(with_parents(read_folder(find_folder(YOUTH))))


@pytest.fixture
async def place(store: Store, youth: Questionnaire) -> AsyncIterator[Place]:
    await store.register(youth.key, youth.version, {}, simulated=False)
    async with Place(store=store, questionnaires=(youth,), secret=SECRET, today=TODAY) as place:
        yield place


@pytest.fixture
async def resident(place: Place) -> Resident:
    resident = place.resident()
    await resident.begin(YOUTH)
    return resident


async def test_after_the_age_the_parent_is_asked_and_the_answer_is_kept(
    place: Place, resident: Resident
) -> None:
    assert (await resident.answer(AGED_12)).step == "parent"
    await resident.answer("1")
    await resident.follow({}, until="code")
    await resident.send(("code", await place.code(YOUTH, "WK054606")))
    await resident.follow({}, until="check")
    assert (await resident.send()).step == "done"
    (kept,) = await answers_kept(place, YOUTH)
    assert (kept["age"], kept["parent"]) == (2, 1)


async def test_a_parent_who_says_no_ends_it_and_nothing_is_kept(resident: Resident) -> None:
    await resident.answer(AGED_12)
    refused = await resident.answer("2")
    assert "Uw kind doet niet mee" in refused.words
    assert not resident.client.cookies


async def test_neither_the_age_nor_the_parent_can_be_skipped(resident: Resident) -> None:
    assert (await resident.send(("skip", "1"))).status == 422
    await resident.answer(AGED_12)
    assert (await resident.send(("skip", "1"))).status == 422


async def test_a_tick_without_a_code_is_not_enough(resident: Resident) -> None:
    await resident.answer(AGED_12)
    await resident.answer("1")
    await resident.follow({}, until="code")
    page = await resident.send(("no_code", "1"))
    assert (page.step, page.status) == ("code", 422)
    assert "brief aan de ouder" in page.words


async def test_a_slip_is_not_the_letter_to_a_parent(resident: Resident) -> None:
    await resident.answer(AGED_12)
    await resident.answer("1")
    await resident.follow({}, until="code")
    page = await resident.send(("code", invitations.make(Random(1), "slip")))
    assert (page.step, page.status) == ("code", 422)
    assert "brief aan de ouder" in page.words


async def test_those_of_16_need_no_code_and_cannot_become_younger_on_the_way(resident: Resident) -> None:
    assert (await resident.answer(AGED_16)).step == "mode"
    await resident.follow({}, until="code")
    await resident.send(("no_code", "1"))
    await resident.open(f"/{YOUTH}/nl/page/age")
    page = await resident.answer(AGED_12)
    assert (page.step, page.status) == ("age", 422)
    assert "brief aan de ouder" in page.words
    assert (await resident.open(f"/{YOUTH}/nl/page/age")).chosen() == [AGED_16]


async def test_with_a_slip_nobody_becomes_younger_on_the_way_and_with_a_letter_they_may(
    place: Place,
) -> None:
    for kind, reached in (("slip", "age"), ("letter", "parent")):
        resident = place.resident()
        await resident.begin(YOUTH)
        await resident.answer(AGED_16)
        await resident.follow({}, until="code")
        await resident.send(("code", await place.code(YOUTH, "WK054606", kind=kind)))
        await resident.open(f"/{YOUTH}/nl/page/age")
        page = await resident.answer(AGED_12)
        assert page.step == reached
        assert ("brief aan de ouder" in page.words) == (kind == "slip")


async def test_while_parents_are_not_asked_who_becomes_younger_on_the_way_is_refused(store: Store) -> None:
    survey = parse(read_folder(find_folder(YOUTH)))
    await store.register(survey.key, survey.version, {}, simulated=False)
    async with Place(store=store, questionnaires=(survey,), secret=SECRET, today=TODAY) as place:
        resident = place.resident()
        await resident.begin(YOUTH)
        await resident.answer(AGED_16)
        await resident.follow({}, until="code")
        await resident.send(("no_code", "1"))
        await resident.open(f"/{YOUTH}/nl/page/age")
        refused = await resident.answer(AGED_12)
        assert refused.status == 200
        assert "een ouder" in refused.words
        assert not resident.client.cookies
