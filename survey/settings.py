"""What an operator sets, read once from the environment, or a refusal that says what to change."""

import base64
import binascii
import os
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from survey.sealing import KEY_BYTES

PREFIX = "WIJKPEIL_"


NUMBERS = {
    "PORT": ("8000", 0, 65535),
    "RELEASE_BATCH": ("25", 2, 10_000),
    "KIOSK_KEY": ("1", 1, 1000),
    "KIOSK_IDLE": ("75", 30, 600),
    "SIMULATED": ("0", 0, 1),
}
"""Of every setting that is a whole number: what it is when it is not given, and from what to what."""


class SettingsError(click.ClickException):
    """A setting that the program cannot work with. The message never repeats a secret."""


class Settings(Struct, frozen=True, kw_only=True):
    """`database_url` and `secret` are secrets: never print or log them.

    `kiosk_key` is the number of the key that kiosks seal for; the keys of all lower numbers still open.
    `kiosk_idle`: after so many seconds without touch a kiosk asks whether somebody is there.
    """

    data: Path
    database_url: str
    secret: bytes
    host: str
    port: int
    release_batch: int
    kiosk_key: int
    kiosk_idle: int
    simulated: bool
    theme: Path | None = None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read all settings; makes the data folder and, when no secret is given, a secret in it.

    Raises `SettingsError` with every setting that cannot be used; nothing is made then.
    """
    given = {name[len(PREFIX) :]: text for name, text in environment.items() if name.startswith(PREFIX)}
    data, secret = Path(given.pop("DATA", "data")), given.pop("SECRET", None)
    url, theme = given.pop("DATABASE_URL", f"sqlite:///{data / 'wijkpeil.sqlite'}"), given.pop("THEME", "")
    readers: dict[str, Callable[[], object]] = {
        "database_url": partial(_database_url, url),
        **{
            name.lower(): partial(_whole_number, name, given.pop(name, usual), smallest, largest)
            for name, (usual, smallest, largest) in NUMBERS.items()
        },
        "secret": lambda: None if secret is None else _decoded(secret, f"{PREFIX}SECRET"),
    }
    host, unknown = given.pop("HOST", "127.0.0.1"), sorted(given)
    found: dict[str, Any] = {}
    problems = []
    for name, read in readers.items():
        try:
            found[name] = read()
        except SettingsError as error:
            problems.append(error.message)
    if unknown:
        named = ", ".join(f"{PREFIX}{name}" for name in unknown)
        problems.append(f"Unknown setting: {named}. Remove it, or correct its spelling.")
    if problems:
        raise SettingsError("\n".join(problems))
    found["simulated"] = found["simulated"] == 1
    found["secret"] = found["secret"] or _kept_secret(_made_folder(data))
    return Settings(data=data, host=host, theme=Path(theme) if theme else None, **found)


def _database_url(url: str) -> str:
    if url.startswith(("sqlite:///", "postgresql://")):
        return url
    raise SettingsError(
        f"{PREFIX}DATABASE_URL must start with sqlite:/// or postgresql://, "
        "for instance postgresql://wijkpeil:PASSWORD@localhost/wijkpeil"
    )


def _whole_number(name: str, text: str, smallest: int, largest: int) -> int:
    if text.isdecimal() and smallest <= int(text) <= largest:
        return int(text)
    raise SettingsError(f"{PREFIX}{name} must be a whole number from {smallest} to {largest}, not {text!r}.")


def _made_folder(data: Path) -> Path:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"{PREFIX}DATA: cannot make the folder {data} ({error.strerror}). Choose another folder."
        ) from error
    return data


def _kept_secret(data: Path) -> bytes:
    """The secret in the data folder, made the first time; a second process reads it."""
    path = data / "secret"
    try:
        if not path.exists():
            _make_secret(path)
        return _decoded(path.read_text(encoding="ascii"), str(path))
    except OSError as error:
        raise SettingsError(f"The secret {path} cannot be read or made ({error.strerror}).") from error


def _make_secret(path: Path) -> None:
    """Write a whole file first and link it into place: nobody ever reads half a secret."""
    fresh = path.with_name(f"secret.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _decoded(text: str, source: str) -> bytes:
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SettingsError(f"{source} is not base64. Make a secret with: openssl rand -base64 32") from error
    if len(secret) < KEY_BYTES:
        raise SettingsError(f"{source} is too short. Make a secret with: openssl rand -base64 32")
    return secret
