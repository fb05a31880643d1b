"""What a page shows: a step or a summary turned into frozen values, every text in the resident's language.

A template prints these values and decides nothing. Texts of the questionnaire are translated here;
the fixed sentences of the interface ("Volgende", the error messages) are translated by the templates.
"""

from msgspec import Struct, field

from survey.questionnaires.model import Address
from survey.web.display import AS_IT_COMES, Display

ANSWER_FORM = "answers"
"""The `id` of the form of a page; the language buttons in the header belong to it."""


class Shown(Struct, frozen=True, kw_only=True):
    """A sentence as it is printed. `lang` is set when it stands in another language than the page.

    `recording` is the address of a file that voices it, if there is one. `name`: of a place, which is the
    same in every language, so that nothing is missing when `lang` is set.
    """

    text: str
    lang: str | None = None
    name: bool = False
    recording: str = ""


def falls_back(part: object) -> bool:
    """Whether a page, or a part of one, shows a sentence in another language than its own."""
    if isinstance(part, Shown):
        return part.lang is not None and not part.name
    if isinstance(part, Struct):
        return any(falls_back(getattr(part, name)) for name in part.__struct_fields__)
    return isinstance(part, tuple) and any(falls_back(member) for member in part)


# What stands around every page.


class Language(Struct, frozen=True, kw_only=True):
    """A language that a survey can be read in: BCP 47 tag, its own name, `ltr` or `rtl`, draft or not."""

    tag: str
    name: str
    direction: str
    draft: bool = False


class LanguageLink(Struct, frozen=True, kw_only=True):
    """The same page in another language.

    A plain link to `href`; on a page with `chrome.switch_saves` a submit button instead (`name="language"`,
    value the tag, `form="answers"`), so that what was typed but not sent comes along.
    """

    language: Language
    href: str
    current: bool


class DisplayLink(Struct, frozen=True, kw_only=True):
    """The same page in another display; link or button as for a `LanguageLink` (`name="display"`).

    `what`: `normal`, `large`, `largest`, `pictograms` or `words` (a template keeps the table of names).
    """

    what: str
    value: str
    href: str
    current: bool


class Chrome(Struct, frozen=True, kw_only=True):
    """What stands around every page, in the language of the resident.

    `survey` and everything that hangs on one survey is `None` on a page outside a survey. `csrf` is the
    value of the hidden field `csrf` that every form must hold. `back` is the link "Vorige". `home` is the
    path of the survey in this language: footer links are `{home}/stop`, `/help`, `/privacy`, `/social-map`
    and `/withdraw`. `address` is how the interface speaks to the resident. `last_day`,
    for who has begun: `today`, or `over` on the day after, on which they may finish. `notice_draft` asks for
    the line "this translation has not been checked yet", `notice_fallback` for the line "some sentences on
    this page have not been translated yet".
    """

    language: Language
    languages: tuple[LanguageLink, ...] = ()
    display: Display = AS_IT_COMES
    displays: tuple[DisplayLink, ...] = ()
    title: Shown | None = None
    home: str | None = None
    back: str | None = None
    csrf: str = ""
    simulated: bool = False
    address: Address = "formal"
    notice_draft: bool = False
    notice_fallback: bool = False
    switch_saves: bool = False
    can_stop: bool = False
    last_day: str | None = None
    preview: "PreviewBar | None" = None


class PreviewLink(Struct, frozen=True, kw_only=True):
    label: str
    value: str
    current: bool


class PreviewBar(Struct, frozen=True, kw_only=True):
    """The bar above a researcher's preview: a GET form to `action` with the selects `area` and `step`.

    Its words are English or plain names; it is never seen by a resident.
    """

    action: str
    areas: tuple[PreviewLink, ...]
    steps: tuple[PreviewLink, ...]


