"""The commands of fieldwork: `invite`, `letters`, `release` and `export`; and what other commands share."""

import asyncio
import csv
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from functools import partial
from io import StringIO
from pathlib import Path
from random import SystemRandom
from typing import TypeVar

import click

from survey import invitations
from survey.export.folder import write_export
from survey.participation import iso_week
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import Place, Questionnaire
from survey.questionnaires.parsing import parse
from survey.questionnaires.problems import QuestionnaireError
from survey.settings import Settings, read_settings
from survey.store import LedgerEntry, Store, StoreError
from survey.web.letters import Addressed, NotOfferedError
from survey.web.letters import letters as write_letters

Result = TypeVar("Result")

CODE_COLUMNS = ["code", "area", "round", "language"]
"""The first line of a file with codes."""


class FieldworkError(click.ClickException):
    """A command that could not be done, and what to do; nothing was changed."""


@click.command()
@click.argument("survey")
@click.option(
    "--area",
    required=True,
    help="Code of the area that the letters go to; of the municipality when no place is asked.",
)
@click.option("--round", "round_", required=True, help="Name of the round of letters.")
@click.option("--count", required=True, type=click.IntRange(1, 100_000), help="How many codes.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="New file for the codes (CSV).")
@click.option("--language", help="Language tag of the letters, for the file only.")
def invite(  # noqa: PLR0913 - one for each option
    survey: str, *, area: str, round_: str, count: int, out: Path, language: str | None
) -> None:
    """Make codes for letters. SURVEY is the key of a survey, or its folder.

    The codes stand in the file only: print the letters from it, then destroy it. The database keeps a
    keyed hash of each.
    """
    if not round_.strip():
        raise FieldworkError("--round is empty. Name the round of letters, for instance --round 1.")
    questionnaire = questionnaire_named(survey)
    check_area(questionnaire, area)
    check_language(questionnaire, language)
    settings = read_settings(os.environ)
    random = SystemRandom()
    codes = [invitations.make(random) for _ in range(count)]
    entry = LedgerEntry(area=area, round=round_)
    entries = {invitations.code_hash(code, settings.secret): entry for code in codes}
    lines = [[invitations.written(code), area, round_, language or ""] for code in codes]
    write = partial(_write_codes, lines, out)
    with_store(settings, lambda store: issue(store, questionnaire.key, entries, out, write))
    click.echo(f"{count} codes for {area} in {out}. Keep this file safe, and destroy it after printing.")


@click.command()
@click.argument("survey")
@click.argument("codes", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--site", required=True, help="Where the service is: https://...")
def letters(survey: str, codes: Path, out: Path, *, site: str) -> None:
    """Write the letters to print for the file CODES of `invite` to OUT, an HTML file: a sheet for each code.

    A letter is in the language of its line; without one, in that of the questionnaire.
    """
    questionnaire = questionnaire_named(survey)
    addressed = _addressed(codes, questionnaire)
    try:
        html = write_letters(questionnaire, addressed, site)
    except NotOfferedError as error:
        raise FieldworkError(f"{codes}: {error}") from error
    write_privately(out, html.encode())
    click.echo(f"{len(addressed)} letters in {out}. It holds codes: destroy it after printing.")


@click.command()
@click.argument("survey")
@click.option("--all", "everything", is_flag=True, help="Also when there are fewer than a batch: at the end.")
def release(survey: str, *, everything: bool) -> None:
    """Mix the responses that wait, and move them to those that can be exported.

    Serving does this by itself for every full batch (WIJKPEIL_RELEASE_BATCH).
    """
    key = key_of(survey)
    settings = read_settings(os.environ)
    released, waiting = with_store(settings, lambda store: _release(store, key, everything=everything))
    click.echo(f"{released} responses released.")
    if waiting:
        click.echo(
            f"{waiting} wait until there are {settings.release_batch} to mix. "
            f"At the end of the fieldwork: python -m survey release {survey} --all"
        )


@click.command()
@click.argument("survey")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of an earlier export.")
def export(survey: str, folder: Path, *, replace: bool) -> None:
    """Write the responses of SURVEY, with all that the analysis needs, to FOLDER.

    docs/export.md tells what stands in it.
    """
    key = key_of(survey)
    archive = with_store(read_settings(os.environ), lambda store: store.archive(key))
    week = iso_week(today())
    exported = write_export(archive, key, folder, week=week, replace=replace)
    click.echo(f"{exported.responses} responses in {folder}.")
    if exported.waiting:
        click.echo(
            f"{exported.waiting} more wait to be mixed and are not in it. "
            f"At the end of the fieldwork: python -m survey release {survey} --all"
        )
    if exported.left_out:
        files = " and ".join(exported.left_out)
        click.echo(f"Without {files}: to have these, in the folder of the program: pip install '.[export]'")


def today() -> date:
    return datetime.now(UTC).date()


def questionnaire_named(survey: str) -> Questionnaire:
    try:
        return parse(read_folder(find_folder(survey)))
    except QuestionnaireError as error:
        listed = "\n".join(str(problem) for problem in error.problems)
        raise FieldworkError(f"{survey} cannot be used:\n{listed}") from error


def key_of(survey: str) -> str:
    """The key of a survey named by its folder; a key stands for itself, also when its files are gone."""
    return questionnaire_named(survey).key if Path(survey).is_dir() else survey


def check_area(questionnaire: Questionnaire, area: str) -> None:
    places = areas_of(questionnaire)
    if area not in places:
        listed = "\n".join(f"  {code}  {name}" for code, name in places.items())
        raise FieldworkError(f"{area} is not an area of {questionnaire.municipality.name}. Choose:\n{listed}")


def check_language(questionnaire: Questionnaire, language: str | None) -> None:
    tags = [questionnaire.source_language, *(catalogue.tag for catalogue in questionnaire.offered)]
    if language is not None and language not in tags:
        raise FieldworkError(f"The survey has no language {language}. Choose from: {', '.join(tags)}.")


def _addressed(codes: Path, questionnaire: Questionnaire) -> list[Addressed]:
    """The lines of a file with codes."""
    try:
        with codes.open(encoding="utf-8-sig", newline="") as file:
            header, *lines = csv.reader(file)
    except (csv.Error, UnicodeDecodeError, ValueError) as error:
        raise FieldworkError(f"{codes} cannot be read as CSV. Give the file that invite wrote.") from error
    if header != CODE_COLUMNS:
        raise FieldworkError(
            f"{codes}: the first line is not {','.join(CODE_COLUMNS)}. Give the file that invite wrote."
        )
    for number, line in enumerate(lines, 2):
        if len(line) != len(CODE_COLUMNS):
            raise FieldworkError(
                f"{codes}: line {number} has {len(line)} cells instead of {len(CODE_COLUMNS)}."
            )
    return [
        Addressed(code=code, area=area, language=language or questionnaire.source_language)
        for code, area, _, language in lines
    ]


def areas_of(questionnaire: Questionnaire) -> dict[str, str]:
    """Where codes can be for, by code: the areas, or the municipality when no place is asked."""
    municipality = questionnaire.municipality
    if any(isinstance(asked, Place) for block in questionnaire.blocks for asked in block.questions):
        return {area.code: area.name for area in municipality.areas}
    return {municipality.code: municipality.name}


def _write_codes(lines: list[list[str]], out: Path) -> None:
    text = StringIO(newline="")
    table = csv.writer(text)
    table.writerow(CODE_COLUMNS)
    table.writerows(lines)
    write_privately(out, text.getvalue().encode())


def write_privately(out: Path, data: bytes) -> None:
    """Write a new file that only its owner can read: on the disk when this ends, or not there at all."""
    try:
        descriptor = os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise FieldworkError(f"{out} exists. Choose another file, so that no codes are lost.") from error
    except OSError as error:
        raise FieldworkError(
            f"{out} cannot be written: {error.strerror}. Choose a file in a folder that exists."
        ) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        out.unlink()
        raise FieldworkError(
            f"{out} cannot be written: {error.strerror}. Make room and try again."
        ) from error


async def issue(
    store: Store,
    survey: str,
    entries: Mapping[bytes, LedgerEntry],
    out: Path,
    write: Callable[[], None],
) -> None:
    """First `write` the file `out`: no code is issued that nobody has.

    The file stays when the ledger's answer got lost.
    """
    write()
    try:
        await _to_the_end(store.issue(survey, entries))
    except StoreError as error:
        raise FieldworkError(
            f"{error}\nDo not use the codes in {out}. Delete that file and make new ones."
        ) from error


async def _to_the_end(work: Awaitable[None]) -> None:
    """What the database was asked is finished, also after Ctrl+C: the file and the ledger stay one."""
    begun = asyncio.ensure_future(work)
    try:
        await asyncio.shield(begun)
    except asyncio.CancelledError:
        await begun


async def _release(store: Store, survey: str, *, everything: bool) -> tuple[int, int]:
    """How many were released, and how many still wait. Raises StoreError for an unknown survey."""
    await store.waiting(survey)
    released = await store.release(survey, everything=everything)
    return released, await store.waiting(survey)


def with_store(settings: Settings, work: Callable[[Store], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with _opened(settings) as store:
            return await work(store)

    try:
        return asyncio.run(run())
    except StoreError as error:
        raise FieldworkError(str(error)) from error


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Store]:
    store = await Store.open(
        settings.database_url, secret=settings.secret, release_batch=settings.release_batch
    )
    try:
        yield store
    finally:
        await store.close()
