"""Estimates that lean on a model: those of the engine, on what may be used, and beside the sample's own."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from analysis.__main__ import read_export, read_plan, weigh_invited
from analysis.estimation.estimates import Estimate
from analysis.modelling.multilevel import poststratified
from analysis.modelling.small_areas import fay_herriot
from analysis.reporting.disclosure import MINIMUM_BASE, Cell, Suppressed
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.findings import indicators
from analysis.reporting.findings.divisions import hidden_figures
from analysis.reporting.findings.open_answers import open_estimate, open_model
from analysis.reporting.findings.outcomes import gather
from analysis.reporting.findings.published import NORMAL, modelled
from analysis.reporting.findings.small_areas import area_models
from analysis.reporting.plans.plan import AnalysisPlan, Indicator
from analysis.reporting.plans.weighting_plan import AREA
from survey.questionnaires.model import NOT_SHOWN, Area
from tests.analysis.simulated import write_simulated_export

PLAN = Path(__file__).parents[3] / "analysis/plans/leiden-eindevaluatie.toml"
AGES = {"18-24": (3,), "25-44": (4,), "45-64": (5,), "65+": (6, 7)}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("models") / "export"
    write_simulated_export(folder, invited=300, respondents=900)
    return read_export(folder)


@pytest.fixture(scope="module")
def plan(dataset: Dataset) -> AnalysisPlan:
    return read_plan(PLAN, dataset)


@pytest.fixture(scope="module")
def others(dataset: Dataset) -> Dataset:
    return dataset.take(dataset.usable("open", ("complete", "partial")))


def named(plan: AnalysisPlan, key: str) -> Indicator:
    return next(each for each in plan.indicators if each.key == key)


def test_the_weights_of_the_open_link_meet_the_margins_of_the_municipality(
    others: Dataset, plan: AnalysisPlan
) -> None:
    """The share of people with a margin's own answer must be that of the population."""
    model = open_model(others, plan)
    assert model is not None
    assert model.margins == ("area_age", "sex", "children")
    women = {row.category: row.count for row in others.population if row.margin == "sex"}
    is_woman = np.where(others.codes["q36"] < 0, np.nan, (others.codes["q36"] == 2).astype(float))
    found = open_estimate(model, is_woman, named(plan, "reach"))
    assert found is not None
    assert found.value == pytest.approx(women["vrouw"] / sum(women.values()), abs=1e-6)
    assert found.standard_error < 1e-6


def test_an_estimate_from_the_open_link_is_the_same_in_every_report(
    others: Dataset, plan: AnalysisPlan
) -> None:
    model = open_model(others, plan)
    assert model is not None
    indicator = named(plan, "knows_house")
    values = indicators.values(others, indicator)
    found = open_estimate(model, values, indicator)
    assert found == open_estimate(model, values, indicator)
    assert found is not None
    assert 0 < found.low < found.value < found.high < 1
    assert MINIMUM_BASE <= found.respondents <= others.size


def test_too_few_people_of_the_open_link_give_no_model(others: Dataset, plan: AnalysisPlan) -> None:
    few = others.take(np.arange(others.size) < MINIMUM_BASE - 1)
    assert open_model(few, plan) is None
    model = open_model(others, plan)
    assert model is not None
    silent = np.full(others.size, np.nan)
    silent[:20] = 1.0
    assert open_estimate(model, silent, named(plan, "reach")) is None


def test_a_plan_without_the_part_has_no_model(others: Dataset, plan: AnalysisPlan) -> None:
    assert open_model(others, msgspec.structs.replace(plan, open=None)) is None


def cells_of(sample: Dataset, plan: AnalysisPlan, indicator: Indicator) -> dict[str, Cell]:
    design = weigh_invited(sample, plan)[1].design
    values = indicators.values(sample, indicator)
    areas = [area.code for area in sample.questionnaire.municipality.areas]
    return {
        area: indicators.estimate(indicator.kind, values, design, sample.texts["area"] == area)
        for area in areas
    }


@pytest.fixture(scope="module")
def sample(dataset: Dataset, plan: AnalysisPlan) -> Dataset:
    return weigh_invited(dataset, plan)[0]


