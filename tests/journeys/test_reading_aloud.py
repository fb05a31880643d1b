"""Reading aloud in a real browser. Chromium without a screen has no voices, so those are stood in for: they
write down what they are asked to say, and say it in no time or for ever."""

import shutil
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Page

from survey.questionnaires.folder import AUDIO, read_folder
from survey.questionnaires.parsing import parse
from survey.questionnaires.recordings import account
from survey.web.views import Chrome
from tests.journeys.conftest import BRINKDORP, previewing
from tests.journeys.inspection import PHONE, faults_of_page
from tests.journeys.sample import Sample
from tests.journeys.test_pages_in_a_browser import RIGHT_TO_LEFT
from tests.web.sample_pages import CHROME, ENGLISH

VOICES = """
window.said = [];
window.cancelled = 0;
window.endless = false;
window.voices = [
  {lang: "nl-NL", name: "from afar", localService: false},
  {lang: "nl_NL", name: "of the device", localService: true},
];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", {value: Object.assign(new EventTarget(), {
  getVoices: () => window.voices,
  speak: (utterance) => {
    said.push([utterance.voice.name, utterance.text]);
    if (!endless) setTimeout(() => utterance.onend());
  },
  cancel: () => { cancelled += 1; },
})});
"""

PLAYED_TO_THE_END = """
window.ended = 0;
window.Audio = class extends Audio {
  constructor() { super(); this.addEventListener("ended", () => { ended += 1; }); }
};
"""

WHOLE = ["Hoe gaat het?", "Denk aan de laatste 12 maanden.", "Helemaal", "Grotendeels", "Een beetje", "Niet"]
REASONS = ["Weet ik niet", "Dat zeg ik liever niet"]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    context.set_default_timeout(5_000)
    yield context
    context.close()


@pytest.fixture
def voiced(context: BrowserContext) -> Sample:
    """A tab of a device with a Dutch voice of its own, and one from afar."""
    context.add_init_script(VOICES)
    return Sample(context)


def wait_until(page: Page, condition: str) -> None:
    """`Page.wait_for_function` needs `eval`, which our policy forbids."""
    deadline = time.monotonic() + 5
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(20)


def said(page: Page) -> list[str]:
    return [text for _, text in page.evaluate("said")]


def test_one_tap_reads_the_question_and_then_every_answer(voiced: Sample) -> None:
    page = voiced.open("single")
    page.get_by_role("button", name="Lees voor", exact=True).click()
    wait_until(page, "said.length === 8 && !document.querySelector('.is-reading')")
    assert said(page) == WHOLE + REASONS
    assert {voice for voice, _ in page.evaluate("said")} == {"of the device"}


def test_an_answer_has_a_button_of_its_own_and_the_keyboard_reaches_it(voiced: Sample) -> None:
    page = voiced.open("single")
    page.locator("#answer-4").focus()
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.dataset.sentence") != "Grotendeels":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    wait_until(page, "said.length === 1")
    assert said(page) == ["Grotendeels"]
    page.get_by_role("button", name="Lees voor: Grotendeels").wait_for()


def test_what_is_read_is_marked_and_the_same_button_or_escape_stops_it(voiced: Sample) -> None:
    page = voiced.open("single")
    page.evaluate("endless = true")
    page.get_by_role("button", name="Lees voor: Niet").click()
    assert page.locator(".is-reading").inner_text() == "Niet\nStop met voorlezen: Niet"
    page.get_by_role("button", name="Stop met voorlezen: Niet").click()
    assert page.locator(".is-reading").count() == 0
    page.get_by_role("button", name="Lees voor: Niet").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Lees voor: Niet").wait_for()
    assert page.evaluate("cancelled") == 2


def test_another_button_takes_over(voiced: Sample) -> None:
    page = voiced.open("single")
    page.evaluate("endless = true")
    page.get_by_role("button", name="Lees voor", exact=True).click()
    page.get_by_role("button", name="Lees voor: Helemaal").click()
    wait_until(page, "said.length === 2")
    assert said(page) == ["Hoe gaat het?", "Helemaal"]
    assert page.locator(".is-reading").count() == 1


