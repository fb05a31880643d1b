"""A questionnaire that says "je": so does every page around it."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from functools import cache

import httpx
import msgspec
import polib
import pytest

from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import steps
from survey.web.app import Serving, create_app
from survey.web.evidence import read_evidence
from survey.web.exchange import Survey
from survey.web.kiosk_bundle import Around, texts
from survey.web.letters import Addressed, letters
from survey.web.pages import LOCALE, TEMPLATES, Pages
from survey.web.preview import Memory
from tests.web.conftest import SECRET
from tests.web.residents import Page, Resident
from tests.web.test_pages import sentences_of_the_templates

YOUTH = "leiden-jongeren"
FORMAL = re.compile(r"\b[Uu]w?\b|\b[Uu]zelf\b")
BESIDE = ("start", "practice", "help", "privacy", "social-map", "withdraw", "withdrawn", "used", "stop")
INFORMAL = {path.stem: polib.pofile(str(path)) for path in (LOCALE / "informal").glob("*.po")}
FORMAL_IN = {
    "ar": re.compile(r"\w{2,}كم\b|\b(?:ل|من)?كم\b(?! شخص)|\b(?:اختار|اكتب|أرسل|راجع|تأكد|اضغط|حاول)وا\b"),
    "nl-x-simpel": FORMAL,
    "pl": re.compile(r"Państw|[Pp]rosz[ęi]"),
    "tr": re.compile(
        r"\b[Ss]iz(?:i|e|in|den|de)?\b|\b(?!yoğ)\w{2,}[ıiuü]n[ıiuü]z\b|\b(?:[Ss]eçin|yazın|deneyin|bakın)\b"
    ),
    "uk": re.compile(r"\b[Вв](?:и|ас|ам|ами|аш\w*)\b|\b(?![Нн]ав)\w+(?:іть|йте|ьте)(?:ся)?\b"),
}
"""How the interface addresses adults in the other languages; English has one way for everybody."""


@cache
def youth() -> Questionnaire:
    return parse(read_folder(find_folder(YOUTH)))


@pytest.fixture
async def resident() -> AsyncIterator[Resident]:
    app = create_app([youth()], Memory(), Serving(secret=SECRET))
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://survey.test") as client:
        yield Resident(client)


def assert_informal(page: Page) -> None:
    found = FORMAL.search(page.words)
    assert found is None, f"{page.path}: {page.words[max(found.start() - 60, 0) : found.end() + 40]}"


async def test_no_page_of_a_journey_says_u_right_or_wrong(resident: Resident) -> None:
    await resident.open(f"/{YOUTH}/nl/consent")
    assert_informal(resident.page)
    assert_informal(await resident.send())
    page = await resident.begin(YOUTH, purposes=[purpose.key for purpose in youth().purposes])
    seen = set()
    while page.step != "check":
        seen.add(page.step)
        for wrong in ([("answer", "x" * 6000)], [("answer", "1"), ("answer", "99")], [("code", "BCDF")]):
            assert_informal(await resident.send(*wrong, page=page))
        await resident.open(page.path)
        assert_informal(resident.page)
        options = [value for value in page.offered() if not value.startswith("-")]
        answer = {"age": "3", "mode": "2"}.get(page.step) or next(iter(options), "2316")
        page = await resident.send(("answer", answer), ("no_code", "1"))
    assert len(seen) > 0.8 * len(steps(youth()))
    assert_informal(page)
    assert_informal(await resident.send())
    assert resident.page.step == "done"
    assert_informal(await resident.send(("choice", "leave")))


@pytest.mark.parametrize("path", BESIDE)
async def test_no_other_page_says_u(resident: Resident, path: str) -> None:
    assert_informal(await resident.open(f"/{YOUTH}/nl/{path}?wijk=WK054605"))


@pytest.mark.parametrize("outcome", ["erased", "later-code", "later-browser", "left"])
async def test_stopping_says_no_u(resident: Resident, outcome: str) -> None:
    assert_informal(await resident.open(f"/{YOUTH}/nl/stopped/{outcome}"))


async def test_what_goes_wrong_is_said_without_u(resident: Resident) -> None:
    await resident.begin(YOUTH)
    strange = await resident.client.post(resident.page.path, data={"answer": "4", "csrf": "x"})
    assert strange.status_code == 403
    assert_informal(Page(strange))
    resident.client.cookies.clear()
    without = await resident.client.post(resident.page.path, data={"answer": "4"})
    assert "Had je een code?" in Page(without).words
    assert_informal(Page(without))


def test_a_letter_says_no_u() -> None:
    html = letters(youth(), [Addressed(code="BCDF-BCDF", area="WK054605", language="nl")], "https://a.test")
    assert FORMAL.search(re.sub(r"<[^>]*>", " ", html)) is None


async def test_other_languages_are_as_they_were(resident: Resident) -> None:
    assert "Your answers stay." in (await resident.open(f"/{YOUTH}/en/help")).words


def test_every_sentence_that_says_u_has_one_that_says_je_with_the_same_in_it() -> None:
    sentences = {s if isinstance(s, str) else s[0] for s in sentences_of_the_templates()}
    ours = INFORMAL["nl"]
    assert {sentence for sentence in sentences if FORMAL.search(sentence)} <= {entry.msgid for entry in ours}
    assert {entry.msgid for entry in ours} <= sentences
    assert_informal_and_whole(ours, FORMAL)


def assert_informal_and_whole(catalogue: polib.POFile, formal: re.Pattern[str]) -> None:
    kept = re.compile(r"%\(\w+\)s|\d+")
    for entry in catalogue:
        said = [entry.msgstr, *entry.msgstr_plural.values()]
        assert not any(formal.search(sentence) for sentence in said), entry.msgid
        if not entry.msgid_plural:
            assert Counter(kept.findall(entry.msgstr)) == Counter(kept.findall(entry.msgid)), entry.msgid


@pytest.mark.parametrize("tag", FORMAL_IN)
def test_a_young_person_is_addressed_informally_in_every_language(tag: str) -> None:
    usual, ours, formal = polib.pofile(str(LOCALE / f"{tag}.po")), INFORMAL[tag], FORMAL_IN[tag]
    polite = {e.msgid for e in usual if any(formal.search(s) for s in (e.msgstr, *e.msgstr_plural.values()))}
    assert polite <= {entry.msgid for entry in ours}
    assert {entry.msgid for entry in ours} <= {entry.msgid for entry in usual}
    assert_informal_and_whole(ours, formal)


@pytest.mark.parametrize(
    ("tag", "theirs", "others"),
    [
        ("ar", "تبقى أجوبتك محفوظة", "المساعدة"),
        ("nl-x-simpel", "Je antwoorden blijven staan.", "Hulp"),
        ("pl", "Wybierz odpowiedź.", "Pomoc"),
        ("tr", "Cevapların kalır.", "Yardım"),
        ("uk", "Твої відповіді залишаються.", "Допомога"),
    ],
)
async def test_where_a_language_has_one_sentence_for_both_it_is_that_of_adults(
    resident: Resident, tag: str, theirs: str, others: str
) -> None:
    page = await resident.open(f"/{YOUTH}/{tag}/help")
    assert theirs in page.words
    assert others in page.words


def test_a_kiosk_says_je_too() -> None:
    framing = Pages()
    survey = Survey(youth(), framing.drafts, ())
    filling = Pages(TEMPLATES / "kiosk", TEMPLATES)
    dutch = next(language for language in survey.languages if language.tag == "nl")
    around = Around(framing=framing, filling=filling, evidence=read_evidence(), idle=75, simulated=False)
    bundle = texts(survey, dutch, around)
    html = msgspec.json.encode(bundle.pages).decode()
    assert "Ben je er nog?" in html
    assert "Bent u er nog?" not in html
