"""What a kiosk decides by itself, in Chromium, against the Python that decides it for the phone pages."""

import json
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from survey import invitations, receipts
from survey.kiosk import Filled, IssuedCode, Kiosk, Sent, kiosk_response
from survey.participation import Channel, Participation, respond
from survey.questionnaires.answers import Answer, may_skip, parse_form
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.form_table import FormRules, form_rules
from survey.questionnaires.model import SKIPPED, Questionnaire, Step
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import steps, walk
from survey.web.exchange import Survey
from survey.web.kiosk_bundle import common
from survey.web.resident import still_true
from tests.journeys.conftest import BRINKDORP
from tests.journeys.test_kiosk_scripts_in_a_browser import AT, an_empty_page
from tests.questionnaires.test_forms import with_parents
from tests.survey.stored import SECRET

PARENTS = "leiden-jongeren"
"""Served so that those under 16 take part when a parent agrees."""

SURVEYS = ["leiden-eindevaluatie", str(BRINKDORP)]
VISITS = 40

READ_ALL = """
async ({at, table, forms}) => {
    const {read} = await import(`${at}/forms.js`);
    return forms.map(({variable, sent}) => read(table.forms[variable], table, sent, () => true));
}
"""

NORMALISE_ALL = """
async ({at, typed}) => {
    const {normalised, isPossible} = await import(`${at}/codes.js`);
    return typed.map((code) => [normalised(code), isPossible(normalised(code))]);
}
"""

RECEIPTS = """
async ({at, common}) => {
    const {newReceipt} = await import(`${at}/visit.js`);
    return Array.from({length: 300}, () => newReceipt(common));
}
"""

