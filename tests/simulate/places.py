"""The definitions that the tests of the simulation draw cities of."""

from functools import cache
from pathlib import Path

from survey.questionnaires.model import Questionnaire
from survey.simulate.city import City
from survey.simulate.command import read_city
from survey.simulate.model import Simulation

ROOT = Path(__file__).parents[2]
LEIDEN = ROOT / "survey/questionnaires/definitions/leiden-eindevaluatie"
BRINKDORP = ROOT / "tests/samples/brinkdorp"


@cache
def drawn(folder: Path, seed: int) -> tuple[Questionnaire, Simulation, City]:
    """A city, drawn once for all tests."""
    return read_city(folder, seed)
