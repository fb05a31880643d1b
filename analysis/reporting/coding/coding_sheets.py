"""The coding sheet: a workbook in which people give open answers their topics, and choose quotes.

It is made from an export and kept by people, so whatever they wrote in it stays. No message names a word of
an answer: only sheets, rows and columns.
"""

import hashlib
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from zipfile import BadZipFile

from msgspec import Struct
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from analysis.reporting.exports.dataset import Dataset, InputError
from analysis.reporting.exports.personal_details import (
    NAME,
    PERHAPS_A_NAME,
    perhaps_a_name,
    personal_details,
)
from survey.questionnaires.answers import clean
from survey.questionnaires.model import OpenText
from survey.questionnaires.problems import Findings
from survey.questionnaires.wording import direction_of

EXPLANATION = "Uitleg"
TOPICS = "Onderwerpen"
MOST_TOPICS = 3
"""Of one answer."""

ID, LANGUAGE, ANSWER, HINTS, CONSENT = "id", "taal", "antwoord", "let op", "mag geciteerd"
GIVEN = tuple(f"onderwerp {number}" for number in range(1, MOST_TOPICS + 1))
CODER, QUOTED, QUOTE = "codeur", "citeren", "citaat"
TRANSLATED = {"nl": "vertaling nl", "en": "vertaling en"}
"""By the language of a report."""
RELEASED = "vrijgegeven door"

COLUMNS = (
    *(ID, LANGUAGE, ANSWER, HINTS, CONSENT),
    *GIVEN,
    *(CODER, QUOTED, QUOTE),
    *TRANSLATED.values(),
    RELEASED,
)
KEY, DESCRIPTION, PRINCIPLE = "sleutel", "wat erbij hoort", "principe"
NAMES = {"nl": "onderwerp", "en": "onderwerp en"}
TOPIC_COLUMNS = (KEY, *NAMES.values(), DESCRIPTION, PRINCIPLE)

YES, NO = "ja", "nee"

_WIDTHS = {ANSWER: 70, QUOTE: 50, HINTS: 18, DESCRIPTION: 60} | dict.fromkeys(TRANSLATED.values(), 40)
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_FROM_RIGHT = Alignment(wrap_text=True, vertical="top", readingOrder=2)
_LAST_ROW = 1_048_576
_FORMULA = ("=", "+", "-", "@")

_EXPLANATION = f"""\
Dit bestand bevat wat mensen schreven. Behandel het als persoonsgegevens: mail het niet rond.

1. Zet op het blad {TOPICS} de onderwerpen: een korte sleutel zonder spaties, hoe het onderwerp in het
rapport heet (en in het Engels, als u een Engels rapport maakt), wat erbij hoort, en het leidend principe
(P1) waar het over gaat, of niets.

2. Geef elk antwoord één tot drie onderwerpen, het belangrijkste eerst. Zet uw initialen bij '{CODER}'.

3. Bij '{LANGUAGE}' staat de taal van de vragenlijst. Schreef iemand in een andere taal? Verbeter de code:
ar, pl, tr, uk, en.

4. Wilt u een antwoord citeren? Dat mag alleen als er bij '{CONSENT}' ja staat. Zet {YES} bij '{QUOTED}', en
zet bij '{QUOTE}' wat er in het rapport komt. Laat weg wat iemand herkenbaar maakt. Wat u weglaat of
verandert, staat tussen vierkante haken: [naam], [...]. De andere woorden zijn die van wie het schreef. Is
het citaat niet in de taal van het rapport? Zet de vertaling erbij.

5. '{HINTS}' wijst op gegevens die een computer herkent. Bij '{PERHAPS_A_NAME}' staat er midden in een zin
een onbekend woord met een hoofdletter. Dat is een hulp en geen bewijs: lees zelf.

6. Iemand anders dan de codeur leest elk citaat na en zet initialen bij '{RELEASED}'. Pas dan komt het in
het rapport.

Rijen en kolommen mogen een andere volgorde krijgen. Laat de namen van bladen en kolommen staan, en de kolom
'{ID}': daarmee is een antwoord alleen te vinden door wie de export heeft.
"""


class OpenAnswer(Struct, frozen=True, kw_only=True):
    """What somebody wrote. `consented`: to being quoted. `language` is that of the questionnaire read.

    `id` stands for this text of this response: without the export nobody can tell from it which answers
    came from one person, for the number of a response is random.
    """

    id: str
    language: str
    text: str
    consented: bool


class MadeSheet(Struct, frozen=True, kw_only=True):
    """A coding sheet as a file: how many answers were added, and where some stand that the export lacks."""

    data: bytes
    added: int
    gone: tuple[str, ...]


