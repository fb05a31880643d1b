"""The command `slips`: codes on paper for a kiosk, eight to a sheet, as a tagged PDF."""

import os
from functools import partial
from pathlib import Path
from random import SystemRandom

import click

from survey import invitations
from survey.fieldwork import (
    FieldworkError,
    check_language,
    issue,
    questionnaire_named,
    with_store,
    write_privately,
)
from survey.kiosk import Kiosk
from survey.questionnaires.model import Questionnaire
from survey.settings import read_settings
from survey.store import LedgerEntry, Store
from survey.web.letters import NotOfferedError
from survey.web.letters import slips as write_slips
from survey.web.pages import STATIC

INSTALL_PANGO = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


@click.command()
@click.argument("survey")
@click.argument("place")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--count", required=True, type=click.IntRange(1, 1000), help="How many slips; 8 on a sheet.")
@click.option("--language", help="Language tag of the slips; without it that of the questionnaire.")
def slips(survey: str, place: str, out: Path, *, count: int, language: str | None) -> None:
    """Make codes for slips and write them to OUT, a PDF to print and cut.

    PLACE is the key of a place of SURVEY, as `kiosk add` was told. The codes stand in OUT only; the
    database keeps a keyed hash of each.
    """
    questionnaire = questionnaire_named(survey)
    check_language(questionnaire, language)
    settings = read_settings(os.environ)
    random = SystemRandom()
    codes = [invitations.make(random, "slip") for _ in range(count)]

    async def make(store: Store) -> None:
        kiosk = await store.place(place)
        if kiosk is None or kiosk.survey != questionnaire.key:
            raise FieldworkError(
                f"{questionnaire.key} has no place {place}. python -m survey kiosk list {survey} names them."
            )
        printed = _pdf(questionnaire, kiosk, codes, language or questionnaire.source_language)
        entry = LedgerEntry(area=kiosk.area, round=place, kind="slip")
        entries = {invitations.code_hash(code, settings.secret): entry for code in codes}
        await issue(store, questionnaire.key, entries, out, partial(write_privately, out, printed))

    with_store(settings, make)
    click.echo(f"{count} slips for {place} in {out}. It holds codes: destroy it after printing.")


def _pdf(questionnaire: Questionnaire, kiosk: Kiosk, codes: list[str], language: str) -> bytes:
    """One language in each file: WeasyPrint does not tag a part that is in another (docs/decisions/0060)."""
    try:
        from weasyprint import HTML  # noqa: PLC0415 - needs a library that no Python package brings
    except OSError as error:
        raise FieldworkError(
            "The library Pango, which lays out the pages, cannot be loaded. "
            f"Install it, on Debian or Ubuntu with: {INSTALL_PANGO}"
        ) from error
    try:
        html = write_slips(questionnaire, kiosk.name, map(invitations.written, codes), language)
    except NotOfferedError as error:
        raise FieldworkError(str(error)) from error
    printed: bytes = HTML(string=html, base_url=f"{STATIC}/").write_pdf(pdf_variant="pdf/ua-1")
    return printed
