"""Questions that are asked because of an answer to others: what their numbers of answers tell of that answer.

Nearly everybody who is asked a question answers it. So how many did is taken for how many were asked, and how
many were asked is how many gave an answer that leads there.
"""

from collections.abc import Callable, Sequence, Set
from itertools import compress

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from analysis.reporting.disclosure import hidden_cells, hide_sums
from analysis.reporting.exports.dataset import Codes, Dataset, answer_columns
from analysis.reporting.exports.questions import (
    Filter,
    answer_classes,
    chosen_from,
    filters,
    is_special,
    number_ranges,
    question_of,
)
from analysis.reporting.findings import indicators
from analysis.reporting.findings.groups import patterns
from analysis.reporting.plans.plan import Indicator
from survey.questionnaires.model import MultipleChoice, Number

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class Lead(Struct, frozen=True, kw_only=True, eq=False):
    """Who is led to questions; `answered` are those who gave an answer to all that leads there.

    `given`: for each answer that leads there, whether somebody gave it; 0, 1, or nan without any answer.
    """

    led: Mask
    given: tuple[Floats, ...]

    @property
    def answered(self) -> Mask:
        answered: Mask = np.logical_and.reduce([~np.isnan(each) for each in self.given])
        return answered


def lead_of(people: Dataset, each: Filter) -> Lead:
    given = [people.chosen(leaf.variable, leaf.codes) for leaf in each.leaves]
    return Lead(
        led=people.meets(each.condition),
        given=tuple(np.where(chosen < 0, np.nan, chosen.astype(float)) for chosen in given),
    )


def is_sensitive(people: Dataset, each: Filter) -> bool:
    return any(is_special(question_of(people.questionnaire, variable)) for variable in each.variables)


def telling(
    people: Dataset, shown: Sequence[Indicator] = (), counted: Set[tuple[str, tuple[int, ...]]] | None = None
) -> frozenset[str]:
    """Questions, by their keys, of which the number of answers of all these people may not be told.

    Known are the answers to the question before it that a table of these shows, classes of answers, and the
    shares of answers that are `shown` besides; of people who are `counted` the answers in these classes of
    codes, by their variables. Where either of several questions leads there, how many gave
    each of the answers that do. That fewer than SMALLEST_CELL were asked is taken for their number: it tells
    which of two hidden answers is the small one.
    """
    return frozenset(
        question.key
        for each in filters(people.questionnaire)
        if _tells(people, each, [one for one in shown if one.variable in each.variables], counted)
        for question in each.asked
    )


def _tells(
    people: Dataset,
    each: Filter,
    shown: Sequence[Indicator],
    counted: Set[tuple[str, tuple[int, ...]]] | None,
) -> bool:
    sensitive = is_sensitive(people, each)
    every = _and_possible(people, each)
    lead = lead_of(every, each)
    if not lead.answered[: people.size].any():
        return False

    def is_shown(table: Sequence[Mask], answered: Mask) -> list[bool]:
        counts = np.array([[int((who & answered)[: people.size].sum()) for who in table]])
        return [not hides for hides in hidden_cells(counts, sensitive=sensitive)[0]]

    split, known = _answers(every, each, lead, is_shown, counted)
    for indicator in shown:
        values = indicators.values(every, indicator)
        if is_shown([values == 1, values == 0], ~np.isnan(values))[0]:
            known.append(values == 1)
    kinds, kind = patterns([lead.answered, lead.led, *known, *split])
    (stays,) = hide_sums(
        np.bincount(kind[: people.size], minlength=len(kinds))[None],
        [kinds[None, :, 0]],
        [kinds[None, :, 1]],
        [True],
        sensitive=sensitive,
        links=[kinds[None, :, 2 + place] for place in range(len(known))],
    )
    return not stays


def _answers(
    every: Dataset,
    each: Filter,
    lead: Lead,
    is_shown: Callable[[Sequence[Mask], Mask], list[bool]],
    counted: Set[tuple[str, tuple[int, ...]]] | None,
) -> tuple[list[Mask], list[Mask]]:
    """Who gave each of the answers that must not follow, and of which of these the number is known."""
    variable = each.variables[0]
    codes = every.codes.get(variable)
    if len(each.variables) > 1 or codes is None:
        leaves = [given == 1 for given in lead.given]
        return leaves, [
            who
            for who, given in zip(leaves, lead.given, strict=True)
            if is_shown([given == 1, given == 0], ~np.isnan(given))[0]
        ]
    question = question_of(every.questionnaire, variable)
    if isinstance(question, Number):
        answers = [tuple(range(low, high + 1)) for low, high in number_ranges(question)]
    else:
        answers = [(option.code,) for option in chosen_from(question)]
    split = [np.isin(codes, answer) for answer in answers]
    if counted is None:
        shown = is_shown(split, lead.answered)
    else:
        shown = [(variable, answer) in counted for answer in answers]
    together = [np.isin(codes, among) for among in answer_classes(question) if len(among) > 1]
    return split, [*compress(split, shown), *together]


def _and_possible(people: Dataset, each: Filter) -> Dataset:
    """These people and, after them, one for each combination of answers to what leads there.

    That nobody gave an answer can follow too, so what nobody answered is a kind of answers as well.
    """
    columns = [_single_answers(people, variable) for variable in each.variables]
    sizes = [len(next(iter(own.values()))) for own in columns]
    places = np.indices(sizes).reshape(len(sizes), -1)
    possible = {
        name: answers[place]
        for own, place in zip(columns, places, strict=True)
        for name, answers in own.items()
    }
    area = people.texts["area"]
    return replace(
        people,
        codes={name: np.concatenate([people.codes[name], answers]) for name, answers in possible.items()},
        texts={"area": np.concatenate([area, np.full(places.shape[1], "", dtype=area.dtype)])},
    )


def _single_answers(people: Dataset, variable: str) -> dict[str, Codes]:
    """Each single answer to a question, in its columns: one, or one per answer that may be ticked."""
    question = question_of(people.questionnaire, variable)
    if isinstance(question, Number):
        return {variable: np.arange(question.minimum, question.maximum + 1, dtype=np.int32)}
    options = [option.code for option in chosen_from(question)]
    if isinstance(question, MultipleChoice):
        ticked = np.eye(len(options), dtype=np.int32)
        return dict(zip(answer_columns(people.questionnaire, variable, options), ticked, strict=True))
    return {variable: np.array(options, dtype=np.int32)}
