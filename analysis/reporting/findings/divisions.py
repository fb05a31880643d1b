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
from msgspec.structs import replace

from analysis.columns import compacted
from analysis.reporting.disclosure import (
    MINIMUM_BASE,
    SMALLEST_CELL,
    Cell,
    Counts,
    Mask,
    hidden_cells,
    hide_sums,
    uncounted,
    withheld,
)
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.exports.questions import ClosedQuestion, Filter, filters, is_special, question_of
from analysis.reporting.findings import indicators
from analysis.reporting.findings.groups import areas_of, groups_by, joined
from analysis.reporting.findings.hard_to_reach import IN, SIDES, UNKNOWN, is_compared, places_of
from analysis.reporting.plans.plan import AnalysisPlan, GroupPlan, Indicator
from analysis.reporting.plans.weighting_plan import AREA

Codes = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


class Division(Struct, frozen=True, kw_only=True, eq=False):
    """Everybody at one of `levels`; `of` are the indicators that are published for those in `published`.

    `key` and `levels` are names in no language, so that they are the same in every report of a survey.
    `unanswered`: the place of the level of those who did not say where they belong, None when all did.
    `variables`: the columns that tell the level of somebody.
    """

    key: str
    levels: tuple[str, ...]
    codes: Codes
    of: frozenset[str]
    published: frozenset[str]
    unanswered: int | None = None
    variables: frozenset[str] = frozenset()


class Hidden(Struct, frozen=True, kw_only=True):
    """What may not be shown besides: indicators of everybody, and (indicator, division, level).

    `bases`: (question, division, level) of which not even the number of answers may be shown.
    """

    wholes: frozenset[str] = frozenset()
    cells: frozenset[tuple[str, str, str]] = frozenset()
    bases: frozenset[tuple[str, str, str]] = frozenset()

    def besides(
        self, cell: Cell, indicator: Indicator, question: ClosedQuestion, division: str, level: str
    ) -> Cell:
        """The figure of an indicator at a level of a division, as far as it may be shown."""
        if (question.key, division, level) in self.bases:
            return uncounted()
        return withheld(cell) if (indicator.key, division, level) in self.cells else cell


class _Figure(Struct, frozen=True, kw_only=True, eq=False):
    """A published share or mean: of which people it is a sum."""

    indicator: str
    division: str
    level: str
    people: Mask
    shown: bool


