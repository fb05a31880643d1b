"""Whether those who answered are like those who live there: R-indicators, also of fieldwork halfway.

An export says nothing of who did not answer but in which area the code was issued. So each variable is
set beside the population figures of the plan's margins.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from msgspec import Struct
from scipy import stats

from analysis.estimation.multiplicity import adjust
from analysis.modelling.r_indicators import PopulationRepresentativeness, population_representativeness
from analysis.reporting import disclosure
from analysis.reporting.exports.dataset import Dataset, Texts
from analysis.reporting.findings.area_differences import mark_of
from analysis.reporting.findings.published import NORMAL
from analysis.reporting.plans.plan import AnalysisPlan
from analysis.reporting.weighting.margins import UNKNOWN, CountedMargin, counted_margin, reconciled
from analysis.reporting.wording import Mark
from analysis.sampling.designs import Design

AREA = "area"
"""The margin of areas themselves."""


class NothingIssued(Exception):
    """The account of the fieldwork does not say how many were invited; names the areas."""


class Response(Struct, frozen=True, kw_only=True):
    """How many of a category answered, and the share of its people that would.

    `difference` is that share minus the average, with a 95% interval from `low` to `high`; `unconditional`
    the partial R-indicator, below 0 where fewer answer than on average. `mark` is lower or higher when the
    difference is more than chance, allowing for the number of categories, and large enough to matter, as of
    all figures.
    """

    answered: int
    share: float
    difference: float
    low: float
    high: float
    unconditional: float
    mark: Mark


class GroupResponse(Struct, frozen=True, kw_only=True):
    """One category and its people; no response where so few answered that it would tell who they are."""

    category: str
    people: float
    response: Response | None


class Balance(Struct, frozen=True, kw_only=True):
    """One margin, "area" for the areas; `adjusted` is the R-indicator without what chance takes off it."""

    margin: str
    indicator: float
    adjusted: float
    response: float
    invited: int
    answered: int
    groups: tuple[GroupResponse, ...]


def balances(sample: Dataset, plan: AnalysisPlan) -> tuple[Balance, ...]:
    """The areas, then every margin of the plan; `sample` are the invited people whose answers count.

    Everybody invited in an area stands for as many of its adults, N/n. Who did not answer the question of a
    margin is taken to be spread over its categories as the others are; when nobody did, it is left out.
    Raises NothingIssued.
    """
    areas = {area.code: area.code for area in sample.questionnaire.municipality.areas}
    people, margins, _ = reconciled([counted_margin(sample, each, areas) for each in plan.weighting.margins])
    issued = _issued(sample, list(areas))
    living = dict(zip(areas, people.tolist(), strict=True))
    silent = [area for area, number in issued.items() for _ in range(number - _answered(sample, area))]
    where = np.concatenate([sample.texts["sampled_area"], np.array(silent, dtype=np.str_)])
    design = Design.of(
        weights=np.array([living[str(area)] / issued[str(area)] for area in where]),
        strata=where,
        lonely="adjust",
    )
    relevant = plan.relevant_share
    found = [_balance(AREA, sample.texts["sampled_area"], living, design, relevant)]
    placed = [(margin, _levels(margin)) for margin in margins]
    found += [
        _balance(margin.key, levels, _counts(margin), design, relevant)
        for margin, levels in placed
        if (levels != "").any()
    ]
    return tuple(found)


def _issued(sample: Dataset, areas: Sequence[str]) -> dict[str, int]:
    """Codes per area. Raises NothingIssued for areas without, or with more answers than codes."""
    accounts = sample.fieldwork.areas
    issued = {area: accounts[area].invited.issued if area in accounts else 0 for area in areas}
    short = [area for area, number in issued.items() if number < max(_answered(sample, area), 1)]
    if short:
        raise NothingIssued(
            f"fieldwork.json has fewer codes than answers, or no codes, in {', '.join(short)}: how many "
            "people were invited there is not known. Issue codes (`survey invite`) and export again."
        )
    return issued


def _answered(sample: Dataset, area: str) -> int:
    return int((sample.texts["sampled_area"] == area).sum())


def _levels(margin: CountedMargin) -> Texts:
    """The category of each who answered; empty when it is not known, or when nobody is counted in it."""
    counted = _counts(margin)
    names = [category if category in counted else "" for category in margin.categories]
    return np.array([*names, ""])[np.where(margin.category == UNKNOWN, -1, margin.category)]


def _counts(margin: CountedMargin) -> dict[str, float]:
    people = margin.counts.sum(axis=0).tolist()
    return {category: count for category, count in zip(margin.categories, people, strict=True) if count}


def _balance(
    name: str, levels: Texts, counts: Mapping[str, float], design: Design, relevant: float
) -> Balance:
    """`design`: of all who were invited, those who answered first."""
    invited, answered = len(design.weights), len(levels)
    weights = design.weights[:answered]
    known = float(weights[levels != ""].sum() / weights.sum())
    column = np.array([*levels.tolist(), *[""] * (invited - answered)], dtype=object)
    found = population_representativeness(
        column, {level: count * known for level, count in counts.items()}, design
    )
    return Balance(
        margin=name,
        indicator=found.indicator,
        adjusted=found.adjusted,
        response=found.response,
        invited=invited,
        answered=answered,
        groups=tuple(_groups(found, levels, counts, relevant)),
    )


def _groups(
    found: PopulationRepresentativeness, levels: Texts, counts: Mapping[str, float], relevant: float
) -> Iterator[GroupResponse]:
    """Categories in which few people answered are hidden, and what gives them away (as all figures are)."""
    answered = np.array([[int((levels == level.level).sum()) for level in found.levels]])
    hidden = disclosure.hidden_cells(answered)[0]
    scores = [
        abs(each.response - found.response) / each.error if each.error else 0.0 for each in found.levels
    ]
    adjusted = adjust([2 * float(stats.norm.sf(score)) for score in scores])
    for level, number, hides, p in zip(found.levels, answered[0].tolist(), hidden, adjusted, strict=True):
        difference, reach = level.response - found.response, NORMAL * level.error
        response = Response(
            answered=number,
            share=level.response,
            difference=difference,
            low=difference - reach,
            high=difference + reach,
            unconditional=level.unconditional,
            mark=mark_of(difference, p, relevant),
        )
        yield GroupResponse(
            category=level.level, people=counts[level.level], response=None if hides else response
        )
