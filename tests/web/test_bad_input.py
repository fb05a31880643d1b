"""Whatever is sent to any field of any page, over a socket, in every language, by turns on both databases.

A clear page in the resident's language, the right status, nothing kept that was not asked, and nothing lost
that was given.
"""

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Sequence
from itertools import cycle
from urllib.parse import urlencode

import httpx
import pytest

from survey.participation import Participation
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.wording import direction_of
from survey.sealing import derived_key
from survey.web.visit import Finished, Opening, Underway, new_token, seal_visit
from tests.web.residents import COOKIE, Page, Place, Resident, served
from tests.web.test_taking_part import ANSWERS, BRINKDORP, LEIDEN, answers_kept, to_check

FORM = {"content-type": "application/x-www-form-urlencoded"}

TAGS = ("nl", "nl-x-simpel", "en", "ar", "pl", "tr", "uk")

IN_TURN = pytest.mark.parametrize(
    ("tag", "database_url"),
    list(zip(TAGS, cycle(("sqlite", "postgresql")))),
    indirect=["database_url"],
)

TYPED = (
    # what is typed, what is left of it
    ("a\x00b\x1b[31m\x07\x7f\x85c", "ab[31mc"),
    ("half \ud83d een", "half \ufffd\ufffd\ufffd een"),
    ("\u202eredna\u2066 \u200fmet\u2069", "redna \u200fmet"),
    ("\ufffe\uffff\ufdd0\U0010fffe rest", "rest"),
    ("שלום مرحبا привіт 你好 ١٢٣", "שלום مرحبا привіт 你好 ١٢٣"),
    ("👩‍👩‍👧 🧑🏽‍🦽 🇳🇱", "👩‍👩‍👧 🧑🏽‍🦽 🇳🇱"),
    ("</textarea><script>alert(1)</script>&lt;'\"", "</textarea><script>alert(1)</script>&lt;'\""),
    ("{{ 7 * 7 }} {% raw %} %(x)s %s", "{{ 7 * 7 }} {% raw %} %(x)s %s"),
    ("'; DROP TABLE draft; --", "'; DROP TABLE draft; --"),
    ("e\u0301e\x00\u0301" + "z" * 4000, "éé" + "z" * 4000),
)

SHOWN_AGAIN = frozenset({"code", "q1_postcode", "withdraw"})
"""Pages whose field is typed in: what was refused stands in it."""


@pytest.fixture
async def address(place: Place) -> AsyncIterator[str]:
    async with served(place.app) as address:
        yield address


@pytest.fixture
async def visitor(address: str) -> AsyncIterator[Resident]:
    async with httpx.AsyncClient(base_url=address) as client:
        yield Resident(client)


async def sent(resident: Resident, page: Page, *fields: tuple[str, str]) -> Page:
    """Send fields that a browser could not make up, to a page's form."""
    body = urlencode([*page.hidden(), *fields], errors="surrogatepass")
    reply = await resident.client.post(page.form().get("action") or page.path, content=body, headers=FORM)
    return Page(reply)


def assert_clear(page: Page, tag: str) -> None:
    """A page that can be read, in the language asked for."""
    assert (page.html.get("lang"), page.html.get("dir")) == (tag, direction_of(tag))
    assert page.heading
    assert not [char for char in page.text if unicodedata.category(char) == "Cc" and char not in "\n\t"]
    assert not set(page.text) & set("\u202a\u202b\u202d\u202e\u2066\u2067\ufffe\uffff")
    assert "Traceback" not in page.text
    assert "<script>" not in page.text


async def assert_refused(resident: Resident, field: str, tag: str, turn: int) -> None:
    """Of the things that can be typed, those whose turn it is are refused by the page that is open."""
    page = resident.page
    before = page.chosen()
    for number in range(3):
        typed, left = TYPED[(turn + number) % len(TYPED)]
        refused = await sent(resident, page, (field, typed))
        assert refused.status == 422, (page.step, typed)
        assert_clear(refused, tag)
        assert any(link.startswith("#") for link in refused.links() if link != "#main")
        if page.step in SHOWN_AGAIN:
            assert left in [box.get("value") for box in refused.form().iter("input")]
        else:
            assert refused.chosen() == before
    assert (await resident.open(page.path)).chosen() == before


