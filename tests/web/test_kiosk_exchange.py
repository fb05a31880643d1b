"""Kiosks and the server over HTTP: pairing, contact, and deliveries that count once."""

import logging
from collections.abc import Callable, Mapping
from datetime import date
from itertools import product
from random import SystemRandom
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text

from survey import invitations
from survey.deliveries import Deliveries
from survey.kiosk import Envelope, Filled, opening_key, point
from survey.questionnaires.folder import read_folder
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.parsing import parse
from survey.store import LedgerEntry, Store
from survey.store.databases import connect
from survey.web.app import Serving, create_app
from tests.survey.kiosks import FILLED, PLACE, Device
from tests.web.conftest import SAMPLES, SECRET
from tests.web.residents import Place

SURVEY = "brinkdorp-peiling"


class Tablet:
    """A device at a place, and its connection with the server."""

    def __init__(self, client: httpx.AsyncClient, version: str, *, needs_code: bool = False) -> None:
        self.client, self.version = client, version
        self.device = Device(survey=SURVEY, area="BD01", needs_code=needs_code)

    async def post(self, path: str, body: Any, *, place: str = PLACE) -> httpx.Response:
        headers = {"content-type": "application/json"}
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return await self.client.post(f"/kiosk/{place}/{path}", content=content, headers=headers)

    async def pair(self, code: str, public_key: bytes, *, place: str = PLACE) -> tuple[int, Any]:
        reply = await self.post("pair", {"code": code, "public_key": public_key}, place=place)
        return reply.status_code, reply.json()

    async def contact(self, *, place: str = PLACE) -> Any:
        reply = await self.post("contact", {"kiosk": self.device.hash.hex()}, place=place)
        assert reply.status_code == 200
        return reply.json()

    def sealed(self, filled: Filled = FILLED, *, number: int = 1) -> Envelope:
        return self.device.sent(filled, survey=SURVEY, version=self.version, number=number)

    async def deliver(self, envelope: Envelope, *, place: str = PLACE) -> str:
        reply = await self.post("responses", envelope, place=place)
        assert reply.status_code == 200
        return str(reply.json()["outcome"])


@pytest.fixture
async def tablet(place: Place, store: Store, brinkdorp: Questionnaire) -> Tablet:
    """A paired device where nobody needs a code."""
    return await paired(Tablet(place.client(), brinkdorp.version), store)


async def paired(tablet: Tablet, store: Store) -> Tablet:
    await issue(tablet, store)
    assert (await tablet.pair(tablet.device.place_code, tablet.device.public_key))[0] == 200
    return tablet


async def issue(tablet: Tablet, store: Store) -> None:
    await store.issue_kiosks({tablet.device.hash: tablet.device.issued})


async def make_code(store: Store, **entry: Any) -> str:
    code = invitations.make(SystemRandom())
    await store.issue(SURVEY, {invitations.code_hash(code, SECRET): LedgerEntry(round="1", **entry)})
    return invitations.written(code)


def served(place: Place, questionnaires: Any, **deliveries: Any) -> httpx.AsyncClient:
    """The same store, served in another way."""
    arguments = {"secret": SECRET, "key_number": 1, "questionnaires": questionnaires, **deliveries}
    serving = Serving(
        secret=SECRET, today=lambda: place.today, deliveries=Deliveries(place.store, **arguments)
    )
    return place.client(create_app(questionnaires, place.store, serving))


# Pairing.


async def test_a_place_code_as_typed_pairs_the_device_and_a_lost_reply_costs_nothing(
    place: Place, store: Store, brinkdorp: Questionnaire
) -> None:
    tablet = Tablet(place.client(), brinkdorp.version)
    await issue(tablet, store)
    typed = invitations.written(tablet.device.place_code).lower()
    for _ in range(2):
        kiosk = {"kiosk": tablet.device.hash.hex()}
        assert await tablet.pair(typed, tablet.device.public_key) == (200, kiosk)
    other = Device(area="BD01").public_key
    assert await tablet.pair(typed, other) == (403, {"refusal": "already_paired"})


async def test_a_forged_mistyped_or_strange_place_code_pairs_nothing(tablet: Tablet) -> None:
    key = Device(area="BD01").public_key
    unknown = (403, {"refusal": "unknown_place_code"})
    for code in (invitations.make(SystemRandom()), tablet.device.place_code[:-1], "", "pin 1234"):
        assert await tablet.pair(code, key) == unknown
    assert await tablet.pair(tablet.device.place_code, key, place="elders") == unknown


