"""What is published beside the PDFs: the table book, its CSV files, and the page for the web."""

import csv
import io
import re
import shutil
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import openpyxl
import pytest
import tinyhtml5
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader

from analysis.__main__ import read_background
from analysis.reporting import report
from analysis.reporting.charts.plots import palette
from analysis.reporting.figures.making import Column, Figure, Line, Printed, Table
from analysis.reporting.files.table_book import CONTENTS, TABLES, WORKBOOK, csv_files, sheets, value
from analysis.reporting.phrases import phrases
from analysis.reporting.report import Reports
from tests.analysis.reporting.test_report import PLAN, outcomes_of
from tests.analysis.simulated import write_simulated_export
from tests.journeys.inspection import faults_of_page, pale_in_the_dark
from tests.validator import faults_of_html

DUTCH = phrases()["nl"]
WEEK = "2026-W48"
WIDTHS = (320, 360, 1280)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """So few respondents that some areas have too few answers."""
    folder = tmp_path_factory.mktemp("published") / "export"
    write_simulated_export(folder, invited=200, respondents=420)
    return report.reports(outcomes_of(folder, PLAN), read_background(folder))


@pytest.fixture(scope="module")
def files(made: Reports) -> dict[str, bytes]:
    return report.data_files(made, WEEK)