class Fault(Struct, frozen=True, kw_only=True):
    """One thing to put right: `target` is the `id` of the field that the summary links to.

    `code` names the sentence (a template keeps the table of sentences), `values` fill it. Codes: those of
    `questionnaires.answers.AnswerError`, and `choose_one` (this question cannot be skipped),
    `consent_required`, `code_missing`, `code_of_parent`, `code_mistyped`, `code_unknown`, `receipt_missing`,
    `receipt_mistyped`, `receipt_unknown`, `choose_stop`.
    """

    target: str
    code: str
    values: dict[str, int | str] = field(default_factory=dict)


class ProblemsPage(Struct, frozen=True, kw_only=True):
    """`problems.html`: why a questionnaire cannot be previewed; never seen by a resident."""

    path: str
    problems: tuple[str, ...]


# A page with a question.


class Choice(Struct, frozen=True, kw_only=True):
    """One card. Its field is `answer` with value `value`, its `id` is `answer-{value}`."""

    value: str
    label: Shown
    chosen: bool
    exclusive: bool = False
    pictogram: str | None = None


class ChoiceGroup(Struct, frozen=True, kw_only=True):
    heading: Shown | None
    choices: tuple[Choice, ...]


class ChoiceField(Struct, frozen=True, kw_only=True):
    """Cards in groups; radio buttons, or tick boxes when `several`. Exclusive ones stand last, apart."""

    groups: tuple[ChoiceGroup, ...]
    several: bool


class NumberField(Struct, frozen=True, kw_only=True):
    """A whole number: one card per number in `choices`, or a text field when there would be too many."""

    minimum: int
    maximum: int
    low: Shown | None
    high: Shown | None
    choices: tuple[Choice, ...]
    typed: str


class TextField(Struct, frozen=True, kw_only=True):
    maximum_length: int
    warning: Shown | None
    typed: str


class PostcodeField(Struct, frozen=True, kw_only=True):
    """The digits of a postcode; `digits` is how many the municipality's postcodes have."""

    digits: int
    example: str
    typed: str


AnswerField = ChoiceField | NumberField | TextField | PostcodeField


class QuestionPage(Struct, frozen=True, kw_only=True):
    """One question (`templates/resident/question.html` and `templates/questions/{kind}.html`).

    `kind`: single, multiple, number, open, statement, postcode or neighbourhood. `statement` is the item
    of a battery, asked under `question`. The form posts to `action`: `csrf`, `answer` (repeated for several)
    and `skip` from the button "Vraag overslaan" (only when `may_skip`).
    `reasons` are ways not to answer: same field, but apart (ids as for a `Choice`). A text field has the
    id `answer`. `earlier` is an answer given before that no card can show (the name of an area, after
    which the neighbourhood is no longer known): leaving the cards empty keeps it. `helped` asks for the
    reminder that the resident's opinion counts, not that of the helper.
    """

    kind: str
    variable: str
    action: str
    block: Shown
    question: Shown
    statement: Shown | None
    hint: Shown | None
    field: AnswerField
    reasons: tuple[Choice, ...]
    may_skip: bool
    helped: bool = False
    earlier: Shown | None = None
    faults: tuple[Fault, ...] = ()


# The other pages; each has a template `templates/resident/<name>.html` named in its docstring.


class SurveyLink(Struct, frozen=True, kw_only=True):
    title: Shown
    href: str


class SurveysPage(Struct, frozen=True, kw_only=True):
    """`surveys.html`: the surveys on this server."""

    surveys: tuple[SurveyLink, ...]


class StartPage(Struct, frozen=True, kw_only=True):
    """`start.html`: what, why, how long; the main button is a link to `begin`. `area` names the wijk.

    `practice` is the link to the practice question, where there is one.
    """

    introduction: Shown
    sender: Shown
    area: Shown | None
    minutes: int
    begin: str
    closes: str | None
    practice: str | None = None


class PracticePage(Struct, frozen=True, kw_only=True):
    """`practice.html`: a question to try how it works; its texts stand in the template.

    The form posts `csrf`, `answer` and `skip` to `action`, as that of a question. `tried`: the question was
    answered with `chosen` or, when that is empty, skipped; `begin` is then the link to the real ones.
    """

    action: str
    begin: str
    chosen: str
    tried: bool


