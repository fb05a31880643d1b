"""What a questionnaire is: frozen values, read once, never changed.

A researcher writes these values as TOML (`definitions/<key>/questionnaire.toml`); `parsing` turns the
files into a `Questionnaire` or lists every problem. Texts stand in the source language and carry a
key; a translation is looked up by that key (the context in the PO catalogue) when a page is made.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, field

Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
"""Name of a question, item, purpose or insert: snake case, at most 32 characters (SPSS and Stata)."""

Code = Annotated[int, Meta(ge=0, le=999)]
"""What is stored for an option or a number. Missing answers have negative codes of their own."""

AreaCode = Annotated[str, Meta(min_length=1, max_length=16)]
"""Official code of an area, for instance the CBS code `WK054606`."""

SKIPPED: Final = -5
"""The question was shown and the resident went on without an answer."""
NOT_SHOWN: Final = -6
"""The route of this resident did not pass the question."""
NOT_APPLICABLE: Final = -7
DONT_KNOW: Final = -8
RATHER_NOT_SAY: Final = -9

MISSING_CODES = (SKIPPED, NOT_SHOWN, NOT_APPLICABLE, DONT_KNOW, RATHER_NOT_SAY)


class Text(Struct, frozen=True, kw_only=True):
    """A sentence that residents read, in the source language.

    `source` may hold inserts in braces: `{area}`, the key of an insert (`{house}`), or an earlier
    answer (`{answer.q7}`).
    """

    key: str
    source: str


class Reason(Struct, frozen=True, kw_only=True):
    """A way not to answer that counts as an answer: don't know, rather not say, not applicable."""

    code: Literal[-7, -8, -9]
    label: Text


class Option(Struct, frozen=True, kw_only=True):
    """One thing that can be chosen.

    `exclusive` (multiple choice) excludes all others; `group` is the heading under which it stands;
    `areas` limits it to some areas (empty: everywhere); `stop` ends taking part with this text, and
    nothing is kept; `parent` is the question in which a parent agrees that who chooses this takes part;
    `helper` (single choice) tells that somebody helps, who is then reminded whose opinion counts;
    `pictogram` names a picture of the icon set.
    """

    code: Code
    label: Text
    exclusive: bool = False
    group: Text | None = None
    areas: tuple[AreaCode, ...] = ()
    stop: Text | None = None
    parent: Key | None = None
    helper: bool = False
    pictogram: str | None = None


class Item(Struct, frozen=True, kw_only=True):
    """One statement of a battery. `reversed` items count the other way round in a scale."""

    key: Key
    label: Text
    reversed: bool = False


# Conditions look only at earlier questions, so that a page never changes under the resident's hands.


class Answered(Struct, frozen=True, kw_only=True, tag="answered"):
    """True when the variable's answer has one of `codes` (for multiple choice: when one is ticked)."""

    variable: str
    codes: tuple[int, ...]


class InArea(Struct, frozen=True, kw_only=True, tag="in_area"):
    """True when the resident lives in one of the areas."""

    areas: tuple[AreaCode, ...]


class AllOf(Struct, frozen=True, kw_only=True, tag="all"):
    conditions: tuple["Condition", ...]


class AnyOf(Struct, frozen=True, kw_only=True, tag="any"):
    conditions: tuple["Condition", ...]


class Not(Struct, frozen=True, kw_only=True, tag="not"):
    condition: "Condition"


Condition = Answered | InArea | AllOf | AnyOf | Not


class Provenance(Struct, frozen=True, kw_only=True):
    """Where a question comes from and what it is for: the metadata that the reports need.

    `wording` says whether the text is our own, the published text of an instrument, or our own
    translation of one (not validated).
    """

    number: str
    principles: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    instrument: str | None = None
    wording: Literal["own", "published", "own_translation"] = "own"
    source: str | None = None
    licence: str | None = None
    sensitivity: Literal["none", "personal", "special"] = "none"
    scoring: str | None = None
    comparison: str | None = None


class Asked(Struct, frozen=True, kw_only=True):
    """What every kind of question has.

    `purpose` names the consent without which the question is not asked; `when` the condition under
    which it is; `short` is the label for tables and charts.
    """

    key: Key
    label: Text
    short: Text
    provenance: Provenance
    hint: Text | None = None
    when: Condition | None = None
    areas: tuple[AreaCode, ...] = ()
    purpose: Key | None = None
    reasons: tuple[Reason, ...] = ()


class SingleChoice(Asked, frozen=True, kw_only=True, tag="single"):
    options: tuple[Option, ...]


class MultipleChoice(Asked, frozen=True, kw_only=True, tag="multiple"):
    options: tuple[Option, ...]


class Number(Asked, frozen=True, kw_only=True, tag="number"):
    """A whole number from `minimum` to `maximum`, such as a grade; the ends may be put into words."""

    minimum: Code
    maximum: Code
    low: Text | None = None
    high: Text | None = None


class OpenText(Asked, frozen=True, kw_only=True, tag="open"):
    maximum_length: Annotated[int, Meta(ge=1, le=5000)]
    warning: Text | None = None


