"""Answers counted and not weighted: for people of whom nobody knows how many there are.

Whoever answered enough counts, however he or she came in. Such a share has no margin of error and says
nothing about who did not answer.
"""

from collections.abc import Iterator, Sequence
from itertools import compress

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from analysis.estimation import estimates
from analysis.estimation.estimates import Observed
from analysis.reporting import disclosure
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.exports.dataset import Codes, Dataset
from analysis.reporting.exports.questions import (
    ClosedQuestion,
    answer_classes,
    chosen_from,
    closed_questions,
    is_graded,
    is_special,
    number_classes,
    part_text,
)
from analysis.reporting.findings.leading import telling
from analysis.reporting.phrases import Phrases
from survey.questionnaires.model import NOT_SHOWN, Battery, MultipleChoice, Number

Floats = npt.NDArray[np.float64]

MEAN = "mean"
"""What stands in the place of an answer beside the mean of numbers."""


class Count(Struct, frozen=True, kw_only=True):
    """The share of one answer, or of answers that belong together, among those who answered; or a mean.

    `part` is the statement of a battery, else empty. `codes` are the answers that count, none for a mean.
    `asked`: how many people got the question; told only where their number tells nothing (`asked_of`).
    """

    question: ClosedQuestion
    variable: str
    part: str
    answer: str
    cell: Observed | Suppressed
    asked: int
    codes: tuple[int, ...] = ()


def counts(people: Dataset, phrases: Phrases) -> Iterator[Count]:
    """Every answer to every closed question, after disclosure control; in the order of the questionnaire."""
    every = [*_every(people, phrases)]
    shown = {(each.variable, each.codes) for each in every if not isinstance(each.cell, Suppressed)}
    hidden = telling(people, counted=shown)
    for each in every:
        yield replace(each, cell=disclosure.uncounted()) if each.question.key in hidden else each


def _every(people: Dataset, phrases: Phrases) -> Iterator[Count]:
    for question in closed_questions(people.questionnaire):
        match question:
            case Battery():
                for item in question.items:
                    yield from _choices(people, question, f"{question.key}_{item.key}")
            case MultipleChoice():
                yield from _ticks(people, question)
            case Number():
                yield from _numbers(people, question, phrases)
            case _:
                yield from _choices(people, question, question.key)


def _choices(people: Dataset, question: ClosedQuestion, variable: str) -> Iterator[Count]:
    codes, options = people.codes[variable], chosen_from(question)
    answers = [(option.label.source, (option.code,)) for option in options]
    classes = answer_classes(question)
    counted = [*_together(people, question, variable, answers, classes)]
    if not is_graded(question):
        yield from counted
        return
    counted = _in_classes(counted)
    yield from counted
    together = [each for each in counted if len(each.codes) > 1]
    yield _mean(question, variable, codes, counted, together)


def _in_classes(counted: Sequence[Count]) -> list[Count]:
    """Grades of which one is hidden stand in their classes only, so that the mean beside them may be told."""
    hidden = any(isinstance(each.cell, Suppressed) for each in counted if len(each.codes) == 1)
    return [
        replace(each, cell=disclosure.withheld(each.cell)) if hidden and len(each.codes) == 1 else each
        for each in counted
    ]


def _numbers(people: Dataset, question: Number, phrases: Phrases) -> Iterator[Count]:
    codes = people.codes[question.key]
    classes = number_classes(question, phrases)
    answers = [(name, tuple(range(low, high + 1))) for low, high, name in classes]
    counted = [*_together(people, question, question.key, answers)]
    yield from counted
    yield _mean(question, question.key, codes, counted, counted)