# Sends the forms that it is given, or goes back, until the end; and tells what became of each form.
VISIT_ALL = """
async ({at, common, area, visits}) => {
    const {Visit, newReceipt} = await import(`${at}/visit.js`);
    return visits.map(({purposes, needsCode, codes, forms, backs}) => {
        const visit = new Visit(common, {area, needsCode}, "nl");
        const told = [];
        let tried = 0;
        visit.goTo("consent");
        for (const [number, back] of backs.entries()) {
            if (visit.path === "check" || visit.path.startsWith("refused/")) break;
            if (visit.path === "consent") visit.take(purposes.map((purpose) => ["purpose", purpose]));
            else if (visit.path === "code") {
                const code = codes[tried++ % codes.length];
                visit.take([code === null ? ["no_code", "1"] : ["code", code]]);
            }
            else if (back) visit.goBack();
            else {
                const variable = visit.variable;
                const sent = forms[number % forms.length][variable];
                visit.take(sent.map((value) => ["answer", value]));
                told.push({variable, sent, fault: visit.fault?.code ?? null});
            }
        }
        visit.receipt = newReceipt(common);
        return {told, path: visit.path, filled: visit.filled()};
    });
}
"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    yield from an_empty_page(browser)


@cache
def questionnaire(name: str) -> Questionnaire:
    files = read_folder(find_folder(name))
    return parse(with_parents(files) if name == PARENTS else files)


@cache
def plain_common(name: str) -> Any:
    asked = Survey(questionnaire(name), {"nl": False}, ())
    return json.loads(msgspec.json.encode(common(asked, idle=75)))


ODD = (
    "",
    " ",
    "x",
    "0",
    "1",
    "-8",
    "-9",
    "99",
    "01",
    "1\r\n",
    "\u0663",
    "\u0967\u0968",
    "\uff15",
    "\U0001d7d7",
    "12345678901",
    "-3",
    "7.5",
    "2312 ab",
    "0101XY",
    "\u0662\u0663\u0661\u0662",
    "0101 abcd",
    "\u202e1",
    "\ufeff1",
    "\x1f1\x85",
    "e\u0301" * 150,
    "\U0001f600" * 200,
    "\U0001f600" * 201,
    "y" * 3000,
    "BD0101",
)
"""Nothing, other scripts, what looks like a number, too long, what turns text round, what is not seen."""


def a_form(random: Random, step: Step, rules: FormRules) -> list[str]:
    """What somebody may send for a step: mostly what the page offers."""
    offered = [str(code) for code in (*rules.codes, *rules.reasons)]
    if random.random() < 0.25:
        offered = list(ODD)
    elif step.kind == "postcode":
        offered += ["0101", "0102", "0202", "2312", "2331 AB", "9999"]
    elif step.kind == "neighbourhood":
        offered += random.sample([place.code for place in MUNICIPALITY_PLACES[step.variable]], 3)
    elif rules.limits is not None:
        offered += [str(random.randint(rules.limits[0], rules.limits[1]))] * 3
    elif step.kind == "open":
        offered += ["Een bankje", " spaties ", "regel\r\nregel", "y" * 3000]
    several = step.kind in {"multiple", "open", "postcode"}
    many = random.choice([0, 1, 1, 1, 1, 1, 2, 3] if several else [0, *[1] * 12])
    return [random.choice(offered) for _ in range(many)]


MUNICIPALITY_PLACES: dict[str, Any] = {}


def forms(random: Random, asked: Questionnaire) -> dict[str, list[str]]:
    for step in steps(asked):
        MUNICIPALITY_PLACES[step.variable] = asked.municipality.neighbourhoods
    return {step.variable: a_form(random, step, form_rules(step)) for step in steps(asked)}


def as_told(step: Step, sent: list[str], asked: Questionnaire, area: str | None) -> tuple[Any, str | None]:
    """The answer that Python reads, or the fault as the script names it."""
    given, errors = parse_form(step, {"answer": sent}, asked.municipality, area=area)
    if errors:
        option = errors[0].parameters.get("option")
        return None, errors[0].code if option is None else f"{errors[0].code} {option}"
    answer = given[step.variable]
    return (None, "choose_one") if answer == SKIPPED and not may_skip(step.question) else (answer, None)


@pytest.mark.parametrize("name", SURVEYS)
def test_the_browser_reads_forms_as_the_server_does(page: Page, name: str) -> None:
    random, asked = Random(5), questionnaire(name)
    by_name = {step.variable: step for step in steps(asked)}
    sent = [
        {"variable": variable, "sent": values}
        for _ in range(80)
        for variable, values in forms(random, asked).items()
        if not any(option.areas for option in getattr(by_name[variable].question, "options", ()))
    ]
    found = page.evaluate(READ_ALL, {"at": AT, "table": plain_common(name)["forms"], "forms": sent})
    faults = set()
    for form, read in zip(sent, found, strict=True):
        answer, fault = as_told(by_name[form["variable"]], form["sent"], asked, None)
        assert read.get("fault") == fault, form
        if fault is None:
            assert read["answer"] == (list(answer) if isinstance(answer, tuple) else answer), form
        else:
            faults.add(fault.split()[0])
    assert {"exclusive_conflict", "not_a_postcode", "unknown_postcode", "choose_one"} <= faults
    assert {"text_too_long", "unknown_option", "one_option_only", "unknown_neighbourhood"} <= faults


def test_a_code_is_read_as_the_server_reads_it(page: Page) -> None:
    random = Random(7)
    codes = [invitations.written(invitations.make(random)) for _ in range(200)]
    swapped = [code[1] + code[0] + code[2:] for code in codes[:40]]
    typed = [*codes, *swapped, *(code.lower().replace("-", " ") for code in codes[:20]), *ODD]
    typed += [code.replace("D", "0").replace("7", "\u0661").replace("3", "\uff18") for code in codes[:40]]
    found = page.evaluate(NORMALISE_ALL, {"at": AT, "typed": typed})
    normalised = [invitations.normalise(code) for code in typed]
    assert found == [[code, invitations.mistake(code) is None] for code in normalised]
    assert {possible for _, possible in found} == {True, False}


def test_receipts_of_the_browser_are_receipts(page: Page) -> None:
    made = page.evaluate(RECEIPTS, {"at": AT, "common": plain_common(str(BRINKDORP))})
    assert all(receipts.mistake(receipt) is None for receipt in made)
    assert len(set(made)) == 300
    assert len({word for receipt in made for word in receipt.split()}) > 250


def a_visit(random: Random, asked: Questionnaire) -> dict[str, Any]:
    purposes = [purpose.key for purpose in asked.purposes]
    required = [purpose.key for purpose in asked.purposes if purpose.required]
    kinds: list[invitations.CodeKind] = ["letter", "slip"]
    codes = [None, *(invitations.written(invitations.make(random, kind)) for kind in kinds)]
    return {
        "purposes": sorted({*required, *random.sample(purposes, random.randint(0, len(purposes)))}),
        "needsCode": False,
        "codes": random.sample(codes, len(codes)),
        "forms": [forms(random, asked) for _ in range(23)],
        "backs": [random.random() < 0.1 for _ in range(900)],
    }


@pytest.mark.parametrize("name", [*SURVEYS, PARENTS])
def test_a_visit_gives_the_response_that_the_phone_pages_would_give(page: Page, name: str) -> None:
    random, asked = Random(13), questionnaire(name)
    area = asked.municipality.areas[0].code
    visits = [a_visit(random, asked) for _ in range(VISITS)]
    sent = {"at": AT, "common": plain_common(name), "area": area, "visits": visits}
    ends, kinds = set(), set()
    for visit, found in zip(visits, page.evaluate(VISIT_ALL, sent), strict=True):
        ends.add(found["path"].split("/")[0])
        assert found["path"] == "check" or found["path"].startswith("refused/")
        answers = on_the_phone(asked, visit["purposes"], found["told"], area)
        if found["path"] != "check":
            assert found["filled"]["answers"] == {}
            continue
        filled = msgspec.convert(found["filled"], Filled)
        here = Kiosk(survey=asked.key, place="p", name="P", area=area, needs_code=False, public_key=b"")
        kind = None if filled.code is None else invitations.kind_of(filled.code)
        kinds.add(kind)
        code = None if kind is None else IssuedCode(kind=kind, area=area)
        made = kiosk_response(
            Sent(filled=filled, kiosk=here, code=code), asked, week="2026-W48", secret=SECRET
        )
        phone = respond(
            Participation(
                language="nl",
                purposes=frozenset(visit["purposes"]),
                answers=answers,
                invited_area=area,
            ),
            asked,
            week="2026-W48",
            receipt_hash=made.receipt_hash,
        )
        channel = CHANNELS[kind]
        assert msgspec.structs.replace(phone, channel=channel, sampled_area=area) == made
    assert ends == {"check", "refused"}
    assert {None, "letter"} <= kinds


CHANNELS: dict[invitations.CodeKind | None, Channel] = {None: "kiosk", "slip": "slip", "letter": "invited"}


def on_the_phone(
    asked: Questionnaire, purposes: list[str], told: list[dict[str, Any]], area: str
) -> dict[str, Answer]:
    """The answers of somebody who sends the same forms to the phone pages."""
    by_name = {step.variable: step for step in steps(asked)}
    answers: dict[str, Answer] = {}
    for form in told:
        step = by_name[form["variable"]]
        at = walk(asked, answers, purposes=frozenset(purposes), area=area).area
        answer, fault = as_told(step, form["sent"], asked, at)
        assert form["fault"] == fault, form
        if fault is None:
            given = {step.variable: answer}
            answers = {**still_true(answers, step, given, asked.municipality), **given}
    return answers
