"""The templates and the sentences of the interface."""

import gzip
import re
import tomllib
from collections import Counter
from gettext import c2py
from pathlib import Path
from typing import get_args

import polib
import pytest
import tinyhtml5
from babel import Locale
from babel.messages.extract import extract_from_dir
from msgspec.structs import replace
from tinyhtml5.parser import HTMLParser

from survey.questionnaires.answers import ErrorCode
from survey.questionnaires.lint import PICTOGRAMS
from survey.questionnaires.translations import LANGUAGE_TAG
from survey.questionnaires.wording import REGISTERS
from survey.web.pages import LOCALE, STATIC, TEMPLATES, Pages
from survey.web.standing import DRAFT_DAYS
from survey.web.views import Chrome, HelpPage
from survey.web.wording import language, spoken_as
from tests.web.sample_pages import (
    CHROME,
    DUTCH,
    ENGLISH,
    HOME,
    PAGES,
    PREVIEW,
    QUESTIONS,
    around,
    fault,
    shown,
)

CODES_OF_THE_WEB = (
    "choose_one",
    "consent_required",
    "code_missing",
    "code_of_parent",
    "code_mistyped",
    "code_unknown",
    "receipt_missing",
    "receipt_mistyped",
    "receipt_unknown",
    "choose_stop",
)


def interface(tag: str) -> polib.POFile:
    return polib.pofile(str(LOCALE / f"{tag}.po"))


CATALOGUES = sorted(path.stem for path in LOCALE.glob("*.po"))
SPOKEN = [tag for tag in CATALOGUES if interface(tag).metadata["X-State"] != "prepared"]
IN_ENGLISH = replace(CHROME, language=ENGLISH, notice_draft=True)


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages()


def render(pages: Pages, name: str, chrome: Chrome = CHROME) -> str:
    template, page = PAGES[name]
    framed = around(template, chrome)
    return pages.render(template, page, replace(framed, can_stop=framed.switch_saves))


