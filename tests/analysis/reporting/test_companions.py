"""What employees and partners say: counted as their answers are, side by side, and never told of a few."""

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from analysis.__main__ import (
    main,
    read_background,
    read_companions,
    read_export,
    read_plan,
    weigh_invited,
)
from analysis.reporting import report
from analysis.reporting.chapters import companion_chapters, principles
from analysis.reporting.chapters.documents import report_plan
from analysis.reporting.charts.companion_charts import SYMBOLS, Contacts, Marks, network, side_by_side
from analysis.reporting.disclosure import SMALLEST_CELL, Reason, Suppressed
from analysis.reporting.exports.dataset import Dataset, InputError
from analysis.reporting.figures import companion_network_figures
from analysis.reporting.figures.companion_answer_figures import answers
from analysis.reporting.figures.companion_principle_figures import beside_residents, principle_grades
from analysis.reporting.figures.indicator_figures import profile_choices
from analysis.reporting.figures.making import PAGE, Figure, Maker
from analysis.reporting.findings import companions as companion_findings
from analysis.reporting.findings.companions import (
    NETWORK_BASE,
    Companion,
    Tie,
    check_follow_up,
    companion,
    counted_people,
    feasible,
    grades,
    statements,
)
from analysis.reporting.findings.outcomes import gather
from analysis.reporting.phrases import phrases
from analysis.reporting.plans.companion_plan import (
    CompanionPlan,
    NetworkPlan,
    check_companion,
    check_companions,
)
from survey.questionnaires.folder import find_folder
from survey.questionnaires.model import NOT_SHOWN, MultipleChoice
from survey.questionnaires.problems import Findings
from tests.analysis.reporting.test_counts import with_volunteers
from tests.analysis.simulated import write_simulated_export

PLAN = Path(__file__).parents[3] / "analysis/plans/leiden-eindevaluatie.toml"
DUTCH = phrases()["nl"]
EMPLOYEES = CompanionPlan(
    survey="leiden-medewerkers",
    name="medewerkers",
    network=NetworkPlan(
        organisation="k1", contact="k12a", often=(3, 4), organisations={"1": "a", "2": "b", "3": "c"}
    ),
)
PARTNERS = CompanionPlan(survey="leiden-partners", name="partners")


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("companions")
    numbers = {"leiden-medewerkers": 180, "leiden-partners": 120, "leiden-eindevaluatie": 300}
    for survey, respondents in numbers.items():
        definition = find_folder(survey)
        write_simulated_export(folder / survey, invited=300, respondents=respondents, definition=definition)
    return {survey: folder / survey for survey in numbers}


@pytest.fixture(scope="module")
def employees(exports: dict[str, Path]) -> Dataset:
    return read_export(exports["leiden-medewerkers"])


@pytest.fixture(scope="module")
def both(exports: dict[str, Path], employees: Dataset) -> tuple[Companion, Companion]:
    partners = read_export(exports["leiden-partners"])
    return companion(employees, EMPLOYEES, DUTCH), companion(partners, PARTNERS, DUTCH)


def test_the_share_that_agrees_is_that_of_the_answers(
    employees: Dataset, both: tuple[Companion, Companion]
) -> None:
    (view,) = (each for each in statements(both, "P10") if each.text == "Ik had tijd om te leren")
    answers = employees.codes["k22_b"]
    answered = answers[answers >= 0]
    cell = view.cells[0]
    assert not isinstance(cell, Suppressed)
    assert cell is not None
    assert cell.value == pytest.approx(np.isin(answered, (4, 5)).mean())
    assert cell.respondents == len(answered)
    assert view.cells[1] is not None


def test_what_only_one_of_them_was_asked_has_no_place_for_the_other(
    both: tuple[Companion, Companion],
) -> None:
    (view,) = (each for each in statements(both, "P6") if "gezamenlijk plan" in each.text)
    assert view.cells[0] is not None
    assert view.cells[1] is None


def test_a_principle_has_its_grade_and_how_many_call_it_feasible(
    employees: Dataset, both: tuple[Companion, Companion]
) -> None:
    mean, share = grades(both, "P4"), feasible(both, "P4")
    assert mean is not None
    assert share is not None
    graded = employees.codes["k5_p4"]
    cell = mean.cells[0]
    assert not isinstance(cell, Suppressed)
    assert cell is not None
    assert cell.value == pytest.approx(graded[graded >= 0].mean())
    assert share.question.key == "k6"
    assert "k6" not in {view.question.key for view in statements(both, "P4")}


