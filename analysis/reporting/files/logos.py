"""The logo of who sends the report: a file beside the plan, looked at before it is printed."""

import base64
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import PurePath
from typing import Literal
from xml.etree import ElementTree as ET

from msgspec import Struct

from analysis.reporting.exports.dataset import InputError
from survey.questionnaires.problems import Findings

MOST_BYTES = 300_000
"""It stands in every PDF."""

WIDEST, HIGHEST = 60.0, 18.0
"""Of the place that it has on the cover, in millimetres."""

LEAST_PIXELS, MOST_PIXELS = 300, 4000
"""Of a picture's longer side: fewer are seen in print, more are lost in it."""

SHAPES = (1 / 4, 8.0)
"""Width by height, from the highest to the widest."""

_REFUSED = {
    "script": "Remove it: paper runs no scripts",
    "foreignObject": "Remove it: it holds something else than a drawing",
    "image": "Give the logo as a PNG: a picture in a drawing may come from elsewhere",
    "text": "Turn letters into outlines in your drawing program: the font may be missing elsewhere",
}
"""Elements of SVG that no logo may have, and what to do."""

_ELSEWHERE = re.compile(r"@import|url\(\s*['\"]?(?!#)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PNG = b"\x89PNG\r\n\x1a\n"


class Logo(Struct, frozen=True, kw_only=True):
    """`kind` as the web names it; `width` and `height` on the cover in millimetres; `of`: whose it is."""

    data: bytes
    kind: Literal["image/svg+xml", "image/png"]
    width: float
    height: float
    of: str

    @property
    def url(self) -> str:
        return f"data:{self.kind};base64,{base64.b64encode(self.data).decode()}"


def read_logo(data: bytes, name: str, of: str) -> Logo:
    """The logo in a file, SVG or PNG by its name. Raises InputError with every problem."""
    findings = Findings(name)
    if len(data) > MOST_BYTES:
        findings.error(
            "WA296", "", f"It is {len(data)} bytes, and {MOST_BYTES} at most fit. Save it smaller, or as SVG."
        )
    ending = PurePath(name).suffix.lower()
    if ending not in {".svg", ".png"}:
        findings.error("WA295", "", "It is no file of a logo. Give an SVG or a PNG, by the end of its name.")
    elif not any(findings):
        size = _size_of_drawing(data, findings) if ending == ".svg" else _size_of_picture(data, findings)
        low, high = SHAPES
        if size is not None and not low <= size[0] / size[1] <= high:
            findings.error(
                "WA296", "", f"It is {size[0]:g} by {size[1]:g}, too long for its place. Cut it to its form."
            )
        if size is not None and not any(findings):
            scale = min(WIDEST / size[0], HIGHEST / size[1])
            return Logo(
                data=data,
                kind="image/svg+xml" if ending == ".svg" else "image/png",
                width=round(size[0] * scale, 2),
                height=round(size[1] * scale, 2),
                of=of,
            )
    raise InputError(list(findings))


def _size_of_picture(data: bytes, findings: Findings) -> tuple[float, float] | None:
    try:
        parts = dict(_parts(data))
        wide, high = struct.unpack_from(">II", parts[b"IHDR"])
        zlib.decompress(parts[b"IDAT"])
    except (KeyError, ValueError, struct.error, zlib.error):
        findings.error("WA295", "", "This cannot be read as a PNG. Save it again as PNG.")
        return None
    if not LEAST_PIXELS <= max(wide, high) <= MOST_PIXELS:
        findings.error(
            "WA296",
            "",
            f"It is {wide} by {high} pixels. Give one of {LEAST_PIXELS} to {MOST_PIXELS} at its longer side, "
            "or an SVG.",
        )
    return wide, high


def _parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a PNG, those of its pixels as one. Raises ValueError when one is broken."""
    pixels, place = b"", len(_PNG)
    if not data.startswith(_PNG):
        raise ValueError
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length]
        if struct.unpack_from(">I", data, place + 8 + length) != (zlib.crc32(kind + body),):
            raise ValueError
        if kind == b"IDAT":
            pixels += body
        else:
            yield kind, body
        place += 12 + length
    yield b"IDAT", pixels


def _size_of_drawing(data: bytes, findings: Findings) -> tuple[float, float] | None:
    if b"<!ENTITY" in data:
        findings.error("WA297", "", "It declares entities. Save it as plain SVG.")
        return None
    try:
        root = ET.fromstring(data)  # noqa: S314 - without entities nothing in it can grow
    except ET.ParseError as error:
        findings.error("WA295", f"line {error.position[0]}", "This cannot be read as SVG. Save it again.")
        return None
    for place, what in _foreign(root):
        findings.error("WA297", place, what)
    size = _size(root)
    if _local(root.tag) != "svg" or size is None:
        findings.error("WA295", "", "It is no SVG with a viewBox, such as 0 0 300 100. Save it again.")
        return None
    return size


def _foreign(root: ET.Element) -> Iterator[tuple[str, str]]:
    """What a drawing has that may run, or come from elsewhere: its element, and what to do."""
    for element in root.iter():
        tag = _local(element.tag)
        if tag in _REFUSED:
            yield f"<{tag}>", f"{_REFUSED[tag]}."
            continue
        for key, value in element.attrib.items():
            attribute = _local(key)
            if attribute.lower().startswith("on"):
                yield f"<{tag} {attribute}>", "Remove it: paper runs no scripts."
            elif (attribute == "href" and not value.startswith("#")) or _ELSEWHERE.search(value):
                yield f"<{tag} {attribute}>", "It points outside of the file. Remove it."
        if _ELSEWHERE.search(element.text or ""):
            yield f"<{tag}>", "It points outside of the file. Remove it."


def _size(root: ET.Element) -> tuple[float, float] | None:
    """By the viewBox, or by width and height where these are in one unit."""
    box = _NUMBER.findall(root.get("viewBox", ""))[2:]
    sides = [_NUMBER.match(root.get(side, "")) for side in ("width", "height")]
    numbers = [float(each) for each in box or (found[0] for found in sides if found)]
    return (numbers[0], numbers[1]) if len(numbers) == 2 and min(numbers) > 0 else None


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