def test_a_mean_of_an_area_is_that_of_fay_herriot_on_the_areas_that_are_shown(
    sample: Dataset, plan: AnalysisPlan
) -> None:
    indicator = named(plan, "neighbourhood_grade")
    cells = cells_of(sample, plan, indicator)
    cells["WK054603"] = Suppressed(reason="too_few")
    found = area_models(sample, plan, indicator, indicators.values(sample, indicator), cells)
    shown = {area: cell for area, cell in cells.items() if isinstance(cell, Estimate)}
    engine = fay_herriot(
        [cell.value for cell in shown.values()],
        [cell.standard_error**2 for cell in shown.values()],
        np.ones((9, 1)),
        areas=list(shown),
    )
    for each in engine.areas:
        between = found[each.area].fay_herriot
        assert between is not None
        assert (between.value, between.standard_error) == (each.modelled, each.error)
        assert between.high == pytest.approx(each.modelled + NORMAL * each.error)
        assert between.respondents == shown[each.area].respondents
    assert found["WK054603"].fay_herriot is None
    assert all(models.multilevel is None for models in found.values())


def test_a_share_of_an_area_is_that_of_the_multilevel_model_over_its_people(
    sample: Dataset, plan: AnalysisPlan
) -> None:
    indicator = named(plan, "knows_house")
    values = indicators.values(sample, indicator)
    found = area_models(sample, plan, indicator, values, cells_of(sample, plan, indicator))
    age = np.full(sample.size, "", dtype="<U5")
    for category, codes in AGES.items():
        age[np.isin(sample.codes["q35"], codes)] = category
    used = (age != "") & ~np.isnan(values)
    data = {"y": values[used], "area": sample.texts["area"][used], "age": age[used]}
    rows = [row for row in sample.population if row.margin == "area_age"]
    cells = {
        "area": [row.area for row in rows],
        "age": [row.category for row in rows],
        "people": [row.count for row in rows],
    }
    engine = poststratified("y ~ (1 | area) + (1 | age)", data, cells, by="area", count="people")
    for each in engine.areas:
        predicted = found[each.area].multilevel
        assert predicted is not None
        assert predicted.value == pytest.approx(each.modelled, abs=1e-6)
        assert predicted.respondents == each.respondents


def test_the_answers_of_an_area_that_is_not_shown_have_no_part_in_any_estimate(
    sample: Dataset, plan: AnalysisPlan
) -> None:
    indicator = named(plan, "knows_house")
    cells = cells_of(sample, plan, indicator)
    cells["WK054602"] = Suppressed(reason="protected")
    values = indicators.values(sample, indicator)
    turned = np.where(sample.texts["area"] == "WK054602", 1 - values, values)
    found = area_models(sample, plan, indicator, values, cells)
    assert found == area_models(sample, plan, indicator, turned, cells)
    hidden = found["WK054602"]
    assert hidden.fay_herriot is None
    assert hidden.multilevel is not None
    assert hidden.multilevel.respondents == 0


def test_an_indicator_that_the_plan_does_not_name_has_none(sample: Dataset, plan: AnalysisPlan) -> None:
    indicator = named(plan, "volunteers")
    cells = cells_of(sample, plan, indicator)
    assert area_models(sample, plan, indicator, indicators.values(sample, indicator), cells) == {}


def test_answers_that_carry_no_model_give_none(sample: Dataset, plan: AnalysisPlan) -> None:
    indicator = named(plan, "knows_house")
    cells = cells_of(sample, plan, indicator)
    everybody = np.ones(sample.size)
    two = {
        area: cell if place < 2 else Suppressed(reason="too_few")
        for place, (area, cell) in enumerate(cells.items())
    }
    found = area_models(sample, plan, indicator, everybody, two)
    assert all(models.fay_herriot is None and models.multilevel is None for models in found.values())


def test_the_interval_of_a_share_stays_between_none_and_all() -> None:
    assert 0 < modelled(0.02, 0.02, 40, "proportion").low < 0.02
    assert modelled(0.02, 0.02, 40, "mean").low < 0