def test_of_an_organisation_a_quarter_is_told_from_so_many_answers(
    employees: Dataset, both: tuple[Companion, Companion]
) -> None:
    network = both[0].network
    assert network is not None
    for tie in network.ties:
        code = {"a": 1, "b": 2, "c": 3}[tie.organisation]
        answers = employees.codes[f"k12a_{tie.partner}"][employees.codes["k1"] == code]
        often = (answers >= 3).sum() / (answers >= 0).sum()
        assert tie.quarter / 4 <= often <= (tie.quarter + 1) / 4
        assert tie.respondents == (answers >= 0).sum() >= NETWORK_BASE
    few = employees.take(np.cumsum(employees.codes["k1"] == 1) < NETWORK_BASE)
    fewer = companion(few, EMPLOYEES, DUTCH).network
    assert fewer is not None
    assert "a" not in fewer.own


def test_no_quarter_says_that_fewer_than_five_people_had_contact_or_had_not(employees: Dataset) -> None:
    """All that may be behind what is told of so many answers, of the fewest and of some more."""
    behind: dict[tuple[int, int], list[int]] = {}
    assert EMPLOYEES.network is not None
    (first, *_) = np.flatnonzero(employees.codes["k1"] == 1)
    for answered in range(NETWORK_BASE - 2, 3 * NETWORK_BASE):
        people = employees.take(np.full(answered, first))
        for often in range(answered + 1):
            people.codes["k12a_b"][:] = np.where(np.arange(answered) < often, 4, 1)
            for tie in companion_findings._network(people, EMPLOYEES.network).ties:
                if tie.partner == "b":
                    behind.setdefault((answered, tie.quarter), []).append(often)
    assert {answered for answered, _ in behind} == {*range(NETWORK_BASE, 3 * NETWORK_BASE)}
    for (answered, _), often in behind.items():
        assert max(often) >= SMALLEST_CELL
        assert answered - min(often) >= SMALLEST_CELL


@pytest.mark.parametrize(
    ("ties", "title"),
    [
        ([("a", "b", 12, 3)], "Contact tussen organisaties; van geen ervan gaven 30 mensen of meer antwoord"),
        (
            [("a", "b", 12, 3), ("b", "c", 40, 2)],
            "Van geen organisatie met 30 antwoorden of meer heeft driekwart vaak contact met een andere",
        ),
        (
            [("a", "b", 12, 3), ("b", "c", 40, 3)],
            "Driekwart of meer van de mensen van BuZz heeft vaak contact met SOL (n = 40)",
        ),
        (
            [("b", "c", 40, 3), ("c", "b", 30, 3)],
            "Bij één paar organisaties heeft driekwart of meer van de mensen vaak contact",
        ),
    ],
)
def test_a_title_about_contact_rests_on_thirty_answers_and_names_a_pair(
    ties: list[tuple[str, str, int, int]], title: str
) -> None:
    found = [
        Tie(organisation=one, partner=other, respondents=base, quarter=quarter)
        for one, other, base, quarter in ties
    ]
    assert companion_network_figures._title(DUTCH, {"a": "Libertas", "b": "BuZz", "c": "SOL"}, found) == title


def test_a_name_that_the_questionnaire_does_not_have_is_told(employees: Dataset) -> None:
    network = NetworkPlan(organisation="k3", contact="k12", often=(9,), organisations={"1": "z"})
    wrong = replace(EMPLOYEES, background=("k99",), network=network)
    with pytest.raises(InputError) as refused:
        check_companion(wrong, employees, "map")
    text = str(refused.value)
    for part in ("k99 is no closed question", "k3 is no question with one answer", "k12 is no battery"):
        assert part in text
    network = NetworkPlan(organisation="k1", contact="k12a", often=(9,), organisations={"55": "z"})
    with pytest.raises(InputError) as refused:
        check_companion(replace(EMPLOYEES, network=network), employees, "map")
    for part in ("55 is no answer to k1", "z is no statement of k12a", "9 is no answer to k12a"):
        assert part in str(refused.value)


