"""The plan's indicators: from answers to values, from values to an estimate."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from analysis.estimation.estimates import CONFIDENCE, Estimate, mean
from analysis.estimation.hypotheses import half_width
from analysis.estimation.intervals import Method, Share, interval, proportion_interval, rows_of
from analysis.estimation.means_by_domain import DomainMeans, domain_means
from analysis.estimation.scales import cohesion, cohesion_points, loneliness, loneliness_points, who5
from analysis.reporting.disclosure import MINIMUM_BASE
from analysis.reporting.exports.dataset import Dataset, answer_columns, battery
from analysis.reporting.plans.plan import Indicator
from analysis.reporting.wording import Kind
from analysis.sampling.designs import Design
from survey.questionnaires.model import Questionnaire

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class Measured(NamedTuple):
    """What an estimate is of: one value per response, nan outside the base."""

    kind: Kind
    values: Floats


def values(dataset: Dataset, indicator: Indicator) -> Floats:
    """One value per response: 0 or 1 for a proportion, a number for a mean, nan outside the base."""
    if indicator.kind == "proportion" and indicator.codes:
        return _hits(dataset, indicator)
    numbers = _scores(dataset, indicator) if indicator.scale else _numbers(dataset, indicator.variable)
    if indicator.kind == "mean":
        return numbers
    inside = np.ones(len(numbers), dtype=bool)
    if indicator.at_least is not None:
        inside &= numbers >= indicator.at_least
    if indicator.at_most is not None:
        inside &= numbers <= indicator.at_most
    return np.where(np.isnan(numbers), np.nan, inside.astype(float))


def columns(questionnaire: Questionnaire, indicator: Indicator) -> tuple[str, ...]:
    """The columns of an export that the indicator is made from."""
    if indicator.scale is not None:
        return tuple(
            f"{indicator.variable}_{item.key}" for item in battery(questionnaire, indicator.variable).items
        )
    return answer_columns(questionnaire, indicator.variable, indicator.codes)


def estimate(  # noqa: PLR0913 - the interval is a choice of whoever asks
    kind: Kind,
    answers: Floats,
    design: Design,
    domain: Mask | None = None,
    *,
    method: Method = "logit",
    confidence: float = CONFIDENCE,
) -> Estimate:
    """The share or mean among all residents, or those in a domain; `answers` come from `values`.

    `method` is that of the interval of a proportion.
    """
    if kind == "proportion":
        return share(answers, design, domain, method=method, confidence=confidence)
    return average(answers, design, domain, confidence=confidence)


def by_group(
    columns: Sequence[Measured], design: Design, groups: Sequence[Mask]
) -> tuple[tuple[Estimate, ...], ...]:
    """Of every group what `share` and `average` give of every column; nobody is in two groups.

    All together, which takes one pass over the columns; with replicates one by one, for one of these may
    hold nobody of a small group.
    """
    if design.replicates is not None:
        return tuple(
            tuple(estimate(each.kind, each.values, design, group) for each in columns) for group in groups
        )
    place = np.full(design.size, np.nan)
    for number, group in enumerate(groups):
        place[group] = number
    if not (design.weights[~np.isnan(place)] != 0).any():
        return tuple(tuple(_nothing(0) for _ in columns) for _ in groups)
    found = domain_means([each.values for each in columns], design, place)
    rows = {level: row for row, level in enumerate(found.domains)}
    return tuple(
        tuple(
            _placed(each, found, rows[str(number)], item, design, group)
            if str(number) in rows
            else _nothing(0)
            for item, each in enumerate(columns)
        )
        for number, group in enumerate(groups)
    )


def of_everybody(columns: Sequence[Measured], design: Design) -> tuple[Estimate, ...]:
    """As `by_group`, of all residents."""
    return by_group(columns, design, [np.ones(design.size, dtype=bool)])[0]


def shares(answers: Sequence[Floats]) -> list[Measured]:
    """Columns of zeros and ones, to be estimated together."""
    return [Measured("proportion", each) for each in answers]


def _placed(  # noqa: PLR0913, PLR0917 - a cell of a table, and who is behind it
    measured: Measured, found: DomainMeans, row: int, item: int, design: Design, group: Mask
) -> Estimate:
    number = int(found.respondents[row, item])
    if number < MINIMUM_BASE:
        return _nothing(number)
    value, error = float(found.values[row, item]), float(found.standard_errors[row, item])
    freedom = int(found.degrees_of_freedom[row])
    estimate = Estimate(
        value=value,
        standard_error=error,
        low=value,
        high=value,
        respondents=number,
        degrees_of_freedom=freedom,
    )
    if measured.kind == "mean":
        reach = float(half_width(error, freedom, CONFIDENCE))
        return replace(estimate, low=value - reach, high=value + reach)
    answered = measured.values[group & (design.weights != 0)]
    answered = answered[~np.isnan(answered)]
    if np.ptp(answered) == 0:
        return _of_nobody(estimate, answered, CONFIDENCE)
    low, high = interval(
        Share(value=value, error=error, freedom=freedom, rows=rows_of(design, group)), "logit"
    )
    return replace(estimate, low=low, high=high)


def share(
    answers: Floats,
    design: Design,
    domain: Mask | None = None,
    *,
    method: Method = "logit",
    confidence: float = CONFIDENCE,
) -> Estimate:
    """The weighted share of ones, or no numbers when too few answered to publish it."""
    few = _too_few(answers, design, domain)
    if few is not None:
        return few
    found = proportion_interval(answers, design, method=method, confidence=confidence, domain=domain)
    answered = answers[~np.isnan(answers) & (design.weights != 0) & (True if domain is None else domain)]
    return _of_nobody(found, answered, confidence) if np.ptp(answered) == 0 else found


def _of_nobody(found: Estimate, answered: Floats, confidence: float) -> Estimate:
    """That of n people none said yes, or all did: the exact bound of Clopper and Pearson (1934).

    A standard error of 0 would call such a share certain.
    """
    reach = 1 - ((1 - confidence) / 2) ** (1 / len(answered))
    low, high = (1 - reach, 1.0) if answered[0] else (0.0, reach)
    return replace(found, low=low, high=high)


def average(
    answers: Floats, design: Design, domain: Mask | None = None, *, confidence: float = CONFIDENCE
) -> Estimate:
    """The weighted mean, or no numbers when too few answered to publish it."""
    return _too_few(answers, design, domain) or mean(answers, design, domain=domain).estimate(
        confidence=confidence
    )


def _too_few(answers: Floats, design: Design, domain: Mask | None) -> Estimate | None:
    """Of fewer people than are published nothing is computed: a replicate may hold none of them."""
    answered = ~np.isnan(answers) & (design.weights != 0)
    number = int((answered if domain is None else answered & domain).sum())
    return None if number >= MINIMUM_BASE else _nothing(number)


def _nothing(number: int) -> Estimate:
    nothing = float("nan")
    return Estimate(
        value=nothing,
        standard_error=nothing,
        low=nothing,
        high=nothing,
        respondents=number,
        degrees_of_freedom=0,
    )


def _hits(dataset: Dataset, indicator: Indicator) -> Floats:
    chosen = dataset.chosen(indicator.variable, indicator.codes)
    counted = np.where(np.isin(chosen, indicator.include), 0, chosen)
    return np.where(counted < 0, np.nan, counted.astype(float))


def _numbers(dataset: Dataset, variable: str) -> Floats:
    codes = dataset.codes[variable]
    return np.where(codes < 0, np.nan, codes.astype(float))


def item_points(dataset: Dataset, indicator: Indicator) -> Floats:
    """What every item of a scale counts for, in one direction, shape (responses, items); nan: missing."""
    answers, turned = _items(dataset, indicator)
    match indicator.scale:
        case "cohesion":
            return cohesion_points(answers, turned)
        case "who5":
            return np.where(answers < 0, np.nan, answers).astype(float)
        case _:
            return loneliness_points(answers, turned)


def _items(dataset: Dataset, indicator: Indicator) -> tuple[npt.NDArray[np.int32], Mask]:
    """The answers to a battery, shape (responses, items), and which items say the opposite of the others."""
    question = battery(dataset.questionnaire, indicator.variable)
    answers = np.column_stack([dataset.codes[f"{question.key}_{item.key}"] for item in question.items])
    return answers, np.array([item.reversed for item in question.items])


def _scores(dataset: Dataset, indicator: Indicator) -> Floats:
    answers, turned = _items(dataset, indicator)
    match indicator.scale:
        case "cohesion":
            return cohesion(answers, turned)
        case "who5":
            return who5(answers).score
        case _:
            return loneliness(answers, turned).total
