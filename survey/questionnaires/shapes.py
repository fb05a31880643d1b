"""What a researcher writes: the fields of questionnaire.toml and municipality.toml."""

from typing import Annotated

from msgspec import Meta, Struct, field

from survey.questionnaires.model import Address, AreaCode, Code, Key, Provenance, ShortForm

Sentence = Annotated[str, Meta(min_length=1, max_length=20_000)]


class WrittenOption(Struct, frozen=True, kw_only=True):
    code: Code
    label: Sentence
    exclusive: bool = False
    group: Sentence | None = None
    areas: tuple[AreaCode, ...] = ()
    stop: Sentence | None = None
    parent: Key | None = None
    helper: bool = False
    pictogram: str | None = None


class WrittenScale(Struct, frozen=True, kw_only=True):
    options: tuple[WrittenOption, ...]


class WrittenReason(Struct, frozen=True, kw_only=True):
    reason: str
    label: Sentence


class WrittenItem(Struct, frozen=True, kw_only=True):
    key: Key
    label: Sentence
    reversed: bool = False


class WrittenCondition(Struct, frozen=True, kw_only=True):
    """One of: `variable` with `codes`; `areas`; `all`; `any`; `not`."""

    variable: str | None = None
    codes: tuple[int, ...] | None = None
    areas: tuple[AreaCode, ...] | None = None
    all_of: tuple["WrittenCondition", ...] | None = field(default=None, name="all")
    any_of: tuple["WrittenCondition", ...] | None = field(default=None, name="any")
    negated: "WrittenCondition | None" = field(default=None, name="not")


class WrittenAsked(Struct, frozen=True, kw_only=True):
    kind: str
    key: Key
    label: Sentence
    short: Sentence
    meta: Provenance
    hint: Sentence | None = None
    when: WrittenCondition | None = None
    areas: tuple[AreaCode, ...] = ()
    purpose: str | None = None
    also: tuple[str | WrittenReason, ...] = ()


class WrittenChoice(WrittenAsked, frozen=True, kw_only=True):
    options: tuple[WrittenOption, ...] | None = None
    scale: str | None = None


class WrittenNumber(WrittenAsked, frozen=True, kw_only=True):
    minimum: Code
    maximum: Code
    low: Sentence | None = None
    high: Sentence | None = None


class WrittenOpen(WrittenAsked, frozen=True, kw_only=True):
    maximum_length: Annotated[int, Meta(ge=1, le=5000)]
    warning: Sentence | None = None


class WrittenBattery(WrittenAsked, frozen=True, kw_only=True):
    items: tuple[WrittenItem, ...]
    options: tuple[WrittenOption, ...] | None = None
    scale: str | None = None


class WrittenPlace(WrittenAsked, frozen=True, kw_only=True):
    neighbourhood_label: Sentence
    neighbourhood_hint: Sentence | None = None


WrittenQuestion = WrittenChoice | WrittenNumber | WrittenOpen | WrittenBattery | WrittenPlace

KINDS: dict[str, type[WrittenQuestion]] = {
    "single": WrittenChoice,
    "multiple": WrittenChoice,
    "number": WrittenNumber,
    "open": WrittenOpen,
    "battery": WrittenBattery,
    "place": WrittenPlace,
}


class WrittenBlock(Struct, frozen=True, kw_only=True):
    """The questions of a block are decoded one by one, each by its kind."""

    key: Key
    title: Sentence
    questions: tuple[dict[str, object], ...]
    opening: bool = False


class WrittenPurpose(Struct, frozen=True, kw_only=True):
    key: Key
    label: Sentence
    explanation: Sentence
    required: bool = False


class WrittenInsert(Struct, frozen=True, kw_only=True):
    default: Sentence
    areas: dict[str, Sentence] = field(default_factory=dict)


class WrittenFieldwork(Struct, frozen=True, kw_only=True):
    sender: Sentence
    closes: str | None = None
    withdrawal_until: str | None = None
    ethics_approval: str | None = None
    contact: Sentence | None = None
    parental_consent: bool = False


class WrittenQuestionnaire(Struct, frozen=True, kw_only=True):
    key: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
    title: Sentence
    introduction: Sentence
    source_language: str
    municipality: Key
    fieldwork: WrittenFieldwork
    purposes: tuple[WrittenPurpose, ...]
    blocks: tuple[dict[str, object], ...]
    address: Address = "formal"
    practice: bool = True
    principles: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    short_form: ShortForm | None = None
    inserts: dict[Key, WrittenInsert] = field(default_factory=dict)
    scales: dict[Key, WrittenScale] = field(default_factory=dict)
    reasons: dict[str, Sentence] = field(default_factory=dict)


class WrittenMunicipality(Struct, frozen=True, kw_only=True):
    key: Key
    code: AreaCode
    name: Sentence
    attribution: Sentence
    needs: tuple[Sentence, ...] = ()
