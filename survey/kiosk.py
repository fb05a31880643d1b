"""What a kiosk sends: opened, checked against what every response must be, and made into one. Pure.

A kiosk is a paired device at a place. It seals a response for the server's public key before it touches
the disk, and signs it with a key of its own that never leaves it
(docs/decisions/0090-a-kiosk-seals-what-it-keeps.md). `survey/web/static/kiosk/sealing.js` is the other half.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Meta, Struct
from msgspec.structs import replace

from survey import invitations, receipts
from survey.participation import Participation, Response, respond
from survey.questionnaires.answers import Answer, may_skip, needs_parent, parse_form
from survey.questionnaires.model import SKIPPED, Question, Questionnaire
from survey.questionnaires.routing import steps, walk
from survey.sealing import derived_key, keyed_hash

_KEY_ID_BYTES = 8
_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256: FIPS 186 and SEC 2."""
_COORDINATE_BYTES = 32
_LENGTH_BYTES = 4
_SHOWN_BY = 5
_NONCE = bytes(12)
"""Always the same: each response has a key of its own, which seals nothing else."""

Refusal = Literal[
    "unknown_kiosk",
    "revoked",
    "wrong_signature",
    "unknown_key",
    "broken_seal",
    "unknown_version",
    "code_needed",
    "not_consented",
    "stopped",
    "wrong_answer",
]


class KioskError(Exception):
    """Why what a kiosk sent is not accepted. It stays on the device, for staff to see."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal: Refusal = refusal


KioskId = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_KeyId = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]
_DeliveryId = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
_Name = Annotated[str, Meta(pattern=r"\A[a-z0-9-]{1,63}\Z")]


class Kiosk(Struct, frozen=True, kw_only=True):
    """A device at a place. `public_key` (an uncompressed point of P-256) is None until it is paired.

    `place` is the key of the place, which stands in the address of its page, and `name` what people call it;
    `area` is where it lies. `needs_code`: nobody takes part here without a slip or a letter.
    """

    survey: _Name
    place: _Name
    name: str
    area: str
    needs_code: bool
    public_key: bytes | None = None
    revoked: bool = False


class IssuedCode(Struct, frozen=True, kw_only=True):
    """What the ledger tells of a code that was typed at a kiosk."""

    kind: invitations.CodeKind
    area: str


class Envelope(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sealed response on its way (JSON, bytes in base64): `kiosk` and `delivery` say whose and which it is.

    `key` is the id of the public key it was sealed for, `ephemeral` the other half of the agreement (an
    uncompressed point), `signature` r and s of ECDSA, 32 bytes each. `delivery` is random, made by the kiosk.
    """

    survey: _Name
    version: _Name
    kiosk: KioskId
    key: _KeyId
    delivery: _DeliveryId
    ephemeral: bytes
    sealed: bytes
    signature: bytes

    @property
    def header(self) -> bytes:
        """What the seal and the signature are bound to; no part can hold the end of a line."""
        parts = ("wijkpeil kiosk 1", self.survey, self.version, self.kiosk, self.key, self.delivery)
        return "".join(f"{part}\n" for part in parts).encode()

    @property
    def kiosk_hash(self) -> bytes:
        """The hash of the place code that the kiosk was paired with, under which the store knows it."""
        return bytes.fromhex(self.kiosk)


