"""A second, invented town works with nothing but files: no name of Leiden stands in the code."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from survey.questionnaires.answers import Answer, neighbourhoods, offered, parse_form
from survey.questionnaires.folder import read_folder
from survey.questionnaires.lint import check
from survey.questionnaires.model import SKIPPED, Questionnaire, Step
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import Journey, steps, walk
from survey.questionnaires.translations import reachable_texts, translate

FOLDER = Path("tests/samples/brinkdorp")
EVERYTHING = frozenset({"taking_part", "opinion"})


@cache
def brinkdorp() -> Questionnaire:
    return parse(read_folder(FOLDER))


def journey(answers: Mapping[str, Answer], purposes: frozenset[str] = EVERYTHING) -> Journey:
    return walk(brinkdorp(), dict(answers), purposes=purposes, area=None)


def step(variable: str) -> Step:
    return next(step for step in steps(brinkdorp()) if step.variable == variable)


def test_the_check_has_nothing_to_say() -> None:
    assert check(read_folder(FOLDER)) == ()


def test_every_kind_of_question_is_asked() -> None:
    kinds = {step.kind for step in steps(brinkdorp())}
    assert kinds == {"single", "multiple", "number", "open", "statement", "postcode", "neighbourhood"}


def test_english_is_complete() -> None:
    (english,) = brinkdorp().catalogues
    assert set(english.sentences) == {text.key for text in reachable_texts(brinkdorp())}
    assert translate(brinkdorp(), brinkdorp().title, "en") == ("Brinkdorp survey", "en")


def test_a_postcode_leads_to_the_neighbourhoods_of_the_areas_it_touches() -> None:
    town = brinkdorp().municipality
    one = [neighbourhood.name for neighbourhood in neighbourhoods(town, "0104")]
    two = [neighbourhood.name for neighbourhood in neighbourhoods(town, "0102")]
    assert one == ["Oostes", "Westes"]
    assert two == ["Rond de Brink", "Kerkhoek", "Nieuwland", "De Sluis"]


def test_of_the_neighbourhood_only_its_area_is_kept() -> None:
    answers, errors = parse_form(step("place"), {"answer": ["BD0202"]}, brinkdorp().municipality)
    assert errors == ()
    assert answers == {"place": "BD02"}


def test_an_option_of_one_area_is_not_offered_elsewhere() -> None:
    assert 2 in {option.code for option in offered(step("visits"), "BD02")}
    assert 2 not in {option.code for option in offered(step("visits"), "BD01")}
    assert 2 not in {option.code for option in offered(step("visits"), None)}


def test_moving_takes_away_the_answer_that_is_not_offered_any_more() -> None:
    assert journey({"place": "BD02", "visits": (2,)}).counting["visits"] == (2,)
    assert "visits" not in journey({"place": "BD01", "visits": (2,)}).counting


def test_a_question_of_some_areas_is_asked_only_there() -> None:
    assert journey({"place": "BD01"}).step("wish") is not None
    assert journey({"place": "BD03"}).step("wish") is None
    assert journey({"place": SKIPPED}).step("wish") is None


def test_the_battery_needs_consent_a_visit_and_a_grade_that_is_not_very_low() -> None:
    visited: dict[str, Answer] = {"grade": 7, "visits": (1,)}
    assert journey(visited).step("house_a") is not None
    assert journey(visited, frozenset({"taking_part"})).step("house_a") is None
    assert journey(visited | {"visits": (3,)}).step("house_a") is None
    assert journey(visited | {"grade": 2}).step("house_a") is None


def test_the_house_has_another_name_where_it_differs() -> None:
    (house,) = (insert for insert in brinkdorp().inserts if insert.key == "house")
    assert house.default.source == "het dorpshuis"
    assert {area: text.source for area, text in house.areas.items()} == {
        "BD01": "dorpshuis De Brink",
        "BD03": "boerderij De Es",
    }


def strings(module: Path) -> Iterator[str]:
    """The strings that a module works with; a docstring may name an example."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    remarks = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in remarks:
            yield node.value


def test_no_code_names_leiden() -> None:
    named = re.compile(r"\bleiden(?!d)|GM0546|WK0546", re.IGNORECASE)  # "leidend" is a Dutch word
    modules = [path for part in ("survey", "analysis") for path in Path(part).rglob("*.py")]
    assert modules
    assert {str(path): text for path in modules for text in strings(path) if named.search(text)} == {}