class Battery(Asked, frozen=True, kw_only=True, tag="battery"):
    """Statements with the same options, asked one by one and analysed together."""

    items: tuple[Item, ...]
    options: tuple[Option, ...]


class Place(Asked, frozen=True, kw_only=True, tag="place"):
    """Where the resident lives: postcode digits, then a neighbourhood; only its area is kept."""

    neighbourhood_label: Text
    neighbourhood_hint: Text | None = None


Question = SingleChoice | MultipleChoice | Number | OpenText | Battery | Place


class Block(Struct, frozen=True, kw_only=True):
    """Questions under one heading. The opening block is asked before anything is kept on the server."""

    key: Key
    title: Text
    questions: tuple[Question, ...]
    opening: bool = False


class Step(Struct, frozen=True, kw_only=True):
    """One page on a journey: a question, a statement of a battery, or a half of a place question.

    `variable` is the name under which its answer is kept.
    """

    variable: str
    kind: Literal["single", "multiple", "number", "open", "statement", "postcode", "neighbourhood"]
    block: Block
    question: Question
    item: Item | None = None


class Purpose(Struct, frozen=True, kw_only=True):
    """Something that residents consent to, each with a tick of its own."""

    key: Key
    label: Text
    explanation: Text
    required: bool = False


class Insert(Struct, frozen=True, kw_only=True):
    """A piece of text that differs per area, such as the name of its community house."""

    key: Key
    default: Text
    areas: dict[AreaCode, Text] = field(default_factory=dict)


class ShortForm(Struct, frozen=True, kw_only=True):
    """Fewer of the same questions, for who answers `variable` with one of `codes`.

    The questions keep their one text and their codes, so that answers of both forms are the same variables.
    """

    variable: Key
    codes: tuple[Code, ...]
    questions: tuple[Key, ...]


class Fieldwork(Struct, frozen=True, kw_only=True):
    """Dates (ISO 8601) and senders that residents are told about. `None`: not settled yet.

    `parental_consent`: those who need the consent of a parent take part when a parent agrees; without it
    they do not take part.
    """

    sender: Text
    closes: str | None = None
    withdrawal_until: str | None = None
    ethics_approval: str | None = None
    contact: Text | None = None
    parental_consent: bool = False


class Neighbourhood(Struct, frozen=True, kw_only=True):
    code: AreaCode
    name: str
    area: AreaCode


class Area(Struct, frozen=True, kw_only=True):
    """The unit that results are reported for; in Leiden a stadsdistrict, which is a CBS wijk."""

    code: AreaCode
    name: str


class SocialMapEntry(Struct, frozen=True, kw_only=True):
    """Help or an activity in an area, for one need. An example says so wherever it is shown.

    An empty `area` means the entry serves every area.
    """

    area: AreaCode | Literal[""]
    need: str
    name: str
    place: str
    address: str
    opening_hours: str
    contact: str
    checked_on: str
    example: bool


class Municipality(Struct, frozen=True, kw_only=True):
    """Areas, neighbourhoods, postcodes and social map of one municipality, read from its files.

    `postcodes` maps the digits of a postcode to the areas that it touches. `needs` are the headings
    of the social map, in order. `attribution` is printed with every map or figure made from them.
    """

    key: Key
    code: AreaCode
    name: str
    attribution: str
    areas: tuple[Area, ...]
    neighbourhoods: tuple[Neighbourhood, ...]
    postcodes: dict[str, tuple[AreaCode, ...]]
    needs: tuple[Text, ...] = ()
    social_map: tuple[SocialMapEntry, ...] = ()


CatalogueState = Literal["prepared", "draft", "reviewed"]
"""Prepared: being translated, not offered to residents. A draft has not been seen by a native reader."""


class Catalogue(Struct, frozen=True, kw_only=True):
    """The translations into one language: sentence by text key, current ones only.

    State, reviewer and the day of the review (ISO 8601) come from the catalogue's header.
    """

    tag: str
    state: CatalogueState
    sentences: dict[str, str]
    reviewer: str | None = None
    reviewed_on: str | None = None


Address = Literal["formal", "informal"]
"""How the interface speaks to residents where a language has both: "u" or "je"."""


class Questionnaire(Struct, frozen=True, kw_only=True, eq=False):
    """A whole questionnaire. `version` is the hash of all the files it was read from.

    `practice` offers a practice question before the first page; `principles` and `themes` are the codes
    of what the evaluation is about, in two orders; each must be served by a question.

    Compared by identity, so that what is worked out once per questionnaire (its plan of steps) can
    be kept; compare `version` to know whether two are the same.
    """

    key: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
    version: str
    title: Text
    introduction: Text
    source_language: str
    fieldwork: Fieldwork
    purposes: tuple[Purpose, ...]
    blocks: tuple[Block, ...]
    municipality: Municipality
    address: Address = "formal"
    practice: bool = True
    principles: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    short_form: ShortForm | None = None
    inserts: tuple[Insert, ...] = ()
    catalogues: tuple[Catalogue, ...] = ()

    @property
    def offered(self) -> tuple[Catalogue, ...]:
        """The catalogues that residents can read: a prepared one is not ready for them."""
        return tuple(catalogue for catalogue in self.catalogues if catalogue.state != "prepared")