def open_answers(dataset: Dataset, question: str, consent: str) -> tuple[OpenAnswer, ...]:
    """What was written to a question, in the order of the ids, which tells nothing of who wrote what."""
    texts = zip(
        dataset.texts["response"].tolist(),
        dataset.texts["language"].tolist(),
        map(_as_written, dataset.texts[f"{question}_text"].tolist()),
        (dataset.codes[f"consent_{consent}"] == 1).tolist(),
        strict=True,
    )
    found = (
        OpenAnswer(
            id=_id_of(response, question, text),
            language=language,
            text=text,
            consented=consented,
        )
        for response, language, text, consented in texts
        if text
    )
    return tuple(sorted(found, key=lambda each: each.id))


def coding_sheet(
    answers: Mapping[OpenText, Sequence[OpenAnswer]],
    existing: bytes | None,
    name: str,
    known: Collection[str],
) -> MadeSheet:
    """A new sheet, or an existing one with the answers that it did not have; nothing else changes in it.

    `name` is that of its file; words that are `known` are not taken for names of people. Raises InputError
    when the file is no coding sheet, or one of other answers.
    """
    findings = Findings(name)
    book = _new(answers) if existing is None else opened(existing, findings)
    columns = {}
    for question in () if book is None else answers:
        if question.key not in book.sheetnames:
            _add_sheet(book, question)
        columns[question.key] = columns_of(book[question.key], COLUMNS, findings)
    refuse(findings)
    added, gone, shared = 0, [], 0
    for question, given in answers.items():
        sheet, places = book[question.key], columns[question.key]
        ids = {text_of(row[places[ID]]): row[0].row for row in sheet.iter_rows(min_row=2)}
        ids.pop("", None)
        current = {answer.id for answer in given}
        gone += [f"{question.key} row {row}" for found, row in ids.items() if found not in current]
        shared += len(ids.keys() & current)
        new = [answer for answer in given if answer.id not in ids]
        for row, answer in enumerate(new, start=sheet.max_row + 1):
            _write_row(sheet, row, places, answer, _hints(answer.text, known))
        added += len(new)
        sheet.auto_filter.ref = sheet.dimensions
    if gone and not shared:
        findings.error(
            "WA274", "", "None of its answers is in this export. Give the export that it was made from."
        )
        refuse(findings)
    return MadeSheet(data=_saved(book), added=added, gone=tuple(gone))


class TopicRow(Struct, frozen=True, kw_only=True):
    """A line of the list of topics; `names` by the language of a report, empty where there is none."""

    place: str
    key: str
    names: Mapping[str, str]
    principle: str


class AnswerRow(Struct, frozen=True, kw_only=True):
    """What people wrote in the row of one answer; `quoted` is what stands under "citeren"."""

    place: str
    id: str
    language: str
    topics: tuple[str, ...]
    coder: str
    quoted: str
    quote: str
    translations: Mapping[str, str]
    released_by: str


class CodingSheet(Struct, frozen=True, kw_only=True):
    """All that a coding sheet says; answers by the key of their question, in the order of the rows."""

    topics: tuple[TopicRow, ...]
    answers: Mapping[str, tuple[AnswerRow, ...]]


def read_sheet(data: bytes, questions: Iterable[str], findings: Findings) -> CodingSheet | None:
    """What stands in a coding sheet, or None after reporting that it cannot be read."""
    book = opened(data, findings)
    if book is None:
        return None
    missing = [name for name in (TOPICS, *questions) if name not in book.sheetnames]
    for name in missing:
        findings.error(
            "WA270",
            "",
            f"There is no sheet {name}. Put its name back, or run `python -m analysis coding` again.",
        )
    if missing:
        return None
    topics = tuple(_topic(place, row) for place, row in _rows(book[TOPICS], TOPIC_COLUMNS, findings))
    answers = {
        key: tuple(_answer(place, row) for place, row in _rows(book[key], COLUMNS, findings))
        for key in questions
    }
    return CodingSheet(topics=topics, answers=answers)