async def assert_two_refused(resident: Resident, tag: str) -> None:
    """Two values for one choice, and an option that is not there."""
    page = resident.page
    for values in (page.offered()[:2], ["99999"], [page.offered()[0], "99999"]):
        refused = await sent(resident, page, *(("answer", value) for value in values))
        assert refused.status == 422, (page.step, values)
        assert_clear(refused, tag)


@IN_TURN
async def test_every_field_takes_anything_and_keeps_only_answers(
    place: Place, visitor: Resident, tag: str
) -> None:
    """Along a whole journey; the answers that are kept in the end are those that were given."""
    turn = TAGS.index(tag) * 3
    for beside, field in (("withdraw", "receipt"), ("consent", "purpose")):
        await visitor.open(f"/{LEIDEN}/{tag}/{beside}")
        await assert_refused(visitor, field, tag, turn)
    await visitor.send(("purpose", "taking_part"), ("purpose", "all"), ("hobby", "7"), ("q2", "9"))
    given = {
        "q35": ["4"],
        "mode": ["1"],
        "form": ["2"],
        "q1": ["-8"],
        "q2": ["7"],
        "q4_a": ["2"],
        "q7": ["1"],
    }
    for number, (step, field) in enumerate(
        [
            ("q35", "answer"),
            ("mode", "answer"),
            ("form", "answer"),
            ("code", "code"),
            ("q1_postcode", "answer"),
        ]
        + [(name, "answer") for name in ("q1", "q2", "q4_a", "q7")],
        start=turn,
    ):
        await visitor.follow(given, until=step)
        await assert_refused(visitor, field, tag, number)
        if step in given and step != "q7":
            await assert_two_refused(visitor, tag)
        if step == "code":
            await visitor.send(("no_code", "1"), ("answer", "3"))
            await visitor.open(f"/{LEIDEN}/{tag}/stop")
            await assert_refused(visitor, "choice", tag, number)
            await visitor.open(f"/{LEIDEN}/{tag}/resume")
    typed, left = TYPED[TAGS.index(tag)]
    await visitor.follow(given, until="q34")
    kept = await sent(visitor, visitor.page, ("answer", typed))
    assert kept.status == 303
    assert (await visitor.open(f"/{LEIDEN}/{tag}/page/q34")).chosen() == [left]
    await visitor.follow({**given, "q34": [left]}, until="check")
    assert_clear(visitor.page, tag)
    assert (await visitor.send(("q2", "1"), ("answers", "{}"))).step == "done"
    (answers,) = await answers_kept(place, LEIDEN)
    spoken = {name: answer for name, answer in answers.items() if answer != -5}
    assert spoken == {"q35": 4, "mode": 1, "form": 2, "q1": -8, "q2": 7, "q4_a": 2, "q7": (1,), "q34": left}


@IN_TURN
async def test_ten_megabytes_are_refused_on_every_page_and_nothing_of_before_is_lost(
    visitor: Resident, tag: str
) -> None:
    await visitor.begin(LEIDEN, tag=tag)
    await visitor.follow({"q35": ["4"]}, until="mode")
    for path in ("consent", "page/mode", "code", "withdraw", "stop", "submit"):
        body = urlencode([*visitor.page.hidden(), ("answer", "x" * 10_000_000)])
        reply = await visitor.client.post(f"/{LEIDEN}/{tag}/{path}", content=body, headers=FORM)
        assert reply.status_code == 413
        assert_clear(Page(reply), tag)
    assert (await visitor.open(f"/{LEIDEN}/{tag}/page/q35")).chosen() == ["4"]


async def test_an_answer_out_of_turn_leads_to_the_question_that_is_open_and_waits_there(
    visitor: Resident, place: Place
) -> None:
    await visitor.begin(BRINKDORP)
    early = await visitor.send(("answer", "9"), to=f"/{BRINKDORP}/nl/page/grade")
    assert early.step == "age"
    await visitor.follow(ANSWERS, until="code")
    await visitor.send(("no_code", "1"))
    early = await visitor.send(("answer", "9"), to=f"/{BRINKDORP}/nl/page/grade")
    assert early.step == "place_postcode"
    assert (await visitor.send(to=f"/{BRINKDORP}/nl/submit")).step == "place_postcode"
    page = await visitor.follow({**ANSWERS, "place_postcode": ["0101"]}, until="grade")
    assert page.chosen() == ["9"]
    assert await answers_kept(place) == []


