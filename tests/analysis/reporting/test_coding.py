"""Open answers in a real report: counted by topic, quoted only where two people released it."""

import csv
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import hypothesis.strategies as st
import msgspec
import numpy as np
import pikepdf
import pytest
from hypothesis import given
from openpyxl import load_workbook
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from analysis.__main__ import coding_of, gathered, made_of, read_export, read_plan, weigh_invited
from analysis.reporting import report
from analysis.reporting.coding.agreement import Agreement, agreement
from analysis.reporting.coding.coding_sheets import AnswerRow
from analysis.reporting.coding.quotes import is_quoted_from
from analysis.reporting.coding.topics import (
    CodedQuestion,
    Topic,
    Writers,
    _counts,
    read_coding,
)
from analysis.reporting.disclosure import MINIMUM_BASE, SMALLEST_CELL, Suppressed
from analysis.reporting.exports.dataset import InputError
from analysis.reporting.exports.questions import open_questions
from analysis.reporting.files import signs
from analysis.reporting.files.manifest import differences
from survey.questionnaires.folder import read_folder
from survey.questionnaires.parsing import parse
from tests.analysis.coded import edited, fill, topics, write_answers
from tests.analysis.reporting.test_pdf import elements
from tests.analysis.reporting.test_report import BRINKDORP, run
from tests.analysis.simulated import write_simulated_export
from tests.analysis.verapdf import ARCHIVAL, validate
from tests.journeys.inspection import violations
from tests.validator import faults_of_html

PLAN = """
[report.open_answers]
questions = ["wish"]
sheet = "codering.xlsx"
consent = "opinion"
longest_quote = 5000
"""
ARABIC = "أتمنى مزيدا من الأشجار في الحي، ومكانا للجلوس قرب النهر."
TRANSLATION = "Ik wens meer bomen in de buurt, en een plek om te zitten bij de rivier."
BRIDGE = "Meer bankjes bij de brug.\n\nZiet u dan mevrouw Kwikstaart daar zitten?"
FILLER = "Ik mis bomen en bankjes aan de overkant van de brug. "
LONG = [f"Brief {number}. {FILLER * 100}"[:5000].strip() for number in range(60)]
QUOTED = 15
"""Of the long answers."""
UNBROKEN = "Purperreiger" * 60
HIDDEN = {
    "niet gekozen": "Wij willen een zwembad met een Blauwborst erop.",
    "afgewezen": "Er is hier geen Grutto meer te zien.",
    "geen toestemming": "De Lepelaar van hiernaast is nooit thuis.",
}
ANSWERS: list[Mapping[str, str]] = [
    *({"wish_text": text} for text in LONG),
    {"wish_text": ARABIC, "language": "ar"},
    {"wish_text": BRIDGE},
    {"wish_text": UNBROKEN},
    {"wish_text": HIDDEN["niet gekozen"]},
    {"wish_text": HIDDEN["afgewezen"]},
    {"wish_text": HIDDEN["geen toestemming"], "consent_opinion": "0"},
]
RELEASED = {"codeur": "A.B.", "citeren": "ja", "vrijgegeven door": "cd"}