@pytest.mark.parametrize("chrome", [CHROME, IN_ENGLISH], ids=["nl", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_valid_html(pages: Pages, name: str, chrome: Chrome) -> None:
    html = render(pages, name, replace(chrome, simulated=True, preview=PREVIEW))
    parser = HTMLParser()
    parser.parse(html)
    assert parser.errors == []


@pytest.mark.parametrize("name", PAGES)
def test_every_id_is_unique_and_every_reference_to_one_leads_somewhere(pages: Pages, name: str) -> None:
    document = tinyhtml5.parse(render(pages, name), namespace_html_elements=False)
    elements = list(document.iter())
    ids = [element.get("id") for element in elements if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in elements:
        for attribute in ("for", "form", "aria-describedby", "aria-labelledby"):
            assert set((element.get(attribute) or "").split()) <= set(ids), attribute
        if (element.get("href") or "").startswith("#"):
            assert element.get("href")[1:] in {*ids, "answer"}


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_an_inline_script_or_style_or_reaches_another_host(pages: Pages, name: str) -> None:
    document = tinyhtml5.parse(render(pages, name), namespace_html_elements=False)
    for element in document.iter():
        assert element.tag not in {"style", "iframe"}
        if element.tag == "script":
            assert (element.get("src") or "").startswith("/static/")
            assert not element.text
        assert not [key for key in element.attrib if key == "style" or key.startswith("on")]
        for attribute in ("href", "src", "action"):
            assert not re.match(r"\w+:|//", element.get(attribute) or "")


def test_every_error_code_has_an_instruction(pages: Pages) -> None:
    for code in (*get_args(ErrorCode), *CODES_OF_THE_WEB):
        faults = fault(code, minimum=1, maximum=10, length=11, option="Niets")
        html = pages.render("question.html", replace(QUESTIONS["single"], faults=faults), CHROME)
        message = re.search(r"Fout: </span>(.*?)</span></p>", html, re.DOTALL)
        assert message is not None
        assert len(message[1].strip()) > 20, code


def test_what_a_resident_typed_is_printed_as_text(pages: Pages) -> None:
    assert "Meer &lt;b&gt;licht&lt;/b&gt;" in render(pages, "open")


def test_a_fallback_text_says_in_which_language_it_stands(pages: Pages) -> None:
    page = replace(QUESTIONS["single"], question=replace(QUESTIONS["single"].question, lang="nl"))
    assert '<bdi lang="nl" dir="ltr" data-aloud="">Hoe gaat het?</bdi>' in pages.render(
        "question.html", page, IN_ENGLISH
    )


def test_a_telephone_number_keeps_its_order_where_a_page_reads_from_right_to_left(pages: Pages) -> None:
    asking = HelpPage(sender=shown("بلدية"), contact=shown("اتصلوا على 010 000 00 00."))
    arabic = replace(CHROME, language=language("ar"))
    assert "\u2066010 000 00 00\u2069" in pages.render("help.html", asking, arabic)
    assert "\u2066" not in pages.render("help.html", asking, CHROME)


def sentences_of_the_templates() -> set[str | tuple[str, ...]]:
    mappings = tomllib.loads((LOCALE / "extract.toml").read_text())["mappings"]
    methods = [(pattern, mapping["method"]) for mapping in mappings for pattern in mapping["pattern"]]
    options = {pattern: {"trim_blocks": "true", "silent": "false"} for pattern, _ in methods}
    root = TEMPLATES.parent
    return {
        row[2]
        for folder in ("templates",)
        for row in extract_from_dir(
            root / folder,
            [(pattern.removeprefix("templates/"), method) for pattern, method in methods],
            {pattern.removeprefix("templates/"): option for pattern, option in options.items()},
        )
    }


@pytest.mark.parametrize("tag", SPOKEN)
def test_an_interface_has_exactly_the_sentences_of_the_templates(tag: str) -> None:
    catalogue = interface(tag)
    found = [(entry.msgid, entry.msgid_plural) if entry.msgid_plural else entry.msgid for entry in catalogue]
    assert len(found) == len(set(found))
    assert set(found) == sentences_of_the_templates()
    assert catalogue.percent_translated() == 100


@pytest.mark.parametrize("tag", SPOKEN)
def test_an_interface_keeps_placeholders_markup_and_numbers(tag: str) -> None:
    kept = re.compile(r"%\(\w+\)s|<[^>]*>|\d+")
    for entry in interface(tag):
        if not entry.msgid_plural:
            assert Counter(kept.findall(entry.msgstr)) == Counter(kept.findall(entry.msgid)), entry.msgid
        else:
            assert all(set(kept.findall(form)) <= {"%(num)s"} for form in entry.msgstr_plural.values())


@pytest.mark.parametrize("tag", [tag for tag in SPOKEN if not tag.startswith("nl")])
def test_no_sentence_of_an_interface_is_still_dutch(tag: str) -> None:
    same = {entry.msgid for entry in interface(tag) if entry.msgstr == entry.msgid}
    assert same <= ({"Begin", "Privacy"} if tag == "en" else set())


@pytest.mark.parametrize("tag", CATALOGUES)
def test_an_interface_counts_as_its_language_does(tag: str) -> None:
    """Numbers of one CLDR category, and only those, have one form in common."""
    written = re.fullmatch(r"nplurals=(\d); plural=(.*);", interface(tag).metadata["Plural-Forms"])
    assert written is not None
    form, rule = c2py(written[2]), Locale(tag.partition("-x-")[0]).plural_form
    pairs = {(form(number), rule(number)) for number in range(201)}
    forms, categories = zip(*pairs, strict=True)
    assert len(set(forms)) == len(set(categories)) == len(pairs) == int(written[1])


def test_a_prepared_language_is_known_but_not_spoken(pages: Pages) -> None:
    assert set(CATALOGUES) - set(SPOKEN) == {"es", "fa", "fr", "so", "ti"}
    assert set(pages.drafts) == {"nl", *SPOKEN}
    assert all(language(tag).name != tag for tag in CATALOGUES)
    assert {tag for tag in CATALOGUES if language(tag).direction == "rtl"} == {"ar", "fa"}


def test_a_region_of_a_language_uses_the_interface_of_that_language(pages: Pages) -> None:
    assert spoken_as("nl-BE", pages.drafts) == "nl"
    assert spoken_as("de", pages.drafts) is None
    belgian = replace(CHROME, language=replace(DUTCH, tag="nl-BE"))
    assert "Vraag overslaan" in render(pages, "single", belgian)
    with pytest.raises(KeyError, match="de"):
        render(pages, "single", replace(CHROME, language=replace(DUTCH, tag="de")))


def test_a_register_with_a_name_has_a_tag_that_a_catalogue_can_have() -> None:
    assert all(re.fullmatch(LANGUAGE_TAG, tag) for tag in REGISTERS)


def test_a_date_is_printed_in_words(pages: Pages) -> None:
    assert "1\N{NO-BREAK SPACE}juni\N{NO-BREAK SPACE}2027" in render(pages, "done")


def test_only_examples_of_the_social_map_are_marked_as_examples(pages: Pages) -> None:
    html = render(pages, "done")
    assert html.count("rs-entry--example") == html.count(">Voorbeeld<") == 2
    assert html.count("Nagekeken op") == 1


def test_the_question_of_a_battery_stands_once_above_its_statements(pages: Pages) -> None:
    html = render(pages, "check")
    assert html.count("Hoe zijn de mensen in uw buurt?") == 1
    assert html.index("Hoe zijn de") < html.index("Mensen helpen") < html.index("Mensen kennen")


def test_a_closed_survey_offers_no_way_back_to_its_questions(pages: Pages) -> None:
    html = render(pages, "situation_closed")
    assert f'href="{HOME}/social-map"' in html
    assert "Ga verder" not in html
    assert "Ga verder" in render(pages, "situation_busy")


def test_the_first_page_fits_in_35_kilobytes(pages: Pages) -> None:
    parts = [render(pages, "start").encode()]
    parts += [
        (STATIC / name).read_bytes() for name in ("theme.css", "resident.css", "icons.svg", "house.svg")
    ]
    assert sum(len(gzip.compress(part)) for part in parts) < 20_000


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_with_the_script_that_reads_it_fits_in_8_kilobytes(pages: Pages, name: str) -> None:
    parts = [render(pages, name).encode(), (STATIC / "read_aloud.js").read_bytes()]
    assert sum(len(gzip.compress(part)) for part in parts) < 8_000


def test_the_style_sheets_take_about_seven_kilobytes() -> None:
    css = b"".join((STATIC / name).read_bytes() for name in ("theme.css", "resident.css"))
    assert len(gzip.compress(css)) < 7_168


def test_every_pictogram_that_templates_and_questionnaires_name_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    named = set()
    for path in (Path(__file__).parents[2] / "survey" / "questionnaires").rglob("questionnaire.toml"):
        named |= set(re.findall(r'pictogram = "([^"]+)"', path.read_text()))
    for path in TEMPLATES.glob("[bqr]*/*.html"):
        named |= set(re.findall(r'"([a-z-]+)"\|icon', path.read_text()))
    assert named <= drawn == PICTOGRAMS


def test_the_privacy_page_names_the_day_on_which_a_draft_is_really_deleted(pages: Pages) -> None:
    for name in ("privacy", "stopped_later_code", "stopped_later_browser"):
        assert f"{DRAFT_DAYS} dagen" in render(pages, name)
