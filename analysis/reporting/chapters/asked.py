"""What was asked, and which answers a figure counts, in the words of the questionnaire in one language."""

import textwrap

from analysis.reporting import wording
from analysis.reporting.exports.questions import ClosedQuestion, of_the_whole_form, question_of
from analysis.reporting.phrases import SOURCE_LANGUAGE, Phrases, later
from analysis.reporting.plans.plan import Indicator
from survey.questionnaires.model import (
    Answered,
    Battery,
    MultipleChoice,
    Number,
    Option,
    Questionnaire,
    Text,
)
from survey.questionnaires.routing import walk
from survey.questionnaires.wording import NO_ANSWER, word

SCORES = {"cohesion": (0, 10), "who5": (0, 100), "loneliness": (0, 6)}
"""The lowest and highest score of each scale."""

_SCORES_MEAN = {
    "cohesion": (later("mensen gaan slecht met elkaar om"), later("mensen gaan goed met elkaar om")),
    "who5": (later("mensen voelen zich heel slecht"), later("mensen voelen zich heel goed")),
    "loneliness": (later("mensen zijn niet eenzaam"), later("mensen zijn heel eenzaam")),
}
"""What these two say, for who does not know the scale."""

_NAMED_AT_MOST = 3
_LONGEST = 110
_LONGEST_ANSWER = 60
"""Characters of a question or an answer, so that a page of fixed size holds any of them."""


