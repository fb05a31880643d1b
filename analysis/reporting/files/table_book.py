"""The table book: the data behind every figure, as a workbook and as CSV.

Both hold what the pages print and nothing else, so they tell no more than these do. What is a number on paper
is one here: the signs around it, and why there is none, stand in a column of flags beside it.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec import Struct
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from analysis.reporting.figures.making import Figure, Printed, Table
from analysis.reporting.phrases import Phrases, later

WORKBOOK = "tabellenboek.xlsx"
TABLES = "tabellen"
CONTENTS = "inhoud.csv"

UNNAMED = later("vergelijking")
"""A column without a heading holds marks."""

Value = str | int | float | None
"""None: nothing can be said here."""

_MEAN_OR_SHARE = later("{name} (% of gemiddelde)")

_SIGNED = r"([+\u2212]?[\d.,]+)"
_NOTHING = "\u2013"


class Sheet(Struct, frozen=True, kw_only=True):
    """A figure as data. `name` is unique in the book; the first column of `rows` is the label of a line.

    `legend` says what its columns hold.
    """

    name: str
    title: str
    question: str
    note: str
    legend: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    @property
    def file(self) -> str:
        return f"{self.name.lower().replace(' ', '-')}.csv"


def sheets(phrases: Phrases, figures: Sequence[Figure], owner: str = "") -> Iterator[Sheet]:
    """One for every figure with a table; `owner` comes before the names, such as the code of an area."""
    for figure in figures:
        if figure.table is not None:
            columns, legend, rows = _data(phrases, figure.table)
            yield Sheet(
                name=f"{owner} {figure.name}".strip(),
                title=figure.title,
                question=figure.what,
                note=_note(phrases, figure),
                legend=legend,
                columns=columns,
                rows=rows,
            )


def _note(phrases: Phrases, figure: Figure) -> str:
    if not figure.sources:
        return figure.note
    named = phrases.say("Bronnen van de eerdere cijfers: {sources}.", sources=figure.sources)
    return f"{figure.note} {named}"


def value(phrases: Phrases, text: str) -> Value:
    """The number that is printed (in Dutch 1.818, 7,1, 61%, −3), else the text; a dash is nothing."""
    if text == _NOTHING or not text:
        return None
    number = phrases.number(text.removesuffix("%"))
    return text if number is None else number


def _from_to(phrases: Phrases) -> re.Pattern[str]:
    """Both ends of an interval, as figures and sentences print it: 58–64, −0,2 tot +0,4."""
    in_words = phrases.say("{low} tot {high}", low=_SIGNED, high=_SIGNED)
    return re.compile(rf"(?:{_SIGNED}\u2013{_SIGNED}|{in_words})%?")


_FROM_TO = later("‘van’ en ‘tot’: de laagste en de hoogste waarde, bij een marge de twee einden daarvan.")
_FLAGGED = later(
    "‘uitleg’: wat bij het cijfer ernaast hoort, zoals hoger, lager of indicatief, of waarom daar geen "
    "cijfer staat; <5 is minder dan 5 mensen."
)
_PERCENT = later("‘%’: procenten, 61 is 61%.")
_ANSWERS = later("‘n’: het aantal antwoorden.")
_EMPTY = later("Een lege cel: hier is geen cijfer.")


class _Column(NamedTuple):
    """A printed column: one of values, or two of intervals (58–64), and one of flags if there are any.

    `legend`: what is to be said of these columns.
    """

    names: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    legend: tuple[str, ...]


def _data(phrases: Phrases, table: Table) -> tuple[tuple[str, ...], str, tuple[tuple[Value, ...], ...]]:
    """Names of columns, what they hold, and a row for every line.

    A heading of lines becomes a column of its own.
    """
    group, labels, cells = "", [], []
    for line in table.lines:
        if line.style == "group":
            group = _plain(" ".join(line.label))
            continue
        labels.append((group, _plain(" ".join(line.label))))
        cells.append(line.cells)
    first, *others = (
        _plain(column.in_files or ": ".join(filter(None, (column.group, column.label))))
        for column in table.columns
    )
    columns = [
        _column(phrases, name or phrases.say(UNNAMED), column)
        for name, column in zip(others, zip(*cells, strict=True), strict=True)
    ]
    grouped = any(group for group, _ in labels)
    names = (
        *([phrases.say("Rubriek")] if grouped else []),
        first or phrases.say("Naam"),
        *(n for each in columns for n in each.names),
    )
    rows = tuple(
        (
            *label[0 if grouped else 1 :],
            *(number for column in columns for number in column.values[place]),
        )
        for place, label in enumerate(labels)
    )
    kinds = {kind for column in columns for kind in column.legend}
    legend = (each for each in (_PERCENT, _ANSWERS, _FROM_TO, _FLAGGED) if each in kinds)
    return names, " ".join(phrases.say(each) for each in (*legend, _EMPTY)), rows


def _plain(text: str) -> str:
    """Without what only a page needs: places to break a word, and the sign before "gelijk"."""
    return text.replace("\u00ad", "").removeprefix("= ").strip()


def _column(phrases: Phrases, name: str, cells: Sequence[Printed]) -> _Column:
    texts = [_plain(cell.bare or cell.text) for cell in cells]
    names, values, kinds = _bounds(phrases, name, texts) or _single(phrases, name, texts)
    numbers = any(isinstance(each, int | float) for row in values for each in row)
    flags = [
        _plain(cell.said) or (text if isinstance(row[0], str) and (numbers or text.startswith("<")) else "")
        for cell, text, row in zip(cells, texts, values, strict=True)
    ]
    if not any(flags):
        return _Column(names, values, kinds)
    return _Column(
        (*names, phrases.say("{name}, uitleg", name=name)),
        tuple(
            (*(None if isinstance(each, str) else each for each in row), flag or None)
            for row, flag in zip(values, flags, strict=True)
        ),
        (*kinds, _FLAGGED),
    )


def _single(phrases: Phrases, name: str, texts: Sequence[str]) -> _Column:
    values = tuple((value(phrases, text),) for text in texts)
    shares = {
        text.endswith("%")
        for text, (each,) in zip(texts, values, strict=True)
        if isinstance(each, int | float)
    }
    if shares == {True, False}:
        name = phrases.say(_MEAN_OR_SHARE, name=name)
    elif shares == {True} and "%" not in name:
        name = f"{name} (%)"
    kinds = (({"%", "(%)", "(%"}, _PERCENT), ({"n", "(n)"}, _ANSWERS))
    legend = tuple(said for signs, said in kinds if signs & {*name.split()})
    return _Column((name,), values, legend)


def _bounds(phrases: Phrases, name: str, texts: Sequence[str]) -> _Column | None:
    """Two columns where there are intervals; a number beside these is both of its ends."""
    pattern = _from_to(phrases)
    found = [pattern.fullmatch(text) for text in texts]
    values = tuple(
        (each := value(phrases, text), each)
        if interval is None
        else tuple(value(phrases, end) for end in interval.groups() if end)
        for text, interval in zip(texts, found, strict=True)
    )
    if not any(found) or any(isinstance(end, str) for ends in values for end in ends):
        return None
    names = phrases.say("{name}, van", name=name), phrases.say("{name}, tot", name=name)
    return _Column(names, values, (_FROM_TO,))


def csv_files(phrases: Phrases, book: Sequence[Sheet]) -> dict[str, bytes]:
    """A file for every sheet, and one that says what each of them is about, itself first."""
    opened = phrases.say(
        "In Excel: kies ‘Gegevens’ en dan ‘Van tekst/CSV’. Kies een komma als scheidingsteken, UTF-8 als "
        "oorsprong van het bestand, en een punt als decimaalteken (bij ‘Gegevens transformeren’: Engels)."
    )
    contents = [
        (CONTENTS, phrases.say("Inhoud"), phrases.say("Wat in elk bestand staat"), None, opened, None),
        *((each.file, each.name, each.title, each.question, each.note, each.legend) for each in book),
    ]
    files = {
        CONTENTS: _csv(
            (
                phrases.say("bestand"),
                phrases.say("figuur"),
                phrases.say("uitkomst"),
                phrases.say("vraag"),
                phrases.say("toelichting"),
                phrases.say("kolommen"),
            ),
            contents,
        )
    }
    return files | {sheet.file: _csv(sheet.columns, sheet.rows) for sheet in book}


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _harmless(cell: Value) -> Value:
    """A spreadsheet takes a text that begins with = and the like for a formula; not after an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def workbook(  # noqa: PLR0913 - a book has sheets, a cover and a date
    phrases: Phrases, book: Sequence[Sheet], title: str, status: str, *, links: str, seconds: int
) -> bytes:
    """The sheets after a list of contents.

    `links` is the colour of links as #rrggbb, `seconds` since 1970 the date in the file.
    """
    data = io.BytesIO()
    made = Workbook(data, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    made.set_properties(
        {"title": title, "comments": status, "created": datetime.fromtimestamp(seconds, tz=UTC)}
    )
    styles = _Styles(
        strong=made.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
        head=made.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}),
        text=made.add_format({"text_wrap": True, "valign": "top"}),
        link=made.add_format({"underline": 1, "font_color": links, "valign": "top"}),
    )
    _contents(phrases, made.add_worksheet(phrases.say("Inhoud")), book, (title, status), styles)
    for sheet in book:
        _sheet(made.add_worksheet(sheet.name), sheet, styles)
    made.close()
    return data.getvalue()


