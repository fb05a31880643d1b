"""What a plan says of open answers: which are coded, and where the coders' work stands."""

from typing import Annotated

from msgspec import Meta, Struct

from analysis.reporting.exports.questions import open_questions
from analysis.reporting.plans.plan_checks import refuse_repeats, refuse_unknown
from survey.questionnaires.model import Key, Questionnaire
from survey.questionnaires.problems import Findings

SheetName = Annotated[str, Meta(pattern=r"^[^/\\:.~][^/\\:]*\.xlsx$")]
"""Of a file that lies beside the plan."""


class CodingPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open `questions` whose answers are told by topic, with quotes that were released.

    `sheet`: the coding sheet beside the plan. `second`: that of a second coder, who did not see the first;
    it tells how far two people find the same topics. `consent`: the purpose without whose consent nobody is
    quoted. `longest_quote`: in characters.
    """

    questions: tuple[Key, ...]
    sheet: SheetName
    second: SheetName | None = None
    consent: Key = "quoting"
    longest_quote: Annotated[int, Meta(ge=1, le=5000)] = 600

    @property
    def files(self) -> tuple[str, ...]:
        return (self.sheet,) if self.second is None else (self.sheet, self.second)


def check_coding(plan: CodingPlan, questionnaire: Questionnaire, place: str, findings: Findings) -> None:
    written = [question.key for question in open_questions(questionnaire)]
    purposes = [purpose.key for purpose in questionnaire.purposes]
    refuse_unknown(plan.questions, written, "open question", "WA212", f"{place}.questions", findings)
    refuse_unknown([plan.consent], purposes, "purpose of consent", "WA212", f"{place}.consent", findings)
    refuse_repeats(plan.questions, f"{place}.questions", findings)