@pytest.fixture(scope="module")
def folder(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    (out / TABLES).mkdir()
    for name, data in files.items():
        (out / name).write_bytes(data)
    return out


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    """The page as it lies on a disk, in a browser that notes whatever it asks of elsewhere."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        found = chromium.new_page()
        asked: list[str] = []
        found.on("request", lambda request: asked.append(request.url))
        found.goto((folder / report.PUBLIC).as_uri())
        yield found
        chromium.close()
    elsewhere = [url for url in asked if not url.startswith(("file:", "data:"))]
    assert elsewhere == []


def printed_tables(made: Reports) -> dict[str, list[list[str]]]:
    """The cells of the tables in the pages that become PDFs, by figure, read from their HTML."""
    tables = {}
    for job in report.jobs(made):
        document = tinyhtml5.parse(job.html, namespace_html_elements=False)
        area = re.search(r"WK\d+", job.name)
        for figure in document.iter("div"):
            if "figure" not in (figure.get("class") or "").split():
                continue
            name = "".join(next(figure.iter("p")).find("span").itertext()).rstrip(".")
            rows = [
                ["".join(cell.itertext()) for cell in row.iter("td")]
                for row in figure.iter("tr")
                if row.find("td") is not None
            ]
            if rows:
                tables[f"{area[0]} {name}" if area else name] = rows
    return tables


def numbers_in(text: str) -> list[float]:
    """Those in a Dutch text, without their signs."""
    found = re.findall(r"\d+(?:\.\d{3})*(?:,\d+)?", text)
    return [float(number.replace(".", "").replace(",", ".")) for number in found]


def numbers_of(cell: object) -> list[float]:
    return numbers_in(cell) if isinstance(cell, str) else [abs(float(str(cell)))]


def test_the_workbook_holds_every_number_that_is_printed_and_no_other(
    made: Reports, files: dict[str, bytes]
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files[WORKBOOK]))
    printed = printed_tables(made)
    assert set(book.sheetnames) == {"Inhoud", *printed}
    assert len(printed) > 100
    more = dict(only_in_files(made))
    for name, rows in printed.items():
        page = book[name]
        labels = 2 if page["A4"].value == "Rubriek" else 1
        heads, *found = list(page.iter_rows(min_row=4, values_only=True))[: len(rows) + 1]
        for texts, cells in zip(rows, found, strict=True):
            in_book = [
                number
                for place, cell in enumerate(cells)
                if place >= labels and cell is not None and not repeats(heads, cells, place)
                if str(heads[place]).removesuffix(", uitleg") not in more[name]
                for number in numbers_of(cell)
            ]
            assert in_book == [number for text in texts for number in numbers_in(text)], (name, texts)


def test_a_file_has_the_totals_that_a_chart_of_agreement_has_beside_its_bars(
    made: Reports, files: dict[str, bytes]
) -> None:
    """A title says them, and they are no sum of the rounded answers."""
    book = openpyxl.load_workbook(io.BytesIO(files[WORKBOOK]))
    charts = [each for each in made.main.figures if each.svg and "geen van beide" in each.svg]
    assert len(charts) > 3
    for figure in charts:
        head, *rows = book[figure.name].iter_rows(min_row=4, values_only=True)
        places = [head.index(name) for name in ("eens (samen)", "oneens (samen)")]
        beside = re.findall(r'font-weight="700"[^>]*>(\d+)%?<', str(figure.svg))
        disagree_and_agree = zip(beside[::2], beside[1::2], strict=True)
        found = [tuple(str(row[place]) for place in places) for row in rows if row[places[0]] is not None]
        assert found == [(agree, disagree) for disagree, agree in disagree_and_agree], figure.name


def only_in_files(made: Reports) -> Iterator[tuple[str, set[str]]]:
    """The columns of every figure that no page has, by the name of its sheet."""
    of_areas = [(f"{profile.area.code} ", figure) for profile in made.profiles for figure in profile.figures]
    for owner, figure in (*(("", figure) for figure in made.main.figures), *of_areas):
        columns = figure.table.columns if figure.table else ()
        heads = {f"{each.group}: {each.label}".removeprefix(": ") for each in columns if not each.on_page}
        yield f"{owner}{figure.name}", heads


def repeats(heads: Sequence[object], cells: Sequence[object], place: int) -> bool:
    """Whether a number stands there again, as both ends of a range of no width."""
    ends = str(heads[place]).endswith(", tot") and str(heads[place - 1]).endswith(", van")
    return ends and "marge, " not in str(heads[place]) and cells[place] == cells[place - 1]


def test_a_column_holds_numbers_or_texts_and_what_is_said_of_a_number_stands_beside_it(
    made: Reports, files: dict[str, bytes]
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files[WORKBOOK]))
    said = set()
    for sheet in made.book:
        for head, *values in zip(*book[sheet.name].iter_rows(min_row=4, values_only=True), strict=True):
            column = values[: len(sheet.rows)]
            kinds = {isinstance(each, str) for each in column if each is not None}
            assert len(kinds) < 2, (sheet.name, head)
            if str(head).endswith(", uitleg"):
                said |= {*column}
                assert "‘uitleg’" in sheet.legend
    wanted = {"▲ hoger (indicatief)", "gelijk", "te weinig", "te weinig antwoorden", "beschermd"}
    assert wanted <= said


def contents_of(files: dict[str, bytes]) -> list[dict[str, str]]:
    """What the list of files says of each, but for itself, which stands first."""
    own, *others = csv.DictReader(io.StringIO(files[f"{TABLES}/{CONTENTS}"].decode()))
    assert own["bestand"] == CONTENTS
    assert "komma als scheidingsteken" in own["toelichting"]
    return others


def test_every_figure_of_a_question_has_its_number_of_answers(made: Reports, files: dict[str, bytes]) -> None:
    listed = contents_of(files)
    tables = {
        row["figuur"]: list(csv.DictReader(io.StringIO(files[f"{TABLES}/{row['bestand']}"].decode())))
        for row in listed
    }
    counted = 0
    for row in listed:
        if "n" in dict(only_in_files(made)).get(row["figuur"], ()):
            ((number, few),) = {(line["n"], line.get("n, uitleg")) for line in tables[row["figuur"]]}
            counted += 1
            shown = DUTCH.whole(int(number)) if number else few
            said = f"n = {shown}" if shown else "niet getoond"
            assert said in f"{row['vraag']} {row['toelichting']}", row["figuur"]
            assert "‘n’" in row["kolommen"]
    assert counted > 30
    annex = {row["uitkomst"]: tables[row["figuur"]] for row in listed}
    matrices = [table for table in tables.values() if len(table[0]) > 12 and "Wijk" in table[0]]
    assert matrices
    for line in (line for table in matrices for line in table):
        for head in (head for head in line if head.endswith(": n")):
            (own,) = (each for each in annex[head.removesuffix(": n")] if each["Wijk"] == line["Wijk"])
            assert line[head] == own["n"], head


def test_csv_files_hold_what_the_workbook_holds(made: Reports, files: dict[str, bytes]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files[WORKBOOK]))
    listed = contents_of(files)
    assert [row["figuur"] for row in listed] == book.sheetnames[1:]
    for row in listed:
        assert all(text for head, text in row.items() if head != "toelichting")
        lines = list(csv.reader(io.StringIO(files[f"{TABLES}/{row['bestand']}"].decode())))
        page = book[row["figuur"]]
        assert page["A1"].value == row["uitkomst"]
        assert row["kolommen"] in {cell.value for cell in page["A"]}
        cells = [[cell.value for cell in line[: len(lines[0])]] for line in page.iter_rows(min_row=4)]
        for line, values in zip(lines, cells, strict=False):
            for text, cell in zip(line, values, strict=True):
                assert float(text) == cell if isinstance(cell, int | float) else text.strip() == (cell or "")


def test_made_again_every_file_is_the_same(made: Reports, files: dict[str, bytes]) -> None:
    assert report.data_files(made, WEEK) == files


def test_nothing_with_too_few_answers_is_in_a_file(made: Reports, files: dict[str, bytes]) -> None:
    suppressed = [
        (sheet, row) for sheet in made.book for row in sheet.rows if "te weinig" in " ".join(map(str, row))
    ]
    assert suppressed, "the export of this test must be small enough"
    for sheet, row in suppressed:
        if "interval" not in sheet.name and row[-1] == "te weinig":
            assert all(cell is None or isinstance(cell, str) for cell in row[1:-1] if cell != row[1]), row


@given(
    number=st.integers(-99_999_999, 99_999_999), places=st.integers(1, 4), tag=st.sampled_from(["nl", "en"])
)
def test_a_printed_number_is_read_back_as_that_number(number: int, places: int, tag: str) -> None:
    spoken = phrases()[tag]
    assert value(spoken, spoken.whole(abs(number))) == abs(number)
    assert value(spoken, f"{abs(number) % 101}%") == abs(number) % 101
    assert value(spoken, spoken.signed(number / 10**places, places)) == number / 10**places


@pytest.mark.parametrize(
    "text", ["te weinig", "<5", "▲ hoger", "Q42a", "12 tot 24 jaar", "2024-01-01", "1 mei"]
)
def test_words_stay_words(text: str) -> None:
    assert value(DUTCH, text) == text


def test_a_dash_is_nothing_and_an_interval_two_numbers() -> None:
    table = Table(
        caption="",
        columns=(Column(label="Wijk"), Column(label="%"), Column(label="marge"), Column(label="")),
        lines=(
            Line(label=("Oost",), style="group"),
            Line(label=("Rand", "weg"), cells=tuple(Printed(text=text) for text in ("61", "58–64", "="))),
            Line(label=("Kern",), cells=tuple(Printed(text=text) for text in ("–", "–", "=1+1"))),
        ),
    )
    figure = Figure(name="Figuur 1", title="t", what="w", note="n", table=table)
    (sheet,) = sheets(DUTCH, [figure], "WK1")
    assert sheet.name == "WK1 Figuur 1"
    assert sheet.columns == ("Rubriek", "Wijk", "%", "marge, van", "marge, tot", "vergelijking")
    assert sheet.rows == (("Oost", "Rand weg", 61, 58, 64, "="), ("Oost", "Kern", None, None, None, "=1+1"))
    assert sheet.legend == (
        "‘%’: procenten, 61 is 61%. ‘van’ en ‘tot’: de laagste en de hoogste waarde, bij een marge de twee "
        "einden daarvan. Een lege cel: hier is geen cijfer."
    )
    line = csv_files(DUTCH, [sheet])["wk1-figuur-1.csv"].decode().splitlines()[2]
    assert line == "Oost,Kern,,,,'=1+1"


def test_every_column_of_a_file_has_a_name_of_its_own_and_no_cell_has_what_only_a_page_needs(
    files: dict[str, bytes],
) -> None:
    named = {name: data.decode() for name, data in files.items() if name.endswith(".csv")}
    assert len(named) > 100
    for name, text in named.items():
        heads, *lines = csv.reader(io.StringIO(text))
        assert len({*heads}) == len(heads), (name, heads)
        for cell in (*heads, *(cell for line in lines for cell in line)):
            assert cell == cell.strip(), (name, cell)
            assert "\u00ad" not in cell, (name, cell)


def test_a_column_says_whether_it_holds_percentages_averages_or_both(files: dict[str, bytes]) -> None:
    heads = {
        head: name
        for name, data in files.items()
        if name.endswith(".csv")
        for head in next(csv.reader(io.StringIO(data.decode())))
    }
    assert "Weet waar je voor contact terechtkunt (%)" in heads
    assert "Sociale samenhang in de buurt (0-10) (gem.)" in heads
    assert "uitkomst (% of gemiddelde)" in heads
    assert {"uitkomst: marge, van", "verschil: marge, van"} <= {*heads}


def test_what_stands_around_a_number_or_in_its_place_has_a_column_of_its_own() -> None:
    cells = (
        Printed(text="▲ 65*", bare="65", said="▲ hoger (indicatief)"),
        Printed(text="–", said="beschermd"),
        Printed(text="<5"),
        Printed(text="7,1"),
    )
    table = Table(
        caption="",
        columns=(
            Column(label="Wijk", width=69),
            Column(label="%", width=12),
            Column(label="n", on_page=False),
        ),
        lines=tuple(Line(label=("Rand",), cells=(each, Printed(text="10 tot 12"))) for each in cells),
    )
    assert table.on_page.columns == table.columns[:2]
    assert table.narrow
    assert table.width == 81
    assert [line.cells for line in table.on_page.lines] == [(each,) for each in cells]
    (sheet,) = sheets(DUTCH, [Figure(name="Tabel 1", title="t", what="w", note="n", table=table)])
    assert sheet.columns == ("Wijk", "%", "%, uitleg", "n, van", "n, tot")
    assert [row[1:3] for row in sheet.rows] == [
        (65, "▲ hoger (indicatief)"),
        (None, "beschermd"),
        (None, "<5"),
        (7.1, None),
    ]
    assert {row[3:] for row in sheet.rows} == {(10, 12)}


def test_the_page_is_valid_html_and_its_links_lead_somewhere(folder: Path, made: Reports) -> None:
    # The validator knows no logical properties of CSS, which every browser does.
    faults = faults_of_html(folder / report.PUBLIC)
    assert [each for each in faults if not each["message"].startswith("CSS:")] == []
    text = (folder / report.PUBLIC).read_text(encoding="utf-8")
    ids = set(re.findall(r' id="([^"]+)"', text))
    printed = {job.name for job in report.jobs(made)}
    for link in re.findall(r'href="([^"]+)"', text):
        there = link in printed or (folder / link).is_file()
        assert link[1:] in ids if link.startswith("#") else there, link
    assert "Gesimuleerde antwoorden, geen echte uitkomsten" in text
    assert printed <= {*re.findall(r'href="([^"]+\.pdf)"', text)}


def test_a_headline_figure_has_its_question_with_its_period(folder: Path) -> None:
    text = unescape((folder / report.PUBLIC).read_text(encoding="utf-8"))
    asked = re.findall(r'<dt>[^<]+<span class="asked">([^<]+)</span></dt>', text)
    assert len(asked) == 5
    assert (
        "Q15: ‘Had u hulp of een activiteit nodig, maar kreeg u die niet? In de laatste 12 maanden’." in asked
    )


def test_the_page_is_accessible_and_needs_no_network(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert faults_of_page(page) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        tops = page.evaluate("""() => [...document.querySelectorAll('.numbers dd')].map(
            each => each.getBoundingClientRect().top)""")
        assert (len({*tops}) == 1) == (width == 1280)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), width
    assert page.evaluate("() => [...document.fonts].some(font => font.status === 'loaded')")


def boxes(page: Page, chosen: str) -> int:
    """How many of the boxes that a table or chart may be scrolled in are like that."""
    return int(page.evaluate(f"() => [...document.querySelectorAll('.wide')].filter(box => {chosen}).length"))


SCROLLED = "box.scrollWidth > box.clientWidth"


def test_a_keyboard_stops_at_what_must_be_scrolled_and_nowhere_else(page: Page) -> None:
    """On a wide screen nothing is wider than its place; the first stop leads past the contents."""
    page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true })")
    for width in (1280, 992, 320):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(f"""() => [...document.querySelectorAll('.wide')].every(
            box => box.hasAttribute('tabindex') === ({SCROLLED}))""")
        assert (boxes(page, SCROLLED) > 10) == (width == 320), width
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('main') !== null")


def test_a_shade_shows_where_a_chart_can_be_scrolled_on_until_its_end(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    box = page.locator(".wide:has(> svg)").first
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    width = box.evaluate("box => box.clientWidth")

    def edges() -> tuple[bool, bool]:
        """Whether there is a shade at the left and at the right, above the drawing."""
        with Image.open(io.BytesIO(box.screenshot())) as picture:
            seen = picture.convert("RGB")
            left, right = (seen.getpixel((place, 2)) != (255, 255, 255) for place in (0, width - 1))
        return left, right

    assert edges() == (False, True)
    box.evaluate("box => box.scrollTo(box.scrollWidth, 0)")
    assert edges() == (True, False)


@pytest.mark.parametrize(("media", "width"), [("screen", 1280), ("screen", 900), ("print", 800)])
def test_every_row_of_a_table_ends_at_a_rule_of_the_plot_beside_it(
    page: Page, media: Literal["print", "screen"], width: int
) -> None:
    page.emulate_media(media=media)
    page.set_viewport_size({"width": width, "height": 800})
    apart = page.evaluate("""() => [...document.querySelectorAll('.tableplot')].map(figure => {
        const ends = chosen => [...figure.querySelectorAll(chosen)].map(
            each => each.getBoundingClientRect().bottom);
        const rules = ends('svg line');
        return Math.max(...ends('tbody tr').map(
            row => Math.min(...rules.map(rule => Math.abs(rule - row)))));
    })""")
    assert len(apart) > 50
    assert max(apart) < 1.5


def test_without_scripts_everything_is_there_and_can_be_scrolled_by_keyboard(page: Page) -> None:
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_page(java_script_enabled=False, viewport={"width": 320, "height": 800})
    plain.goto(page.url)
    assert plain.locator(".wide").count() == plain.locator(".wide[tabindex='0']").count() > 100
    assert plain.locator("script").count() == 1
    plain.locator("summary").first.click()
    assert plain.locator("details table").first.is_visible()


def test_a_screen_reader_hears_a_figure_below_its_section_and_a_chart_by_what_it_shows(page: Page) -> None:
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    heard = [node for node in tree if not node["ignored"]]

    def of(role: str) -> list[dict[str, Any]]:
        return [node for node in heard if node["role"]["value"] == role]

    levels = [
        next(each["value"]["value"] for each in node["properties"] if each["name"] == "level")
        for node in of("heading")
    ]
    assert all(level <= before + 1 for before, level in pairwise(levels))
    assert {1, 2, 3, 4} == {*levels}
    charts = of("image")
    assert len(charts) > 50
    assert all(len(node["name"]["value"]) > 10 and node["description"]["value"] for node in charts)
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert len(of(landmark)) == 1
    assert of("region") == []
    tables = [node["name"]["value"] for node in of("table")]
    assert len(tables) > 100
    assert all(re.fullmatch(r"Tabel \d+|Tabel bij figuur \d+.*", name) for name in tables)
    named = [node for node in of("group") if node["name"]["value"]]
    assert len(named) == page.locator(".wide:not(details *)").count()


def test_a_print_has_every_table_below_its_chart(page: Page, tmp_path: Path) -> None:
    captions = page.locator("details caption").all_text_contents()
    assert len(captions) > 5
    page.pdf(path=tmp_path / "print.pdf", format="A4", margin=dict.fromkeys(("left", "right"), "12mm"))
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(tmp_path / "print.pdf").pages).split())
    assert all(caption in text for caption in captions)
    assert "(CSV)" not in text
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 800})
    assert boxes(page, SCROLLED) == 0
    assert page.locator(".tableplot svg").first.is_visible()


COLOURS_OF_CHARTS = """() => [...document.querySelectorAll('svg *')].flatMap(one =>
    ['fill', 'stroke'].filter(part => /^#/.test(one.getAttribute(part) ?? '')).map(part =>
        [one.getAttribute(part), getComputedStyle(one)[part]]))"""


def test_the_page_and_its_charts_have_dark_colours(page: Page) -> None:
    """On a screen; a print stays on paper."""
    page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert pale_in_the_dark(page) == []
    light, dark = (
        palette((report.ASSETS / name).read_text(encoding="utf-8")) for name in ("report.css", "dark.css")
    )
    wanted = {rgb(light[name]): rgb(dark[name]) for name in light}
    for scheme, medium in (("dark", "screen"), ("dark", "print"), ("light", "screen")):
        page.emulate_media(color_scheme=scheme, media=medium)
        turned = (scheme, medium) == ("dark", "screen")
        paper = page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor")
        assert paper == rgb((dark if turned else light)["paper"])
        found = page.evaluate(COLOURS_OF_CHARTS)
        assert len(found) > 1000
        for written, shown in {(a, b) for a, b in found}:
            assert shown == (wanted[rgb(written)] if turned else rgb(written)), written


def rgb(colour: str) -> str:
    return "rgb({}, {}, {})".format(*(int(colour[place : place + 2], 16) for place in (1, 3, 5)))
