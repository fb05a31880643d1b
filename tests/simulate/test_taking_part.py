"""Invitations are a sample per area, one code each; who comes depends on who they are."""

import numpy as np
import pytest

from survey.simulate.model import AREA, SimulationError
from survey.simulate.taking_part import draw_participants
from tests.simulate.places import LEIDEN, drawn

CODES = {area: [f"{area}-{number}" for number in range(150)] for area in ("WK054602", "WK054604")}


def test_each_participant_is_another_person_and_no_code_is_used_twice() -> None:
    _, simulation, city = drawn(LEIDEN, 1)
    coming = draw_participants(city.persons, simulation, CODES, 100, 0.2)
    codes = [participant.code for participant in coming if participant.code is not None]
    assert len({participant.person for participant in coming}) == len(coming) == 100
    assert len(set(codes)) == len(codes) == 80


def test_a_code_is_used_by_someone_of_its_area() -> None:
    _, simulation, city = drawn(LEIDEN, 1)
    names, places = city.persons.traits[AREA]
    for participant in draw_participants(city.persons, simulation, CODES, 100, 0.2):
        if participant.code is not None:
            assert participant.code.startswith(names[places[participant.person]])


def test_the_old_come_more_than_the_young() -> None:
    _, simulation, city = drawn(LEIDEN, 1)
    coming = draw_participants(city.persons, simulation, CODES, 100, 0)
    names, places = city.persons.traits["age"]
    ages = [names[places[participant.person]] for participant in coming]
    everyone = np.bincount(places, minlength=len(names)) / len(places)
    assert ages.count("65+") / 100 > everyone[names.index("65+")]
    assert ages.count("18-24") / 100 < everyone[names.index("18-24")]


@pytest.mark.parametrize(
    ("codes", "number", "message"),
    [
        (CODES, 400, "300 codes are too few for 400"),
        ({"WK9": ["a"]}, 1, "codes for the area 'WK9'"),
        ({"WK054602": ["a"] * 3000}, 1, "3000 codes for WK054602, where 2455 adults live"),
    ],
)
def test_codes_that_do_not_fit_are_refused(codes: dict[str, list[str]], number: int, message: str) -> None:
    _, simulation, city = drawn(LEIDEN, 1)
    with pytest.raises(SimulationError, match=message):
        draw_participants(city.persons, simulation, codes, number, 0)