def test_four_groups_have_marks_that_black_and_white_tells_apart() -> None:
    """Two shapes, each filled and open."""
    marks = [Marks(label="Zin", others=(20.0, 40.0, 60.0, 80.0))]
    names = ["een", "twee", "drie", "vier"]
    palette = report.our_palette()
    svg = side_by_side(DUTCH, palette, marks, names, title="Zin", width=300, ticks=(0, 50, 100))
    drawn = re.findall(r'<path d="([^"]+)" fill="([^"]+)" stroke="([^"]+)"', svg)
    assert {stroke for _, _, stroke in drawn} == {palette["companions"]}
    assert [fill for _, fill, _ in drawn] == [palette["companions"], palette["paper"]] * 2
    shapes = [re.sub(r"-?[\d.]+", "", outline) for outline, _, _ in drawn]
    assert shapes[0] == shapes[1] != shapes[2] == shapes[3]
    assert len(SYMBOLS) == len(names)


def test_every_contact_has_a_place_of_its_own_and_its_size_says_how_many_have_it() -> None:
    """So it can be read however many there are, and in black and white."""
    names = ["BuZz", "SOL", "School", "Politie", "Gemeente"]
    rows = [
        Contacts(label="BuZz", base="44", quarters=(None, 3, 2, 1, 0)),
        Contacts(label="SOL", base="9 tot 12", quarters=(1, None, None, 0, 1)),
    ]
    svg = network(DUTCH, report.our_palette(), rows, names, title="Netwerk")
    squares = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg)
    *drawn, small, middle, large = [float(width) for *_, width, _ in squares]
    assert small < middle < large
    assert drawn == [large, middle, small, small, small]
    assert all(width == height for *_, width, height in squares)
    assert svg.count("<circle") == 3
    assert svg.count(">–</text>") == 1
    assert "BuZz (n = 44), driekwart of meer: SOL; de helft tot driekwart: School; een kwart" in svg
    assert svg.count("rotate(-45 ") == len(names)


def test_every_organisation_has_one_row_with_all_that_its_people_said(
    both: tuple[Companion, Companion],
) -> None:
    asked = both[0].network
    assert asked is not None
    rows = [*companion_network_figures._rows(DUTCH, asked.names, [asked])]
    assert [row.label for row in rows] == [asked.names[key] for key in asked.own]
    told = {
        (key, partner): quarter
        for key, row in zip(asked.own, rows, strict=True)
        for partner, quarter in zip(asked.names, row.quarters, strict=True)
        if quarter is not None
    }
    assert told == {(tie.organisation, tie.partner): tie.quarter for tie in asked.ties}


def test_more_groups_than_there_are_marks_are_refused() -> None:
    findings = Findings("plan.toml")
    check_companions([CompanionPlan(survey=name, name=name) for name in "abcde"], "s", findings)
    (problem,) = findings
    assert "WA257: 5 surveys stand here, and charts tell 4 groups apart" in str(problem)


@pytest.fixture(scope="module")
def maker(exports: dict[str, Path]) -> Maker:
    dataset = read_export(exports["leiden-eindevaluatie"])
    plan = read_plan(PLAN, dataset)
    sample, weighting = weigh_invited(dataset, plan)
    outcomes = gather(dataset, sample, dataset.take(dataset.usable("open", ())), plan, weighting)
    return Maker(outcomes, read_background(exports["leiden-eindevaluatie"]), report.our_palette())


def hidden(found: Companion, reason: Reason) -> Companion:
    """With all of its figures hidden for this reason."""
    cell = Suppressed(reason=reason, respondents=None if reason == "counted" else 40)
    return replace(found, counts=tuple(replace(each, cell=cell) for each in found.counts))


@pytest.mark.parametrize(
    ("reason", "said", "explained"),
    [("too_few", "te weinig antwoorden", False), ("protected", "beschermd", True)],
)
def test_what_others_said_is_withheld_in_the_words_of_residents_figures(
    maker: Maker, both: tuple[Companion, Companion], reason: Reason, said: str, *, explained: bool
) -> None:
    """In the title, in the plot and its description, and below the table."""
    found = hidden(both[0], reason)
    beside = beside_residents(maker, "P6", "Samen", [], [found])
    assert beside is not None
    made = [beside, *principle_grades(maker, {"P4": "Vertrouwen"}, [found])]
    assert len(made) == 3
    question, counted = next(iter(found.questions()))
    for figure in (*made, answers(maker, found, question, counted)):
        assert f"Een streepje: {said}. " in figure.note
        assert ("Beschermd: een antwoord van minder dan 5 mensen" in figure.note) == explained
        assert ("Te weinig is minder dan 30." in figure.note) != explained
    for figure in made:
        assert figure.title.endswith(f": {said}")
        assert str(figure.svg).count(said) >= 3
    partly = beside_residents(maker, "P6", "Samen", [], both)
    assert partly is not None
    assert "Een streepje" not in partly.note


