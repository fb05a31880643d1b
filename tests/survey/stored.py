"""Participants for tests of the store: small, valid, all alike unless a test says otherwise."""

import hashlib

from survey.participation import Response

SECRET = b"a secret of the tests, 32 bytes!"
SURVEY = "proef"
AREA = "WK01"


def code_hash(number: int) -> bytes:
    return hashlib.sha256(f"code {number}".encode()).digest()


def receipt_hash(number: int) -> bytes:
    return hashlib.sha256(f"receipt {number}".encode()).digest()


def draft_id(number: int) -> bytes:
    return hashlib.sha256(f"draft {number}".encode()).digest()[:16]


def response(number: int, *, grade: int = 7, area: str = AREA, week: str = "2026-W48") -> Response:
    return Response(
        survey=SURVEY,
        version="1",
        language="nl",
        channel="invited",
        sampled_area=area,
        week=week,
        purposes=frozenset({"taking_part"}),
        answers={"q2": grade},
        receipt_hash=receipt_hash(number),
    )
