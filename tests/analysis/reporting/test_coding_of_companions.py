"""Own words of employees: coded in a sheet of their own, told apart from residents, quoted by one rule."""

import csv
import shutil
from pathlib import Path

import pytest
from click.testing import Result

from analysis.__main__ import coding_of, gathered, made_of, read_companion, read_export, read_plan
from analysis.reporting import report
from analysis.reporting.coding.topics import CodedQuestion
from analysis.reporting.disclosure import MINIMUM_BASE, SMALLEST_CELL
from analysis.reporting.exports.dataset import InputError
from survey.questionnaires.folder import find_folder
from survey.questionnaires.model import NOT_SHOWN
from tests.analysis.coded import edited, fill, rows_of, topics, write_answers
from tests.analysis.reporting.test_report import BRINKDORP, run
from tests.analysis.simulated import write_simulated_export

EMPLOYEES = """
[[report.companions]]
survey = "leiden-medewerkers"
name = "medewerkers"
[report.companions.open_answers]
questions = ["k25a"]
sheet = "codering-medewerkers.xlsx"
"""
RESIDENTS = """
[report.open_answers]
questions = ["wish"]
sheet = "codering.xlsx"
consent = "opinion"
"""
TALK = "Wij lopen nu bij elkaar binnen, en mijn collega Kwikstaart ook."
RELEASED = "Wij lopen nu bij elkaar binnen, en mijn collega [naam] ook."
ABOUT = "Eindelijk een plan dat iedereen kent."
SECRET = "De Lepelaar van hiernaast luistert nooit."
ANSWERS = [
    *({"k25a_text": f"Kort overleg nummer {number}", "consent_quoting": "1"} for number in range(40)),
    *({"k25a_text": f"Taart bij de koffie {number}", "consent_quoting": "1"} for number in range(2)),
    {"k25a_text": TALK, "consent_quoting": "1"},
    {"k25a_text": ABOUT, "consent_quoting": "1"},
    {"k25a_text": SECRET, "consent_quoting": "0"},
]
QUOTED = {"codeur": "A.B.", "citeren": "ja", "vrijgegeven door": "cd"}


