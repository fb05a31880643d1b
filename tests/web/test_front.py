"""What surrounds the journeys: headers, refusals, the front door, limits, and what is never written down."""

import asyncio
import gzip
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.questionnaires.model import Questionnaire
from survey.store import StoreBusyError
from survey.web.app import PAGES
from survey.web.evidence import read_evidence
from survey.web.negotiation import preferred
from survey.web.packing import STEP, gzipped
from survey.web.preview import Memory
from survey.web.rate_limit import GuessLimit, StartLimit, for_codes, for_receipts
from tests.web.residents import COOKIE, Page, Place, Resident, served
from tests.web.test_languages import TAGS
from tests.web.test_taking_part import ANSWERS, to_check

HOME = "/brinkdorp-peiling/nl"
SLOW_IS_FINE = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


@pytest.fixture
async def memory_place(brinkdorp: Questionnaire) -> AsyncIterator[Place]:
    """A place where the database does not matter."""
    async with Place(
        store=Memory(),  # type: ignore[arg-type]
        questionnaires=(brinkdorp,),
        secret=b"s" * 32,
        today=date(2026, 11, 23),
    ) as place:
        yield place


@pytest.fixture
async def visitor(memory_place: Place) -> Resident:
    return memory_place.resident()


async def test_every_reply_is_sealed_off_from_elsewhere_and_pages_are_not_kept(visitor: Resident) -> None:
    for path in ("/", f"{HOME}/start", f"{HOME}/nowhere", "/static/resident.css", "/health"):
        headers = (await visitor.client.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
    assert (await visitor.client.get(f"{HOME}/start")).headers["cache-control"] == "no-store"


async def test_no_page_refers_to_another_host_or_holds_a_script_or_style(visitor: Resident) -> None:
    for path in ("start", "consent", "help", "privacy", "social-map", "withdraw", "stop"):
        text = (await visitor.client.get(f"{HOME}/{path}")).text
        assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", text), path
        assert "<style" not in text
        assert "style=" not in text
        assert not re.search(r"<script(?![^>]*src=)", text)


async def test_files_with_a_mark_of_their_content_are_kept_for_ever_by_browsers(visitor: Resident) -> None:
    start = (await visitor.client.get(f"{HOME}/start")).text
    sheet = re.search(r'href="(/static/resident\.css\?\w+)"', start)
    assert sheet is not None
    reply = await visitor.client.get(sheet[1])
    assert reply.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in reply.headers["cache-control"]
    assert "immutable" not in (await visitor.client.get("/static/resident.css")).headers["cache-control"]
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/nothing.css"):
        assert (await visitor.client.get(path)).status_code == 404


async def test_style_sheets_and_icons_travel_compressed_where_the_browser_takes_it(visitor: Resident) -> None:
    for name, media_type in {"resident.css": "text/css; charset=utf-8", "icons.svg": "image/svg+xml"}.items():
        replies = {
            accepted: await visitor.client.get(f"/static/{name}", headers={"accept-encoding": accepted})
            for accepted in ("gzip", "identity", "br, gzip;q=0")
        }
        small, plain, refused = replies.values()
        assert small.headers["content-encoding"] == "gzip"
        assert int(small.headers["content-length"]) < 0.5 * int(plain.headers["content-length"])
        assert small.headers["content-type"] == media_type
        assert "content-encoding" not in {*plain.headers, *refused.headers}
        assert small.content == plain.content == refused.content
        assert {reply.headers["vary"] for reply in replies.values()} == {"accept-encoding"}


async def test_a_page_travels_in_whole_kilobytes_of_gzip(visitor: Resident) -> None:
    for path in ("start", "consent", "help", "privacy"):
        whole = await visitor.client.get(f"{HOME}/{path}", headers={"accept-encoding": "identity"})
        small = await visitor.client.get(f"{HOME}/{path}", headers={"accept-encoding": "gzip"})
        assert "content-encoding" not in whole.headers
        assert (small.headers["content-encoding"], small.headers["vary"]) == ("gzip", "accept-encoding")
        assert int(small.headers["content-length"]) % 1024 == 0
        assert int(small.headers["content-length"]) < 4000
        hidden = re.compile(r'name="csrf" value="[^"]*"')
        assert hidden.sub("", small.text) == hidden.sub("", whole.text)


async def test_a_page_with_words_of_somebody_else_beside_its_secret_is_not_compressed(
    visitor: Resident,
) -> None:
    """The size of a compressed page would tell whether the words are in the secret (BREACH)."""
    await visitor.begin("brinkdorp-peiling")
    page = await visitor.open(f"{HOME}/withdraw")
    for reply in (
        await visitor.client.get(f"{HOME}/withdraw?x=csrf", headers={"accept-encoding": "gzip"}),
        await visitor.client.post(
            f"{HOME}/withdraw",
            data=dict([*page.hidden(), ("receipt", "csrf")]),
            headers={"accept-encoding": "gzip"},
        ),
    ):
        assert "csrf" in reply.text
        assert "content-encoding" not in reply.headers


@given(content=st.binary(max_size=5000))
def test_what_is_packed_comes_out_as_it_was(content: bytes) -> None:
    assert gzip.decompress(gzipped(content)) == content
    assert len(gzipped(content)) % STEP == 0


async def test_one_strictly_needed_cookie_that_scripts_and_other_sites_cannot_use(visitor: Resident) -> None:
    assert "set-cookie" not in (await visitor.client.get(f"{HOME}/start")).headers
    cookie = (await visitor.client.get(f"{HOME}/consent")).headers["set-cookie"]
    assert cookie.startswith("wijkpeil-brinkdorp-peiling=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age" not in cookie
    secure = await visitor.client.get(f"https://survey.test{HOME}/consent")
    assert secure.headers["set-cookie"].startswith("__Host-wijkpeil-brinkdorp-peiling=")
    assert "; Secure" in secure.headers["set-cookie"]


async def test_the_front_door_leads_to_the_only_survey_in_the_language_of_the_browser(
    visitor: Resident,
) -> None:
    reply = await visitor.client.get("/", headers={"accept-language": "tr, en-GB;q=0.8, nl;q=0.5"})
    assert reply.headers["location"] == "/brinkdorp-peiling/en/start"
    reply = await visitor.client.get("/brinkdorp-peiling?wijk=BD02")
    assert reply.headers["location"] == "/brinkdorp-peiling/nl/start?wijk=BD02"
    assert (await visitor.open("/brinkdorp-peiling/en?wijk=nonsense")).path == "/brinkdorp-peiling/en/start"


async def test_several_surveys_are_listed(place: Place) -> None:
    page = await place.resident().open("/")
    assert {"/brinkdorp-peiling/nl", "/leiden-eindevaluatie/nl"} <= set(page.links())


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("", "nl"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("de, nl;q=0.1", "nl"),
        ("en;q=0, *", "nl"),
        (";;q=x,,", "nl"),
    ],
)
def test_the_language_asked_for_first_that_is_offered_is_taken(header: str, tag: str) -> None:
    assert preferred(header, ["nl", "en"]) == tag


@given(st.text())
def test_any_accept_language_gives_an_offered_language(header: str) -> None:
    assert preferred(header, ["nl", "en"]) in {"nl", "en"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", f"{HOME}/nothing", 404),
        ("GET", "/brinkdorp-peiling/xx/start", 404),
        ("GET", f"{HOME}/stopped/nonsense", 404),
        ("DELETE", f"{HOME}/consent", 405),
        ("POST", f"{HOME}/start", 405),
        ("HEAD", f"{HOME}/start", 200),
        ("POST", f"{HOME}/consent", 415),
    ],
)
async def test_what_cannot_be_done_is_said_on_a_page(
    visitor: Resident, method: str, path: str, status: int
) -> None:
    reply = await visitor.client.request(method, path)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "Traceback" not in reply.text


