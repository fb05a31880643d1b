"""What a report says of an indicator and of a question, after disclosure control."""

from msgspec import Struct

from analysis.estimation.estimates import Observed
from analysis.reporting.disclosure import Cell, Suppressed
from analysis.reporting.exports.questions import ClosedQuestion
from analysis.reporting.findings.published import Modelled
from analysis.reporting.findings.small_areas import AreaModels
from analysis.reporting.plans.plan import Indicator
from analysis.reporting.wording import Mark
from survey.questionnaires.model import Area


class AreaOutcome(Struct, frozen=True, kw_only=True):
    """An indicator in one area and in the rest of the municipality; no mark when not comparable.

    `models`: the area by models, where the plan asks for them.
    """

    area: Area
    cell: Cell
    rest: Cell
    mark: Mark | None
    models: AreaModels | None = None


class Outcome(Struct, frozen=True, kw_only=True):
    """One indicator of the plan: all residents, every area, and the people of the open link.

    `for_some`: somebody who answers count of did not get the question, or said that it does not apply.
    `open_modelled`: all residents by a model of the open link, where the plan asks for it.
    """

    indicator: Indicator
    question: ClosedQuestion
    whole: Cell
    open: Observed | Suppressed
    areas: tuple[AreaOutcome, ...]
    for_some: bool
    open_modelled: Modelled | None = None


class AnswerShare(Struct, frozen=True, kw_only=True):
    """`code` is the answer's number, or of a class of numbers the first and the last."""

    code: str
    label: str
    cell: Cell

    @property
    def codes(self) -> range:
        """All answers of the class."""
        low, _, high = self.code.partition("-")
        return range(int(low), int(high or low) + 1)


class Distribution(Struct, frozen=True, kw_only=True):
    """The answers to a question, or to one item of a battery, among those who gave one.

    `variable` is the column, or a question of which several answers may be ticked. For a number `mean` is its
    average. `asked`: how many people got the question. `label` is the item's text, or the question's short
    name; `reversed` items say the opposite of the others.
    """

    question: ClosedQuestion
    variable: str
    label: str
    answers: tuple[AnswerShare, ...]
    respondents: int
    asked: int
    reversed: bool = False
    mean: Cell | None = None
    areas: tuple[tuple[Area, tuple[Cell, ...]], ...] = ()
