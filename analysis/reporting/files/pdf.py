"""From a page in HTML to a tagged PDF: screen readers can use it (PDF/UA-1), archives keep it (PDF/A-3a).

WeasyPrint writes the tags; two things it leaves out are added here, for which a private function of
that library is wrapped (docs/decisions/0060): the language of parts in another language, and the
scope of table headers. It writes one of the two standards into a file; that the file meets both is added to
its metadata (docs/decisions/0110). tests/analysis/reporting/test_pdf.py holds all, with veraPDF.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import BaseHandler, Request, url2pathname

import pydyf

try:
    from weasyprint import HTML, Attachment
    from weasyprint.pdf import tags
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher
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
    """Write the pages as PDF/UA-1 and PDF/A-3a to `path`; returns the number of pages.

    `assets` is the folder that the page's links start from; a page that asks for anything outside of it is
    not made (FatalURLFetchingError). `seconds` since 1970 is the date inside the file (fonts carry it): with
    the same page, attachments and date the bytes are the same.
    """
    refuse_without_pango()
    os.environ[EPOCH] = str(seconds)
    page = HTML(string=html, base_url=f"{assets}/", url_fetcher=_fetcher(assets))
    document = page.render(font_config=_fonts(seconds))
    _declare_accessible(document.metadata)
    day = datetime.fromtimestamp(seconds, tz=UTC)
    document.write_pdf(
        path,
        pdf_variant="pdf/a-3a",
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


class _Within(BaseHandler):
    """Opens no file outside of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def file_request(self, asked: Request) -> Request:
        path = Path(url2pathname(urlsplit(asked.full_url).path)).resolve()
        if not path.is_relative_to(self._folder):
            raise URLError(f"{path} is not in {self._folder}")
        return asked


def _fetcher(assets: Path) -> "URLFetcher":
    """What a page may ask for: data within it, and our own files."""
    fetcher = URLFetcher(allowed_protocols={"data", "file"}, allow_redirects=False, fail_on_errors=True)
    fetcher.add_handler(_Within(assets))
    return fetcher


@lru_cache(maxsize=1)
def _fonts(seconds: int) -> "FontConfiguration":
    """The fonts that one page after another is set in, unpacked once: that takes a second.

    They carry the date, so pages of another date get their own.
    """
    return FontConfiguration()


_ACCESSIBLE = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of the standard PDF/UA that the file meets</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
"""In the XMP of a file: it meets PDF/UA-1 (ISO 14289-1, 5), in terms that PDF/A must have explained to it
(ISO 19005-3, 6.6.2.3)."""

_RDF_END = b"</rdf:RDF>"


def _declare_accessible(metadata: Any) -> None:
    """Have the metadata of a document say that it meets PDF/UA-1 too."""
    generate = metadata.generate_rdf_metadata

    def with_both(*about: object) -> bytes:
        rdf: bytes = generate(*about)
        return rdf.replace(_RDF_END, _ACCESSIBLE + _RDF_END)

    metadata.generate_rdf_metadata = with_both


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
