"""The commands of kiosks: `kiosk add`, `list`, `revoke` and `receive`."""

import os
import sys
from collections import Counter
from pathlib import Path
from random import SystemRandom

import click
import msgspec

from survey import invitations
from survey.deliveries import HERE, Deliveries, Outcome, Queue
from survey.fieldwork import FieldworkError, check_area, key_of, questionnaire_named, today, with_store
from survey.kiosk import Kiosk, place_code_hash
from survey.settings import Settings, read_settings
from survey.store import Store, StoreError

SHORT = 8
"""Digits of the hash of a place code by which staff name a device."""

LONGEST_NAME = 100


@click.group()
def kiosk() -> None:
    """Places with a tablet: add and revoke devices, take in what was carried off.

    docs/kiosk.md tells more.
    """


@kiosk.command()
@click.argument("survey")
@click.option(
    "--place", required=True, help="Key of the place, for its address: small letters, digits, dashes."
)
@click.option("--name", required=True, help="What people call the place.")
@click.option("--area", required=True, help="Code of the area that the place is in.")
@click.option("--needs-code", is_flag=True, help="Nobody takes part here without a slip or a letter.")
def add(survey: str, *, place: str, name: str, area: str, needs_code: bool) -> None:
    """Add a device to a place of SURVEY, and print the code that pairs it. The code is shown only here.

    A second tablet at the same place is another device: add it with the same options.
    """
    questionnaire = questionnaire_named(survey)
    check_area(questionnaire, area)
    settings = read_settings(os.environ)
    code = invitations.make(SystemRandom())
    added = _placed(questionnaire.key, place, name, area, needs_code=needs_code)
    code_hash = place_code_hash(code, settings.secret)
    with_store(settings, lambda store: store.issue_kiosks({code_hash: added}))
    click.echo(
        f"Place code: {invitations.written(code)}\n"
        f"Open /kiosk/{place} on the tablet and type it there. It pairs one device, {_short(code_hash)}."
    )


def _placed(survey: str, place: str, name: str, area: str, *, needs_code: bool) -> Kiosk:
    """Raises FieldworkError for a place that cannot be called so."""
    if not name.strip() or len(name) > LONGEST_NAME:
        raise FieldworkError(f"--name must have 1 to {LONGEST_NAME} characters: what people call the place.")
    fields = {"survey": survey, "place": place, "name": name.strip(), "area": area, "needs_code": needs_code}
    try:
        return msgspec.convert(fields, Kiosk)
    except msgspec.ValidationError as error:
        raise FieldworkError(
            f"--place {place} cannot stand in an address. Use 1 to 63 small letters, digits and dashes, "
            "for instance het-anker."
        ) from error


@kiosk.command(name="list")
@click.argument("survey")
def list_(survey: str) -> None:
    """List the devices of SURVEY: how to name one, its place, and whether it was paired or revoked."""
    kiosks = with_store(read_settings(os.environ), lambda store: store.kiosks(key_of(survey)))
    for code_hash, one in kiosks.items():
        state = "revoked" if one.revoked else "paired" if one.public_key else "not paired"
        codes = "code needed" if one.needs_code else "no code needed"
        click.echo("\t".join((_short(code_hash), one.place, one.name, one.area, codes, state)))
    click.echo(f"{len(kiosks)} devices.", err=True)


@kiosk.command()
@click.argument("survey")
@click.argument("device")
def revoke(survey: str, device: str) -> None:
    """Accept nothing more from DEVICE, as `kiosk list` names it: it was lost, or is done.

    What still waits on it is lost. First let it send everything, or carry its queue off as a file and
    receive that.
    """
    settings = read_settings(os.environ)
    revoked = with_store(settings, lambda store: _revoke(store, key_of(survey), device))
    click.echo(f"{device} at {revoked.name} is revoked. What it sent before stays.")


async def _revoke(store: Store, survey: str, device: str) -> Kiosk:
    named = {key: one for key, one in (await store.kiosks(survey)).items() if _short(key) == device.lower()}
    if len(named) != 1:
        raise FieldworkError(
            f"{survey} has no device {device}. python -m survey kiosk list {survey} names them."
        )
    ((code_hash, one),) = named.items()
    await store.revoke_kiosk(code_hash)
    return one


def _short(code_hash: bytes) -> str:
    return code_hash.hex()[:SHORT]


@kiosk.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def receive(file: Path) -> None:
    """Take in FILE, a queue that was carried off a device whose network never came back.

    Doing it again does no harm: each response counts once, however it comes. Exit code 0 when everything
    is here now; 1 when something was refused. Keep the file until then.
    """
    queue = _queue(file)
    counts = with_store(settings := read_settings(os.environ), lambda store: _receive(store, settings, queue))
    for outcome, count in sorted(counts.items()):
        click.echo(f"{count}\t{outcome}")
    refused = sum(count for outcome, count in counts.items() if outcome not in HERE)
    click.echo(f"{len(queue.envelopes) - refused} of {len(queue.envelopes)} are here now.", err=True)
    sys.exit(1 if refused else 0)


def _queue(file: Path) -> Queue:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Queue)
    except OSError as error:
        raise FieldworkError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # msgspec's errors are ValueErrors
        raise FieldworkError(
            f"{file} is not a whole file of a kiosk, and nothing was taken in. "
            "Save the queue on the tablet again."
        ) from error


async def _receive(store: Store, settings: Settings, queue: Queue) -> Counter[Outcome]:
    deliveries = Deliveries(store, secret=settings.secret, key_number=settings.kiosk_key)
    counts: Counter[Outcome] = Counter()
    for envelope in queue.envelopes:
        try:
            counts[await deliveries.receive(envelope, queue.place, today())] += 1
        except StoreError as error:
            raise FieldworkError(
                f"{error}\n{counts.total()} of {len(queue.envelopes)} were taken in before that. "
                "Receive the file again: nothing counts twice."
            ) from error
    return counts
