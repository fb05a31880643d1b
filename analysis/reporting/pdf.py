"""From a page in HTML to a tagged PDF that screen readers can use (PDF/UA-1).

WeasyPrint writes the tags; two things it leaves out are added here, for which a private function of
that library is wrapped (docs/decisions/0060): the language of parts in another language, and the
scope of table headers. tests/analysis/reporting/test_pdf.py holds both, with the validator veraPDF.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pydyf

try:
    from weasyprint import HTML, Attachment
    from weasyprint.pdf import tags
except OSError as error:  # the Pango library, which no Python package brings, is not on this machine
    missing_library: str | None = str(error).splitlines()[0]
else:
    missing_library = None

INSTALL_PANGO = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
EPOCH = "SOURCE_DATE_EPOCH"

Element = Any
"""A structure element of pydyf, which has no types."""


class PangoMissing(Exception):
    """WeasyPrint cannot lay out text without Pango; the message has the command that installs it."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The library Pango, which lays out the pages, cannot be loaded ({reason}). "
            f"Install it, on Debian or Ubuntu with: {INSTALL_PANGO}"
        )


def refuse_without_pango() -> None:
    """Raises PangoMissing when no PDF can be made on this machine."""
    if missing_library is not None:
        raise PangoMissing(missing_library)


class Attached(NamedTuple):
    """A file inside the PDF, with a line that says what it is."""

    name: str
    description: str
    data: bytes


def write(html: str, assets: Path, path: Path, *, seconds: int, attached: Sequence[Attached] = ()) -> int:
    """Write the pages as PDF/UA-1 to `path`; returns the number of pages.

    `assets` is the folder that the page's links start from. `seconds` since 1970 is the date inside the
    file (fonts carry it): with the same page, attachments and date the bytes are the same.
    """
    refuse_without_pango()
    os.environ[EPOCH] = str(seconds)
    document = HTML(string=html, base_url=f"{assets}/").render()
    day = datetime.fromtimestamp(seconds, tz=UTC)
    document.write_pdf(
        path,
        pdf_variant="pdf/ua-1",
        pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
        attachments=[
            Attachment(
                string=each.data,
                name=each.name,
                description=each.description,
                relationship="Data",
                created=day,
                modified=day,
            )
            for each in attached
        ],
    )
    return len(document.pages)


def _with_language_and_scope(build: Callable[..., Iterator[Element]]) -> Callable[..., Iterator[Element]]:
    def build_box_tree(box: Any, *rest: Any) -> Iterator[Element]:
        laid_out = getattr(box, "_box", box)
        attributes = getattr(laid_out.element, "attrib", {})
        whole_page = laid_out.element_tag in ("html", "body")
        for element in build(box, *rest):
            if attributes.get("lang") and "Lang" not in element and not whole_page:
                element["Lang"] = pydyf.String(attributes["lang"])
            if element.get("S") == "/TH" and "A" in element:
                is_row = attributes.get("scope", "").startswith("row")
                element["A"]["Scope"] = "/Row" if is_row else "/Column"
            yield element

    return build_box_tree


if missing_library is None:
    tags._build_box_tree = _with_language_and_scope(tags._build_box_tree)  # noqa: SLF001 - there is no public way