class Office:
    """A folder with the exports of residents and employees, a plan, and their coding sheets."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.residents, self.employees = folder, folder / "residents", folder / "employees"
        self.plan, self.sheet = folder / "plan.toml", folder / "codering-medewerkers.xlsx"

    def coding(self) -> Result:
        return run("coding", self.residents, self.plan, self.folder / "new.xlsx", "--of", self.employees)

    def read(self) -> CodedQuestion:
        plan = read_plan(self.plan, read_export(self.residents))
        assert plan.report is not None
        (found,) = read_companion(self.employees, plan, coding_of(self.plan, plan.report)).coding
        return found


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("office"))
    write_simulated_export(office.residents, invited=300, respondents=200, definition=BRINKDORP)
    write_simulated_export(
        office.employees, invited=100, respondents=80, definition=find_folder("leiden-medewerkers")
    )
    write_answers(office.residents, "wish", [{"wish_text": f"Een bankje bij brug {n}"} for n in range(40)])
    write_answers(office.employees, "k25a", ANSWERS)
    plan = (BRINKDORP / "plan.toml").read_text(encoding="utf-8")
    office.plan.write_text(f"{plan}{EMPLOYEES}{RESIDENTS}", encoding="utf-8")
    made = run("coding", office.residents, office.plan, office.sheet, "--of", office.employees)
    assert f"{len(ANSWERS)} answers added" in made.output
    assert run("coding", office.residents, office.plan, office.folder / "codering.xlsx").exit_code == 0
    with edited(office.sheet) as book:
        topics(book, ["overleg", "Overleg"], ["taart", "Taart"], ["plan", "Eén plan", "", "", "P2"])
        sheet = book["k25a"]
        for answer in ANSWERS:
            text = answer["k25a_text"]
            topic = "taart" if text.startswith("Taart") else "plan" if text == ABOUT else "overleg"
            fill(sheet, text, {"onderwerp 1": topic})
        fill(sheet, TALK, QUOTED | {"citaat": RELEASED})
        fill(sheet, ABOUT, QUOTED | {"citaat": ABOUT})
    out = office.folder / "out"
    result = run("report", office.residents, office.plan, out, "--with", office.employees)
    assert result.exit_code == 0, result.output
    return office


@pytest.fixture
def office(coded: Office, tmp_path: Path) -> Office:
    """A copy to change, without the report."""
    shutil.copytree(coded.folder, tmp_path / "office", ignore=shutil.ignore_patterns("out"))
    return Office(tmp_path / "office")


def section(html: str, anchor: str) -> str:
    start = html.index(f'<section id="{anchor}">')
    return html[start : html.index("</section>", start)]


def test_a_sheet_holds_the_answers_of_employees_alone(coded: Office) -> None:
    written = {row["antwoord"] for row in rows_of(coded.sheet, "k25a")}
    assert written == {each["k25a_text"] for each in ANSWERS}
    assert not any("bankje" in text for text in written)


def test_the_report_tells_employees_and_residents_apart(coded: Office) -> None:
    html = (coded.folder / "out/resultaten.html").read_text(encoding="utf-8")
    theirs = section(html, "open-antwoorden-leiden-medewerkers")
    assert "Wat medewerkers zelf schrijven" in theirs
    assert "is geen afspiegeling van alle medewerkers" in theirs
    assert f"<p>{RELEASED}</p>" in theirs
    assert "Een van de medewerkers." in theirs
    assert "bewoner" not in theirs
    assert "steekproef" not in theirs
    residents = section(html, "open-antwoorden")
    assert "medewerkers" not in residents
    assert "mensen uit de steekproef iets" in residents


def test_a_quote_about_a_principle_stands_there_as_of_an_employee(coded: Office) -> None:
    html = (coded.folder / "out/resultaten.html").read_text(encoding="utf-8")
    assert "Een van de medewerkers, bij de vraag ‘Wat gaat goed?’." in section(html, "p2")
    assert html.count(ABOUT) == 1
    for name in ("Kwikstaart", "Lepelaar"):
        assert name not in html


def test_a_topic_of_two_employees_is_not_shown_and_follows_from_nothing(coded: Office) -> None:
    found = coded.read()
    assert found.writers == "medewerkers"
    shown = [each.answers for each in found.topics if each.answers is not None]
    assert all(number >= SMALLEST_CELL for number in shown)
    hidden = found.coded - sum(shown)
    assert hidden == 0 or hidden >= SMALLEST_CELL
    with (coded.folder / "out/tabellen/inhoud.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = (row for row in csv.reader(file) if "Waar de antwoorden over gaan: Wat goed gaat" in row)
    with (coded.folder / "out/tabellen" / row[0]).open(encoding="utf-8-sig", newline="") as file:
        rows = {row[0]: row[1:] for row in csv.reader(file)}
    assert rows["Taart"] == ["", "", "beschermd", f"{found.coded}"]


def test_a_profile_of_an_area_does_not_take_employees_for_residents(coded: Office) -> None:
    found = gathered(coded.residents, coded.plan, [coded.employees])
    assert len(coded.read().quotes) == 2
    profiles = [job.html for job in report.jobs(made_of(found)) if job.name.startswith("wijkprofiel")]
    assert profiles
    assert not any("in hun eigen woorden" in html for html in profiles)


def test_who_did_not_agree_is_not_quoted(office: Office) -> None:
    with edited(office.sheet) as book:
        fill(book["k25a"], SECRET, QUOTED | {"citaat": SECRET})
    with pytest.raises(InputError) as refused:
        office.read()
    assert "WA272: Who wrote this did not agree to be quoted" in str(refused.value)


def test_of_a_few_colleagues_nobody_is_quoted(office: Office) -> None:
    """Too few were shown the question; those who were not, wrote nothing."""
    path = office.employees / "responses.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = {TALK, ABOUT, *(each["k25a_text"] for each in ANSWERS[: MINIMUM_BASE - 3])}
    for row in rows:
        if row["k25a_text"] not in kept:
            row.update(k25a=f"{NOT_SHOWN}", k25a_text="")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(InputError) as refused:
        office.read()
    assert "WA280: Fewer than 30 medewerkers were asked this" in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["k25a"]', '["k25x"]', "open_answers.questions: WA212: k25x is no open question."),
        ('"codering-medewerkers.xlsx"', '"codering.xlsx"', "WA211: codering.xlsx stands here twice."),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused(office: Office, old: str, new: str, said: str) -> None:
    text = office.plan.read_text(encoding="utf-8")
    office.plan.write_text(text.replace(old, new), encoding="utf-8")
    result = run(
        "coding", office.residents, office.plan, office.folder / "new.xlsx", "--of", office.employees
    )
    assert result.exit_code == 2
    assert said in result.output


def test_a_group_without_open_answers_in_the_plan_is_refused(office: Office) -> None:
    text = office.plan.read_text(encoding="utf-8")
    start = text.index("[report.companions.open_answers]")
    office.plan.write_text(f"{text[:start]}{RESIDENTS}", encoding="utf-8")
    result = run(
        "coding", office.residents, office.plan, office.folder / "new.xlsx", "--of", office.employees
    )
    assert result.exit_code == 2
    assert "names no open answers of leiden-medewerkers" in result.output
