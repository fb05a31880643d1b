"""Where the words of a PDF stand."""

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

from msgspec import Struct


class Word(Struct, frozen=True, kw_only=True):
    """A word on a page and the box around it, in points from the top left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def words_of(pdf: Path) -> list[list[Word]]:
    """The words of every page, as a reader's program finds them."""
    found = subprocess.run(["pdftotext", "-bbox", pdf, "-"], check=True, capture_output=True).stdout
    names = {"left": "xMin", "top": "yMin", "right": "xMax", "bottom": "yMax"}
    tree = ET.fromstring(re.sub(rb' xmlns="[^"]*"', b"", found))
    return [
        [
            Word(text=word.text or "", **{key: float(word.get(name, "")) for key, name in names.items()})
            for word in page.iter("word")
        ]
        for page in tree.iter("page")
    ]
