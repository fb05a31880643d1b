"""Somebody helps: each page says whose opinion counts, and only then."""

import pytest

from tests.web.residents import Page, Resident

LEIDEN = "leiden-eindevaluatie"
REMINDER = "‘U’ is de bewoner. Vul in wat de bewoner vindt."


async def at_the_mode(resident: Resident) -> Page:
    await resident.begin(LEIDEN)
    page = await resident.answer("4")
    assert page.step == "mode"
    return page


@pytest.mark.parametrize(("mode", "reminded"), [("1", False), ("2", True), ("3", True)])
async def test_who_helps_is_reminded_on_each_page(resident: Resident, mode: str, *, reminded: bool) -> None:
    assert REMINDER not in (await at_the_mode(resident)).words
    page = await resident.answer(mode)
    for _ in range(4):
        assert (REMINDER in page.words) is (reminded and page.step != "code"), page.step
        page = await resident.send(("skip", "1"), ("no_code", "1"))
    assert (REMINDER in (await resident.open(f"/{LEIDEN}/nl/page/q35")).words) is reminded
    assert REMINDER not in (await resident.open(f"/{LEIDEN}/nl/page/mode")).words


async def test_nobody_is_reminded_before_the_question_or_when_it_was_skipped(resident: Resident) -> None:
    await at_the_mode(resident)
    assert REMINDER not in (await resident.send(("skip", "1"))).words


async def test_a_fault_keeps_the_reminder(resident: Resident) -> None:
    await at_the_mode(resident)
    page = await resident.answer("3")
    assert page.step == "form"
    page = await resident.answer("1", "2")
    assert page.status == 422
    assert REMINDER in page.words
