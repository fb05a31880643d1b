"""Which figures a report withholds so that others do not tell of a few people.

Which of several figures goes depends on all that is published beside them. So a report without one of its
tables shows what another one of the same people withheld, and set beside each other they tell what both hide.
"""

from collections.abc import Iterator
from typing import TypeGuard

from msgspec import Struct

from analysis.reporting.disclosure import Cell, Suppressed
from analysis.reporting.exports.questions import question_of
from analysis.reporting.findings.bases import ALL_ANSWERS, EVERYBODY
from analysis.reporting.findings.divisions import hidden_figures
from analysis.reporting.findings.outcome_values import Distribution
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.plans.weighting_plan import AREA
from survey.questionnaires.model import MultipleChoice


class Withheld(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, order=True):
    """A figure that is withheld, by the place, figure and level of the people behind it (`Base`).

    They are named by codes and keys, and tell no more than the report does, which says what is withheld.
    `level` is EVERYBODY where it is of all levels together; `what` is an answer or a number of people, and
    nothing where it is the figure itself.
    """

    place: str
    figure: str
    level: str = EVERYBODY
    what: str = ""

    @property
    def is_base(self) -> bool:
        """Whether it is a number of answers, which is also told of fewer than 30."""
        return self.what.startswith(_BASE)


_BASE = "number of answers"


def withheld(outcomes: Outcomes) -> tuple[Withheld, ...]:
    """Of residents, in order: indicators, answers and tests, and numbers of answers, also in tables.

    What fewer than 30 answered is none of them: that depends on nothing besides.
    """
    dataset, plan = outcomes.dataset, outcomes.plan
    place = f"{dataset.export.survey}, invited"
    sample = dataset.take(dataset.usable("invited", plan.weighting.dispositions))
    hidden = hidden_figures(sample, plan)
    found = {
        Withheld(place=f"{place}, {division}", figure=key, level=level)
        for key, division, level in hidden.cells
    }
    found |= {Withheld(place=f"{place}, tests", figure=key) for key in hidden.tests}
    for question, division, level in hidden.bases:
        if not division:
            found.add(Withheld(place=f"{place}, {AREA}", figure=ALL_ANSWERS, what=f"{_BASE} to {question}"))
            continue
        found |= {
            Withheld(place=f"{place}, {division}", figure=each.key, level=level, what=_BASE)
            for each in plan.indicators
            if question_of(dataset.questionnaire, each.variable).key == question
        }
    found |= {
        Withheld(place=f"{place}, {AREA}", figure=each.indicator.key)
        for each in outcomes.indicators
        if _is_withheld(each.whole)
    }
    return tuple(sorted(found.union(*(_answers(place, each) for each in outcomes.distributions))))


def _answers(place: str, distribution: Distribution) -> Iterator[Withheld]:
    several = isinstance(distribution.question, MultipleChoice)
    columns = [
        f"{distribution.variable}_{answer.code}" if several else distribution.variable
        for answer in distribution.answers
    ]
    for column, answer in zip(columns, distribution.answers, strict=True):
        if _is_withheld(answer.cell):
            yield Withheld(place=place, figure=column, what=f"answer {answer.code}")
    for area, cells in distribution.areas:
        for column, cell in zip(columns, cells, strict=True):
            if _is_withheld(cell):
                what = _BASE if cell.reason == "counted" else ""
                yield Withheld(place=f"{place}, {AREA}", figure=column, level=area.code, what=what)


def _is_withheld(cell: Cell) -> TypeGuard[Suppressed]:
    return isinstance(cell, Suppressed) and cell.reason in {"protected", "counted"}
