"""An export folder as values: named columns, the questionnaire, the fieldwork, the population.

The folder is read by the caller; these functions get its files as bytes, by name.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Annotated, Literal, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import Meta, Struct, field

from survey.questionnaires.decoding import decode_text
from survey.questionnaires.model import (
    MISSING_CODES,
    AllOf,
    Answered,
    AnyOf,
    Battery,
    Condition,
    InArea,
    MultipleChoice,
    Not,
    Number,
    OpenText,
    Place,
    Question,
    Questionnaire,
)
from survey.questionnaires.parsing import parse as parse_questionnaire
from survey.questionnaires.problems import Findings, Problem, QuestionnaireError

Codes = npt.NDArray[np.int32]
Texts = npt.NDArray[np.str_]
Mask = npt.NDArray[np.bool_]
Shape = TypeVar("Shape", bound=Struct)

FORMAT = 1
"""The format of an export that this program reads."""

EXPORT = "export.json"
RESPONSES = "responses.csv"
FIELDWORK = "fieldwork.json"
POPULATION = "municipality/population.csv"

_ABOUT_RESPONSE = (
    "response",
    "version",
    "language",
    "channel",
    "sampled_area",
    "area",
    "week",
    "disposition",
)


class InputError(Exception):
    """Files that an evaluator gave cannot be used; `problems` holds every reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Export(Struct, frozen=True, kw_only=True):
    """What export.json says about the export."""

    format: int
    survey: str
    version: str
    simulated: bool
    program: str
    week: str
    responses: int


class Account(Struct, frozen=True, kw_only=True):
    """What became of the people asked, in AAPOR's terms (Standard Definitions 2015)."""

    complete: int = field(default=0, name="I")
    partial: int = field(default=0, name="P")
    refused: int = field(default=0, name="R")
    non_contact: int = field(default=0, name="NC")
    other: int = field(default=0, name="O")
    unknown: int = field(default=0, name="U")
    issued: int = 0
    opened: int = 0
    used: int = 0


class AreaAccount(Struct, frozen=True, kw_only=True):
    invited: Account = Account()
    slip: Account = Account()
    kiosk: Account = Account()
    open: Account = Account()


class Fieldwork(Struct, frozen=True, kw_only=True):
    """The response account of every area, and how many people withdrew their answers."""

    areas: dict[str, AreaAccount]
    withdrawn: int = 0


class PopulationCount(Struct, frozen=True, kw_only=True):
    """One row of the population file: so many adults in a category of a margin, in an area."""

    margin: str
    area: str
    category: str
    count: Annotated[float, Meta(ge=0, le=1e9)]
    status: Literal["official", "estimate"]
    reference_date: str
    source: str
    method: str


def lot_of(ids: Iterable[str], of: str) -> bytes:
    """16 bytes that nobody can know who does not have these responses.

    Made of the id that comes first, so that most responses may come or go without another lot.
    """
    first = min(ids, default="").encode()
    return blake2b(of.encode(), key=first[: blake2b.MAX_KEY_SIZE], digest_size=16).digest()


class Dataset(Struct, frozen=True, kw_only=True, eq=False):
    """The responses of one export: one array per column, all of the same length.

    `codes` are the coded answers (int32; missing answers have the negative codes of
    `survey.questionnaires.model`); `texts` the columns of text, such as `area` and `channel`.
    """

    export: Export
    codes: dict[str, Codes]
    texts: dict[str, Texts]
    questionnaire: Questionnaire
    fieldwork: Fieldwork
    population: tuple[PopulationCount, ...]

    @property
    def size(self) -> int:
        """Number of responses."""
        return len(self.texts["area"])

    def lot(self, of: str) -> bytes:
        """A key for what is drawn about `of`: see `lot_of`."""
        return lot_of(self.texts["response"], of)

    def take(self, rows: Mask) -> "Dataset":
        """The responses for which `rows` is true."""
        return msgspec.structs.replace(
            self,
            codes={name: column[rows] for name, column in self.codes.items()},
            texts={name: column[rows] for name, column in self.texts.items()},
        )

    def usable(self, channel: str, dispositions: Iterable[str]) -> Mask:
        """The rows of one channel ("invited" or "open") that are complete enough to count."""
        rows: Mask = (self.texts["channel"] == channel) & np.isin(self.texts["disposition"], [*dispositions])
        return rows

    def chosen(self, variable: str, codes: Iterable[int]) -> Codes:
        """Per response 1 when one of `codes` was chosen, 0 for another answer, else the missing code.

        Works for a column of codes and for a multiple choice question (columns `q7_1`, `q7_2`, ...).
        """
        codes = [*codes]
        if variable in self.codes:
            answers = self.codes[variable]
            return np.where(answers < 0, answers, np.isin(answers, codes).astype(np.int32))
        ticks = np.stack([self.codes[name] for name in answer_columns(self.questionnaire, variable, codes)])
        # An option that an area does not have was not shown there, whatever was ticked beside it.
        most = ticks.max(axis=0)
        chosen: Codes = np.where(most < 0, ticks.min(axis=0), most)
        return chosen

    def meets(self, condition: Condition) -> Mask:
        """Who gave the answers, and lives where, the condition of a question asks for."""
        match condition:
            case Answered(variable=variable, codes=codes):
                column = self.codes.get(variable)
                met = self.chosen(variable, codes) == 1 if column is None else np.isin(column, codes)
            case InArea(areas=areas):
                met = np.isin(self.texts["area"], areas)
            case AllOf(conditions=conditions):
                met = np.logical_and.reduce([self.meets(each) for each in conditions])
            case AnyOf(conditions=conditions):
                met = np.logical_or.reduce([self.meets(each) for each in conditions])
            case Not(condition=inside):
                met = ~self.meets(inside)
        found: Mask = met
        return found