class ConsentTick(Struct, frozen=True, kw_only=True):
    """A tick box: field `purpose`, value `key`, id `purpose-{key}`."""

    key: str
    label: Shown
    explanation: Shown
    required: bool
    chosen: bool


class ConsentPage(Struct, frozen=True, kw_only=True):
    """`consent.html`: one tick per purpose; `decline` is the link "Nee, ik doe niet mee".

    Dates are ISO 8601; the template prints them in words.
    """

    action: str
    ticks: tuple[ConsentTick, ...]
    decline: str
    sender: Shown
    withdrawal_until: str | None
    ethics_approval: str | None
    contact: Shown | None
    faults: tuple[Fault, ...] = ()


class CodePage(Struct, frozen=True, kw_only=True):
    """`code.html`: field `code` (id `code`, a free text field); button `no_code` for the open link."""

    action: str
    typed: str
    faults: tuple[Fault, ...] = ()


class CheckRow(Struct, frozen=True, kw_only=True):
    """An answer to check. No `answers` means skipped; `statement` is the item of a battery.

    Of the statements of a battery, which follow each other, only the first one shows `question`.
    """

    question: Shown
    statement: Shown | None
    answers: tuple[Shown, ...]
    change: str


class CheckBlock(Struct, frozen=True, kw_only=True):
    title: Shown
    rows: tuple[CheckRow, ...]


class CheckPage(Struct, frozen=True, kw_only=True):
    """`check.html`: every answer with a link to change it; the form posts `csrf` to `action`."""

    action: str
    blocks: tuple[CheckBlock, ...]


class MapEntry(Struct, frozen=True, kw_only=True):
    """Help or an activity as the municipality wrote it (in the source language: `lang`)."""

    name: str
    place: str
    address: str
    opening_hours: str
    contact: str
    checked_on: str
    example: bool
    lang: str | None


class MapNeed(Struct, frozen=True, kw_only=True):
    heading: Shown
    entries: tuple[MapEntry, ...]


class AreaLink(Struct, frozen=True, kw_only=True):
    name: Shown
    href: str
    current: bool


class SocialMap(Struct, frozen=True, kw_only=True):
    """Help and activities in one area (`area` is its name), by need; or `areas` to choose from first."""

    area: Shown | None
    needs: tuple[MapNeed, ...]
    areas: tuple[AreaLink, ...]


class SocialMapPage(Struct, frozen=True, kw_only=True):
    """`social_map.html`: the social map without answering."""

    social_map: SocialMap


class DonePage(Struct, frozen=True, kw_only=True):
    """`done.html`: the words of the receipt, until when they work, and the social map.

    The form posts `csrf` and `choice=leave` to `leave`: it forgets the words on this device.
    `withdraw` is the address where they work, for who is not on a device of their own.
    """

    receipt: tuple[str, ...]
    withdrawal_until: str | None
    social_map: SocialMap
    leave: str
    withdraw: str = ""


class StopPage(Struct, frozen=True, kw_only=True):
    """`stop.html`: field `choice` is `erase` (delete all answers) or `later` (go on another time).

    `kept`: `nothing` (nothing to erase yet), `cookie` (only in this browser), `draft` (no code: go on only in
    this browser) or `code` (go on anywhere with the code). `resume` is the link back to the questions.
    """

    action: str
    kept: str
    resume: str
    faults: tuple[Fault, ...] = ()


class StoppedPage(Struct, frozen=True, kw_only=True):
    """`stopped.html`: after stopping. `outcome`: `erased`, `later_code`, `later_browser` or `left`."""

    outcome: str
    start: str


class RefusedPage(Struct, frozen=True, kw_only=True):
    """`refused.html`: an answer (for instance: under 16) ends taking part; nothing was kept."""

    text: Shown
    social_map: str


class UsedPage(Struct, frozen=True, kw_only=True):
    """`used.html`: "al ingevuld", the code was used before."""

    withdraw: str
    social_map: str


