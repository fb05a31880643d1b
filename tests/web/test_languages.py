"""Every page of the end evaluation in every language: one language only, and a change of it loses nothing."""

import gzip
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import cache
from itertools import pairwise, permutations
from xml.etree.ElementTree import Element

import httpx
import polib
import pytest
from litestar import Litestar
from msgspec.structs import replace

from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import Catalogue, Questionnaire
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import steps
from survey.questionnaires.translations import reachable_texts, translate
from survey.web.app import Serving, create_app
from survey.web.pages import LOCALE
from survey.web.preview import Memory
from survey.web.wording import languages
from tests.web.conftest import SECRET
from tests.web.residents import Page, Resident

LEIDEN = "leiden-eindevaluatie"
TAGS = ("nl", "nl-x-simpel", "ar", "en", "pl", "tr", "uk")

ANSWERS = {"q35": ["4"], "q1_postcode": ["2312"], "q7": ["1", "4"], "q23a": ["3"], "q37": ["2", "3"]}
"""Answers that lead along every question; of other choices the first option does."""

BESIDE = (
    "start",
    "practice",
    "consent",
    "help",
    "privacy",
    "accessibility",
    "social-map",
    "social-map/WK054605",
    "withdraw",
    "withdrawn",
)

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{[^{}]*\}")
NEXT_PAGE = 8_000
"""Bytes, compressed, that a page may take after the first one."""

TELLING = 12
"""Letters from which a piece of a sentence is looked for within others; a shorter one must stand alone."""


@cache
def leiden() -> Questionnaire:
    return parse(read_folder(find_folder(LEIDEN)))


KINDS = {step.variable: step.kind for step in steps(leiden())}


@cache
def app() -> Litestar:
    """Served once for all: each resident has a visit of their own."""
    return create_app([leiden()], Memory(), Serving(secret=SECRET))


@pytest.fixture
async def resident() -> AsyncIterator[Resident]:
    transport = httpx.ASGITransport(app())  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://survey.test") as client:
        yield Resident(client)


@cache
def sentences(tag: str) -> frozenset[str]:
    """All that the interface and the questionnaire say in a language, in pieces between the inserts."""
    said = [translate(leiden(), text, tag)[0] for text in reachable_texts(leiden())]
    for entry in polib.pofile(str(LOCALE / f"{'en' if tag == 'nl' else tag}.po")):
        own, other = [entry.msgid, entry.msgid_plural], [entry.msgstr, *entry.msgstr_plural.values()]
        said += own if tag == "nl" else other
    pieces = (piece.strip(" .:?،؟") for sentence in said for piece in PLACEHOLDER.split(sentence))
    return frozenset(piece for piece in pieces if re.search(r"\w\w", piece))


