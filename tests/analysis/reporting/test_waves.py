"""Two waves beside each other: what is compared, and how sure a change is."""

import json
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis.__main__ import Gathered, gathered, main
from analysis.estimation.estimates import Estimate
from analysis.estimation.hypotheses import half_width
from analysis.reporting import report
from analysis.reporting.charts.plots import palette
from analysis.reporting.charts.wave_charts import Slope, apart, slopes
from analysis.reporting.disclosure import Cell, Suppressed
from analysis.reporting.exports.questions import question_of
from analysis.reporting.figures.area_change_figures import area_changes
from analysis.reporting.figures.making import Maker
from analysis.reporting.files import printing
from analysis.reporting.findings import indicators
from analysis.reporting.findings.outcome_values import AreaOutcome, Outcome
from analysis.reporting.findings.waves import Change, Wave, compare_waves
from analysis.reporting.phrases import phrases
from analysis.reporting.plans.language import phrases_of
from analysis.reporting.plans.plan import Indicator
from analysis.sampling.designs import persons
from survey.questionnaires.folder import read_folder
from survey.questionnaires.model import Answered, Area, Question, Questionnaire, Reason, Text
from survey.questionnaires.parsing import parse
from tests.analysis.simulated import write_simulated_export
from tests.analysis.town import DEFINITION

BRINKDORP = Path(__file__).parents[2] / "samples" / "brinkdorp"
PLAN = BRINKDORP / "plan.toml"
STYLES = printing.ASSETS / "report.css"
WORDS = "Waar kwam u in het laatste jaar?"
OTHER_WORDS = "Waar kwam u wel eens?"
EVENTS = """
[[report.events]]
date = "2025-07-01"
text = "De bibliotheek ging dicht."
source = "gemeente Brinkdorp"

[[report.events]]
date = "2023-01-01"
text = "Het zwembad ging open."
source = "gemeente Brinkdorp"
"""


def relevant(indicator: Indicator) -> float:
    return {"proportion": 0.05, "mean": 0.2}[indicator.kind]


COHESION = Indicator(key="cohesion", label="Samenhang", variable="q3", kind="mean", scale="cohesion")
GRADE = Indicator(key="grade", label="Cijfer", variable="q2", kind="mean")
HIDDEN = Suppressed(reason="too_few", respondents=3)
UNMET = Indicator(key="unmet", label="Kreeg geen hulp", variable="q15", kind="proportion", codes=(1,))


@cache
def questionnaire() -> Questionnaire:
    return parse(read_folder(DEFINITION))


def estimate(value: float, error: float = 0.01, freedom: int = 500) -> Estimate:
    reach = float(half_width(error, freedom))
    return Estimate(
        value=value,
        standard_error=error,
        low=value - reach,
        high=value + reach,
        respondents=freedom + 10,
        degrees_of_freedom=freedom,
    )


def outcome(indicator: Indicator, whole: Cell) -> Outcome:
    question = question_of(questionnaire(), indicator.variable)
    return Outcome(
        indicator=indicator,
        question=question,
        whole=whole,
        open=HIDDEN,
        areas=(),
        for_some=False,
    )


def changed(variable: str, change: Callable[[Question], Question]) -> Questionnaire:
    """The questionnaire with one question changed."""
    blocks = tuple(
        replace(
            block,
            questions=tuple(change(each) if each.key == variable else each for each in block.questions),
        )
        for block in questionnaire().blocks
    )
    return replace(questionnaire(), blocks=blocks)


def wave(outcomes: list[Outcome], asked: Questionnaire | None = None, week: str = "2026-W48") -> Wave:
    return Wave(week=week, respondents=500, questionnaire=asked or questionnaire(), outcomes=tuple(outcomes))


def reason(indicator: Indicator, then: Questionnaire, before: Indicator | None = None) -> str | None:
    """Why an indicator is not compared with itself in an earlier questionnaire."""
    found = compare_waves(
        wave([outcome(indicator, estimate(0.3))]),
        wave([outcome(before or indicator, estimate(0.3))], then, "2024-W40"),
        relevant,
    )
    assert found.week == "2024-W40"
    assert len(found.changes) + len(found.left_out) == 1
    return found.left_out[0].reason if found.left_out else None


def only(then: Estimate, now: Estimate, indicator: Indicator = UNMET) -> Change:
    before = wave([outcome(indicator, then)])
    (found,) = compare_waves(wave([outcome(indicator, now)]), before, relevant).changes
    return found


