"""The PDFs are tagged, accessible and archival by the real validator, and the same every time."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
import pytest
from jinja2 import Template
from pypdf import PdfReader
from weasyprint.urls import FatalURLFetchingError

from analysis.reporting import report
from analysis.reporting.figures.making import HALF, Column, Figure, Line, Printed, Table, in_rows
from analysis.reporting.files import pdf
from analysis.reporting.files.themes import OURS
from analysis.reporting.phrases import phrases
from tests.analysis.verapdf import ARCHIVAL, validate

ASSETS = Path(__file__).parents[3] / "templates" / "report"
PAGE = """<!DOCTYPE html><html lang="nl"><head><meta charset="utf-8"><title>Proef</title>
<link rel="stylesheet" href="report.css"></head><body data-report="Proef" data-status="Gesimuleerd">
<h1>Een kop</h1><p>Tekst met <span lang="en">English words</span>.</p>
<svg xmlns="http://www.w3.org/2000/svg" width="40pt" height="20pt" viewBox="0 0 40 20"><title>Een vlak</title>
<rect x="0" y="0" width="40" height="20" fill="#0b4f6c"/></svg>
<table><caption>Een tabel</caption><thead><tr><th scope="col">Wijk</th><th scope="col">n</th></tr></thead>
<tbody><tr><th scope="row">Noord</th><td>31</td></tr></tbody></table></body></html>"""
DAY = 1_790_000_000
ATTACHED = pdf.Attached(name="bron.json", description="Waarvan dit is gemaakt", data=b"{}")


def elements(path: Path) -> list[pikepdf.Object]:
    found: list[pikepdf.Object] = []

    def visit(element: pikepdf.Object) -> None:
        if isinstance(element, pikepdf.Array):
            for part in element:
                visit(part)
        elif isinstance(element, pikepdf.Dictionary) and "/S" in element:
            found.append(element)
            visit(element.get("/K", pikepdf.Array()))

    with pikepdf.open(path) as document:
        visit(document.Root.StructTreeRoot.K)
        return [
            pikepdf.Dictionary({k: v for k, v in e.items() if k in ("/S", "/Lang", "/A", "/Alt")})
            for e in found
        ]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pdf") / "proef.pdf"
    assert pdf.write(PAGE, ASSETS, path, seconds=DAY, attached=[ATTACHED]) == 1
    return path


def test_a_page_passes_the_validator_and_an_untagged_one_does_not(page: Path, tmp_path: Path) -> None:
    untagged = tmp_path / "untagged.pdf"
    pdf.HTML(string=PAGE, base_url=f"{ASSETS}/").write_pdf(untagged)
    verdict = validate([page, untagged], ARCHIVAL)
    assert f"PASS {page}" in verdict
    assert f"FAIL {untagged}" in verdict
    assert "ua1 7.1-8" in verdict
    assert "3a 6.1.3-1" in verdict


def test_a_part_in_another_language_says_so(page: Path) -> None:
    assert [str(e.Lang) for e in elements(page) if "/Lang" in e] == ["en"]


def test_headers_of_rows_and_columns_have_their_scope(page: Path) -> None:
    scopes = [str(e.A.Scope) for e in elements(page) if e.S == "/TH"]
    assert scopes == ["/Column", "/Column", "/Row"]


def test_a_chart_has_its_title_as_alternative_text(page: Path) -> None:
    assert [str(e.Alt) for e in elements(page) if e.S == "/Figure"] == ["Een vlak"]


def test_the_same_page_gives_the_same_bytes_another_day(page: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.pdf"
    time.sleep(1.1)
    pdf.write(PAGE, ASSETS, again, seconds=DAY, attached=[ATTACHED])
    assert again.read_bytes() == page.read_bytes()


def test_pages_of_other_dates_and_words_in_between_leave_the_bytes_as_they_are(
    page: Path, tmp_path: Path
) -> None:
    """Fonts, which carry a date, are unpacked once for many pages."""
    other = PAGE.replace("Een kop", "Een \N{GREEK SMALL LETTER OMEGA} en Łódź")
    for seconds, html in ((DAY + 86_400, PAGE), (DAY, other), (DAY, PAGE)):
        pdf.write(html, ASSETS, tmp_path / "made.pdf", seconds=seconds, attached=[ATTACHED])
    assert (tmp_path / "made.pdf").read_bytes() == page.read_bytes()


def narrow(number: int, rows: int) -> Figure:
    """A table of half a page's width, with names that stand nowhere else."""
    return Figure(
        name=f"Tabel {number}",
        title=f"Titel{number}",
        what="In procenten",
        note="",
        table=Table(
            caption="",
            columns=(
                Column(label="Wijk", width=HALF - 12, style=""),
                Column(label="%", width=12),
                Column(label="n", on_page=False),
            ),
            lines=tuple(
                Line(label=(f"Rij{number}-{row}.",), cells=(Printed(text="1"), Printed(text="30")))
                for row in range(rows)
            ),
        ),
    )


