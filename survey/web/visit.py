"""The cookie of a visit to a survey: where a resident stands, sealed, for nobody else to read or change.

Until the code page the answers so far travel in it and the server keeps nothing. From then on it
holds only what opens the draft. Afterwards it holds the receipt, so that the last page can be shown
again. It lives as long as the browser session.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from msgspec import Struct

from survey.participation import Participation
from survey.sealing import BrokenSealError, derived_key, seal, unseal


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

_DRAFT_ID_BYTES = 16


def own_draft(token: bytes, secret: bytes) -> tuple[bytes, bytes]:
    """Where a visit without a code keeps its draft, one for each visit, and the key that opens it.

    Without the token, which only the cookie holds, neither can be worked out.
    """
    return (
        derived_key(secret, "draft id of a visit", token)[:_DRAFT_ID_BYTES],
        derived_key(secret, "draft key of a visit", token),
    )


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

    def kept(self, value: str) -> str:
        return f"{self.name}={value}; {self.attributes}"

    def cleared(self) -> str:
        return f"{self.name}=; {self.attributes}; Max-Age=0"


def cookie_of(survey: str, *, secure: bool) -> Cookie:
    """That of one survey: who goes to another on the same host leaves this one where it was."""
    return _cookie(f"wijkpeil-{survey}", secure=secure)


def display_cookie(*, secure: bool) -> Cookie:
    """That of all pages of the host."""
    return _cookie("wijkpeil_display", secure=secure)


def _cookie(name: str, *, secure: bool) -> Cookie:
    attributes = "Path=/; HttpOnly; SameSite=Lax"
    return Cookie(
        name=f"__Host-{name}" if secure else name,
        attributes=f"{attributes}; Secure" if secure else attributes,
    )


def new_token() -> bytes:
    return os.urandom(16)
