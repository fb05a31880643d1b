"""Which questions are asked, and which answers count: a pure function of questionnaire and answers.

One forward pass that sees only answers that count. An answer that fell off the path (because an
earlier answer was changed) routes nothing and counts for nothing, but may stay in the draft for when
the path comes back.
"""

from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache

from msgspec import Struct

from survey.questionnaires.answers import Answer, Answers, options_of
from survey.questionnaires.model import (
    AllOf,
    Answered,
    AnyOf,
    Battery,
    Block,
    Condition,
    InArea,
    MultipleChoice,
    Number,
    OpenText,
    Place,
    Question,
    Questionnaire,
    SingleChoice,
    Step,
    Text,
)


class Journey(Struct, frozen=True, kw_only=True, dict=True):
    """The path of one resident as far as it is known now.

    `counting` holds the answers that count; `area` is where the resident lives: the answer to the
    place question, before that the area the invitation was for. `stop` is the text of a stop option
    that was chosen: the journey ends there. Questions that depend on an open question are not yet
    among `steps`.
    """

    steps: tuple[Step, ...]
    counting: dict[str, Answer]
    area: str | None
    stop: Text | None

    @cached_property
    def _places(self) -> dict[str, int]:
        return {step.variable: place for place, step in enumerate(self.steps)}

    @property
    def helped(self) -> bool:
        """Whether somebody helps the resident, or answers for them."""
        return any(
            option.helper and option.code == self.counting.get(step.variable)
            for step in self.steps
            if isinstance(step.question, SingleChoice)
            for option in step.question.options
        )

    @property
    def first_open(self) -> Step | None:
        """The first step without an answer."""
        return next((step for step in self.steps if step.variable not in self.counting), None)

    @property
    def complete(self) -> bool:
        return self.stop is None and self.first_open is None

    def step(self, variable: str) -> Step | None:
        """The step of this name, None when it is not on the journey."""
        place = self._places.get(variable)
        return None if place is None else self.steps[place]

    def after(self, variable: str) -> Step | None:
        """The step that follows; None after the last one. Raises KeyError for a step not on the journey."""
        place = self._places[variable] + 1
        return self.steps[place] if place < len(self.steps) else None

    def before(self, variable: str) -> Step | None:
        """The step that precedes; None before the first. Raises KeyError for a step not on the journey."""
        place = self._places[variable]
        return self.steps[place - 1] if place else None


def steps(questionnaire: Questionnaire) -> tuple[Step, ...]:
    """Every step of a questionnaire in order: what the longest journey imaginable would pass."""
    return tuple(planned.step for planned in _plan(questionnaire))


def walk(
    questionnaire: Questionnaire, answers: Answers, *, purposes: frozenset[str], area: str | None
) -> Journey:
    """The journey of a resident who consents to `purposes`.

    `area` is the area of the invitation or link, None when it is not known. Laws: an answer off the
    path changes nothing; walking again with `counting` gives the same journey; the order of `answers`
    does not matter.
    """
    asked: list[Step] = []
    counting: dict[str, Answer] = {}
    for planned in _plan(questionnaire):
        if planned.areas and area not in planned.areas:
            continue
        if planned.purpose is not None and planned.purpose not in purposes:
            continue
        if planned.holds is not None and not planned.holds(counting, area):
            continue
        variable = planned.step.variable
        asked.append(planned.step)
        if variable not in answers:
            continue
        answer = answers[variable]
        if planned.limited:
            kept = _still_offered(answer, planned.limited, area)
            if kept is None:
                continue
            answer = kept
        counting[variable] = answer
        if planned.gives_area and isinstance(answer, str):
            area = answer
        if planned.stops and answer in planned.stops:
            return Journey(steps=tuple(asked), counting=counting, area=area, stop=planned.stops[answer])
    return Journey(steps=tuple(asked), counting=counting, area=area, stop=None)


_Holds = Callable[[Answers, str | None], bool]


class _Planned(Struct, frozen=True, kw_only=True):
    """A step with what decides about it, worked out once."""

    step: Step
    areas: frozenset[str]
    purpose: str | None
    holds: _Holds | None
    limited: dict[int, frozenset[str]]
    """Options that exist in some areas only."""
    stops: dict[Answer, Text]
    gives_area: bool


@lru_cache(maxsize=64)
def _plan(questionnaire: Questionnaire) -> tuple[_Planned, ...]:
    return tuple(
        _planned(step)
        for block in questionnaire.blocks
        for question in block.questions
        for step in _steps_of(block, question)
    )


def _steps_of(block: Block, question: Question) -> Iterator[Step]:
    key = question.key
    match question:
        case SingleChoice():
            yield Step(variable=key, kind="single", block=block, question=question)
        case MultipleChoice():
            yield Step(variable=key, kind="multiple", block=block, question=question)
        case Number():
            yield Step(variable=key, kind="number", block=block, question=question)
        case OpenText():
            yield Step(variable=key, kind="open", block=block, question=question)
        case Battery(items=items):
            for item in items:
                yield Step(
                    variable=f"{key}_{item.key}", kind="statement", block=block, question=question, item=item
                )
        case Place():
            yield Step(variable=f"{key}_postcode", kind="postcode", block=block, question=question)
            yield Step(variable=key, kind="neighbourhood", block=block, question=question)


def _planned(step: Step) -> _Planned:
    question = step.question
    options = options_of(question)
    return _Planned(
        step=step,
        areas=frozenset(question.areas),
        purpose=question.purpose,
        holds=None if question.when is None else _compiled(question.when),
        limited={option.code: frozenset(option.areas) for option in options if option.areas},
        stops={option.code: option.stop for option in options if option.stop is not None},
        gives_area=step.kind == "neighbourhood",
    )


def _compiled(condition: Condition) -> _Holds:
    match condition:
        case Answered(variable=variable, codes=codes):
            return _answered(variable, frozenset(codes))
        case InArea(areas=areas):
            return lambda _counting, area: area in areas
        case AllOf(conditions=conditions):
            every = [_compiled(part) for part in conditions]
            return lambda counting, area: all(part(counting, area) for part in every)
        case AnyOf(conditions=conditions):
            some = [_compiled(part) for part in conditions]
            return lambda counting, area: any(part(counting, area) for part in some)
    negated = _compiled(condition.condition)
    return lambda counting, area: not negated(counting, area)


def _answered(variable: str, codes: frozenset[int]) -> _Holds:
    def holds(counting: Answers, _area: str | None) -> bool:
        answer = counting.get(variable)
        if isinstance(answer, tuple):
            return not codes.isdisjoint(answer)
        return answer in codes

    return holds


def _still_offered(answer: Answer, limited: dict[int, frozenset[str]], area: str | None) -> Answer | None:
    """The answer without options that do not exist in `area`; None when nothing of it is left."""
    if isinstance(answer, tuple):
        kept = tuple(code for code in answer if code not in limited or area in limited[code])
        return kept or None
    if isinstance(answer, int) and answer in limited and area not in limited[answer]:
        return None
    return answer
