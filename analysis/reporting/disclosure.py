"""What may be published: small cells become a value that cannot be printed as a number.

The thresholds are those of the project's requirements. Everything that leaves the analysis (tables,
charts, texts) passes through here; what a template does not get, it cannot print.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Literal, NoReturn, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy.optimize import linprog

from analysis.estimation.estimates import Estimate, Observed

Counts = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

MINIMUM_BASE = 30
"""Fewest respondents under any percentage or mean."""

FIRM_AREA_BASE = 50
"""Fewest respondents for a figure of one area that is not called indicative."""

SMALLEST_CELL = 5
"""Fewest respondents in a cell that is shown, and the narrowest range to which a hidden one may be bound."""

GROUP_SHARE = 0.9
GROUP_BASE = 100
"""A sensitive answer given by more than this share of a group smaller than this says it of each of them."""

NOBODY_BASE = 100
"""That nobody gave an answer may be said of so many people, when the answer is not sensitive."""

_DRAWN_AMONG = 3
"""Of so many of the smallest cells that are shown the lot draws which goes."""

Level = Literal["city", "area"]
Reason = Literal["too_few", "protected", "counted", "no_margin"]


class Suppressed(Struct, frozen=True, kw_only=True):
    """A figure that is not published. It has no value, and refuses to become text or a number.

    `too_few`: the base is below the minimum. `protected`: the cell is small, or nearly everybody in a
    small group gave the same sensitive answer, or the cell is hidden so that such a one cannot be
    computed from the totals; which of the three is not said, because saying it would tell the answer.
    `counted`: not even the base is told, because it is how many gave an answer to another question.
    `no_margin`: no degrees of freedom, as where all come from one cluster, so nobody knows how sure it is.
    `respondents` is the base, None when that is too small to show as well.
    """

    reason: Reason
    respondents: int | None = None

    def __str__(self) -> NoReturn:
        raise TypeError("A suppressed figure cannot be printed: show its reason instead.")

    def __format__(self, _: str) -> NoReturn:
        raise TypeError("A suppressed figure cannot be printed: show its reason instead.")

    def __float__(self) -> NoReturn:
        raise TypeError("A suppressed figure has no value.")


Cell = Estimate | Suppressed

Figure = TypeVar("Figure", Estimate, Observed)


def protect(estimate: Figure, *, level: Level = "city") -> Figure | Suppressed:
    """A mean that stands alone: published when enough people, and units drawn, stand behind it."""
    if estimate.respondents < MINIMUM_BASE:
        return _suppressed("too_few", estimate.respondents)
    if isinstance(estimate, Estimate) and estimate.degrees_of_freedom < 1:
        return _suppressed("no_margin", estimate.respondents)
    few = level == "area" and estimate.respondents < FIRM_AREA_BASE
    return msgspec.structs.replace(estimate, indicative=few)


def withheld(cell: Cell | Observed) -> Suppressed:
    """A figure that may not be shown beside others."""
    return (
        cell if isinstance(cell, Suppressed) else Suppressed(reason="protected", respondents=cell.respondents)
    )


def uncounted() -> Suppressed:
    """A figure of which the base may not be shown either."""
    return Suppressed(reason="counted")


def protect_means(estimates: Sequence[Figure], *, level: Level = "area") -> tuple[Figure | Suppressed, ...]:
    """The mean of each group; the groups do not overlap, and that of all together is published too.

    With one mean hidden and the others known, so is that one. So where a few people stand behind a hidden
    mean, those behind hidden means are SMALLEST_CELL together, in more than one group.
    """
    bases = np.array([estimate.respondents for estimate in estimates])
    hidden = np.zeros(len(bases), dtype=bool)
    hidden[bases > 0] = hidden_cells(bases[None, bases > 0])[0]
    return tuple(
        _published(estimate, bool(hides), base=estimate.respondents, level=level)
        for estimate, hides in zip(estimates, hidden, strict=True)
    )


def protect_table(
    counts: Counts,
    estimates: Sequence[Sequence[Figure]],
    *,
    level: Level = "area",
    sensitive: bool = False,
    lot: bytes = b"",
) -> tuple[tuple[Figure | Suppressed, ...], ...]:
    """The shares of answers (columns) in groups of people (rows), with what must be hidden hidden.

    `counts` holds unweighted respondents, shape (groups, answers), every answer that counts in the
    base included; the groups do not overlap, and together they are the total that is published too.
    `estimates` has the same shape. A distribution of one group is a table of one row. `lot`: see
    `hidden_cells`.
    """
    hidden = hidden_cells(counts, sensitive=sensitive, lot=lot)
    return tuple(
        tuple(_published(*cell, base=int(row.sum()), level=level) for cell in zip(shares, hides, strict=True))
        for shares, hides, row in zip(estimates, hidden, counts, strict=True)
    )


def protect_shares(
    hits: Sequence[int], estimates: Sequence[Figure], *, level: Level = "area", sensitive: bool = False
) -> tuple[Figure | Suppressed, ...]:
    """One share per group (how many said yes), protected as the table of yes and not yes."""
    bases = [estimate.respondents for estimate in estimates]
    counts = np.array([[yes, base - yes] for yes, base in zip(hits, bases, strict=True)])
    pairs = [(estimate, estimate) for estimate in estimates]
    return tuple(row[0] for row in protect_table(counts, pairs, level=level, sensitive=sensitive))


def protect_classes(
    hits: Sequence[int],
    estimates: Sequence[Figure],
    classes: Sequence[tuple[Sequence[int], Figure]],
    *,
    sensitive: bool = False,
    lot: bytes = b"",
) -> tuple[tuple[Figure | Suppressed, ...], tuple[Figure | Suppressed, ...]]:
    """The answers of one group of people, and classes of these answers: both are published.

    `hits` and `estimates` are per answer, the answers exclude each other and are all that count in the base.
    A class holds the places of its answers, and its estimate; each answer stands in one class. The classes
    are protected first. Then a hidden class hides its answers, and the answers of a shown class are protected
    within it, for their sum is known. `lot`: see `hidden_cells`.
    """
    counts = np.array(hits)
    inside = [np.array(answers) for answers, _ in classes]
    of_class = np.array([[counts[answers].sum() for answers in inside]])
    hidden = hidden_cells(of_class, sensitive=sensitive, lot=lot)[0]
    base = int(counts.sum())
    hides = np.zeros(len(counts), dtype=bool)
    for answers, hidden_class in zip(inside, hidden, strict=True):
        hides[answers] = hidden_class or _hidden_within(counts[answers], base, sensitive=sensitive, lot=lot)

    def publish(found: Iterable[Figure], hiding: Mask) -> tuple[Figure | Suppressed, ...]:
        pairs = zip(found, hiding, strict=True)
        return tuple(_published(each, bool(hide), base=base, level="city") for each, hide in pairs)

    return publish(estimates, hides), publish((estimate for _, estimate in classes), hidden)


def protect_mean(  # noqa: PLR0913 - a mean, and what stands beside it
    mean: Observed,
    numbers: Counts,
    counts: Counts,
    cells: Sequence[Mask],
    shown: Sequence[bool],
    *,
    sensitive: bool,
) -> Observed | Suppressed:
    """The mean of `numbers` that `counts` people gave, beside cells of these of which not all are shown.

    `numbers`, `counts` and each of the cells have shape (numbers,). The mean of n people is printed to
    tenths: their sum is known but for n/20 to either side. It goes where a small cell that is hidden could
    then differ by fewer than SMALLEST_CELL, given the cells that are shown (the interval audit, as in
    `hidden_cells`).
    """
    published = protect(mean)
    if isinstance(published, Suppressed) or all(shown):
        return published
    base = int(counts.sum())
    every = np.ones(len(counts), dtype=bool)
    sides = np.array([every, *(cell for cell, shows in zip(cells, shown, strict=True) if shows)], dtype=float)
    middle, off = base * round(mean.value, 1), base * _MEAN_ROUNDING
    hidden = [cell for cell, shows in zip(cells, shown, strict=True) if not shows]
    people = np.array([[counts[cell].sum(), base - counts[cell].sum()] for cell in hidden])
    for cell, small in zip(hidden, few_in(people, sensitive=sensitive)[:, 0], strict=True):
        if not small:
            continue
        least, most = (
            linprog(
                sign * cell.astype(float),
                A_ub=np.array([numbers, -numbers], dtype=float),
                b_ub=[middle + off, off - middle],
                A_eq=sides,
                b_eq=sides @ counts,
            ).fun
            for sign in (1, -1)
        )
        if least is None or most is None:
            raise AssertionError("the true numbers have their own mean")
        if -most - least < SMALLEST_CELL - 1e-6:
            return withheld(published)
    return published


_MEAN_ROUNDING = 0.05 + 1e-9


def _hidden_within(counts: Counts, base: int, *, sensitive: bool, lot: bytes) -> Mask:
    """What to hide of a class whose sum is published: the small ones, and others until those are safe."""
    small = counts < SMALLEST_CELL
    if not sensitive and base >= NOBODY_BASE:
        small &= counts > 0
    hidden: Mask = small.copy()
    while small.any() and not hidden.all() and (hidden.sum() < 2 or counts[hidden].sum() < SMALLEST_CELL):
        hidden[_small_one(counts, ~hidden, lot)] = True
    return hidden


def hidden_cells(counts: Counts, *, sensitive: bool = False, lot: bytes = b"") -> Mask:
    """Which cells of a table to hide, so that nobody can compute a small one from what is shown.

    Hidden at first: cells below SMALLEST_CELL, rows below MINIMUM_BASE, and with `sensitive` rows in
    which one answer holds nearly everybody. Without `sensitive` an answer that nobody of NOBODY_BASE gave is
    no small cell: there is nobody in it to recognise. Then cells are added, the smallest first, until every
    cell that needs protection could differ by at least SMALLEST_CELL, or by all of a smaller row, given all
    shown cells and all totals (the interval audit of Fischetti and Salazar 2001, by linear programming). A
    table in which that cannot be reached is hidden whole. A row without anybody, such as an area where the
    question is not asked, has nothing to protect.

    Where exact numbers of people are printed, that the smallest cell goes would tell how many are in it:
    whoever tries all numbers keeps those by which just these cells go. There `lot`, a key that no reader can
    have, draws one of the smallest (docs/decisions/0128).
    """
    small = few_in(counts, sensitive=sensitive)
    rows = counts.sum(axis=1) < MINIMUM_BASE
    grouped = _group_disclosure(counts) if sensitive else np.zeros(len(counts), dtype=bool)
    at_risk = small | grouped[:, None]
    hidden: Mask = at_risk | rows[:, None]
    for place in zip(*np.nonzero(at_risk), strict=True):
        while not hidden.all() and not _is_protected(counts, hidden, place):
            hidden[_next_to_hide(counts, hidden, place, lot)] = True
    return hidden


def few_in(counts: Counts, *, sensitive: bool) -> Mask:
    """The cells in which so few people are that they could be recognised; nobody of many is no such cell."""
    bases = counts.sum(axis=1)
    small: Mask = (counts < SMALLEST_CELL) & (bases > 0)[:, None]
    if not sensitive:
        small &= (counts > 0) | (bases < NOBODY_BASE)[:, None]
    return small


def possible_range(counts: Counts, hidden: Mask, place: tuple[int, int]) -> tuple[float, float]:
    """Least and most that a hidden cell can be, to somebody who sees all other cells and all totals."""
    cells = np.argwhere(hidden)
    unknown = np.where(hidden, counts, 0)
    rows = (cells[:, 0] == np.arange(counts.shape[0])[:, None]).astype(float)
    columns = (cells[:, 1] == np.arange(counts.shape[1])[:, None]).astype(float)
    sums = np.concatenate([unknown.sum(axis=1), unknown.sum(axis=0)])
    wanted = (cells == place).all(axis=1).astype(float)
    sides = np.vstack([rows, columns])
    least = linprog(wanted, A_eq=sides, b_eq=sums).fun
    most = linprog(-wanted, A_eq=sides, b_eq=sums).fun
    if least is None or most is None:
        raise AssertionError("the true table satisfies its own totals")
    return float(least), float(-most)


def _is_protected(counts: Counts, hidden: Mask, place: tuple[int, int]) -> bool:
    row, column = place
    partners_row = hidden[row].sum() - 1
    # A table of one row has no column totals besides its own cells.
    if len(counts) == 1:
        return bool(partners_row and counts[row][hidden[row]].sum() >= SMALLEST_CELL)
    if not partners_row or hidden[:, column].sum() < 2:
        return False
    least, most = possible_range(counts, hidden, place)
    return most - least >= room_needed(int(counts[row].sum())) - 1e-6


def room_needed(base: int) -> int:
    """How far a small cell must be able to differ: of a group of fewer than SMALLEST_CELL, all the way.

    Nothing is known then of the group but how many they are.
    """
    return min(SMALLEST_CELL, base)


def _next_to_hide(counts: Counts, hidden: Mask, place: tuple[int, int], lot: bytes) -> tuple[int, int]:
    """A small shown cell where it helps most: beside a hidden cell that stands alone in its line."""
    shown = ~hidden
    rows, columns = (hidden.sum(axis=1) == 1)[:, None], (hidden.sum(axis=0) == 1)[None, :]
    own_row = (np.arange(counts.shape[0]) == place[0])[:, None]
    own_column = (np.arange(counts.shape[1]) == place[1])[None, :]
    choices = (rows & columns, rows | columns, own_row | own_column, shown)
    among = next(shown & choice for choice in choices if (shown & choice).any())
    row, column = np.unravel_index(_small_one(counts, among, lot), counts.shape)
    return int(row), int(column)


def _small_one(counts: Counts, among: Mask, lot: bytes) -> int:
    """The place of the smallest of these cells; with a lot of one of the `_DRAWN_AMONG` smallest."""
    places = np.flatnonzero(among)
    smallest = places[np.argsort(counts.flat[places], kind="stable")][: _DRAWN_AMONG if lot else 1]
    return min(map(int, smallest), key=lambda place: blake2b(b"%d" % place, key=lot, digest_size=8).digest())


def _group_disclosure(counts: Counts) -> Mask:
    bases = counts.sum(axis=1)
    disclosing: Mask = (bases < GROUP_BASE) & (counts.max(axis=1) > GROUP_SHARE * bases)
    return disclosing


def _published(estimate: Figure, hidden: bool, *, base: int, level: Level) -> Figure | Suppressed:
    if hidden and base >= MINIMUM_BASE:
        return _suppressed("protected", base)
    return protect(estimate, level=level)


def _suppressed(reason: Reason, base: int) -> Suppressed:
    return Suppressed(reason=reason, respondents=base if base >= SMALLEST_CELL else None)


def hide_sums(  # noqa: PLR0913 - what is published, and what of it tells of a few people
    counts: Counts,
    bases: Sequence[Mask],
    sums: Sequence[Mask],
    shown: Sequence[bool],
    *,
    sensitive: bool,
    links: Sequence[Counts | Mask] = (),
) -> list[bool]:
    """Which of the sums that are `shown` may stay, so that no small cell follows from them.

    `counts` has shape (groups, answers); `bases` and `sums` are the cells that a published number of people
    adds up, of the same shape; `links` are what is known besides: sums with signs that are 0 because groups
    are the same people, and published sums that stay. A small cell of a base, and with `sensitive` each cell
    of one in which one answer holds nearly everybody, could differ by at least SMALLEST_CELL, or by all of a
    smaller base, given all bases and links and all sums that stay (the interval audit of Fischetti and
    Salazar 2001, by linear programming). While it could not, the smallest sum goes on
    which one of its two limits depends, that of a group before that of all. Without bases the total of
    everybody is at risk.
    """
    stay = [*shown]
    everybody = [np.ones(counts.shape, dtype=bool)]
    at_risk = _at_risk(counts, bases, sensitive=sensitive)
    sizes = [(int(cells.any(axis=1).sum()), int(counts[cells].sum())) for cells in sums]
    for place in zip(*np.nonzero(at_risk), strict=True):
        needed = room_needed(min(int(counts[base].sum()) for base in bases or everybody if base[place]))
        while True:
            left = [number for number, stays in enumerate(stay) if stays]
            known: list[Counts | Mask] = [*(sums[number] for number in left), *bases, *links]
            room, weights = _room(counts, known, place)
            telling = [number for number, weight in zip(left, weights, strict=False) if weight > 1e-9]
            if room >= needed - 1e-6 or not telling:
                break
            stay[min(telling, key=sizes.__getitem__)] = False
    return stay


def _at_risk(counts: Counts, bases: Sequence[Mask], *, sensitive: bool) -> Mask:
    """The cells that must not follow: as in a table, each base is a row."""
    if not bases:
        return few_in(counts, sensitive=sensitive)
    at_risk = np.zeros(counts.shape, dtype=bool)
    for base in bases:
        row = counts[base][None]
        grouped = sensitive and row.size > 0 and bool(_group_disclosure(row)[0])
        at_risk[base] |= few_in(row, sensitive=sensitive)[0] | grouped
    return at_risk


def _room(counts: Counts, known: Sequence[Counts | Mask], place: tuple[int, ...]) -> tuple[float, Floats]:
    """How far the number of people in a cell could differ, to somebody who knows these sums.

    And how much the two limits depend on each of the sums: where that is 0, the room stays without it.
    """
    sides = np.array([cells.ravel() for cells in known], dtype=float)
    wanted = np.zeros(counts.shape)
    wanted[place] = 1
    found = [linprog(sign * wanted.ravel(), A_eq=sides, b_eq=sides @ counts.ravel()) for sign in (1, -1)]
    least, most = found
    if least.fun is None or most.fun is None:
        return float("inf"), np.zeros(len(known))  # no end to it: nothing that is known holds the cell
    weights: Floats = np.maximum(np.abs(least.eqlin.marginals), np.abs(most.eqlin.marginals))
    return float(-most.fun - least.fun), weights