async def test_an_invitation_code_is_no_place_code(tablet: Tablet, store: Store) -> None:
    code = await make_code(store, area="BD01")
    assert (await tablet.pair(code, tablet.device.public_key))[1] == {"refusal": "unknown_place_code"}


async def test_a_revoked_place_code_is_said_to_be_so(tablet: Tablet, store: Store) -> None:
    await store.revoke_kiosk(tablet.device.hash)
    asked = await tablet.pair(tablet.device.place_code, tablet.device.public_key)
    assert asked == (403, {"refusal": "revoked"})


async def test_who_guesses_place_codes_has_to_wait_and_others_do_not(tablet: Tablet) -> None:
    guesser = Device(area="BD01").public_key
    for _ in range(10):
        assert (await tablet.pair(invitations.make(SystemRandom()), guesser))[0] == 403
    reply = await tablet.post("pair", {"code": tablet.device.place_code, "public_key": guesser})
    assert reply.status_code == 429
    assert reply.json() == {"refusal": "too_many_attempts", "wait": int(reply.headers["retry-after"])}
    assert (await tablet.pair(tablet.device.place_code, tablet.device.public_key))[0] == 200


# Contact.


async def test_contact_tells_how_things_are(tablet: Tablet, brinkdorp: Questionnaire) -> None:
    assert await tablet.contact() == {
        "state": "open",
        "survey": SURVEY,
        "place": "Het Anker",
        "area": "BD01",
        "needs_code": False,
        "version": brinkdorp.version,
        "public_key": in_base64(point(opening_key(SECRET, SURVEY, 1).public_key())),
        "today": "few",
    }


def in_base64(data: bytes) -> str:
    return str(msgspec.to_builtins(data))


async def test_a_device_that_was_never_paired_or_is_elsewhere_learns_nothing(
    tablet: Tablet, place: Place, store: Store, brinkdorp: Questionnaire
) -> None:
    stranger = Tablet(place.client(), brinkdorp.version)
    unknown = {**dict.fromkeys(await tablet.contact()), "state": "unknown"}
    assert await stranger.contact() == unknown
    await issue(stranger, store)
    assert await stranger.contact() == unknown
    assert await tablet.contact(place="elders") == unknown


async def test_a_revoked_device_and_one_whose_fieldwork_is_over_are_told(
    tablet: Tablet, place: Place, store: Store, brinkdorp: Questionnaire
) -> None:
    place.today = date(2099, 1, 1)
    over = brinkdorp.fieldwork.closes is not None
    assert (await tablet.contact())["state"] == ("closed" if over else "open")
    elsewhere = Tablet(served(place, ()), "")
    elsewhere.device = tablet.device
    assert {"state": "closed", "version": None}.items() <= (await elsewhere.contact()).items()
    await store.revoke_kiosk(tablet.device.hash)
    assert (await tablet.contact())["state"] == "revoked"


async def test_the_count_of_the_day_goes_by_fives(tablet: Tablet) -> None:
    seen = []
    for _ in range(11):
        seen.append((await tablet.contact())["today"])
        await tablet.deliver(tablet.sealed())
    assert seen == ["few"] * 5 + [5] * 5 + [10]


# Deliveries.


async def test_a_response_counts_once_with_the_place_as_its_channel_and_stratum(
    tablet: Tablet, store: Store
) -> None:
    envelope = tablet.sealed()
    outcomes = [await tablet.deliver(envelope) for _ in range(3)]
    assert outcomes == ["accepted", "received_before", "received_before"]
    await store.release(SURVEY, everything=True)
    assert await tablet.deliver(envelope) == "received_before"
    (kept,) = await store.responses(SURVEY)
    response = kept.response
    assert (response.channel, response.sampled_area, response.week) == ("kiosk", "BD01", "2026-W48")
    assert response.answers["grade"] == 8


async def test_a_slip_counts_once_and_a_letter_keeps_its_sample(
    place: Place, store: Store, brinkdorp: Questionnaire
) -> None:
    tablet = await paired(Tablet(place.client(), brinkdorp.version, needs_code=True), store)
    slip = await make_code(store, area="BD01", kind="slip")
    letter = await make_code(store, area="BD03")
    asked = [replace(FILLED, code=code) for code in (slip, slip, letter, "BCDF", None)]
    outcomes = [await tablet.deliver(tablet.sealed(filled)) for filled in asked]
    assert outcomes == ["accepted", "code_used", "accepted", "code_unknown", "code_needed"]
    await store.release(SURVEY, everything=True)
    kept = {(one.response.channel, one.response.sampled_area) for one in await store.responses(SURVEY)}
    assert kept == {("slip", "BD01"), ("invited", "BD03")}


