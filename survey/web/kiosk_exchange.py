"""What kiosks and the server say to each other: JSON over POST, without cookies.

Only requests of our own pages are of the type `application/json`: a form on a page of others cannot send it.
A delivery is answered with 200 whatever became of it, so that a kiosk can tell an answer from a bad network.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar

import msgspec
from litestar import Request
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from msgspec import Struct

from survey import invitations
from survey.deliveries import Deliveries
from survey.kiosk import Envelope, KioskId, is_public_key, place_code_hash, shown
from survey.store import StoreError
from survey.web.exchange import Reply, Site
from survey.web.forms import read_body
from survey.web.headers import SECURITY
from survey.web.presentation import is_open
from survey.web.situations import Malformed, TooManyAttempts

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
"""Bytes: a response with every open answer as long as may be, sealed and in base64."""

BUSY_SECONDS = 5

Sent = TypeVar("Sent")


class Desk(Struct, frozen=True, kw_only=True):
    """Where kiosks report: the site that serves their surveys, and what takes in what they send."""

    site: Site
    deliveries: Deliveries


class Pairing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device with this public key (an uncompressed point) wants to be the kiosk of a place."""

    code: str
    public_key: bytes


class Paired(Struct, frozen=True, kw_only=True):
    """`kiosk`: the hash of the place code, in hexadecimal digits, by which the server knows the device."""

    kiosk: str


class Refused(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`wait`: the seconds until trying again makes sense."""

    refusal: Literal[
        "unknown_place_code",
        "already_paired",
        "revoked",
        "too_many_attempts",
        "malformed",
        "too_large",
        "busy",
    ]
    wait: int | None = None


class Calling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kiosk: KioskId


class Contact(Struct, frozen=True, kw_only=True):
    """How things are: `unknown`, without the rest, when the device was never paired here.

    `closed`: the fieldwork is over, or the survey is not served here; what waits is still taken in.
    `version` is the newest one, and None when the survey is not served here. `public_key` is what to seal for
    from now on; `today` what was accepted from this device today, as a host may see it.
    """

    state: Literal["open", "closed", "revoked", "unknown"]
    survey: str | None = None
    place: str | None = None
    area: str | None = None
    needs_code: bool | None = None
    version: str | None = None
    public_key: bytes | None = None
    today: int | Literal["few"] | None = None


class Settled(Struct, frozen=True, kw_only=True):
    outcome: str


Ask = Request[Any, Any, Any]
Handler = Callable[[Desk, Ask], Awaitable[Reply]]


async def pair(desk: Desk, request: Ask) -> Reply:
    asked = await sent(request, Pairing)
    if not is_public_key(asked.public_key):
        raise Malformed
    site, code = desk.site, invitations.normalise(asked.code)
    if invitations.mistake(code) is not None:
        return reply(403, Refused(refusal="unknown_place_code"))
    wait = site.place_guesses.guess(asked.public_key)
    if wait:
        raise TooManyAttempts(wait=wait)
    code_hash = place_code_hash(code, site.keys.secret)
    kiosk = await desk.deliveries.store.pair_kiosk(place_of(request), code_hash, asked.public_key)
    if kiosk is None:
        return reply(403, Refused(refusal="unknown_place_code"))
    site.place_guesses.right(asked.public_key)
    if kiosk.revoked:
        return reply(403, Refused(refusal="revoked"))
    if kiosk.public_key != asked.public_key:
        return reply(403, Refused(refusal="already_paired"))
    return reply(200, Paired(kiosk=code_hash.hex()))


async def contact(desk: Desk, request: Ask) -> Reply:
    calling = bytes.fromhex((await sent(request, Calling)).kiosk)
    store = desk.deliveries.store
    kiosk = await store.kiosk(calling)
    if kiosk is None or kiosk.public_key is None or kiosk.place != place_of(request):
        return reply(200, Contact(state="unknown"))
    survey = desk.site.surveys.get(kiosk.survey)
    questionnaire = None if survey is None else survey.questionnaire
    going_on = questionnaire is not None and is_open(questionnaire.fieldwork.closes, desk.site.today())
    state: Literal["open", "closed"] = "open" if going_on else "closed"
    return reply(
        200,
        Contact(
            state="revoked" if kiosk.revoked else state,
            survey=kiosk.survey,
            place=kiosk.name,
            area=kiosk.area,
            needs_code=kiosk.needs_code,
            version=None if questionnaire is None else questionnaire.version,
            public_key=desk.deliveries.public_key(kiosk.survey),
            today=shown(await store.accepted_today(calling)),
        ),
    )


async def responses(desk: Desk, request: Ask) -> Reply:
    envelope = await sent(request, Envelope)
    outcome = await desk.deliveries.receive(envelope, place_of(request), desk.site.today())
    return reply(200, Settled(outcome=outcome))


POSTS: tuple[tuple[str, Handler], ...] = (("pair", pair), ("contact", contact), ("responses", responses))
"""The path below /kiosk/{place}, and what a POST there does."""


async def answered(handler: Handler, desk: Desk, request: Ask) -> Reply:
    """The reply of a handler, or in JSON what went wrong."""
    try:
        return await handler(desk, request)
    except TooManyAttempts as error:
        return reply(429, Refused(refusal="too_many_attempts", wait=error.wait))
    except Malformed:
        return reply(400, Refused(refusal="malformed"))
    except RequestEntityTooLarge:
        return reply(413, Refused(refusal="too_large"))
    except StoreError as error:
        log.warning("the store refused: %s", error)
        return reply(503, Refused(refusal="busy", wait=BUSY_SECONDS))


def place_of(request: Ask) -> str:
    return str(request.path_params["place"])


async def sent(request: Ask, kind: type[Sent]) -> Sent:
    """What a kiosk sent. Raises Malformed, and RequestEntityTooLarge above `LARGEST_BODY`."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Malformed
    body = await read_body(request.receive, LARGEST_BODY)
    try:
        return msgspec.json.decode(body, type=kind)
    except ValueError as error:  # msgspec's errors are ValueErrors
        raise Malformed from error


def reply(status: int, said: Paired | Refused | Contact | Settled) -> Reply:
    wait = said.wait if isinstance(said, Refused) else None
    later = () if wait is None else ((b"retry-after", str(wait).encode()),)
    kind = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
    return Reply(status=status, headers=(*SECURITY, *kind, *later), body=msgspec.json.encode(said))
