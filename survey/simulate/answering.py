"""How persons answer one question: a multinomial logit with effects of who they are.

The weight of an option is the logarithm of its share, plus its place among the codes (-1 for the lowest,
1 for the highest) times the sum of the person's effects (an adjacent-category logit; Agresti, Analysis of
Ordinal Categorical Data, 2010, section 4.1); the largest weight plus Gumbel noise is the answer. Each
variable has a random stream of its own: adding a question changes no answer to another.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from survey.questionnaires.answers import options_of
from survey.questionnaires.model import (
    DONT_KNOW,
    NOT_APPLICABLE,
    RATHER_NOT_SAY,
    SKIPPED,
    Battery,
    MultipleChoice,
    Number,
    SingleChoice,
    Step,
)
from survey.simulate.model import AREA, AnswerModel, Shares, Simulation
from survey.simulate.persons import (
    Floats,
    Persons,
    effect,
    gumbel,
    lives_in,
    logarithms,
    random,
    refuse_unknown,
)

Codes = NDArray[np.int16]
RowOf = Callable[[Shares, str], Floats]
"""From the shares at a place in simulation.toml to one number per option."""

REASONS = {"dont_know": DONT_KNOW, "rather_not_say": RATHER_NOT_SAY, "not_applicable": NOT_APPLICABLE}
DEFAULT_REASONS = {"dont_know": 0.03, "rather_not_say": 0.015, "not_applicable": 0.05}
DEFAULT_TICK = 0.15
DEFAULT_EXCLUSIVE = 0.3
DEFAULT_WRITING = 0.3


def option_codes(step: Step) -> tuple[int, ...]:
    """The codes that a resident can choose at a step, ascending; options that end taking part left out."""
    match step.question:
        case Number(minimum=minimum, maximum=maximum):
            return tuple(range(minimum, maximum + 1))
        case SingleChoice() | MultipleChoice() | Battery() as question:
            return tuple(sorted(option.code for option in question.options if option.stop is None))
    return (1,)


def draw_answers(step: Step, simulation: Simulation, persons: Persons) -> dict[str, Codes]:
    model = model_of(step, simulation)
    slope = effect(persons, model.effects, f"answer:{step.variable}")
    if step.item is not None and step.item.reversed and step.variable not in simulation.answers:
        slope = -slope
    generator = random(persons.seed, step.variable)
    match step.kind:
        case "multiple":
            columns = _tick(step, model, slope, persons, generator)
        case "open":
            columns = _write(step, model, slope, persons, generator)
        case "neighbourhood":
            columns = {step.variable: persons.traits[AREA].places.astype(np.int16)}
        case _:
            columns = {step.variable: _choose(step, model, slope, persons, generator)}
    missing = _missing(step, model, simulation, persons, generator)
    return {column: np.where(missing < 0, missing, codes) for column, codes in columns.items()}


def _choose(
    step: Step, model: AnswerModel, slope: Floats, persons: Persons, generator: np.random.Generator
) -> Codes:
    codes = option_codes(step)
    names = tuple(map(str, codes))
    weights = _given(
        model, persons, lambda shares, place: logarithms(_default(shares, step, names), names, place)
    )
    position = np.linspace(-1, 1, len(codes), dtype=np.float32)
    weights = weights + slope[:, None] * position + _offered(step, codes, persons)
    chosen = np.argmax(weights + gumbel(generator, (persons.size, len(codes))), axis=1)
    drawn: Codes = np.array(codes, dtype=np.int16)[chosen]
    return drawn


def _tick(
    step: Step, model: AnswerModel, slope: Floats, persons: Persons, generator: np.random.Generator
) -> dict[str, Codes]:
    """Ticked options. Who does not take the exclusive option ticks at least one of the others."""
    codes = option_codes(step)
    exclusive = {option.code for option in options_of(step.question) if option.exclusive}
    alone = np.array([code in exclusive for code in codes])
    usual = [DEFAULT_EXCLUSIVE if code in exclusive else DEFAULT_TICK for code in codes]
    chances = _given(model, persons, lambda shares, place: _chances(shares, codes, usual, place))
    odds = _log_odds(chances) + slope[:, None] * np.where(alone, -1, 1) + _offered(step, codes, persons)
    ticked = _settled(odds + generator.logistic(size=odds.shape), alone)
    return {f"{step.variable}_{code}": ticked[:, place].astype(np.int16) for place, code in enumerate(codes)}


def _settled(keys: NDArray[np.float64], alone: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Ticks where a key is positive: one exclusive option alone, or at least one of the others."""
    ticked = keys > 0
    single = (ticked & alone).any(axis=1, keepdims=True)
    best = np.argmax(np.where(alone == single, keys, -np.inf), axis=1, keepdims=True)
    only = np.arange(keys.shape[1]) == best
    settled: NDArray[np.bool_] = np.where(single, only, (ticked & ~alone) | only)
    return settled