def test_the_longest_word_above_a_column_of_answers_fits_there(
    maker: Maker, both: tuple[Companion, Companion]
) -> None:
    """At a note's size a letter takes 1.3 mm or less, of what two millimetres at the left leave."""
    heads = 0
    for each in both:
        for question, counted in each.questions():
            table = answers(maker, each, question, counted).table
            assert table is not None
            shared = [column.label for column in table.columns if column.width is None]
            words = [word for label in (*shared, "completely agree") for word in label.split()]
            heads += len(shared)
            if shared:
                assert (PAGE - table.width) / len(shared) - 2 >= 1.3 * max(map(len, words)), question.key
    assert heads > 100


def test_a_note_explains_dashes_where_its_table_has_some(
    maker: Maker, both: tuple[Companion, Companion]
) -> None:
    """Of ten grades a battery shows classes and the mean: a hidden grade has no column there."""
    questions = [(found, *each) for found in both for each in found.questions()]
    graded = next(each for each in questions if each[1].key == "k5")
    shown = next(each.cell for each in graded[2] if not isinstance(each.cell, Suppressed))
    hidden_grades = tuple(
        replace(each, cell=Suppressed(reason="protected", respondents=180) if len(each.codes) == 1 else shown)
        for each in graded[2]
    )
    dashes = []
    for found, question, counted in (*questions, (*graded[:2], hidden_grades)):
        figure = answers(maker, found, question, counted)
        assert figure.table is not None
        dashes.append(any(cell.text == "–" for line in figure.table.on_page.lines for cell in line.cells))
        assert ("Een streepje" in figure.note) == dashes[-1], question.key
    assert any(dashes)
    assert not dashes[-1]


@pytest.mark.parametrize(
    ("reason", "said", "explained"),
    [("too_few", "te weinig antwoorden", False), ("protected", "beschermd", True)],
)
def test_the_profile_of_an_area_says_why_it_shows_no_answers(
    maker: Maker, reason: Reason, said: str, *, explained: bool
) -> None:
    found = next(each for each in maker.outcomes.distributions if each.areas)
    area, cells = found.areas[0]
    hidden_there = tuple(Suppressed(reason=reason, respondents=40) for _ in cells)
    figure = profile_choices(maker, area.code, replace(found, areas=((area, hidden_there),)))
    assert figure.title.endswith(f": {said}")
    assert "30" not in figure.what
    assert ("Beschermd: een antwoord van minder dan 5 mensen" in figure.note) == explained


def test_a_profile_says_that_not_everybody_was_asked_and_for_whom_the_question_was(maker: Maker) -> None:
    found = next(each for each in maker.outcomes.distributions if each.question.key == "q16")
    area, _ = found.areas[0]
    found = replace(found, areas=((area, tuple(answer.cell for answer in found.answers)),))
    of_who_agreed = replace(found.question, when=None, purpose="health")
    for distribution, said in (
        (found, " Deze vraag was voor wie bij vraag Q15 "),
        (replace(found, question=of_who_agreed), " Niet iedereen kreeg de vraag."),
        (replace(found, asked=maker.outcomes.respondents), ""),
    ):
        note = profile_choices(maker, area.code, distribution).note
        assert said in note
        assert ("Deze vraag was" in note, "Niet iedereen" in note) == ("Deze" in said, "Niet" in said)


def test_a_profile_calls_answers_the_most_given_only_when_it_shows_all(maker: Maker) -> None:
    found = next(each for each in maker.outcomes.distributions if each.areas)
    area, cells = found.areas[0]
    shown = next(each.cell for each in found.answers if not isinstance(each.cell, Suppressed))
    for last in (shown, Suppressed(reason="protected", respondents=40)):
        there = (*(shown for _ in cells[1:]), last)
        figure = profile_choices(maker, area.code, replace(found, areas=((area, there),)))
        assert ("die wij kunnen tonen" in figure.what) == isinstance(last, Suppressed)


@pytest.mark.parametrize(
    ("reason", "asked", "said"),
    [
        (None, 180, ""),
        (None, 120, " Gesteld aan 120 van de 180 mensen."),
        (None, 177, " Niet iedereen kreeg de vraag."),
        ("counted", 120, " Niet iedereen kreeg de vraag."),
    ],
)
def test_how_many_others_were_asked_is_told_where_it_tells_of_nobody(
    maker: Maker, both: tuple[Companion, Companion], reason: Reason | None, asked: int, said: str
) -> None:
    found = both[0] if reason is None else hidden(both[0], reason)
    question, counted = next(iter(found.questions()))
    note = answers(maker, found, question, [replace(each, asked=asked) for each in counted]).note
    assert f"dus zonder marge.{said} {'Een streepje' if reason else 'Bron'}" in note