def cookies(place: Place, good: str) -> dict[str, str]:
    """Cookies that are not ours, or not whole."""
    other = seal_visit(
        Opening(survey=LEIDEN, token=new_token(), participation=Participation(language="nl")), b"k" * 32
    )
    flipped = "A" if good[40] != "A" else "B"
    return {
        "none": "",
        "cut off": good[:-20],
        "one letter": "x",
        "changed": good[:40] + flipped + good[41:],
        "of another secret": other,
        "not base64": "%00%ff🍪".encode().decode("latin-1"),
        "long": "A" * 6000,
    }


async def test_a_cookie_that_is_not_whole_loses_nothing_that_was_typed_or_kept(
    place: Place, visitor: Resident
) -> None:
    code = await place.code(BRINKDORP, "BD01")
    await to_check(visitor, code=code)
    page = await visitor.open(f"/{BRINKDORP}/en/page/wish")
    good = visitor.client.cookies[COOKIE]
    body = urlencode([*page.hidden(), ("answer", "Een bankje")])
    visitor.client.cookies.clear()
    for name, bad in cookies(place, good).items():
        headers = [
            (b"content-type", FORM["content-type"].encode()),
            (b"cookie", f"{COOKIE}=".encode() + bad.encode("latin-1")),
        ]
        reply = await visitor.client.post(page.path, content=body, headers=headers)
        assert reply.status_code == 403, name
        assert_clear(Page(reply), "en")
        assert "Een bankje" in reply.text
        shown = await visitor.client.get(page.path, headers=headers)
        assert (shown.status_code, shown.headers["location"]) == (303, f"/{BRINKDORP}/en/start"), name
    visitor.client.cookies.set(COOKIE, good)
    assert (await visitor.open(f"/{BRINKDORP}/en/page/grade")).chosen() == ["7"]
    assert (await visitor.open(f"/{BRINKDORP}/en/page/wish")).chosen() == [""]


async def test_a_language_that_is_not_offered_gets_a_page_in_one_that_is_with_what_was_typed(
    place: Place, visitor: Resident
) -> None:
    await to_check(visitor, code=await place.code(BRINKDORP, "BD01"))
    page = await visitor.open(f"/{BRINKDORP}/nl/page/wish")
    accepting = {**FORM, "accept-language": "en"}
    body = urlencode([*page.hidden(), ("answer", "Een bankje")])
    for wrong in ("xx", "EN", "nl-NL", "%00", "en%0d%0a", "../en", "ar"):
        shown = await visitor.client.get(f"/{BRINKDORP}/{wrong}/page/wish", headers=accepting)
        posted = await visitor.client.post(f"/{BRINKDORP}/{wrong}/page/wish", content=body, headers=accepting)
        assert (shown.status_code, posted.status_code) == (404, 404), wrong
        assert_clear(Page(posted), "en")
    assert "Een bankje" in posted.text
    for button in ("xx", "", "\u202e"):
        kept = await sent(visitor, page, ("answer", "Een bankje"), ("language", button))
        assert kept.reply.headers["location"] == f"/{BRINKDORP}/nl/page/wish"


async def test_what_is_not_sent_as_a_form_is_not_read(visitor: Resident) -> None:
    await to_check(visitor)
    page = await visitor.open(f"/{BRINKDORP}/en/page/grade")
    body = urlencode([*page.hidden(), ("answer", "1")])
    kinds = ("application/json", "text/plain", "multipart/form-data; boundary=x", "", "x" * 500)
    for kind in kinds:
        reply = await visitor.client.post(page.path, content=body, headers={"content-type": kind})
        assert reply.status_code == 415, kind
        assert_clear(Page(reply), "en")
    assert (await visitor.open(page.path)).chosen() == ["7"]
    good = {"content-type": "Application/X-WWW-Form-urlencoded ; charset=UTF-8"}
    assert (await visitor.client.post(page.path, content=body, headers=good)).status_code == 303


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "PROPFIND"])
async def test_a_method_that_no_page_knows_is_refused_on_a_page(visitor: Resident, method: str) -> None:
    for path in ("start", "consent", "page/grade", "nowhere"):
        reply = await visitor.client.request(method, f"/{BRINKDORP}/en/{path}")
        assert reply.status_code == (404 if path == "nowhere" else 405)
        assert_clear(Page(reply), "en")