OTHER = Text(key="other", source="Anders gezegd")


@pytest.mark.parametrize(
    ("indicator", "change", "expected"),
    [
        (UNMET, lambda asked: asked, None),
        (UNMET, lambda asked: replace(asked, short=OTHER), None),
        (UNMET, lambda asked: replace(asked, label=OTHER), "wording"),
        (UNMET, lambda asked: replace(asked, hint=OTHER), "wording"),
        (COHESION, lambda asked: replace(asked, items=asked.items[1:]), "wording"),
        (UNMET, lambda asked: replace(asked, options=asked.options[:-1]), "answers"),
        (UNMET, lambda asked: replace(asked, reasons=(Reason(code=-8, label=OTHER),)), "answers"),
        (UNMET, lambda asked: replace(asked, when=Answered(variable="q7", codes=(1,))), "people"),
    ],
)
def test_only_what_was_asked_in_the_same_way_is_compared(
    indicator: Indicator, change: Callable[[Question], Question], expected: str | None
) -> None:
    assert reason(indicator, changed(indicator.variable, change)) == expected


def test_an_indicator_that_is_new_or_counts_other_answers_is_not_compared() -> None:
    assert reason(UNMET, questionnaire(), replace(UNMET, key="another")) == "new"
    assert reason(UNMET, questionnaire(), replace(UNMET, codes=(1, 2))) == "counted"
    assert reason(UNMET, questionnaire(), replace(UNMET, label="Had geen hulp")) is None


def test_what_may_not_be_shown_in_one_wave_is_not_compared() -> None:
    hidden = outcome(UNMET, HIDDEN)
    shown = outcome(UNMET, estimate(0.3))
    for now, then in ((hidden, shown), (shown, hidden), (hidden, hidden)):
        found = compare_waves(wave([now]), wave([then]), relevant)
        assert [each.reason for each in found.left_out] == ["withheld"]
        assert not found.changes


@given(
    st.floats(0.02, 0.9),
    st.floats(0.02, 0.9),
    st.floats(0.001, 0.2),
    st.floats(0.001, 0.2),
    st.integers(1, 1000),
    st.integers(1, 1000),
)
def test_a_change_is_as_uncertain_as_both_waves_together(  # noqa: PLR0917
    value: float, before: float, error: float, other: float, freedom: int, earlier: int
) -> None:
    now, then = estimate(value, error, freedom), estimate(before, other, earlier)
    found, back = only(then, now), only(now, then)
    assert found.difference == pytest.approx(value - before)
    assert (back.low, back.high) == pytest.approx((-found.high, -found.low))
    assert back.adjusted_p == pytest.approx(found.adjusted_p)
    half = (found.high - found.low) / 2
    assert half >= 1.95 * np.hypot(error, other)  # of t, never narrower than of the normal distribution
    surer = only(then, estimate(value, error, freedom + 1000))
    assert (surer.high - surer.low) / 2 <= half * (1 + 1e-9)


def test_a_mark_needs_both_certainty_and_size() -> None:
    assert only(estimate(0.30), estimate(0.36)).mark == "higher"
    assert only(estimate(0.36), estimate(0.30)).mark == "lower"
    assert only(estimate(0.30), estimate(0.34)).mark == "same"
    assert only(estimate(0.30, 0.1), estimate(0.40, 0.1)).mark == "same"


def share(yes: int, answers: int) -> Estimate:
    """Of a sample without weights, with the interval of a report."""
    said = np.repeat([1.0, 0.0], [yes, answers - yes])
    design = persons(np.ones(answers), np.zeros(answers, dtype=np.intp), ["all"])
    return indicators.share(said, design)


@given(st.integers(40, 400), st.integers(40, 400), st.integers(0, 40), st.booleans())
def test_a_share_of_nobody_is_not_certain(before: int, after: int, yes: int, everybody: bool) -> None:
    """Newcombe 1998: the limits of the difference from those of both; no mark unless they leave out zero."""
    then, now = share(before if everybody else 0, before), share(after - yes if everybody else yes, after)
    found = only(then, now)
    down, up = (then.value - then.low, now.high - now.value), (then.high - then.value, now.value - now.low)
    assert found.high - found.difference >= 0.97 * np.hypot(*down)
    assert found.difference - found.low >= 0.97 * np.hypot(*up)
    assert found.high - found.low > min(then.high - then.low, now.high - now.value)
    if found.low < 0 < found.high:
        assert found.adjusted_p >= 0.05
        assert found.mark == "same"


