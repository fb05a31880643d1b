"""Style sheets, fonts, icons, scripts and recordings: read once, served from memory."""

import gzip
import hashlib
import mimetypes
from collections.abc import Container
from pathlib import Path

from survey.web.exchange import Reply
from survey.web.headers import SECURITY
from survey.web.negotiation import by_quality
from survey.web.ranges import OutsideError, part_of
from survey.web.situations import NotFound

FOR_EVER = b"public, max-age=31536000, immutable"
A_DAY = b"public, max-age=86400"


COMPRESSIBLE = (".css", ".svg", ".txt", ".js")
"""Fonts and pictures are compressed already. Nothing here is secret, so its size may tell what it is."""


class Assets:
    """The files below a folder, by their path in it; with `suffixes` only those of these kinds."""

    def __init__(self, folder: Path, *, suffixes: Container[str] | None = None) -> None:
        paths = [
            path
            for path in folder.rglob("*")
            if path.is_file() and (suffixes is None or path.suffix in suffixes)
        ]
        self._files = {path.relative_to(folder).as_posix(): _file(path) for path in paths}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._files)

    def content(self, name: str) -> bytes:
        return self._files[name][1]

    def reply(self, name: str, *, versioned: bool, encodings: str = "") -> Reply:
        """A file; kept for ever when the address carries a mark of its content.

        `encodings` is what the browser says it can take (Accept-Encoding). Raises NotFound.
        """
        if name not in self._files:
            raise NotFound
        media_type, plain, small = self._files[name]
        headers = [(b"content-type", media_type), (b"cache-control", FOR_EVER if versioned else A_DAY)]
        if small is not None:
            headers.append((b"vary", b"accept-encoding"))
        if small is None or "gzip" not in by_quality(encodings):
            return Reply(status=200, headers=(*SECURITY, *headers), body=plain)
        headers.append((b"content-encoding", b"gzip"))
        return Reply(status=200, headers=(*SECURITY, *headers), body=small)

    def part(self, name: str, *, asked: str, unchanged_from: str) -> Reply:
        """A recording, or the part of it that a Range header asks for. Raises NotFound.

        `unchanged_from` is the mark of the content that the browser has a part of already (If-Range): when
        it is another one, or a day, the browser gets the whole.
        """
        if name not in self._files:
            raise NotFound
        media_type, content, _ = self._files[name]
        mark = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = (
            *SECURITY,
            (b"content-type", media_type),
            (b"cache-control", A_DAY),
            (b"accept-ranges", b"bytes"),
            (b"etag", mark.encode()),
        )
        try:
            part = part_of(asked, len(content)) if unchanged_from in {"", mark} else None
        except OutsideError:
            return Reply(
                status=416, headers=(*headers, (b"content-range", f"bytes */{len(content)}".encode()))
            )
        if part is None:
            return Reply(status=200, headers=headers, body=content)
        place = f"bytes {part.start}-{part.stop - 1}/{len(content)}".encode()
        body = content[part.start : part.stop]
        return Reply(status=206, headers=(*headers, (b"content-range", place)), body=body)


def _file(path: Path) -> tuple[bytes, bytes, bytes | None]:
    """The type, the content, and that compressed where it helps."""
    content = path.read_bytes()
    small = gzip.compress(content, mtime=0) if path.suffix in COMPRESSIBLE else None
    return _media_type(path), content, small


def _media_type(path: Path) -> bytes:
    if path.suffix == ".woff2":
        return b"font/woff2"
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{guessed}; charset=utf-8".encode() if guessed.startswith("text/") else guessed.encode()
