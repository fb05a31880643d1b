"""What is wrong in the files of a simulation is said in one message."""

import gzip
import re
from pathlib import Path

import pytest

from survey.questionnaires.folder import read_folder
from survey.simulate.city import draw_city
from survey.simulate.command import read_city, read_codes
from survey.simulate.model import SimulationError, parse_population, parse_simulation
from survey.simulate.truth import write_truth
from tests.simulate.places import BRINKDORP, drawn

MARGINS = read_folder(BRINKDORP)["municipality/population.csv"]
SIMULATION = (BRINKDORP / "simulation.toml").read_text()


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ("[traits.age]", "[traits.age", "simulation.toml: "),
        ("[behaviour]\nskip = 0.05", "[behaviour]\nskipp = 0.05", "skipp"),
        ("[answers.grade]", "[answers.grades]", "answers.grades"),
        ('given = "age"', 'given = "ages"', "answers.age.given: ages"),
        ("bond = 0.6", "bonds = 0.6", "answers.grade.effects: bonds"),
        ('residents = "age"', 'residents = "house"', "residents = 'house'"),
        ('variable = "age"', 'variable = "years"', "languages.variable: years"),
    ],
)
def test_a_faulty_simulation_is_refused_with_the_name_at_fault(
    written: str, instead: str, message: str
) -> None:
    assert written in SIMULATION
    with pytest.raises(SimulationError, match=re.escape(message)):
        parse_simulation(SIMULATION.replace(written, instead).encode(), drawn(BRINKDORP, 1)[0])


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ('"65+" = { 3 = 1 }', '"65+" = { 9 = 1 }', "names 9"),
        ('"65+" = { 3 = 1 }', '"65+" = { 3 = 0 }', "all shares are 0"),
        ('margin = "area_age"', 'margin = "ages"', "no persons in the margin 'ages'"),
        ("likelier.yes.age", "likelier.maybe.age", "likelier names maybe"),
    ],
)
def test_a_city_that_cannot_be_drawn_is_refused(written: str, instead: str, message: str) -> None:
    questionnaire = drawn(BRINKDORP, 1)[0]
    simulation = parse_simulation(SIMULATION.replace(written, instead).encode(), questionnaire)
    with pytest.raises(SimulationError, match=re.escape(message)):
        draw_city(questionnaire, parse_population(MARGINS), simulation, 1)


@pytest.mark.parametrize(
    "data", [b"area,category,count\nBD01,65+,3\n", b"margin,area,category,count\na,b,c,x\n"]
)
def test_a_faulty_population_is_refused(data: bytes) -> None:
    with pytest.raises(SimulationError, match=r"population\.csv cannot be read"):
        parse_population(data)


def test_a_definition_without_a_simulation_is_refused(tmp_path: Path) -> None:
    for name, data in read_folder(BRINKDORP).items():
        target = tmp_path / name.replace("municipality/", "municipalities/brinkdorp/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    with pytest.raises(SimulationError, match=r"simulation\.toml is not there"):
        read_city(tmp_path, 1)


def test_codes_are_read_per_area_and_other_files_refused(tmp_path: Path) -> None:
    good, bad = tmp_path / "codes.csv", tmp_path / "other.csv"
    good.write_text("code,area,round\nAAAA,BD01,1\nBBBB,BD02,1\nCCCC,BD01,1\n")
    bad.write_text("name\nx\n")
    assert read_codes([good]) == {"BD01": ["AAAA", "CCCC"], "BD02": ["BBBB"]}
    with pytest.raises(SimulationError, match="no columns code and area"):
        read_codes([bad])


def test_the_truth_has_a_row_for_everybody_and_no_written_text(tmp_path: Path) -> None:
    questionnaire, _, city = drawn(BRINKDORP, 1)
    write_truth(city, questionnaire, tmp_path / "truth.csv.gz")
    lines = gzip.decompress((tmp_path / "truth.csv.gz").read_bytes()).decode().splitlines()
    assert len(lines) == 1 + city.persons.size
    assert lines[0].split(",")[:3] == ["area", "age", "place"]
    assert "wish_text" not in lines[0]
    assert lines[1].startswith("BD01,")