def test_a_few_after_nobody_are_no_change_until_there_are_enough() -> None:
    """Fisher's exact test gives 4 after 0 of 110 a p-value of 0.12, and 7 of 0.014."""
    then = wave([outcome(UNMET, share(0, 110))])
    marks = [
        compare_waves(wave([outcome(UNMET, share(yes, 110))]), then, lambda _: 0.01).changes[0].mark
        for yes in (4, 7)
    ]
    assert marks == ["same", "higher"]


def test_where_nothing_changed_rare_answers_are_seldom_marked() -> None:
    """Of 500 pairs of waves, each of 110 people."""
    generator = np.random.default_rng(5)
    shares = {(yes, 110): share(yes, 110) for yes in range(30)}
    for chance in (0.01, 0.02, 0.05):
        drawn = generator.binomial(110, chance, (500, 2)).tolist()
        found = [only(shares[one, 110], shares[two, 110]) for one, two in drawn]
        assert np.mean([each.adjusted_p < 0.05 for each in found]) < 0.06


def test_p_values_are_adjusted_over_all_that_is_compared() -> None:
    shares = [0.328, 0.31, 0.30, 0.30]
    indicators = [replace(UNMET, key=f"unmet{place}") for place in range(len(shares))]
    now = [outcome(each, estimate(share)) for each, share in zip(indicators, shares, strict=True)]
    then = [outcome(each, estimate(0.30)) for each in indicators]
    together = compare_waves(wave(now), wave(then), relevant).changes
    assert together[0].adjusted_p == pytest.approx(4 * only(estimate(0.30), estimate(0.328)).adjusted_p)


def test_without_degrees_of_freedom_a_change_can_be_anything() -> None:
    found = only(estimate(0.3, freedom=0), estimate(0.9))
    assert (found.low, found.high, found.adjusted_p, found.mark) == (-np.inf, np.inf, 1.0, "same")


# --- areas ----------------------------------------------------------------------------------------


NORTH, SOUTH = Area(code="WK01", name="Noord"), Area(code="WK02", name="Zuid")


def in_areas(indicator: Indicator, cells: dict[Area, Cell]) -> Outcome:
    found = tuple(AreaOutcome(area=area, cell=cell, rest=HIDDEN, mark=None) for area, cell in cells.items())
    return replace(outcome(indicator, estimate(0.3)), areas=found)


def area_changes_of(now: list[Outcome], then: list[Outcome], *keys: str) -> tuple[Change, ...]:
    return compare_waves(wave(now), wave(then), relevant, keys or ("unmet",)).in_areas


def test_an_area_is_compared_as_the_whole_is() -> None:
    then, now = estimate(0.30, 0.03, 60), estimate(0.50, 0.04, 80)
    (found,) = area_changes_of([in_areas(UNMET, {NORTH: now})], [in_areas(UNMET, {NORTH: then})])
    assert found == replace(only(then, now), area=NORTH)
    assert found.mark == "higher"


def test_an_area_that_may_not_be_shown_in_one_wave_is_in_none() -> None:
    shown = in_areas(UNMET, {NORTH: estimate(0.3), SOUTH: estimate(0.4)})
    hidden = in_areas(UNMET, {NORTH: HIDDEN, SOUTH: estimate(0.4)})
    for now, then in ((shown, hidden), (hidden, shown)):
        assert [each.area for each in area_changes_of([now], [then])] == [SOUTH]
    assert not area_changes_of([replace(shown, whole=HIDDEN)], [shown])


def test_an_area_with_another_name_or_code_is_another_area() -> None:
    then = in_areas(UNMET, {NORTH: estimate(0.3)})
    for other in (replace(NORTH, name="Noord en Oost"), replace(NORTH, code="WK09")):
        assert not area_changes_of([in_areas(UNMET, {other: estimate(0.3)})], [then])


def test_areas_are_compared_for_the_asked_indicators_in_the_same_words_alone() -> None:
    both = [in_areas(each, {NORTH: estimate(0.3)}) for each in (UNMET, GRADE)]
    assert [each.indicator for each in area_changes_of(both, both, "unmet")] == [UNMET]
    worded = changed("q15", lambda asked: replace(asked, label=OTHER))
    found = compare_waves(wave(both), wave(both, worded), relevant, ("unmet", "grade"))
    assert [each.indicator for each in found.in_areas] == [GRADE]


