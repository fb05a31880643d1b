"""Every number in a sentence, a note, a chart or its description stands in a CSV file of the same run.

So an attack that reads the CSV files alone has read them all. The tables of PDFs, page and workbook are
compared with these files elsewhere; here it is what stands around them: titles, notes, alternative texts,
what is written in a chart, and the sentences of the report, its profiles, its summaries and the page.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element

import openpyxl
import pytest
import tinyhtml5

from analysis.__main__ import read_background
from analysis.reporting import report
from analysis.reporting.disclosure import MINIMUM_BASE
from analysis.reporting.files.table_book import CONTENTS, TABLES, WORKBOOK
from survey.questionnaires.folder import find_folder
from tests.analysis.reporting.test_published_files import numbers_in, numbers_of
from tests.analysis.reporting.test_report import PLAN, outcomes_of
from tests.analysis.simulated import write_simulated_export

SVG = "{http://www.w3.org/2000/svg}"
SPOKEN = ("alt", "aria-label", "title")
"""Attributes that are read aloud."""

Numbers = tuple[float, ...]


class Published:
    """The files of one run: pages by name, and the CSV files by the name of the figure."""

    def __init__(self, pages: Mapping[str, str], files: Mapping[str, bytes]) -> None:
        self.pages = {
            name: tinyhtml5.parse(html, namespace_html_elements=False) for name, html in pages.items()
        }
        self.files = files
        self.listed = {row["figuur"]: row for row in rows_of(files[f"{TABLES}/{CONTENTS}"])}
        self.tables = {
            name: table_of(files[f"{TABLES}/{row['bestand']}"]) for name, row in self.listed.items()
        }


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Of so few residents that some areas have too few answers, with employees and partners beside them."""
    folder = tmp_path_factory.mktemp("words")
    write_simulated_export(folder / "residents", invited=200, respondents=420)
    beside = [folder / "leiden-medewerkers", folder / "leiden-partners"]
    for export in beside:
        write_simulated_export(export, invited=300, respondents=150, definition=find_folder(export.name))
    residents = folder / "residents"
    made = report.reports(outcomes_of(residents, PLAN, beside), read_background(residents))
    files = report.data_files(made, "2026-W48")
    pages = {job.name: job.html for job in report.jobs(made)}
    return Published(pages | {report.PUBLIC: files[report.PUBLIC].decode()}, files)


def rows_of(data: bytes) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(data.decode()))]


def table_of(data: bytes) -> list[list[str]]:
    return [*csv.reader(io.StringIO(data.decode()))]


# --- figures --------------------------------------------------------------------------------------


def figures(name: str, page: Element) -> Iterator[tuple[str, Element]]:
    """The figures and tables of a page, by the name that the table book gives them."""
    area = re.search(r"WK\d+", name)
    for each in page.iter("div"):
        if "figure" in (each.get("class") or "").split():
            title = "".join(next(each.iter("p")).find("span").itertext()).rstrip(".")
            yield f"{area[0]} {title}" if area else title, each


def around(figure: Element) -> Iterator[str]:
    """What stands in a figure besides its number, the cells of its table and the numbers along an axis."""
    for each in figure:
        if each.tag in {"table", "style"} or each.get("class") == "number" or is_tick(each):
            yield each.tail or ""
            continue
        yield from (each.get(name, "") for name in SPOKEN)
        yield each.text or ""
        yield from around(each)
        yield each.tail or ""


def is_tick(text: Element) -> bool:
    drawn = (text.get("font-size"), text.get("font-weight"), text.get("text-anchor"))
    return text.tag == f"{SVG}text" and drawn == ("7.5", "400", "middle")


def in_files(published: Published, name: str, title: str) -> set[float]:
    """The numbers in the CSV files about what a figure is about, and in what the list says of these.

    A map, and a figure that is withheld, have no file of their own.
    """
    listed, beside = published.listed, f"Tabel bij {name.lower()}"
    own = listed.get(name) or listed.get(beside)
    subject = title.partition(":")[0].split(", per ")[0]
    about = {own["uitkomst"], *opening(own)} if own else {subject}
    same = {each for each, row in listed.items() if about & {row["uitkomst"], *opening(row)}}
    cells = [cell for each in same for line in published.tables[each] for cell in line]
    cells += [
        cell for table in published.tables.values() for line in table if subject in line for cell in line
    ]
    cells += [text for each in same for text in listed[each].values()]
    return {number for cell in cells for number in numbers_of_cell(cell)} | {float(MINIMUM_BASE)}


def opening(row: Mapping[str, str]) -> Iterator[str]:
    """What a figure is about, where its title or its question begins with that."""
    yield row["uitkomst"].partition(":")[0]
    yield row["vraag"].split(", per ")[0]


def numbers_of_cell(cell: str) -> list[float]:
    """In a CSV file a number has a point; in words it has a comma, as anywhere else."""
    try:
        return [abs(float(cell))]
    except ValueError:
        return numbers_in(cell)


