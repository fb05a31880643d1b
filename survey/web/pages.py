"""Page values to HTML: the templates, and the sentences of the interface in every language.

A sentence of the interface stands in the templates in Dutch, and is its own key. `locale/<tag>.po` holds
the translations; its header says `X-State`, as that of a questionnaire's catalogue. They are read once;
each language gets a Jinja environment of its own, so that a page looks nothing up but sentences.
`locale/informal/<tag>.po` holds the sentences that differ where a questionnaire says "je" instead of "u";
the others are those of `locale/<tag>.po`.
Catalogues are trusted like code: they may hold HTML.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path

import polib
from babel.dates import format_date
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from msgspec import Struct

from survey.questionnaires.wording import direction_of, numbers_in_order
from survey.web.forms import MOST_TYPED
from survey.web.views import Chrome, Fault, Language, Shown
from survey.web.wording import spoken_as

SOURCE_LANGUAGE = "nl"
STATIC = Path(__file__).parent / "static"
LOCALE = Path(__file__).parent / "locale"
TEMPLATES = Path(__file__).parents[2] / "templates"


class Look(Struct, frozen=True, kw_only=True):
    """How pages look: the classes of the root element, and the style sheet of a theme."""

    classes: str = "rs-dark"
    sheet: str | None = None


OUR_OWN = Look()


class Pages:
    """Renders templates in the languages of the interface. Of the folders of templates the first one wins."""

    def __init__(
        self, *templates: Path, static: Path = STATIC, locale: Path = LOCALE, look: Look = OUR_OWN
    ) -> None:
        self._folders = templates or (TEMPLATES,)
        self._versions = _versions(static)
        self._look = look
        catalogues = _catalogues(locale)
        self._formal: dict[str, polib.POFile | None] = {SOURCE_LANGUAGE: None, **catalogues}
        self._informal = {path.stem: polib.pofile(str(path)) for path in sorted(locale.glob("informal/*.po"))}
        self._environments: dict[tuple[str, bool], Environment] = {}
        self.drafts: Mapping[str, bool] = {SOURCE_LANGUAGE: False} | {
            tag: catalogue.metadata["X-State"] == "draft" for tag, catalogue in catalogues.items()
        }
        """The languages of the interface, and whether no native reader has approved them yet."""

    def render(self, template: str, page: Struct, chrome: Chrome) -> str:
        """The HTML of `templates/resident/<template>`; `KeyError` when the interface lacks the language."""
        return self.fill(f"resident/{template}", page, chrome)

    def fill(self, path: str, page: Struct, chrome: Chrome) -> str:
        """The HTML of `templates/<path>`; `KeyError` when the interface lacks the language."""
        return self._template(path, chrome).render(page=page, chrome=chrome)

    def instruction(self, fault: Fault, chrome: Chrome) -> str:
        """What a page says about a fault, as HTML."""
        pieces = self._template("resident/parts.html", chrome).module
        return str(pieces.instruction(fault)).strip()  # type: ignore[attr-defined]

    def letters(self, written: Iterable[tuple[Struct, Chrome]], languages: tuple[Language, ...]) -> str:
        """The HTML of letters to print, each in its own language; `languages` is what they offer."""
        articles = [
            Markup(  # noqa: S704 - a template has escaped what it prints
                self._template("letters/letter.html", chrome).render(
                    page=page, chrome=chrome, languages=languages
                )
            )
            for page, chrome in written
        ]
        return self._environment(SOURCE_LANGUAGE).get_template("letters/sheet.html").render(letters=articles)

    def slips(self, page: Struct, chrome: Chrome) -> str:
        """The HTML of slips to print, all in one language."""
        return self._template("letters/slips.html", chrome).render(page=page, chrome=chrome)

    def _template(self, path: str, chrome: Chrome) -> Template:
        spoken = spoken_as(chrome.language.tag, self._formal)
        if spoken is None:
            raise KeyError(chrome.language.tag)
        informal = chrome.address == "informal" and spoken in self._informal
        return self._environment(spoken, informal=informal).get_template(path)

    def _environment(self, tag: str, *, informal: bool = False) -> Environment:
        """Made when a page is first asked for in that language: compiling the templates takes a while."""
        known = self._environments.get((tag, informal))
        if known is None:
            translations = _translations(self._formal[tag])
            if informal:
                formal, translations = translations, _translations(self._informal[tag])
                translations.add_fallback(formal)
            known = _environment(tag, translations, self._folders, self._versions)
            known.globals["look"] = self._look
            self._environments[tag, informal] = known
        return known


@lru_cache(maxsize=8)
def pages_in(look: Look) -> Pages:
    """The pages in this look, one for all applications: reading catalogues and templates takes a while."""
    return Pages(look=look)


def _catalogues(locale: Path) -> dict[str, polib.POFile]:
    """The catalogues that are ready for residents."""
    read = {path.stem: polib.pofile(str(path)) for path in sorted(locale.glob("*.po"))}
    return {tag: catalogue for tag, catalogue in read.items() if catalogue.metadata["X-State"] != "prepared"}


def _translations(catalogue: polib.POFile | None) -> NullTranslations:
    return NullTranslations() if catalogue is None else Translations(BytesIO(catalogue.to_binary()))


def _environment(
    tag: str, translations: NullTranslations, templates: Sequence[Path], versions: dict[str, str]
) -> Environment:
    environment = Environment(
        loader=_Translated(templates, translations),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["most_typed"] = MOST_TYPED
    environment.filters["day"] = _day_in_words(tag)
    icons = versions.get("icons.svg", "")
    environment.filters["icon"] = lambda name, look="": _icon(name, look, f"/static/icons.svg?{icons}")
    in_order = numbers_in_order if direction_of(tag) == "rtl" else str
    environment.filters["shown"] = partial(_shown, in_order=in_order)
    environment.filters["aloud"] = partial(_aloud, in_order=in_order)
    environment.filters["static"] = lambda name: f"/static/{name}?{versions[name]}"
    # The pieces of more than one page: imported once, not by every page that is made.
    environment.globals["parts"] = environment.get_template("resident/parts.html").module
    return environment


class _Translated(FileSystemLoader):
    """Templates whose fixed sentences are translated as they are read, not for every page that is made."""

    def __init__(self, folders: Sequence[Path], translations: NullTranslations) -> None:
        super().__init__(folders)
        self._translations = translations

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The source, its file, and whether it is still current."""
        source, file, current = super().get_source(environment, template)
        return _FIXED_SENTENCE.sub(self._translated, source), file, current

    def _translated(self, found: re.Match[str]) -> str:
        return self._translations.gettext(found[1]).replace("%%", "%")


