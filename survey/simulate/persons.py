"""The adults of a synthetic city: as many as live in the real one, with the traits that its margins count."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from survey.simulate.model import AREA, Effects, MarginRow, Shares, Simulation, SimulationError, Trait

Floats = NDArray[np.float32]
Places = NDArray[np.intp]
Mask = NDArray[np.bool_]


class Levels(NamedTuple):
    """A trait of everybody: the names of its levels, and the place of each person's level among them."""

    names: tuple[str, ...]
    places: Places


class Persons(Struct, frozen=True, kw_only=True):
    """Everybody's traits (`area` among them) and hidden scores, and the seed they were drawn with."""

    seed: int
    traits: dict[str, Levels]
    scores: dict[str, Floats]

    @property
    def size(self) -> int:
        return len(self.traits[AREA].places)

    @property
    def area_names(self) -> tuple[str, ...]:
        return self.traits[AREA].names


def draw_persons(population: Sequence[MarginRow], simulation: Simulation, seed: int) -> Persons:
    """Everybody, in the numbers of the margins. Raises SimulationError for a margin without persons."""
    traits = _residents(population, simulation)
    for name, trait in simulation.traits.items():
        if name == simulation.residents:
            continue
        generator = random(seed, f"trait:{name}")
        if trait.margin is None:
            traits[name] = _by_shares(name, trait, traits, generator)
        else:
            traits[name] = _by_margin(trait, _margin_rows(population, trait.margin), traits, generator)
    scores: dict[str, Floats] = {}
    for name, score in simulation.scores.items():
        so_far = Persons(seed=seed, traits=traits, scores=scores)
        noise = random(seed, f"score:{name}").standard_normal(so_far.size, dtype=np.float32)
        scores = {**scores, name: effect(so_far, score.effects, f"score:{name}") + noise}
    return Persons(seed=seed, traits=traits, scores=scores)


def random(seed: int, name: str) -> np.random.Generator:
    """The random stream of one thing that is drawn, by its name."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def gumbel(generator: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Standard Gumbel noise: the largest of log weight + noise is a draw with these weights."""
    exponential = generator.standard_exponential(shape, dtype=np.float32)
    return -np.log(np.maximum(exponential, np.float32(1e-30)))


def effect(persons: Persons, effects: Effects, name: str) -> Floats:
    """The sum of everybody's effects; `name` names the random stream of effects given as a spread."""
    total = np.zeros(persons.size, dtype=np.float32)
    for key, size in effects.items():
        if isinstance(size, Mapping):
            names, places = persons.traits[key]
            total += np.array([size.get(level, 0.0) for level in names], dtype=np.float32)[places]
        elif key in persons.scores:
            total += np.float32(size) * persons.scores[key]
        else:
            names, places = persons.traits[key]
            drawn = random(persons.seed, f"{name}:{key}").standard_normal(len(names), dtype=np.float32)
            total += (np.float32(size) * drawn)[places]
    return total


def logarithms(shares: Shares, names: tuple[str, ...], place: str) -> Floats:
    """Logarithms of the shares of `names`; `place` is where in simulation.toml they stand."""
    refuse_unknown(shares, names, place)
    weights = np.array([shares.get(name, 0.0) for name in names], dtype=np.float32)
    if not weights.sum() > 0:
        raise SimulationError(
            f"simulation.toml: all shares are 0 in {place}. Give one of {', '.join(names)} a share."
        )
    with np.errstate(divide="ignore"):
        return np.log(weights)


def refuse_unknown(written: Iterable[str], names: tuple[str, ...], place: str) -> None:
    unknown = [name for name in written if name not in names]
    if unknown:
        raise SimulationError(
            f"simulation.toml: {place} names {', '.join(unknown)}; there are {', '.join(names)}."
        )


def lives_in(persons: Persons, areas: tuple[str, ...]) -> Mask:
    names, places = persons.traits[AREA]
    inside: Mask = np.array([name in areas for name in names], dtype=bool)
    return inside[places]


