"""Every page of sample values in a real browser: without a server, with the headers of the real one."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Literal

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser
from pypdf import PdfReader

from survey.contrast import contrast_ratio
from survey.web.theme import PAIRS, Theme, read_theme
from survey.web.views import DonePage, Language
from survey.web.wording import language
from tests.journeys.inspection import (
    PHONE,
    faults_of_page,
    pale_in_the_dark,
    small_targets,
    spoken,
    violations,
)
from tests.journeys.looking import chrome_in, in_turn
from tests.journeys.sample import Sample
from tests.web.sample_pages import CHROME, DUTCH, ENGLISH, PAGES, QUESTIONS

THEMES = Path(__file__).parents[1] / "samples" / "themes"
PAINTED = """names => names.map(name => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = `var(${name})`;
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour.match(/[\\d.]+/g).map(Number);
})"""
SPOKEN = Path(__file__).parent / "spoken"
RIGHT_TO_LEFT = replace(CHROME, language=Language(tag="nl", name="Nederlands", direction="rtl"))


def ratio_of(ink: list[float], ground: list[float], page: list[float]) -> float:
    """The contrast of colours as a browser writes them, each laid over what is below it."""
    below = over(ground, [channel / 255 for channel in page[:3]])
    return contrast_ratio(tuple(over(ink, below)), tuple(below))  # type: ignore[arg-type]


def over(colour: list[float], below: list[float]) -> list[float]:
    alpha = colour[3] if len(colour) == 4 else 1.0
    return [
        alpha * channel / 255 + (1 - alpha) * under for channel, under in zip(colour, below, strict=False)
    ]


@pytest.fixture(scope="module")
def sample(browser: Browser) -> Iterator[Sample]:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    yield Sample(context)
    context.close()


@pytest.mark.parametrize(("name", "tag"), in_turn(PAGES).items())
def test_nothing_is_wrong_with_a_page(sample: Sample, name: str, tag: str) -> None:
    page = sample.open(name, chrome_in(tag))
    assert faults_of_page(page) + pale_in_the_dark(page) == []


ONE_OF_EACH = [
    *QUESTIONS,
    *{template: name for name, (template, _) in PAGES.items() if name not in QUESTIONS}.values(),
]
"""Every kind of question and every other template once."""


@pytest.fixture(scope="module", params=["brinkdorp", "duinoord"])
def themed(browser: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[Sample, Theme]]:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    theme = read_theme(THEMES / request.param)
    yield Sample(context, theme), theme
    context.close()


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_nothing_is_wrong_with_a_page_in_the_theme_of_a_municipality(
    themed: tuple[Sample, Theme], name: str
) -> None:
    page = themed[0].open(name, replace(CHROME, simulated=True))
    assert faults_of_page(page) + pale_in_the_dark(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_of_a_theme_are_those_that_the_browser_paints(
    themed: tuple[Sample, Theme], scheme: Literal["light", "dark"]
) -> None:
    sample, theme = themed
    page = sample.open("single")
    page.emulate_media(color_scheme=scheme)
    schemes = {one.scheme for one in theme.contrasts}
    told = [one for one in theme.contrasts if one.scheme == scheme or scheme not in schemes]
    painted = {
        (ink, ground): page.evaluate(PAINTED, [f"--rs-{ink}", f"--rs-{ground}", "--rs-page"])
        for ink, ground, _ in PAIRS
    }
    page.emulate_media(color_scheme="light")
    assert len(told) == len(PAIRS)
    for one in told:
        assert one.ratio == pytest.approx(ratio_of(*painted[one.ink, one.ground]), rel=0.02), str(one)


@pytest.mark.parametrize("name", [*QUESTIONS, "consent", "check", "done"])
def test_a_page_from_right_to_left_is_mirrored_and_nothing_is_wrong_with_it(
    sample: Sample, name: str
) -> None:
    page = sample.open(name, RIGHT_TO_LEFT)
    assert page.evaluate("getComputedStyle(document.querySelector('main')).direction") == "rtl"
    back = page.locator(".rs-back").bounding_box()
    assert back is not None
    assert back["x"] > PHONE["width"] / 2
    assert faults_of_page(page) == []


@pytest.mark.parametrize("tag", ["ar", "pl"])
def test_the_short_words_of_a_language_leave_enough_to_press(sample: Sample, tag: str) -> None:
    page = sample.open("check", replace(CHROME, language=language(tag)))
    assert small_targets(page) == []


def test_numbers_stand_from_left_to_right_also_on_a_page_from_right_to_left(sample: Sample) -> None:
    page = sample.open("number", RIGHT_TO_LEFT)
    first, second = (page.locator(f"label[for=answer-{n}]").bounding_box() for n in (1, 2))
    assert first is not None
    assert second is not None
    assert first["x"] < second["x"]


@pytest.mark.parametrize("tag", ["nl", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_a_screen_reader_says_of_a_page_what_was_written_down(sample: Sample, name: str, tag: str) -> None:
    """After a wanted change: delete the file, run this test twice, read the new file."""
    said = spoken(sample.open(name, replace(CHROME, language=language(tag))))
    file = SPOKEN / tag / f"{name}.txt"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(said)
        pytest.fail(f"{file.name} was not there; it is now. Read it.")
    assert said == file.read_text()


def test_the_error_summary_has_the_focus_and_its_link_leads_to_the_field(sample: Sample) -> None:
    page = sample.open("postcode")
    assert page.title().startswith("Fout: ")
    assert page.evaluate("document.activeElement.className") == "rs-problem"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "answer"


def test_enter_in_a_text_field_presses_next_and_not_a_language(sample: Sample) -> None:
    page = sample.open("postcode")
    page.locator("#answer").focus()
    with page.expect_navigation(), page.expect_request(lambda request: request.method == "POST") as sent:
        page.keyboard.press("Enter")
    assert "language" not in (sent.value.post_data or "")


def test_the_whole_card_can_be_pressed(sample: Sample) -> None:
    page = sample.open("single")
    page.evaluate("document.fonts.ready.then(() => true)")
    card = page.locator("label[for=answer-5]")
    size = card.evaluate("card => [card.offsetWidth, card.offsetHeight]")
    card.click(position={"x": size[0] - 6, "y": size[1] - 6})
    assert page.locator("#answer-5").is_checked()


def test_choosing_a_card_moves_nothing(sample: Sample) -> None:
    page = sample.open("single")
    page.evaluate("document.fonts.ready.then(() => true)")
    text = page.locator("label[for=answer-5] .rs-choice__text")
    before = text.bounding_box()
    page.locator("label[for=answer-5]").click()
    assert text.bounding_box() == before


@pytest.mark.parametrize("width", [320, 360, 390, 1280])
def test_the_name_of_a_language_is_not_broken(sample: Sample, width: int) -> None:
    page = sample.open("start")
    page.set_viewport_size({"width": width, "height": 740})
    page.evaluate("document.fonts.load('700 1rem \"Atkinson Hyperlegible Next\"').then(() => true)")
    heights = page.locator("nav .rs-langs a").evaluate_all("links => links.map(link => link.offsetHeight)")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    one_line = 60
    assert max(heights) < one_line


def test_a_tick_box_looks_like_no_radio_button_with_large_letters(sample: Sample) -> None:
    page = sample.open("multiple")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    radius, size = page.locator("[type=checkbox]").first.evaluate(
        "box => [parseFloat(getComputedStyle(box).borderTopLeftRadius), box.offsetWidth]"
    )
    assert radius < size / 4


@pytest.mark.parametrize("media", [{"forced_colors": "active"}, {"contrast": "more"}], ids=str)
def test_a_chosen_card_differs_from_the_others_in_every_colour_setting(browser: Browser, media) -> None:
    context = browser.new_context(viewport=PHONE, **media)
    page = Sample(context).open("number")
    chosen, other = (
        page.locator(f"label[for=answer-{n}]").evaluate(
            "card => (({ outline, backgroundColor }) => [outline, backgroundColor])(getComputedStyle(card))"
        )
        for n in (7, 6)
    )
    assert chosen != other
    assert violations(page) == []
    context.close()


def test_a_page_in_english_is_english_throughout(sample: Sample) -> None:
    page = sample.open("consent", replace(CHROME, language=ENGLISH, notice_draft=True))
    assert page.locator("html").get_attribute("lang") == "en"
    assert violations(page) == []
    assert page.get_by_role("button", name="Next", exact=True).is_visible()
    assert page.get_by_text("has not been checked yet").is_visible()


def test_only_what_is_needed_is_printed_on_paper(sample: Sample) -> None:
    page = sample.open("done", replace(CHROME, language=DUTCH))
    page.emulate_media(media="print")
    assert page.get_by_text("paraplu").is_visible()
    assert not page.get_by_role("link", name="Privacy").is_visible()
    page.emulate_media(media="null")


def test_the_whole_social_map_is_printed_not_only_the_part_that_is_open(sample: Sample) -> None:
    _, values = PAGES["done"]
    assert isinstance(values, DonePage)
    printed = PdfReader(BytesIO(sample.open("done").pdf()))
    text = " ".join(" ".join(page.extract_text() for page in printed.pages).split())
    needs = values.social_map.needs
    assert len(needs) > 1
    for name in {entry.name for need in needs for entry in need.entries}:
        assert text.count(name) == sum(entry.name == name for need in needs for entry in need.entries)
