"""Invitation codes: made, written, read back and checked. Pure; only keyed hashes are ever kept.

A code is 15 random characters and a check character, written in four groups of four. The alphabet has
23 characters: no vowels (no words), and of every family of look-alikes one member, so that each letter
or digit a resident may read instead stands for that member. 23 is prime; with weights 1 to 16 the sum
modulo 23 changes with every single wrong character and with every swap of two characters.
15 characters of 23 hold 67.8 bits of chance. The first tells what a code stands on, also where nobody can ask
the server: that of a slip is `S`, that of a letter never is, which leaves a slip 63.3 bits.
"""

import unicodedata
from random import Random
from typing import Literal

from survey.sealing import derived_key, keyed_hash

ALPHABET = "BCDFGHJKMNPRSTVWXYZ3479"
LENGTH = 16
SLIP = "S"
"""The first character of a code on a slip (strookje)."""

CodeMistake = Literal["empty", "unknown_character", "wrong_length", "wrong_check"]

CodeKind = Literal["letter", "slip"]
"""What a code stands on: a letter to somebody who was drawn, or a slip that is handed out at a kiosk."""

_GROUP = 4
_PLACE = {character: place for place, character in enumerate(ALPHABET)}
_LOOK_ALIKES = str.maketrans("OQ0UAE8526IL1", "DDDV43BSZG777")
_DRAFT_ID_BYTES = 16


def make(random: Random, kind: CodeKind = "letter") -> str:
    """A new code without dashes. `random` must be a `random.SystemRandom` outside tests."""
    first = SLIP if kind == "slip" else random.choice(ALPHABET.replace(SLIP, ""))
    body = first + "".join(random.choice(ALPHABET) for _ in range(LENGTH - 2))
    return body + _check_character(body)


def kind_of(code: str) -> CodeKind:
    """What a normalised code stands on, if it was issued at all."""
    return "slip" if code.startswith(SLIP) else "letter"


def written(code: str) -> str:
    """The code as it stands in a letter: `BCDF-GHJK-MNPR-STVW`."""
    return "-".join(code[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def normalise(typed: str) -> str:
    """What a resident typed, without case, spaces, dashes, look-alikes or digits of other scripts."""
    kept = (_plain(character) for character in unicodedata.normalize("NFKC", typed))
    return "".join(kept).upper().translate(_LOOK_ALIKES)


def mistake(code: str) -> CodeMistake | None:
    """What is wrong with a normalised code; None when it can have been issued."""
    if not code:
        return "empty"
    if not set(code) <= set(ALPHABET):
        return "unknown_character"
    if len(code) != LENGTH:
        return "wrong_length"
    return None if _weighted_sum(code) == 0 else "wrong_check"


def code_hash(code: str, secret: bytes) -> bytes:
    """What the ledger keeps of a normalised code."""
    return keyed_hash(secret, "invitation code", code.encode())


def draft_id(code: str, secret: bytes) -> bytes:
    """Where the draft of this code is kept; entering the code again finds it."""
    return derived_key(secret, "draft id", code.encode())[:_DRAFT_ID_BYTES]


def draft_key(code: str, secret: bytes) -> bytes:
    """What the draft of this code is sealed with: neither the database nor the secret alone yields it."""
    return derived_key(secret, "draft key", code.encode())


def _plain(character: str) -> str:
    if not character.isalnum():
        return ""
    digit = unicodedata.digit(character, None)
    return character if digit is None else str(digit)


def _weighted_sum(code: str) -> int:
    return sum(weight * _PLACE[character] for weight, character in enumerate(code, start=1)) % len(ALPHABET)


def _check_character(body: str) -> str:
    inverse = pow(LENGTH, -1, len(ALPHABET))
    return ALPHABET[-_weighted_sum(body) * inverse % len(ALPHABET)]