class Town:
    """A folder with an export, a plan, and a coding sheet."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.export = folder, folder / "export"
        self.plan, self.sheet, self.out = folder / "plan.toml", folder / "codering.xlsx", folder / "out"

    def read(self) -> CodedQuestion:
        dataset = read_export(self.export)
        plan = read_plan(self.plan, dataset)
        assert plan.report is not None
        sample, _ = weigh_invited(dataset, plan)
        files = coding_of(self.plan, plan.report)
        assert plan.report.open_answers is not None
        writers = Writers(plan=plan.report.open_answers, everybody=dataset, counted=sample)
        (found,) = read_coding(writers, files, plan.report, signs.drawn())
        return found

    def refused(self) -> str:
        with pytest.raises(InputError) as caught:
            self.read()
        return str(caught.value)


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Sixty answers of 5,000 characters, of which some are quoted, and one in Arabic about a principle."""
    town = Town(tmp_path_factory.mktemp("coded"))
    write_simulated_export(town.export, invited=400, respondents=300, definition=BRINKDORP)
    write_answers(town.export, "wish", ANSWERS)
    plan = (BRINKDORP / "plan.toml").read_text(encoding="utf-8")
    plan = plan.replace("[report]\n", '[report]\nauthors = ["Anna de Vries"]\n')
    town.plan.write_text(f"{plan}{PLAN}", encoding="utf-8")
    assert run("coding", town.export, town.plan, town.sheet).exit_code == 0
    with edited(town.sheet) as book:
        topics(book, ["groen", "Groen", "Green", "", "P1"], ["rust", "Rust"], ["zelden", "Zelden"])
        sheet = book["wish"]
        for number, text in enumerate(LONG):
            about = "zelden" if number < 2 else "rust"
            quote = RELEASED | {"citaat": text} if number < QUOTED else {}
            fill(sheet, text, quote | {"onderwerp 1": about})
        about = {"onderwerp 1": "rust", "onderwerp 2": "groen"}
        fill(sheet, ARABIC, RELEASED | about | {"citaat": ARABIC, "vertaling nl": TRANSLATION})
        quote = "Meer bankjes bij de brug. [...] Ziet u dan mevrouw [naam] daar zitten?"
        fill(sheet, BRIDGE, RELEASED | {"citaat": quote, "onderwerp 1": "rust"})
        fill(sheet, UNBROKEN, RELEASED | {"citaat": UNBROKEN, "onderwerp 1": "rust"})
        for kind, mark in (("niet gekozen", ""), ("afgewezen", "nee"), ("geen toestemming", "NEE")):
            wanted = {"onderwerp 1": "rust", "citaat": HIDDEN[kind], "citeren": mark}
            fill(sheet, HIDDEN[kind], RELEASED | wanted)
    result = run("report", town.export, town.plan, town.out)
    assert result.exit_code == 0, result.output
    return town


def test_one_more_answer_with_a_topic_is_one_more_person_behind_the_figures(town: Town) -> None:
    assert run("approve", town.export, town.plan, "--name", "Bram").exit_code == 0
    with edited(town.sheet) as book:
        fill(book["wish"], LONG[0], {"onderwerp 1": ""})
    result = run("approve", town.export, town.plan, "--name", "Bram")
    assert result.exit_code == 2
    assert re.search(
        r"invited, topics: since .* fewer than 10 people .*\(in coded wish, wish\)", result.output
    )


def test_one_more_answer_is_found_when_the_same_topics_have_other_keys(town: Town) -> None:
    """With other keys everybody said something else; who has a coded answer does not depend on them."""
    assert run("approve", town.export, town.plan, "--name", "Bram").exit_code == 0
    with edited(town.sheet) as book:
        for sheet in (book["Onderwerpen"], book["wish"]):
            for cell in (cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value == "rust"):
                cell.value = "stilte"
        fill(book["wish"], LONG[-1], {"onderwerp 1": ""})
    refused = run("approve", town.export, town.plan, "--name", "Bram")
    assert refused.exit_code == 2
    assert re.search(r"invited, topics: since .* fewer than 10 people .*\(in coded wish\)", refused.output)
    with edited(town.sheet) as book:
        fill(book["wish"], LONG[-1], {"onderwerp 1": "stilte"})
    same = run("approve", town.export, town.plan, "--name", "Bram")
    assert same.exit_code == 0, same.output


@pytest.fixture
def town(coded: Town, tmp_path: Path) -> Town:
    """A copy to change, without the report."""
    folder = tmp_path / "town"
    shutil.copytree(coded.folder, folder, ignore=shutil.ignore_patterns("out"))
    return Town(folder)


def words(town: Town) -> str:
    """The text of every file of the report, on one line."""
    found = []
    for path in sorted(town.out.rglob("*")):
        if path.suffix == ".pdf":
            reader = PdfReader(path)
            found += [page.extract_text() for page in reader.pages]
            found += [data.decode() for each in reader.attachments.values() for data in each]
        elif path.suffix == ".xlsx":
            sheets = load_workbook(path).worksheets
            found += [str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row]
        elif path.is_file():
            found.append(path.read_text(encoding="utf-8"))
    return " ".join(" ".join(found).split())


def test_only_what_was_released_is_in_any_file(coded: Town) -> None:
    said = words(coded)
    assert f"Brief {QUOTED - 1}." in said
    assert f"Brief {QUOTED}." not in said
    assert "mevrouw [naam] daar zitten" in said
    for name in ("Kwikstaart", "Blauwborst", "Grutto", "Lepelaar"):
        assert name not in said
    assert "codeur" not in said
    with (coded.export / "responses.csv").open(encoding="utf-8") as file:
        ids = [line.split(",")[0] for line in file][1:]
    assert not any(each in said for each in ids if len(each) > 5)


