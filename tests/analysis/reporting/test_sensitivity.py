"""The indicators under other weightings: the engine's numbers, paired, and nothing that tells on people."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from analysis.__main__ import read_export, read_plan
from analysis.estimation.estimates import Estimate
from analysis.reporting import listings
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.figures import model_figures
from analysis.reporting.findings import indicators, sensitivity
from analysis.reporting.findings.sensitivity import Choice, IndicatorVariants, choices, compare
from analysis.reporting.phrases import phrases
from analysis.reporting.plans.plan import AnalysisPlan
from analysis.reporting.plans.weighting_plan import Rake, Trim
from analysis.reporting.weighting.weights import weigh
from analysis.sampling.designs import Floats
from analysis.weighting.calibration import EmptyCell
from tests.analysis.simulated import write_simulated_export

PLAN = Path(__file__).parents[3] / "analysis/plans/leiden-eindevaluatie.toml"
KEYS = ("knows_house", "unmet_need", "overall_grade")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("varied") / "export"
    write_simulated_export(folder, invited=300, respondents=620)
    return read_export(folder)


@pytest.fixture(scope="module")
def plan(dataset: Dataset) -> AnalysisPlan:
    decided = read_plan(PLAN, dataset)
    kept = tuple(each for each in decided.indicators if each.key in KEYS)
    return msgspec.structs.replace(decided, indicators=kept)


@pytest.fixture(scope="module")
def found(dataset: Dataset, plan: AnalysisPlan) -> tuple[IndicatorVariants, ...]:
    planned = choices(plan, "planned")
    return compare(dataset, plan, [*planned, msgspec.structs.replace(planned[0], name="the same")])


def value(cell: Estimate | Suppressed) -> float:
    assert isinstance(cell, Estimate)
    return cell.value


def test_every_estimate_is_the_one_that_a_report_under_that_plan_gives(
    dataset: Dataset, plan: AnalysisPlan, found: tuple[IndicatorVariants, ...]
) -> None:
    for each in found:
        for choice, variant in zip(choices(plan, "planned"), each.variants, strict=False):
            rows = dataset.usable("invited", choice.weighting.dispositions)
            if not choice.open:
                sample = dataset.take(rows)
                answers = indicators.values(sample, each.indicator)
                design = weigh(sample, choice.weighting).design
                alone = indicators.estimate(each.indicator.kind, answers, design)
                assert variant.name == choice.name
                assert variant.cell == alone


def test_the_same_weighting_again_differs_by_exactly_nothing(found: tuple[IndicatorVariants, ...]) -> None:
    for each in found:
        for variant in (each.variants[0], each.variants[-1]):
            assert variant.difference is not None
            assert (variant.difference.value, variant.difference.standard_error) == (0, 0)
            assert not variant.matters


def test_choices_that_come_to_the_same_weights_are_said_to(found: tuple[IndicatorVariants, ...]) -> None:
    same = tuple(
        msgspec.structs.replace(each, variants=(each.variants[0], each.variants[-1])) for each in found
    )
    dutch = phrases()["nl"]
    title = model_figures._variants_title(dutch, same)
    assert title.startswith("Bij elke keuze zijn de uitkomsten precies gelijk")
    assert "precies gelijk" not in model_figures._variants_title(dutch, found)
    assert listings.variants(same).count("exactly the same weights") == len(KEYS)


def test_trimming_gives_no_share_to_who_is_not_in_the_choice(dataset: Dataset, plan: AnalysisPlan) -> None:
    """To `trim` a row of weight 0 is one of the others, so who is outside a choice may not be a row."""
    steps = (Rake(trim=False), Trim(strict=True))
    tight = msgspec.structs.replace(plan.weighting, steps=steps, smallest=0.5, largest=1.6)
    among = choices(msgspec.structs.replace(plan, weighting=tight), "planned")
    everybody = sensitivity._with_areas(dataset)
    drawn = everybody.take(np.logical_or.reduce([sensitivity.people_of(everybody, each) for each in among]))
    sent = everybody.take(everybody.texts["channel"] == "invited")
    weighed = [sensitivity._weighed(drawn, each, plan.design, sent) for each in among]
    designs = sensitivity._designs(drawn, weighed, plan.weighting)
    assert any(not each.rows.all() for each in weighed)
    for each in weighed:
        own = designs[each.name].weights
        assert (own[~each.rows] == 0).all()
        assert (own[each.rows] > 0).all()
        assert own.sum() == pytest.approx(each.weighting.steps[0].account.design.weights.sum())
    assert sum(each.weighting.trimmed for each in weighed) > 0


def test_a_difference_is_that_of_the_two_estimates_and_far_surer_than_they_are(
    found: tuple[IndicatorVariants, ...],
) -> None:
    for each in found:
        first = each.variants[0].cell
        assert isinstance(first, Estimate)
        for variant in each.variants[1:-1]:
            assert variant.difference is not None
            assert variant.difference.value == pytest.approx(value(variant.cell) - first.value, abs=1e-8)
            assert variant.difference.standard_error < first.standard_error


def test_with_other_people_the_paired_error_is_that_of_drawing_them_again(
    dataset: Dataset, plan: AnalysisPlan
) -> None:
    """Everybody in a stratum is drawn anew and weighted anew under both choices: a bootstrap by hand."""
    among = [
        each for each in choices(plan, "planned") if each.name in {"planned", "Alleen volledig ingevuld"}
    ]
    indicator = next(each for each in plan.indicators if each.key == "overall_grade")
    only = msgspec.structs.replace(plan, indicators=(indicator,))
    ((first, second),) = (each.variants for each in compare(dataset, only, among))
    assert isinstance(first.cell, Estimate)
    assert isinstance(second.cell, Estimate)
    assert second.cell.respondents < first.cell.respondents
    random = np.random.default_rng(5)
    sample = dataset.take(dataset.usable("invited", ("complete", "partial")))
    differences = []
    for _ in range(40):
        again = drawn_again(sample, random)
        try:
            differences.append(apart(again, indicator.key, among, plan))
        except EmptyCell:
            continue
    assert len(differences) > 35
    assert second.difference is not None
    assert second.difference.standard_error == pytest.approx(np.std(differences), rel=0.35)


def drawn_again(sample: Dataset, random: np.random.Generator) -> Dataset:
    areas = sample.texts["sampled_area"]
    rows = np.concatenate(
        [
            random.choice(here, len(here))
            for here in (np.flatnonzero(areas == area) for area in np.unique(areas))
        ]
    )
    return msgspec.structs.replace(
        sample,
        codes={name: column[rows] for name, column in sample.codes.items()},
        texts={name: column[rows] for name, column in sample.texts.items()},
    )


def apart(sample: Dataset, key: str, among: list[Choice], plan: AnalysisPlan) -> float:
    indicator = next(each for each in plan.indicators if each.key == key)
    means: list[float] = []
    for choice in among:
        part = sample.take(sample.usable("invited", choice.weighting.dispositions))
        answers: Floats = indicators.values(part, indicator)
        means.append(indicators.estimate(indicator.kind, answers, weigh(part, choice.weighting).design).value)
    return means[1] - means[0]


def test_open_answers_are_in_the_variant_that_asks_for_them_and_in_no_other(
    dataset: Dataset, found: tuple[IndicatorVariants, ...]
) -> None:
    came = int(dataset.usable("open", ("complete", "partial")).sum())
    for each in found:
        counts = {variant.name: variant.cell.respondents or 0 for variant in each.variants}
        assert 0 < counts["Met open deelname"] - counts["planned"] <= came
        assert counts["Zonder weging op gezin"] == counts["planned"]


def test_the_effective_number_is_of_those_who_answered(found: tuple[IndicatorVariants, ...]) -> None:
    for each in found:
        for variant in each.variants:
            assert variant.effective_number is not None
            assert variant.effective_number < (variant.cell.respondents or 0)


def test_a_variant_with_a_few_people_more_is_not_shown(dataset: Dataset, plan: AnalysisPlan) -> None:
    """Three people fewer: the two outcomes together would tell what these three answered."""
    texts = dict(dataset.texts)
    invited = np.flatnonzero(texts["channel"] == "invited")
    dispositions = np.full(dataset.size, "complete", dtype="<U9")
    dispositions[invited[[5, 105, 205]]] = "partial"
    texts["disposition"] = dispositions
    nearly = msgspec.structs.replace(dataset, texts=texts)
    for each in compare(nearly, plan, choices(plan, "planned")):
        by_name = {variant.name: variant for variant in each.variants}
        answered = indicators.values(nearly.take(dispositions == "partial"), each.indicator)
        hidden = by_name["Alleen volledig ingevuld"]
        assert isinstance(hidden.cell, Suppressed) == bool((~np.isnan(answered)).any())
        assert (hidden.difference is None) == isinstance(hidden.cell, Suppressed)
        assert isinstance(by_name["Zonder afkappen"].cell, Estimate)


def test_a_choice_that_cannot_be_weighted_is_named(dataset: Dataset, plan: AnalysisPlan) -> None:
    impossible = msgspec.structs.replace(plan.weighting, dispositions=("break_off",))
    with pytest.raises(EmptyCell, match=r"^only stopped: No invited resident"):
        compare(dataset, plan, [*choices(plan, "planned"), Choice(name="only stopped", weighting=impossible)])


@pytest.mark.parametrize(
    ("moved", "title"),
    [
        (
            {"knows_house": (0.01, False, False)},
            "Bij geen uitkomst is aangetoond dat een andere keuze het cijfer verandert",
        ),
        (
            {"knows_house": (0.032, True, False), "unmet_need": (-0.011, True, False)},
            (
                "Bij twee uitkomsten verandert een andere keuze het cijfer een beetje: "
                "hoogstens 3,2 procentpunten (‘Met open deelname’)"
            ),
        ),
        (
            {
                "knows_house": (0.032, True, False),
                "unmet_need": (-0.071, True, True),
                "overall_grade": (0.12, True, False),
            },
            (
                "Bij één uitkomst maakt een andere keuze een verschil dat ertoe doet: hoogstens "
                "7,1 procentpunten (‘Met open deelname’)"
            ),
        ),
        (
            {"unmet_need": (-0.071, True, True), "overall_grade": (0.42, True, True)},
            (
                "Bij twee uitkomsten maakt een andere keuze een verschil dat ertoe doet: hoogstens "
                "7,1 procentpunten (‘Met open deelname’) en 0,42 van een cijfer (‘Met open deelname’)"
            ),
        ),
    ],
)
def test_the_title_claims_no_more_than_the_differences(
    found: tuple[IndicatorVariants, ...], moved: dict[str, tuple[float, bool, bool]], title: str
) -> None:
    made = [with_open(each, *moved.get(each.indicator.key, (0.0, False, False))) for each in found]
    assert model_figures._variants_title(phrases()["nl"], made) == title


def with_open(each: IndicatorVariants, value: float, matters: bool, relevant: bool) -> IndicatorVariants:
    """Nothing that moves the figure, but for the people of the open link."""
    still = [msgspec.structs.replace(one, matters=False, relevant=False) for one in each.variants]
    place = [one.name for one in still].index("Met open deelname")
    apart = still[place].difference
    assert apart is not None
    still[place] = msgspec.structs.replace(
        still[place],
        difference=msgspec.structs.replace(apart, value=value),
        matters=matters,
        relevant=relevant,
    )
    return msgspec.structs.replace(each, variants=tuple(still))