def is_total(number: float, table: Sequence[list[str]]) -> bool:
    """Whether it is the share of two answers beside each other, who agree or not, but for its rounding."""
    found = ([*map(numbers_of_cell, line[1:])] for line in table[1:])
    pairs = ((one, other) for line in found for one, other in pairwise(line))
    return any(one and other and abs(one[0] + other[0] - number) <= 1 for one, other in pairs)


def test_every_number_in_a_figure_stands_in_its_file(published: Published) -> None:
    """Or is an estimate with its interval that stands in another one, as of residents beside employees."""
    estimates, _ = estimated(published.tables)
    read = 0
    for page_name, page in published.pages.items():
        for name, figure in figures(page_name, page):
            title = next(figure.iter("p"))
            known = in_files(published, name, "".join(title.itertext()).partition(". ")[2].strip())
            known |= {*numbers_in(name)}
            for text in around(figure):
                said = OUTLINES.sub("", text)
                left = DESCRIBED.sub(lambda found: "" if numbers(found) in estimates else found[0], said)
                for number in numbers_in(left):
                    read += 1
                    total = is_total(number, published.tables.get(name, ()))
                    assert number in known or total, (page_name, name, number, text)
    assert read > 2000


def test_the_workbook_says_no_number_around_a_table_that_is_in_no_file(published: Published) -> None:
    book = openpyxl.load_workbook(io.BytesIO(published.files[WORKBOOK]))
    for name, row in published.listed.items():
        known = {number for text in row.values() for number in numbers_in(text)}
        known |= {
            number for line in published.tables[name] for cell in line for number in numbers_of_cell(cell)
        }
        cells = [cell.value for line in book[name].iter_rows() for cell in line if cell.value is not None]
        assert {number for cell in cells for number in numbers_of(cell)} <= known, name


# --- sentences ------------------------------------------------------------------------------------


def sentences(page: Element) -> Iterator[str]:
    """What is said outside figures, each paragraph on one line."""
    for each in page:
        if "figure" in (each.get("class") or "").split() or each.tag in {"style", "script", "table"}:
            continue
        if each.tag in {"p", "li", "dd", "h1", "h2", "h3"}:
            yield " ".join(" ".join(each.itertext()).split())
        else:
            yield from sentences(each)


def estimated(tables: Mapping[str, list[list[str]]]) -> tuple[set[Numbers], set[Numbers]]:
    """Figures with their intervals, and intervals with their numbers of answers."""
    figures, bases = set(), set()
    for heads, *lines in tables.values():
        places = [place for place, head in enumerate(heads) if head.endswith("marge, van")]
        for line in lines:
            found = [numbers_of_cell(cell)[:1] for cell in line]
            for place in places:
                value = place - 2 if heads[place - 1].endswith(", uitleg") else place - 1
                triple = [number for each in (value, place, place + 1) for number in found[each]]
                if len(triple) == 3:
                    figures.add(tuple(triple))
                    bases |= {(*triple[1:], n) for cell in found for n in cell}
    return figures, bases


def numbers(found: re.Match[str]) -> Numbers:
    return tuple(number for text in found.groups() for number in numbers_in(text))


NUMBER = r"(\d+(?:,\d+)?)"
FIGURE = re.compile(rf"{NUMBER}%? [^%;]*?\((?:[^)]*; )?marge {NUMBER} tot {NUMBER}\)")
DESCRIBED = re.compile(rf"{NUMBER}(?: procent)?, marge {NUMBER} tot {NUMBER}")
OUTLINES = re.compile(r"Kaart: [^.]*")
"""Where the outlines on a map are from, and of which year."""
BASE = re.compile(rf"\({NUMBER}–{NUMBER}; n = ([\d.]+)\)")
ANSWERS = re.compile(rf"tussen {NUMBER}%? en {NUMBER}%? ?([\d.]+) antwoorden")


def test_every_figure_in_a_sentence_stands_in_a_file_with_its_interval(published: Published) -> None:
    estimates, bases = estimated(published.tables)
    read = 0
    for page in published.pages.values():
        for sentence in sentences(page):
            for pattern, known in ((FIGURE, estimates), (BASE, bases), (ANSWERS, bases)):
                for found in pattern.finditer(sentence):
                    read += 1
                    assert numbers(found) in known, sentence
    assert read > 20


def test_every_number_of_answers_in_a_sentence_stands_in_a_file(published: Published) -> None:
    cells = {cell for table in published.tables.values() for line in table for cell in line}
    known = {number for cell in cells for number in numbers_of_cell(cell)}
    read = 0
    for page in published.pages.values():
        for sentence in sentences(page):
            for found in re.findall(r"n = ([\d.]+)|([\d.]+) (?:antwoorden|mensen)", sentence):
                (number,) = numbers_in("".join(found))
                read += 1
                assert number in known, sentence
    assert read > 20