def test_a_report_with_quotes_of_pages_is_accessible_and_whole(coded: Town) -> None:
    path = coded.out / "hoofdrapport.pdf"
    assert f"PASS {path}" in validate([path], ARCHIVAL)
    reader = PdfReader(path)
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    for number in range(QUOTED):
        assert sum(f"Brief {number}." in page for page in pages) == 1
    whole = " ".join(pages)
    assert whole.count("Een bewoner.") == QUOTED + 2


def test_the_page_with_quotes_is_valid_and_accessible_and_fits_a_phone(coded: Town) -> None:
    path = coded.out / "resultaten.html"
    assert [each for each in faults_of_html(path) if not each["message"].startswith("CSS:")] == []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = chromium.new_page(viewport={"width": 320, "height": 640})
        page.goto(path.as_uri())
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        right = page.locator("blockquote[lang=ar]").evaluate(
            "each => getComputedStyle(each).borderRightWidth"
        )
        assert right == "3px"
        chromium.close()


def test_no_quote_runs_off_its_page(coded: Town) -> None:
    with pikepdf.open(coded.out / "hoofdrapport.pdf") as pdf:
        width = float(pdf.pages[0].mediabox[2])
    found: list[float] = []

    def place(_text: str, matrix: list[float], text_matrix: list[float], *_: object) -> None:
        found.append(text_matrix[4] * matrix[0] + matrix[4])

    (page,) = [
        page
        for page in PdfReader(coded.out / "hoofdrapport.pdf").pages
        if "Purperreiger" in page.extract_text()
    ][:1]
    page.extract_text(visitor_text=place)
    assert found
    assert max(found) < width


def test_an_arabic_quote_reads_from_the_right_with_its_translation_beside_its_principle(coded: Town) -> None:
    html = (coded.out / "resultaten.html").read_text(encoding="utf-8")
    start = html.index('<section id="p1">')
    chapter = html[start : html.index("</section>", start)]
    assert f'<blockquote lang="ar" dir="rtl"><p>{ARABIC}</p></blockquote>' in chapter
    assert f'<p class="translation">{TRANSLATION}</p>' in chapter
    assert "Een bewoner, bij de vraag ‘Wat mist u in Brinkdorp?’. Vertaald uit het Arabisch." in chapter
    assert html.count(ARABIC) == 1
    quotes = [
        each for each in elements(coded.out / "hoofdrapport.pdf") if str(each.get("/S")) == "/BlockQuote"
    ]
    assert [str(each.get("/Lang")) for each in quotes].count("ar") == 1


def test_a_topic_of_a_few_people_is_shown_nowhere_and_follows_from_nothing(coded: Town) -> None:
    """Two people wrote about the rare topic; with one topic for each answer the others would tell it."""
    found = coded.read()
    cells = {each.topic.key: each.cell for each in found.topics}
    assert isinstance(cells["zelden"], Suppressed)
    assert sum(isinstance(cell, Suppressed) for cell in cells.values()) >= 2
    with (coded.out / "tabellen/inhoud.csv").open(encoding="utf-8-sig", newline="") as file:
        (name,) = (row[0] for row in csv.reader(file) if "Waar de antwoorden over gaan: Wat u mist" in row)
    with (coded.out / "tabellen" / name).open(encoding="utf-8-sig", newline="") as file:
        rows = {row[0]: row[1:] for row in csv.reader(file)}
    assert rows["Zelden"] == ["", "", "beschermd", f"{found.coded}"]


@given(st.lists(st.integers(0, 80), min_size=1, max_size=7).filter(any))
def test_with_one_topic_for_each_answer_no_small_number_follows_from_the_others(sizes: list[int]) -> None:
    topics_used = [Topic(key=f"t{place}", name="", principle="") for place in range(len(sizes))]
    answers = [(topic.key,) for topic, size in zip(topics_used, sizes, strict=True) for _ in range(size)]
    (wish,) = open_questions(parse(read_folder(BRINKDORP)))
    counted = {each.topic.key: each for each in _counts(answers, topics_used, wish, b"")}
    assert set(counted) == {key for (key,) in answers}
    hidden = [
        size
        for topic, size in zip(topics_used, sizes, strict=True)
        if size and counted[topic.key].answers is None
    ]
    shown = [each.answers for each in counted.values() if each.answers is not None]
    assert all(number >= SMALLEST_CELL for number in shown)
    assert all(len(answers) - number == 0 or len(answers) - number >= SMALLEST_CELL for number in shown)
    assert len(answers) >= MINIMUM_BASE or not shown
    if shown and hidden:
        assert len(hidden) > 1
        assert sum(hidden) >= SMALLEST_CELL


