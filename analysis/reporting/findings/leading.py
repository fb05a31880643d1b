"""Questions that are asked because of an answer to others: what their numbers of answers tell of that answer.

Nearly everybody who is asked a question answers it. So how many did is taken for how many were asked, and how
many were asked is how many gave an answer that leads there.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.reporting.disclosure import SMALLEST_CELL, hidden_cells, hide_sums
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.exports.questions import Filter, answer_classes, filters, is_special, question_of
from analysis.reporting.findings.groups import patterns

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


def telling(people: Dataset, shown: Mapping[str, Sequence[Mask]] | None = None) -> frozenset[str]:
    """Questions, by their keys, of which the number of answers of all these people may not be told.

    Known are the answers to the question before it that a table of these shows, classes of answers, and what
    is `shown` besides, by the column: sums of its answers, as who is in them. Where either of several
    questions leads there, how many gave each of the answers that do.
    """
    return frozenset(
        question.key
        for each in filters(people.questionnaire)
        if _tells(people, each, shown or {})
        for question in each.asked
    )


def _tells(people: Dataset, each: Filter, shown: Mapping[str, Sequence[Mask]]) -> bool:
    lead = lead_of(people, each)
    if int(lead.led.sum()) < SMALLEST_CELL:
        return False  # no more is told of it than that they are so few
    sensitive = is_sensitive(people, each)
    split, known = _split(people, each, lead, sensitive=sensitive)
    known += [also for variable in each.variables for also in shown.get(variable, ())]
    kinds, kind = patterns([lead.answered, lead.led, *known, *split])
    counts = np.bincount(kind, minlength=len(kinds))[None]
    (stays,) = hide_sums(
        counts,
        [kinds[None, :, 0]],
        [kinds[None, :, 1]],
        [True],
        sensitive=sensitive,
        links=[kinds[None, :, 2 + place] for place in range(len(known))],
    )
    return not stays


def _split(people: Dataset, each: Filter, lead: Lead, *, sensitive: bool) -> tuple[list[Mask], list[Mask]]:
    """Who gave each of the answers that must not follow, and of which of these the number is known."""
    variable = each.variables[0]
    codes = people.codes.get(variable)
    if len(each.variables) > 1 or codes is None:
        leaves = [given == 1 for given in lead.given]
        return leaves, leaves
    answers, counts = np.unique(codes[codes >= 0], return_counts=True)
    split = [codes == answer for answer in answers]
    hidden = hidden_cells(counts[None], sensitive=sensitive)[0] if len(counts) else ()
    classes = answer_classes(question_of(people.questionnaire, variable))
    together = [np.isin(codes, among) for among in classes if len(among) > 1]
    return split, [*(who for who, hides in zip(split, hidden, strict=True) if not hides), *together]
