"""What an operator sets, read once from the environment, or a refusal that says what to change."""

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import click
from msgspec import Struct

from survey.sealing import KEY_BYTES

PREFIX = "WIJKPEIL_"


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

    Raises `SettingsError` for the first setting that cannot be used.
    """
    given = {name[len(PREFIX) :]: text for name, text in environment.items() if name.startswith(PREFIX)}
    data = Path(given.pop("DATA", "data"))
    secret = given.pop("SECRET", None)
    settings = Settings(
        data=data,
        database_url=_database_url(given.pop("DATABASE_URL", f"sqlite:///{data / 'wijkpeil.sqlite'}")),
        host=given.pop("HOST", "127.0.0.1"),
        port=_whole_number("PORT", given.pop("PORT", "8000"), 0, 65535),
        release_batch=_whole_number("RELEASE_BATCH", given.pop("RELEASE_BATCH", "25"), 2, 10_000),
        kiosk_key=_whole_number("KIOSK_KEY", given.pop("KIOSK_KEY", "1"), 1, 1000),
        kiosk_idle=_whole_number("KIOSK_IDLE", given.pop("KIOSK_IDLE", "75"), 30, 600),
        simulated=_whole_number("SIMULATED", given.pop("SIMULATED", "0"), 0, 1) == 1,
        theme=Path(theme) if (theme := given.pop("THEME", "")) else None,
        secret=_kept_secret(_made_folder(data)) if secret is None else _decoded(secret, f"{PREFIX}SECRET"),
    )
    if given:
        unknown = ", ".join(f"{PREFIX}{name}" for name in sorted(given))
        raise SettingsError(f"Unknown setting: {unknown}. Remove it, or correct its spelling.")
    return settings


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
