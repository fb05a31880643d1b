"""Answers counted and not weighted: for people of whom nobody knows how many there are.

Whoever answered enough counts, however he or she came in. Such a share has no margin of error and says
nothing about who did not answer.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.estimation import estimates
from analysis.estimation.estimates import Observed
from analysis.reporting import disclosure
from analysis.reporting.dataset import Dataset
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.outcomes import number_classes
from analysis.reporting.questions import ClosedQuestion, closed_questions, is_special, part_text
from survey.questionnaires.model import Battery, MultipleChoice, Number

Floats = npt.NDArray[np.float64]

MEAN = "mean"
"""What stands in the place of an answer beside the mean of numbers."""


class Count(Struct, frozen=True, kw_only=True):
    """The share of one answer among those who answered, or the mean of a number.

    `part` is the statement of a battery, else empty.
    """

    question: ClosedQuestion
    variable: str
    part: str
    answer: str
    cell: Observed | Suppressed


def counts(people: Dataset) -> Iterator[Count]:
    """Every answer to every closed question, after disclosure control; in the order of the questionnaire."""
    for question in closed_questions(people.questionnaire):
        match question:
            case Battery():
                for item in question.items:
                    yield from _choices(people, question, f"{question.key}_{item.key}")
            case MultipleChoice():
                yield from _ticks(people, question)
            case Number():
                yield from _numbers(people, question)
            case _:
                yield from _choices(people, question, question.key)


def _choices(people: Dataset, question: ClosedQuestion, variable: str) -> Iterator[Count]:
    codes = people.codes[variable]
    options = [option for option in getattr(question, "options", ()) if option.stop is None]
    shares = [_share_of(codes, [option.code]) for option in options]
    yield from _together(question, variable, [option.label.source for option in options], shares)


def _numbers(people: Dataset, question: Number) -> Iterator[Count]:
    codes = people.codes[question.key]
    classes = number_classes(question)
    shares = [_share_of(codes, range(low, high + 1)) for low, high, _ in classes]
    yield from _together(question, question.key, [name for _, _, name in classes], shares)
    answered = np.where(codes < 0, np.nan, codes.astype(float))
    mean = disclosure.protect(estimates.observed(answered))
    yield Count(question=question, variable=question.key, part="", answer=MEAN, cell=mean)


def _ticks(people: Dataset, question: MultipleChoice) -> Iterator[Count]:
    """Answers that may go together: each is a table of its own."""
    for option in question.options:
        variable = f"{question.key}_{option.code}"
        share = _share_of(people.codes[variable], [1])
        (cell,) = disclosure.protect_shares(
            [_hits(share)], [estimates.observed(share)], level="city", sensitive=is_special(question)
        )
        yield Count(question=question, variable=variable, part="", answer=option.label.source, cell=cell)


def _together(
    question: ClosedQuestion, variable: str, answers: Sequence[str], shares: Sequence[Floats]
) -> Iterator[Count]:
    """Answers that exclude each other: one table of one row for disclosure control."""
    seen = [estimates.observed(share) for share in shares]
    hits = np.array([[_hits(share) for share in shares]])
    (cells,) = disclosure.protect_table(hits, [seen], level="city", sensitive=is_special(question))
    for answer, cell in zip(answers, cells, strict=True):
        yield Count(
            question=question, variable=variable, part=part_text(question, variable), answer=answer, cell=cell
        )


def _share_of(codes: npt.NDArray[np.int32], wanted: Sequence[int]) -> Floats:
    return np.where(codes < 0, np.nan, np.isin(codes, [*wanted]).astype(float))


def _hits(share: Floats) -> int:
    return int((share == 1).sum())
