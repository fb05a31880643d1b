"""What an indicator tells of the same people in several divisions: by area, by group, by tables of the plan.

Each of them is protected where it is made. But from the figures of everybody, of the young in one chapter and
of two of three age classes in a table, that of the third class follows. Here all divisions of a plan are
taken together, whichever command prints them, as somebody would who has all files.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.columns import compacted
from analysis.reporting.disclosure import MINIMUM_BASE, Counts, Mask, hidden_cells, hide_sums
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.exports.questions import is_special, question_of
from analysis.reporting.findings import indicators
from analysis.reporting.findings.groups import areas_of, groups_by, joined
from analysis.reporting.findings.hard_to_reach import IN, SIDES, UNKNOWN, places_of
from analysis.reporting.plans.plan import AnalysisPlan, Indicator
from analysis.reporting.plans.weighting_plan import AREA

Codes = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


class Division(Struct, frozen=True, kw_only=True, eq=False):
    """Everybody at one of `levels`; `of` are the indicators that are published for those in `published`.

    `unanswered`: the place of the level of those who did not say where they belong, None when all did.
    """

    key: str
    levels: tuple[str, ...]
    codes: Codes
    of: frozenset[str]
    published: frozenset[str]
    unanswered: int | None = None


class Hidden(Struct, frozen=True, kw_only=True):
    """What may not be shown besides: indicators of everybody, and (indicator, division, level)."""

    wholes: frozenset[str] = frozenset()
    cells: frozenset[tuple[str, str, str]] = frozenset()


class _Figure(Struct, frozen=True, kw_only=True, eq=False):
    """A published share or mean: of which people it is a sum."""

    indicator: str
    division: str
    level: str
    people: Mask
    shown: bool


def group_key(name: str) -> str:
    return f"group {name}"


def table_key(key: str) -> str:
    return f"table {key}"


def divisions(sample: Dataset, plan: AnalysisPlan) -> Iterator[Division]:
    """Those of the report, and those of the tables."""
    every = frozenset(each.key for each in plan.indicators)
    codes, areas = areas_of(sample)
    yield Division(key=AREA, levels=(*areas, UNKNOWN), codes=codes, of=every, published=frozenset(areas))
    if plan.report is not None:
        for group in plan.report.groups:
            if group.variable:
                yield Division(
                    key=group_key(group.name),
                    levels=SIDES,
                    codes=places_of(sample, group),
                    of=frozenset(plan.report.headline),
                    published=frozenset({IN}),
                )
    for table in plan.tables:
        groups = groups_by(sample, plan, table.by)
        yield Division(
            key=table_key(table.key),
            levels=groups.levels,
            codes=groups.codes,
            of=frozenset(table.indicators) or every,
            published=frozenset(groups.levels),
            unanswered=groups.unanswered,
        )


def hidden_figures(sample: Dataset, plan: AnalysisPlan) -> Hidden:
    """What must be hidden besides what each division hides by itself."""
    found = [*divisions(sample, plan)]
    wholes: set[str] = set()
    cells: set[tuple[str, str, str]] = set()
    for family in _families(plan.indicators):
        keys = {each.key for each in family}
        parts = [division for division in found if division.of & keys]
        if len(family) == len(parts) == 1:
            continue
        for each in _told(sample, family, parts):
            if each.division:
                cells.add((each.indicator, each.division, each.level))
            else:
                wholes.add(each.indicator)
    return Hidden(wholes=frozenset(wholes), cells=frozenset(cells))


def _families(found: Sequence[Indicator]) -> Iterator[list[Indicator]]:
    """Shares that are made of the same answers, and each mean by itself."""
    families: dict[tuple[str, ...], list[Indicator]] = {}
    for each in found:
        key = (each.variable, each.scale or "") if each.kind == "proportion" else (each.key,)
        families.setdefault(key, []).append(each)
    yield from families.values()


def _told(sample: Dataset, family: Sequence[Indicator], parts: Sequence[Division]) -> Iterator[_Figure]:
    """The figures of a family that tell of a few people, when all are known."""
    values = [indicators.values(sample, each) for each in family]
    sensitive = is_special(question_of(sample.questionnaire, family[0].variable))
    kinds, kind = _kinds(family, values)
    rows = np.concatenate([[0], np.cumsum([len(part.levels) for part in parts])])
    counts = np.zeros((rows[-1], len(kinds)), dtype=np.intp)
    for part, start in zip(parts, rows, strict=False):
        here = part.codes * len(kinds) + kind
        size = len(part.levels) * len(kinds)
        counts[start : start + len(part.levels)] = np.bincount(here, minlength=size).reshape(-1, len(kinds))
    figures, bases = [], []
    for place, (indicator, value) in enumerate(zip(family, values, strict=True)):
        hits, answered = kinds[:, 2 * place], kinds[:, 2 * place + 1]
        enough = int((~np.isnan(value)).sum()) >= MINIMUM_BASE
        everybody = np.arange(rows[-1])[:, None] < rows[1]
        figures.append(
            _Figure(indicator=indicator.key, division="", level="", people=everybody & hits, shown=enough)
        )
        for part, start in zip(parts, rows, strict=False):
            shown = _shown(indicator, value, part, sensitive=sensitive)
            for number, level in enumerate(part.levels):
                row = np.arange(rows[-1])[:, None] == start + number
                if indicator.key in part.of:
                    bases.append(row & answered)
                figures.append(
                    _Figure(
                        indicator=indicator.key,
                        division=part.key,
                        level=level,
                        people=row & hits,
                        shown=bool(shown[number]) and indicator.key in part.of and level in part.published,
                    )
                )
    stay = hide_sums(
        counts,
        [] if family[0].kind == "mean" else [base for base in bases if counts[base].sum()],
        [each.people for each in figures],
        [each.shown for each in figures],
        sensitive=sensitive,
        links=[*_links(parts, rows, len(kinds))],
    )
    yield from (each for each, stays in zip(figures, stay, strict=True) if each.shown and not stays)


def _kinds(family: Sequence[Indicator], values: Sequence[Floats]) -> tuple[Mask, Codes]:
    """The kinds of answers, and the kind of every person: per indicator whether it counts, and was answered.

    A mean is a sum over people too: of who answered. What one of them said is what must not follow.
    """
    told = [
        part
        for indicator, value in zip(family, values, strict=True)
        for part in (~np.isnan(value) if indicator.kind == "mean" else value == 1, ~np.isnan(value))
    ]
    return patterns(told)


def patterns(parts: Sequence[Mask]) -> tuple[Mask, Codes]:
    """The combinations that occur, shape (combinations, parts), and that of every person.

    One part after the other: sorting a million rows of them takes half a minute.
    """
    kinds, kind = np.zeros((1, 0), dtype=bool), np.zeros(len(parts[0]), dtype=np.intp)
    for part in parts:
        place, found = compacted(2 * kind + part, 2 * len(kinds))
        kinds, kind = np.column_stack([kinds[found // 2], found % 2 == 1]), place.astype(np.intp)
    return kinds, kind


def _shown(indicator: Indicator, values: Floats, part: Division, *, sensitive: bool) -> Mask:
    """Which levels the division itself shows."""
    answered = ~np.isnan(values)
    sizes = np.bincount(part.codes[answered], minlength=len(part.levels))
    codes = joined(part.codes, sizes, part.unanswered)
    hits = np.bincount(codes[values == 1], minlength=len(part.levels))
    bases = np.bincount(codes[answered], minlength=len(part.levels))
    shown: Mask = bases >= MINIMUM_BASE
    if indicator.kind == "mean":
        shown[bases > 0] &= ~hidden_cells(bases[None, bases > 0])[0]
    else:
        shown &= ~hidden_cells(np.column_stack([hits, bases - hits]), sensitive=sensitive)[:, 0]
    shown &= sizes == bases  # those that were taken together are not shown
    return shown


def _links(parts: Sequence[Division], rows: Codes, kinds: int) -> Iterator[Counts]:
    """Sums that are 0: all divisions are of the same people, and a level may be several levels of another."""
    pairs = [(np.arange(rows[0], rows[1]), np.arange(rows[n], rows[n + 1])) for n in range(1, len(parts))]
    for (one, start), (other, there) in permutations(zip(parts, rows, strict=False), 2):
        size = len(one.levels) * len(other.levels)
        both = np.bincount(one.codes * len(other.levels) + other.codes, minlength=size)
        both = both.reshape(-1, len(other.levels))
        for level in range(len(other.levels)):
            inside = np.flatnonzero(both[:, level])
            if len(inside) and both[inside].sum() == both[inside, level].sum():
                pairs.append((start + inside, np.array([there + level])))
    for whole, split in pairs:
        for kind in range(kinds):
            link = np.zeros((rows[-1], kinds), dtype=np.intp)
            link[whole, kind], link[split, kind] = 1, -1
            yield link