def test_an_area_that_is_hidden_because_of_other_figures_has_no_part_in_a_model(
    dataset: Dataset, plan: AnalysisPlan
) -> None:
    """Two know the house there and never were in it: one of the two shares goes, and with it its estimate."""
    sample, weighting = weigh_invited(dataset, plan)
    (place, *_) = np.argsort([-(sample.texts["area"] == area.code).sum() for area in areas_in(sample)])
    here = np.flatnonzero(sample.texts["area"] == areas_in(sample)[place].code)
    answers = sample.codes["q4_d"].copy()
    answers[here[answers[here] == 2]] = 3
    answers[here[:2]] = 2
    changed = msgspec.structs.replace(sample, codes=sample.codes | {"q4_d": answers})
    shares = [named(plan, "knows_house"), named(plan, "visited_house")]
    modelled_too = msgspec.structs.replace(
        plan,
        small_areas=msgspec.structs.replace(plan.small_areas, indicators=("knows_house", "visited_house")),
        indicators=tuple(shares),
        report=None,
        sensitivity=(),
        tests=(),
    )
    hidden = {(key, area) for key, _, area in hidden_figures(changed, modelled_too).cells}
    assert hidden
    nobody = changed.take(np.full(changed.size, False))
    found = gather(changed, changed, nobody, modelled_too, weighting)
    for outcome in found.indicators:
        for each in outcome.areas:
            estimate = None if each.models is None else each.models.fay_herriot
            shown = isinstance(each.cell, Estimate)
            assert (estimate is not None) == shown
            assert not ((outcome.indicator.key, each.area.code) in hidden and shown)


def test_an_area_where_all_gave_one_answer_has_no_estimate_between(
    sample: Dataset, plan: AnalysisPlan
) -> None:
    """Its standard error of 0 would make it certain; the other areas have theirs without it."""
    indicator = named(plan, "neighbourhood_grade")
    cells = cells_of(sample, plan, indicator)
    same = cells["WK054603"]
    assert isinstance(same, Estimate)
    cells["WK054603"] = msgspec.structs.replace(same, value=8.0, standard_error=0.0, low=8.0, high=8.0)
    values = indicators.values(sample, indicator)
    found = area_models(sample, plan, indicator, values, cells)
    assert found["WK054603"].fay_herriot is None
    without = area_models(sample, plan, indicator, values, cells | {"WK054603": Suppressed(reason="too_few")})
    assert found == without
    assert sum(each.fay_herriot is not None for each in found.values()) == 9


def test_an_area_whose_number_of_answers_is_hidden_has_no_part_in_a_model(
    dataset: Dataset, plan: AnalysisPlan
) -> None:
    """All but two took part there: how many were asked about it is told by no estimate either."""
    sample, weighting = weigh_invited(dataset, plan)
    area = max(areas_in(sample), key=lambda each: (sample.texts["area"] == each.code).sum()).code
    here = np.flatnonzero((sample.texts["area"] == area) & (sample.codes["q7_99"] >= 0))
    indicator = next(each for each in plan.indicators if each.variable == "q13")
    codes = {name: column.copy() for name, column in sample.codes.items()}
    for name in (name for name in codes if name.startswith("q7_")):
        codes[name][here] = int(name == "q7_1")
        codes[name][here[:2]] = int(name == "q7_99")
    codes["q13"][here] = np.where(np.arange(len(here)) % 3, 1, 4)
    codes["q13"][here[:2]] = NOT_SHOWN
    changed = msgspec.structs.replace(sample, codes=codes)
    modelled_too = msgspec.structs.replace(
        plan,
        small_areas=msgspec.structs.replace(plan.small_areas, indicators=(indicator.key,)),
        report=None,
        sensitivity=(),
        tests=(),
    )
    assert ("q13", AREA, area) in hidden_figures(changed, modelled_too).bases
    found = gather(changed, changed, changed.take(np.full(changed.size, False)), modelled_too, weighting)
    (outcome,) = (each for each in found.indicators if each.indicator.key == indicator.key)
    (told,) = (each for each in outcome.areas if each.area.code == area)
    assert told.cell == Suppressed(reason="counted")
    assert told.models is not None
    assert told.models.fay_herriot is None
    assert told.models.multilevel is None or told.models.multilevel.respondents == 0
    inside = sample.texts["area"] == area
    turned = codes | {"q13": np.where(inside & (codes["q13"] == 4), 1, codes["q13"])}
    other = msgspec.structs.replace(changed, codes=turned)
    again = gather(other, other, other.take(np.full(other.size, False)), modelled_too, weighting)
    (same,) = (each for each in again.indicators if each.indicator.key == indicator.key)
    assert [each.models for each in same.areas] == [each.models for each in outcome.areas]
    assert any(each.models is not None and each.models.fay_herriot is not None for each in outcome.areas)


def areas_in(sample: Dataset) -> tuple[Area, ...]:
    return sample.questionnaire.municipality.areas
