"""Writing an export folder: whole, or not at all."""

import csv
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click
import msgspec
from msgspec import Struct

from survey import __version__
from survey.export.fieldwork import Fieldwork, fieldwork
from survey.export.rows import Row, columns, rows
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.municipality import FOLDER as MUNICIPALITY
from survey.questionnaires.parsing import parse
from survey.questionnaires.problems import QuestionnaireError
from survey.store import Archive

FORMAT = 1
MANIFEST = "export.json"
TABLES = ("responses.parquet", "responses.sav")
TABLE_PACKAGES = ("pandas", "pyarrow", "pyreadstat")


class ExportError(click.ClickException):
    """The export could not be made; an earlier one is still there."""


class Manifest(Struct, frozen=True, kw_only=True):
    """What export.json says. `week` is the ISO week in which the export was made.

    `languages`: per language that residents could choose `source`, or the state of its catalogue.
    """

    format: int
    survey: str
    version: str
    simulated: bool
    program: str
    week: str
    responses: int
    languages: dict[str, str]


class Exported(Struct, frozen=True, kw_only=True):
    """What was written: how many responses, how many wait for release, and which files could not be made."""

    responses: int
    waiting: int
    left_out: tuple[str, ...]


def write_export(archive: Archive, survey: str, folder: Path, *, week: str, replace: bool) -> Exported:
    """Make the folder. Raises ExportError, and then an earlier export is as it was."""
    _refuse_other_folder(folder, replace)
    versions = _versions(archive)
    questionnaire = versions[archive.version]
    made = rows(archive.responses, versions, archive.version)
    manifest = Manifest(
        format=FORMAT,
        survey=survey,
        version=archive.version,
        simulated=archive.simulated,
        program=__version__,
        week=week,
        responses=len(made),
        languages={questionnaire.source_language: "source"}
        | {catalogue.tag: catalogue.state for catalogue in questionnaire.offered},
    )
    areas = [area.code for area in questionnaire.municipality.areas]
    with _whole(folder) as draft:
        _write_json(manifest, draft / MANIFEST)
        _write_json(fieldwork(archive, made, areas), draft / "fieldwork.json")
        _write_csv(made, columns(questionnaire), draft / "responses.csv")
        left_out = _write_tables(made, questionnaire, draft, simulated=archive.simulated)
        _write_questionnaires(archive, versions, made, draft)
    return Exported(responses=len(made), waiting=archive.waiting, left_out=left_out)


def _versions(archive: Archive) -> dict[str, Questionnaire]:
    """The version in use and those that responses were given to."""
    wanted = {archive.version, *(stored.response.version for stored in archive.responses)}
    try:
        return {version: parse(archive.versions[version]) for version in sorted(wanted)}
    except QuestionnaireError as error:
        listed = "\n".join(map(str, error.problems))
        raise ExportError(
            "This program cannot read a version of the questionnaire that was in use. Export with the "
            f"version of the program that served it.\n{listed}"
        ) from error


def _refuse_other_folder(folder: Path, replace: bool) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / MANIFEST).is_file():
        raise ExportError(f"{folder} exists and is not an export. Choose another folder.")
    if not replace:
        raise ExportError(f"{folder} holds an earlier export. Choose another folder, or add --replace.")


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder beside the wanted one that takes its place when everything in it was written."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise ExportError(f"Cannot write in {folder.parent}: {error.strerror}.") from error
    try:
        yield draft
        _keep(draft)
        _take_place(draft, folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExportError(
            f"{folder} was not written: {reason}. Make room or choose another folder, and export again."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _keep(draft: Path) -> None:
    """Return only when every file is on the disk."""
    for path in draft.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _take_place(draft: Path, folder: Path) -> None:
    """Put the draft in the place of the folder; when that fails the earlier export comes back."""
    if not (folder / MANIFEST).is_file():
        draft.rename(folder)
        return
    earlier = draft.with_name(f"{draft.name}-earlier")
    folder.rename(earlier)
    try:
        draft.rename(folder)
    except OSError:
        earlier.rename(folder)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def _write_json(value: Manifest | Fieldwork, path: Path) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")


def _write_csv(made: list[Row], names: list[str], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, names)
        table.writeheader()
        table.writerows({name: _harmless(value) for name, value in row.items()} for row in made)


FORMULA = ("=", "+", "-", "@")
"""How a spreadsheet that opens a CSV file takes a text for a formula, and may run what a stranger wrote."""


def _harmless(value: object) -> object:
    """An apostrophe before such a text makes it text; nothing but what residents wrote begins like that."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _write_tables(
    made: list[Row], questionnaire: Questionnaire, draft: Path, *, simulated: bool
) -> tuple[str, ...]:
    """Parquet and SPSS files, unless the packages for these are not installed."""
    if not all(find_spec(package) for package in TABLE_PACKAGES):
        return TABLES
    tables = import_module("survey.export.tables")
    tables.write_parquet(made, questionnaire, draft / TABLES[0])
    tables.write_sav(made, questionnaire, draft / TABLES[1], simulated=simulated)
    return ()


def _write_questionnaires(
    archive: Archive, versions: Mapping[str, Questionnaire], made: list[Row], draft: Path
) -> None:
    """The files of the questionnaire, and of older versions that responses were given to."""
    _write_files(archive.versions[archive.version], versions[archive.version], draft)
    for version in sorted({str(row["version"]) for row in made} - {archive.version}):
        _write_files(archive.versions[version], versions[version], draft / "versions" / version)


def _write_files(files: Mapping[str, bytes], questionnaire: Questionnaire, folder: Path) -> None:
    municipality = folder / "municipalities" / questionnaire.municipality.key
    for name, data in files.items():
        inside = name.startswith(MUNICIPALITY)
        path = municipality / name.removeprefix(MUNICIPALITY) if inside else folder / "questionnaire" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
