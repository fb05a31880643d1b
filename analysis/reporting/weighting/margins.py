"""Margins: the answers of the sample beside the counts of the population, made fit for raking.

Counts come rounded, so margins differ in total: they are reconciled. Levels in which few people
answered are merged with a neighbour. People whose answer is missing form a level of their own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.reporting.exports.dataset import Dataset, PopulationCount
from analysis.reporting.plans.weighting_plan import MarginPlan, WeightingPlan
from analysis.weighting.calibration import MarginMismatch
from analysis.weighting.merging import Margin
from analysis.weighting.populations import Level, reconcile

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

UNKNOWN = -1
"""The category of people whose answer on a margin is missing."""

NO_ANSWER = "geen antwoord"
"""What readers see for them, and for those who gave no answer to another question."""


OTHER_OR_NO_ANSWER = "ander of geen antwoord"
"""The same, of a margin whose question has answers that are in none of its categories."""


class CountedMargin(Struct, frozen=True, kw_only=True, eq=False):
    """A margin of the plan: what respondents answered, and how many people there are.

    `place` is the area of every respondent as a place in `areas` (a margin of the whole municipality
    has one area), `category` the place in `categories` or UNKNOWN. `counts` has shape (areas, categories).
    """

    key: str
    areas: tuple[str, ...]
    categories: tuple[str, ...]
    place: Codes
    category: Codes
    counts: Floats


class Merge(Struct, frozen=True, kw_only=True):
    """Categories of one area weighted as one, because too few people answered in one of them."""

    margin: str
    area: str
    categories: tuple[str, ...]
    respondents: int


class Reconciliation(Struct, frozen=True, kw_only=True):
    """A margin whose counts were scaled, so that all margins describe the same number of people."""

    margin: str
    area: str
    counted: float
    used: float


def area_names(sample: Dataset, plan: WeightingPlan) -> dict[str, str]:
    """The name under which each area is weighted: its code, or the joined codes of merged areas."""
    names = {area.code: area.code for area in sample.questionnaire.municipality.areas}
    for merged in plan.merge_areas:
        names |= dict.fromkeys(merged, " + ".join(merged))
    return names


def places(sample: Dataset, column: str, names: Mapping[str, str]) -> Codes:
    """Per respondent the place of his or her area among the distinct weighted areas.

    Raises MarginMismatch for an area that the municipality does not have.
    """
    order = {name: place for place, name in enumerate(dict.fromkeys(names.values()))}
    found, code = np.unique(sample.texts[column], return_inverse=True)
    unknown = [str(area) for area in found if str(area) not in names]
    if unknown:
        raise MarginMismatch(
            f"Column {column} of responses.csv names {', '.join(unknown)}, which is not an area of "
            f"{sample.questionnaire.municipality.name}. Correct the export or the municipality's areas.csv."
        )
    return np.array([order[names[str(area)]] for area in found], dtype=np.intp)[code]


def counted_margin(sample: Dataset, plan: MarginPlan, names: dict[str, str]) -> CountedMargin:
    """One margin of the plan with the sample's answers and the population's counts.

    Raises MarginMismatch when counts are missing.
    """
    rows = [row for row in sample.population if row.margin == plan.population]
    whole = sample.questionnaire.municipality.code
    everywhere = {row.area for row in rows} == {whole}
    _refuse_missing(rows, plan, (whole,) if everywhere else tuple(names))
    areas = (whole,) if everywhere else tuple(dict.fromkeys(names.values()))
    categories = tuple(plan.categories)
    counts = np.zeros((len(areas), len(categories)))
    for row in rows:
        if row.category not in plan.categories or not (everywhere or row.area in names):
            raise MarginMismatch(
                f"population.csv counts {row.area}, {row.category} in margin {row.margin}, which the plan "
                "does not have. Add the category to the plan, or correct the area in population.csv."
            )
        area = whole if everywhere else names[row.area]
        counts[areas.index(area), categories.index(row.category)] += row.count
    return CountedMargin(
        key=plan.population,
        areas=areas,
        categories=categories,
        place=np.zeros(sample.size, dtype=np.intp) if everywhere else places(sample, "area", names),
        category=categories_of(sample, plan),
        counts=counts,
    )


def _refuse_missing(rows: Sequence[PopulationCount], plan: MarginPlan, areas: Sequence[str]) -> None:
    there = {(row.area, row.category) for row in rows}
    missing = {
        area: lacking
        for area in areas
        if (lacking := [category for category in plan.categories if (area, category) not in there])
    }
    if missing:
        listed = "; ".join(f"{area}: {', '.join(lacking)}" for area, lacking in missing.items())
        raise MarginMismatch(
            f"population.csv does not count everybody in margin {plan.population}. It has no row for "
            f"{listed}. Add these rows, with 0 where nobody lives, or leave the margin out of the plan."
        )


def categories_of(sample: Dataset, plan: MarginPlan) -> Codes:
    """Per respondent the place of his or her category, or UNKNOWN."""
    category = np.full(sample.size, UNKNOWN, dtype=np.intp)
    for place, codes in enumerate(plan.categories.values()):
        if codes:
            category[sample.chosen(plan.variable, codes) == 1] = place
    if plan.otherwise is not None:
        listed = [code for codes in plan.categories.values() for code in codes]
        rest = tuple(plan.categories).index(plan.otherwise)
        category[sample.chosen(plan.variable, listed) == 0] = rest
    return category


def outside_categories(sample: Dataset, plan: MarginPlan) -> Codes:
    """1 for an answer that is in no category of the margin, 0 for one that is, else the missing code."""
    listed = [code for codes in plan.categories.values() for code in codes]
    chosen = sample.chosen(plan.variable, listed)
    return np.where(chosen < 0, chosen, 0 if plan.otherwise is not None else 1 - chosen)


def reconciled(
    margins: Sequence[CountedMargin],
) -> tuple[Floats, tuple[CountedMargin, ...], tuple[Reconciliation, ...]]:
    """The number of people per area, the margins scaled to it, and what was changed.

    The first margin counted per area is the reference; the others are scaled per area, and those of
    the whole municipality to the sum. Raises MarginMismatch when the difference is more than rounding.
    """
    reference = next((margin for margin in margins if len(margin.areas) > 1), margins[0])
    found = [(margin, ()) if margin is reference else _scaled(margin, reference) for margin in margins]
    return (
        reference.counts.sum(axis=1),
        tuple(margin for margin, _ in found),
        tuple(change for _, changes in found for change in changes),
    )


def _scaled(
    margin: CountedMargin, reference: CountedMargin
) -> tuple[CountedMargin, tuple[Reconciliation, ...]]:
    columns, wanted = _columns(margin), _columns(reference)
    try:
        found, changes = reconcile({wanted: _counts(reference), columns: _counts(margin)})
    except MarginMismatch as error:
        raise MarginMismatch(f"population.csv: {error}") from None
    counts = np.array(list(found[columns].values())).reshape(margin.counts.shape)
    return msgspec.structs.replace(margin, counts=counts), tuple(
        Reconciliation(
            margin=margin.key,
            area=change.level if len(margin.areas) > 1 else margin.areas[0],
            counted=change.counted,
            used=change.used,
        )
        for change in changes
    )


def _columns(margin: CountedMargin) -> tuple[str, ...]:
    return ("area", margin.key) if len(margin.areas) > 1 else (margin.key,)


def _counts(margin: CountedMargin) -> dict[Level, float]:
    levels = product(margin.areas, margin.categories) if len(margin.areas) > 1 else margin.categories
    return dict(zip(levels, margin.counts.ravel().tolist(), strict=True))


def raking_margins(
    margin: CountedMargin, base: Floats, minimum: int
) -> tuple[tuple[Margin, ...], tuple[Merge, ...]]:
    """The margin with small levels merged, ready for raking, and what was merged.

    The areas in which levels were merged get a second margin together, of the categories as they were:
    so merging costs no more than it must, and no level rests on few people.
    """
    targets, unknown = _targets(margin, base)
    raked, merges = _merged(margin, targets, unknown, minimum)
    pooled = np.isin(margin.areas, [merge.area for merge in merges])
    if pooled.sum() < 2:
        return (raked,), merges
    together = msgspec.structs.replace(
        margin,
        key=f"{margin.key}, areas with merged levels",
        areas=("",),
        place=np.zeros_like(margin.place),
        category=np.where(pooled[margin.place], margin.category, UNKNOWN),
    )
    elsewhere = unknown + float(targets[~pooled].sum())
    overall, more = _merged(together, targets[pooled].sum(axis=0)[None, :], elsewhere, minimum)
    return (raked, overall), merges + more


def _targets(margin: CountedMargin, base: Floats) -> tuple[Floats, float]:
    """The targets of every area and category, and of the people whose answer is missing.

    Per area these keep their share of the base weights, and the categories are scaled down by it.
    """
    size = np.bincount(margin.place, base, len(margin.areas))
    missing = margin.category == UNKNOWN
    share = np.bincount(margin.place[missing], base[missing], len(margin.areas)) / np.where(size > 0, size, 1)
    return margin.counts * (1 - share)[:, None], float(margin.counts.sum(axis=1) @ share)


def _merged(
    margin: CountedMargin, targets: Floats, unknown: float, minimum: int
) -> tuple[Margin, tuple[Merge, ...]]:
    """Levels of enough respondents; those without one form a level together, with target `unknown`.

    A level without people or respondents asks for nothing and is left out: an area in which nobody told.
    """
    codes = np.full(len(margin.category), UNKNOWN, dtype=np.intp)
    levels: list[str] = []
    sums: list[float] = []
    merges: list[Merge] = []
    for place, area in enumerate(margin.areas):
        for group in merged_levels(_respondents(margin, place), minimum):
            inside = (margin.place == place) & np.isin(margin.category, group)
            people = float(targets[place, list(group)].sum())
            if not people and not inside.any():
                continue
            names = tuple(margin.categories[category] for category in group)
            if len(group) > 1:
                number = int(inside.sum())
                merges.append(Merge(margin=margin.key, area=area, categories=names, respondents=number))
            codes[inside] = len(levels)
            levels.append(" ".join([area, " + ".join(names)]).strip())
            sums.append(people)
    if unknown:
        codes[codes == UNKNOWN] = len(levels)
        levels.append("other")
        sums.append(unknown)
    return Margin(key=margin.key, levels=tuple(levels), codes=codes, targets=np.array(sums)), tuple(merges)


def _respondents(margin: CountedMargin, place: int) -> list[int]:
    inside = margin.category[(margin.place == place) & (margin.category != UNKNOWN)]
    return [int(number) for number in np.bincount(inside, minlength=len(margin.categories))]


def merged_levels(respondents: Iterable[int], minimum: int) -> Iterator[tuple[int, ...]]:
    """Merge the smallest group with the smaller of its neighbours until none is below the minimum."""
    groups: list[tuple[tuple[int, ...], int]] = [
        ((category,), number) for category, number in enumerate(respondents)
    ]
    while len(groups) > 1:
        numbers = [number for _, number in groups]
        smallest = numbers.index(min(numbers))
        if numbers[smallest] >= minimum:
            break
        beside = [place for place in (smallest - 1, smallest + 1) if 0 <= place < len(groups)]
        first, second = sorted([smallest, min(beside, key=numbers.__getitem__)])
        joined = (groups[first][0] + groups[second][0], numbers[first] + numbers[second])
        groups[first : second + 1] = [joined]
    return (group for group, _ in groups)