def test_leaving_the_page_stops_the_voice(voiced: Sample) -> None:
    page = voiced.open("single")
    page.evaluate("endless = true")
    page.get_by_role("button", name="Lees voor", exact=True).click()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    wait_until(page, "!document.querySelector('.is-reading')")
    assert page.evaluate("cancelled") == 1
    assert said(page) == ["Hoe gaat het?"]


def test_without_a_voice_of_the_device_for_the_language_there_is_no_button(voiced: Sample) -> None:
    page = voiced.open("single", replace(CHROME, language=ENGLISH))
    assert page.locator(".rs-listen:visible, .rs-say:visible").count() == 0


def test_a_voice_that_comes_after_the_page_shows_the_buttons(voiced: Sample) -> None:
    page = voiced.open("single", replace(CHROME, language=ENGLISH))
    page.evaluate("voices.push({lang: 'en-GB', name: 'late', localService: true})")
    page.evaluate("speechSynthesis.dispatchEvent(new Event('voiceschanged'))")
    assert page.locator(".rs-say:visible").count() == 6


def test_the_answers_can_be_heard_before_they_are_sent(voiced: Sample) -> None:
    page = voiced.open("check")
    page.get_by_role("button", name="Lees voor", exact=True).click()
    wait_until(page, "said.length > 0 && !document.querySelector('.is-reading')")
    assert said(page) == page.locator("main [data-aloud]").all_inner_texts()
    assert "Overgeslagen" in said(page)


def test_each_answer_can_be_heard_with_its_question_before_it_is_sent(voiced: Sample) -> None:
    page = voiced.open("check")
    page.get_by_role("button", name="Lees voor: Welk cijfer").click()
    wait_until(page, "said.length === 2")
    page.get_by_role("button", name="Lees voor: Mensen kennen elkaar.").press("Enter")
    wait_until(page, "said.length === 4")
    assert said(page) == [
        "Welk cijfer geeft u het wonen in uw buurt?",
        "7",
        "Mensen kennen elkaar.",
        "Mee eens",
    ]
    assert page.locator(".rs-say:visible").count() == page.locator(".rs-answers > div").count()


@pytest.mark.parametrize("chrome", [CHROME, RIGHT_TO_LEFT], ids=["ltr", "rtl"])
@pytest.mark.parametrize("name", ["multiple", "number", "check"])
def test_nothing_is_wrong_with_a_page_that_can_be_heard(voiced: Sample, name: str, chrome: Chrome) -> None:
    page = voiced.open(name, chrome)
    assert page.locator(".rs-listen:visible").count() == 1
    assert faults_of_page(page) == []


def write_silence(file: Path) -> None:
    """A recording of a tenth of a second."""
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))


@pytest.fixture
def recorded_site(tmp_path: Path) -> Iterator[str]:
    """The address of a preview of Brinkdorp, with a recording of every sentence that wants one."""
    folder = shutil.copytree(BRINKDORP, tmp_path / "brinkdorp")
    (folder / AUDIO).mkdir()
    for name in account(parse(read_folder(folder)), ()).wanted:
        write_silence(folder / AUDIO / f"{name}.wav")
    with previewing(str(folder)) as address:
        yield address


def test_recordings_are_played_one_after_the_other_where_the_device_has_no_voice(
    context: BrowserContext, recorded_site: str
) -> None:
    context.add_init_script(PLAYED_TO_THE_END)
    page = context.new_page()
    played: list[str] = []
    page.on("response", lambda r: played.append(r.url) if r.ok and "/audio/" in r.url else None)
    page.goto(f"{recorded_site}/brinkdorp-peiling/nl/preview?step=page/age")
    assert page.evaluate("speechSynthesis.getVoices().length") == 0
    expected = page.locator("main [data-aloud]").evaluate_all("parts => parts.map(p => p.dataset.aloud)")
    page.get_by_role("button", name="Lees voor", exact=True).click()
    page.get_by_role("button", name="Stop met voorlezen", exact=True).wait_for()
    page.get_by_role("button", name="Lees voor", exact=True).wait_for()
    assert len(expected) > 2
    assert page.evaluate("ended") == len(expected)
    assert list(dict.fromkeys(url.removeprefix(recorded_site) for url in played)) == expected
