"""A kiosk in Python: seals and signs as `sealing.js` does, for tests of what the server makes of it."""

import os
import random

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec.structs import replace

from survey import invitations, receipts
from survey.kiosk import Envelope, Filled, Kiosk, key_id, opening_key, place_code_hash, point
from survey.sealing import derived_key
from tests.survey.stored import SECRET, SURVEY

PLACE = "het-anker"
PLACE_CODE = place_code_hash("a place code", SECRET)

RECEIPT = " ".join(receipts.WORDS[:6])
FILLED = Filled(
    language="nl",
    purposes=frozenset({"taking_part", "opinion"}),
    answers={
        "age": ("2",),
        "place_postcode": ("0101",),
        "place": ("BD0101",),
        "grade": ("8",),
        "visits": ("1", "3"),
        "house_a": ("3",),
        "house_b": (),
        "wish": (" Een bankje ",),
    },
    receipt=RECEIPT,
)
"""A visitor of Brinkdorp who answers everything."""


class Device:
    """A device that was paired at a place in an area, with or without a need of codes."""

    def __init__(self, *, area: str, survey: str = SURVEY, needs_code: bool = False) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.public_key = point(self._key.public_key())
        self.issued = Kiosk(survey=survey, place=PLACE, name="Het Anker", area=area, needs_code=needs_code)
        self.place_code = invitations.make(random.SystemRandom())
        self.hash = place_code_hash(self.place_code, SECRET)
        self.kiosk = replace(self.issued, public_key=self.public_key)

    def sent(
        self, filled: Filled | bytes, *, survey: str, version: str, number: int = 1, secret: bytes = SECRET
    ) -> Envelope:
        """What it sends, sealed for the key of this number."""
        server = opening_key(secret, survey, number).public_key()
        ephemeral = ec.generate_private_key(ec.SECP256R1())
        envelope = Envelope(
            survey=survey,
            version=version,
            kiosk=self.hash.hex(),
            key=key_id(point(server)),
            delivery=os.urandom(16).hex(),
            ephemeral=point(ephemeral.public_key()),
            sealed=b"",
            signature=b"",
        )
        about = envelope.header + envelope.ephemeral
        key = derived_key(ephemeral.exchange(ec.ECDH(), server), "kiosk response", about)
        plain = filled if isinstance(filled, bytes) else msgspec.json.encode(filled)
        padded = (len(plain).to_bytes(4, "big") + plain).ljust(4096, b"\x00")
        sealed = AESGCM(key).encrypt(bytes(12), padded, envelope.header)
        return self.signed(replace(envelope, sealed=sealed))

    def signed(self, envelope: Envelope) -> Envelope:
        signed = envelope.header + envelope.ephemeral + envelope.sealed
        r, s = decode_dss_signature(self._key.sign(signed, ec.ECDSA(SHA256())))
        return replace(envelope, signature=r.to_bytes(32, "big") + s.to_bytes(32, "big"))