def test_p_values_of_areas_are_adjusted_over_all_areas_and_indicators() -> None:
    then = [in_areas(each, {NORTH: estimate(0.3), SOUTH: estimate(0.3)}) for each in (UNMET, GRADE)]
    now = [
        in_areas(UNMET, {NORTH: estimate(0.33), SOUTH: estimate(0.3)}),
        in_areas(GRADE, {NORTH: estimate(0.3), SOUTH: estimate(0.3)}),
    ]
    found = area_changes_of(now, then, "unmet", "grade")
    assert found[0].adjusted_p == pytest.approx(4 * only(estimate(0.3), estimate(0.33)).adjusted_p)


def test_areas_that_did_not_change_are_seldom_marked() -> None:
    """Of 400 towns with ten areas and five indicators in which nothing changed, one in twenty has a mark."""
    generator = np.random.default_rng(4)
    places = [Area(code=f"WK{number}", name=f"Wijk {number}") for number in range(10)]
    asked = [replace(UNMET, key=f"unmet{number}") for number in range(5)]

    def drawn() -> list[Outcome]:
        return [
            in_areas(each, {area: estimate(generator.normal(0.3, 0.06), 0.06, 60) for area in places})
            for each in asked
        ]

    keys = [each.key for each in asked]
    towns = [area_changes_of(drawn(), drawn(), *keys) for _ in range(400)]
    assert np.mean([any(each.mark != "same" for each in town) for town in towns]) < 0.08


