"""What a PDF was made from: stands in the file itself, so that anybody can make it again and compare."""

import hashlib
import io
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec
from msgspec import Struct
from pypdf import PdfReader
from pypdf.errors import PyPdfError

NAME = "manifest.json"
"""Of the attachment in the PDF."""


class NoManifest(Exception):
    """The file does not say what it was made from."""


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was read, as SHA-256 in hexadecimal: `export`, `plan`, each of the `texts` and the `approval`.

    A draft has no approval. `file` is the name that the PDF was given.
    """

    format: Literal[1] = 1
    program: str
    survey: str
    week: str
    export: str
    plan: str
    texts: dict[str, str] = {}
    approval: str = ""
    file: str = ""

    def encode(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2)


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the names and contents of files, in the order of their names."""
    found = hashlib.sha256()
    for name, data in sorted(files.items()):
        found.update(f"{name}\n{hashlib.sha256(data).hexdigest()}\n".encode())
    return found.hexdigest()


def manifest_of(data: bytes) -> Manifest:
    """The manifest in a PDF. Raises NoManifest."""
    try:
        (attached,) = PdfReader(io.BytesIO(data)).attachments.get(NAME, [b""])
        return msgspec.json.decode(attached, type=Manifest)
    except (PyPdfError, ValueError, msgspec.DecodeError) as error:
        raise NoManifest(
            "This is no PDF of a report that says what it was made from. Give one that "
            "`python -m analysis report` wrote, as it was written."
        ) from error


def differences(there: Manifest, here: Manifest) -> Iterator[str]:
    """In words, what something was made from and what is here instead."""
    if there.export != here.export:
        yield (
            f"export: it was another one, of survey {there.survey}, week {there.week} ({there.export[:12]}); "
            f"the folder given is {here.survey}, week {here.week} ({here.export[:12]})"
        )
    if there.plan != here.plan:
        yield f"plan: it was another one ({there.plan[:12]}; given is {here.plan[:12]})"
    for name in sorted(there.texts.keys() | here.texts.keys()):
        before, now = there.texts.get(name), here.texts.get(name)
        if before != now:
            yield f"texts: {name} was " + (
                "added" if before is None else "removed" if now is None else "changed"
            )
    if there.approval != here.approval:
        yield _APPROVALS[bool(there.approval), bool(here.approval)]
    if there.program != here.program:
        yield f"program: it was version {there.program}; this is {here.program}"


_APPROVALS = {
    (False, True): "approval: it was a draft; what is here is approved",
    (True, False): "approval: it was approved; what is here is not",
    (True, True): "approval: it was another one",
}
