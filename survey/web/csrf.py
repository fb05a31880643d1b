"""The hidden field that shows that a form came from our own page: a MAC over the visit's token."""

import hmac
from base64 import urlsafe_b64encode

FIELD = "csrf"


def token_for(visit: bytes, key: bytes) -> str:
    return urlsafe_b64encode(hmac.digest(key, visit, "sha256")[:18]).decode()


def is_valid(posted: str, visit: bytes, key: bytes) -> bool:
    return hmac.compare_digest(posted.encode(), token_for(visit, key).encode())
