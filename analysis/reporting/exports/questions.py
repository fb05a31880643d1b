"""The questions that figures are about: which there are, and to which of them a variable belongs."""

from collections.abc import Iterator

from msgspec import Struct

from analysis.reporting.phrases import Phrases
from survey.questionnaires.model import (
    AllOf,
    Answered,
    AnyOf,
    Battery,
    Condition,
    MultipleChoice,
    Not,
    Number,
    OpenText,
    Option,
    Question,
    Questionnaire,
    ShortForm,
    SingleChoice,
)

WIDE_NUMBER = 10
"""Numbers with at least so many values are shown in five classes."""

GRADES = (1, 10)
_CLASSES_OF_GRADES = ((1, 5), (6, 6), (7, 7), (8, 8), (9, 10))

ClosedQuestion = SingleChoice | MultipleChoice | Number | Battery


class Filter(Struct, frozen=True, kw_only=True):
    """What people must have answered, and the questions that only they are asked.

    `leaves`: the answers that the condition is made of; each to an earlier question.
    """

    condition: Condition
    leaves: tuple[Answered, ...]
    asked: tuple[ClosedQuestion, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """What was asked before: columns, or questions of which several answers may be ticked."""
        return tuple(dict.fromkeys(leaf.variable for leaf in self.leaves))


AGREEMENT = "agreement"
"""The scale of statements that people agree with or not, where nothing else is said."""

AGREEMENT_ANSWERS = 5

AGREE = (4, 5)
_AGREEMENT_CLASSES = (AGREE, (3,), (1, 2))
_GRADES = tuple(range(1, 11))
_GRADE_CLASSES = (_GRADES[7:], _GRADES[5:7], _GRADES[:5])


def closed_questions(questionnaire: Questionnaire) -> Iterator[ClosedQuestion]:
    """The questions with figures to report, in order: no open text, no place of living."""
    for block in questionnaire.blocks:
        for question in block.questions:
            if isinstance(question, ClosedQuestion):
                yield question


def open_questions(questionnaire: Questionnaire) -> Iterator[OpenText]:
    """The questions that are answered in the resident's own words, in order."""
    for block in questionnaire.blocks:
        for question in block.questions:
            if isinstance(question, OpenText):
                yield question


def question_of(questionnaire: Questionnaire, variable: str) -> ClosedQuestion:
    """The question that a variable belongs to: its own, that of a battery's item or of a ticked option."""
    return next(
        each for each in closed_questions(questionnaire) if variable == each.key or variable in _parts(each)
    )


def belongs_to(question: Question, code: str) -> bool:
    """Whether a principle or theme, by its code, is among what a question is for."""
    return code in question.provenance.principles or code in question.provenance.themes


def filters(questionnaire: Questionnaire) -> Iterator[Filter]:
    """Where questions are only for those who gave certain answers to others.

    That somebody chose the short form is no such answer: it is as if nobody had.
    """
    found: dict[Condition, list[ClosedQuestion]] = {}
    for question in closed_questions(questionnaire):
        condition = of_the_whole_form(question.when, questionnaire.short_form)
        if condition is not None:
            found.setdefault(condition, []).append(question)
    for condition, asked in found.items():
        leaves = tuple(dict.fromkeys(_leaves(condition)))
        if leaves:
            yield Filter(condition=condition, leaves=leaves, asked=tuple(asked))


def of_the_whole_form(condition: Condition | None, form: ShortForm | None) -> Condition | None:
    """The condition of a question for who did not choose the short form."""
    if form is None:
        return condition
    whole = Not(condition=Answered(variable=form.variable, codes=form.codes))
    match condition:
        case AllOf(conditions=(first, *others)) if first == whole:
            return others[0] if len(others) == 1 else AllOf(conditions=tuple(others))
        case _:
            return None if condition == whole else condition


def _leaves(condition: Condition) -> Iterator[Answered]:
    match condition:
        case Answered():
            yield condition
        case AllOf(conditions=conditions) | AnyOf(conditions=conditions):
            for each in conditions:
                yield from _leaves(each)
        case Not(condition=inside):
            yield from _leaves(inside)


def part_text(question: ClosedQuestion, variable: str) -> str:
    """The item or option that a variable stands for; empty for the question as a whole."""
    return _parts(question).get(variable, "")


def variables_of(question: ClosedQuestion) -> tuple[str, ...]:
    """The columns of an export that hold the answers: one, or one for every item or option."""
    return tuple(_parts(question)) or (question.key,)


def _parts(question: ClosedQuestion) -> dict[str, str]:
    match question:
        case Battery():
            return {f"{question.key}_{item.key}": item.label.source for item in question.items}
        case MultipleChoice():
            return {f"{question.key}_{option.code}": option.label.source for option in question.options}
        case _:
            return {}


def chosen_from(question: ClosedQuestion) -> tuple[Option, ...]:
    """The options of a question that count as answers; none for a number."""
    options = () if isinstance(question, Number) else question.options
    return tuple(option for option in options if option.stop is None)


def is_agreement(question: ClosedQuestion, scale: str = AGREEMENT) -> bool:
    """Whether people say how much they agree, on the five answers of `scale`."""
    options = chosen_from(question)
    return len(options) == AGREEMENT_ANSWERS and options[0].label.key.startswith(f"scale.{scale}.")


def is_graded(question: ClosedQuestion) -> bool:
    """Whether people choose a grade from 1 to 10 among answers."""
    return sorted(option.code for option in chosen_from(question)) == [*_GRADES]


def answer_classes(question: ClosedQuestion) -> tuple[tuple[int, ...], ...]:
    """The codes of answers that are also reported together, favourable ones first; often there are none."""
    if is_agreement(question):
        return _AGREEMENT_CLASSES
    return _GRADE_CLASSES if is_graded(question) else ()


def is_special(question: Question) -> bool:
    """Whether the answers belong to a special category of personal data (GDPR, article 9)."""
    return question.provenance.sensitivity == "special"


def number_ranges(question: Number) -> tuple[tuple[int, int], ...]:
    """Lowest and highest of the classes in which numbers are shown: grades, fifths, or each number."""
    low, high = question.minimum, question.maximum
    if (low, high) == GRADES:
        return _CLASSES_OF_GRADES
    width = 1 if high - low + 1 < WIDE_NUMBER else -(-(high - low + 1) // 5)
    return tuple((start, min(start + width - 1, high)) for start in range(low, high + 1, width))


def number_classes(question: Number, phrases: Phrases) -> tuple[tuple[int, int, str], ...]:
    """Lowest, highest and name of the classes in which numbers are shown."""
    return tuple((low, high, _class_name(low, high, phrases)) for low, high in number_ranges(question))


def _class_name(low: int, high: int, phrases: Phrases) -> str:
    if low == high:
        return f"{low}"
    if (low, high) == _CLASSES_OF_GRADES[-1]:
        return phrases.either([f"{low}", f"{high}"])
    return phrases.say("{low} tot en met {high}", low=low, high=high)
