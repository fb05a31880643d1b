"""Open answers in an export, and what coders write in a coding sheet."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

Written = Mapping[str, str]
"""Of one response, the columns that differ from what the simulation gave: `wish_text`, `language`."""


def write_answers(folder: Path, question: str, answers: Sequence[Written]) -> None:
    """Give the first responses of an export these answers, and the others none."""
    path = folder / "responses.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row[question], row[f"{question}_text"] = "-5", ""
    for row, answer in zip(rows, answers, strict=False):
        row.update({question: "1", **answer})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def rows_of(path: Path, sheet: str) -> list[dict[str, str]]:
    """The rows of a sheet, by the names of its columns; an empty cell is an empty text."""
    book = load_workbook(io.BytesIO(path.read_bytes()))
    heads, *rows = book[sheet].iter_rows(values_only=True)
    return [
        {str(head): "" if value is None else str(value) for head, value in zip(heads, row, strict=True)}
        for row in rows
    ]


@contextmanager
def edited(path: Path) -> Iterator[Any]:
    """The workbook, as somebody has it open; it is saved at the end."""
    book = load_workbook(io.BytesIO(path.read_bytes()))
    yield book
    book.save(path)


def fill(sheet: Any, answer: str, values: Mapping[str, object]) -> None:
    """Write in the row of this answer."""
    heads = [cell.value for cell in sheet[1]]
    (row,) = (row for row in sheet.iter_rows(min_row=2) if row[heads.index("antwoord")].value == answer)
    for name, value in values.items():
        row[heads.index(name)].value = value


def topics(book: Any, *rows: Sequence[str]) -> None:
    """Write lines into the list of topics: key, name, name in English, what belongs to it, principle."""
    for row in rows:
        book["Onderwerpen"].append(list(row))
