"""A synthetic Leiden on the real margins, with known answers; nothing in it is anybody's answer.

A small one, with five answers, for tests of weighting and of the commands. Taking part depends on age,
district and a hidden trait that no answer depends on, so weighting can repair the sample in full.
"""

from pathlib import Path

import numpy as np
from msgspec import Struct

from analysis.reporting.exports.dataset import (
    POPULATION,
    Dataset,
    Export,
    Fieldwork,
    PopulationCount,
    parse_population,
)
from survey.questionnaires.folder import read_folder
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.parsing import parse
from survey.questionnaires.problems import Findings

DEFINITION = Path(__file__).parents[2] / "survey/questionnaires/definitions/leiden-eindevaluatie"
AGES = ("18-24", "25-44", "45-64", "65+")


class Town(Struct, frozen=True, kw_only=True, eq=False):
    """Every adult: district, age class, sex, children at home, chance to answer, and the answers."""

    questionnaire: Questionnaire
    population: tuple[PopulationCount, ...]
    district: np.ndarray
    age: np.ndarray
    woman: np.ndarray
    children: np.ndarray
    chance: np.ndarray
    answers: dict[str, np.ndarray]

    def draw(self, random: np.random.Generator, invited: int) -> Dataset:
        """Those who answer, of `invited` people drawn in each district."""
        chosen = np.concatenate(
            [
                random.choice(np.flatnonzero(self.district == place), invited, replace=False)
                for place in range(len(self.areas))
            ]
        )
        return self.responses(chosen[random.random(len(chosen)) < self.chance[chosen]])

    @property
    def areas(self) -> tuple[str, ...]:
        return tuple(area.code for area in self.questionnaire.municipality.areas)

    def responses(self, people: np.ndarray) -> Dataset:
        """The responses of these people, as an export would give them."""
        number = len(people)
        area = np.array(self.areas)[self.district[people]]
        codes = {
            "q35": self.age[people] + 3,
            "q36": self.woman[people] + 1,
            "q37_3": self.children[people].astype(int),
            **{name: column[people] for name, column in self.answers.items()},
        }
        return Dataset(
            export=Export(
                format=1,
                survey=self.questionnaire.key,
                version=self.questionnaire.version,
                simulated=True,
                program="0.1.0",
                week="2026-W48",
                responses=number,
            ),
            codes={name: column.astype(np.int32) for name, column in codes.items()},
            texts={
                "area": area,
                "sampled_area": area,
                "channel": np.full(number, "invited"),
                "disposition": np.full(number, "complete"),
            },
            questionnaire=self.questionnaire,
            fieldwork=Fieldwork(areas={}),
            population=self.population,
        )


def build(seed: int) -> Town:
    """The town, with margins exactly as in the municipality's population file."""
    files = read_folder(DEFINITION)
    questionnaire = parse(files)
    population = parse_population(files[POPULATION], Findings(POPULATION))
    random = np.random.default_rng(seed)
    counts = {(row.margin, row.area, row.category): round(row.count) for row in population}
    areas = [area.code for area in questionnaire.municipality.areas]
    cells = [(d, a) for d in range(len(areas)) for a in range(len(AGES))]
    sizes = [counts["area_age", areas[d], AGES[a]] for d, a in cells]
    district, age = (np.repeat([cell[n] for cell in cells], sizes) for n in (0, 1))
    woman = np.zeros(len(district), dtype=int)
    women = counts["sex", questionnaire.municipality.code, "vrouw"]
    woman[random.choice(len(woman), women, replace=False)] = 1
    children = np.zeros(len(district), dtype=bool)
    for place, area in enumerate(areas):
        here = np.flatnonzero(district == place)
        likely = np.array([0.02, 1.0, 0.8, 0.05])[age[here]]
        chosen = random.choice(here, counts["children", area, "yes"], replace=False, p=likely / likely.sum())
        children[chosen] = True
    hidden = random.random(len(age)) < np.array([0.3, 0.35, 0.25, 0.1])[age]
    log_odds = np.array([-1.9, -1.2, -0.6, 0.1])[age] - 0.7 * hidden + 0.06 * (district - 4.5) + 0.2 * woman
    return Town(
        questionnaire=questionnaire,
        population=population,
        district=district,
        age=age,
        woman=woman,
        children=children,
        chance=1 / (1 + np.exp(-log_odds)),
        answers=_answers(random, district, age, woman, children),
    )


def _answers(
    random: np.random.Generator,
    district: np.ndarray,
    age: np.ndarray,
    woman: np.ndarray,
    children: np.ndarray,
) -> dict[str, np.ndarray]:
    """Grade (q2), unmet need (q15), trust (q27_a) and volunteering (q25), with chance of their own."""
    level = np.array([6.4, 6.9, 7.3, 7.8])[age] + 0.05 * (district - 4.5) + 0.2 * children
    grade = np.clip(np.rint(random.normal(level, 1.4)), 1, 10)
    unmet = random.random(len(age)) < np.array([0.3, 0.22, 0.15, 0.08])[age] + 0.05 * children
    trust = random.random(len(age)) < np.array([0.35, 0.45, 0.55, 0.65])[age] + 0.02 * woman
    gives = random.random(len(age)) < np.array([0.2, 0.3, 0.4, 0.5])[age] + 0.01 * (district - 4.5)
    return {
        "q2": grade,
        "q15": np.where(unmet, 1, 2),
        "q27_a": np.where(trust, 4, 2),
        "q25": np.where(gives, 1, 3),
    }