@pytest.fixture(scope="module")
def two_waves(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of an invented town: the earlier wave, in which one question had other words, and this one."""
    folder = tmp_path_factory.mktemp("waves")
    now, then = folder / "now", folder / "then"
    write_simulated_export(now, invited=300, respondents=300, definition=BRINKDORP)
    write_simulated_export(then, invited=300, respondents=300, definition=BRINKDORP, seed=8)
    about = json.loads((then / "export.json").read_text())
    (then / "export.json").write_text(json.dumps(about | {"week": "2024-W40"}))
    asked = then / "questionnaire" / "questionnaire.toml"
    text = asked.read_text(encoding="utf-8")
    assert text.count(WORDS) == 1
    asked.write_text(text.replace(WORDS, OTHER_WORDS), encoding="utf-8")
    return now, then


@pytest.fixture(scope="module")
def reported(two_waves: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    now, then = two_waves
    plan = tmp_path_factory.mktemp("plan") / "plan.toml"
    plan.write_text(f"{PLAN.read_text(encoding='utf-8')}\n{EVENTS}", encoding="utf-8")
    return gathered(now, plan, earlier=(then, PLAN))


def test_a_report_tells_what_changed_and_what_cannot_be_compared(reported: Gathered) -> None:
    made = report.reports(reported.outcomes, reported.background, draft=True)
    chapter = next(each for each in made.main.chapters if each.anchor == "verandering")
    assert chapter.title == "Wat veranderde sinds september 2024?"
    changes, left_out = (figure.table for figure in chapter.figures if figure.table is not None)
    assert reported.outcomes.waves is not None
    (change,) = reported.outcomes.waves.changes
    (line,) = changes.lines
    numbers = [cell.text for cell in line.cells]
    phrases = phrases_of(reported.outcomes.plan)
    now = next(each.whole for each in reported.outcomes.indicators if each.indicator.key == "grade")
    assert isinstance(now, Estimate)
    assert numbers[2] == phrases.decimal(now.value)
    assert numbers[4] == phrases.signed(change.now.value - change.then.value, 1)
    assert [line.label[0] for line in left_out.lines] == ["Kwam ergens in het laatste jaar"]
    assert left_out.lines[0].cells[0].text == "toen met andere woorden gevraagd"


def test_the_report_has_a_table_of_areas_with_the_figures_of_both_waves(reported: Gathered) -> None:
    made = report.reports(reported.outcomes, reported.background, draft=True)
    chapter = next(each for each in made.main.chapters if each.anchor == "verandering")
    (section,) = chapter.sections
    (figure,) = section.figures
    found, phrases = reported.outcomes.waves, phrases_of(reported.outcomes.plan)
    assert found is not None
    assert figure.table is not None
    assert len(found.in_areas) == len(figure.table.lines) == 3
    lines = {line.label[0]: [cell.text for cell in line.cells] for line in figure.table.lines}
    (now,) = (each for each in reported.outcomes.indicators if each.indicator.key == "grade")
    for change in found.in_areas:
        assert change.area is not None
        (today,) = (each.cell for each in now.areas if each.area == change.area)
        assert isinstance(today, Estimate)
        said = lines[change.area.name]
        assert said[1] == phrases.whole(change.then.respondents)
        assert said[2:4] == [phrases.decimal(today.value), phrases.whole(today.respondents)]
        assert said[4] == phrases.signed(today.value - change.then.value, 1)
    assert "Wij vergeleken 3 cijfers met die van toen." in section.lead
    assert "Welk cijfer geeft u het wonen in Brinkdorp?" in figure.note


def test_the_title_names_areas_that_changed_and_what_is_withheld_has_no_figure(reported: Gathered) -> None:
    colours = palette(STYLES.read_text(encoding="utf-8"))
    maker = Maker(reported.outcomes, reported.background, colours)
    (now,) = (each for each in reported.outcomes.indicators if each.indicator.key == "grade")
    one, other = (each.area for each in now.areas[:2])
    marked = replace(only(estimate(6.0, 0.1, 60), estimate(7.0, 0.1, 60), GRADE), area=one)
    steady = replace(only(estimate(6.0, 0.2, 20), estimate(6.1, 0.2, 60), GRADE), area=other)
    steady = replace(steady, then=replace(steady.then, indicative=True))
    figure = area_changes(maker, now, [steady, marked], ("mei 2024", "mei 2026"), "bewoners")
    assert figure.title.endswith(f": hoger dan toen in {one.name}")
    assert figure.table is not None
    first, second, third = figure.table.lines
    assert [line.label[0] for line in (first, second)] == [one.name, other.name]
    assert [first.cells[-1].text, second.cells[-1].text] == ["▲ hoger", "= gelijk (indicatief)"]
    assert {cell.text for cell in third.cells} == {"–"}
    assert "niet te vergelijken" in str(figure.svg)
    assert "Een streepje: in een van beide metingen te weinig antwoorden of beschermd" in figure.note
    assert "Indicatief: in een van beide metingen minder dan 50 antwoorden" in figure.note


def test_what_happened_between_the_waves_stands_beside_what_changed(reported: Gathered) -> None:
    made = report.reports(reported.outcomes, reported.background, draft=True)
    chapter = next(each for each in made.main.chapters if each.anchor == "verandering")
    said = " ".join(chapter.paragraphs)
    assert "op 1 juli 2025: de bibliotheek ging dicht (bron: gemeente Brinkdorp)" in said
    assert "zwembad" not in said, "that was before the earlier wave"


def test_a_wave_that_is_not_earlier_is_refused(two_waves: tuple[Path, Path], tmp_path: Path) -> None:
    now, then = two_waves
    result = CliRunner().invoke(
        main, ["report", str(then), str(PLAN), str(tmp_path / "out"), "--earlier", str(now), str(PLAN)]
    )
    assert result.exit_code == 2
    assert "not before that of the report, 2024-W40" in result.output


def test_a_chart_of_waves_says_all_its_figures_and_keeps_labels_apart() -> None:
    rows = [
        Slope(label="Kent het huis", then=40, now=47, marked=True),
        Slope(label="Was er <ooit>", then=40, now=46.6, marked=False),
        Slope(label="Deed mee", then=12, now=46.8, marked=False),
    ]
    colours = palette(STYLES.read_text(encoding="utf-8"))
    svg = slopes(phrases()["nl"], colours, rows, ("mei 2024", "mei 2026"), title="Meer")
    assert "Kent het huis: 40 procent in mei 2024, 47 procent in mei 2026." in svg
    assert "<ooit>" not in svg
    places = sorted(float(y) for y in re.findall(r'y="([\d.]+)"[^>]*text-anchor="start"', svg))
    assert len(places) == len(rows)
    assert min(np.diff(places)) > 11


@given(st.lists(st.floats(0, 200), max_size=12))
def test_labels_are_never_closer_than_a_line(places: list[float]) -> None:
    found = apart(sorted(places), 200)
    assert all(later - earlier >= 11.5 - 1e-9 for earlier, later in pairwise(found))
    assert max(found, default=0) <= 200