def over_the_wire(page: Page, address: str, cookie: str, lines: Sequence[bytes]) -> bytes:
    host = address.removeprefix("http://").encode()
    head = [
        b"POST " + page.path.encode() + b" HTTP/1.1",
        b"host: " + host,
        f"cookie: {COOKIE}={cookie}".encode(),
    ]
    return b"\r\n".join([*head, b"content-type: application/x-www-form-urlencoded", *lines])


async def exchanged(address: str, request: bytes, *, hang_up: bool = False) -> bytes:
    """What comes back for raw bytes until the connection closes."""
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    if hang_up:
        writer.write_eof()
    reply = await asyncio.wait_for(reader.read(), timeout=20)
    writer.close()
    return reply


async def test_a_body_in_pieces_is_an_answer_and_half_of_one_is_not(visitor: Resident, address: str) -> None:
    await to_check(visitor)
    page = await visitor.open(f"/{BRINKDORP}/nl/page/grade")
    cookie = visitor.client.cookies[COOKIE]
    body = urlencode([*page.hidden(), ("answer", "1")]).encode()
    chunks = [b"%x\r\n%s\r\n" % (1, bytes([letter])) for letter in body]
    chunked = [b"transfer-encoding: chunked", b""]
    half = {
        "half of its chunks": over_the_wire(page, address, cookie, [*chunked, b"".join(chunks)]),
        "less than it promised": over_the_wire(page, address, cookie, [b"content-length: 999", b"", body]),
    }
    for name, request in half.items():
        await exchanged(address, request, hang_up=True)
        assert (await visitor.open(page.path)).chosen() == ["7"], name
    wrong = over_the_wire(page, address, cookie, [*chunked, b"zz\r\n" + body])
    assert b" 400 " in (await exchanged(address, wrong)).splitlines()[0]
    whole = over_the_wire(
        page, address, cookie, [b"connection: close", *chunked, b"".join(chunks) + b"0\r\n\r\n"]
    )
    assert b" 303 " in (await exchanged(address, whole)).splitlines()[0]
    assert (await visitor.open(page.path)).chosen() == ["1"]


async def test_a_visit_to_one_survey_says_nothing_in_another(
    place: Place, visitor: Resident, brinkdorp: Questionnaire
) -> None:
    """A sealed cookie of this very server, put in the place of that of another survey."""
    key = derived_key(place.secret, "cookie")
    visits = (
        Finished(survey=LEIDEN, token=new_token(), receipt="aap aap aap aap aap aap"),
        Underway(survey=LEIDEN, token=new_token(), draft_id=b"x" * 16, draft_key=b"k" * 32, receipt="aap"),
    )
    for visit in visits:
        visitor.client.cookies.set(COOKIE, seal_visit(visit, key))
        assert (await visitor.open(f"/{BRINKDORP}/nl/done")).step == "start"
        assert "aap" not in visitor.page.text


async def test_who_goes_to_another_survey_halfway_loses_nothing_of_the_first(visitor: Resident) -> None:
    await to_check(visitor)
    opened = visitor.page
    await visitor.begin(LEIDEN)
    await visitor.follow({"q35": ["4"], "mode": ["1"], "form": ["2"]}, until="code")
    await visitor.send(("no_code", "1"))
    await visitor.follow({"q1": ["-8"], "q2": ["3"]}, until="q4_a")
    assert (await visitor.open(f"/{BRINKDORP}/nl/page/grade")).chosen() == ["7"]
    assert (await visitor.send(page=opened)).step == "done"
    assert (await visitor.open(f"/{LEIDEN}/nl/page/q2")).chosen() == ["3"]
