"""What a kiosk gets to work without a network: one document, its worker, and the bundle of a version.

The worker keeps all of it on the device, under the hash of its contents: an edition
(docs/decisions/0091-a-kiosk-is-one-document.md). Nothing here depends on who asks.
"""

import asyncio
import gzip
import hashlib
import logging
from collections.abc import Mapping
from threading import Lock

import msgspec
from msgspec import Struct

from survey.store import Store
from survey.store.errors import StoreError
from survey.web.assets import FOR_EVER, Assets
from survey.web.exchange import Reply, Site, Survey
from survey.web.headers import PAGE, SECURITY, Header
from survey.web.kiosk_bundle import Around, common, texts
from survey.web.pages import TEMPLATES, Pages
from survey.web.situations import NotFound
from survey.web.views import Chrome, ShellPage
from survey.web.wording import language

log = logging.getLogger(__name__)

WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"
"""The worker is what talks with the server; the document, which holds answers, connects to nothing."""

SHELL_POLICY = "; worker-src 'self'; manifest-src 'self'"

LEFT_OUT = (".txt", ".md")
"""How the names of files of the site end that no page of a kiosk asks for."""

Files = Mapping[str, Assets]
"""What is served below each first part of an address: `static`, and `theme` where there is one."""


class Edition(Struct, frozen=True, kw_only=True):
    """A survey's kiosk: `bundle` by name (JSON in gzip), and the paths of all that a device keeps."""

    key: str
    bundle: Mapping[str, bytes]
    paths: tuple[str, ...]


def edition_of(survey: Survey, around: Around, files: Files) -> Edition:
    """Made once; for a questionnaire of sixty steps in seven languages that takes two seconds."""
    encode = msgspec.json.Encoder().encode
    bundle = {"common.json": encode(common(survey, idle=around.idle))} | {
        f"{one.tag}.json": encode(texts(survey, one, around)) for one in survey.languages
    }
    kept = {
        f"/{place}/{name}": assets.content(name)
        for place, assets in files.items()
        for name in sorted(assets.names)
        if not name.endswith(LEFT_OUT)
    }
    shell = around.framing.fill("kiosk/shell.html", ShellPage(home="", texts=""), CHROME)
    contents = [*bundle.values(), shell.encode(), *kept.values()]
    addresses = (*kept, *sorted(survey.recordings.values()))
    digest = hashlib.sha256("\n".join(addresses).encode())
    for content in contents:
        digest.update(hashlib.sha256(content).digest())
    packed = {name: gzip.compress(content, mtime=0) for name, content in bundle.items()}
    return Edition(key=digest.hexdigest()[:16], bundle=packed, paths=addresses)


CHROME = Chrome(language=language("nl"))


class Kiosks:
    """The editions of the surveys of a site, each made once: beforehand, or when it is first asked for."""

    def __init__(self, site: Site, framing: Pages, files: Files, *, idle: int) -> None:
        self._site = site
        self._idle = idle
        self._framing = framing
        self._files = files
        self._making = Lock()
        self._made: dict[str, Edition] = {}

    async def prepare(self, store: Store) -> tuple[str, ...]:
        """Make those of the surveys that have a place, so that no device waits; returns which these are."""
        try:
            keys = [key for key in self._site.surveys if await store.kiosks(key)]
        except StoreError as error:
            log.warning("the pages of kiosks are made when a device asks for them: %s", error)
            return ()
        for key in keys:
            await asyncio.to_thread(self.edition, key)
        return tuple(keys)

    def edition(self, key: str) -> Edition:
        """Called from threads. Raises NotFound for a survey that is not served here."""
        survey = self._site.surveys.get(key)
        if survey is None:
            raise NotFound
        with self._making:
            if key not in self._made:
                around = Around(
                    framing=self._framing,
                    filling=Pages(TEMPLATES / "kiosk", TEMPLATES),
                    evidence=self._site.evidence,
                    idle=self._idle,
                    simulated=self._site.simulated,
                )
                self._made[key] = edition_of(survey, around, self._files)
            return self._made[key]

    def shell(self, place: str, survey: str) -> Reply:
        home = f"/kiosk/{place}"
        page = ShellPage(home=home, texts=f"{home}/texts/{self.edition(survey).key}")
        html = self._framing.fill("kiosk/shell.html", page, CHROME)
        return Reply(status=200, headers=shell_headers(), body=html.encode())

    def worker(self, place: str, survey: str) -> Reply:
        """The script of the worker: what it keeps for this place. The browser looks whether it changed."""
        home, edition = f"/kiosk/{place}", self.edition(survey)
        bundle = [f"{home}/texts/{edition.key}/{name}" for name in edition.bundle]
        paths = [home, f"{home}/manifest.webmanifest", *bundle, *edition.paths]
        kept = msgspec.json.encode({"home": home, "edition": edition.key, "paths": paths}).decode()
        script = f'import {{ work }} from "/static/kiosk/worker.js?{edition.key}";\nwork({kept});\n'
        headers = (
            *without(SECURITY, b"content-security-policy"),
            (b"content-security-policy", WORKER_POLICY.encode()),
            (b"content-type", b"text/javascript; charset=utf-8"),
            (b"cache-control", b"no-cache"),
            (b"service-worker-allowed", home.encode()),
        )
        return Reply(status=200, headers=headers, body=script.encode())

    def manifest(self, place: str, name: str) -> Reply:
        """What installing it takes: it opens full screen, as an app of its own."""
        manifest = {
            "name": name,
            "short_name": name,
            "lang": "nl",
            "start_url": f"/kiosk/{place}",
            "scope": f"/kiosk/{place}",
            "display": "fullscreen",
            "background_color": "#f5f7f5",
            "theme_color": "#f5f7f5",
            "icons": [{"src": "/static/house.svg", "sizes": "any", "type": "image/svg+xml"}],
        }
        headers = (
            *SECURITY,
            (b"content-type", b"application/manifest+json"),
            (b"cache-control", b"no-cache"),
        )
        return Reply(status=200, headers=headers, body=msgspec.json.encode(manifest))

    def text(self, survey: str, file: str) -> Reply:
        """A file of the bundle, by edition and name. Raises NotFound, also for one of another edition."""
        edition = self.edition(survey)
        key, _, name = file.partition("/")
        if key != edition.key or name not in edition.bundle:
            raise NotFound
        headers = (
            *SECURITY,
            (b"content-type", b"application/json"),
            (b"cache-control", FOR_EVER),
            (b"content-encoding", b"gzip"),
        )
        return Reply(status=200, headers=headers, body=edition.bundle[name])


def shell_headers() -> tuple[Header, ...]:
    policy = dict(PAGE)[b"content-security-policy"] + SHELL_POLICY.encode()
    return (*without(PAGE, b"content-security-policy"), (b"content-security-policy", policy))


def without(headers: tuple[Header, ...], name: bytes) -> tuple[Header, ...]:
    return tuple(header for header in headers if header[0] != name)