class Asked:
    """One questionnaire in one language, and the report's own sentences in that language."""

    def __init__(self, questionnaire: Questionnaire, phrases: Phrases) -> None:
        self.phrases = phrases
        self.questionnaire = questionnaire
        self._nobody = walk(questionnaire, {}, purposes=frozenset(), area=None)
        self._answering = self._how_to_answer()

    def text(self, text: Text) -> str:
        """A text as for somebody whose area is not known, not too long for a line or two."""
        return _shortened(self.whole(text), _LONGEST)

    def whole(self, text: Text | None) -> str:
        """All of a text; empty without one."""
        return self._in(self.phrases.tag, text)

    def _in(self, tag: str, text: Text | None) -> str:
        return "" if text is None else word(self.questionnaire, text, tag, self._nobody)[0]

    def quoted(self, text: str) -> str:
        return self.phrases.say("‘{text}’", text=text.rstrip("."))

    def question(self, variable: str) -> str:
        """The question that a variable belongs to, with the item of a battery that it stands for."""
        question = question_of(self.questionnaire, variable)
        texts = (question.label, *self._item(variable))
        return _shortened(" ".join(self.whole(text) for text in texts), _LONGEST)

    def help(self, variable: str) -> str:
        """The help below a question, without which it may be another: a period, a place.

        Without how to answer, where that can be told in this language: a sentence that stands in the help of
        another question which says in Dutch how to answer and nothing else. Any other sentence stays.
        """
        said = wording.sentences(self.whole(question_of(self.questionnaire, variable).hint))
        kept = (each for each in said if each not in self._answering and NO_ANSWER not in each)
        return _shortened(" ".join(kept), _LONGEST)

    def _how_to_answer(self) -> frozenset[str]:
        known = {*wording.HOW_TO_ANSWER, *map(self.phrases.say, wording.HOW_TO_ANSWER)}
        hints = (question.hint for block in self.questionnaire.blocks for question in block.questions)
        for hint in hints:
            if known.issuperset(wording.sentences(self._in(SOURCE_LANGUAGE, hint))):
                known.update(wording.sentences(self.whole(hint)))
        return frozenset(known)

    def quoted_question(self, variable: str) -> str:
        """In a sentence: the question as it was asked with its help, and the item of a battery beside it."""
        return self._quoted(variable, self.help(variable))

    def _quoted(self, variable: str, *of_help: str) -> str:
        question = question_of(self.questionnaire, variable)
        label, *of = self._parts(question.label, variable)
        asked = " ".join(filter(None, (label, *of_help)))
        return self.quoted(asked) + "".join(f" ({each.rstrip('.')})" for each in of)

    def of_whom(self, variable: str) -> str:
        """For whom a question was that not everybody got: after which answers, where that is one sentence."""
        question = question_of(self.questionnaire, variable)
        condition = of_the_whole_form(question.when, self.questionnaire.short_form)
        if not isinstance(condition, Answered) or question.areas or min(condition.codes) < 0:
            return self.phrases.say("Deze vraag was niet voor iedereen.")
        return self.phrases.say(
            "Deze vraag was alleen voor wie op de vraag {question} dit antwoordde: {answers}.",
            question=self._quoted(condition.variable),
            answers=self.answers(condition.variable, condition.codes),
        )

    def topic(self, variable: str) -> str:
        """What a variable is about: the short name of its question, and the item of a battery."""
        return ": ".join(self._parts(question_of(self.questionnaire, variable).short, variable))

    def _parts(self, text: Text, variable: str) -> list[str]:
        return [_shortened(self.whole(each), _LONGEST) for each in (text, *self._item(variable))]

    def _item(self, variable: str) -> list[Text]:
        """The item of a battery that a variable stands for, if it stands for one."""
        question = question_of(self.questionnaire, variable)
        items = question.items if isinstance(question, Battery) else ()
        return [item.label for item in items if variable == f"{question.key}_{item.key}"]

    def counted(self, indicator: Indicator) -> str:
        """Which answers a share counts, or between which numbers a mean lies."""
        low, high = (self.phrases.whole(end) for end in limits(self.questionnaire, indicator))
        if indicator.kind == "mean":
            return self._average(indicator, low, high)
        if indicator.codes:
            return self.answers(indicator.variable, indicator.codes)
        least, most = (
            None if end is None else self.phrases.whole(end)
            for end in (indicator.at_least, indicator.at_most)
        )
        return self.phrases.say(
            "{least} tot en met {most}, op een schaal van {low} tot en met {high}",
            least=least or low,
            most=most or high,
            low=low,
            high=high,
        )

    def _average(self, indicator: Indicator, low: str, high: str) -> str:
        """Between which numbers a mean lies, and what these two mean where that is known."""
        least, most = self._ends(indicator)
        if least and most:
            return self.phrases.say(
                "gemiddelde: {low} is {least}, {high} is {most}",
                low=low,
                least=self.quoted(least),
                high=high,
                most=self.quoted(most),
            )
        return self.phrases.say("gemiddelde, op een schaal van {low} tot en met {high}", low=low, high=high)

    def _ends(self, indicator: Indicator) -> tuple[str, ...]:
        """What the lowest and the highest number mean; empty where the questionnaire does not say it."""
        if indicator.scale is not None:
            return tuple(map(self.phrases.say, _SCORES_MEAN[indicator.scale]))
        question = question_of(self.questionnaire, indicator.variable)
        ends = (question.low, question.high) if isinstance(question, Number) else (None, None)
        return tuple(_shortened(self.whole(end), _LONGEST_ANSWER) for end in ends)

    def answers(self, variable: str, codes: tuple[int, ...]) -> str:
        """The answers with these codes in words; without codes, or many of them, by what they are not."""
        question = question_of(self.questionnaire, variable)
        options = _options(question)
        if isinstance(question, Number):
            return self.phrases.either([self.phrases.whole(code) for code in codes])
        if isinstance(question, MultipleChoice) and variable != question.key:
            chosen = [each for each in options if variable == f"{question.key}_{each.code}"]
            return self._either(chosen) if 1 in codes else self._not(chosen)
        counted = [each for each in options if each.code in codes]
        others = [each for each in options if each.code not in codes]
        if len(counted) <= _NAMED_AT_MOST:
            return self._either(counted)
        if len(others) < len(counted):
            return self.phrases.say("elk antwoord, behalve {answers}", answers=self._either(others))
        return self._either(counted)

    def rest(self, variable: str, listed: set[int]) -> str:
        """The answers with other codes than these, in words."""
        options = _options(question_of(self.questionnaire, variable))
        return self._not([each for each in options if each.code in listed])

    def _either(self, options: list[Option]) -> str:
        texts = [_shortened(self.whole(each.label), _LONGEST_ANSWER) for each in options]
        return self.phrases.either([self.quoted(text) for text in texts])

    def _not(self, options: list[Option]) -> str:
        return self.phrases.say("niet {answers}", answers=self._either(options))


def limits(questionnaire: Questionnaire, indicator: Indicator) -> tuple[int, int]:
    """The least and the greatest number that an answer or score can be."""
    if indicator.scale is not None:
        return SCORES[indicator.scale]
    question = question_of(questionnaire, indicator.variable)
    if isinstance(question, Number):
        return question.minimum, question.maximum
    if isinstance(question, MultipleChoice):
        return 0, 1
    codes = [option.code for option in _options(question)]
    return min(codes), max(codes)


def _shortened(text: str, longest: int) -> str:
    return textwrap.shorten(text, longest, placeholder="…")


def _options(question: ClosedQuestion) -> tuple[Option, ...]:
    """The options with which somebody takes part."""
    options = () if isinstance(question, Number) else question.options
    return tuple(option for option in options if option.stop is None)
