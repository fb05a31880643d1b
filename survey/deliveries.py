"""Taking in what kiosks send, over the network or as a file: `survey.kiosk` checks it, the store keeps it."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from msgspec import Struct

from survey.kiosk import (
    Envelope,
    IssuedCode,
    KioskError,
    Refusal,
    Sent,
    delivery_hash,
    kiosk_response,
    opened,
    opening_key,
    opening_keys,
    point,
    typed_code_hash,
)
from survey.participation import iso_week
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.parsing import parse
from survey.questionnaires.problems import QuestionnaireError
from survey.store import Acceptance, Store

log = logging.getLogger(__name__)

Outcome = Acceptance | Refusal
"""`accepted` and `received_before`: it is here, once. Anything else: it is not, and why."""

HERE: frozenset[Outcome] = frozenset({"accepted", "received_before"})


QUEUE_FORMAT = "wijkpeil-kiosk-queue-1"


class Queue(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="format", tag=QUEUE_FORMAT
):
    """What waited on a device, carried off as a file (JSON)."""

    place: str
    envelopes: tuple[Envelope, ...]


class Deliveries:
    """What a server makes of deliveries. `key_number` is the newest of the keys that they are sealed for.

    `questionnaires` are those at hand; other versions are read from the store when they are first needed.
    """

    def __init__(
        self, store: Store, *, secret: bytes, key_number: int, questionnaires: Iterable[Questionnaire] = ()
    ) -> None:
        self.store = store
        self._secret = secret
        self._key_number = key_number
        self._keys: dict[str, dict[str, EllipticCurvePrivateKey]] = {}
        self._versions = {(one.key, one.version): one for one in questionnaires}

    def public_key(self, survey: str) -> bytes:
        """The point that devices seal for from now on."""
        return point(opening_key(self._secret, survey, self._key_number).public_key())

    async def receive(self, envelope: Envelope, place: str, today: date) -> Outcome:
        """Keep the response that a kiosk of this place sent, once. Raises `StoreError`.

        The end of the fieldwork does not matter: what was filled in before it may come at any time.
        """
        try:
            return await self._received(envelope, place, today)
        except KioskError as error:
            return error.refusal

    async def _received(self, envelope: Envelope, place: str, today: date) -> Outcome:
        secret, store = self._secret, self.store
        kiosk = await store.kiosk(envelope.kiosk_hash)
        if kiosk is None or kiosk.place != place:
            raise KioskError("unknown_kiosk")
        filled = opened(envelope, kiosk, self._keys_of(kiosk.survey))
        code_hash = typed_code_hash(filled, kiosk, secret)
        entry = None if code_hash is None else await store.ledger_entry(code_hash, kiosk.survey)
        if code_hash is not None and entry is None:
            return "code_unknown"
        code = None if entry is None else IssuedCode(kind=entry.kind, area=entry.area)
        questionnaire = await self._questionnaire(kiosk.survey, envelope.version)
        sent = Sent(filled=filled, kiosk=kiosk, code=code)
        response = kiosk_response(sent, questionnaire, week=iso_week(today), secret=secret)
        return await store.accept(
            delivery_hash(envelope, secret), response, code_hash, kiosk=envelope.kiosk_hash
        )

    def _keys_of(self, survey: str) -> dict[str, EllipticCurvePrivateKey]:
        if survey not in self._keys:
            self._keys[survey] = opening_keys(self._secret, survey, self._key_number)
        return self._keys[survey]

    async def _questionnaire(self, survey: str, version: str) -> Questionnaire:
        if (survey, version) not in self._versions:
            files = await self.store.questionnaire_files(survey, version)
            if files is None:
                raise KioskError("unknown_version")
            try:
                self._versions[survey, version] = await asyncio.to_thread(parse, files)
            except QuestionnaireError as error:
                log.warning("version %s of %s, kept in the store, cannot be read", version, survey)
                raise KioskError("unknown_version") from error
        return self._versions[survey, version]