def _residents(population: Sequence[MarginRow], simulation: Simulation) -> dict[str, Levels]:
    trait = simulation.traits[simulation.residents]
    rows = _counted(trait) or _margin_rows(population, trait.margin or "")
    areas = tuple(dict.fromkeys(row.area for row in rows))
    levels = tuple(dict.fromkeys(row.category for row in rows))
    counts = [row.count for row in rows]
    area = np.repeat([areas.index(row.area) for row in rows], counts)
    level = np.repeat([levels.index(row.category) for row in rows], counts)
    return {AREA: Levels(areas, area), simulation.residents: Levels(levels, level)}


def _counted(trait: Trait) -> list[MarginRow]:
    """The people that a trait counts itself, as rows of a margin."""
    return [
        MarginRow(margin="counts", area=area, category=level, count=number)
        for area, levels in sorted(trait.counts.items())
        for level, number in levels.items()
    ]


def _margin_rows(population: Sequence[MarginRow], margin: str) -> list[MarginRow]:
    rows = sorted((row for row in population if row.margin == margin), key=lambda row: row.area)
    if not any(row.count > 0 for row in rows):
        raise SimulationError(
            f"population.csv has no persons in the margin {margin!r}, which simulation.toml names."
        )
    return rows


def _by_shares(name: str, trait: Trait, traits: dict[str, Levels], generator: np.random.Generator) -> Levels:
    names = tuple(trait.shares)
    weights = _log_weights(names, trait, traits) + logarithms(trait.shares, names, f"traits.{name}.shares")
    return Levels(names, np.argmax(weights + gumbel(generator, weights.shape), axis=1))


def _by_margin(
    trait: Trait, rows: list[MarginRow], traits: dict[str, Levels], generator: np.random.Generator
) -> Levels:
    """Levels in exactly the numbers of the margin, per area that the margin gives them for."""
    names = tuple(dict.fromkeys(row.category for row in rows))
    keys = _log_weights(names, trait, traits)
    keys = keys + gumbel(generator, keys.shape)
    areas = traits[AREA]
    places = np.zeros(len(areas.places), dtype=np.intp)
    for area, group in groupby(rows, key=lambda row: row.area):
        counts = {row.category: row.count for row in group}
        who = _inhabitants(area, areas)
        shares = np.array([counts.get(level, 0) for level in names], dtype=float)
        places[who] = _exactly(_apportion(shares, len(who)), keys[who])
    return Levels(names, places)


def _inhabitants(area: str, areas: Levels) -> Places:
    """Who lives in an area; everybody when it is no area but the municipality."""
    if area in areas.names:
        return np.flatnonzero(areas.places == areas.names.index(area))
    return np.arange(len(areas.places))


def _log_weights(names: tuple[str, ...], trait: Trait, traits: dict[str, Levels]) -> Floats:
    refuse_unknown(trait.likelier, names, "likelier")
    weights = np.zeros((len(traits[AREA].places), len(names)), dtype=np.float32)
    for level, factors in trait.likelier.items():
        for other, by_level in factors.items():
            others, places = traits[other]
            factor = np.log(np.array([by_level.get(name, 1.0) for name in others], dtype=np.float32))
            weights[:, names.index(level)] += factor[places]
    return weights


def _apportion(shares: NDArray[np.float64], total: int) -> Places:
    """Whole numbers that add up to `total`, by largest remainder."""
    exact = shares / shares.sum() * total
    counts: Places = np.floor(exact).astype(np.intp)
    largest = np.argsort(counts - exact, kind="stable")[: total - counts.sum()]
    counts[largest] += 1
    return counts


def _exactly(counts: Places, keys: Floats) -> Places:
    """A level for each row of `keys`, each level as often as counted, the largest keys first."""
    places = np.full(len(keys), len(counts) - 1, dtype=np.intp)
    free = np.arange(len(keys))
    for level, count in enumerate(counts[:-1]):
        order = np.argsort(-keys[free, level], kind="stable")
        places[free[order[:count]]] = level
        free = free[order[count:]]
    return places
