"""Response by group from an export: what is known exactly, what is reckoned, and what is not told."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from analysis.__main__ import read_export, read_plan
from analysis.modelling.r_indicators import representativeness
from analysis.reporting.exports.dataset import Account, AreaAccount, Dataset, Fieldwork
from analysis.reporting.findings.representativeness import AREA, NothingIssued, balances
from analysis.reporting.plans.plan import AnalysisPlan
from analysis.sampling.designs import Design
from tests.analysis.simulated import write_simulated_export

PLAN = Path(__file__).parents[3] / "analysis/plans/leiden-eindevaluatie.toml"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("balance") / "export"
    write_simulated_export(folder, invited=300, respondents=620)
    dataset = read_export(folder)
    return dataset.take(dataset.usable("invited", ("complete", "partial")))


@pytest.fixture(scope="module")
def plan(sample: Dataset) -> AnalysisPlan:
    return read_plan(PLAN, sample)


def test_by_area_it_is_the_r_indicator_of_everybody_who_was_invited(
    sample: Dataset, plan: AnalysisPlan
) -> None:
    found = balances(sample, plan)[0]
    assert found.margin == AREA
    people = {group.category: group.people for group in found.groups}
    rows = [
        (area, people[area] / 300, int(number < (sample.texts["sampled_area"] == area).sum()))
        for area in people
        for number in range(300)
    ]
    areas, weights, answered = zip(*rows, strict=True)
    design = Design.of({"area": areas, "w": weights, "answered": answered}, weights="w")
    slow = representativeness("answered", ["area"], design)
    assert found.indicator == pytest.approx(slow.indicator, abs=1e-5)
    assert found.invited == 3000
    shares = {level.level: level.response for level in slow.variables[0].levels}
    for group in found.groups:
        assert group.response is not None
        assert group.response.share == pytest.approx(shares[group.category])


def test_the_response_of_a_group_times_its_people_is_what_the_answers_stand_for(
    sample: Dataset, plan: AnalysisPlan
) -> None:
    found = next(each for each in balances(sample, plan) if each.margin == "sex")
    area = {group.category: group.people for group in balances(sample, plan)[0].groups}
    weights = np.array([area[str(each)] / 300 for each in sample.texts["sampled_area"]])
    known = sample.chosen("q36", (1, 2)) >= 0
    known &= np.isin(sample.codes["q36"], (1, 2))
    scale = weights.sum() / weights[known].sum()
    for group, code in zip(found.groups, (1, 2), strict=True):
        assert group.response is not None
        stand_for = weights[sample.codes["q36"] == code].sum() * scale
        assert group.response.share * group.people == pytest.approx(stand_for)


def test_who_answers_less_is_marked_and_who_does_not_is_not(sample: Dataset, plan: AnalysisPlan) -> None:
    by_margin = {each.margin: each for each in balances(sample, plan)}
    ages = {group.category: group.response for group in by_margin["area_age"].groups}
    answered = [response for response in ages.values() if response is not None]
    # In the simulated city the young answer least and the old most; those of 45 to 64 are near the mean.
    assert answered[0].mark == "lower"
    assert answered[-1].mark == "higher"
    assert answered[2].mark != "lower"
    assert by_margin["area_age"].indicator < by_margin["sex"].indicator
    for group in by_margin["children"].groups:
        assert group.response is not None
        assert group.response.mark == "same"
        assert group.response.low < 0 < group.response.high


def test_a_sure_difference_is_marked_when_it_is_as_large_as_the_plan_calls_relevant(
    sample: Dataset, plan: AnalysisPlan
) -> None:
    found = balances(sample, msgspec.structs.replace(plan, relevant_share=0.0001))
    sure = {
        (each.margin, group.category): abs(group.response.difference)
        for each in found
        for group in each.groups
        if group.response is not None and group.response.mark != "same"
    }
    least = min(sure.values())
    assert least < 0.05
    relevant = msgspec.structs.replace(plan, relevant_share=least + 1e-6)
    marked = {
        (each.margin, group.category)
        for each in balances(sample, relevant)
        for group in each.groups
        if group.response is not None and group.response.mark != "same"
    }
    assert marked == {place for place, difference in sure.items() if difference > least}


def test_a_category_in_which_few_answered_is_hidden_with_another(sample: Dataset, plan: AnalysisPlan) -> None:
    codes = dict(sample.codes)
    young = codes["q35"] == 3
    codes["q35"] = np.where(young & (np.cumsum(young) > 3), 4, codes["q35"])
    found = balances(msgspec.structs.replace(sample, codes=codes), plan)
    groups = next(each for each in found if each.margin == "area_age").groups
    assert groups[0].response is None
    assert sum(group.response is None for group in groups) >= 2


@pytest.mark.parametrize("issued", [0, 20])
def test_without_the_number_of_codes_nothing_is_reckoned_and_the_area_is_named(
    sample: Dataset, plan: AnalysisPlan, issued: int
) -> None:
    areas = dict(sample.fieldwork.areas) | {"WK054603": AreaAccount(invited=Account(issued=issued))}
    with pytest.raises(NothingIssued, match=r"in WK054603: how many"):
        balances(msgspec.structs.replace(sample, fieldwork=Fieldwork(areas=areas)), plan)