def test_a_companion_with_a_chapter_has_all_answers_and_their_limits_there(
    maker: Maker, both: tuple[Companion, Companion], tmp_path: Path
) -> None:
    survey = "leiden-jongeren"
    write_simulated_export(tmp_path / survey, invited=300, respondents=90, definition=find_folder(survey))
    plan = CompanionPlan(survey=survey, name="jongeren", chapter=True)
    young = companion(read_export(tmp_path / survey), plan, DUTCH)
    outcomes = replace(maker.outcomes, companions=(*both, young))
    together, alone = companion_chapters.companions(maker, outcomes, report_plan(outcomes.plan))
    assert together.title == "Medewerkers en partners"
    assert (together.anchor, alone.anchor) == ("kring", f"kring-{survey}")
    assert alone.title == "Jongeren"
    assert alone.lead.startswith(f"Alle antwoorden van {young.respondents} jongeren, geteld")
    assert "zeggen de cijfers niets over alle jongeren" in alone.paragraphs[0]
    notes = " ".join(each.note for each in alone.figures)
    got = {question.provenance.number for question, counted in young.questions() if counted[0].asked}
    assert {*re.findall(r"Vraag (J\d+):", notes)} == got
    assert "J2" not in got  # a parent, whom nobody needed
    assert "Gesteld aan 0" not in notes
    assert "Deze vraag was voor wie bij vraag J9 (deed mee met een activiteit) ‘Ja’ antwoordde." in notes
    annexes = companion_chapters.all_answers(maker, outcomes, iter("DEF"))
    assert [each.title for each in annexes] == ["Antwoorden van medewerkers", "Antwoorden van partners"]


def test_a_table_of_answers_that_may_be_ticked_together_says_so(
    maker: Maker, both: tuple[Companion, Companion]
) -> None:
    told = {
        isinstance(question, MultipleChoice): answers(maker, both[0], question, counted).what
        for question, counted in both[0].questions()
    }
    assert told[True].endswith(". Mensen konden meer antwoorden kiezen.")
    assert "meer antwoorden" not in told[False]


def test_statements_say_who_got_them_and_what_an_empty_cell_means(
    maker: Maker, both: tuple[Companion, Companion]
) -> None:
    """Only volunteers were asked whether they learnt to refer, and only employees of their own task."""
    figure = beside_residents(maker, "P5", "P5", [], both)
    assert figure is not None
    assert "K21c: voor wie bij vraag K2 (rol) ‘Ik ben vrijwilliger’ antwoordde." in figure.note
    assert "Leeg: deze zin stond niet in die vragenlijst." in figure.note
    alike = beside_residents(maker, "P10", "P10", [], both)
    assert alike is not None
    assert "Leeg:" not in alike.note


def test_statements_that_say_the_opposite_stand_last_and_apart_in_the_title(
    maker: Maker, both: tuple[Companion, Companion]
) -> None:
    """That registering puts residents off is no praise of monitoring."""
    figure = beside_residents(maker, "P9", "P9", [], both)
    assert figure is not None
    assert figure.table is not None
    labels = [" ".join(line.label) for line in figure.table.lines]
    assert labels[-2:] == ["Wat het tegendeel zegt", "Registreren schrikt bewoners af"]
    numbers = [cell.text for cell in figure.table.lines[-1].cells[::2]]
    low, high = sorted(map(int, numbers))
    ends = f"{low} tot {high}" if low < high else f"{low}"
    assert figure.title.endswith(f"eens; bij wat het tegendeel zegt {ends}%")


def test_young_people_with_a_chapter_stand_beside_nobody(
    maker: Maker, both: tuple[Companion, Companion]
) -> None:
    apart = replace(both[0], plan=replace(both[0].plan, chapter=True))
    outcomes = replace(maker.outcomes, companions=(apart, both[1]))
    assert outcomes.around == (both[1],)
    chapters = [*principles.principles(maker, outcomes, report_plan(outcomes.plan))]
    named = [group for chapter in chapters for figure in chapter.figures for group in groups_of(figure)]
    assert any(name.startswith("Partners") for name in named)
    assert not any(name.startswith("Medewerkers") for name in named)


def groups_of(figure: Figure) -> list[str]:
    return [] if figure.table is None else [name for name, _ in figure.table.groups if name]