def test_answers_of_people_who_were_not_invited_are_in_no_count(coded: Town) -> None:
    found = coded.read()
    assert found.written + found.others == len(ANSWERS)
    assert found.others > 0
    assert found.coded == found.written
    assert len(found.quotes) == QUOTED + 3


def test_the_manifest_names_the_sheet_and_an_approval_is_void_when_it_changes(town: Town) -> None:
    before = gathered(town.export, town.plan).made_from
    assert "codering.xlsx" in before.texts
    with edited(town.sheet) as book:
        fill(book["wish"], BRIDGE, {"onderwerp 3": "groen"})
    after = gathered(town.export, town.plan).made_from
    assert [*differences(before, after)] == ["texts: codering.xlsx was changed"]


def test_a_file_of_the_report_is_reproduced_from_the_sheet_and_not_from_another(
    coded: Town, town: Town
) -> None:
    made = coded.out / "wijkprofiel-BD01-dorpskern.pdf"
    assert "byte for byte" in run("reproduce", made, coded.export, coded.plan).output
    with edited(town.sheet) as book:
        fill(book["wish"], BRIDGE, {"citeren": "nee"})
    result = run("reproduce", made, town.export, town.plan)
    assert result.exit_code == 1
    assert result.output == "texts: codering.xlsx was changed\n"


FAULTS: dict[str, tuple[Mapping[str, object], str]] = {
    "unknown topic": ({"onderwerp 2": "groenn"}, "WA271: A topic is not in the list. Did you mean groen?"),
    "an answer as topic": (
        {"onderwerp 2": "Lepelaar woont hier"},
        "WA271: A topic is not in the list. Write",
    ),
    "neither yes nor no": ({"citeren": "misschien"}, "WA273: 'citeren' is neither ja nor nee."),
    "no quote": ({"citaat": None}, "WA273: 'citaat' is empty."),
    "nobody released it": ({"vrijgegeven door": ""}, "WA273: A quote needs initials"),
    "no coder": ({"codeur": " . "}, "WA273: A quote needs initials"),
    "the coder released it": ({"vrijgegeven door": "AB"}, "WA273: 'vrijgegeven door' has the initials"),
    "no language": ({"taal": "Arabisch!"}, "WA273: 'taal' is no code of a language"),
    "no translation": ({"taal": "pl"}, "WA273: The quote is not in the language of the report."),
    "a telephone number": ({"citaat": "Meer bankjes [06-12345678]"}, "(telefoonnummer)"),
    "a name": ({"citaat": "Ziet u dan mevrouw Kwikstaart daar"}, "(naam)"),
    "an emoji": ({"citaat": "Meer bankjes [🎉]"}, "cannot draw"),
    "other words": ({"citaat": "Meer banken bij de brug."}, "WA274: 'citaat' has words that are not"),
    "another order": ({"citaat": "Ziet u dan [...] Meer bankjes"}, "WA274: 'citaat' has words that are not"),
    "brackets alone": ({"citaat": "[Alles is hier slecht]"}, "WA274: 'citaat' has words that are not"),
    "no answer of this id": ({"id": "a00"}, "WA274: The export has no such answer"),
    "no id": ({"id": None}, "WA274: The export has no such answer"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_in_a_row_is_said_without_a_word_of_it(town: Town, fault: str) -> None:
    values, said = FAULTS[fault]
    with edited(town.sheet) as book:
        fill(book["wish"], BRIDGE, values)
        (row,) = (row[0].row for row in book["wish"].iter_rows() if BRIDGE in {cell.value for cell in row})
    message = town.refused()
    assert said in message
    (line,) = message.splitlines()
    assert line.startswith(f"codering.xlsx: wish row {row}: ")
    for secret in ("Kwikstaart", "banken", "Lepelaar", "misschien", "Arabisch", "0612", "slecht"):
        assert secret not in message


def test_who_did_not_agree_is_not_quoted_whoever_releases_it(town: Town) -> None:
    with edited(town.sheet) as book:
        fill(book["wish"], HIDDEN["geen toestemming"], {"citeren": "ja", "mag geciteerd": "ja"})
    assert "WA272: Who wrote this did not agree to be quoted." in town.refused()


def test_a_long_quote_is_cut_by_people_and_not_by_us(town: Town) -> None:
    text = town.plan.read_text(encoding="utf-8").replace("longest_quote = 5000", "longest_quote = 4900")
    town.plan.write_text(text, encoding="utf-8")
    message = town.refused()
    assert message.count("and at most 4900 are printed") == QUOTED
    with edited(town.sheet) as book:
        for long in LONG[:QUOTED]:
            fill(book["wish"], long, {"citaat": f"{long[:4000]} [...]"})
    assert len(town.read().quotes) == QUOTED + 3


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["groen", "Nog eens"], "WA271: groen is the key of a topic above."),
        (["los", ""], "WA271: A topic has a key and a name under 'onderwerp'."),
        (["los", "Los", "", "", "P9"], "WA271: P9 is no principle of the plan. There are: P1, P2, P3."),
    ],
)
def test_a_list_of_topics_that_cannot_be_used_is_refused(town: Town, row: list[str], said: str) -> None:
    with edited(town.sheet) as book:
        topics(book, row)
    assert said in town.refused()


