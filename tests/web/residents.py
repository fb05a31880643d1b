"""Residents who read pages and fill in forms over HTTP, as a browser without script would."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from functools import cached_property
from typing import Any, Self
from xml.etree.ElementTree import Element

import httpx
import tinyhtml5
import uvicorn
from litestar import Litestar

from survey import invitations
from survey.deliveries import Deliveries
from survey.questionnaires.model import Questionnaire
from survey.store import LedgerEntry, Store
from survey.web.app import Serving, create_app
from survey.web.rate_limit import STARTS_AT_ONCE

COOKIE = "wijkpeil-brinkdorp-peiling"

Fields = Sequence[tuple[str, str]]


class Page:
    """A reply, read as HTML."""

    def __init__(self, reply: httpx.Response) -> None:
        self.status = reply.status_code
        self.path = reply.url.path
        self.reply = reply
        self.text = reply.text

    @cached_property
    def html(self) -> Element:
        element: Element = tinyhtml5.parse(self.reply.content, namespace_html_elements=False)
        return element

    @property
    def title(self) -> str:
        return words(next(self.html.iter("title")))

    @property
    def heading(self) -> str:
        return words(next(self.html.iter("h1")))

    @property
    def step(self) -> str:
        """The last part of the address: `start`, `consent`, the variable of a question."""
        return self.path.rsplit("/", maxsplit=1)[-1]

    @property
    def words(self) -> str:
        return words(self.html)

    def links(self) -> list[str]:
        return [element.get("href", "") for element in self.html.iter("a")]

    def form(self) -> Element:
        return next(form for form in self.html.iter("form") if form.get("method") == "post")

    def hidden(self) -> list[tuple[str, str]]:
        return [
            (field.get("name", ""), field.get("value", ""))
            for field in self.form().iter("input")
            if field.get("type") == "hidden"
        ]

    def chosen(self) -> list[str]:
        """What the form would send as it stands: what is ticked, or typed."""
        inputs = [
            element.get("value", "")
            for element in self.form().iter("input")
            if element.get("name") == "answer"
            and ("checked" in element.attrib or element.get("type") not in {"radio", "checkbox"})
        ]
        return inputs + ["".join(element.itertext()) for element in self.form().iter("textarea")]

    def offered(self) -> list[str]:
        return [
            element.get("value", "")
            for element in self.form().iter("input")
            if element.get("name") == "answer" and element.get("type") in {"radio", "checkbox"}
        ]


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


class Resident:
    """One browser: its cookie, and the page it shows."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page: Page

    async def open(self, path: str) -> Page:
        self.page = Page(await self.client.get(path, follow_redirects=True))
        return self.page

    async def send(self, *fields: tuple[str, str], to: str | None = None, page: Page | None = None) -> Page:
        """Send the form of the page (or of an older one, as a second tab would) and follow the redirect."""
        page = page or self.page
        action = to or page.form().get("action") or page.path
        data: dict[str, list[str]] = {}
        for name, value in (*page.hidden(), *fields):
            data.setdefault(name, []).append(value)
        self.page = Page(await self.client.post(action, data=data, follow_redirects=True))
        return self.page

    async def answer(self, *values: str) -> Page:
        return await self.send(*(("answer", value) for value in values))

    async def begin(
        self, survey: str, *, tag: str = "nl", purposes: Sequence[str] = ("taking_part",)
    ) -> Page:
        await self.open(f"/{survey}/{tag}/consent")
        return await self.send(*(("purpose", purpose) for purpose in purposes))

    async def follow(self, answers: Mapping[str, Sequence[str]], until: str) -> Page:
        """Answer question after question, skipping those without an answer, until a page is reached."""
        for _ in range(150):
            if self.page.step == until:
                return self.page
            assert self.page.status == 200, self.page.words
            given = answers.get(self.page.step)
            await (self.answer(*given) if given is not None else self.send(("skip", "1")))
        raise AssertionError(f"{until} was not reached; last page {self.page.path}")


@asynccontextmanager
async def served(app: Any, *, log_level: str = "warning") -> AsyncIterator[str]:
    """The address of the application, served by uvicorn over a socket as in the field."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, access_log=False, log_config=None, log_level=log_level, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


class Place:
    """A served survey, in this process."""

    def __init__(
        self,
        *,
        store: Store,
        questionnaires: Sequence[Questionnaire],
        secret: bytes,
        today: date,
        open_starts: float = STARTS_AT_ONCE,
    ) -> None:
        self.store = store
        self.today = today
        self.secret = secret
        deliveries = Deliveries(store, secret=secret, key_number=1, questionnaires=questionnaires)
        serving = Serving(
            secret=secret, today=lambda: self.today, open_starts=open_starts, deliveries=deliveries
        )
        self.app: Litestar = create_app(questionnaires, store, serving)
        self._random = random.Random(1)
        self._clients = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._clients.aclose()

    def client(self, app: Callable[..., Any] | None = None) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app or self.app)
        client = httpx.AsyncClient(transport=transport, base_url="http://survey.test")
        self._clients.push_async_callback(client.aclose)
        return client

    def resident(self) -> Resident:
        return Resident(self.client())

    async def code(self, survey: str, area: str, kind: invitations.CodeKind = "letter") -> str:
        code = invitations.make(self._random, kind)
        entry = LedgerEntry(area=area, round=kind, kind=kind)
        await self.store.issue(survey, {invitations.code_hash(code, self.secret): entry})
        return invitations.written(code)