def _rows(
    sheet: Worksheet, wanted: Sequence[str], findings: Findings
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Where each row is that holds anything, and its texts by the names of the columns."""
    places = columns_of(sheet, wanted, findings)
    if len(places) < len(wanted):
        return
    for row in sheet.iter_rows(min_row=2):
        texts = {name: text_of(row[place]) for name, place in places.items()}
        if any(texts.values()):
            yield f"{sheet.title} row {row[0].row}", texts


def _topic(place: str, row: Mapping[str, str]) -> TopicRow:
    names = {tag: row[column] for tag, column in NAMES.items()}
    return TopicRow(place=place, key=row[KEY], names=names, principle=row[PRINCIPLE])


def _answer(place: str, row: Mapping[str, str]) -> AnswerRow:
    return AnswerRow(
        place=place,
        id=row[ID],
        language=row[LANGUAGE].casefold(),
        topics=tuple(dict.fromkeys(filter(None, (row[name] for name in GIVEN)))),
        coder=row[CODER],
        quoted=row[QUOTED].casefold(),
        quote=row[QUOTE],
        translations={tag: row[column] for tag, column in TRANSLATED.items()},
        released_by=row[RELEASED],
    )


def opened(data: bytes, findings: Findings) -> Any:
    """The workbook, or None after reporting that it is none."""
    try:
        return load_workbook(io.BytesIO(data), rich_text=True)
    except (BadZipFile, InvalidFileException, KeyError, SyntaxError, TypeError, ValueError):
        findings.error("WA270", "", "This is no workbook (.xlsx). Make it with `python -m analysis coding`.")
        return None


def columns_of(sheet: Worksheet, wanted: Sequence[str], findings: Findings) -> dict[str, int]:
    """Where each column stands, counted from 0; columns that are missing are reported."""
    headings = [text_of(cell).casefold() for cell in next(sheet.iter_rows(max_row=1), ())]
    missing = [name for name in wanted if name not in headings]
    if missing:
        findings.error(
            "WA270",
            f"sheet {sheet.title}",
            f"Columns are missing: {', '.join(missing)}. Put their names back.",
        )
    return {name: headings.index(name) for name in wanted if name in headings}


def text_of(cell: Any) -> str:
    """What stands in a cell, as text; a number as it is shown."""
    value = cell.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else clean(str(value))


def refuse(findings: Findings) -> None:
    """Raises InputError when anything was found."""
    if list(findings):
        raise InputError(findings)


def _as_written(text: str) -> str:
    """Without the apostrophe that an export puts before what a spreadsheet would take for a formula."""
    return clean(text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text)


def _id_of(response: str, question: str, text: str) -> str:
    """A letter comes first, or a spreadsheet could take it for a number."""
    found = hashlib.sha256("\n".join((response, question, text)).encode())
    return f"a{found.hexdigest()[:12]}"


# --- making ---------------------------------------------------------------------------------------


def _new(answers: Mapping[OpenText, Sequence[OpenAnswer]]) -> Any:
    book = Workbook()
    first = book.active
    first.title = EXPLANATION
    first.column_dimensions["A"].width = 110
    for row, paragraph in enumerate(_EXPLANATION.split("\n\n"), start=1):
        _write(first.cell(row, 1), " ".join(paragraph.split()))
    _head(book.create_sheet(TOPICS), TOPIC_COLUMNS)
    for question in answers:
        _add_sheet(book, question)
    return book


def _add_sheet(book: Any, question: OpenText) -> None:
    if EXPLANATION in book.sheetnames:
        first = book[EXPLANATION]
        _write(first.cell(first.max_row + 1, 1), f"{question.key}: {question.label.source}")
    sheet = book.create_sheet(question.key)
    _head(sheet, COLUMNS)
    sheet.freeze_panes = "D2"
    topics = DataValidation(type="list", formula1=f"{TOPICS}!$A$2:$A$500", allow_blank=True)
    quoted = DataValidation(type="list", formula1=f'"{YES},{NO}"', allow_blank=True)
    for names, validation in ((GIVEN, topics), ((QUOTED,), quoted)):
        for name in names:
            letter = get_column_letter(COLUMNS.index(name) + 1)
            validation.add(f"{letter}2:{letter}{_LAST_ROW}")
        sheet.add_data_validation(validation)


def _head(sheet: Worksheet, columns: Sequence[str]) -> None:
    for place, name in enumerate(columns, start=1):
        cell = sheet.cell(1, place, name)
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = _WIDTHS.get(name, 14)


def _hints(text: str, known: Collection[str]) -> str:
    found = personal_details(text)
    doubtful = NAME not in found and perhaps_a_name(text, known)
    return ", ".join((*found, PERHAPS_A_NAME) if doubtful else found)


def _write_row(sheet: Worksheet, row: int, places: Mapping[str, int], answer: OpenAnswer, hints: str) -> None:
    values = {
        ID: answer.id,
        LANGUAGE: answer.language,
        ANSWER: answer.text,
        HINTS: hints,
        CONSENT: YES if answer.consented else NO,
    }
    own = _FROM_RIGHT if direction_of(answer.language) == "rtl" else _WRAPPED
    for name, place in places.items():
        _write(sheet.cell(row, place + 1), values.get(name), own if name == ANSWER else _WRAPPED)


def _write(cell: Any, text: str | None, alignment: Alignment = _WRAPPED) -> None:
    """As text, also what looks like a formula, and whatever is typed there later."""
    cell.value = text
    if text is not None:
        cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True
    cell.alignment = alignment


def _saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
