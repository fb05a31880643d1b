"""Everybody in the synthetic city with what they would answer, and the samples that are drawn of them."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analysis import Design
from survey.simulate.city import City
from survey.simulate.command import read_city
from survey.simulate.persons import effect
from tests.analysis.town import DEFINITION

CITY_SEED = 1
INVITED = 3
"""As many people are invited as answer, times this."""

STREET = 20
FROM_STREET = 5

Table = Mapping[str, npt.NDArray[np.generic]]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

AREAS = tuple(f"WK05460{place}" for place in range(10))


def everybody() -> Table:
    """A row per adult; nan: has no answer to it, or says so."""
    _, simulation, city = read_city(DEFINITION, CITY_SEED)
    traits = {name: np.array(names)[places] for name, (names, places) in city.persons.traits.items()}
    area = city.persons.traits["area"].places
    return {
        **traits,
        "person": np.arange(city.persons.size),
        "one": np.ones(city.persons.size),
        "older": (city.persons.traits["age"].places >= 2).astype(float),
        "grade": _answered(city, "q2"),
        "confidence": _answered(city, "q32"),
        "wellbeing": np.sum([_answered(city, f"q20_{item}") for item in "abcde"], axis=0) * 4,
        "bond": city.persons.scores["bond"].astype(float),
        "trust": _answered(city, "q27_a"),
        "trusts": _coded(city, "q27_a", 4, 5),
        "unmet": _coded(city, "q15", 1),
        "low": _coded(city, "q2", 1, 2, 3, 4, 5),
        "filtered": _coded(city, "q26c", 1),
        "people": np.bincount(area)[area],
        "willing": effect(city.persons, simulation.response.effects, "response"),
        **_streets(city, area),
    }


def _answered(city: City, variable: str) -> Floats:
    codes = city.answers[variable]
    return np.where(codes < 0, np.nan, codes)


def _coded(city: City, variable: str, *codes: int) -> Floats:
    answers = city.answers[variable]
    return np.where(answers < 0, np.nan, np.isin(answers, codes))


def _streets(city: City, area: Places) -> Table:
    """Streets of 20 persons who have the same bond with their neighbours, more or less, and same strain."""
    scores = city.persons.scores
    noise = np.random.default_rng(CITY_SEED).normal(size=city.persons.size)
    order = np.lexsort((scores["bond"] - scores["strain"] + noise, area))
    place = np.empty(len(area), dtype=np.intp)
    place[order] = np.arange(len(area)) - np.searchsorted(area[order], area[order])
    number = np.bincount(area)
    street = np.minimum(place // STREET, number[area] // STREET - 1)
    units = np.unique(area * len(area) + street, return_inverse=True)[1]
    return {
        "street": units,
        "streets": (number // STREET)[area].astype(float),
        "in_street": np.bincount(units)[units].astype(float),
    }


def rows(table: Table, chosen: Places) -> Table:
    return {name: column[chosen] for name, column in table.items()}


def census(people: Table) -> Design:
    """Everybody as a sample of which each person stands for one: what it estimates is the truth."""
    return Design.of(people, weights="one")


def per_district(people: Table, size: int, random: np.random.Generator) -> Table:
    """As many persons from every district, drawn without replacement."""
    keys = random.random(len(people["area"]))
    return rows(people, _first(people["area"], keys, size))


def persons_design(sample: Table) -> Design:
    return Design.of(sample, strata="area", population=["people"])


def invited(people: Table, size: int, random: np.random.Generator) -> Table:
    """Three times as many invited as will answer; `responded` marks the most willing of every district."""
    asked = per_district(people, INVITED * size, random)
    keys = -asked["willing"].astype(float) - random.gumbel(size=len(asked["area"]))
    answering = _first(asked["area"], keys, size)
    return {**asked, "responded": np.isin(np.arange(len(keys)), answering).astype(float)}


def through_streets(people: Table, size: int, random: np.random.Generator) -> Table:
    """Five persons from each of size/5 streets in every district."""
    street, first = np.unique(people["street"], return_index=True)
    chosen = street[_first(people["area"][first], random.random(len(street)), size // FROM_STREET)]
    inside = np.flatnonzero(np.isin(people["street"], chosen))
    keys = random.random(len(inside))
    return rows(people, inside[_first(people["street"][inside], keys, FROM_STREET)])


def by_themselves(people: Table, odds: Floats, size: int, random: np.random.Generator) -> Table:
    """`size` of all people, drawn with these log odds."""
    keys = -odds - random.gumbel(size=len(odds))
    return rows(people, np.argsort(keys)[:size])


def _first(groups: npt.NDArray[np.generic], keys: npt.NDArray[np.generic], number: int) -> Places:
    """The `number` rows with the lowest keys in every group."""
    codes = np.unique(groups, return_inverse=True)[1]
    order = np.lexsort((keys, codes))
    place = np.arange(len(order)) - np.searchsorted(codes[order], codes[order])
    return np.sort(order[place < number])
