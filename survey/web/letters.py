"""Letters and slips to print, with a code on each. Pure, but for the templates that it reads."""

from collections.abc import Iterable

from msgspec import Struct

from survey.questionnaires.model import Questionnaire
from survey.questionnaires.routing import walk
from survey.web.pages import Pages
from survey.web.presentation import minutes
from survey.web.views import Chrome, LetterPage, SlipsPage
from survey.web.wording import Wording, languages


class Addressed(Struct, frozen=True, kw_only=True):
    """A code as it is written, the area that it was issued for, and the tag of the language of its letter."""

    code: str
    area: str
    language: str


class NotOfferedError(Exception):
    """A letter or slip in a language that residents cannot choose."""

    def __init__(self, wanted: str, offered: Iterable[str]) -> None:
        super().__init__(
            f"residents are not offered the language {wanted}. Choose from: {', '.join(offered)}."
        )


def letters(questionnaire: Questionnaire, addressed: Iterable[Addressed], site: str) -> str:
    """The HTML of all letters, a sheet of paper each.

    `site` is the address of the service. Raises NotOfferedError.
    """
    pages = Pages()
    offered = {language.tag: language for language in languages(questionnaire, pages.drafts)}
    wordings = {tag: Wording(questionnaire, tag, {}) for tag in offered}
    names = tuple(offered.values())
    written = []
    for one in addressed:
        if one.language not in offered:
            raise NotOfferedError(one.language, offered)
        chrome = Chrome(language=offered[one.language], address=questionnaire.address)
        written.append((_letter(wordings[one.language], one, site), chrome))
    return pages.letters(written, names)


def _letter(wording: Wording, to: Addressed, site: str) -> LetterPage:
    questionnaire = wording.questionnaire
    journey = walk(questionnaire, {}, purposes=frozenset(), area=to.area)
    return LetterPage(
        code=to.code,
        address=f"{site.rstrip('/')}/{questionnaire.key}/{to.language}",
        title=wording(questionnaire.title),
        introduction=wording(questionnaire.introduction, journey),
        sender=wording(questionnaire.fieldwork.sender),
        contact=wording.maybe(questionnaire.fieldwork.contact),
        minutes=minutes(questionnaire),
        closes=questionnaire.fieldwork.closes,
    )


def slips(questionnaire: Questionnaire, place: str, codes: Iterable[str], tag: str) -> str:
    """The HTML of slips for a place, by its name; `codes` as they are written. Raises NotOfferedError."""
    pages = Pages()
    offered = {language.tag: language for language in languages(questionnaire, pages.drafts)}
    if tag not in offered:
        raise NotOfferedError(tag, offered)
    page = SlipsPage(
        codes=tuple(codes),
        place=place,
        title=Wording(questionnaire, tag, {})(questionnaire.title),
        closes=questionnaire.fieldwork.closes,
    )
    return pages.slips(page, Chrome(language=offered[tag]))