async def test_refusals_inside_a_survey_speak_its_language(visitor: Resident) -> None:
    for method, path, status in (("GET", "page/nothing/at/all", 404), ("POST", "start", 405)):
        reply = await visitor.client.request(method, f"/brinkdorp-peiling/en/{path}")
        assert (reply.status_code, Page(reply).html.get("lang")) == (status, "en")


async def test_a_form_from_an_earlier_visit_is_not_taken_but_what_was_typed_can_be_sent_again(
    visitor: Resident,
) -> None:
    await visitor.begin("brinkdorp-peiling")
    await visitor.follow({**ANSWERS, "place": ["BU0101"]}, until="code")
    await visitor.send(("no_code", "1"))
    stale = await visitor.client.post(f"{HOME}/page/place_postcode", data={"csrf": "old", "answer": "99"})
    page = visitor.page = Page(stale)
    assert page.status == 403
    assert page.form().get("action") == f"{HOME}/page/place_postcode"
    assert (await visitor.send()).chosen() == ["99"]


async def test_without_the_cookie_what_was_typed_is_shown_to_copy(visitor: Resident) -> None:
    reply = await visitor.client.post(f"{HOME}/page/wish", data={"csrf": "x", "answer": "Meer <b>bomen"})
    assert reply.status_code == 403
    assert "Meer &lt;b&gt;bomen" in reply.text


