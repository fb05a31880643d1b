"""Groups that are hard to reach, and what goes with a grade: figures of the engine, and few stay hidden."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.stats import false_discovery_control

import analysis
from analysis.__main__ import read_export, read_plan, weigh_invited
from analysis.reporting.disclosure import MINIMUM_BASE, SMALLEST_CELL, Suppressed
from analysis.reporting.exports.dataset import Dataset, InputError
from analysis.reporting.findings import indicators
from analysis.reporting.findings.associations import associations
from analysis.reporting.findings.divisions import hidden_figures
from analysis.reporting.findings.hard_to_reach import IN, SIDES, UNKNOWN, group_outcomes, places_of
from analysis.reporting.plans.plan import AnalysisPlan, GroupPlan, Indicator
from analysis.reporting.plans.plan import parse as parse_plan
from analysis.reporting.weighting.weights import Weighting
from tests.analysis.simulated import write_simulated_export

PLAN = Path(__file__).parents[3] / "analysis/plans/leiden-eindevaluatie.toml"


def relevant(indicator: Indicator) -> float:
    return {"proportion": 0.05, "mean": 0.3}[indicator.kind]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, AnalysisPlan]:
    folder = tmp_path_factory.mktemp("groups") / "export"
    write_simulated_export(folder, invited=300, respondents=1600)
    dataset = read_export(folder)
    return dataset, read_plan(PLAN, dataset)


@pytest.fixture(scope="module")
def weighed(read: tuple[Dataset, AnalysisPlan]) -> tuple[Dataset, Weighting]:
    return weigh_invited(*read)


def measured(sample: Dataset, chosen: Sequence[Indicator]) -> dict[Indicator, np.ndarray]:
    return {each: indicators.values(sample, each) for each in chosen}


def test_a_group_has_the_figures_of_the_engine(
    read: tuple[Dataset, AnalysisPlan], weighed: tuple[Dataset, Weighting]
) -> None:
    sample, weighting = weighed
    group = GroupPlan(name="jong", variable="q35", codes=(3,))
    (indicator,) = (each for each in read[1].indicators if each.key == "knows_house")
    (found,) = group_outcomes(sample, weighting.design, [group], measured(sample, [indicator]), relevant)
    values = indicators.values(sample, indicator)
    inside = sample.codes["q35"] == 3
    wanted = analysis.mean(values, weighting.design, domain=inside)
    cell = found.cells["knows_house"]
    assert not isinstance(cell, Suppressed)
    assert cell.value == pytest.approx(float(wanted.values[0]))
    assert cell.respondents == int((inside & ~np.isnan(values)).sum())
    share = np.average(
        values[inside & ~np.isnan(values)], weights=weighting.weights[inside & ~np.isnan(values)]
    )
    assert cell.value == pytest.approx(share)


def test_a_group_of_a_few_people_has_no_figure_and_no_mark(
    read: tuple[Dataset, AnalysisPlan], weighed: tuple[Dataset, Weighting]
) -> None:
    sample, weighting = weighed
    few = GroupPlan(name="weinig", variable="q40", codes=(7, 8))
    members = int(np.isin(sample.codes["q40"], few.codes).sum())
    assert 0 < members < MINIMUM_BASE
    chosen = [each for each in read[1].indicators if each.key in {"knows_house", "overall_grade"}]
    (found,) = group_outcomes(sample, weighting.design, [few], measured(sample, chosen), relevant)
    assert all(isinstance(cell, Suppressed) for cell in found.cells.values())
    assert set(found.marks.values()) == {None}


def test_a_few_who_did_not_say_hide_no_large_group(
    read: tuple[Dataset, AnalysisPlan], weighed: tuple[Dataset, Weighting]
) -> None:
    sample, weighting = weighed
    families = next(each for each in read[1].report.groups if each.variable == "q37")
    chosen = [each for each in read[1].indicators if each.key in read[1].report.headline]
    unsaid = places_of(sample, families) == SIDES.index(UNKNOWN)
    few = [int(np.nansum(indicators.values(sample, each)[unsaid] == 1)) for each in chosen]
    assert any(0 < hits < SMALLEST_CELL for hits in few)
    (found,) = group_outcomes(sample, weighting.design, [families], measured(sample, chosen), relevant)
    assert not any(isinstance(cell, Suppressed) for cell in found.cells.values())
    assert None not in found.marks.values()


def test_a_group_about_which_nothing_was_asked_is_only_words(
    read: tuple[Dataset, AnalysisPlan], weighed: tuple[Dataset, Weighting]
) -> None:
    unknown = GroupPlan(name="onbekend", gap="Daar is niet naar gevraagd.")
    sample, weighting = weighed
    asked = measured(sample, read[1].indicators[:2])
    (found,) = group_outcomes(sample, weighting.design, [unknown], asked, relevant)
    assert found.question is None
    assert found.cells == {}


def test_a_group_is_marked_when_its_difference_is_no_chance_among_all_groups_and_large_enough(
    read: tuple[Dataset, AnalysisPlan], weighed: tuple[Dataset, Weighting]
) -> None:
    sample, weighting = weighed
    groups = [each for each in read[1].report.groups if each.variable]
    chosen = [each for each in read[1].indicators if each.key in {"reach", "neighbourhood_grade", "asked"}]
    found = group_outcomes(sample, weighting.design, groups, measured(sample, chosen), relevant)
    told = set()
    for indicator, values in measured(sample, chosen).items():
        sides = [np.array(["in", "rest", ""])[places_of(sample, group)] for group in groups]
        gaps = [
            analysis.differences(np.where(side == "", np.nan, values), weighting.design, side, levels=["in"])
            for side in sides
        ]
        p_values = false_discovery_control([gap.p_values[0] for gap in gaps])
        for group, gap, p in zip(found, gaps, p_values, strict=True):
            value = gap.differences[0].value
            differs = p < 0.05 and abs(value) >= relevant(indicator)
            wanted = ("higher" if value > 0 else "lower") if differs else "same"
            assert group.marks[indicator.key] == wanted
            told.add(wanted)
    assert told == {"higher", "lower", "same"}


def test_a_score_up_to_100_is_marked_from_ten_times_what_a_grade_is(
    read: tuple[Dataset, AnalysisPlan], weighed: tuple[Dataset, Weighting]
) -> None:
    plan = read[1]
    smallest = {each.key: plan.relevant(each) for each in plan.indicators}
    assert (smallest["wellbeing"], smallest["overall_grade"], smallest["reach"]) == (3.0, 0.3, 0.05)
    sample, weighting = weighed
    (wellbeing,) = (each for each in plan.indicators if each.key == "wellbeing")
    old = GroupPlan(name="oud", variable="q35", codes=(6, 7))
    inside = np.isin(sample.codes["q35"], old.codes)
    marks = []
    for more in (2.0, 4.0):
        scores = {wellbeing: np.where(inside, 50 + more, 50) + np.arange(sample.size) % 3}
        (found,) = group_outcomes(sample, weighting.design, [old], scores, plan.relevant)
        marks.append(found.marks["wellbeing"])
    assert marks == ["same", "higher"]


def test_health_is_told_neither_by_origin_nor_by_illness(
    read: tuple[Dataset, AnalysisPlan], weighed: tuple[Dataset, Weighting]
) -> None:
    sample, weighting = weighed
    found = group_outcomes(
        sample, weighting.design, read[1].report.groups, measured(sample, read[1].indicators), relevant
    )
    health = {"good_health", "wellbeing", "low_wellbeing", "lonely", "strongly_lonely"}
    for group in found:
        if group.plan.variable in {"q39a", "q42b"}:
            assert not health & {*group.cells, *group.marks}
            assert {"reach", "unmet_need"} <= set(group.cells)
        elif group.plan.variable:
            assert health <= set(group.cells)


def answered(sample: Dataset, indicator: Indicator, hits: np.ndarray) -> Dataset:
    """As if everybody had answered this, and only those of `hits` what the indicator counts."""
    (code,) = indicator.codes
    codes = {**sample.codes, indicator.variable: np.where(hits, code, code + 1)}
    return replace(sample, codes=codes)


def test_who_is_in_neither_of_two_groups_does_not_follow_from_both_and_everybody(
    read: tuple[Dataset, AnalysisPlan], weighed: tuple[Dataset, Weighting]
) -> None:
    sample, plan = weighed[0], read[1]
    (volunteers,) = (each for each in plan.indicators if each.key == "volunteers")
    young, old = (np.isin(sample.codes["q35"], codes) for codes in ([3], [6, 7]))
    between = np.flatnonzero(~young & ~old)
    odd = np.arange(sample.size) % 2 == 0
    few = np.isin(np.arange(sample.size), between[:2])
    assert min(young.sum(), old.sum(), len(between)) > 2 * MINIMUM_BASE
    keys = {f"group q35 = {codes}" for codes in ("3", "6, 7")}

    def told(hits: np.ndarray) -> set[str]:
        hidden = hidden_figures(answered(sample, volunteers, hits), plan)
        of_groups = {division for key, division, _ in hidden.cells if key == "volunteers"} & keys
        return of_groups | ({"everybody"} if "volunteers" in hidden.wholes else set())

    assert told((odd & (young | old)) | few)
    assert not told(odd)


def test_an_answer_that_only_the_ill_gave_is_not_told_of_them(
    read: tuple[Dataset, AnalysisPlan], weighed: tuple[Dataset, Weighting]
) -> None:
    sample, weighting = weighed
    (ill,) = (each for each in read[1].report.groups if each.variable == "q42b")
    (unmet,) = (each for each in read[1].indicators if each.key == "unmet_need")
    inside = places_of(sample, ill) == SIDES.index(IN)
    odd = np.arange(sample.size) % 2 == 0
    cells = [
        found.cells["unmet_need"]
        for hits in (odd & inside, odd)
        for found in group_outcomes(
            sample, weighting.design, [ill], measured(answered(sample, unmet, hits), [unmet]), relevant
        )
    ]
    assert [isinstance(cell, Suppressed) for cell in cells] == [True, False]


def test_what_goes_with_a_grade_is_told_in_words(
    read: tuple[Dataset, AnalysisPlan], weighed: tuple[Dataset, Weighting]
) -> None:
    sample, weighting = weighed
    found = associations(sample, read[1], weighting.design, ())
    assert found is not None
    assert found.withheld is None
    by_label = {each.label: each for each in found.found}
    assert {
        "Kent het Huis van de Buurt, minstens van naam",
        "Geslacht: vrouw",
        "Leeftijd: 65 jaar en ouder",
    } <= set(by_label)
    assert by_label["Geslacht: vrouw"].against == "man"
    assert by_label["Leeftijd: 65 jaar en ouder"].against == "18 tot en met 24 jaar"
    assert not any("geen antwoord" in label for label in by_label)
    for each in found.found:
        apart = each.low > 0 or each.high < 0
        assert each.low < each.value < each.high
        assert each.mark == "same" or (apart and (each.mark == "higher") == (each.value > 0))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('regression = "grade"', 'regression = "none"'), "none is no regression of the plan with a mean"),
        (('"overall_grade ~ knows_house', '"reach ~ knows_house'), "grade is no regression of the plan"),
        (('gap = "Daar is niet', 'codes = [1]\ngap = "Daar is niet'), "A group is a variable with codes"),
        (
            ("codes = [6, 7]\n", 'codes = [6, 7]\ngap = "?"\n'),
            "only the chapter on hard-to-reach groups prints",
        ),
        (('variable = "q35"\ncodes = [3]\ngap', 'variable = "q35"\ncodes = [33]\ngap'), "q35 has no code 33"),
    ],
)
def test_mistakes_in_these_parts_of_a_plan_are_named(
    read: tuple[Dataset, AnalysisPlan], change: tuple[str, str], said: str
) -> None:
    text = PLAN.read_text(encoding="utf-8")
    assert change[0] in text
    dataset = read[0]
    with pytest.raises(InputError) as refused:
        parse_plan(text.replace(*change).encode(), dataset.questionnaire, dataset.population)
    assert said in str(refused.value)
