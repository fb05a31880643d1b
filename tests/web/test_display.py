"""The size of letters and the pictograms: chosen on any page, without script, and nothing is lost."""

import pytest

from survey.web.display import Display, displays
from tests.web.residents import Page, Resident

BRINKDORP = "brinkdorp-peiling"
BESIDE = ("start", "help", "privacy", "social-map", "withdraw", "stop", "nothing-here")


def look(page: Page) -> set[str]:
    """The classes of the display: a theme has others."""
    classes = (page.html.get("class") or "").split()
    return {name for name in classes if name.startswith(("rs-text-", "rs-words"))}


def offered(page: Page) -> dict[str, str]:
    """The links and buttons for a display, by their words: address or value."""
    links = {a.get("href", ""): a for a in page.html.iter("a") if "display=" in a.get("href", "")}
    buttons = {b.get("value", ""): b for b in page.html.iter("button") if b.get("name") == "display"}
    return {"".join(element.itertext()): where for where, element in {**links, **buttons}.items()}


async def at_the_grade(resident: Resident) -> Page:
    await resident.begin(BRINKDORP)
    await resident.answer("2")
    await resident.send(("no_code", "1"))
    return await resident.follow({"place_postcode": ["0101"], "place": ["BD0101"]}, "grade")


@pytest.mark.parametrize("path", BESIDE)
async def test_a_link_changes_the_display_of_every_page_and_leaves_no_trace_in_the_address(
    resident: Resident, path: str
) -> None:
    page = await resident.open(f"/{BRINKDORP}/nl/start?wijk=BD01")
    page = await resident.open(offered(page)["Heel grote letters"])
    assert str(page.reply.url).endswith("/start?wijk=BD01")
    assert look(await resident.open(f"/{BRINKDORP}/nl/{path}")) == {"rs-text-largest"}


async def test_a_button_on_a_question_keeps_the_answer_and_shows_the_page_again(resident: Resident) -> None:
    page = await at_the_grade(resident)
    value = offered(page)["Grote letters"]
    page = await resident.send(("answer", "7"), ("display", value))
    assert (page.status, page.step, page.chosen()) == (200, "grade", ["7"])
    assert look(page) == {"rs-text-large"}
    assert look(await resident.answer("8")) == {"rs-text-large"}


async def test_what_cannot_be_kept_comes_back_as_it_was_typed_in_the_other_display(
    resident: Resident,
) -> None:
    await resident.begin(BRINKDORP)
    await resident.answer("2")
    page = await resident.send(("code", "BCDF"), ("display", "large"))
    assert (page.status, look(page)) == (200, {"rs-text-large"})
    assert 'value="BCDF"' in page.text
    await resident.send(("no_code", "1"))
    page = await resident.send(("answer", "99"), ("display", "largest"))
    assert (page.status, look(page), page.chosen()[0]) == (200, {"rs-text-largest"}, "99")


async def test_the_ticks_of_the_consent_stay(resident: Resident) -> None:
    await resident.open(f"/{BRINKDORP}/nl/consent")
    page = await resident.send(("purpose", "opinion"), ("display", "large"))
    ticked = [box.get("value") for box in page.form().iter("input") if "checked" in box.attrib]
    assert (ticked, look(page)) == (["opinion"], {"rs-text-large"})


async def test_pictograms_can_be_taken_away_and_brought_back(resident: Resident) -> None:
    page = await resident.open("/leiden-eindevaluatie/nl/help")
    page = await resident.open(offered(page)["Zonder plaatjes"])
    page = await resident.open(offered(page)["Grote letters"])
    assert look(page) == {"rs-text-large", "rs-words"}
    page = await resident.open(offered(page)["Met plaatjes"])
    assert look(page) == {"rs-text-large"}


async def test_a_display_that_does_not_exist_is_the_usual_one(resident: Resident) -> None:
    resident.client.cookies.set("wijkpeil_display", "huge")
    assert look(await resident.open(f"/{BRINKDORP}/nl/help")) == {"rs-text-normal"}
    assert look(await resident.open(f"/{BRINKDORP}/nl/help?display=%3Cb%3E")) == {"rs-text-normal"}


async def test_the_display_outlives_the_visit_and_holds_nothing_else(resident: Resident) -> None:
    await at_the_grade(resident)
    await resident.send(("answer", "7"), ("display", "large"))
    await resident.open(f"/{BRINKDORP}/nl/stop")
    page = await resident.send(("choice", "erase"))
    assert (page.step, look(page)) == ("erased", {"rs-text-large"})
    assert dict(resident.client.cookies) == {"wijkpeil_display": "large"}
    assert look(await resident.open("/")) == {"rs-text-large"}


async def test_letters_are_chosen_outside_a_survey_too_and_stay(resident: Resident) -> None:
    for path in ("/", "/toegankelijkheid", "/nowhere/at/all"):
        page = await resident.open(f"{path}?language=tr")
        larger = next(link for link in page.links() if "display=largest" in link)
        page = await resident.open(f"{path}{larger}")
        assert (look(page), page.html.get("lang")) == ({"rs-text-largest"}, "tr"), path
        assert look(await resident.open(f"/{BRINKDORP}/nl/start")) == {"rs-text-largest"}
        await resident.open("/?display=normal")
        assert look(await resident.open("/")) == {"rs-text-normal"}
    assert (await resident.open("/?display=large")).reply.url.query == b"language=nl"


async def test_a_display_chosen_on_a_page_that_is_not_there_stays(resident: Resident) -> None:
    assert (await resident.open(f"/{BRINKDORP}/nl/nowhere?display=large")).status == 404
    assert look(await resident.open(f"/{BRINKDORP}/nl/start")) == {"rs-text-large"}


def test_pictograms_are_a_choice_only_where_there_are_any() -> None:
    assert set(displays(Display(), pictograms=False)) == {"normal", "large", "largest"}
    assert displays(Display(text="large"), pictograms=True)["words"].value == "large-words"
