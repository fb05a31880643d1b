"""Saving a page of answers, on this project and on its peers, against a static 200, in one run."""

import sys
import tempfile
import urllib.request
from pathlib import Path

from tests.bench import servers
from tests.bench.load import Load, Request, measured

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


def django(folder: Path, **database: str) -> Load:
    port = servers.free_port()
    command = servers.gunicorn("tests.bench.peers.django_peer:app", port)
    with servers.running(command, port, folder / "log", **database) as address:
        return measured(address, peer_requests(address), folder)
if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(static(folder))
        print("fastapi", fastapi(folder, f"sqlite+aiosqlite:///{folder}/f.db"))
        print("django", django(folder, PEER_SQLITE=str(folder / "d.db")))
