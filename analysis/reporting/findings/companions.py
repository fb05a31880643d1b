"""What employees, partners and young people answered, counted and not weighted, and who meets whom.

Disclosure control has been applied to all that leaves this module.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.estimation.estimates import Observed
from analysis.reporting.coding.topics import CodedQuestion
from analysis.reporting.disclosure import SMALLEST_CELL, Suppressed
from analysis.reporting.exports.dataset import Codes, Dataset, Export, InputError
from analysis.reporting.exports.questions import (
    AGREE,
    ClosedQuestion,
    belongs_to,
    closed_questions,
    is_agreement,
    is_graded,
)
from analysis.reporting.findings.counts import MEAN, Count, counts
from analysis.reporting.phrases import Phrases
from analysis.reporting.plans.companion_plan import CompanionPlan, NetworkPlan
from analysis.reporting.plans.plan import ReportPlan
from analysis.reporting.plans.plan_checks import refuse_unknown
from survey.questionnaires.model import Battery, Questionnaire
from survey.questionnaires.problems import Findings

NETWORK_BASE = 4 * SMALLEST_CELL + 1
"""Fewest answers from one organisation about another, of which a quarter is told and no share.

From here on less than a quarter of them may be five people, and so may those outside three quarters: no
quarter says that fewer had, or had not, this contact. Requirements 7.6 allow it from 10 answers.
"""

ENOUGH = ("complete", "partial")
"""The dispositions of those who count: at least half of the questions answered."""


class Tie(Struct, frozen=True, kw_only=True):
    """How many of the people of one organisation have contact with another, both by their statements' keys.

    `quarter` counts from 0 (less than a quarter of them) to 3 (three quarters or more).
    """

    organisation: str
    partner: str
    respondents: int
    quarter: int


class Network(Struct, frozen=True, kw_only=True):
    """`names` by the keys of all organisations asked about; `own` are those whose people answered enough.

    `often` are the answers that count as contact, in words.
    """

    question: Battery
    often: tuple[str, ...]
    names: dict[str, str]
    own: tuple[str, ...]
    ties: tuple[Tie, ...]


class Companion(Struct, frozen=True, kw_only=True):
    """The answers to a survey beside that of the residents, of everybody who answered enough.

    `coding`: what they wrote in their own words, by topic.
    """

    plan: CompanionPlan
    export: Export
    questionnaire: Questionnaire
    respondents: int
    counts: tuple[Count, ...]
    network: Network | None = None
    coding: tuple[CodedQuestion, ...] = ()

    @property
    def name(self) -> str:
        return self.plan.name

    def questions(self) -> Iterator[tuple[ClosedQuestion, tuple[Count, ...]]]:
        """Every closed question with what was counted of it, in the order of the questionnaire."""
        for _, counted in groupby(self.counts, key=lambda each: each.question.key):
            found = tuple(counted)
            yield found[0].question, found


class View(Struct, frozen=True, kw_only=True):
    """What one group says of a statement, a principle's grade or its feasibility; no cell when not asked.

    `reversed`: the statement says the opposite of the others, so that who agrees finds something wrong.
    """

    text: str
    question: ClosedQuestion
    cells: tuple[Observed | Suppressed | None, ...]
    reversed: bool = False


def counted_people(dataset: Dataset) -> Dataset:
    """Those who answered enough, however they came in."""
    return dataset.take(np.isin(dataset.texts["disposition"], [*ENOUGH]))


def companion(
    dataset: Dataset, plan: CompanionPlan, phrases: Phrases, coding: Sequence[CodedQuestion] = ()
) -> Companion:
    people = counted_people(dataset)
    return Companion(
        plan=plan,
        export=dataset.export,
        questionnaire=dataset.questionnaire,
        respondents=people.size,
        counts=tuple(counts(people, phrases)),
        network=None if plan.network is None else _network(people, plan.network),
        coding=tuple(coding),
    )


def check_follow_up(
    report: ReportPlan, questionnaire: Questionnaire, companions: Sequence[Companion], name: str
) -> None:
    """Raises InputError with every question about earlier advice that none of these companions was asked.

    `questionnaire` is that of residents, whom a question that bears on advice may be of too; without the
    answers of every companion of the plan nobody knows whether it is of another.
    """
    known = {each.variable for companion in companions for each in companion.counts}
    keys = {each.question.key for companion in companions for each in companion.counts}
    keys |= {each.key for each in closed_questions(questionnaire)}
    findings = Findings(name)
    for number, advice in enumerate(report.follow_up):
        asked = [advice.companions] if companions and advice.companions else []
        place = f"report.follow_up[{number}].companions"
        refuse_unknown(asked, known, "question of these companions", "WA255", place, findings)
        more = advice.questions if len(companions) == len(report.companions) else ()
        place = f"report.follow_up[{number}].questions"
        what = "question of residents or of these companions"
        refuse_unknown(more, keys, what, "WA255", place, findings)
    if list(findings):
        raise InputError(findings)


# --- what groups say of the same thing ------------------------------------------------------------


def statements(companions: Sequence[Companion], code: str) -> tuple[View, ...]:
    """The share that agrees with every statement about a principle or theme, for each of the companions.

    The same statement in two questionnaires is one; batteries that ask the same of every principle stand
    apart.
    """
    chosen = [
        [
            each
            for each in companion.counts
            if each.codes == tuple(AGREE)
            and is_agreement(each.question)
            and belongs_to(each.question, code)
            and not is_by_principle(each.question)
        ]
        for companion in companions
    ]
    return _side_by_side(chosen)


def grades(companions: Sequence[Companion], principle: str) -> View | None:
    """The mean grade for a principle."""
    return _of_principle(companions, principle, lambda each: each.answer == MEAN and is_graded(each.question))


def feasible(companions: Sequence[Companion], principle: str) -> View | None:
    """The share that calls a principle feasible: agrees with a statement that is asked of each."""
    return _of_principle(companions, principle, lambda each: each.codes == tuple(AGREE))


def is_by_principle(question: ClosedQuestion) -> bool:
    """Whether a battery asks the same of every principle: the keys of its statements are theirs."""
    if not isinstance(question, Battery):
        return False
    principles = {code.lower() for code in question.provenance.principles}
    return {item.key for item in question.items} <= principles


def _of_principle(
    companions: Sequence[Companion], principle: str, wanted: Callable[[Count], bool]
) -> View | None:
    chosen = [
        [
            each
            for each in companion.counts
            if is_by_principle(each.question)
            and each.variable == f"{each.question.key}_{principle.lower()}"
            and wanted(each)
        ]
        for companion in companions
    ]
    return next(iter(_side_by_side(chosen)), None)


def _said(each: Count) -> str:
    return (each.part or each.question.label.source).rstrip(".")


def _side_by_side(chosen: Sequence[Sequence[Count]]) -> tuple[View, ...]:
    """A view for every text, in the order in which they are first met."""
    by_text = [{_said(each): each for each in counted} for counted in chosen]
    texts = dict.fromkeys(text for found in by_text for text in found)
    first = {text: next(found[text] for found in by_text if text in found) for text in texts}
    return tuple(
        View(
            text=text,
            question=each.question,
            cells=tuple(found[text].cell if text in found else None for found in by_text),
            reversed=_is_reversed(each),
        )
        for text, each in first.items()
    )


def _is_reversed(each: Count) -> bool:
    items = each.question.items if isinstance(each.question, Battery) else ()
    return any(item.reversed and each.variable == f"{each.question.key}_{item.key}" for item in items)


# --- contact --------------------------------------------------------------------------------------


def _network(people: Dataset, plan: NetworkPlan) -> Network:
    (question,) = (
        each
        for block in people.questionnaire.blocks
        for each in block.questions
        if each.key == plan.contact and isinstance(each, Battery)
    )
    at_work = people.codes[plan.organisation]
    ties = [
        tie
        for code, organisation in plan.organisations.items()
        for item in question.items
        if item.key != organisation
        for tie in _tie(
            people.codes[f"{plan.contact}_{item.key}"][at_work == int(code)], plan, organisation, item.key
        )
    ]
    return Network(
        question=question,
        often=tuple(each.label.source.lower() for each in question.options if each.code in plan.often),
        names={item.key: item.label.source for item in question.items},
        own=tuple(dict.fromkeys(tie.organisation for tie in ties)),
        ties=tuple(ties),
    )


def _tie(answers: Codes, plan: NetworkPlan, organisation: str, partner: str) -> Iterator[Tie]:
    answered = answers[answers >= 0]
    if answered.size < NETWORK_BASE:
        return
    often: npt.NDArray[np.bool_] = np.isin(answered, [*plan.often])
    quarter = min(int(4 * often.sum() // answered.size), 3)
    yield Tie(organisation=organisation, partner=partner, respondents=int(answered.size), quarter=quarter)