@cache
def foreign(tag: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """What the other languages say and this one never does: short pieces, and long ones."""
    own = "\n".join(sentences(tag)).casefold()
    others = frozenset().union(*(sentences(other) for other in TAGS if other != tag))
    only = [piece for piece in others if piece.casefold() not in own]
    return (
        frozenset(piece for piece in only if len(piece) < TELLING),
        tuple(piece for piece in only if len(piece) >= TELLING),
    )


def printed(element: Element, tag: str) -> Iterator[str]:
    """The texts and labels of a page, without the parts that are marked as being in another language."""
    if element.get("lang", tag) == tag and isinstance(element.tag, str):
        yield from (element.get("aria-label", ""), element.text or "")
        for child in element:
            yield from printed(child, tag)
            yield child.tail or ""


def mixed(page: Page, tag: str) -> list[str]:
    """What stands on a page in a language that is not that of the page."""
    texts = {" ".join(text.split()).strip(" .:?،؟") for text in printed(page.html, tag)}
    whole = "\n".join(texts)
    short, long = foreign(tag)
    return [*short & texts, *(piece for piece in long if piece in whole)]


def assert_whole(page: Page, tag: str) -> None:
    assert page.html.get("lang") == tag, page.path
    assert page.html.get("dir") == ("rtl" if tag == "ar" else "ltr")
    marked = [part for part in page.html.iterfind(".//bdi[@lang]") if part.get("translate") != "no"]
    assert marked == [], f"{page.path}: a text is not translated"
    assert mixed(page, tag) == [], page.path


async def switch(resident: Resident, tag: str) -> Page:
    """Change the language as the page offers it: with a button of its form, or with a link."""
    page = resident.page
    buttons = [button for button in page.html.iter("button") if button.get("name") == "language"]
    offered = buttons or [link for link in page.html.iter("a") if link.get("hreflang")]
    assert [element.get("lang") for element in offered] == list(TAGS), page.path
    if buttons:
        values = [*(("answer", value) for value in page.chosen()), *ticked(page), ("language", tag)]
        return await resident.send(*values)
    return await resident.open(next(link.get("href", "") for link in offered if link.get("hreflang") == tag))


def ticked(page: Page) -> list[tuple[str, str]]:
    boxes = [box for box in page.form().iter("input") if box.get("name") == "purpose"]
    return [("purpose", box.get("value", "")) for box in boxes if "checked" in box.attrib]


STRIDES = range(1, len(TAGS))
"""Of a number of languages that is prime each stride passes all of them, each after another one: all strides
together pass from every language to every other one."""


def tour(start: str, strides: Iterable[int]) -> Iterator[str]:
    """For each stride once along every language and back to the first."""
    place = TAGS.index(start)
    for stride in strides:
        yield from (TAGS[(place + number * stride) % len(TAGS)] for number in range(1, len(TAGS) + 1))


def test_all_strides_pass_from_every_language_to_every_other() -> None:
    passed = ["nl", *tour("nl", STRIDES)]
    assert set(pairwise(passed)) == set(permutations(TAGS, 2))
    for stride in STRIDES:
        assert set(tour("ar", [stride])) == set(TAGS)


async def switched_and_back(resident: Resident, strides: Iterable[int] = STRIDES) -> None:
    """The page in each language after another one: whole, always the same, with the same filled in.

    A page is looked into once per language; after that it must come back to the letter.
    """
    start = resident.page
    first = start.html.get("lang", "")
    known = {first: start}
    assert_whole(start, first)
    for tag in tour(first, strides):
        page = await switch(resident, tag)
        if tag not in known:
            assert (page.status, page.step, filled_in(page)) == (200, start.step, filled_in(start)), page.path
            assert_whole(page, tag)
            assert len(gzip.compress(page.reply.content)) < NEXT_PAGE, page.path
            known[tag] = page
        assert page.text == known[tag].text, page.path
        resident.page = known[tag]


def filled_in(page: Page) -> tuple[list[str], list[tuple[str, str]]]:
    if next(page.html.iter("form"), None) is None:
        return [], []
    return page.chosen(), ticked(page)


def fields(page: Page) -> list[tuple[str, str]]:
    """What to send to go on from a question or from the page that asks for the code."""
    if page.step == "code":
        return [("no_code", "1")]
    options = [value for value in page.offered() if not value.startswith("-")]
    return [("answer", value) for value in ANSWERS.get(page.step, options[:1] or ["Mooi 12"])]


async def begin(resident: Resident, tag: str = "nl") -> Page:
    """To the first question, with every consent."""
    return await resident.begin(LEIDEN, tag=tag, purposes=[purpose.key for purpose in leiden().purposes])


def kind_of(page: Page) -> str:
    return "code" if page.step == "code" else KINDS[page.step]


async def test_every_question_in_every_pair_of_languages_is_whole_and_keeps_the_answer(
    resident: Resident,
) -> None:
    """From every language to every other on a page of each kind; on the other pages by one stride."""
    page = await begin(resident)
    seen, kinds = set(), set()
    while page.step != "check":
        seen.add(page.step)
        sent = fields(page)
        if page.step != "code":
            await resident.send(*sent)
            await resident.open(page.path)
        one = STRIDES[len(seen) % len(STRIDES)]
        await switched_and_back(resident, [one] if kind_of(page) in kinds else STRIDES)
        kinds.add(kind_of(page))
        page = await resident.send(*sent)
        assert page.status == 200, page.words
    assert seen - {"code"} == set(KINDS)
    await switched_and_back(resident)
    done = await resident.send()
    assert done.step == "done"
    await switched_and_back(resident)
    assert (await resident.send(("choice", "leave"))).step == "left"
    await switched_and_back(resident)


@pytest.mark.parametrize("path", [*BESIDE, "used", "stop"])
async def test_every_other_page_in_every_pair_of_languages_is_whole(resident: Resident, path: str) -> None:
    await resident.open(f"/{LEIDEN}/nl/{path}?wijk=WK054605")
    await switched_and_back(resident)


WRONG = ([("answer", "x" * 600)], [("answer", "1"), ("answer", "99")], [("code", "BCDF")])
"""Not as any form would send it: too long, too many, of another question."""


async def test_a_fault_is_said_in_the_language_of_the_page(resident: Resident) -> None:
    """Of each kind of question in every language, of every question in one."""
    page = await begin(resident)
    refused, known = set(), set()
    while page.step != "check":
        for number, wrong in enumerate(WRONG):
            one = TAGS[len(refused) % len(TAGS)]
            for tag in [one] if (kind_of(page), number) in known else TAGS:
                there = page.path.replace("/nl/", f"/{tag}/")
                reply = await resident.send(*wrong, page=page, to=there)
                if reply.status != 422:
                    break
                assert_whole(reply, tag)
                refused.add(page.step)
                known.add((kind_of(page), number))
        await resident.open(page.path)
        page = await resident.send(*fields(page))
    assert refused == {"code", *KINDS}


@pytest.mark.parametrize("tag", TAGS)
async def test_a_fault_beside_the_questions_is_said_in_the_language_of_the_page(
    resident: Resident, tag: str
) -> None:
    for path, wrong in (("consent", []), ("withdraw", [("receipt", "appel")])):
        await resident.open(f"/{LEIDEN}/{tag}/{path}")
        assert_refused(await resident.send(*wrong), tag)
    await begin(resident, tag)
    await resident.answer("4")
    await resident.open(f"/{LEIDEN}/{tag}/stop")
    assert_refused(await resident.send(), tag)


def assert_refused(page: Page, tag: str) -> None:
    assert page.status == 422, page.path
    assert_whole(page, tag)


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("age", ["1", "2"])
async def test_who_is_too_young_reads_so_in_the_language_of_the_page(
    resident: Resident, tag: str, age: str
) -> None:
    await begin(resident, tag)
    page = await resident.answer(age)
    assert next(page.html.iter("form"), None) is None
    assert_whole(page, tag)


@pytest.mark.parametrize("tag", TAGS)
async def test_what_goes_wrong_is_said_in_the_language_of_the_page(resident: Resident, tag: str) -> None:
    page = await resident.open(f"/{LEIDEN}/{tag}/social-map/nowhere")
    assert page.status == 404
    assert_whole(page, tag)
    page = await begin(resident, tag)
    strange = await resident.client.post(page.path, data={"answer": "4", "csrf": "x"})
    assert strange.status_code == 403
    assert_whole(Page(strange), tag)


async def served(questionnaire: Questionnaire, path: str) -> Page:
    transport = httpx.ASGITransport(create_app([questionnaire], Memory(), Serving(secret=SECRET)))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://survey.test") as client:
        return Page(await client.get(f"/{LEIDEN}/{path}"))


def catalogue_of(tag: str, **changes: object) -> Questionnaire:
    """Leiden with one catalogue, changed."""
    (own,) = (catalogue for catalogue in leiden().catalogues if catalogue.tag == tag)
    return replace(leiden(), catalogues=(replace(own, **changes),))


@pytest.mark.parametrize(("tag", "marked"), [("ar", "nl"), ("en", "nl"), ("nl", None), ("nl-x-simpel", None)])
async def test_the_name_of_a_place_is_marked_as_dutch_in_another_language(
    resident: Resident, tag: str, marked: str | None
) -> None:
    page = await begin(resident, tag)
    while page.step != "q1":
        page = await resident.send(*fields(page))
    assert_names(page, ".//label", marked)
    assert "Transvaalbuurt" in page.words
    assert page.html.find(".//p[@class='rs-note']") is None
    await resident.answer("BU05460600")
    assert_names(await resident.open(f"/{LEIDEN}/{tag}/page/q1"), ".//p[@class='rs-note']", marked)
    assert_names(await resident.open(f"/{LEIDEN}/{tag}/social-map/WK054606"), ".//h1", marked)
    assert_names(await resident.open(f"/{LEIDEN}/{tag}/social-map"), ".//main//li/a", marked)
    assert_names(
        await resident.open(f"/{LEIDEN}/{tag}/start?wijk=WK054606"), ".//p[@class='rs-place']", marked
    )


def assert_names(page: Page, where: str, marked: str | None) -> None:
    """Every name there is marked as being in a language, or none is when it is that of the page."""
    names = [name for part in page.html.findall(where) for name in part.iterfind(".//bdi[@translate='no']")]
    assert {name.get("lang") for name in names} == ({marked} if marked else set()), page.path


async def test_a_sentence_that_is_not_translated_is_marked_and_said() -> None:
    (arabic,) = (catalogue for catalogue in leiden().catalogues if catalogue.tag == "ar")
    missing = {key: text for key, text in arabic.sentences.items() if key != "introduction"}
    incomplete = catalogue_of("ar", sentences=missing)
    page = await served(incomplete, "ar/start")
    marked = page.html.find(".//bdi[@lang]")
    assert marked is not None
    assert (marked.get("lang"), marked.get("dir")) == ("nl", "ltr")
    notice = "بعض الجمل في هذه الصفحة لم تُترجم بعد."
    assert notice in page.words
    assert notice not in (await served(incomplete, "ar/help")).words
    assert notice not in (await served(leiden(), "ar/start")).words


async def test_a_draft_says_so_on_the_page_until_interface_and_questionnaire_are_reviewed() -> None:
    notice = "This translation has not been checked yet by a native speaker."
    reviewed = catalogue_of("en", state="reviewed", reviewer="Tolkenpunt", reviewed_on="2027-05-01")
    for questionnaire in (leiden(), reviewed):
        assert notice in (await served(questionnaire, "en/start")).words
    assert languages(reviewed, {"nl": False, "en": False})[1].draft is False


async def test_a_language_is_offered_when_questionnaire_and_interface_both_have_it() -> None:
    prepared = catalogue_of("en", state="prepared")
    german = replace(leiden(), catalogues=(Catalogue(tag="de", state="draft", sentences={}),))
    for questionnaire, tag in ((prepared, "en"), (german, "de")):
        assert (await served(questionnaire, f"{tag}/start")).status == 404
        assert (await served(questionnaire, "nl/start")).html.find(".//nav") is None
