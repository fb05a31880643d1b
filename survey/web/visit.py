"""The cookie of a visit: where a resident stands, sealed so that nobody else can read or change it.

Until the code page the answers so far travel in it and the server keeps nothing. From then on it
holds only what opens the draft. Afterwards it holds the receipt, so that the last page can be shown
again. It lives as long as the browser session.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from msgspec import Struct

from survey.participation import Participation
from survey.sealing import BrokenSealError, seal, unseal


class Opening(Struct, frozen=True, kw_only=True, tag="opening"):
    """Before the code page. `token` is what the forms of this visit are tied to."""

    survey: str
    token: bytes
    participation: Participation


class Underway(Struct, frozen=True, kw_only=True, tag="underway"):
    """Answering: what opens the draft. Without a code `code_hash` is `None`."""

    survey: str
    token: bytes
    draft_id: bytes
    draft_key: bytes
    receipt: str
    code_hash: bytes | None = None


class Finished(Struct, frozen=True, kw_only=True, tag="finished"):
    """Submitted. `area` is whose social map the last page shows."""

    survey: str
    token: bytes
    receipt: str
    area: str | None = None


Visit = Opening | Underway | Finished


class _Sealed(Struct, frozen=True):
    visit: Visit


def seal_visit(visit: Visit, key: bytes) -> str:
    return urlsafe_b64encode(seal(_Sealed(visit), key)).decode()


def open_visit(text: str, key: bytes) -> Visit | None:
    """The visit in a cookie; `None` for anything that was not sealed with this key."""
    try:
        return unseal(urlsafe_b64decode(text), key, _Sealed).visit
    except (BrokenSealError, ValueError):
        return None


class Cookie(Struct, frozen=True, kw_only=True):
    """The name and attributes of the cookie; over TLS browsers keep it to this host and to TLS."""

    name: str
    attributes: str

    def read(self, header: str) -> str | None:
        """The value in a Cookie header."""
        start = f"{self.name}="
        for part in header.split(";"):
            pair = part.strip()
            if pair.startswith(start):
                return pair[len(start) :]
        return None

    def beside(self, name: str) -> "Cookie":
        """Another cookie, with the same attributes."""
        return Cookie(name=f"{self.name}-{name}", attributes=self.attributes)

    def kept(self, value: str) -> str:
        return f"{self.name}={value}; {self.attributes}"

    def cleared(self) -> str:
        return f"{self.name}=; {self.attributes}; Max-Age=0"


PLAIN = Cookie(name="wijkpeil", attributes="Path=/; HttpOnly; SameSite=Lax")
SECURE = Cookie(name="__Host-wijkpeil", attributes="Path=/; HttpOnly; SameSite=Lax; Secure")


def new_token() -> bytes:
    return os.urandom(16)
