"""A synthetic city has the real margins, coherent answers, and depends on nothing but its seed."""

import csv
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from survey.questionnaires import routing
from survey.questionnaires.folder import DEFINITIONS, read_folder
from survey.questionnaires.model import NOT_SHOWN
from survey.simulate.city import City, draw_city
from survey.simulate.command import read_city
from survey.simulate.model import AREA, AnswerModel, parse_population
from survey.simulate.persons import effect
from tests.simulate.places import BRINKDORP, LEIDEN, drawn

CITIES = pytest.mark.parametrize("folder", [LEIDEN, BRINKDORP], ids=["leiden", "brinkdorp"])
COUNTED = [DEFINITIONS / key for key in ("leiden-jongeren", "leiden-medewerkers", "leiden-partners")]


def population(folder: Path) -> list[dict[str, str]]:
    text = read_folder(folder)["municipality/population.csv"].decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def count(city: City, trait: str, level: str, area: str) -> int:
    names, places = city.persons.traits[trait]
    areas, where = city.persons.traits[AREA]
    inside = where == areas.index(area) if area in areas else np.ones(len(where), dtype=bool)
    return int((inside & (places == names.index(level))).sum())


@CITIES
def test_everybody_of_the_margins_lives_in_the_city(folder: Path) -> None:
    _, simulation, city = drawn(folder, 1)
    for trait, written in simulation.traits.items():
        for row in population(folder):
            if row["margin"] == written.margin:
                assert count(city, trait, row["category"], row["area"]) == int(row["count"])


@CITIES
def test_the_same_seed_gives_the_same_city_and_another_seed_another(folder: Path) -> None:
    again, other = read_city(folder, 1)[2], read_city(folder, 2)[2]
    city = drawn(folder, 1)[2]
    assert all(np.array_equal(city.answers[column], again.answers[column]) for column in city.answers)
    assert any(not np.array_equal(city.answers[column], other.answers[column]) for column in city.answers)


@pytest.mark.parametrize("folder", [LEIDEN, BRINKDORP, *COUNTED], ids=lambda folder: folder.name)
def test_the_questions_somebody_answers_are_those_that_routing_asks(folder: Path) -> None:
    questionnaire, _, city = drawn(folder, 1)
    purposes = frozenset(purpose.key for purpose in questionnaire.purposes)
    steps = [step for step in routing.steps(questionnaire) if step.kind != "postcode"]
    for person in np.random.default_rng(7).integers(city.persons.size, size=300).tolist():
        answers = {step.variable: city.answer(step, person) for step in steps}
        given = {variable: answer for variable, answer in answers.items() if answer != NOT_SHOWN}
        area = city.persons.area_names[city.persons.traits[AREA].places[person]]
        journey = routing.walk(questionnaire, given, purposes=purposes, area=area)
        asked = {step.variable for step in journey.steps if step.kind != "postcode"}
        assert asked == set(given)
        assert journey.counting == given


def test_another_answer_model_changes_no_answer_to_another_question() -> None:
    questionnaire, simulation, city = drawn(BRINKDORP, 1)
    answers = {**simulation.answers, "grade": AnswerModel(shares={"9": 1.0})}
    rows = parse_population(read_folder(BRINKDORP)["municipality/population.csv"])
    other = draw_city(questionnaire, rows, replace(simulation, answers=answers), 1)
    assert set(np.unique(other.answers["grade"])) <= {9, -8}
    same = [column for column in city.answers if column != "grade" and not column.startswith("house")]
    assert all(np.array_equal(city.answers[column], other.answers[column]) for column in same)


def test_shares_are_met_where_no_effect_moves_them() -> None:
    questionnaire, simulation, _ = drawn(LEIDEN, 1)
    city = drawn(LEIDEN, 1)[2]
    shares = simulation.answers["q29b"].shares
    given = city.answers["q29b"][city.answers["q29b"] >= 0]
    assert questionnaire.key == "leiden-eindevaluatie"
    assert {code: float((given == int(code)).mean()) for code in shares} == pytest.approx(shares, abs=0.01)


def test_who_takes_an_exclusive_option_takes_nothing_else() -> None:
    city = drawn(LEIDEN, 1)[2]
    ticks = np.stack([city.answers[f"q7_{code}"] for code in (*range(1, 12), 99)])
    answered = ticks[:, ticks[0] >= 0]
    assert (answered.sum(axis=0) >= 1).all()
    assert (answered[:, answered[-1] == 1].sum(axis=0) == 1).all()


def test_options_of_other_areas_are_never_chosen() -> None:
    questionnaire, _, city = drawn(BRINKDORP, 1)
    assert questionnaire.municipality.areas
    areas, where = city.persons.traits[AREA]
    rink = city.answers["visits_2"] == 1
    assert rink.any()
    assert set(where[rink]) == {areas.index("BD02")}


def test_those_who_take_part_differ_from_the_city() -> None:
    _, simulation, city = drawn(LEIDEN, 1)
    odds = np.exp(effect(city.persons, simulation.response.effects, "response"))
    grades = city.answers["q2"]
    known = grades >= 0
    raw = np.average(grades[known], weights=odds[known])
    assert raw - grades[known].mean() > 0.1


def test_people_whom_nobody_counted_are_as_many_as_the_file_says() -> None:
    _, simulation, city = drawn(DEFINITIONS / "leiden-partners", 1)
    counted = simulation.traits["role"].counts["GM0546"]
    assert city.persons.size == sum(counted.values())
    assert {level: count(city, "role", level, "GM0546") for level in counted} == counted
    assert set(city.persons.area_names) == {"GM0546"}