def parse(files: Mapping[str, bytes]) -> Dataset:
    """The data set of an export.

    `files` holds export.json, responses.csv and fieldwork.json, and the files of the questionnaire as
    `survey.questionnaires.folder.read_folder` names them. Raises InputError with every problem.
    """
    findings = {name: Findings(name) for name in (EXPORT, RESPONSES, FIELDWORK, POPULATION)}
    export = _decoded(files, Export, findings[EXPORT])
    if export is not None and export.format != FORMAT:
        findings[EXPORT].error(
            "WA102",
            "format",
            f"This export has format {export.format}; this program reads format {FORMAT}. "
            "Export again with the same version of the program.",
        )
        raise InputError(findings[EXPORT])
    fieldwork = _decoded(files, Fieldwork, findings[FIELDWORK])
    population = parse_population(files.get(POPULATION), findings[POPULATION])
    try:
        questionnaire = parse_questionnaire(files)
    except QuestionnaireError as error:
        raise InputError(
            [*error.problems, *(found for each in findings.values() for found in each)]
        ) from error
    columns = parse_responses(files.get(RESPONSES), questionnaire, findings[RESPONSES])
    if columns is not None and export is not None:
        _check_ids(columns[1]["response"], export.responses, findings[RESPONSES])
    problems = [found for each in findings.values() for found in each]
    if problems or export is None or fieldwork is None or columns is None:
        raise InputError(problems)
    return Dataset(
        export=export,
        codes=columns[0],
        texts=columns[1],
        questionnaire=questionnaire,
        fieldwork=fieldwork,
        population=population,
    )


def parse_responses(
    data: bytes | None, questionnaire: Questionnaire, findings: Findings, wanted: Iterable[str] | None = None
) -> tuple[dict[str, Codes], dict[str, Texts]] | None:
    """The columns of codes and those of text, or None after reporting what is wrong with the table.

    Every column that the questionnaire asks for must be there, or only those `wanted`; other columns
    are left alone.
    """
    allowed = dict(_coded_columns(questionnaire))
    texts = {*_ABOUT_RESPONSE, *_text_columns(questionnaire)}
    required = {*allowed, *texts} if wanted is None else set(wanted)
    frame = _frame(data, required, findings)
    if frame is None:
        return None
    codes = {name: _coded(frame[name], allowed[name], findings) for name in frame.columns if name in allowed}
    return codes, {name: frame[name].to_numpy(dtype=np.str_) for name in frame.columns if name in texts}


def parse_population(data: bytes | None, findings: Findings) -> tuple[PopulationCount, ...]:
    """The rows of a population file; what is wrong is reported."""
    if data is None:
        findings.error("WA101", "", "This file is missing. Without it there is nothing to weigh to.")
        return ()
    rows = csv.DictReader(io.StringIO(decode_text(data, findings) or "", newline=""))
    missing = [name for name in PopulationCount.__struct_fields__ if name not in (rows.fieldnames or ())]
    if missing:
        findings.error("WA103", "line 1", f"Columns are missing: {', '.join(missing)}. Add them.")
        return ()
    return tuple(_population_counts(rows, findings))


def _population_counts(rows: "csv.DictReader[str]", findings: Findings) -> Iterator[PopulationCount]:
    seen = set()
    for row in rows:
        place = f"line {rows.line_num}"
        try:
            count = msgspec.convert(row, PopulationCount, strict=False)
        except msgspec.ValidationError as error:
            findings.error("WA104", place, f"{error}. Correct this line.")
            continue
        if (count.margin, count.area, count.category) in seen:
            findings.error(
                "WA105",
                place,
                f"{count.margin}, {count.area}, {count.category} was counted before. Remove one.",
            )
        seen.add((count.margin, count.area, count.category))
        yield count


def _decoded(files: Mapping[str, bytes], shape: type[Shape], findings: Findings) -> Shape | None:
    data = files.get(findings.file)
    if data is None:
        findings.error("WA101", "", "This file is missing. Export again, or name the right folder.")
        return None
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.DecodeError as error:
        findings.error("WA104", "", f"{error}. Export again.")
        return None


def _whole_text(data: bytes | None, findings: Findings) -> str | None:
    """The text of the table, which must end with the end of a line: otherwise the rest is missing."""
    if data is None:
        findings.error("WA101", "", "This file is missing. Export again, or name the right folder.")
        return None
    text = decode_text(data, findings)
    if text and not text.endswith("\n"):
        findings.error(
            "WA104", "last line", "This line has no end: the file is not complete. Export or copy it again."
        )
        return None
    return text