class LetterPage(Struct, frozen=True, kw_only=True):
    """`letters/letter.html`: what one resident gets by post. `address` is where the survey is, in full."""

    code: str
    address: str
    title: Shown
    introduction: Shown
    sender: Shown
    contact: Shown | None
    minutes: int
    closes: str | None


class SlipsPage(Struct, frozen=True, kw_only=True):
    """`letters/slips.html`: what a host hands out at a kiosk. `place` is its name."""

    codes: tuple[str, ...]
    place: str
    title: Shown
    closes: str | None


class WithdrawPage(Struct, frozen=True, kw_only=True):
    """`withdraw.html`: field `receipt` (id `receipt`). Past `until` `open` is false and no form is shown."""

    action: str
    typed: str
    until: str | None
    open: bool
    faults: tuple[Fault, ...] = ()


class WithdrawnPage(Struct, frozen=True, kw_only=True):
    """`withdrawn.html`: the answers have been deleted."""

    start: str


class HelpPage(Struct, frozen=True, kw_only=True):
    """`help.html`."""

    sender: Shown
    contact: Shown | None


class PrivacyPage(Struct, frozen=True, kw_only=True):
    """`privacy.html`: what is kept, for how long, and whom to ask."""

    sender: Shown
    purposes: tuple[ConsentTick, ...]
    withdrawal_until: str | None
    closes: str | None
    ethics_approval: str | None
    contact: Shown | None


class Evidence(Struct, frozen=True, kw_only=True):
    """What was found when every page was looked at in a browser.

    `pages` and `languages` were looked at in every combination; `steps` is the number of pages of a real
    questionnaire that were looked at in every language besides. `faults` counts what was found, by check:
    `wcag` (what axe-core can measure of WCAG 2.2 A and AA), `contrast` (in dark colours and in high
    contrast), `targets` (smaller than 44 by 44 CSS pixels), `sideways` (scrolls at 320 CSS pixels, also with
    text of 200%), `html` (the W3C's validator). `journeys` names the tests of whole journeys that passed.
    `files` is the mark of every file that makes the pages.
    """

    made: str
    programs: dict[str, str]
    pages: tuple[str, ...]
    languages: tuple[str, ...]
    steps: int
    faults: dict[str, int]
    journeys: tuple[str, ...]
    files: dict[str, str]


class AccessibilityPage(Struct, frozen=True, kw_only=True):
    """`accessibility.html`: the statement of the law on digital accessibility, made from evidence."""

    evidence: Evidence
    sender: Shown | None
    contact: Shown | None


class SituationPage(Struct, frozen=True, kw_only=True):
    """`situation.html`: the request cannot be done, and why.

    `kind`: `not_found`, `method_not_allowed`, `too_large`, `malformed`, `closed`, `busy`,
    `too_many_attempts`, `no_cookie` (the browser keeps no cookie, or the visit has ended), `stale_form`
    (wrong csrf) or `fault` (a bug).
    `typed` is text that was sent and not kept, shown so that it can be sent again: with `retry`, in a form
    that posts it to `retry` with the hidden `fields`. `resume` is a link to go on.
    """

    kind: str
    resume: str
    retry: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    typed: tuple[str, ...] = ()


# A kiosk. Its other pages are those above; the templates are in `templates/kiosk`.


class ShellPage(Struct, frozen=True, kw_only=True):
    """`shell.html`: the document of the kiosk at `home`; its texts are files below the path `texts`."""

    home: str
    texts: str


class Door(Struct, frozen=True, kw_only=True):
    """What a kiosk says on its first screen in one language."""

    language: Language
    words: str


class DoorsPage(Struct, frozen=True, kw_only=True):
    """`attract.html` and `closed.html`: the first screen, in every language."""

    title: Shown
    sender: Shown
    minutes: int
    doors: tuple[Door, ...]


class SlipPage(Struct, frozen=True, kw_only=True):
    """`code.html` of a kiosk: field `code`, and the button `no_code` unless a code is `needed`."""

    needed: bool
    faults: tuple[Fault, ...] = ()


class FixedPage(Struct, frozen=True, kw_only=True):
    """A page or piece of the kiosk that says the same to everybody."""
