"""Sample pages in a browser tab, with the headers of the real server; the browser keeps files as ever."""

import mimetypes
from collections.abc import Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from msgspec import Struct
from playwright.sync_api import BrowserContext, Page

from survey.web.headers import CONTENT_SECURITY_POLICY
from survey.web.pages import OUR_OWN, STATIC, Look, Pages
from survey.web.theme import Theme
from survey.web.views import Chrome
from tests.web.sample_pages import CHROME, PAGES, around


@cache
def pages_in(look: Look) -> Pages:
    return Pages(look=look)


class Sample:
    """A browser tab that shows sample pages, until its context is closed."""

    def __init__(self, context: BrowserContext, theme: Theme | None = None) -> None:
        self._pages = pages_in(OUR_OWN if theme is None else theme.look)
        self._server = Server(
            {"static": STATIC} if theme is None else {"static": STATIC, "theme": theme.folder}
        )
        context.on("close", lambda _: self._server.end())
        self.page = context.new_page()

    def open(self, name: str, chrome: Chrome = CHROME) -> Page:
        template, values = PAGES[name]
        return self.show(template, values, chrome)

    def show(self, template: str, values: Struct, chrome: Chrome) -> Page:
        html = self._pages.render(template, values, around(template, chrome))
        self._server.page = html.encode()
        self.page.goto(f"http://127.0.0.1:{self._server.server_port}/")
        return self.page


class Server(ThreadingHTTPServer):
    """Gives files from folders, and one page at any other address."""

    daemon_threads = True

    def __init__(self, folders: Mapping[str, Path]) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.folders = folders
        self.page = b""
        self._thread = Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()

    def end(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        place, _, name = self.path.removeprefix("/").partition("?")[0].partition("/")
        folder = self.server.folders.get(place)
        body, kind, kept = self.server.page, "text/html; charset=utf-8", "no-store"
        if folder is not None:
            body, kind = (folder / name).read_bytes(), mimetypes.guess_type(name)[0] or "font/woff2"
            kept = "max-age=3600"
        self.send_response(200)
        headers = {"content-type": kind, "content-length": len(body), "cache-control": kept}
        for header, value in {**headers, "content-security-policy": CONTENT_SECURITY_POLICY}.items():
            self.send_header(header, str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing is written down."""