async def test_codes_of_options_are_not_shown_as_what_was_typed(visitor: Resident) -> None:
    for step, sent, shown in (("place", "BU0101", False), ("grade", "7", True), ("grade", "-8", False)):
        reply = await visitor.client.post(f"{HOME}/page/{step}", data={"csrf": "x", "answer": sent})
        assert (f'rs-typed" dir="auto">{sent}<' in reply.text) == shown, step


async def test_a_body_larger_than_any_answer_is_refused(visitor: Resident) -> None:
    await visitor.open(f"{HOME}/consent")
    reply = await visitor.client.post(f"{HOME}/consent", data={"answer": "x" * 200_000})
    assert reply.status_code == 413
    many = await visitor.client.post(f"{HOME}/consent", data={"a": ["1"] * 300})
    assert many.status_code == 400


async def full(draft_id: bytes, sealed: bytes, *, replacing: bytes) -> bool:
    raise StoreBusyError("full")


async def overtaken(draft_id: bytes, sealed: bytes, *, replacing: bytes) -> bool:
    """Others keep saving the same draft."""
    return False


@pytest.mark.parametrize("refused", [full, overtaken])
async def test_a_store_that_cannot_save_now_asks_to_wait_and_keeps_what_was_typed(
    memory_place: Place, visitor: Resident, refused: Callable[..., Awaitable[bool]]
) -> None:
    await visitor.begin("brinkdorp-peiling")
    await visitor.follow(ANSWERS, until="code")
    await visitor.send(("no_code", "1"))
    save = memory_place.store.save_draft
    memory_place.store.save_draft = refused  # type: ignore[method-assign]
    page = await visitor.answer("0101")
    assert page.status == 503
    assert int(page.reply.headers["retry-after"]) > 0
    memory_place.store.save_draft = save  # type: ignore[method-assign]
    assert (await visitor.send()).step == "place"


