"""A real Chromium (the one of the system, found on the path) and the real server as a process of its own."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.journeys.inspection import PHONE

BRINKDORP = Path(__file__).parents[1] / "samples" / "brinkdorp"
QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@contextmanager
def launched(program: str = "chromium", *options: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which(program), args=[*QUIET, *options])
        yield chromium
        chromium.close()


@contextmanager
def previewing(questionnaire: str) -> Iterator[str]:
    """The address of a researcher's preview."""
    command = [sys.executable, "-m", "survey", "preview", questionnaire, "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = re.search(r"http://[\w.:]+", server.stdout.readline())
        assert address is not None
        yield address[0]
        server.terminate()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the two surveys, on simulated answers."""
    command = [sys.executable, "-m", "survey", "serve", "leiden-eindevaluatie", str(BRINKDORP)]
    server = subprocess.Popen(
        [*command, "--port", "0", "--simulated"],
        env={**os.environ, "WIJKPEIL_DATA": str(tmp_path_factory.mktemp("data")), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    address = re.search(r"http://[\w.:]+", server.stdout.readline())
    assert address is not None
    yield address[0]
    server.terminate()
    server.wait()
    server.stdout.close()


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """A phone, whose every request must go to the site."""
    context = browser.new_context(viewport=PHONE, base_url=site, locale="nl-NL", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    elsewhere: list[str] = []
    context.on("request", lambda r: None if r.url.startswith(f"{site}/") else elsewhere.append(r.url))
    yield context
    context.close()
    assert elsewhere == []
