"""Style sheets, fonts, icons and scripts: read once, served from memory."""

import mimetypes
from pathlib import Path

from survey.web.exchange import Reply
from survey.web.headers import SECURITY
from survey.web.situations import NotFound

FOR_EVER = b"public, max-age=31536000, immutable"
A_DAY = b"public, max-age=86400"


class Assets:
    """The files below a folder, by their path in it."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): (_media_type(path), path.read_bytes())
            for path in folder.rglob("*")
            if path.is_file()
        }

    def reply(self, name: str, *, versioned: bool) -> Reply:
        """A file; kept for ever when the address carries a mark of its content. Raises NotFound."""
        if name not in self._files:
            raise NotFound
        media_type, body = self._files[name]
        keep = FOR_EVER if versioned else A_DAY
        return Reply(
            status=200,
            headers=(*SECURITY, (b"content-type", media_type), (b"cache-control", keep)),
            body=body,
        )


def _media_type(path: Path) -> bytes:
    if path.suffix == ".woff2":
        return b"font/woff2"
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{guessed}; charset=utf-8".encode() if guessed.startswith("text/") else guessed.encode()
