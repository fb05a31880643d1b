"""Everything that a kiosk shows and decides by, as data: the pages of one version, in every language.

They are made by the templates of the phone pages. What differs by resident is left open: a mark that the
script (`survey/web/static/kiosk/pages.js`) fills with what the tables of the bundle say. What is ticked or
typed it fills in itself.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from survey import receipts
from survey.questionnaires.answers import Answer, options_of
from survey.questionnaires.form_table import FormTable, form_rules, form_table
from survey.questionnaires.model import SKIPPED, Step, Text
from survey.questionnaires.routing import Journey, steps
from survey.questionnaires.routing_table import RoutingTable, routing_table
from survey.questionnaires.translations import PLACEHOLDER, translate
from survey.questionnaires.wording import between, inserted, isolation
from survey.web.display import DISPLAYS, Display, displays
from survey.web.exchange import Survey
from survey.web.presentation import (
    Attempt,
    check_page,
    consent_ticks,
    minutes,
    question_page,
    social_map,
)
from survey.web.views import (
    AccessibilityPage,
    CheckPage,
    Chrome,
    ConsentPage,
    DisplayLink,
    DonePage,
    Door,
    DoorsPage,
    Evidence,
    Fault,
    FixedPage,
    HelpPage,
    Language,
    LanguageLink,
    PracticePage,
    PrivacyPage,
    QuestionPage,
    RefusedPage,
    Shown,
    SlipPage,
    SocialMapPage,
    StartPage,
    StopPage,
    StoppedPage,
    falls_back,
)
from survey.web.wording import Wording

HOME = "#"
"""Before the links of a kiosk, which its script follows: `#/help`."""

OPEN, SHUT = "\ue000", "\ue001"
"""Around what is left open (private-use characters, which no text of a person holds)."""

Html = str | dict[str, str]
"""A page; or several, by what decides: an area, the areas of a postcode, whether codes are needed."""


class KioskPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`faulted`: the same page with something to put right, for which `faults` has the sentences."""

    html: Html
    faulted: Html | None = None
    faults: dict[str, str] = {}


class Texts(Struct, frozen=True, kw_only=True):
    """One language. `frames`: what stands around the pages, by display (`Display.value`).

    `inserts`: by name and language what stands for `{name}`, by area or by answer.

    `between` is how two parts of a list stand beside each other.
    """

    language: Language
    title: str
    frames: dict[str, str]
    pages: dict[str, KioskPage]
    inserts: dict[str, dict[str, str]]
    between: dict[str, str]


class Common(Struct, frozen=True, kw_only=True):
    """What is the same in every language. `idle`: after so many seconds without touch comes the warning."""

    survey: str
    version: str
    languages: tuple[str, ...]
    purposes: tuple[str, ...]
    required: tuple[str, ...]
    routing: RoutingTable
    forms: FormTable
    areas: dict[str, str]
    words: tuple[str, ...]
    receipt_length: int
    idle: int


class Templates(Protocol):
    """Fills a template of this path; says what a page says about a fault."""

    def fill(self, path: str, page: Struct, chrome: Chrome) -> str: ...
    def instruction(self, fault: Fault, chrome: Chrome) -> str: ...


class OpenWording(Wording):
    """Texts with their inserts left open. `opened`: their names, each with the language around it."""

    def __init__(self, survey: Survey, tag: str) -> None:
        super().__init__(survey.questionnaire, tag, survey.recordings)
        self.opened: set[tuple[str, str]] = set()

    def left_open(self, name: str, tag: str | None = None) -> str:
        self.opened.add((name, tag or self.tag))
        return mark(name, tag or self.tag)

    def __call__(self, text: Text, journey: Journey | None = None) -> Shown:
        sentence, actual = translate(self.questionnaire, text, self.tag)
        if "{" not in sentence:
            return super().__call__(text, journey)
        insert = isolation(actual)
        marked = PLACEHOLDER.sub(lambda found: insert.format(self.left_open(found[1], actual)), sentence)
        return Shown(text=marked, lang=None if actual == self.tag else actual)


