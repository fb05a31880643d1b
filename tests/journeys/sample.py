"""Sample pages in a browser tab: without a server, with the headers of the real one."""

import mimetypes

from msgspec import Struct
from msgspec.structs import replace
from playwright.sync_api import BrowserContext, Page, Route

from survey.web.headers import CONTENT_SECURITY_POLICY
from survey.web.pages import STATIC, Pages
from survey.web.theme import Theme
from survey.web.views import Chrome
from tests.web.sample_pages import CHROME, PAGES

ADDRESS = "http://wijkpeil.test"


class Sample:
    """A browser tab that shows sample pages."""

    def __init__(self, context: BrowserContext, theme: Theme | None = None) -> None:
        self._pages = Pages() if theme is None else Pages(look=theme.look)
        self._folders = {"static": STATIC} if theme is None else {"static": STATIC, "theme": theme.folder}
        self._html = ""
        self.page = context.new_page()
        self.page.route("**/*", self._answer)

    def open(self, name: str, chrome: Chrome = CHROME) -> Page:
        template, values = PAGES[name]
        return self.show(template, values, chrome)

    def show(self, template: str, values: Struct, chrome: Chrome) -> Page:
        saves = template in {"question.html", "consent.html", "code.html"}
        self._html = self._pages.render(template, values, replace(chrome, switch_saves=saves))
        self.page.goto(f"{ADDRESS}/")
        return self.page

    def _answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(ADDRESS).partition("?")[0]
        headers = {"content-security-policy": CONTENT_SECURITY_POLICY}
        place, _, name = path.removeprefix("/").partition("/")
        if place not in self._folders:
            route.fulfill(body=self._html, content_type="text/html; charset=utf-8", headers=headers)
            return
        file = self._folders[place] / name
        kind = mimetypes.guess_type(file)[0] or "font/woff2"
        route.fulfill(body=file.read_bytes(), content_type=kind, headers=headers)