def test_whether_a_question_has_a_table_tells_not_that_nobody_got_it(maker: Maker, tmp_path: Path) -> None:
    """What volunteers alone were asked: a table that is there only with some says of all who they are."""
    plan = CompanionPlan(survey="leiden-partners", name="partners")
    told = []
    for volunteers in (0, 3):
        export = with_volunteers(tmp_path / f"{volunteers}", volunteers)
        outcomes = replace(maker.outcomes, companions=(companion(read_export(export), plan, DUTCH),))
        (annex,) = companion_chapters.all_answers(maker, outcomes, iter("D"))
        (table,) = (each for each in annex.figures if each.title.startswith("K21c "))
        assert table.table is not None
        told.append((table.title, table.what, table.note, table.table.lines))
    assert told[0] == told[1]


def test_without_a_margin_no_principle_is_called_the_best(
    maker: Maker, both: tuple[Companion, Companion]
) -> None:
    named = {f"P{number}": f"Principe {number}" for number in range(1, 11)}
    graded, called = (each.title for each in principle_grades(maker, named, both))
    assert re.fullmatch(r"Medewerkers geven de principes een \d,\d tot \d,\d", graded)
    assert re.fullmatch(r"Per principe noemt \d+ tot \d+% van de medewerkers het haalbaar", called)


def test_a_note_says_whose_answers_were_counted(maker: Maker, both: tuple[Companion, Companion]) -> None:
    figure = beside_residents(maker, "P6", "Samen", [], both)
    assert figure is not None
    assert "Antwoorden van medewerkers en partners zijn geteld en niet gewogen." in figure.note


def test_how_many_were_asked_is_counted_from_the_answers(
    employees: Dataset, both: tuple[Companion, Companion]
) -> None:
    enough = counted_people(employees)
    assert both[0].respondents == enough.size
    told = {each.variable: each.asked for each in both[0].counts}
    assert min(told.values()) < enough.size
    for variable, asked in told.items():
        assert asked == (enough.codes[variable] != NOT_SHOWN).sum()


def test_the_order_of_the_folders_changes_nothing(exports: dict[str, Path]) -> None:
    plan = read_plan(PLAN, read_export(exports["leiden-eindevaluatie"]))
    given = [exports["leiden-partners"], exports["leiden-medewerkers"]]
    assert [each.name for each in read_companions(given, plan, {})] == ["medewerkers", "partners"]


def test_a_question_about_advice_that_nobody_was_asked_is_refused(
    exports: dict[str, Path], both: tuple[Companion, Companion]
) -> None:
    residents = read_export(exports["leiden-eindevaluatie"])
    plan = report_plan(read_plan(PLAN, residents))
    plan = replace(plan, companions=(EMPLOYEES, PARTNERS))
    check_follow_up(plan, residents.questionnaire, both, "plan.toml")
    advice = replace(plan.follow_up[0], companions="k99_a", questions=("q26c", "k16", "k98"))
    wrong = replace(plan, follow_up=(advice,))
    with pytest.raises(InputError) as refused:
        check_follow_up(wrong, residents.questionnaire, both, "plan.toml")
    assert [(each.code, each.place) for each in refused.value.problems] == [
        ("WA255", "report.follow_up[0].companions"),
        ("WA255", "report.follow_up[0].questions"),
    ]
    one_asked = replace(wrong, follow_up=(replace(advice, companions=""),))
    check_follow_up(one_asked, residents.questionnaire, both[:1], "plan.toml")
    of_nobody_else = replace(wrong, companions=())
    with pytest.raises(InputError, match=r"questions: WA255: k16 .*[\s\S]*questions: WA255: k98 "):
        check_follow_up(of_nobody_else, residents.questionnaire, (), "plan.toml")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["elsewhere"], "there is no such folder"),
        (["leiden-eindevaluatie"], "which the plan does not name"),
        (["leiden-medewerkers", "leiden-medewerkers"], "hold leiden-medewerkers. Give one"),
    ],
)
def test_folders_that_cannot_stand_beside_the_residents_are_refused(
    exports: dict[str, Path], tmp_path: Path, given: list[str], said: str
) -> None:
    residents = str(exports["leiden-eindevaluatie"])
    folders = [str(exports.get(survey, tmp_path / survey)) for survey in given]
    beside = [part for folder in folders for part in ("--with", folder)]
    arguments = ["report", residents, str(PLAN), str(tmp_path / "out"), *beside]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output