def _write(
    step: Step, model: AnswerModel, slope: Floats, persons: Persons, generator: np.random.Generator
) -> dict[str, Codes]:
    """Who writes something: 1, and which of the sentences; who does not has skipped the question."""
    chances = _given(model, persons, lambda shares, place: _chances(shares, (1,), [DEFAULT_WRITING], place))
    writes = (_log_odds(chances)[:, 0] + slope + generator.logistic(size=persons.size)) > 0
    sentence = generator.integers(len(model.texts) or 1, size=persons.size)
    return {
        step.variable: np.where(writes, 1, SKIPPED).astype(np.int16),
        f"{step.variable}_text": np.where(writes, sentence, -1).astype(np.int16),
    }


def _missing(
    step: Step, model: AnswerModel, simulation: Simulation, persons: Persons, generator: np.random.Generator
) -> Codes:
    """The reason not to answer of each person, 0 for those who answer."""
    chances = DEFAULT_REASONS | simulation.reasons | model.reasons
    uniform = generator.random(persons.size)
    missing = np.zeros(persons.size, dtype=np.int16)
    used = 0.0
    offered = {reason.code for reason in step.question.reasons}
    for name, code in REASONS.items():
        if code in offered:
            missing[(uniform >= used) & (uniform < used + chances[name])] = code
            used += chances[name]
    return missing


def model_of(step: Step, simulation: Simulation) -> AnswerModel:
    own = simulation.answers.get(step.variable)
    return own or simulation.answers.get(step.question.key) or AnswerModel()


def _given(model: AnswerModel, persons: Persons, row: RowOf) -> Floats:
    """A row of numbers per person: of `shares`, or of the shares of the person's level of `given`."""
    if model.given is None:
        return np.broadcast_to(row(model.shares, "shares"), (persons.size, len(row(model.shares, "shares"))))
    names, places = persons.traits[model.given]
    rows = [row(model.levels.get(name, model.shares), f"levels.{name}") for name in names]
    return np.array(rows, dtype=np.float32)[places]


def _default(shares: Shares, step: Step, names: tuple[str, ...]) -> Shares:
    """Equal shares, but for a number: most people take one at two thirds of the scale."""
    if shares:
        return shares
    if not isinstance(step.question, Number):
        return dict.fromkeys(names, 1.0)
    peak = (len(names) - 1) * 2 / 3
    return {
        name: float(np.exp(-(((place - peak) / len(names) * 4) ** 2))) for place, name in enumerate(names)
    }


def _chances(shares: Shares, codes: tuple[int, ...], usual: list[float], place: str) -> Floats:
    refuse_unknown(shares, tuple(map(str, codes)), place)
    chances = [
        shares.get(str(code), 0.0 if shares else chance) for code, chance in zip(codes, usual, strict=True)
    ]
    return np.array(chances, dtype=np.float32)


def _log_odds(chances: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.log(chances) - np.log1p(-chances)


def _offered(step: Step, codes: tuple[int, ...], persons: Persons) -> Floats:
    """0 where a person can choose the option, minus infinity where it does not exist in the area."""
    offered = np.zeros((persons.size, len(codes)), dtype=np.float32)
    for option in options_of(step.question):
        if option.areas and option.code in codes:
            offered[~lives_in(persons, option.areas), codes.index(option.code)] = -np.inf
    return offered
