"""The questions that figures are about: which there are, and to which of them a variable belongs."""

from collections.abc import Iterator

from survey.questionnaires.model import (
    Battery,
    MultipleChoice,
    Number,
    Question,
    Questionnaire,
    SingleChoice,
)

ClosedQuestion = SingleChoice | MultipleChoice | Number | Battery


def closed_questions(questionnaire: Questionnaire) -> Iterator[ClosedQuestion]:
    """The questions with figures to report, in order: no open text, no place of living."""
    for block in questionnaire.blocks:
        for question in block.questions:
            if isinstance(question, ClosedQuestion):
                yield question


def question_of(questionnaire: Questionnaire, variable: str) -> ClosedQuestion:
    """The question that a variable belongs to: its own, that of a battery's item or of a ticked option."""
    return next(
        each for each in closed_questions(questionnaire) if variable == each.key or variable in _parts(each)
    )


def part_text(question: ClosedQuestion, variable: str) -> str:
    """The item or option that a variable stands for; empty for the question as a whole."""
    return _parts(question).get(variable, "")


def _parts(question: ClosedQuestion) -> dict[str, str]:
    match question:
        case Battery():
            return {f"{question.key}_{item.key}": item.label.source for item in question.items}
        case MultipleChoice():
            return {f"{question.key}_{option.code}": option.label.source for option in question.options}
        case _:
            return {}


def is_special(question: Question) -> bool:
    """Whether the answers belong to a special category of personal data (GDPR, article 9)."""
    return question.provenance.sensitivity == "special"
