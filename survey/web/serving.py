"""Serving until a signal comes: bind, answer, finish what waits, and stop."""

import asyncio
import contextlib
import errno
import gc
import logging
import socket
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import date, timedelta
from math import inf
from pathlib import Path

import click
import uvicorn
from litestar.types import ASGIApp

from survey.deliveries import Deliveries
from survey.questionnaires.folder import AUDIO, find_folder, read_folder
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.parsing import parse
from survey.questionnaires.problems import QuestionnaireError
from survey.settings import Settings
from survey.store import Store, StoreError
from survey.web.app import Serving, create_app
from survey.web.assets import Assets
from survey.web.presentation import may_finish
from survey.web.rate_limit import STARTS_AT_ONCE
from survey.web.standing import DRAFT_DAYS
from survey.web.theme import Theme, ThemeError, read_theme

log = logging.getLogger(__name__)

UPKEEP_SECONDS = 60

COLLECT_AT = (20_000, 20, 20)
"""How many new objects the garbage collector waits for: hardly any request leaves a cycle behind, and looking
for one at Python's 700 costs about four per cent."""

KEEP_ALIVE_SECONDS = 150
"""How long a quiet connection stays open: longer than a proxy keeps one for reuse (Caddy: 120), or an answer
sent over it just as it is closed would be refused by the proxy, which cannot know whether it arrived."""

Survey = tuple[Questionnaire, Mapping[str, bytes], Assets]
"""A questionnaire, the files it was read from, and its recordings."""


def read_surveys(names: Iterable[str]) -> tuple[Survey, ...]:
    """The surveys, by key or path. Raises ClickException with every problem of all of them."""
    surveys: list[Survey] = []
    problems: list[str] = []
    places: dict[str, str] = {}
    for name in names:
        try:
            folder = find_folder(name)
            files = read_folder(folder)
            questionnaire = parse(files)
        except QuestionnaireError as error:
            problems += [f"{name}: {problem}" for problem in error.problems]
            continue
        surveys.append((questionnaire, files, Assets(folder / AUDIO)))
        other = places.setdefault(questionnaire.key, name)
        if other is not name:
            problems.append(
                f"{name}: its key {questionnaire.key} is also that of {other}. Give it another key."
            )
    if problems:
        listed = "\n".join(problems)
        raise click.ClickException(f"Not started. Put this right first:\n{listed}")
    return tuple(surveys)


def read_readable_theme(folder: Path) -> Theme:
    """The theme in a folder. Raises ClickException when it cannot be used, or when people cannot read it."""
    try:
        theme = read_theme(folder)
    except ThemeError as error:
        raise click.ClickException(f"Not started. {error}") from error
    short = [str(contrast) for contrast in theme.contrasts if not contrast.enough]
    if short:
        listed = "\n".join(short)
        raise click.ClickException(
            f"Not started. These colours of the theme {folder} are too near each other to be read "
            f"(WCAG 2.2 AA). Change them, or serve without a theme:\n{listed}"
        )
    return theme


def bind(host: str, port: int) -> socket.socket:
    """A socket at the address; port 0 takes a free one. Raises ClickException when that cannot be."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"Port {port} on {host} is in use. Stop what uses it, or choose another with --port."
        else:
            message = f"Cannot listen on {host} port {port}: {error.strerror}. Choose another."
        raise click.ClickException(message) from error


def address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


async def serve(app: ASGIApp, bound: socket.socket, *, lifespan: bool = True) -> None:
    """Answer requests until SIGINT or SIGTERM; then those under way are finished first."""
    config = uvicorn.Config(
        app,
        lifespan="on" if lifespan else "off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    gc.collect()
    gc.set_threshold(*COLLECT_AT)
    gc.freeze()  # what start-up made lives as long as the process: the collector need not look at it again
    await uvicorn.Server(config).serve(sockets=[bound])


async def serve_surveys(surveys: Iterable[Survey], settings: Settings, bound: socket.socket) -> None:
    """Open the store, register the surveys, and serve them. Raises ClickException when the store refuses."""
    surveys = tuple(surveys)
    theme = None if settings.theme is None else read_readable_theme(settings.theme)
    store = await opened(surveys, settings)
    questionnaires = [questionnaire for questionnaire, _, _ in surveys]

    @asynccontextmanager
    async def kept_up(_: object) -> AsyncIterator[None]:
        upkeep = asyncio.create_task(keep_up(store, questionnaires))
        try:
            yield
        finally:
            upkeep.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await upkeep
            await store.close()

    for questionnaire in questionnaires:
        click.echo(f"{questionnaire.title.source}: {address(bound)}{questionnaire.key}")
    serving = Serving(
        secret=settings.secret,
        deliveries=Deliveries(
            store, secret=settings.secret, key_number=settings.kiosk_key, questionnaires=questionnaires
        ),
        kiosk_idle=settings.kiosk_idle,
        simulated=settings.simulated,
        open_starts=inf if settings.simulated else STARTS_AT_ONCE,
        lifespan=kept_up,
        recordings={questionnaire.key: recordings for questionnaire, _, recordings in surveys},
        theme=theme,
    )
    await serve(create_app(questionnaires, store, serving), bound)


async def opened(surveys: Iterable[Survey], settings: Settings) -> Store:
    try:
        store = await Store.open(
            settings.database_url, secret=settings.secret, release_batch=settings.release_batch
        )
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    try:
        for questionnaire, files, _ in surveys:
            await store.register(
                questionnaire.key, questionnaire.version, files, simulated=settings.simulated
            )
    except StoreError as error:
        await store.close()
        raise click.ClickException(str(error)) from error
    return store


async def keep_up(store: Store, questionnaires: Iterable[Questionnaire]) -> None:
    """Every minute: forget drafts left for long, and release what waits in large enough numbers."""
    while True:
        try:
            await store.expire_drafts(date.today() - timedelta(days=DRAFT_DAYS))
            await release_due(store, questionnaires, date.today())
        except StoreError as error:
            log.warning("upkeep is put off for a minute: %s", error)
        await asyncio.sleep(UPKEEP_SECONDS)


async def release_due(store: Store, questionnaires: Iterable[Questionnaire], today: date) -> None:
    """Release what waits; when nobody can finish any more all of it, for nobody is coming to mix with.

    But kiosks may still send what waits on them: while there are any, only full batches are released.
    """
    for questionnaire in questionnaires:
        closed = not may_finish(questionnaire.fieldwork.closes, today)
        over = closed and all(kiosk.revoked for kiosk in (await store.kiosks(questionnaire.key)).values())
        await store.release(questionnaire.key, everything=over)
