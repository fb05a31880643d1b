"""The scripts of a kiosk, by themselves in Chromium, against the Python that they must agree with."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, Route

import survey.web
from survey.questionnaires.answers import Answer, options_of
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import SKIPPED, Questionnaire, Step
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import Journey, steps, walk
from survey.questionnaires.routing_table import routing_table
from tests.journeys.conftest import BRINKDORP
from tests.questionnaires.generation import a_questionnaire, an_area, some_answers, some_purposes

SCRIPTS = Path(survey.web.__file__).parent / "static" / "kiosk"
AT = "https://kiosk.example"
JOURNEYS_OF_ONE = 20

WALK_ALL = """
async ({at, cases}) => {
    const {walk} = await import(`${at}/routing.js`);
    return cases.map(({table, journeys}) => journeys.map(({answers, purposes, area}) => {
        const given = new Map(Object.entries(answers));
        const journey = walk(table, given, new Set(purposes), area);
        return {...journey, counting: Object.fromEntries(journey.counting)};
    }));
}
"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page over TLS (Web Crypto asks for that) that can import the scripts."""
    opened = browser.new_page()
    opened.route(f"{AT}/**", serve)
    opened.goto(f"{AT}/")
    yield opened
    opened.close()


def serve(route: Route) -> None:
    name = route.request.url.removeprefix(f"{AT}/")
    if name:
        route.fulfill(path=SCRIPTS / name, content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html><title>kiosk</title>", content_type="text/html")


def a_journey(random: Random, questionnaire: Questionnaire) -> dict[str, Any]:
    return {
        "answers": some_answers(random, questionnaire),
        "purposes": some_purposes(random),
        "area": an_area(random),
    }


def walked(questionnaire: Questionnaire, journey: dict[str, Any]) -> dict[str, Any]:
    found = walk(questionnaire, journey["answers"], purposes=journey["purposes"], area=journey["area"])
    return plain(found)


def plain(journey: Journey) -> Any:
    """As the script gives it."""
    told = {
        "steps": [step.variable for step in journey.steps],
        "counting": journey.counting,
        "area": journey.area,
        "stop": None if journey.stop is None else journey.stop.key,
    }
    return json.loads(msgspec.json.encode(told))


def compared(page: Page, cases: list[tuple[Questionnaire, list[dict[str, Any]]]]) -> list[Any]:
    """Walk all journeys in the browser, see that they are those of Python, and give them."""
    sent = [{"table": routing_table(one), "journeys": journeys} for one, journeys in cases]
    found = page.evaluate(WALK_ALL, {"at": AT, "cases": json.loads(msgspec.json.encode(sent))})
    assert found == [[walked(one, journey) for journey in journeys] for one, journeys in cases]
    return [journey for journeys in found for journey in journeys]


@settings(max_examples=10)
@given(random=st.randoms(use_true_random=True))
def test_the_browser_walks_generated_questionnaires_as_the_server_does(page: Page, random: Random) -> None:
    drawn = [a_questionnaire(random) for _ in range(25)]
    cases = [(one, [a_journey(random, one) for _ in range(JOURNEYS_OF_ONE)]) for one in drawn]
    compared(page, cases)


@pytest.mark.parametrize("survey", ["leiden-eindevaluatie", str(BRINKDORP)])
def test_the_browser_walks_the_real_questionnaires_as_the_server_does(page: Page, survey: str) -> None:
    questionnaire = parse(read_folder(find_folder(survey)))
    random = Random(11)
    found = compared(page, [(questionnaire, [a_likely_journey(random, questionnaire) for _ in range(2000)])])
    passed = {variable for journey in found for variable in journey["steps"]}
    assert passed == {step.variable for step in steps(questionnaire)}
    assert any(journey["stop"] for journey in found)


def a_likely_journey(random: Random, questionnaire: Questionnaire) -> dict[str, Any]:
    """With codes and areas that this questionnaire has."""
    areas = [area.code for area in questionnaire.municipality.areas]
    purposes = [purpose.key for purpose in questionnaire.purposes]
    likely = {step.variable: a_likely_answer(random, step, areas) for step in steps(questionnaire)}
    return {
        "answers": {name: answer for name, answer in likely.items() if random.random() < 0.95},
        "purposes": frozenset(random.sample(purposes, random.randint(1, len(purposes)))),
        "area": random.choice([None, *areas]),
    }


def a_likely_answer(random: Random, step: Step, areas: list[str]) -> Answer:
    codes = [option.code for option in options_of(step.question)]
    if step.kind == "multiple":
        return tuple(random.sample(codes, random.randint(1, len(codes))))
    if step.kind == "neighbourhood":
        return random.choice(areas)
    return random.choice(codes or [SKIPPED])