class _Styles(NamedTuple):
    strong: Format
    head: Format
    text: Format
    link: Format


def _contents(
    phrases: Phrases, page: Worksheet, book: Sequence[Sheet], about: Sequence[str], styles: _Styles
) -> None:
    page.set_column(0, 0, 24)
    page.set_column(1, 2, 70)
    lines = [text for text in about if text]
    for row, text in enumerate(lines):
        page.write_string(row, 0, text, styles.head if row == 0 else None)
    start = len(lines) + 1
    for column, name in enumerate((phrases.say("Blad"), phrases.say("Uitkomst"), phrases.say("Vraag"))):
        page.write_string(start, column, name, styles.head)
    for row, sheet in enumerate(book, start=start + 1):
        page.write_url(row, 0, f"internal:'{sheet.name}'!A1", styles.link, sheet.name)
        page.write_string(row, 1, sheet.title, styles.text)
        page.write_string(row, 2, sheet.question, styles.text)
    page.freeze_panes(start + 1, 1)


def _sheet(page: Worksheet, sheet: Sheet, styles: _Styles) -> None:
    page.set_column(0, 0, 48)
    page.set_column(1, max(1, len(sheet.columns) - 1), 16)
    page.write_string(0, 0, sheet.title, styles.strong)
    page.write_string(1, 0, sheet.question, styles.text)
    for column, name in enumerate(sheet.columns):
        page.write_string(3, column, name, styles.head)
    for row, cells in enumerate(sheet.rows, start=4):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                page.write_string(row, column, cell, styles.text)
            elif cell is not None:
                page.write_number(row, column, cell)
    page.write_string(5 + len(sheet.rows), 0, sheet.note, styles.text)
    page.write_string(6 + len(sheet.rows), 0, sheet.legend, styles.text)
    page.freeze_panes(4, 1)