class Filled(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is sealed: what a resident chose and typed, as the forms of the pages would send it.

    `receipt` are the words that the kiosk made and showed. An empty answer is a question that was skipped.
    """

    language: str
    purposes: frozenset[str]
    answers: dict[str, tuple[str, ...]]
    receipt: str
    code: str | None = None


def place_code_hash(code: str, secret: bytes) -> bytes:
    """What the store keeps of a normalised place code, which is made and checked as an invitation code is."""
    return keyed_hash(secret, "place code", code.encode())


def delivery_hash(envelope: Envelope, secret: bytes) -> bytes:
    """What is kept of a response that was received: nothing that the device has as well."""
    return keyed_hash(secret, "kiosk delivery", f"{envelope.kiosk} {envelope.delivery}".encode())


# Keys.


def opening_key(secret: bytes, survey: str, number: int) -> ec.EllipticCurvePrivateKey:
    """The private key that responses of a survey are sealed for; another `number` is another key."""
    about = f"{survey} {number}".encode()
    wide = derived_key(secret, "kiosk key", about) + derived_key(secret, "kiosk key, more", about)
    return ec.derive_private_key(int.from_bytes(wide, "big") % (_ORDER - 1) + 1, _CURVE)


def opening_keys(secret: bytes, survey: str, newest: int) -> dict[str, ec.EllipticCurvePrivateKey]:
    """The key in use and those before it, by id: what waits on a device was sealed for one of them."""
    keys = (opening_key(secret, survey, number) for number in range(1, newest + 1))
    return {key_id(point(key.public_key())): key for key in keys}


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """The 65 bytes of an uncompressed point, which Web Crypto calls raw."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def key_id(public_key: bytes) -> str:
    return hashlib.sha256(public_key).digest()[:_KEY_ID_BYTES].hex()


def is_public_key(data: bytes) -> bool:
    """Whether a device that wants to be paired sent a point of the curve."""
    return _point_read(data) is not None


def _point_read(data: bytes) -> ec.EllipticCurvePublicKey | None:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, data)
    except ValueError:
        return None


# Opening.


def opened(envelope: Envelope, kiosk: Kiosk | None, keys: Mapping[str, ec.EllipticCurvePrivateKey]) -> Filled:
    """What was sealed, once it is certain that this kiosk sent it. Raises `KioskError`."""
    _check_sender(envelope, kiosk)
    key = keys.get(envelope.key)
    if key is None:
        raise KioskError("unknown_key")
    ephemeral = _point_read(envelope.ephemeral)
    if ephemeral is None:
        raise KioskError("broken_seal")
    agreed = derived_key(
        key.exchange(ec.ECDH(), ephemeral), "kiosk response", envelope.header + envelope.ephemeral
    )
    try:
        padded = AESGCM(agreed).decrypt(_NONCE, envelope.sealed, envelope.header)
        length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
        return msgspec.json.decode(padded[_LENGTH_BYTES : _LENGTH_BYTES + length], type=Filled)
    except (InvalidTag, ValueError) as error:  # msgspec's errors are ValueErrors
        raise KioskError("broken_seal") from error


