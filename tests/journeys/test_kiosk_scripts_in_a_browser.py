"""The scripts of a kiosk, by themselves in Chromium, against the Python that they must agree with."""

import base64
import json
from collections import Counter
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
from survey.kiosk import Envelope, Filled, Kiosk, opened, opening_key, opening_keys, point
from survey.questionnaires.answers import Answer, options_of
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import SKIPPED, Questionnaire, Step
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import Journey, steps, walk
from survey.questionnaires.routing_table import routing_table
from tests.journeys.conftest import BRINKDORP
from tests.questionnaires.generation import a_questionnaire, an_area, some_answers, some_purposes
from tests.survey.kiosks import PLACE_CODE
from tests.survey.stored import SECRET

SCRIPTS = Path(survey.web.__file__).parent / "static" / "kiosk"
SURVEY = "proef"
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


SEAL_ALL = """
async ({at, filled, from, server}) => {
    const {newDeviceKey, publicPoint, seal} = await import(`${at}/sealing.js`);
    const device = await newDeviceKey();
    const serverPoint = Uint8Array.from(atob(server), (character) => character.charCodeAt(0));
    const envelopes = [];
    for (const one of filled) envelopes.push(await seal(one, from, serverPoint, device));
    const read = await crypto.subtle.exportKey("pkcs8", device.privateKey).catch((error) => error.name);
    return {device: await publicPoint(device), envelopes, read};
}
"""

KEEP_ALL = """
async ({at, envelopes}) => {
    const {keep, count} = await import(`${at}/queue.js`);
    for (const envelope of envelopes) await keep(envelope);
    return count();
}
"""

START_SENDING = """
({at}) => {
    const post = async (envelope) => {
        const reply = await fetch(`${at}/deliver`, {method: "POST", body: JSON.stringify(envelope)});
        return reply.text();
    };
    window.sending = import(`${at}/queue.js`).then(({sendAll}) => sendAll(post));
}
"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    yield from an_empty_page(browser)


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """Of a device on which nothing was kept before."""
    yield from an_empty_page(browser)


def an_empty_page(browser: Browser) -> Iterator[Page]:
    """Over TLS (Web Crypto asks for that), where the scripts can be imported."""
    context = browser.new_context()
    context.route(f"{AT}/**", serve)
    opened = context.new_page()
    opened.goto(f"{AT}/")
    yield opened
    context.close()


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


# Sealing.


@pytest.fixture(scope="module")
def sealed(page: Page) -> dict[str, Any]:
    """What a device sealed: short, long, in other scripts, with a code and without."""
    server = opening_key(SECRET, SURVEY, 1).public_key()
    return page.evaluate(
        SEAL_ALL,
        {
            "at": AT,
            "filled": json.loads(msgspec.json.encode(FILLED)),
            "from": {"survey": SURVEY, "version": "1", "kiosk": PLACE_CODE.hex()},
            "server": base64.b64encode(point(server)).decode(),
        },
    )


FILLED = [
    Filled(language="nl", purposes=frozenset(), answers={}, receipt="", code=code) for code in (None, "BCDF")
] + [
    Filled(
        language="ar", purposes=frozenset({"a", "b"}), answers={"q1": ("1", "2"), "q2": (text,)}, receipt="x"
    )
    for text in ("", "\u0645\u0631\u062d\u0628\u0627", "\U0001f600\x00", "x" * 4000, "\u00e9" * 9000)
]


def test_what_the_browser_seals_the_server_opens(sealed: dict[str, Any]) -> None:
    kiosk = Kiosk(
        survey=SURVEY,
        place="het-anker",
        name="Het Anker",
        area="WK01",
        needs_code=False,
        public_key=base64.b64decode(sealed["device"]),
    )
    envelopes = msgspec.convert(sealed["envelopes"], list[Envelope])
    keys = opening_keys(SECRET, SURVEY, 1)
    assert [opened(envelope, kiosk, keys) for envelope in envelopes] == FILLED


def test_short_answers_are_sealed_at_one_length(sealed: dict[str, Any]) -> None:
    lengths = [len(base64.b64decode(envelope["sealed"])) for envelope in sealed["envelopes"]]
    assert lengths == [4112, 4112, 4112, 4112, 4112, 8208, 32784]


def test_no_delivery_is_called_as_another_and_no_key_seals_twice(sealed: dict[str, Any]) -> None:
    for name in ("delivery", "ephemeral"):
        assert len({envelope[name] for envelope in sealed["envelopes"]}) == len(FILLED)


def test_no_script_can_read_the_key_of_the_device(sealed: dict[str, Any]) -> None:
    assert sealed["read"] == "InvalidAccessError"


# The queue.


class Receiver:
    """A server behind a bad network: of what it receives, some replies are lost, some requests never come."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.received: Counter[str] = Counter()
        self.answered: set[str] = set()

    def __call__(self, route: Route) -> None:
        luck = self._random.random()
        if luck < 0.25:
            route.abort()
            return
        delivery = route.request.post_data_json["delivery"]
        self.received[delivery] += 1
        if luck < 0.5:
            route.abort()
        elif luck < 0.6:
            route.fulfill(status=503, body="busy")
        else:
            self.answered.add(delivery)
            route.fulfill(body="accepted" if self.received[delivery] == 1 else "received_before")


