"""Who belongs to which part of the population: by area, a margin of the plan, or the answer to a question."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from analysis.columns import compacted
from analysis.reporting.disclosure import SMALLEST_CELL, hidden_cells
from analysis.reporting.exports.dataset import Dataset, answer_codes
from analysis.reporting.exports.questions import is_special, question_of
from analysis.reporting.plans.plan import AnalysisPlan
from analysis.reporting.plans.weighting_plan import AREA, MarginPlan
from analysis.reporting.weighting.margins import NO_ANSWER, OTHER_OR_NO_ANSWER, UNKNOWN, categories_of
from analysis.reporting.wording import asked, question_text
from survey.questionnaires.model import Battery, Number, SingleChoice

Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

CROSS = " × "

UNANSWERED = "no answer"
"""The name of the level of those who gave no answer that counts."""


class Groups(Struct, frozen=True, kw_only=True, eq=False):
    """The level of every response, as a place in `levels`; together the levels hold everybody.

    `label` names the division and `question` is what was asked ("" for areas). `levels` are in the words of
    the report, `names` the same in no language: the code of an area or answer, the key of a category.
    `unanswered`: the place of the last level, of those who gave no answer that counts; None when all did.
    The levels together are everybody, and audited as such. `variables` are the columns that tell the level.
    `uncounted`: how many people are at these levels, by their names, may not be told, because it is how many
    gave an answer that a report hides.
    """

    label: str
    question: str
    levels: tuple[str, ...]
    names: tuple[str, ...]
    codes: Codes
    unanswered: int | None
    variables: frozenset[str] = frozenset()
    uncounted: frozenset[str] = frozenset()

    @property
    def answered(self) -> Mask:
        """Who gave an answer that counts."""
        return np.full(len(self.codes), True) if self.unanswered is None else self.codes != self.unanswered

    def texts(self) -> Texts:
        """The level of every response in words."""
        return np.array(self.levels, dtype=object)[self.codes]

    def named(self) -> Texts:
        """The level of every response by its name."""
        return np.array(self.names, dtype=object)[self.codes]


def groups_by(sample: Dataset, plan: AnalysisPlan, names: Sequence[str]) -> Groups:
    """The combinations of the divisions named, those in which somebody answered."""
    parts = [_one(sample, plan, name) for name in names]
    if len(parts) == 1:
        return parts[0]
    sizes = [len(part.levels) for part in parts]
    answered = np.logical_and.reduce([part.answered for part in parts])
    rests = {part.levels[-1] for part in parts if part.unanswered is not None}
    codes = np.ravel_multi_index(tuple(part.codes for part in parts), sizes)
    found = _divided(
        CROSS.join(part.label for part in parts),
        " / ".join(part.question for part in parts if part.question),
        {
            CROSS.join(names): CROSS.join(levels)
            for names, levels in zip(
                product(*(part.names for part in parts)),
                product(*(part.levels for part in parts)),
                strict=True,
            )
        },
        np.where(answered, codes, UNKNOWN),
        OTHER_OR_NO_ANSWER if OTHER_OR_NO_ANSWER in rests else NO_ANSWER,
    )
    uncounted = {
        CROSS.join(names)
        for names in product(*(part.names for part in parts))
        if any(name in part.uncounted for name, part in zip(names, parts, strict=True))
    }
    return replace(
        found,
        variables=frozenset().union(*(part.variables for part in parts)),
        uncounted=frozenset(uncounted),
    )


def _one(sample: Dataset, plan: AnalysisPlan, name: str) -> Groups:
    if name == AREA:
        return _areas(sample)
    margin = next((each for each in plan.weighting.margins if each.population == name), None)
    if margin is None:
        return _answers(sample, name)
    question = question_of(sample.questionnaire, margin.variable)
    words = plan.report.margins.get(name) if plan.report else None
    levels = {each: words.categories.get(each, each) if words else each for each in margin.categories}
    label = words.label if words else name
    rest = OTHER_OR_NO_ANSWER if _is_partial(sample, margin) else NO_ANSWER
    found = _divided(label, asked(question), levels, categories_of(sample, margin), rest)
    return replace(found, variables=frozenset({margin.variable}))


def _is_partial(sample: Dataset, margin: MarginPlan) -> bool:
    """Whether the question of the margin has answers that are in none of its categories."""
    question = question_of(sample.questionnaire, margin.variable)
    stops = {option.code for option in getattr(question, "options", ()) if option.stop is not None}
    listed = {code for codes in margin.categories.values() for code in codes}
    known = answer_codes(sample.questionnaire)[margin.variable]
    return margin.otherwise is None and bool(known - stops - listed)


def _areas(sample: Dataset) -> Groups:
    codes, areas = areas_of(sample)
    names = {area.code: area.name for area in sample.questionnaire.municipality.areas}
    return _divided(
        "wijk", "", {area: names[area] for area in areas}, np.where(codes == len(areas), UNKNOWN, codes)
    )


def areas_of(sample: Dataset) -> tuple[Codes, tuple[str, ...]]:
    """The area of every response, as a place among the codes of the areas; the next one when not known."""
    areas = tuple(area.code for area in sample.questionnaire.municipality.areas)
    known, given = np.array(areas), sample.texts["area"]
    order = np.argsort(known)
    found = order[np.searchsorted(known, given, sorter=order).clip(max=len(known) - 1)]
    return np.where(known[found] == given, found, len(known)), areas


def joined(codes: Codes, sizes: Codes, unanswered: int | None) -> Codes:
    """The levels, those who gave no answer with the smallest one when fewer than SMALLEST_CELL are.

    `sizes`: how many people of a level count. The figures of a few who gave no answer would follow from those
    of all others and of everybody; the two that are taken together are not shown.
    """
    if unanswered is None or not 0 < sizes[unanswered] < SMALLEST_CELL or unanswered == 0:
        return codes
    smallest = np.where(sizes[:unanswered] > 0, sizes[:unanswered], np.inf).argmin()
    return np.where(codes == unanswered, smallest, codes)


def _answers(sample: Dataset, variable: str) -> Groups:
    question = question_of(sample.questionnaire, variable)
    answers = sample.codes[variable]
    match question:
        case Number():
            levels = {code: f"{code}" for code in range(question.minimum, question.maximum + 1)}
        case SingleChoice() | Battery():
            levels = {option.code: option.label.source for option in question.options if option.stop is None}
        case _:
            raise AssertionError("the plan allows questions with one answer only")
    codes = np.full(sample.size, UNKNOWN, dtype=np.intp)
    for place, code in enumerate(levels):
        codes[answers == code] = place
    counts = np.bincount(codes[codes != UNKNOWN], minlength=len(levels))[None]
    hidden = hidden_cells(counts, sensitive=is_special(question))[0]
    return replace(
        _divided(
            question.short.source,
            question_text(question, variable),
            {f"{code}": level for code, level in levels.items()},
            codes,
        ),
        variables=frozenset({variable}),
        uncounted=frozenset(f"{code}" for code, hides in zip(levels, hidden, strict=True) if hides),
    )


def _divided(
    label: str, question: str, levels: Mapping[str, str], codes: Codes, rest: str = NO_ANSWER
) -> Groups:
    """Levels, by their names, in which somebody answered; those without an answer are the last, `rest`."""
    order = np.where(codes == UNKNOWN, len(levels), codes)
    present, placed = np.unique(order, return_inverse=True)
    return Groups(
        label=label,
        question=question,
        levels=tuple([*levels.values(), rest][place] for place in present),
        names=tuple([*levels, UNANSWERED][place] for place in present),
        codes=placed.astype(np.intp),
        unanswered=len(present) - 1 if (codes == UNKNOWN).any() else None,
    )


def patterns(parts: Sequence[Mask]) -> tuple[Mask, Codes]:
    """The combinations that occur, shape (combinations, parts), and that of every person.

    One part after the other: sorting a million rows of them takes half a minute.
    """
    kinds, kind = np.zeros((1, 0), dtype=bool), np.zeros(len(parts[0]), dtype=np.intp)
    for part in parts:
        place, found = compacted(2 * kind + part, 2 * len(kinds))
        kinds, kind = np.column_stack([kinds[found // 2], found % 2 == 1]), place.astype(np.intp)
    return kinds, kind