async def test_a_refused_response_leaves_its_slip_as_it_was(tablet: Tablet, store: Store) -> None:
    slip = await make_code(store, area="BD01", kind="slip")
    half = replace(FILLED, code=slip, answers={})
    assert await tablet.deliver(tablet.sealed(half)) == "wrong_answer"
    assert {(count.kind, count.state) for count in await store.ledger_counts(SURVEY)} == {("slip", "issued")}
    assert await tablet.deliver(tablet.sealed(replace(FILLED, code=slip))) == "accepted"


async def test_what_was_sealed_before_the_end_is_taken_in_whenever_it_comes(
    tablet: Tablet, place: Place, store: Store
) -> None:
    waiting = tablet.sealed()
    place.today = date(2036, 11, 23)
    assert await tablet.deliver(waiting) == "accepted"
    elsewhere = Tablet(served(place, ()), tablet.version)
    elsewhere.device = tablet.device
    files = read_folder(SAMPLES / "brinkdorp")
    await store.register(SURVEY, tablet.version, files, simulated=False)
    assert await elsewhere.deliver(elsewhere.sealed()) == "accepted"


async def test_after_a_new_version_what_waits_is_read_by_the_one_that_was_answered(
    tablet: Tablet, place: Place, store: Store
) -> None:
    waiting = tablet.sealed()
    files = read_folder(SAMPLES / "brinkdorp")
    await store.register(SURVEY, tablet.version, files, simulated=False)
    changed = {
        **files,
        "questionnaire.toml": files["questionnaire.toml"].replace(b"maximum = 10", b"maximum = 7"),
    }
    newer = parse(changed)
    assert newer.version != tablet.version
    await store.register(SURVEY, newer.version, changed, simulated=False)
    later = Tablet(served(place, (newer,)), tablet.version)
    later.device = tablet.device
    assert (await later.contact())["version"] == newer.version
    assert await later.deliver(waiting) == "accepted"
    later.version = newer.version
    assert await later.deliver(later.sealed()) == "wrong_answer"  # grade 8 of at most 7
    later.version = "0" * 16
    assert await later.deliver(later.sealed()) == "unknown_version"
    await store.release(SURVEY, everything=True)
    assert [kept.response.version for kept in await store.responses(SURVEY)] == [tablet.version]


async def test_after_a_rotation_devices_get_the_new_key_and_what_waits_still_opens(
    tablet: Tablet, place: Place, brinkdorp: Questionnaire
) -> None:
    waiting = tablet.sealed()
    later = Tablet(served(place, (brinkdorp,), key_number=3), tablet.version)
    later.device = tablet.device
    key = in_base64(point(opening_key(SECRET, SURVEY, 3).public_key()))
    assert (await later.contact())["public_key"] == key
    assert await later.deliver(waiting) == "accepted"
    assert await later.deliver(later.sealed(number=3)) == "accepted"
    assert await tablet.deliver(later.sealed(number=3)) == "unknown_key"


async def test_a_revoked_device_sends_nothing_more_but_what_it_sent_stays(
    tablet: Tablet, store: Store
) -> None:
    assert await tablet.deliver(tablet.sealed()) == "accepted"
    await store.revoke_kiosk(tablet.device.hash)
    assert await tablet.deliver(tablet.sealed()) == "revoked"
    assert await store.waiting(SURVEY) == 1


def passed_off(tablet: Tablet) -> Mapping[str, Envelope]:
    sealed, thief = tablet.sealed(), Device(survey=SURVEY, area="BD01")
    return {
        "wrong_signature": thief.signed(sealed),
        "unknown_kiosk": thief.sent(FILLED, survey=SURVEY, version=tablet.version),
        "broken_seal": tablet.device.signed(replace(sealed, delivery="0" * 32)),
        "unknown_key": tablet.device.sent(
            FILLED, survey=SURVEY, version=tablet.version, secret=b"another secret of the tests, 32b"
        ),
    }


async def test_what_is_forged_is_refused_by_name(tablet: Tablet, store: Store) -> None:
    for outcome, envelope in passed_off(tablet).items():
        assert await tablet.deliver(envelope) == outcome
    assert await tablet.deliver(tablet.sealed(), place="elders") == "unknown_kiosk"
    assert await store.waiting(SURVEY) == 0