def envelopes(number: int) -> list[dict[str, str]]:
    return [{"delivery": f"{place:032x}", "sealed": "x" * 4000} for place in range(number)]


def test_over_a_bad_network_and_from_two_tabs_everything_arrives_and_nothing_stays(tab: Page) -> None:
    receiver = Receiver(Random(2))
    tab.context.route(f"{AT}/deliver", receiver)
    assert tab.evaluate(KEEP_ALL, {"at": AT, "envelopes": envelopes(40)}) == 40
    other = tab.context.new_page()
    other.goto(f"{AT}/")
    rounds = 0
    while waiting(tab):
        for one in (tab, other):
            one.evaluate(START_SENDING, {"at": AT})
        for one in (tab, other):
            one.evaluate("() => window.sending")
        assert receiver.answered.isdisjoint(waiting(tab))
        rounds += 1
    sent = {envelope["delivery"] for envelope in envelopes(40)}
    assert set(receiver.received) == receiver.answered == sent
    assert rounds > 1
    assert max(receiver.received.values()) > 1


@pytest.mark.parametrize("outcome", ["revoked", "unknown_key", "broken_seal", "busy", ""])
def test_what_the_server_does_not_have_stays_and_says_why(tab: Page, outcome: str) -> None:
    tab.context.route(f"{AT}/deliver", lambda route: route.fulfill(body=outcome))
    tab.evaluate(KEEP_ALL, {"at": AT, "envelopes": envelopes(2)})
    tab.evaluate(START_SENDING, {"at": AT})
    assert tab.evaluate("() => window.sending") == [outcome, outcome]
    assert waiting(tab) == [envelope["delivery"] for envelope in envelopes(2)]


def test_a_slip_that_was_used_before_does_not_wait_for_ever(tab: Page) -> None:
    tab.context.route(f"{AT}/deliver", lambda route: route.fulfill(body="code_used"))
    tab.evaluate(KEEP_ALL, {"at": AT, "envelopes": envelopes(1)})
    tab.evaluate(START_SENDING, {"at": AT})
    assert tab.evaluate("() => window.sending") == []
    assert waiting(tab) == []


def test_the_queue_is_there_after_the_page_was_closed_and_another_is_opened(tab: Page) -> None:
    tab.evaluate(KEEP_ALL, {"at": AT, "envelopes": envelopes(3)})
    tab.close()
    again = tab.context.new_page()
    again.goto(f"{AT}/")
    assert waiting(again) == [envelope["delivery"] for envelope in envelopes(3)]


def waiting(tab: Page) -> list[str]:
    found: list[dict[str, str]] = tab.evaluate("async (at) => (await import(`${at}/queue.js`)).waiting()", AT)
    return [envelope["delivery"] for envelope in found]
