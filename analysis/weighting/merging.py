"""What is in the way of margins that exclude each other, and which levels could be put together.

The levels of a margin have an order, that of its totals, so that what is merged are neighbours.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace
from scipy import sparse
from scipy.optimize import linprog

linear_programme: Any = linprog  # its types do not know sparse constraints

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

KEPT = 1e-6
"""Every cell keeps this share of all weight at least: raking cannot end at weights of 0."""

NAMED = 4
"""Empty cells that a message names."""


class Margin(Struct, frozen=True, kw_only=True, eq=False):
    """The level of every respondent on one margin, and the population count of every level.

    `codes` has one number per respondent, from 0 to the number of `levels` minus 1.
    """

    key: str
    levels: tuple[str, ...]
    codes: npt.NDArray[np.integer[Any]]
    targets: Floats


class Merger(NamedTuple):
    """Level number `first` of a margin together with the next one."""

    margin: int
    first: int


def advice(levels: Codes, margins: Sequence[Margin], many: Codes, few: Codes) -> str:
    """Which empty cells are in the way of totals that exclude each other, and what to merge.

    `levels` has shape (cells, margins): the combinations that occur. `many` are the totals, counted through
    all margins, that need more people than those of `few` let them have.
    """
    wanted, scarce = (_placed(margins, places) for places in (many, few))
    empty = list(_empty_cells(levels, margins, wanted, scarce))
    more = f" and {len(empty) - NAMED} more" if len(empty) > NAMED else ""
    nobody = f"Nobody answered in {', '.join(empty[:NAMED])}{more}. " if empty else ""
    helping = [_called(margins, merger) for merger in mergers(levels, margins, {*wanted, *scarce})]
    if not helping:
        return f"{nobody}No merging of two neighbouring levels is enough: merge more, or leave a margin out."
    return f"{nobody}What helps: {'; or '.join(helping)}."


def mergers(levels: Codes, margins: Sequence[Margin], places: set[tuple[int, int]]) -> Iterator[Merger]:
    """The mergers of neighbours that make the margins possible, of those that take in one of these levels."""
    for place, margin in enumerate(margins):
        for first in range(len(margin.levels) - 1):
            merger = Merger(place, first)
            if {(place, first), (place, first + 1)} & places and possible(*_merged(levels, margins, merger)):
                yield merger


def possible(levels: Codes, margins: Sequence[Margin]) -> bool:
    """Whether some weights above 0 for the cells that occur add up to all margins."""
    cells, number = levels.shape
    sizes = [len(margin.levels) for margin in margins]
    columns = levels + np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
    rows = np.repeat(np.arange(cells), number)
    model = sparse.csr_array((np.ones(columns.size), (columns.ravel(), rows)), shape=(sum(sizes), cells))
    shares = np.concatenate([margin.targets / margin.targets.sum() for margin in margins])
    # The weights are a part that is the same in every cell, to be as large as can be, and a rest from 0 up.
    equal = np.asarray(model.sum(axis=1)).reshape(-1, 1) / cells
    found = linear_programme(
        np.append(np.zeros(cells), -1.0),
        A_eq=sparse.hstack([model, sparse.csr_array(equal)]),
        b_eq=shares,
        bounds=(0, None),
    )
    return bool(found.success and found.x[-1] > KEPT)


def _merged(levels: Codes, margins: Sequence[Margin], merger: Merger) -> tuple[Codes, list[Margin]]:
    place, first = merger
    merged = levels.copy()
    merged[:, place] -= merged[:, place] > first
    margin = margins[place]
    targets = np.add.reduceat(margin.targets, [i for i in range(len(margin.levels)) if i != first + 1])
    names = tuple(name for i, name in enumerate(margin.levels) if i != first + 1)
    fewer = replace(margin, levels=names, targets=targets)
    return merged, [*margins[:place], fewer, *margins[place + 1 :]]


def _placed(margins: Sequence[Margin], places: Codes) -> list[tuple[int, int]]:
    """From a place among all totals to the place of the margin and of its level."""
    every = [(place, level) for place, margin in enumerate(margins) for level in range(len(margin.levels))]
    return [every[place] for place in places.tolist()]


def _empty_cells(
    levels: Codes,
    margins: Sequence[Margin],
    wanted: Sequence[tuple[int, int]],
    scarce: Sequence[tuple[int, int]],
) -> Iterator[str]:
    """What would let the levels wanted have more people: with levels of other margins that are not scarce."""
    concerned = {place for place, _ in chain(wanted, scarce)}
    for (place, level), other in product(wanted, sorted(concerned)):
        together = set(levels[levels[:, place] == level, other].tolist())
        for code, name in enumerate(margins[other].levels):
            if other != place and (other, code) not in scarce and code not in together:
                own = margins[place]
                yield f"{own.key} {own.levels[level]} with {margins[other].key} {name}"


def _called(margins: Sequence[Margin], merger: Merger) -> str:
    margin = margins[merger.margin]
    if len(margin.levels) == 2:
        return f"leave out margin {margin.key}"
    return f"merge {margin.key} {margin.levels[merger.first]} and {margin.levels[merger.first + 1]}"


def neighbours(margin: Margin, answered: npt.NDArray[np.bool_], place: int) -> str:
    """The levels on either side of one, the nearest in which people answered."""
    there = np.flatnonzero(answered)
    beside = [*there[there < place][-1:].tolist(), *there[there > place][:1].tolist()]
    return " or ".join(margin.levels[other] for other in beside) or "another"
