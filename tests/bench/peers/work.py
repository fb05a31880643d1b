"""What every peer does with a draft, so that only the framework and the database work differ."""

import base64
import hashlib
import hmac
import json
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SECRET = b"only for measuring on this machine"
PADDED = 896 - 12 - 16
"""So that what is stored is as long as in the project itself: nonce and tag come on top."""


def new_cookie() -> tuple[str, str]:
    """Return a draft id and the cookie that names it and carries its key."""
    draft_id = os.urandom(16).hex()
    return draft_id, f"{draft_id}.{base64.urlsafe_b64encode(os.urandom(32)).decode()}"


def token(cookie: str) -> str:
    return hmac.new(SECRET, cookie.encode(), hashlib.sha256).hexdigest()


def token_fits(cookie: str, given: str) -> bool:
    return hmac.compare_digest(token(cookie), given)


def cookie_parts(cookie: str) -> tuple[str, bytes]:
    draft_id, key = cookie.split(".")
    return draft_id, base64.urlsafe_b64decode(key)


def seal(answers: dict[str, int], key: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, json.dumps(answers).encode().ljust(PADDED), None)


def unseal(sealed: bytes, key: bytes) -> dict[str, int]:
    answers: dict[str, int] = json.loads(AESGCM(key).decrypt(sealed[:12], sealed[12:], None))
    return answers


def checked(answer: str) -> int:
    """Return the posted grade, or raise ValueError when it is not one from 1 to 10."""
    grade = int(answer)
    if not 1 <= grade <= 10:
        raise ValueError(answer)
    return grade
