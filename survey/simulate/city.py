"""A synthetic city: everybody's answer to every question.

Answers go together with age, area, origin and household, so that uneven non-response biases what comes
back; the truth is known.
"""

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from survey.questionnaires import routing
from survey.questionnaires.answers import Answer
from survey.questionnaires.model import (
    NOT_SHOWN,
    AllOf,
    Answered,
    AnyOf,
    Condition,
    InArea,
    Questionnaire,
    Step,
)
from survey.simulate.answering import Codes, draw_answers, model_of, option_codes
from survey.simulate.model import MarginRow, Simulation, SimulationError
from survey.simulate.persons import Persons, draw_persons, lives_in

Mask = NDArray[np.bool_]


class City(Struct, frozen=True, kw_only=True):
    """The persons and what each of them would answer, one array per variable.

    A multiple-choice variable `q7` has a column `q7_1` per option (0 or 1, or a missing code in all of
    them). The place question holds the index of the person's area. `texts` are the sentences that the
    columns `<variable>_text` point to (-1: wrote nothing).
    """

    persons: Persons
    answers: dict[str, Codes]
    texts: dict[str, tuple[str, ...]]

    def answer(self, step: Step, person: int) -> Answer:
        """What `person` would answer at `step`."""
        variable = step.variable
        if step.kind == "multiple":
            ticked = {code: int(self.answers[f"{variable}_{code}"][person]) for code in option_codes(step)}
            missing = next(iter(ticked.values()))
            return missing if missing < 0 else tuple(code for code, tick in ticked.items() if tick)
        code = int(self.answers[variable][person])
        if code < 0:
            return code
        if step.kind == "neighbourhood":
            return self.persons.area_names[code]
        if step.kind == "open":
            return self.texts[variable][int(self.answers[f"{variable}_text"][person])]
        return code


def draw_city(
    questionnaire: Questionnaire, population: Sequence[MarginRow], simulation: Simulation, seed: int
) -> City:
    """The synthetic city of a seed. Raises SimulationError for margins or shares that cannot be used."""
    persons = draw_persons(population, simulation, seed)
    municipality = questionnaire.municipality
    unknown = set(persons.area_names) - {municipality.code, *(area.code for area in municipality.areas)}
    if unknown:
        raise SimulationError(
            f"The population has areas that the municipality has not: {', '.join(sorted(unknown))}."
        )
    answers: dict[str, Codes] = {}
    texts: dict[str, tuple[str, ...]] = {}
    for step in routing.steps(questionnaire):
        if step.kind == "postcode":
            continue
        asked = _asked(step, answers, persons)
        for column, drawn in draw_answers(step, simulation, persons).items():
            answers[column] = np.where(asked, drawn, NOT_SHOWN).astype(np.int16)
        if step.kind == "open":
            texts[step.variable] = model_of(step, simulation).texts or ("-",)
    return City(persons=persons, answers=answers, texts=texts)


# Which questions are asked: routing.walk, for everybody at once.


def _asked(step: Step, answers: Mapping[str, Codes], persons: Persons) -> Mask:
    question = step.question
    asked = lives_in(persons, question.areas) if question.areas else np.ones(persons.size, dtype=bool)
    return asked if question.when is None else asked & _holds(question.when, answers, persons)


def _holds(condition: Condition, answers: Mapping[str, Codes], persons: Persons) -> Mask:
    match condition:
        case Answered(variable=variable, codes=codes):
            return _has_answered(variable, codes, answers, persons)
        case InArea(areas=areas):
            return lives_in(persons, areas)
        case AllOf(conditions=conditions):
            return reduce(np.logical_and, [_holds(part, answers, persons) for part in conditions])
        case AnyOf(conditions=conditions):
            return reduce(np.logical_or, [_holds(part, answers, persons) for part in conditions])
    return ~_holds(condition.condition, answers, persons)


def _has_answered(
    variable: str, codes: tuple[int, ...], answers: Mapping[str, Codes], persons: Persons
) -> Mask:
    if variable in answers:
        return np.isin(answers[variable], codes)
    ticked = [answers[f"{variable}_{code}"] == 1 for code in codes if f"{variable}_{code}" in answers]
    return np.any(ticked, axis=0) if ticked else np.zeros(persons.size, dtype=bool)
