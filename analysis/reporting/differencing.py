"""Figures of one question that together would tell of a few people: what must be hidden besides.

Every figure is protected where it is made. But "agrees" beside "agrees completely" gives "agrees a little",
and two indicators of one question differ by the people between them. Here all figures of a question are taken
together, as an attacker would, without the rounding that protects them in print.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace
from scipy.optimize import linprog

from analysis.reporting import indicators
from analysis.reporting.dataset import Dataset
from analysis.reporting.disclosure import Cell, Counts, Mask, Suppressed, few_in, room_needed
from analysis.reporting.outcome_values import AreaOutcome, Distribution, Outcome
from analysis.reporting.questions import is_special

Floats = npt.NDArray[np.float64]


def hide_sums(
    counts: Counts, bases: Sequence[Mask], sums: Sequence[Mask], shown: Sequence[bool], *, sensitive: bool
) -> list[bool]:
    """Which of the sums that are `shown` may stay, so that no small cell follows from them.

    `counts` has shape (groups, answers); `bases` and `sums` are the cells that a published number of people
    adds up, of the same shape. A small cell of a base could differ by at least SMALLEST_CELL, or by all of a
    smaller base, given all bases and all sums that stay (the interval audit of Fischetti and Salazar 2001, by
    linear programming); while it could not, the smallest sum that holds it goes,
    one of its own group before one of all.
    """
    stay = [*shown]
    at_risk = few_in(counts, sensitive=sensitive) & np.logical_or.reduce(bases)
    for place in zip(*np.nonzero(at_risk), strict=True):
        needed = room_needed(min(int(counts[base].sum()) for base in bases if base[place]))
        while left := [number for number, cells in enumerate(sums) if stay[number] and cells[place]]:
            known = [*bases, *(cells for cells, stays in zip(sums, stay, strict=True) if stays)]
            if _room(counts, known, place) >= needed - 1e-6:
                break
            sizes = {number: (sums[number].any(axis=1).sum(), counts[sums[number]].sum()) for number in left}
            stay[min(sizes, key=sizes.__getitem__)] = False
    return stay


def _room(counts: Counts, known: Sequence[Mask], place: tuple[int, ...]) -> float:
    """How far the number of people in a cell could differ, to somebody who knows these sums."""
    sides = np.array([cells.ravel() for cells in known], dtype=float)
    wanted = np.zeros(counts.shape)
    wanted[place] = 1
    least, most = (
        linprog(sign * wanted.ravel(), A_eq=sides, b_eq=sides @ counts.ravel()).fun for sign in (1, -1)
    )
    if least is None or most is None:
        return float("inf")  # no end to it: nothing that is known holds the cell
    return float(-most - least)


def withhold(
    found: Sequence[Outcome], distributions: Sequence[Distribution], sample: Dataset
) -> tuple[tuple[Outcome, ...], tuple[Distribution, ...]]:
    """The outcomes and distributions with what must be hidden besides, hidden."""
    outcomes, answered = (
        {each.indicator.key: each for each in found},
        {each.variable: each for each in distributions},
    )
    for family in _families(found):
        variable = family[0].indicator.variable
        of_all = None if family[0].indicator.scale else answered.get(variable)
        values = [indicators.values(sample, each.indicator) for each in family]
        kept, distribution = _in_town(family, of_all, values, sample)
        kept = _in_areas(kept, values, sample) if len(kept) > 1 else kept
        outcomes |= {each.indicator.key: each for each in kept}
        if distribution is not None:
            answered[variable] = distribution
    return tuple(outcomes.values()), tuple(answered.values())


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
    counts, parts = _crossed([*members, *bases], np.zeros(sample.size, dtype=np.intp), 1)
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


def _in_areas(family: list[Outcome], values: Sequence[Floats], sample: Dataset) -> list[Outcome]:
    codes = [each.area.code for each in family[0].areas]
    area = np.array([codes.index(each) if each in codes else len(codes) for each in sample.texts["area"]])
    members, bases = [value == 1 for value in values], [~np.isnan(value) for value in values]
    counts, parts = _crossed([*members, *bases], area, len(codes) + 1)
    everywhere, of_bases = parts[: len(members)], parts[len(members) :]
    rows = [np.arange(len(codes) + 1)[:, None] == place for place in range(len(codes))]
    own = [part & row for part in everywhere for row in rows]
    cells: list[Cell] = [area.cell for each in family for area in each.areas]
    cells += [each.whole for each in family]
    stay = hide_sums(
        counts,
        [part & row for part in of_bases for row in rows] + of_bases,
        [*own, *everywhere],
        [not isinstance(cell, Suppressed) for cell in cells],
        sensitive=is_special(family[0].question),
    )
    hidden = iter([not stays for stays in stay])
    areas = [tuple(_hidden(each, next(hidden)) for each in outcome.areas) for outcome in family]
    return [
        replace(outcome, areas=of, whole=_kept(outcome.whole, not hides))
        for outcome, of, hides in zip(family, areas, hidden, strict=True)
    ]


def _crossed(members: Sequence[Mask], row: npt.NDArray[np.intp], rows: int) -> tuple[Counts, list[Mask]]:
    """How many people there are by row and by what they are members of; and the cells of each of these."""
    kinds, kind = np.unique(np.column_stack(members), axis=0, return_inverse=True)
    counts = np.zeros((rows, len(kinds)), dtype=np.intp)
    np.add.at(counts, (row, kind.ravel()), 1)
    return counts, [np.broadcast_to(column, counts.shape).copy() for column in kinds.T]


def _kept(cell: Cell, stays: bool) -> Cell:
    if stays or isinstance(cell, Suppressed):
        return cell
    return Suppressed(reason="protected", respondents=cell.respondents)


def _hidden(each: AreaOutcome, hides: bool) -> AreaOutcome:
    """The area and its rest, from which it could be computed, and the comparison of the two."""
    if not hides or isinstance(each.cell, Suppressed):
        return each
    cell = _kept(each.cell, stays=False)
    return replace(each, cell=cell, rest=cell, mark=None)