def mark(name: str, tag: str) -> str:
    return f"{OPEN}{name} {tag}{SHUT}"


def common(survey: Survey, *, idle: int) -> Common:
    questionnaire = survey.questionnaire
    return Common(
        survey=questionnaire.key,
        version=questionnaire.version,
        languages=tuple(language.tag for language in survey.languages),
        purposes=tuple(purpose.key for purpose in questionnaire.purposes),
        required=tuple(sorted(survey.required)),
        routing=routing_table(questionnaire),
        forms=form_table(questionnaire),
        areas={area.code: area.name for area in questionnaire.municipality.areas},
        words=receipts.WORDS,
        receipt_length=receipts.LENGTH,
        idle=idle,
    )


class Around(Struct, frozen=True, kw_only=True):
    """What all bundles have in common: `framing` fills what stands around the pages, `filling` the pages."""

    framing: Templates
    filling: Templates
    evidence: Evidence
    idle: int
    simulated: bool


def texts(survey: Survey, language: Language, around: Around) -> Texts:
    """The bundle of one language."""
    return Bundler(survey, language, around).texts()


class Bundler:
    """Makes the pages of one language."""

    def __init__(self, survey: Survey, language: Language, around: Around) -> None:
        self._survey, self._language = survey, language
        self._framing, self._filling = around.framing, around.filling
        self._evidence = around.evidence
        self._questionnaire = survey.questionnaire
        self._steps = steps(survey.questionnaire)
        self._helpers = any(form_rules(step).helpers for step in self._steps)
        self._wording = OpenWording(survey, language.tag)
        self._chrome = Chrome(
            language=language,
            languages=tuple(
                LanguageLink(
                    language=other, href=f"{HOME}/language/{other.tag}", current=other.tag == language.tag
                )
                for other in survey.languages
            ),
            title=self._wording(survey.questionnaire.title),
            home=HOME,
            back=f"{HOME}/back",
            simulated=around.simulated,
            notice_draft=language.draft,
            can_stop=True,
            address=self._questionnaire.address,
        )

    def texts(self) -> Texts:
        pages = dict(self._pages())
        return Texts(
            language=self._language,
            title=self._wording(self._questionnaire.title).text,
            frames={display.value: self._frame(display) for display in DISPLAYS},
            pages=pages,
            inserts=dict(self._inserts()),
            between={tag: between(tag) for tag in self._tags()},
        )

    def _frame(self, display: Display) -> str:
        offered = displays(display, pictograms=self._survey.pictograms)
        links = tuple(
            DisplayLink(
                what=what, value=other.value, href=f"{HOME}/display/{other.value}", current=other == display
            )
            for what, other in offered.items()
        )
        chrome = replace(self._chrome, display=display, displays=links)
        return self._framing.fill("kiosk/frame.html", FixedPage(), chrome)

    def _tags(self) -> tuple[str, ...]:
        """The language, and that to which it falls back."""
        return tuple(dict.fromkeys((self._language.tag, self._questionnaire.source_language)))

    def _html(self, path: str, page: Struct) -> str:
        fallback = not self._wording.complete and falls_back((page, self._chrome.title))
        return self._filling.fill(path, page, replace(self._chrome, notice_fallback=fallback))

    def _fixed(self, path: str, page: Struct) -> KioskPage:
        return KioskPage(html=self._html(path, page))

    # The pages.

    def _pages(self) -> Iterator[tuple[str, KioskPage]]:
        yield from self._doors()
        yield from self._around()
        for step in self._steps:
            yield f"page/{step.variable}", self._question(step)
        yield "check", self._fixed("resident/check.html", self._check(answered=True))
        yield "check/skipped", self._fixed("resident/check.html", self._check(answered=False))
        for key, text in self._stops().items():
            page = RefusedPage(text=self._wording(text), social_map=f"{HOME}/social-map")
            yield f"refused/{key}", self._fixed("resident/refused.html", page)
        yield from self._staff()

    def _doors(self) -> Iterator[tuple[str, KioskPage]]:
        for name, words in (("attract", "begin"), ("closed", "not_now")):
            page = DoorsPage(
                title=self._wording(self._questionnaire.title),
                sender=self._wording(self._questionnaire.fieldwork.sender),
                minutes=minutes(self._questionnaire),
                doors=tuple(self._door(language, words) for language in self._survey.languages),
            )
            yield name, self._fixed(f"kiosk/{name}.html", page)

    def _door(self, language: Language, words: str) -> Door:
        chrome = Chrome(language=language, address=self._questionnaire.address)
        said = self._filling.fill(f"kiosk/{words}.html", FixedPage(), chrome)
        return Door(language=language, words=said.strip())

    def _around(self) -> Iterator[tuple[str, KioskPage]]:
        fieldwork, wording = self._questionnaire.fieldwork, self._wording
        sender, contact = wording(fieldwork.sender), wording.maybe(fieldwork.contact)
        ticks = consent_ticks(wording, frozenset())
        start = StartPage(
            introduction=wording(self._questionnaire.introduction),
            sender=sender,
            area=None,
            minutes=minutes(self._questionnaire),
            begin=f"{HOME}/consent",
            practice=f"{HOME}/practice" if self._questionnaire.practice else None,
            closes=fieldwork.closes,
        )
        consent = ConsentPage(
            action="",
            ticks=ticks,
            decline=f"{HOME}/stop",
            sender=sender,
            withdrawal_until=fieldwork.withdrawal_until,
            ethics_approval=fieldwork.ethics_approval,
            contact=contact,
        )
        privacy = PrivacyPage(
            sender=sender,
            purposes=ticks,
            withdrawal_until=fieldwork.withdrawal_until,
            closes=fieldwork.closes,
            ethics_approval=fieldwork.ethics_approval,
            contact=contact,
        )
        yield "start", self._fixed("kiosk/start.html", start)
        yield from self._practice()
        yield "consent", self._consent(consent)
        yield "code", self._code()
        yield (
            "stop",
            self._fixed("resident/stop.html", StopPage(action="", kept="nothing", resume=f"{HOME}/resume")),
        )
        stopped = StoppedPage(outcome="erased", start=f"{HOME}/reset")
        yield "stopped", self._fixed("resident/stopped.html", stopped)
        yield "help", self._fixed("kiosk/help.html", HelpPage(sender=sender, contact=contact))
        yield "privacy", self._fixed("kiosk/privacy.html", privacy)
        accessibility = AccessibilityPage(evidence=self._evidence, sender=sender, contact=contact)
        yield "accessibility", self._fixed("resident/accessibility.html", accessibility)
        yield "done", self._done()
        for name in ("unsaved", "idle"):
            yield name, self._fixed(f"kiosk/{name}.html", FixedPage())
        for area in (None, *(area.code for area in self._questionnaire.municipality.areas)):
            page = SocialMapPage(social_map=social_map(wording, area, home=HOME))
            yield "/".join(filter(None, ("social-map", area))), self._fixed("resident/social_map.html", page)

    def _staff(self) -> Iterator[tuple[str, KioskPage]]:
        """In Dutch, for who hosts a kiosk: with the language in which a kiosk begins."""
        if self._language.tag == self._questionnaire.source_language:
            for name in ("pairing", "host"):
                yield name, self._fixed(f"kiosk/{name}.html", FixedPage())

    def _practice(self) -> Iterator[tuple[str, KioskPage]]:
        if not self._questionnaire.practice:
            return
        page = PracticePage(action="", begin=f"{HOME}/consent", chosen="", tried=False)
        yield "practice", self._fixed("resident/practice.html", page)
        tried = {chosen: replace(page, chosen=chosen, tried=True) for chosen in PRACTISED}
        html = {chosen: self._html("resident/practice.html", one) for chosen, one in tried.items()}
        yield "practice/tried", KioskPage(html=html)

    def _consent(self, page: ConsentPage) -> KioskPage:
        missing = min(self._survey.required)
        faulted = replace(page, faults=(Fault(target=f"purpose-{missing}", code="consent_required"),))
        path = "resident/consent.html"
        return KioskPage(html=self._html(path, page), faulted=self._html(path, faulted))

    def _code(self) -> KioskPage:
        faults = {
            code: Fault(target="code", code=code)
            for code in ("slip_missing", "slip_mistyped", "code_of_parent")
        }
        return KioskPage(
            html={
                which: self._html("kiosk/code.html", SlipPage(needed=bool(which))) for which in ("", "needed")
            },
            faulted={
                which: self._faulted("kiosk/code.html", SlipPage(needed=bool(which)), faults["slip_missing"])
                for which in ("", "needed")
            },
            faults=self._sentences(faults),
        )

    def _done(self) -> KioskPage:
        page = {
            area.code: DonePage(
                receipt=tuple(mark(f"receipt.{place}", "nl") for place in range(receipts.LENGTH)),
                withdrawal_until=self._questionnaire.fieldwork.withdrawal_until,
                social_map=social_map(self._wording, area.code, home=HOME),
                leave="",
                withdraw=mark("withdraw", self._language.tag),
            )
            for area in self._questionnaire.municipality.areas
        }
        return KioskPage(html={area: self._html("kiosk/done.html", one) for area, one in page.items()})

    # Questions.

    def _question(self, step: Step) -> KioskPage:
        faults = self._faults(step)
        pages = {key: self._question_page(step, journey) for key, journey in self._journeys(step).items()}
        html = {key: self._html("resident/question.html", page) for key, page in pages.items()}
        if not faults:
            return KioskPage(html=single(html))
        shown = next(iter(faults.values()))
        faulted = {key: self._faulted("resident/question.html", page, shown) for key, page in pages.items()}
        return KioskPage(html=single(html), faulted=single(faulted), faults=self._sentences(faults))

    def _question_page(self, step: Step, journey: Journey) -> QuestionPage:
        """With what is said to who helps: the script takes that away where nobody does."""
        page = question_page(step, journey, self._wording, action="")
        return replace(page, helped=self._helpers and not form_rules(step).helpers)

    def _journeys(self, step: Step) -> dict[str, Journey]:
        """By what decides which answers a page offers: nothing, the area, or the areas of the postcode."""
        nobody = Journey(steps=self._steps, counting={}, area=None, stop=None)
        municipality = self._questionnaire.municipality
        if step.kind == "neighbourhood":
            touching = {" ".join(areas): postcode for postcode, areas in municipality.postcodes.items()}
            given = f"{step.variable}_postcode"
            by_areas = {
                areas: Journey(steps=self._steps, counting={given: postcode}, area=None, stop=None)
                for areas, postcode in touching.items()
            }
            return {"": nobody, **by_areas}
        if any(option.areas for option in options_of(step.question)):
            return {
                area.code: Journey(steps=self._steps, counting={}, area=area.code, stop=None)
                for area in municipality.areas
            }
        return {"": nobody}

    def _faults(self, step: Step) -> dict[str, Fault]:
        """What a form of this page can get wrong, by the code that `forms.js` gives it."""
        rules, target = form_rules(step), self._target(step)
        typed = step.kind in {"open", "postcode"} or (step.kind == "number" and target == "answer")
        faults: dict[str, Fault] = {}
        if not rules.may_skip:
            faults["choose_one"] = Fault(target=target, code="choose_one")
        if step.kind == "multiple" or typed:
            for code in rules.alone:
                option = self._wording(labels(step)[code]).text
                faults[f"exclusive_conflict {code}"] = Fault(
                    target=target, code="exclusive_conflict", values={"option": option}
                )
        if typed and rules.limits is not None:
            minimum, maximum = rules.limits
            faults["not_a_number"] = Fault(target=target, code="not_a_number")
            faults["number_out_of_range"] = Fault(
                target=target, code="number_out_of_range", values={"minimum": minimum, "maximum": maximum}
            )
        if rules.longest is not None:
            faults["text_too_long"] = Fault(
                target=target,
                code="text_too_long",
                values={"maximum": rules.longest, "length": mark("length", self._language.tag)},
            )
        if step.kind == "postcode":
            faults |= {
                code: Fault(target=target, code=code) for code in ("not_a_postcode", "unknown_postcode")
            }
        return faults

    def _target(self, step: Step) -> str:
        """The `id` of the first field, as the page itself says it of a fault."""
        journey = next(iter(self._journeys(step).values()))
        attempt = Attempt(posted=(), refused="choose_one")
        return question_page(step, journey, self._wording, action="", attempt=attempt).faults[0].target

    def _faulted(self, path: str, page: Struct, fault: Fault) -> str:
        """The page with this fault, its sentence left open."""
        html = self._html(path, replace(page, faults=(fault,)))
        return html.replace(self._filling.instruction(fault, self._chrome), mark("fault", self._language.tag))

    def _sentences(self, faults: Mapping[str, Fault]) -> dict[str, str]:
        return {code: self._filling.instruction(fault, self._chrome) for code, fault in faults.items()}

    # The overview.

    def _check(self, *, answered: bool) -> CheckPage:
        """Every step with every answer that it can have, or with all skipped: the script takes its pick."""
        counting = {step.variable: self._every_answer(step) if answered else SKIPPED for step in self._steps}
        journey = Journey(steps=self._steps, counting=counting, area=None, stop=None)
        return check_page(journey, self._wording, home=HOME)

    def _every_answer(self, step: Step) -> Answer:
        if step.kind in TYPED:
            return self._wording.left_open(f"typed.{step.variable}")
        rules = form_rules(step)
        return (*rules.codes, *rules.reasons)

    def _stops(self) -> dict[str, Text]:
        options = (option for step in self._steps for option in options_of(step.question))
        return {option.stop.key: option.stop for option in options if option.stop is not None}

    # What is left open.

    def _inserts(self) -> Iterator[tuple[str, dict[str, str]]]:
        """What stands for each insert that the pages left open: by area, by answer, or nothing to choose."""
        for name, tag in sorted(self._wording.opened):
            kind, _, variable = name.partition(".")
            if kind in {"answer", "typed"}:
                yield f"{name} {tag}", self._labels(variable, tag)
            else:
                yield (
                    f"{name} {tag}",
                    {
                        area.code: inserted(self._questionnaire, name, tag, somebody_in(area.code))
                        for area in self._questionnaire.municipality.areas
                    },
                )

    def _labels(self, variable: str, tag: str) -> dict[str, str]:
        """Answers in words, by code or area; what was typed has none."""
        step = self._survey.steps[variable]
        said = {
            str(code): translate(self._questionnaire, label, tag)[0] for code, label in labels(step).items()
        }
        if step.kind == "neighbourhood":
            said |= {area.code: area.name for area in self._questionnaire.municipality.areas}
        return said


PRACTISED = ("", "1", "2", "3", "4")
"""Skipped, or an answer of `templates/resident/practice.html`."""

TYPED = frozenset({"open", "number", "postcode", "neighbourhood"})
"""Kinds of which the overview repeats what was typed, or an area, and not the words of an option."""


def labels(step: Step) -> dict[int, Text]:
    """The words of each option and of each way not to answer, by code."""
    return {option.code: option.label for option in options_of(step.question)} | {
        reason.code: reason.label for reason in step.question.reasons
    }


def somebody_in(area: str) -> Journey:
    return Journey(steps=(), counting={}, area=area, stop=None)


def single(html: dict[str, str]) -> Html:
    """The page itself when there is only one."""
    return html[""] if html.keys() == {""} else html
