"""Keys, keyed hashes and sealed (encrypted) values. Everything secret is derived from one secret.

Each use has a purpose of its own, so that a key or hash made for one thing is worthless for another.
"""

import hashlib
import hmac
import os
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32

_NONCE_BYTES = 12
_TAG_BYTES = 16
_LENGTH_BYTES = 4
_SMALLEST_BUCKET = 896
"""Holds all answers of a resident who writes little; and a row of it still fits in one page of SQLite, whose
tables without row numbers move what is longer than a quarter of a page to a page of its own."""

MARK_BYTES = _NONCE_BYTES
"""Two sealed values differ in these first bytes: the nonce, drawn anew at every sealing."""

Value = TypeVar("Value")


class BrokenSealError(Exception):
    """The bytes were not sealed with this key, or were changed since, or hold something else."""


def derived_key(secret: bytes, purpose: str, about: bytes = b"") -> bytes:
    """A key of 32 bytes for one purpose, by HKDF-SHA256 (RFC 5869)."""
    info = purpose.encode() + b"\x00" + about
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def keyed_hash(secret: bytes, purpose: str, about: bytes) -> bytes:
    """32 bytes (HMAC-SHA256) that recognise `about` and, without the secret, cannot be searched for."""
    return hmac.digest(secret, purpose.encode() + b"\x00" + about, hashlib.sha256)


def seal(value: msgspec.Struct, key: bytes, *, shortest: int = _SMALLEST_BUCKET) -> bytes:
    """Encrypt with AES-256-GCM, padded so that the length says next to nothing about the contents.

    The length of the result in bytes is `shortest`, or that doubled as often as is needed.
    """
    plain = msgspec.msgpack.encode(value)
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, _padded(plain, shortest), None)


def unseal(sealed: bytes, key: bytes, kind: type[Value]) -> Value:
    """The value that was sealed. Raises `BrokenSealError`."""
    try:
        padded = AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
        return msgspec.msgpack.decode(padded[_LENGTH_BYTES : _LENGTH_BYTES + length], type=kind)
    except (InvalidTag, ValueError) as error:  # msgspec's errors are ValueErrors
        raise BrokenSealError from error


def _padded(plain: bytes, shortest: int) -> bytes:
    around = _NONCE_BYTES + _LENGTH_BYTES + _TAG_BYTES
    bucket = shortest
    while bucket < len(plain) + around:
        bucket *= 2
    return len(plain).to_bytes(_LENGTH_BYTES, "big") + plain.ljust(bucket - around, b"\x00")
