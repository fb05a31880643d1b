"""Who belongs to which part of the population: by area, a margin of the plan, or the answer to a question."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from analysis.reporting.disclosure import SMALLEST_CELL, hidden_cells
from analysis.reporting.exports.dataset import Dataset, answer_codes
from analysis.reporting.exports.questions import is_special, question_of
from analysis.reporting.plans.plan import AnalysisPlan
from analysis.reporting.plans.weighting_plan import AREA, MarginPlan
from analysis.reporting.weighting.margins import NO_ANSWER, OTHER_OR_NO_ANSWER, UNKNOWN, categories_of
from analysis.reporting.wording import question_text
from survey.questionnaires.model import Battery, Number, SingleChoice

Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

CROSS = " × "


class Groups(Struct, frozen=True, kw_only=True, eq=False):
    """The level of every response, as a place in `levels`; together the levels hold everybody.

    `label` names the division and `question` is what was asked ("" for areas). `unanswered`: the place of
    the last level, of those who gave no answer that counts; None when all did. The levels together are
    everybody, and audited as such. `variables` are the columns that tell the level. `uncounted`: how many
    people are at these levels may not be told, because it is how many gave an answer that a report hides.
    """

    label: str
    question: str
    levels: tuple[str, ...]
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
        [CROSS.join(levels) for levels in product(*(part.levels for part in parts))],
        np.where(answered, codes, UNKNOWN),
        OTHER_OR_NO_ANSWER if OTHER_OR_NO_ANSWER in rests else NO_ANSWER,
    )
    uncounted = {
        CROSS.join(levels)
        for levels in product(*(part.levels for part in parts))
        if any(level in part.uncounted for level, part in zip(levels, parts, strict=True))
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
    names = plan.report.margins.get(name) if plan.report else None
    levels = [names.categories.get(each, each) if names else each for each in margin.categories]
    label = names.label if names else name
    rest = OTHER_OR_NO_ANSWER if _is_partial(sample, margin) else NO_ANSWER
    found = _divided(label, question.label.source, levels, categories_of(sample, margin), rest)
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
        "wijk", "", [names[area] for area in areas], np.where(codes == len(areas), UNKNOWN, codes)
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
            levels = {code: str(code) for code in range(question.minimum, question.maximum + 1)}
        case SingleChoice() | Battery():
            levels = {option.code: option.label.source for option in question.options if option.stop is None}
        case _:
            raise AssertionError("the plan allows questions with one answer only")
    text = question_text(sample.questionnaire, variable)
    codes = np.full(sample.size, UNKNOWN, dtype=np.intp)
    for place, code in enumerate(levels):
        codes[answers == code] = place
    counts = np.bincount(codes[codes != UNKNOWN], minlength=len(levels))[None]
    hidden = hidden_cells(counts, sensitive=is_special(question))[0]
    return replace(
        _divided(question.short.source, text, list(levels.values()), codes),
        variables=frozenset({variable}),
        uncounted=frozenset(level for level, hides in zip(levels.values(), hidden, strict=True) if hides),
    )


def _divided(label: str, question: str, levels: list[str], codes: Codes, rest: str = NO_ANSWER) -> Groups:
    """Levels in which somebody answered; those without an answer are the last level, `rest`."""
    order = np.where(codes == UNKNOWN, len(levels), codes)
    present, placed = np.unique(order, return_inverse=True)
    return Groups(
        label=label,
        question=question,
        levels=tuple([*levels, rest][place] for place in present),
        codes=placed.astype(np.intp),
        unanswered=len(present) - 1 if (codes == UNKNOWN).any() else None,
    )