def group_key(group: GroupPlan) -> str:
    """By who belongs to it: what a group is called differs by language."""
    return f"group {group.variable} = {', '.join(map(str, sorted(group.codes)))}"


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
                    key=group_key(group),
                    levels=SIDES,
                    codes=places_of(sample, group),
                    variables=frozenset({group.variable}),
                    of=frozenset(
                        each.key for each in plan.indicators if is_compared(sample.questionnaire, group, each)
                    ),
                    published=frozenset({IN}),
                )
    for table in plan.tables:
        groups = groups_by(sample, plan, table.by)
        yield Division(
            key=table_key(table.key),
            levels=groups.names,
            codes=groups.codes,
            of=frozenset(table.indicators) or every,
            published=frozenset(groups.names) - groups.uncounted,
            unanswered=groups.unanswered,
            variables=groups.variables,
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
    hidden = Hidden(wholes=frozenset(wholes), cells=frozenset(cells))
    bases = frozenset(
        place
        for each in filters(sample.questionnaire)
        for place in _told_by_bases(sample, plan, each, found, hidden)
    )
    return replace(hidden, bases=bases)


def _families(found: Sequence[Indicator]) -> Iterator[list[Indicator]]:
    """Shares that are made of the same answers, and each mean by itself."""
    families: dict[tuple[str, ...], list[Indicator]] = {}
    for each in found:
        key = (each.variable, each.scale or "") if each.kind == "proportion" else (each.key,)
        families.setdefault(key, []).append(each)
    yield from families.values()


class _Crossed(Struct, frozen=True, kw_only=True, eq=False):
    """How many people there are by the levels of `parts` and by the kinds of their answers.

    `counts` has shape (levels of all parts, kinds); `rows` are where the parts begin, and their end.
    """

    parts: Sequence[Division]
    rows: Codes
    kinds: Mask
    counts: Counts

    def places(self) -> Iterator[tuple[Division, int, str, Mask]]:
        """Every level of every part, with its row of the counts."""
        for part, start in zip(self.parts, self.rows, strict=False):
            for number, level in enumerate(part.levels):
                yield part, number, level, np.arange(self.rows[-1])[:, None] == start + number

    @property
    def everybody(self) -> Mask:
        """All rows of the first part: each part holds everybody."""
        everybody: Mask = np.arange(self.rows[-1])[:, None] < self.rows[1]
        return everybody


def _crossed(family: Sequence[Indicator], values: Sequence[Floats], parts: Sequence[Division]) -> _Crossed:
    kinds, kind = _kinds(family, values)
    rows = np.concatenate([[0], np.cumsum([len(part.levels) for part in parts])])
    counts = np.zeros((rows[-1], len(kinds)), dtype=np.intp)
    for part, start in zip(parts, rows, strict=False):
        here = part.codes * len(kinds) + kind
        size = len(part.levels) * len(kinds)
        counts[start : start + len(part.levels)] = np.bincount(here, minlength=size).reshape(-1, len(kinds))
    return _Crossed(parts=parts, rows=rows, kinds=kinds, counts=counts)


def _told(sample: Dataset, family: Sequence[Indicator], parts: Sequence[Division]) -> Iterator[_Figure]:
    """The figures of a family that tell of a few people, when all are known."""
    values = [indicators.values(sample, each) for each in family]
    sensitive = is_special(question_of(sample.questionnaire, family[0].variable))
    crossed = _crossed(family, values, parts)
    figures = [*_figures(crossed, family, values, sensitive=sensitive)]
    bases = [
        row & crossed.kinds[:, 2 * place + 1]
        for place, indicator in enumerate(family)
        for part, _, _, row in crossed.places()
        if indicator.key in part.of
    ]
    stay = hide_sums(
        crossed.counts,
        [] if family[0].kind == "mean" else [base for base in bases if crossed.counts[base].sum()],
        [each.people for each in figures],
        [each.shown for each in figures],
        sensitive=sensitive,
        links=[*_links(crossed)],
    )
    yield from (each for each, stays in zip(figures, stay, strict=True) if each.shown and not stays)


def _figures(
    crossed: _Crossed, family: Sequence[Indicator], values: Sequence[Floats], *, sensitive: bool
) -> Iterator[_Figure]:
    """Those of everybody and of every level, and whether these are shown as far as one division goes."""
    for place, (indicator, value) in enumerate(zip(family, values, strict=True)):
        hits = crossed.kinds[:, 2 * place]
        enough = int((~np.isnan(value)).sum()) >= MINIMUM_BASE
        people = crossed.everybody & hits
        yield _Figure(indicator=indicator.key, division="", level="", people=people, shown=enough)
        shown = {part.key: _shown(indicator, value, part, sensitive=sensitive) for part in crossed.parts}
        for part, number, level, row in crossed.places():
            published = indicator.key in part.of and level in part.published
            yield _Figure(
                indicator=indicator.key,
                division=part.key,
                level=level,
                people=row & hits,
                shown=bool(shown[part.key][number]) and published,
            )


def _told_by_bases(
    sample: Dataset, plan: AnalysisPlan, asked: Filter, found: Sequence[Division], hidden: Hidden
) -> Iterator[tuple[str, str, str]]:
    """Where the number of answers to a question tells of a few people how they answered the one before it.

    That number is taken for the number of those who were asked, as if nobody had skipped the question. All
    figures of the question before it that are shown are known, and of everybody how many were asked.
    """
    keys = {each.key for each in asked.asked}
    after = {
        each.key for each in plan.indicators if question_of(sample.questionnaire, each.variable).key in keys
    }
    family = [
        each
        for each in plan.indicators
        if each.variable == asked.variable and each.kind == "proportion" and each.scale is None
    ]
    of = after | {each.key for each in family}
    parts = [part for part in found if part.of & of and asked.variable not in part.variables]
    led = Indicator(key="", label="", variable=asked.variable, kind="proportion", codes=asked.codes)
    values = [indicators.values(sample, each) for each in (*family, led)]
    if not parts or not (values[-1] == 1).any():
        return
    sensitive = is_special(question_of(sample.questionnaire, asked.variable))
    crossed = _crossed([*family, led], values, parts)
    known = [
        each.people
        for each in _figures(crossed, family, values[:-1], sensitive=sensitive)
        if each.shown
        and each.indicator not in (hidden.wholes if not each.division else ())
        and (each.indicator, each.division, each.level) not in hidden.cells
    ]
    hits, answered = crossed.kinds[:, -2], crossed.kinds[:, -1]
    places = [*crossed.places()]
    bases = [row & answered for *_, row in places]
    sums = [row & hits for *_, row in places]
    stay = hide_sums(
        crossed.counts,
        [base for base in bases if crossed.counts[base].sum()],
        sums,
        [
            bool(part.of & after)
            and level in part.published
            and crossed.counts[led_here].sum() >= SMALLEST_CELL
            for (part, _, level, _), led_here in zip(places, sums, strict=True)
        ],
        sensitive=sensitive,
        links=[*_links(crossed), crossed.everybody & hits, *known],
    )
    for (part, _, level, _), led_here, stays in zip(places, sums, stay, strict=True):
        told = bool(part.of & after) and level in part.published
        if told and not stays and crossed.counts[led_here].sum() >= SMALLEST_CELL:
            yield from ((key, part.key, level) for key in keys)


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
    """Which levels the division itself shows; from what is shown follows the sum of those never shown."""
    answered = ~np.isnan(values)
    sizes = np.bincount(part.codes[answered], minlength=len(part.levels))
    codes = joined(part.codes, sizes, part.unanswered)
    never = [place for place, level in enumerate(part.levels) if level not in part.published]
    codes = np.where(np.isin(codes, never), never[0] if never else 0, codes)
    hits = np.bincount(codes[values == 1], minlength=len(part.levels))
    bases = np.bincount(codes[answered], minlength=len(part.levels))
    shown: Mask = bases >= MINIMUM_BASE
    if indicator.kind == "mean":
        shown[bases > 0] &= ~hidden_cells(bases[None, bases > 0])[0]
    else:
        shown &= ~hidden_cells(np.column_stack([hits, bases - hits]), sensitive=sensitive)[:, 0]
    shown &= sizes == bases  # those that were taken together are not shown
    return shown


def _links(crossed: _Crossed) -> Iterator[Counts]:
    """Sums that are 0: all divisions are of the same people, and a level may be several levels of another."""
    parts, rows = crossed.parts, crossed.rows
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
        for kind in range(len(crossed.kinds)):
            link = np.zeros(crossed.counts.shape, dtype=np.intp)
            link[whole, kind], link[split, kind] = 1, -1
            yield link