def test_a_row_that_stands_there_twice_is_refused(town: Town) -> None:
    with edited(town.sheet) as book:
        sheet = book["wish"]
        sheet.append([cell.value for cell in sheet[2]])
    assert "WA274: This answer stands in a row above too." in town.refused()


def test_a_sheet_that_is_not_there_is_refused(town: Town) -> None:
    town.sheet.unlink()
    assert "codering.xlsx: WA270: This file does not lie beside the plan." in town.refused()


def test_a_workbook_without_the_sheet_of_a_question_is_refused(town: Town) -> None:
    with edited(town.sheet) as book:
        del book["wish"]
    assert "WA270: There is no sheet wish." in town.refused()


def test_an_english_report_needs_the_topics_and_translations_in_english(town: Town) -> None:
    dataset = read_export(town.export)
    plan = read_plan(town.plan, dataset).report
    assert plan is not None
    english = msgspec.structs.replace(plan, language="en")
    assert plan.open_answers is not None
    writers = Writers(plan=plan.open_answers, everybody=dataset, counted=dataset)
    with pytest.raises(InputError) as caught:
        read_coding(writers, coding_of(town.plan, plan), english, signs.drawn())
    message = str(caught.value)
    assert message.count("WA271: A topic has a key and a name under 'onderwerp en'.") == 2
    assert message.count("Write its translation under 'vertaling en'.") == QUOTED + 3


# --- two coders -----------------------------------------------------------------------------------


def _row(number: int, topic: str) -> AnswerRow:
    return AnswerRow(
        place="",
        id=f"a{number}",
        language="nl",
        topics=(topic,),
        coder="",
        quoted="",
        quote="",
        translations={},
        released_by="",
    )


def _coded_by_two(pairs: Sequence[tuple[str, str]]) -> Agreement:
    first = [_row(number, one) for number, (one, _) in enumerate(pairs)]
    second = [_row(number, other) for number, (_, other) in enumerate(pairs)][::-1]
    found = agreement([*first, _row(len(pairs), "j")], second)
    assert found is not None
    assert found.answers == len(pairs)
    return found


def test_two_coders_are_compared_as_cohen_did() -> None:
    """20 both yes, 15 both no, 5 and 10 otherwise: (0.7 - 0.5) / (1 - 0.5).

    The exact limits of 35 out of 50 are 0.5539 and 0.8214 (R's binom.test).
    """
    found = _coded_by_two([("j", "j")] * 20 + [("j", "n")] * 5 + [("n", "j")] * 10 + [("n", "n")] * 15)
    assert found.same == pytest.approx(0.7)
    assert found.kappa == pytest.approx((0.4, 2 * 0.5539 - 1, 2 * 0.8214 - 1), abs=2e-4)


@pytest.mark.parametrize("split", [1, 7, 20])
def test_two_coders_who_always_agree_may_still_differ_on_the_next_answer(split: int) -> None:
    """Of 40 that agree the exact lower limit is the share p of which all 40 agree in 2.5% of cases."""
    topics_chosen = ["j" if number < split else "n" for number in range(40)]
    found = _coded_by_two([*zip(topics_chosen, topics_chosen, strict=True)])
    chance = (split**2 + (40 - split) ** 2) / 40**2
    assert found.same == 1
    assert found.kappa == pytest.approx((1, max((0.025 ** (1 / 40) - chance) / (1 - chance), -1), 1))


