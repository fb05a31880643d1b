"""Population counts as a statistician writes them, and margins that are made to agree."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from analysis.errors import OptionError, number, refuse_no_mapping
from analysis.weighting.calibration import MarginMismatch

By = str | Sequence[str]
"""The column of a margin, or the columns whose combinations are its levels."""

Level = str | float | tuple[str | float, ...]
"""A level of a margin; of several columns one of each."""

Margins = Mapping[str | tuple[str, ...], Mapping[Level, float]]
"""Per margin the population of every level: {"age": {"young": 40, "old": 60}, ("age", "sex"): ...}."""

RECONCILABLE = 0.02
"""Margins may differ this much in a total (counts come rounded); more is a mistake."""

RECONCILING_ROUNDS = 1000

SAME = 1e-12
"""Totals this near to each other, relatively, are the same."""


class ReconciledTotal(Struct, frozen=True, kw_only=True):
    """A part of a margin whose counts were scaled; `level` is the one it shares with the margin before."""

    margin: str
    level: str
    counted: float
    used: float


def reconcile(
    margins: Margins, *, at_most: float = RECONCILABLE
) -> tuple[Margins, tuple[ReconciledTotal, ...]]:
    """Margins that describe the same population, and what was changed for it.

    Counts come rounded, so that margins differ in total. Each margin is scaled to those before it, over
    the levels of the columns that they share (or over its whole); the first stays as it is. Where several
    are shared the scaling goes round until all agree, as raking does (Deming and Stephan 1940). Raises
    MarginMismatch where the difference is more than the share `at_most`.
    """
    if number("at_most", at_most) < 0:
        raise OptionError(f"at_most is {at_most:g}. It is the share that margins may differ, such as 0.02.")
    refuse_no_mapping("The margins", margins, MarginMismatch)
    done: dict[tuple[str, ...], dict[tuple[str, ...], float]] = {}
    changes: list[ReconciledTotal] = []
    for by, totals in margins.items():
        columns = columns_of(by)
        counts = _counts(columns, totals)
        scaled = dict(counts)
        for _ in range(RECONCILING_ROUNDS):
            before = dict(scaled)
            for other, reference in done.items():
                _scale(columns, scaled, other, reference)
            if all(abs(scaled[level] - before[level]) <= SAME * abs(before[level]) for level in scaled):
                break
        else:
            raise MarginMismatch(
                f"Margin {'.'.join(columns)} cannot be made to agree with all those before it. Correct the "
                "counts, or leave one out."
            )
        for other in done:
            changes += _changed(columns, counts, scaled, other, at_most)
        done[columns] = scaled
    named = zip(margins, done.values(), strict=True)
    return {by: {_plain(level): total for level, total in counts.items()} for by, counts in named}, tuple(
        dict.fromkeys(changes)
    )


def columns_of(by: By) -> tuple[str, ...]:
    return (by,) if isinstance(by, str) else tuple(by)


def parts_of(level: Level) -> tuple[str, ...]:
    parts = level if isinstance(level, tuple) else (level,)
    return tuple(
        str(int(part)) if isinstance(part, float) and part.is_integer() else str(part) for part in parts
    )


def _counts(columns: tuple[str, ...], totals: Mapping[Level, float]) -> dict[tuple[str, ...], float]:
    """The counts of a margin by the parts of its levels. Raises MarginMismatch."""
    what = f"Margin {'.'.join(columns)}"
    refuse_no_mapping(f"{what}: the counts", totals, MarginMismatch)
    if not totals:
        raise MarginMismatch(f"{what} has no level. Give a count for each, or leave the margin out.")
    counts: dict[tuple[str, ...], float] = {}
    for level, total in totals.items():
        parts = parts_of(level)
        if len(parts) != len(columns):
            raise MarginMismatch(
                f"{what}: level {'.'.join(parts)} has {len(parts)} parts, where {len(columns)} are needed: "
                "one for each column."
            )
        if parts in counts:
            raise MarginMismatch(f"{what} names level {'.'.join(parts)} twice. Names of levels must differ.")
        counts[parts] = _count(columns, level, total)
    return counts


def _count(columns: tuple[str, ...], level: Level, total: float) -> float:
    what = f"Margin {'.'.join(columns)}: the count of {'.'.join(parts_of(level))}"
    count = number(what, total, MarginMismatch)
    if count < 0:
        raise MarginMismatch(f"{what} is {count:g}. Give a number from 0.")
    return count


def _plain(level: tuple[str, ...]) -> Level:
    return level[0] if len(level) == 1 else level


def _shared(
    columns: Sequence[str], counts: Mapping[tuple[str, ...], float], kept: Sequence[str]
) -> dict[tuple[str, ...], float]:
    """The counts of a margin added up to the columns kept."""
    sums: dict[tuple[str, ...], float] = {}
    for level, total in counts.items():
        key = tuple(level[columns.index(column)] for column in kept)
        sums[key] = sums.get(key, 0.0) + total
    return sums


def _scale(
    columns: tuple[str, ...],
    counts: dict[tuple[str, ...], float],
    other: tuple[str, ...],
    reference: Mapping[tuple[str, ...], float],
) -> None:
    """Scale counts to a margin before, over the levels of the columns that both have."""
    kept = [column for column in columns if column in other]
    wanted, found = _shared(other, reference, kept), _shared(columns, counts, kept)
    for level in counts:
        key = tuple(level[columns.index(column)] for column in kept)
        if key not in wanted or found[key] <= 0:
            raise MarginMismatch(
                f"Margin {'.'.join(columns)}: {'.'.join(key) or 'the whole'} has no people, or is not in "
                f"margin {'.'.join(other)}. Complete the counts."
            )
        counts[level] *= wanted[key] / found[key]


def _changed(
    columns: tuple[str, ...],
    counts: Mapping[tuple[str, ...], float],
    scaled: Mapping[tuple[str, ...], float],
    other: tuple[str, ...],
    at_most: float,
) -> Iterator[ReconciledTotal]:
    kept = [column for column in columns if column in other]
    before, after = _shared(columns, counts, kept), _shared(columns, scaled, kept)
    for key, counted in before.items():
        change = ReconciledTotal(
            margin=".".join(columns), level=".".join(key) or "all", counted=counted, used=after[key]
        )
        if abs(change.used / counted - 1) > at_most:
            raise MarginMismatch(
                f"Margin {change.margin} adds up to {change.counted:,.0f} people in {change.level}, but "
                f"margin {'.'.join(other)} to {change.used:,.0f}. That is more than "
                "rounding: correct the counts."
            )
        if abs(change.used / counted - 1) > SAME:
            yield change
