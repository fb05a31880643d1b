"""What an indicator tells of the same people in several divisions: by area, by group, by tables of the plan.

Each of them is protected where it is made. But from the figures of everybody, of the young in one chapter and
of two of three age classes in a table, that of the third class follows. Here all divisions of a plan are
taken together, whichever command prints them, as somebody would who has all files.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import permutations

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

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
from analysis.reporting.findings.groups import areas_of, groups_by, joined, patterns
from analysis.reporting.findings.hard_to_reach import IN, SIDES, UNKNOWN, is_compared, places_of
from analysis.reporting.findings.hypotheses import groups_in, outcome_of
from analysis.reporting.findings.leading import is_sensitive, lead_of, telling
from analysis.reporting.plans.plan import AnalysisPlan, GroupPlan, Indicator
from analysis.reporting.plans.weighting_plan import AREA
from survey.questionnaires.model import MultipleChoice

Codes = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


class Division(Struct, frozen=True, kw_only=True, eq=False):
    """Everybody at one of `levels`; `of` are the indicators that are published for those in `published`.

    `key` and `levels` are names in no language, so that they are the same in every report of a survey.
    `unanswered`: the place of the level of those who did not say where they belong, None when all did.
    `variables`: the columns that tell the level of somebody. `special`: who is at a level tells of health or
    origin. Of a division without `published` levels nothing is printed: each follows from others.
    """

    key: str
    levels: tuple[str, ...]
    codes: Codes
    of: frozenset[str]
    published: frozenset[str]
    unanswered: int | None = None
    variables: frozenset[str] = frozenset()
    special: bool = False


class Hidden(Struct, frozen=True, kw_only=True):
    """What may not be shown besides: indicators of everybody, and (indicator, division, level).

    `bases`: (question, division, level) of which not even the number of answers may be shown. Of everybody
    division and level are empty. `tests`: those of the plan that may not be told, by their keys.
    """

    wholes: frozenset[str] = frozenset()
    cells: frozenset[tuple[str, str, str]] = frozenset()
    bases: frozenset[tuple[str, str, str]] = frozenset()
    tests: frozenset[str] = frozenset()

    @property
    def of_everybody(self) -> frozenset[str]:
        """Questions, by their keys, of which the number of answers of everybody may not be shown."""
        return frozenset(question for question, division, _ in self.bases if not division)

    def hides(self, figure: "_Figure") -> bool:
        if not figure.division:
            return figure.indicator in self.wholes
        return (figure.indicator, figure.division, figure.level) in self.cells

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
        asked = [group for group in plan.report.groups if group.variable]
        yield from (_of_group(sample, plan, group) for group in asked)
        for variable in dict.fromkeys(group.variable for group in asked):
            own = [group for group in asked if group.variable == variable]
            if len(own) > 1:
                yield _of_groups(sample, plan, own)
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


def _of_group(sample: Dataset, plan: AnalysisPlan, group: GroupPlan) -> Division:
    return Division(
        key=group_key(group),
        levels=SIDES,
        codes=places_of(sample, group),
        variables=frozenset({group.variable}),
        of=frozenset(each.key for each in plan.indicators if is_compared(sample.questionnaire, group, each)),
        published=frozenset({IN}),
        special=is_special(question_of(sample.questionnaire, group.variable)),
    )


def _of_groups(sample: Dataset, plan: AnalysisPlan, groups: Sequence[GroupPlan]) -> Division:
    """Groups by the same question: everybody less the young and less the old are those between them."""
    first = _of_group(sample, plan, groups[0])
    kinds, kind = patterns([places_of(sample, group) == SIDES.index(IN) for group in groups])
    names = [[group_key(group) for group, inside in zip(groups, row, strict=True) if inside] for row in kinds]
    return replace(
        first,
        key=f"groups by {groups[0].variable}",
        levels=tuple(" and ".join(own) or "in none" for own in names),
        codes=kind,
        published=frozenset(),
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
    counted = [each for each in plan.indicators if _counts_answers(each, each.variable)]
    of_all = telling(sample, [each for each in counted if each.key not in hidden.wholes])
    bases = {
        place
        for each in filters(sample.questionnaire)
        for place in _told_by_bases(sample, plan, each, found, hidden, of_all)
    }
    return replace(
        hidden,
        bases=frozenset(bases | {(key, "", "") for key in of_all}),
        tests=frozenset(_told_by_tests(sample, plan, found, hidden)),
    )


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
        people = crossed.everybody & hits
        yield _Figure(
            indicator=indicator.key,
            division="",
            level="",
            people=people,
            shown=_shown_of_everybody(indicator, value, sensitive=sensitive),
        )
        shown = {
            part.key: _shown(indicator, value, part, sensitive=sensitive or part.special)
            for part in crossed.parts
        }
        for part, number, level, row in crossed.places():
            published = indicator.key in part.of and level in part.published
            yield _Figure(
                indicator=indicator.key,
                division=part.key,
                level=level,
                people=row & hits,
                shown=bool(shown[part.key][number]) and published,
            )


def _known(  # noqa: PLR0913 - the figures, which of them are published and which are hidden
    crossed: _Crossed,
    family: Sequence[Indicator],
    values: Sequence[Floats],
    hidden: Hidden,
    parts: Sequence[Division],
    *,
    sensitive: bool,
) -> list[Mask]:
    """Whom the figures of everybody and of these parts are of, those that are shown."""
    divided = {"", *(part.key for part in parts)}
    return [
        each.people
        for each in _figures(crossed, family, values, sensitive=sensitive)
        if each.shown and each.division in divided and not hidden.hides(each)
    ]


def _has(part: Division, indicators: Collection[str], asked: Filter) -> bool:
    """Whether a part has figures of one of these; areas have those of all answers that may be ticked."""
    ticked = any(isinstance(each, MultipleChoice) for each in asked.asked)
    return not part.of.isdisjoint(indicators) or (ticked and part.key == AREA)


def _told_by_bases(  # noqa: PLR0913, PLR0917 - what is published, and what of it is hidden already
    sample: Dataset,
    plan: AnalysisPlan,
    asked: Filter,
    found: Sequence[Division],
    hidden: Hidden,
    telling: frozenset[str],
) -> Iterator[tuple[str, str, str]]:
    """Where the number of answers to a question tells of a few people how they answered those before it.

    That number is taken for the number of those who were asked, as if nobody had skipped the question. All
    figures of the question before it that are shown are known; where there are several such questions, how
    many gave each of the answers that lead on.
    """
    keys = {each.key for each in asked.asked}
    after = frozenset(
        each.key for each in plan.indicators if question_of(sample.questionnaire, each.variable).key in keys
    )
    one = len(asked.variables) == 1
    family = [each for each in plan.indicators if one and _counts_answers(each, asked.variables[0])]
    of = after | {each.key for each in family}
    parts = [part for part in found if _has(part, of, asked) and not part.variables & {*asked.variables}]
    lead = lead_of(sample, asked)
    if not parts or not lead.led.any():
        return
    sensitive = is_sensitive(sample, asked)
    own = [indicators.values(sample, each) for each in family]
    leaves = [] if one else [*lead.given]
    # Who is led there may have answered one of several questions only, and counts all the same.
    more = [*leaves, lead.led.astype(float), lead.answered.astype(float)]
    crossed = _crossed([*family, *(_UNPUBLISHED for _ in more)], [*own, *more], parts)
    places = [*crossed.places()]
    rows = [row for *_, row in places]
    known = _known(crossed, family, own, hidden, parts, sensitive=sensitive)
    known += [row & crossed.kinds[:, 2 * place] for place in range(len(leaves)) for row in rows]
    hits, answered = crossed.kinds[:, -4], crossed.kinds[:, -2]
    bases = [row & answered for row in rows]
    told = [level in part.published and _has(part, after, asked) for part, _, level, _ in places]
    sums = [crossed.everybody & hits, *(row & hits for row in rows)]
    printed = [not keys & telling, *told]
    stay = hide_sums(
        crossed.counts,
        [base for base in bases if crossed.counts[base].sum()],
        sums,
        printed,
        sensitive=sensitive,
        links=[*_links(crossed), *known],
    )
    names = [("", ""), *((part.key, level) for part, _, level, _ in places)]
    for name, shown, stays in zip(names, printed, stay, strict=True):
        if shown and not stays:
            yield from ((key, *name) for key in keys)


_UNPUBLISHED = Indicator(key="", label="", variable="", kind="proportion")
"""Who is led to other questions, or gave an answer that leads there: no figure by itself."""


def _counts_answers(indicator: Indicator, variable: str) -> bool:
    return indicator.variable == variable and indicator.kind == "proportion" and indicator.scale is None


def _told_by_tests(
    sample: Dataset, plan: AnalysisPlan, found: Sequence[Division], hidden: Hidden
) -> Iterator[str]:
    """Tests that tell of a few people what these answered, beside all figures that are shown and other tests.

    The difference of two groups and the figure of everybody are the figures of both.
    """
    for family in _families(plan.indicators):
        keys = {each.key for each in family}
        compared = [*_compared(sample, plan, keys)]
        if not compared:
            continue
        figured = [part for part in found if part.of & keys]
        parts = [*figured, *(part for _, part in compared), _in_tests(compared)]
        values = [indicators.values(sample, each) for each in family]
        sensitive = is_special(question_of(sample.questionnaire, family[0].variable))
        crossed = _crossed(family, values, parts)
        places = [*crossed.places()]
        known = _known(crossed, family, values, hidden, figured, sensitive=sensitive)
        tests = {part.key: key for key, part in compared}
        told = [
            (tests[part.key], row & crossed.kinds[:, 2 * place])
            for place, indicator in enumerate(family)
            for part, _, level, row in places
            if part.key in tests and indicator.key in part.of and level in part.published
        ]
        answers = [
            (part, row & crossed.kinds[:, 2 * place + 1])
            for place, indicator in enumerate(family)
            for part, _, _, row in places
            if part.key not in tests and (indicator.key in part.of or not part.of)
        ]
        # Of those who are in one test and not in another no answer may follow where they are few.
        bases = [
            people
            for part, people in answers
            if (number := crossed.counts[people].sum()) and (part.of or number < SMALLEST_CELL)
        ]
        sizes = {key: int((part.codes < len(part.published)).sum()) for key, part in compared}
        links: list[Counts | Mask] = [*_links(crossed), *known]
        while True:
            stay = hide_sums(
                crossed.counts,
                [] if family[0].kind == "mean" else bases,
                [people for _, people in told],
                [True] * len(told),
                sensitive=sensitive,
                links=links,
            )
            tell = {key for (key, _), stays in zip(told, stay, strict=True) if not stays}
            if not tell:
                break
            # All of a test goes at once; of those that a bound depends on, the one of the fewest people.
            withheld = min(tell, key=sizes.__getitem__)
            told = [(key, people) for key, people in told if key != withheld]
            yield withheld


def _compared(sample: Dataset, plan: AnalysisPlan, keys: Collection[str]) -> Iterator[tuple[str, Division]]:
    """The groups of the tests of these indicators, and the tests' keys."""
    for test in plan.tests:
        outcome = outcome_of(test)
        if outcome is None or outcome not in keys:
            continue
        for name, groups, codes in groups_in(sample, plan, test):
            levels = tuple(map(str, range(groups)))
            division = Division(
                key=f"test {test.key} by {name}",
                levels=(*levels, UNKNOWN),
                codes=codes,
                of=frozenset({outcome}),
                published=frozenset(levels),
            )
            yield test.key, division


def _in_tests(compared: Sequence[tuple[str, Division]]) -> Division:
    """Everybody by the tests that he or she is in."""
    used = {test: part.codes < len(part.published) for test, part in compared}
    kinds, codes = patterns([*used.values()])
    levels = tuple(map(str, range(len(kinds))))
    return Division(key="tests", levels=levels, codes=codes, of=frozenset(), published=frozenset())


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


def _shown_of_everybody(indicator: Indicator, values: Floats, *, sensitive: bool) -> bool:
    base, hits = int((~np.isnan(values)).sum()), int((values == 1).sum())
    if indicator.kind == "mean":
        return base >= MINIMUM_BASE
    return base > 0 and not hidden_cells(np.array([[hits, base - hits]]), sensitive=sensitive)[0, 0]


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