def test_two_coders_who_chose_one_topic_have_no_kappa() -> None:
    found = _coded_by_two([("j", "j")] * 40)
    assert found.same == 1
    assert found.kappa is None


@pytest.mark.parametrize(
    "together",
    [
        [[0.45, 0.03], [0.02, 0.5]],
        [[0.85, 0.02], [0.03, 0.1]],
        [[0.4, 0.05, 0], [0.1, 0.2, 0.05], [0, 0.02, 0.18]],
        [[0.97, 0.005], [0.005, 0.02]],
    ],
)
@pytest.mark.parametrize("number", [30, 100])
def test_the_interval_of_kappa_holds_the_truth_as_often_as_it_says(
    together: list[list[float]], number: int
) -> None:
    """Over draws of two coders who choose the topics of these rows and columns together."""
    truth = np.array(together)
    chance = float(truth.sum(axis=0) @ truth.sum(axis=1))
    kappa = (np.trace(truth) - chance) / (1 - chance)
    cells = [(f"t{one}", f"t{other}") for one in range(len(truth)) for other in range(len(truth))]
    draws = np.random.default_rng(6).multinomial(number, truth.ravel(), size=400)
    found = [
        _coded_by_two([pair for pair, times in zip(cells, draw, strict=True) for _ in range(times)]).kappa
        for draw in draws
    ]
    held = [each[1] <= kappa <= each[2] for each in found if each is not None]
    assert len(held) > 200
    assert np.mean(held) >= 0.94


def test_too_few_answers_in_common_say_nothing() -> None:
    rows = [_row(number, "j" if number % 2 else "n") for number in range(29)]
    assert agreement(rows, rows) is None


def test_the_second_coder_is_in_the_report(town: Town) -> None:
    with_second = town.plan.read_text(encoding="utf-8") + 'second = "tweede.xlsx"\n'
    town.plan.write_text(with_second, encoding="utf-8")
    shutil.copy(town.sheet, town.folder / "tweede.xlsx")
    with edited(town.folder / "tweede.xlsx") as book:
        fill(book["wish"], BRIDGE, {"onderwerp 1": "groen"})
    found = town.read().agreement
    assert found is not None
    assert found.answers == len(ANSWERS)
    assert found.same == pytest.approx(65 / 66)
    assert set(gathered(town.export, town.plan).made_from.texts) == {"codering.xlsx", "tweede.xlsx"}


# --- quotes are the words of the answer ------------------------------------------------------------


@given(st.lists(st.text("abc ", min_size=1, max_size=8), min_size=2, max_size=8), st.data())
def test_leaving_out_and_replacing_in_brackets_is_quoting(parts: list[str], data: st.DataObject) -> None:
    answer = "".join(parts)
    kept = [part if data.draw(st.booleans()) else " [...] " for part in parts]
    said = any(part.strip() for part in kept if part != " [...] ")
    assert is_quoted_from("".join(kept), answer) == said


@given(st.text("abc ", max_size=30), st.integers(0, 30))
def test_a_word_of_ones_own_is_not_quoting(answer: str, place: int) -> None:
    assert not is_quoted_from(f"{answer[:place]} zelf {answer[place:]}", answer)


@pytest.mark.parametrize(
    ("quote", "answer"),
    [
        ("‘t is mooi", "'t is mooi"),
        ("[D]e buurt is fijn", "En de buurt is fijn"),
        ("De buurt\nis fijn", "de  buurt is fijn"),
        ("Ja… en nee", "ja... en nee"),
    ],
)
def test_signs_capitals_and_ends_of_lines_are_no_other_words(quote: str, answer: str) -> None:
    assert is_quoted_from(quote, answer)


def test_a_profile_speaks_of_own_words_only_when_the_report_quotes_them(coded: Town) -> None:
    found = gathered(coded.export, coded.plan)
    silent = tuple(msgspec.structs.replace(each, quotes=()) for each in found.outcomes.coding)
    unquoted = msgspec.structs.replace(found, outcomes=msgspec.structs.replace(found.outcomes, coding=silent))
    for gathering, expected in ((found, True), (unquoted, False)):
        for job in report.jobs(made_of(gathering)):
            if job.name.startswith("wijkprofiel"):
                assert ("in hun eigen woorden" in job.html) == expected