def _frame(data: bytes | None, required: set[str], findings: Findings) -> pd.DataFrame | None:
    """The table as texts; only the columns that are needed."""
    text = _whole_text(data, findings)
    if text is None:
        return None
    try:
        frame = pd.read_csv(
            io.StringIO(text), dtype=str, keep_default_na=False, usecols=lambda name: name in required
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        findings.error("WA104", "", f"This is not a table: {str(error).strip()}. Export again.")
        return None
    missing = sorted(required - set(frame.columns))
    if missing:
        findings.error(
            "WA103",
            "line 1",
            f"Columns are missing: {', '.join(missing)}. Export again; do not edit the columns of the file.",
        )
        return None
    if frame.empty:
        findings.error("WA106", "", "There are no responses yet. Export again when there are.")
        return None
    return frame


def _coded(column: "pd.Series[str]", allowed: frozenset[int] | None, findings: Findings) -> Codes:
    """The codes in a column; `allowed` are those of its question, None for any number."""
    place, found = pd.factorize(column)
    codes = [_code(str(text), allowed) for text in found]
    wrong = np.array([code is None for code in codes])[place]
    if wrong.any():
        row = int(wrong.argmax())
        findings.error(
            "WA107",
            f"response {row + 1}, column {column.name}",
            f"{column.iloc[row]!r} is not a code of this question"
            f" ({int(wrong.sum())} in this column are not). Export again.",
        )
    return np.array([0 if code is None else code for code in codes], dtype=np.int32)[place]


def _code(text: str, allowed: frozenset[int] | None) -> int | None:
    if not re.fullmatch(r"-?[0-9]{1,4}", text):
        return None
    code = int(text)
    return code if allowed is None or code in allowed or code in MISSING_CODES else None


def _check_ids(ids: Texts, announced: int, findings: Findings) -> None:
    found, times = np.unique(ids, return_counts=True)
    double = found[times > 1]
    if len(double):
        findings.error(
            "WA108",
            "column response",
            f"{len(double)} responses occur more than once, for instance {double[0]}. Export again.",
        )
    if len(ids) != announced:
        findings.error(
            "WA109",
            "",
            f"{EXPORT} announces {announced} responses, but there are {len(ids)}: the file is not complete. "
            "Export again.",
        )


def _questions(questionnaire: Questionnaire) -> Iterator[Question]:
    return (question for block in questionnaire.blocks for question in block.questions)


def _coded_columns(questionnaire: Questionnaire) -> Iterator[tuple[str, frozenset[int] | None]]:
    """Every column of codes, with the codes that its question allows."""
    yield "mode", None
    for purpose in questionnaire.purposes:
        yield f"consent_{purpose.key}", frozenset({0, 1})
    for question in _questions(questionnaire):
        match question:
            case MultipleChoice():
                yield from (
                    (f"{question.key}_{option.code}", frozenset({0, 1})) for option in question.options
                )
            case Battery():
                codes = frozenset(option.code for option in question.options)
                yield from ((f"{question.key}_{item.key}", codes) for item in question.items)
            case Number():
                yield question.key, frozenset(range(question.minimum, question.maximum + 1))
            case OpenText():
                yield question.key, frozenset({1})
            case Place():
                pass
            case _:
                yield question.key, frozenset(option.code for option in question.options)


def _text_columns(questionnaire: Questionnaire) -> Iterator[str]:
    for question in _questions(questionnaire):
        match question:
            case OpenText():
                yield f"{question.key}_text"
            case Place():
                yield question.key
            case _:
                pass


def answer_codes(questionnaire: Questionnaire) -> dict[str, frozenset[int]]:
    """The codes of every variable that can be analysed; a multiple choice question under its own key."""
    columns = {name: codes for name, codes in _coded_columns(questionnaire) if codes is not None}
    return columns | {
        question.key: frozenset(option.code for option in question.options)
        for question in _questions(questionnaire)
        if isinstance(question, MultipleChoice)
    }


def sampling_columns(questionnaire: Questionnaire) -> tuple[str, ...]:
    """The columns of responses.csv that may tell how people were drawn, or who sent enough answers."""
    answers = (name for name, codes in _coded_columns(questionnaire) if codes is not None)
    return ("sampled_area", "area", "week", "language", "version", "mode", *answers)


def answer_columns(questionnaire: Questionnaire, variable: str, codes: Iterable[int]) -> tuple[str, ...]:
    """The columns that tell whether one of `codes` was chosen: one, or one per tick of a multiple choice."""
    multiple = {
        question.key for question in _questions(questionnaire) if isinstance(question, MultipleChoice)
    }
    return tuple(f"{variable}_{code}" for code in codes) if variable in multiple else (variable,)


def battery(questionnaire: Questionnaire, key: str) -> Battery:
    """The battery with this key. Raises KeyError when there is none."""
    for question in _questions(questionnaire):
        if isinstance(question, Battery) and question.key == key:
            return question
    raise KeyError(key)