def _check_sender(envelope: Envelope, kiosk: Kiosk | None) -> None:
    device = None if kiosk is None or kiosk.public_key is None else _point_read(kiosk.public_key)
    if kiosk is None or device is None or kiosk.survey != envelope.survey:
        raise KioskError("unknown_kiosk")
    if kiosk.revoked:
        raise KioskError("revoked")
    if len(envelope.signature) != 2 * _COORDINATE_BYTES:
        raise KioskError("wrong_signature")
    halves = (envelope.signature[:_COORDINATE_BYTES], envelope.signature[_COORDINATE_BYTES:])
    signature = encode_dss_signature(*(int.from_bytes(half, "big") for half in halves))
    signed = envelope.header + envelope.ephemeral + envelope.sealed
    try:
        device.verify(signature, signed, ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise KioskError("wrong_signature") from error


def shown(count: int) -> int | Literal["few"]:
    """A count of the day as a host may see it: by fives, and nothing under five, not even that it is none.

    Or who watches the count would see when the one visitor who was given a slip has sent something.
    """
    return "few" if count < _SHOWN_BY else count - count % _SHOWN_BY


def typed_code_hash(filled: Filled, kiosk: Kiosk, secret: bytes) -> bytes | None:
    """The hash of the code of a slip or letter; None without one. Raises `KioskError` where one is needed."""
    code = invitations.normalise(filled.code or "")
    if not code and kiosk.needs_code:
        raise KioskError("code_needed")
    return invitations.code_hash(code, secret) if code else None


# The response.


class Sent(Struct, frozen=True, kw_only=True):
    """What was filled in, and where. `code` is None for somebody without a slip or letter."""

    filled: Filled
    kiosk: Kiosk
    code: IssuedCode | None

    @property
    def has_letter(self) -> bool:
        return self.code is not None and self.code.kind == "letter"


def kiosk_response(sent: Sent, questionnaire: Questionnaire, *, week: str, secret: bytes) -> Response:
    """The response to the version that the kiosk held, which may be an earlier one than that in use.

    Its stratum is the place of the kiosk, with a slip apart from without, but for somebody with a letter what
    the letter was drawn for.
    `week` is the server's: the clock of a device may be years off. Raises `KioskError` for what no page
    would have taken.
    """
    filled, kiosk = sent.filled, sent.kiosk
    receipt = receipts.normalise(filled.receipt)
    if receipts.mistake(receipt) or filled.language not in _languages(questionnaire):
        raise KioskError("wrong_answer")
    participation = Participation(
        language=filled.language,
        purposes=_consented(filled, questionnaire),
        answers=_answers(sent, questionnaire),
        invited_area=kiosk.area,
    )
    receipt_hash = receipts.receipt_hash(receipt, secret)
    response = respond(participation, questionnaire, week=week, receipt_hash=receipt_hash)
    if sent.code is None:
        return replace(response, channel="kiosk", sampled_area=kiosk.area)
    if sent.has_letter:
        return replace(response, channel="invited", sampled_area=sent.code.area)
    return replace(response, channel="slip", sampled_area=kiosk.area)


def _languages(questionnaire: Questionnaire) -> set[str]:
    return {questionnaire.source_language, *(catalogue.tag for catalogue in questionnaire.offered)}


def _consented(filled: Filled, questionnaire: Questionnaire) -> frozenset[str]:
    known = {purpose.key for purpose in questionnaire.purposes}
    required = {purpose.key for purpose in questionnaire.purposes if purpose.required}
    if not required <= filled.purposes <= known:
        raise KioskError("not_consented")
    return filled.purposes


def _answers(sent: Sent, questionnaire: Questionnaire) -> dict[str, Answer]:
    """The answers of the journey, each read as the form of its page is read."""
    read = _Read(sent, questionnaire)
    journey = walk(questionnaire, read, purposes=sent.filled.purposes, area=sent.kiosk.area)
    if journey.stop is not None:
        raise KioskError("stopped")
    return journey.counting


class _Read(Mapping[str, Answer]):
    """Answers that are read when the walk asks for them, which it does once for each step, in order.

    Reading all of them first would not do: where somebody lives decides about the options that follow.
    """

    def __init__(self, sent: Sent, questionnaire: Questionnaire) -> None:
        self._sent = sent
        self._municipality = questionnaire.municipality
        self._steps = {step.variable: step for step in steps(questionnaire)}
        self._area: str | None = sent.kiosk.area

    def __contains__(self, variable: object) -> bool:
        """Every answer that is asked for is there, or the response is not whole."""
        if variable not in self._sent.filled.answers:
            raise KioskError("wrong_answer")
        return True

    def __getitem__(self, variable: str) -> Answer:
        step = self._steps[variable]
        form = {"answer": self._sent.filled.answers[variable]}
        given, errors = parse_form(step, form, self._municipality, area=self._area)
        if errors or not _is_taken(given[variable], step.question, has_letter=self._sent.has_letter):
            raise KioskError("wrong_answer")
        if step.kind == "neighbourhood" and isinstance(given[variable], str):
            self._area = str(given[variable])
        return given[variable]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sent.filled.answers)

    def __len__(self) -> int:
        return len(self._sent.filled.answers)


def _is_taken(answer: Answer, question: Question, *, has_letter: bool) -> bool:
    """Whether a page takes an answer that is well formed."""
    if answer == SKIPPED:
        return may_skip(question)
    return has_letter or not needs_parent(question, answer)
