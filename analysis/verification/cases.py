"""Reference cases as they are written in a folder, and the tables that they name.

The format is that of tests/reference/weighting/README.md. A file that is not JSON, and what is no case, are
among the cases as what they are, for the one who runs them to count as failed.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

REMARKS = ("note", "information")

NO_GROUP = "without a group"

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

Table = dict[str, npt.NDArray[Any]]
"""Columns by name: of numbers, nan where a cell is empty, or of texts, empty where a cell is."""


class NoCases(Exception):
    """The folder holds no file of cases, or none with a case in it."""


class BadTable(Exception):
    """A table that is not there or cannot be read: says which, where in it, and what is wrong."""


class Defaults(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={
        "lonely": "survey.lonely.psu",
        "lonely_in_domains": "survey.adjust.domain.lonely",
        "mse": "survey.replicates.mse",
        "ultimate_cluster": "survey.ultimate.cluster",
    },
):
    """R's options when the cases were made: what holds where a design says nothing."""

    lonely: str = "fail"
    lonely_in_domains: bool = False
    mse: bool = False
    ultimate_cluster: bool = False


class Case(Struct, frozen=True, kw_only=True, eq=False):
    """One calculation and what R found.

    `content` says what to compute, `estimate` included: all that was written but the results and the
    remarks; `defaults` are the options of the file.
    """

    id: str
    group: str
    estimate: dict[str, Any]
    expected: dict[str, Any]
    tolerance_rel: float
    expected_weighted_residuals: dict[str, Any] | None = None
    content: dict[str, Any] = {}
    defaults: Defaults = Defaults()

    @property
    def binding(self) -> dict[str, Any]:
        """The results to reach: after raking, those of the textbook residuals."""
        weighted = self.expected_weighted_residuals
        return self.expected if weighted is None else weighted


class NotACase(Struct, frozen=True, kw_only=True):
    """A file of cases that cannot be read, or something in one that lacks what every case has, as `error`
    says.
    """

    id: str
    group: str
    error: str


class _File(Struct, frozen=True):
    format: Literal[1]
    cases: list[Any]
    options: Defaults = Defaults()


def read(files: Mapping[str, bytes]) -> tuple[Case | NotACase, ...]:
    """The cases of all files named `cases_*.json`, in the order of the names. Raises NoCases."""
    found = [case for name in sorted(files) if _holds_cases(name) for case in _cases(name, files[name])]
    if not found:
        raise NoCases("There is no case: a folder of cases has files named cases_*.json.")
    return tuple(_named_once(found))


def table(files: Mapping[str, bytes], name: str) -> Table:
    """A CSV as columns. Raises BadTable."""
    if name not in files:
        raise BadTable(
            f"The case names {name}, but the folder does not have it. Add it, or correct the name."
        )
    try:
        header, *rows = csv.reader(io.StringIO(files[name].decode("utf-8-sig")), strict=True)
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadTable(f"{name}: {error}. A table is CSV in UTF-8.") from error
    except ValueError as error:
        raise BadTable(f"{name}: the file is empty. A table starts with a line of names.") from error
    twice = [column for place, column in enumerate(header) if column in header[:place]]
    if twice:
        raise BadTable(f"{name}: there are two columns named {twice[0]}.")
    for place, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise BadTable(f"{name}, line {place}: {len(row)} cells, but {len(header)} columns.")
    columns = zip(*rows, strict=True) if rows else ((),) * len(header)
    return {column: _values(cells) for column, cells in zip(header, columns, strict=True)}


def _holds_cases(name: str) -> bool:
    return name.startswith("cases_") and name.endswith(".json")


def _cases(name: str, written: bytes) -> list[Case | NotACase]:
    try:
        file = msgspec.json.decode(written, type=_File)
    except (msgspec.DecodeError, RecursionError) as error:  # a ValidationError says where in the file
        return [NotACase(id=name, group=NO_GROUP, error=f"{name}: {error}. None of its cases was run.")]
    return [_case(name, place, content, file.options) for place, content in enumerate(file.cases, start=1)]


def _case(name: str, place: int, content: Any, options: Defaults) -> Case | NotACase:
    where = f"{name}, case {place}"
    try:
        case = msgspec.convert(content, Case)
    except msgspec.ValidationError as error:
        said = content if isinstance(content, dict) else {}
        return NotACase(
            id=str(said.get("id", where)), group=str(said.get("group", NO_GROUP)), error=f"{where}: {error}."
        )
    rest = {
        key: value
        for key, value in content.items()
        if key == "estimate" or key not in (*Case.__struct_fields__, *REMARKS)
    }
    return msgspec.structs.replace(case, content=rest, defaults=options)


def _named_once(found: Sequence[Case | NotACase]) -> Iterator[Case | NotACase]:
    """The cases; one that has the name of another before it is none, because nobody could tell them apart."""
    names: set[str] = set()
    for case in found:
        if case.id in names:
            yield NotACase(
                id=case.id, group=case.group, error=f"Another case is called {case.id} too. Rename it."
            )
        else:
            yield case
        names.add(case.id)


def _values(cells: Sequence[str]) -> npt.NDArray[Any]:
    if all(not cell or NUMBER.fullmatch(cell) for cell in cells):
        return np.array([float(cell) if cell else np.nan for cell in cells])
    return np.array(cells, dtype=str)