_FIXED_SENTENCE = re.compile(r"""\{\{ _\("([^"{}]*)"\) \}\}""")


# Filters, not macros: Jinja works them out beforehand where it can, and a macro costs ten times as much.


def _shown(sentence: Shown, in_order: Callable[[str], str]) -> str:
    """A sentence, marked with its language when that is not the language of the page."""
    if sentence.lang is None:
        return in_order(sentence.text)
    return Markup('<bdi lang="{}" dir="{}"{}>{}</bdi>').format(
        sentence.lang,
        direction_of(sentence.lang),
        Markup(' translate="no"') if sentence.name else "",
        sentence.text,
    )


def _aloud(sentence: Shown, in_order: Callable[[str], str]) -> Markup:
    """A sentence that the script can read aloud, in its own language; a name by the voice of the page.

    Who has no voice for the language of a name would else hear nothing of the whole page.
    """
    if sentence.name:
        return Markup('<span data-aloud="">{}</span>').format(_shown(sentence, in_order))
    if sentence.lang is None:
        return Markup('<span data-aloud="{}">{}</span>').format(sentence.recording, in_order(sentence.text))
    return Markup('<bdi lang="{}" dir="{}" data-aloud="{}">{}</bdi>').format(
        sentence.lang, direction_of(sentence.lang), sentence.recording, sentence.text
    )


def _icon(name: str, look: str, icons: str) -> Markup:
    more = f" {look}" if look else ""
    return Markup('<svg class="rs-icon{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        more, icons, name
    )


def _day_in_words(tag: str) -> Callable[[str], str]:
    def day(iso: str) -> str:
        words = format_date(date.fromisoformat(iso), "long", locale=tag.partition("-x-")[0])
        return words.replace(" ", "\N{NO-BREAK SPACE}")

    return day


def _versions(static: Path) -> dict[str, str]:
    """A mark of each file's content: the address changes with it, so a browser may keep the file."""
    return {
        path.relative_to(static).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        for path in static.rglob("*")
        if path.is_file()
    }
