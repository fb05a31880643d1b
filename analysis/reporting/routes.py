"""For whom a question was: the condition under which a questionnaire asks it, in words."""

from collections.abc import Mapping, Sequence
from typing import Literal

from analysis.reporting import wording
from analysis.reporting.exports.questions import (
    ClosedQuestion,
    chosen_from,
    of_the_whole_form,
    part_text,
    question_of,
)
from analysis.reporting.phrases import Phrases, later
from survey.questionnaires.answers import options_of
from survey.questionnaires.model import (
    SKIPPED,
    AllOf,
    Answered,
    AnyOf,
    Condition,
    InArea,
    MultipleChoice,
    Not,
    Number,
    Question,
    Questionnaire,
)

_NAMED_AT_MOST = 3

_Way = Literal["these", "not", "others"]
_ANSWERED: Mapping[_Way, str] = {
    "these": later("bij {question} {answers} antwoordde"),
    "not": later("bij {question} niet {answers} antwoordde"),
    "others": later("bij {question} iets anders antwoordde dan {answers}"),
}
_CHOSE: Mapping[_Way, str] = {
    "these": later("bij {question} {answers} koos"),
    "not": later("bij {question} niet {answers} koos"),
    "others": later("bij {question} iets anders koos dan {answers}"),
}


class Routes:
    """The routes of one questionnaire; `shortened`: somebody chose its short form."""

    def __init__(self, questionnaire: Questionnaire, phrases: Phrases, *, shortened: bool) -> None:
        self._questionnaire = questionnaire
        self._phrases = phrases
        self._form = questionnaire.short_form
        self._shortened = shortened

    def told(self, questions: Sequence[Question]) -> str:
        """For whom these questions were, as sentences; empty when they were for everybody."""
        by_route: dict[str, list[Question]] = {}
        for question in questions:
            by_route.setdefault(self.who(question), []).append(question)
        return " ".join(
            self._sentence(who, alike, alone=len(by_route) == 1) for who, alike in by_route.items() if who
        )

    def _sentence(self, who: str, questions: Sequence[Question], *, alone: bool) -> str:
        if alone and len(questions) == 1:
            return self._phrases.say("Deze vraag was voor wie {who}.", who=who)
        if alone:
            return self._phrases.say("Deze vragen waren voor wie {who}.", who=who)
        numbers = self._phrases.names([each.provenance.number for each in questions])
        return self._phrases.say("{numbers}: voor wie {who}.", numbers=numbers, who=who)

    def who(self, question: Question) -> str:
        """What people must have answered, and where they must live, to get a question; empty for everybody.

        That somebody wanted to get questions of its kind is told elsewhere.
        """
        condition = of_the_whole_form(question.when, self._form)
        shortened = self._shortened and condition != question.when
        conditions = [
            *([InArea(areas=question.areas)] if question.areas else ()),
            *(condition.conditions if isinstance(condition, AllOf) else filter(None, [condition])),
        ]
        alone = len(conditions) + shortened == 1
        return self._phrases.names(
            [
                *([self._phrases.say("de hele vragenlijst kreeg")] if shortened else ()),
                *(
                    self._said(each, turned=False) if alone else self._within(each, turned=False)
                    for each in conditions
                ),
            ]
        )

    def _said(self, condition: Condition, *, turned: bool) -> str:
        """A condition, or when it is `turned` its opposite."""
        match condition:
            case Answered():
                return self._answered(condition, turned=turned)
            case InArea(areas=areas):
                return self._lives(areas, turned=turned)
            case Not(condition=inside):
                return self._said(inside, turned=not turned)
            case AllOf(conditions=conditions) | AnyOf(conditions=conditions):
                # Not both is either of the opposites, and the other way round (De Morgan).
                parts = [self._within(each, turned=turned) for each in conditions]
                both = isinstance(condition, AllOf) != turned
                return self._phrases.names(parts) if both else self._phrases.either(parts)

    def _within(self, condition: Condition, *, turned: bool) -> str:
        """In brackets where "en" and "of" would else stand beside each other."""
        said, inside = self._said(condition, turned=turned), condition
        while isinstance(inside, Not):
            inside = inside.condition
        compound = isinstance(inside, AllOf | AnyOf) and len(inside.conditions) > 1
        return f"({said})" if compound else said

    def _lives(self, areas: Sequence[str], *, turned: bool) -> str:
        names = {area.code: area.name for area in self._questionnaire.municipality.areas}
        places = self._phrases.either([names[code] for code in areas])
        if turned:
            return self._phrases.say("niet in {areas} woont", areas=places)
        return self._phrases.say("in {areas} woont", areas=places)

    def _answered(self, leaf: Answered, *, turned: bool) -> str:
        question = question_of(self._questionnaire, leaf.variable)
        asked = self._asked(question, leaf.variable)
        named = [code for code in leaf.codes if code != SKIPPED]
        if not named:
            passed = later("{question} niet oversloeg") if turned else later("{question} oversloeg")
            return self._phrases.say(passed, question=asked)
        others = [code for code in _possible(question) if code not in leaf.codes]
        by_others = not turned and len(named) > _NAMED_AT_MOST and 0 < len(others) < len(named)
        answers = self._answers(question, others if by_others else named)
        way: _Way = "others" if by_others else "not" if turned else "these"
        sentence = (_CHOSE if isinstance(question, MultipleChoice) else _ANSWERED)[way]
        said = self._phrases.say(sentence, question=asked, answers=answers)
        if SKIPPED not in leaf.codes:
            return said
        if turned:
            return self._phrases.say("{said} en die niet oversloeg", said=said)
        return self._phrases.say("{said} of die oversloeg", said=said)

    def _asked(self, question: ClosedQuestion, variable: str) -> str:
        """The number of a question, and what it is about."""
        part = part_text(question, variable) if variable != question.key else ""
        return self._phrases.say(
            "vraag {number} ({topic})",
            number=question.provenance.number,
            topic=wording.lower_first(": ".join(filter(None, (question.short.source, part.rstrip("."))))),
        )

    def _answers(self, question: ClosedQuestion, codes: Sequence[int]) -> str:
        if isinstance(question, Number) and len(codes) > _NAMED_AT_MOST and _follow(codes):
            return self._phrases.say("{low} tot en met {high}", low=codes[0], high=codes[-1])
        labels = {each.code: each.label.source for each in options_of(question)}
        labels |= {each.code: each.label.source for each in question.reasons}
        return self._phrases.either([wording.quoted(labels.get(code, str(code))) for code in codes])


def _possible(question: ClosedQuestion) -> list[int]:
    """The codes among which people choose; none where they give a number."""
    options = chosen_from(question)
    reasons = [each.code for each in question.reasons] if options else []
    return [*(each.code for each in options), *reasons]


def _follow(codes: Sequence[int]) -> bool:
    return [*codes] == [*range(codes[0], codes[-1] + 1)]
