"""The files that a synthetic city is drawn from: `simulation.toml` beside a definition, and `population.csv`.

Nothing of a questionnaire or a municipality stands in code: both are described by their own files, and a
variable that `simulation.toml` does not name is answered by sensible defaults.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping

import click
import msgspec
from msgspec import Struct, field

from survey.questionnaires import routing
from survey.questionnaires.model import Questionnaire

FILE = "simulation.toml"
AREA = "area"

Shares = dict[str, float]
"""Relative shares by option code, number or level; they need not add up to one."""

Effects = dict[str, float | dict[str, float]]
"""What moves an answer up (> 0) or down. By name of a trait: the effect of each level, or one number, the
spread of effects drawn at random per level. By name of a score: the effect of one standard deviation."""


class SimulationError(click.ClickException):
    """What is wrong in a file that the simulation needs, and what to do about it."""


class _Written(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Trait(_Written, frozen=True, kw_only=True):
    """What sort of person someone is, such as an age class.

    With `margin` the counts of that margin of population.csv are met exactly; otherwise levels follow
    `shares`. The trait `residents` may count its people itself, per area and level, when no published
    figures do: `counts`. `likelier[level][trait][other]` multiplies the chance of a level for people
    with `other`.
    """

    margin: str | None = None
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    shares: Shares = field(default_factory=dict)
    likelier: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)


class Score(_Written, frozen=True, kw_only=True):
    """A hidden personal score, normal with standard deviation 1 around what `effects` say."""

    effects: Effects = field(default_factory=dict)


class AnswerModel(_Written, frozen=True, kw_only=True):
    """How a question (or one statement of a battery) is answered.

    `shares` hold for everyone, `levels[level]` for people with that level of the trait `given`. For
    multiple choice and open text a share is the chance to tick, or to write. `reasons` are the chances
    not to answer, by name; `texts` are what people write.
    """

    shares: Shares = field(default_factory=dict)
    given: str | None = None
    levels: dict[str, Shares] = field(default_factory=dict)
    effects: Effects = field(default_factory=dict)
    reasons: dict[str, float] = field(default_factory=dict)
    texts: tuple[str, ...] = ()


class Languages(_Written, frozen=True, kw_only=True):
    """Who fills in in another language: by answer code of `variable` a language tag, taken with `chance`."""

    variable: str
    tags: dict[str, str]
    chance: float = 0.6


class Behaviour(_Written, frozen=True, kw_only=True):
    """Chances per page (`skip`, `back`) and per resident (the others).

    `tire`: skips every page from some page on; `break_off`: closes the browser halfway; `stop`: stops and has
    everything erased; `withdraw`: withdraws the answers after sending them.
    """

    skip: float = 0.01
    back: float = 0.01
    tire: float = 0.04
    break_off: float = 0.05
    stop: float = 0.01
    withdraw: float = 0.01


class Willingness(_Written, frozen=True, kw_only=True):
    """What makes people take part more (effects > 0) or less, on the scale of log odds."""

    effects: Effects = field(default_factory=dict)


class Simulation(_Written, frozen=True, kw_only=True):
    """The whole of `simulation.toml`. The inhabitants are made from the margin of the trait `residents`."""

    residents: str
    traits: dict[str, Trait]
    scores: dict[str, Score] = field(default_factory=dict)
    response: Willingness = Willingness()
    open_link: Willingness = Willingness()
    consent: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, float] = field(default_factory=dict)
    languages: Languages | None = None
    behaviour: Behaviour = Behaviour()
    answers: dict[str, AnswerModel] = field(default_factory=dict)


class MarginRow(Struct, frozen=True, kw_only=True):
    """How many persons of a category live in an area (or in the whole municipality)."""

    margin: str
    area: str
    category: str
    count: int


def parse_simulation(data: bytes, questionnaire: Questionnaire) -> Simulation:
    """Read `simulation.toml`. Raises SimulationError with every name that does not exist."""
    try:
        simulation = msgspec.toml.decode(data, type=Simulation)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SimulationError(f"{FILE}: {error}. Correct the file.") from error
    wrong = sorted({*_unknown_names(simulation), *_unknown_variables(simulation, questionnaire)})
    if wrong:
        raise SimulationError(f"{FILE} names what does not exist: {', '.join(wrong)}. Correct these names.")
    return simulation


def parse_population(data: bytes) -> tuple[MarginRow, ...]:
    """The rows of population.csv. Raises SimulationError for a missing column or a count that is none."""
    try:
        rows = csv.DictReader(data.decode("utf-8-sig").splitlines())
        return tuple(
            MarginRow(
                margin=row["margin"], area=row["area"], category=row["category"], count=int(row["count"])
            )
            for row in rows
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SimulationError(
            f"population.csv cannot be read: {error!r}. It needs the columns margin, area, category, count."
        ) from error


def _unknown_names(simulation: Simulation) -> Iterator[str]:
    if simulation.residents not in simulation.traits:
        yield f"residents = {simulation.residents!r}"
    traits = {AREA, *simulation.traits}
    for trait, written in simulation.traits.items():
        others = {other for factors in written.likelier.values() for other in factors}
        yield from (f"traits.{trait}.likelier: {other}" for other in others - traits)
    named: Iterable[tuple[str, Mapping[str, object]]] = (
        *((f"scores.{key}", score.effects) for key, score in simulation.scores.items()),
        *((f"answers.{key}", answer.effects) for key, answer in simulation.answers.items()),
        ("response", simulation.response.effects),
        ("open_link", simulation.open_link.effects),
    )
    for place, effects in named:
        yield from (f"{place}.effects: {name}" for name in effects.keys() - traits - simulation.scores.keys())
    for key, answer in simulation.answers.items():
        if answer.given is not None and answer.given not in traits:
            yield f"answers.{key}.given: {answer.given}"


def _unknown_variables(simulation: Simulation, questionnaire: Questionnaire) -> Iterator[str]:
    steps = routing.steps(questionnaire)
    known = {step.variable for step in steps} | {step.question.key for step in steps}
    yield from (f"answers.{key}" for key in simulation.answers.keys() - known)
    if simulation.languages is not None and simulation.languages.variable not in known:
        yield f"languages.variable: {simulation.languages.variable}"
    purposes = {purpose.key for purpose in questionnaire.purposes}
    yield from (f"consent.{key}" for key in simulation.consent.keys() - purposes)