# Bad requests.


BAD: Mapping[str, Callable[[Tablet], bytes]] = {
    "nothing": lambda _: b"",
    "no JSON": lambda _: b"{",
    "a list": lambda _: b"[]",
    "not UTF-8": lambda _: b"\xff" * 10,
    "half of it": lambda tablet: msgspec.json.encode(tablet.sealed())[:-20],
    "a field too many": lambda tablet: msgspec.json.encode({**as_fields(tablet.sealed()), "more": 1}),
    "no base64": lambda tablet: msgspec.json.encode({**as_fields(tablet.sealed()), "sealed": "?"}),
    "a strange id": lambda tablet: msgspec.json.encode({**as_fields(tablet.sealed()), "delivery": "1\n"}),
}


def as_fields(envelope: Envelope) -> dict[str, Any]:
    return msgspec.structs.asdict(envelope)


async def test_what_is_no_message_of_a_kiosk_is_malformed(tablet: Tablet) -> None:
    for path, bad in product(("pair", "contact", "responses"), BAD):
        reply = await tablet.post(path, BAD[bad](tablet))
        assert (reply.status_code, reply.json()) == (400, {"refusal": "malformed"}), (path, bad)


async def test_a_key_that_is_no_point_of_the_curve_is_malformed(tablet: Tablet) -> None:
    answer = await tablet.pair(tablet.device.place_code, b"\x04" + bytes(64))
    assert answer == (400, {"refusal": "malformed"})


async def test_a_form_on_a_page_of_others_can_send_nothing(tablet: Tablet, store: Store) -> None:
    """A browser sends other types than JSON from anywhere, without asking us first."""
    body = msgspec.json.encode(tablet.sealed())
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        reply = await tablet.client.post(
            f"/kiosk/{PLACE}/responses", content=body, headers={"content-type": kind}
        )
        assert (reply.status_code, reply.json()) == (400, {"refusal": "malformed"})
    assert await store.waiting(SURVEY) == 0


async def test_the_longest_response_there_can_be_fits_and_longer_is_refused(tablet: Tablet) -> None:
    long = replace(FILLED, answers={**FILLED.answers, "wish": ("\U0001f600" * 200,)})
    assert await tablet.deliver(tablet.sealed(long)) == "accepted"
    reply = await tablet.post("responses", b" " * (1024 * 1024 + 1))
    assert (reply.status_code, reply.json()) == (413, {"refusal": "too_large"})


async def break_down(database_url: str) -> None:
    """As when the disk of the database is full: nothing is kept any more."""
    database = connect(database_url)
    await database.write(lambda connection: connection.execute(text("DROP TABLE delivery")))
    await database.close()


async def test_a_store_that_cannot_keep_says_when_to_come_back(tablet: Tablet, database_url: str) -> None:
    await break_down(database_url)
    reply = await tablet.post("responses", tablet.sealed())
    assert (reply.status_code, reply.json()) == (503, {"refusal": "busy", "wait": 5})
    assert reply.headers["retry-after"] == "5"


async def test_replies_are_not_kept_and_set_no_cookie(tablet: Tablet) -> None:
    for path, body in (("contact", {"kiosk": "0" * 64}), ("responses", tablet.sealed()), ("pair", b"")):
        reply = await tablet.post(path, body)
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["content-type"] == "application/json"
        assert "set-cookie" not in reply.headers


# What is left behind.


async def test_no_code_key_or_answer_is_in_the_log(
    tablet: Tablet, store: Store, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slip = await make_code(store, area="BD01", kind="slip")
    filled = replace(FILLED, code=slip, answers={**FILLED.answers, "wish": ("Een zeldzaam bankje",)})
    sealed = tablet.sealed(filled)
    for envelope in (
        sealed,
        sealed,
        tablet.sealed(replace(filled, answers={})),
        *passed_off(tablet).values(),
    ):
        await tablet.deliver(envelope)
    await tablet.pair(tablet.device.place_code, tablet.device.public_key)
    await store.release(SURVEY, everything=True)
    await break_down(database_url)
    await tablet.post("responses", tablet.sealed(filled))
    assert "the store refused" in caplog.text
    secrets = [
        slip,
        slip.replace("-", ""),
        tablet.device.place_code,
        tablet.device.hash.hex(),
        sealed.delivery,
        "bankje",
        FILLED.receipt,
        in_base64(sealed.sealed)[:40],
    ]
    assert [secret for secret in secrets if secret in caplog.text] == []
