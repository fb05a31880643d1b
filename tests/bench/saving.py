"""Saving a page of answers, on this project and on its peers, against a static 200, in one run."""

import asyncio
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

from survey.questionnaires.model import Questionnaire
from survey.simulate.visiting import Browser, Resident, Visit
from tests.bench import servers
from tests.bench.load import Load, Request, measured

KEY = "leiden-eindevaluatie"
GRADE = "q2"
SESSIONS = 128


def peer_requests(address: str) -> list[Request]:
    requests = []
    for number in range(SESSIONS):
        with urllib.request.urlopen(f"{address}/start") as reply:
            cookie = reply.headers["Set-Cookie"].split(";")[0]
            body = f"answer={number % 10 + 1}&csrf={reply.read().decode()}"
        requests.append(Request(method="POST", path="/page/q2", cookie=cookie, body=body))
    return requests


def static(folder: Path) -> Load:
    port = servers.free_port()
    command = servers.uvicorn("tests.bench.peers.static_peer:app", port)
    with servers.running(command, port, folder / "log") as address:
        return measured(address, [Request(method="GET", path="/start")], folder)


def fastapi(folder: Path, url: str) -> Load:
    port = servers.free_port()
    command = servers.uvicorn("tests.bench.peers.fastapi_peer:app", port)
    with servers.running(command, port, folder / "log", PEER_DATABASE_URL=url) as address:
        return measured(address, peer_requests(address), folder)


def django(folder: Path, workers: int, **database: str) -> Load:
    port = servers.free_port()
    command = servers.gunicorn("tests.bench.peers.django_peer:app", port, workers)
    with servers.running(command, port, folder / "log", **database) as address:
        return measured(address, peer_requests(address), folder)


def ours(folder: Path, visitors: list[Resident], questionnaire: Questionnaire, url: str) -> tuple[Load, Load]:
    """Saving a page and reading one, on this project's own server."""
    port = servers.free_port()
    command = ["survey", "serve", KEY, "--port", str(port), "--database-url", url, "--simulated"]
    with servers.running(command, port, folder / "log", WIJKPEIL_DATA=str(folder / "data")) as address:
        saves = asyncio.run(half_way(f"{address}/{KEY}", visitors[:SESSIONS], questionnaire))
        reads = [Request(method="GET", path=save.path, cookie=save.cookie) for save in saves]
        return measured(address, saves, folder), measured(address, reads, folder)


async def half_way(address: str, visitors: list[Resident], questionnaire: Questionnaire) -> list[Request]:
    """What visitors would send from the page of the first grade, each with a draft of its own."""
    return [await at_grade(address, visitor, questionnaire) for visitor in visitors]


async def at_grade(address: str, visitor: Resident, questionnaire: Questionnaire) -> Request:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        browser = Browser(session)
        visit = Visit(browser, visitor, questionnaire)
        await browser.open(address)
        while not browser.address.path.endswith(f"/page/{GRADE}"):
            await visit._next()
        cookie = "; ".join(f"{one.key}={one.value}" for one in jar)
        form = browser.page.form
    if form is None:
        raise RuntimeError(f"no form at {browser.address.path}")
    body = urlencode(form.filled({"answer": ["7"]}))
    return Request(method="POST", path=browser.address.path, cookie=cookie, body=body)