def page_of(body: str) -> Template:
    """A document of its own with our templates in it."""
    return report._environment(phrases()["nl"], OURS).from_string(
        '<!DOCTYPE html><html lang="nl"><head><title>Proef</title>'
        f'<link rel="stylesheet" href="report.css"></head><body>{body}</body></html>'
    )


def test_two_tables_beside_each_other_are_printed_once_wherever_they_come_on_a_page(tmp_path: Path) -> None:
    places = range(150, 230, 10)
    page = page_of(
        '{% from "chapter.html" import figures with context %}{% for above, found in pages %}'
        '<section class="page"><div style="height: {{ above }}mm"></div>{{ figures(found) }}</section>'
        "{% endfor %}"
    )
    pages = [(above, (narrow(2 * above, 11), narrow(2 * above + 1, 5))) for above in places]
    path = tmp_path / "pairs.pdf"
    pdf.write(page.render(pages=pages, linked=str), ASSETS, path, seconds=DAY)
    texts = [page.extract_text() for page in PdfReader(path).pages]
    printed = re.findall(r"Titel\d+|Rij\d+-\d+", "".join(texts))
    assert sorted(printed) == sorted({*printed})
    assert len(printed) == len(places) * (2 + 11 + 5)
    for above in places:
        both = {
            number for number, text in enumerate(texts) for k in (0, 1) if f"Titel{2 * above + k}" in text
        }
        assert len(both) == 1


def test_tables_that_together_fit_on_no_page_stand_below_each_other() -> None:
    assert [len(row) for row in in_rows([narrow(1, 11), narrow(2, 20)])] == [2]
    assert [len(row) for row in in_rows([narrow(1, 11), narrow(2, 60)])] == [1, 1]


@pytest.mark.parametrize(
    "address",
    ["http://localhost:9/a.png", "../../pyproject.toml", "file:///etc/hostname", "fonts/../../../LICENSE"],
)
@pytest.mark.parametrize("asking", ['<img src="{}" alt="">', '<p style="background: url({})">Een</p>'])
def test_a_page_that_asks_for_something_outside_of_our_folder_is_not_made(
    tmp_path: Path, address: str, asking: str
) -> None:
    asked = PAGE.replace("</body>", f"{asking.format(address)}</body>")
    with pytest.raises(FatalURLFetchingError, match=re.escape(Path(address).name)):
        pdf.write(asked, ASSETS, tmp_path / "made.pdf", seconds=DAY)
    assert not (tmp_path / "made.pdf").exists()


def test_without_pango_the_message_has_the_command_that_installs_it(tmp_path: Path) -> None:
    broken = tmp_path / "libraries"
    broken.mkdir()
    for name in ("libpango-1.0.so.0", "libgobject-2.0.so.0"):
        (broken / name).write_bytes(b"no library")
    done = subprocess.run(
        [sys.executable, "-c", "from analysis.reporting.files import pdf\npdf.refuse_without_pango()"],
        env={"LD_LIBRARY_PATH": str(broken), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "PangoMissing" in done.stderr
    assert pdf.INSTALL_PANGO in done.stderr
