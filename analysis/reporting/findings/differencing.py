"""Figures of one question that together would tell of a few people: what must be hidden besides.

Every figure is protected where it is made. But "agrees" beside "agrees completely" gives "agrees a little",
and two indicators of one question differ by the people between them. Here all figures of a question are taken
together, as an attacker would, without the rounding that protects them in print.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from analysis.reporting.disclosure import Cell, Counts, Mask, Suppressed, hide_sums, uncounted, withheld
from analysis.reporting.exports.dataset import Codes, Dataset
from analysis.reporting.exports.questions import is_special
from analysis.reporting.findings.divisions import Hidden
from analysis.reporting.findings.groups import patterns
from analysis.reporting.findings.outcome_values import Distribution, Outcome
from analysis.reporting.plans.weighting_plan import AREA
from survey.questionnaires.model import MultipleChoice

Floats = npt.NDArray[np.float64]


def withhold(
    found: Sequence[Outcome],
    distributions: Sequence[Distribution],
    sample: Dataset,
    values: Mapping[str, Floats],
    hidden: Hidden,
) -> tuple[tuple[Outcome, ...], tuple[Distribution, ...]]:
    """The outcomes and distributions with what must be hidden besides, hidden.

    `values` are those of the indicators, by their keys. `hidden`: what follows from the divisions of the
    plan together.
    """
    outcomes, answered = (
        {each.indicator.key: each for each in found},
        {each.variable: each for each in distributions},
    )
    for family in _families(found):
        variable = family[0].indicator.variable
        of_all = None if family[0].indicator.scale else answered.get(variable)
        own = [values[each.indicator.key] for each in family]
        kept, distribution = _in_town(family, of_all, own, sample)
        outcomes |= {each.indicator.key: each for each in kept}
        if distribution is not None:
            answered[variable] = distribution
    kept_ticks = tuple(_ticks_besides(each, sample, values, hidden) for each in answered.values())
    return tuple(_besides(each, hidden) for each in outcomes.values()), kept_ticks


def _families(found: Sequence[Outcome]) -> Iterator[list[Outcome]]:
    """The shares that are made of the same answers."""
    families: dict[tuple[str, str | None], list[Outcome]] = {}
    for each in found:
        if each.indicator.kind == "proportion":
            families.setdefault((each.indicator.variable, each.indicator.scale), []).append(each)
    yield from families.values()


def _in_town(
    family: list[Outcome], distribution: Distribution | None, values: Sequence[Floats], sample: Dataset
) -> tuple[list[Outcome], Distribution | None]:
    answers = [] if distribution is None else [answer.codes for answer in distribution.answers]
    codes = sample.codes.get(family[0].indicator.variable)
    chosen = [np.isin(codes, [*of]) for of in answers] if codes is not None else []
    if not chosen and len(family) < 2:
        return family, distribution
    members = [*(value == 1 for value in values), *chosen]
    bases = [~np.isnan(value) for value in values] + ([np.logical_or.reduce(chosen)] if chosen else [])
    counts, parts = _crossed([*members, *bases])
    cells: list[Cell] = [each.whole for each in family]
    cells += [] if distribution is None or not chosen else [each.cell for each in distribution.answers]
    stay = hide_sums(
        counts,
        parts[len(members) :],
        parts[: len(members)],
        [not isinstance(cell, Suppressed) for cell in cells],
        sensitive=is_special(family[0].question),
    )
    shown = [_kept(cell, stays) for cell, stays in zip(cells, stay, strict=True)]
    family = [replace(each, whole=cell) for each, cell in zip(family, shown, strict=False)]
    if distribution is None or not chosen:
        return family, distribution
    pairs = zip(distribution.answers, shown[len(family) :], strict=True)
    return family, replace(distribution, answers=tuple(replace(answer, cell=cell) for answer, cell in pairs))


def _crossed(members: Sequence[Mask]) -> tuple[Counts, list[Mask]]:
    """How many people there are by what they are members of, in one row; and the cells of each of these."""
    kinds, kind = patterns(members)
    return np.bincount(kind, minlength=len(kinds))[None], [column[None] for column in kinds.T]


def _kept(cell: Cell, stays: bool) -> Cell:
    return cell if stays else withheld(cell)


def _besides(outcome: Outcome, hidden: Hidden) -> Outcome:
    """The figure of everybody hidden too, where it follows from other divisions of the same people.

    With it go those of everybody outside an area: an area and its rest are everybody.
    """
    whole, areas = _kept(outcome.whole, outcome.indicator.key not in hidden.wholes), outcome.areas
    if isinstance(whole, Suppressed):
        areas = tuple(replace(each, rest=withheld(each.rest), mark=None) for each in areas)
    return replace(outcome, whole=whole, areas=areas)


def _ticks_besides(
    distribution: Distribution, sample: Dataset, values: Mapping[str, Floats], hidden: Hidden
) -> Distribution:
    """What is hidden of an indicator that is one answer of several, ticked or not, hidden of that answer."""
    if not isinstance(distribution.question, MultipleChoice):
        return distribution
    ticks = [sample.codes[f"{distribution.variable}_{each.code}"] for each in distribution.answers]
    same = [{key for key, own in values.items() if _same_people(own, tick)} for tick in ticks]
    return replace(
        distribution,
        answers=tuple(
            replace(answer, cell=_kept(answer.cell, not keys & hidden.wholes))
            for answer, keys in zip(distribution.answers, same, strict=True)
        ),
        areas=tuple(
            (
                area,
                tuple(
                    uncounted()
                    if (distribution.question.key, AREA, area.code) in hidden.bases
                    else _kept(cell, not any((key, AREA, area.code) in hidden.cells for key in keys))
                    for cell, keys in zip(cells, same, strict=True)
                ),
            )
            for area, cells in distribution.areas
        ),
    )


def _same_people(values: Floats, ticks: Codes) -> bool:
    """Whether an indicator counts who ticked an answer, or who did not."""
    answered = ~np.isnan(values)
    if not np.array_equal(answered, ticks >= 0):
        return False
    agree = values[answered] == ticks[answered]
    return bool(agree.all() or not agree.any())