def _mean(
    question: ClosedQuestion,
    variable: str,
    codes: Codes,
    counted: Sequence[Count],
    classes: Sequence[Count],
) -> Count:
    """The mean of numbers, beside the answers that are `counted`; not beside a class that is hidden.

    With a mean the sum of what is hidden is known, and that a small class is among it (docs/decisions/0128).
    """
    answered = np.where(codes < 0, np.nan, codes.astype(float))
    numbers = np.array(sorted({code for each in counted for code in each.codes}))
    mean = disclosure.protect_mean(
        estimates.observed(answered),
        numbers,
        (codes == numbers[:, None]).sum(axis=1),
        [np.isin(numbers, each.codes) for each in counted],
        [not isinstance(each.cell, Suppressed) for each in counted],
        sensitive=is_special(question),
    )
    if any(isinstance(each.cell, Suppressed) for each in classes):
        mean = disclosure.withheld(mean)
    part = part_text(question, variable)
    return Count(question=question, variable=variable, part=part, answer=MEAN, cell=mean, asked=_asked(codes))


def _ticks(people: Dataset, question: MultipleChoice) -> Iterator[Count]:
    """Answers that may go together: each is a table of its own, and all are one.

    Whoever answered ticked at least one, so what the shown answers lack of everybody ticked a hidden one.
    """
    variables = [f"{question.key}_{option.code}" for option in question.options]
    shares = [_share_of(people.codes[variable], [1]) for variable in variables]
    hits, sensitive = [_hits(share) for share in shares], is_special(question)
    hidden = disclosure.hidden_cells(np.array([hits]), sensitive=sensitive, lot=people.lot(question.key))[0]
    for option, variable, share, number, hides in zip(
        question.options, variables, shares, hits, hidden, strict=True
    ):
        seen = [estimates.observed(share)]
        (cell,) = disclosure.protect_shares([number], seen, level="city", sensitive=sensitive)
        if hides:
            cell = disclosure.withheld(cell)
        yield Count(
            question=question,
            variable=variable,
            part="",
            answer=option.label.source,
            cell=cell,
            asked=_asked(people.codes[variable]),
            codes=(option.code,),
        )


def _together(
    people: Dataset,
    question: ClosedQuestion,
    variable: str,
    answers: Sequence[tuple[str, tuple[int, ...]]],
    classes: Sequence[tuple[int, ...]] = (),
) -> Iterator[Count]:
    """Answers that exclude each other, by name and codes, and after them the classes that they form."""
    places = [[place for place, (_, of) in enumerate(answers) if of[0] in among] for among in classes]
    named = [
        (" / ".join(answers[place][0] for place in inside), among)
        for inside, among in zip(places, classes, strict=True)
    ]
    codes, lot = people.codes[variable], people.lot(variable)
    shares = [_share_of(codes, of) for _, of in answers]
    seen = [estimates.observed(share) for share in shares]
    together = [estimates.observed(_share_of(codes, among)) for among in classes]
    hits, sensitive = [_hits(share) for share in shares], is_special(question)
    if classes:
        nested = [*zip(places, together, strict=True)]
        cells, of_classes = disclosure.protect_classes(hits, seen, nested, sensitive=sensitive, lot=lot)
        # A class of one answer is that answer.
        several = [len(among) > 1 for among in classes]
        named, of_classes = [*compress(named, several)], tuple(compress(of_classes, several))
    else:
        (cells,) = disclosure.protect_table(
            np.array([hits]), [seen], level="city", sensitive=sensitive, lot=lot
        )
        of_classes = ()
    for (answer, of), cell in zip((*answers, *named), (*cells, *of_classes), strict=True):
        yield Count(
            question=question,
            variable=variable,
            part=part_text(question, variable),
            answer=answer,
            cell=cell,
            asked=_asked(codes),
            codes=of,
        )


def _share_of(codes: Codes, wanted: Sequence[int]) -> Floats:
    return np.where(codes < 0, np.nan, np.isin(codes, [*wanted]).astype(float))


def _asked(codes: Codes) -> int:
    return int((codes != NOT_SHOWN).sum())


def _hits(share: Floats) -> int:
    return int((share == 1).sum())