async def test_a_form_that_broke_off_on_its_way_is_not_an_answer(
    memory_place: Place, visitor: Resident
) -> None:
    page = await visitor.begin("brinkdorp-peiling")
    body = urlencode([*page.hidden(), ("answer", "4"), ("answer", "4")]).encode()
    half = [{"type": "http.request", "body": body, "more_body": True}, {"type": "http.disconnect"}]
    cookie = "; ".join(f"{one.name}={one.value}" for one in visitor.client.cookies.jar)
    sent: list[Any] = []

    async def receive() -> Any:
        return half.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": page.path,
        "raw_path": page.path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"survey.test"),
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"cookie", cookie.encode()),
        ],
    }
    await memory_place.app(scope, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 400
    assert (await visitor.open(page.path)).chosen() == []


async def test_a_bug_shows_a_page_and_is_logged_without_any_value(
    memory_place: Place, visitor: Resident, caplog: pytest.LogCaptureFixture
) -> None:
    await visitor.begin("brinkdorp-peiling")
    await visitor.follow(ANSWERS, until="code")
    await visitor.send(("no_code", "1"))

    async def broken(draft_id: bytes, sealed: bytes, *, replacing: bytes) -> bool:
        raise KeyError("a secret answer")

    memory_place.store.save_draft = broken  # type: ignore[method-assign]
    page = await visitor.answer("0101")
    assert page.status == 500
    assert "secret" not in page.text
    assert "KeyError" in caplog.text
    assert "secret" not in caplog.text


async def test_wrong_codes_are_limited_per_visit_and_a_right_one_stays_good(place: Place) -> None:
    resident = place.resident()
    right = await place.code("brinkdorp-peiling", "BD01")
    await resident.begin("brinkdorp-peiling")
    code_page = await resident.follow(ANSWERS, until="code")
    statuses = [
        (await resident.send(("code", "BCDF-GHJK-MNPR-STV4"), page=code_page)).status for _ in range(3)
    ]
    assert set(statuses) == {422}
    other = place.resident()
    await other.begin("brinkdorp-peiling")
    await other.follow(ANSWERS, until="code")
    assert (await other.send(("code", right))).step == "place_postcode"


def test_guessing_is_limited_per_visit_and_for_all_together_and_recovers() -> None:
    now = [0.0]
    limit = GuessLimit(lambda: now[0], burst=200, per_second=10)
    for _ in range(10):
        assert limit.guess(b"one") == 0
    assert limit.guess(b"one") == 60
    for visit in range(190):
        assert limit.guess(str(visit).encode()) == 0
    assert limit.guess(b"two") == 1
    now[0] = 60.0
    assert limit.guess(b"one") == 0


def test_a_right_guess_does_not_count() -> None:
    limit = GuessLimit(lambda: 0.0, burst=200, per_second=10)
    for _ in range(300):
        assert limit.guess(b"one") == 0
        limit.right(b"one")


async def test_many_guesses_at_one_moment_are_no_way_round_the_limit(visitor: Resident) -> None:
    page = await visitor.open(f"{HOME}/withdraw")
    data = {**dict(page.hidden()), "receipt": "fiets appel vis paraplu boom huis"}
    replies = await asyncio.gather(*(visitor.client.post(page.path, data=data) for _ in range(30)))
    assert Counter(reply.status_code for reply in replies) == {422: 10, 429: 20}


def test_a_flood_that_stops_receipts_keeps_nobody_from_entering_a_code() -> None:
    codes, receipts = for_codes(lambda: 0.0), for_receipts(lambda: 0.0)
    for limit in (codes, receipts):
        for visit in range(1000):
            limit.guess(str(visit).encode())
    assert codes.guess(b"resident") == 0
    assert receipts.guess(b"resident") == 1


async def test_a_visit_without_a_code_begins_one_draft_however_often_it_is_asked_to(place: Place) -> None:
    """Also with the cookie of before, put back; and what was answered since is still there."""
    resident = place.resident()
    await resident.begin("brinkdorp-peiling")
    code_page = await resident.follow(ANSWERS, until="code")
    (cookie,) = resident.client.cookies.jar
    drafts: list[bytes] = []
    start_draft = place.store.start_draft

    async def watched(draft_id: bytes, survey: str, sealed: bytes) -> bool:
        drafts.append(draft_id)
        return await start_draft(draft_id, survey, sealed)

    place.store.start_draft = watched  # type: ignore[method-assign]
    for number in range(5):
        resident.client.cookies.clear()
        resident.client.cookies.jar.set_cookie(cookie)
        page = await resident.send(("no_code", "1"), page=code_page)
        assert page.step == ("place" if number else "place_postcode")
        await resident.open(f"{HOME}/page/place_postcode")
        await resident.answer("0101")
    assert len(drafts) == 1
    other = place.resident()
    await other.begin("brinkdorp-peiling")
    await other.follow(ANSWERS, until="code")
    await other.send(("no_code", "1"))
    assert len(set(drafts)) == 2


def test_many_begin_at_once_and_then_a_few_each_second() -> None:
    now = [0.0]
    limit = StartLimit(lambda: now[0], burst=2000, per_second=5)
    assert {limit.start() for _ in range(2000)} == {0}
    assert limit.start() == 1
    now[0] = 1.0
    assert [limit.start() for _ in range(6)] == [0, 0, 0, 0, 0, 1]


async def test_a_flood_through_the_open_link_asks_to_wait_but_stops_nobody_with_a_code(
    place: Place, brinkdorp: Questionnaire
) -> None:
    code = await place.code("brinkdorp-peiling", "BD01")
    async with Place(
        store=place.store, questionnaires=(brinkdorp,), secret=place.secret, today=place.today, open_starts=1
    ) as busy:
        flood, other, invited = busy.resident(), busy.resident(), busy.resident()
        for resident in (flood, other, invited):
            await resident.begin("brinkdorp-peiling")
            await resident.follow(ANSWERS, until="code")
        (passed, refused) = await asyncio.gather(*(who.send(("no_code", "1")) for who in (flood, other)))
        assert passed.step == "place_postcode"
        assert (refused.status, refused.heading) == (503, "Het is nu erg druk")
        assert int(refused.reply.headers["retry-after"]) == 1
        assert (await invited.send(("code", code))).step == "place_postcode"
        await asyncio.sleep(1)
        assert (await other.send()).step == "place_postcode"


async def test_too_many_wrong_receipts_get_a_kind_page(visitor: Resident) -> None:
    await visitor.open(f"{HOME}/withdraw")
    for _ in range(10):
        assert (await visitor.send(("receipt", "fiets appel vis paraplu boom huis"))).status == 422
    page = await visitor.send(("receipt", "fiets appel vis paraplu boom huis"))
    assert page.status == 429
    assert 50 <= int(page.reply.headers["retry-after"]) <= 60  # a slow machine takes seconds over ten guesses


async def test_nothing_that_was_answered_is_written_to_a_log_even_at_debug(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """Served by uvicorn over a socket, as in the field, with every logger at its most talkative."""
    caplog.set_level(logging.DEBUG)
    code = await place.code("brinkdorp-peiling", "BD02")
    browser = {"user-agent": "a-telling-browser"}
    async with (
        served(place.app, log_level="debug") as base,
        httpx.AsyncClient(base_url=base, headers=browser) as client,
    ):
        resident = Resident(client)
        await resident.begin("brinkdorp-peiling", purposes=("taking_part", "opinion"))
        await resident.follow(ANSWERS, until="code")
        await resident.send(("code", code))
        page = await resident.follow(ANSWERS, until="place")
        await resident.answer(page.offered()[0])
        await resident.follow({**ANSWERS, "wish": ["Een heel eigen zin"]}, until="check")
        cookie = client.cookies[COOKIE]
        done = await resident.send()
        receipt = [word.text or "" for word in done.html.iter("li") if word.get("lang") == "nl"]
        await place.store.release("brinkdorp-peiling", everything=True)
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert any(record.name.startswith("uvicorn") for record in ours)
    written = "\n".join(logging.Formatter().format(record) for record in ours)
    for secret in (code, code.replace("-", ""), cookie, "eigen zin", "a-telling-browser", " ".join(receipt)):
        assert secret not in written
    assert "grade" not in written


@settings(max_examples=60, suppress_health_check=SLOW_IS_FINE)
@given(data=st.data())
def test_whatever_is_sent_anywhere_is_never_a_bug(data: st.DataObject, brinkdorp: Questionnaire) -> None:
    paths = [path.replace("{parameter:str}", "{}") for path, _, _ in PAGES]
    variables = ["age", "place_postcode", "place", "grade", "visits", "house_a", "wish", "nothing", "BD01"]
    asyncio.run(_send_anything(data, brinkdorp, paths, variables))


async def _send_anything(
    data: st.DataObject, brinkdorp: Questionnaire, paths: list[str], variables: list[str]
) -> None:
    anything = st.one_of(
        st.text(max_size=30), st.sampled_from(["1", "2", "99", "-8", "0101", "7", "erase", "later", "en"])
    )
    names = st.sampled_from(["answer", "purpose", "code", "choice", "receipt", "language", "skip", "no_code"])
    async with Place(
        store=Memory(),  # type: ignore[arg-type]
        questionnaires=(brinkdorp,),
        secret=b"s" * 32,
        today=date(2026, 11, 23),
    ) as place:
        resident = place.resident()
        if data.draw(st.booleans()):
            await to_check(resident)
        else:
            await resident.begin("brinkdorp-peiling")
        for _ in range(data.draw(st.integers(1, 4))):
            path = data.draw(st.sampled_from(paths)).format(data.draw(st.sampled_from(variables)))
            query = data.draw(
                st.sampled_from(["", "?from=check", "?wijk=BD01", "?wijk=%00&from=%ff", "?&&=;="])
            )
            fields = data.draw(st.lists(st.tuples(names, anything), max_size=4))
            hidden = await _hidden(resident)
            body = httpx.QueryParams([*hidden, *fields])
            posted = await resident.client.post(
                f"{HOME}/{path}{query}",
                content=str(body),
                headers={"content-type": "application/x-www-form-urlencoded"},
            )
            shown = await resident.client.get(f"{HOME}/{path}{query}")
            for reply in (posted, shown):
                assert reply.status_code < 500, (path, query, fields, reply.text)
                assert "Traceback" not in reply.text


async def _hidden(resident: Resident) -> list[tuple[str, str]]:
    page = await resident.open(f"{HOME}/withdraw")
    return page.hidden() if any(form.get("method") == "post" for form in page.html.iter("form")) else []


async def test_the_list_of_surveys_and_pages_outside_a_survey_can_be_read_in_every_language(
    place: Place,
) -> None:
    resident = place.resident()
    for path in ("/", "/toegankelijkheid", "/nowhere/at/all"):
        page = await resident.open(path)
        offered = [link for link in page.html.iter("a") if link.get("hreflang")]
        assert [link.get("lang") for link in offered] == list(TAGS), path
        for link in offered:
            tag = link.get("lang", "")
            other = await resident.open(f"{path}{link.get('href')}")
            assert (other.status, other.html.get("lang")) == (page.status, tag)
            spoken = [one for one in other.html.iter("a") if one.get("hreflang") and one.get("aria-current")]
            assert [one.get("lang") for one in spoken] == [tag]
    arabic = await resident.open("/?language=ar")
    assert arabic.html.get("dir") == "rtl"
    assert "/leiden-eindevaluatie/ar" in arabic.links()
    assert "/brinkdorp-peiling" in arabic.links()
    assert [bdi.get("lang") for bdi in arabic.html.iter("bdi")] == ["nl"]


async def test_a_language_that_is_not_here_is_not_taken(place: Place) -> None:
    page = await place.resident().open("/?language=%22%3Exx")
    assert page.html.get("lang") == "nl"
    assert "%22" not in page.text


async def test_the_statement_of_accessibility_is_at_the_foot_of_every_page_and_at_a_plain_address(
    visitor: Resident,
) -> None:
    for path in (f"{HOME}/start", f"{HOME}/privacy", f"{HOME}/social-map/nowhere"):
        assert f"{HOME}/accessibility" in (await visitor.open(path)).links(), path
    assert "/toegankelijkheid?language=nl" in (await visitor.open("/nowhere/at/all")).links()
    page = await visitor.open("/toegankelijkheid")
    assert (page.status, page.path) == (200, f"{HOME}/accessibility")
    assert page.heading == "Toegankelijkheid"
    english = await visitor.client.get("/toegankelijkheid", headers={"accept-language": "en"})
    assert english.headers["location"] == "/brinkdorp-peiling/en/accessibility"


async def test_the_statement_has_what_the_law_asks_and_says_what_is_not_known(place: Place) -> None:
    page = await place.resident().open("/toegankelijkheid")
    headings = [" ".join("".join(one.itertext()).split()) for one in page.html.iter("h2")]
    assert headings == [
        "Waar dit over gaat",
        "Hoe ver we zijn",
        "Hoe we hebben getest",
        "Wat nog niet goed is, of niet is onderzocht",
        "Werkt iets niet voor u?",
    ]
    evidence = read_evidence()
    assert f"axe-core {evidence.programs['axe-core']}" in page.words
    assert f"{len(evidence.pages)} soorten bladzijden" in page.words
    assert page.words.count("nog niet vastgesteld") == 4
    assert "Nationale ombudsman" in page.words
